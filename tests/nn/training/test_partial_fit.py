"""partial_fit: parts of the rows, one after another, are one training."""

import random

import pytest

from autograd import Adam
from nn import MLP, fit, partial_fit

SOURCE = random.Random(6)
X = [[SOURCE.gauss(0, 1), SOURCE.gauss(0, 1)] for _ in range(24)]
LABELS = ["high" if x + z > 0.0 else "low" for x, z in X]


def network(outputs=1):
    return MLP(2, [4, outputs], "tanh", seed=3)


def numbers(model):
    return [parameter.data for parameter in model.parameters()]


def test_all_rows_in_one_part_are_an_epoch_of_fit():
    one, two = network(), network()
    losses = [partial_fit(one, X, LABELS, batch_size=5)[-1].loss for _ in range(6)]
    history = fit(two, X, LABELS, batch_size=5, epochs=6)
    assert numbers(one) == numbers(two)
    assert losses == history["loss"]


@pytest.mark.parametrize("optimizer", ["adam", "momentum", Adam(lr=0.02)], ids=repr)
def test_parts_go_on_with_what_the_optimizer_remembers(optimizer):
    model, step = network(), network()
    for first in range(0, 24, 8):
        model.partial_fit(X[first : first + 8], LABELS[first : first + 8], optimizer=optimizer)
    whole = Adam(lr=0.02) if isinstance(optimizer, Adam) else optimizer
    trainer = fit_in_order(step, whole)
    assert numbers(model) == pytest.approx(numbers(step), rel=1e-12)
    assert trainer == 3


def fit_in_order(model, optimizer):
    """Take the same three steps by gradients of the nodes."""
    from nn import bce_with_logits
    from nn.training.settings import optimizer_named

    stepper = optimizer_named(optimizer)
    stepper.parameters = model.parameters()
    for first in range(0, 24, 8):
        model.zero_grad()
        targets = [float(label == "low") for label in LABELS[first : first + 8]]
        bce_with_logits(model(X[first : first + 8]), targets).backward()
        stepper.step()
    return stepper.steps


def test_classes_that_come_later_are_named_at_first():
    model = network(outputs=3)
    with pytest.raises(ValueError, match=r"2 classes \('high', 'low'\), but the model has 3"):
        partial_fit(model, X, LABELS)
    partial_fit(model, X[:4], LABELS[:4], classes=["low", "middle", "high"])
    partial_fit(model, X[:1], ["middle"])
    assert model.classes == ("low", "middle", "high")
    with pytest.raises(ValueError, match="'other' in row 0, which is none of the classes"):
        partial_fit(model, X[:1], ["other"])


def test_classes_in_an_array_are_plain_labels():
    numpy = pytest.importorskip("numpy")
    for labels in (["a", "b"], [3, 5]):
        model = network()
        partial_fit(model, X[:1], labels[:1], classes=numpy.array(labels))
        assert model.classes == tuple(labels)
        assert [type(label) for label in model.classes] == [type(label) for label in labels]


def test_it_goes_on_after_fit_and_with_its_loss():
    model = network()
    fit(model, X, [x for x, _ in X], loss="squared_error", epochs=1)
    partial_fit(model, X[:3], [0.0, 1.0, 1.0])
    assert (model.loss_name, model.classes) == ("squared_error", None)


def test_what_a_part_cannot_have_is_refused():
    for name in ("epochs", "validation", "patience", "checkpoint", "schedule"):
        with pytest.raises(TypeError, match=f"partial_fit has no argument '{name}'"):
            partial_fit(network(), X, LABELS, **{name: 1})
    with pytest.raises(TypeError, match="fit trains a Module"):
        partial_fit(3, X, LABELS)
