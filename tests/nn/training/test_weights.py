"""Weights: a row counts as often as its weight says, whoever computes the loss."""

import math
import random

import pytest

from autograd import SGD
from nn import MLP, fit, minimize, mse, restarts

SOURCE = random.Random(4)
X = [[SOURCE.gauss(0, 1), SOURCE.gauss(0, 1)] for _ in range(12)]
Y = [x * z for x, z in X]
LABELS = ["no"] * 9 + ["yes"] * 3
COUNTS = [1, 0, 3, 2, 1, 1, 2, 0, 1, 4, 1, 2]
REPEATED = [row for row, count in enumerate(COUNTS) for _ in range(count)]


def network(outputs=1):
    return MLP(2, [4, outputs], "tanh", seed=3)


def numbers(model):
    return [parameter.data for parameter in model.parameters()]


def some(rows, numbers):
    return [rows[number] for number in numbers]


def fitted(*data, steps=4, **options):
    model = network()
    size = len(data[0])
    history = fit(model, *data, optimizer=SGD(0.1), epochs=steps, batch_size=size, **options)
    return numbers(model), history["loss"]


def test_a_column_of_weights_is_what_it_holds():
    column = [[count] for count in COUNTS]
    assert fitted(X, Y, sample_weight=column) == fitted(X, Y, sample_weight=COUNTS)


@pytest.mark.parametrize("options", [{}, {"compiled": False}, {"audit": 1.0}], ids=str)
@pytest.mark.parametrize("scale", [1, 7.0])
def test_a_weight_is_a_number_of_repetitions(options, scale):
    weights = [scale * count for count in COUNTS]
    found, losses = fitted(X, Y, sample_weight=weights, loss="mse", **options)
    expected, theirs = fitted(some(X, REPEATED), some(Y, REPEATED), loss="mse")
    assert found == pytest.approx(expected, rel=1e-11)
    assert losses == pytest.approx(theirs, rel=1e-11)


def test_in_batches_the_loss_of_an_epoch_is_the_weighted_mean():
    model = network()
    errors = [(model(x).data - y) ** 2 for x, y in zip(X, Y, strict=True)]
    history = fit(
        model, X, Y, loss="mse", epochs=1, batch_size=5, optimizer=SGD(0.0), sample_weight=COUNTS
    )
    expected = math.fsum(map(float.__mul__, errors, map(float, COUNTS))) / sum(COUNTS)
    assert history[0].loss == pytest.approx(expected, rel=1e-12)


def test_classes_that_count_alike():
    found, _ = fitted(X, LABELS, class_weight="balanced")
    by_hand, _ = fitted(X, LABELS, class_weight={"no": 12 / (2 * 9), "yes": 12 / (2 * 3)})
    repeated, _ = fitted(X[:9] + X[9:] * 3, LABELS[:9] + LABELS[9:] * 3)
    assert found == pytest.approx(by_hand, rel=1e-14)
    assert found == pytest.approx(repeated, rel=1e-11)
    # Both at once: balanced is what the weights leave.
    both, _ = fitted(X, LABELS, class_weight="balanced", sample_weight=COUNTS)
    theirs = fitted(some(X, REPEATED), some(LABELS, REPEATED), class_weight="balanced")
    assert both == pytest.approx(theirs[0], rel=1e-11)


def test_what_is_held_out_is_weighted_alike():
    model = network()
    history = fit(
        model, X, Y, loss="mse", epochs=1, validation=0.5, sample_weight=COUNTS, optimizer=SGD(0.0)
    )
    rows = history.held_out
    assert len(rows) == 6
    losses = [COUNTS[row] * mse(model(X[row]), Y[row]).data for row in rows]
    expected = math.fsum(losses) / sum(some(COUNTS, rows))
    assert history[0].validation_loss == pytest.approx(expected, rel=1e-12)
    stay = [row for row in range(12) if row not in rows]
    by_hand = fit(
        network(), some(X, stay), some(Y, stay), loss="mse", epochs=1, optimizer=SGD(0.0),
        sample_weight=some(COUNTS, stay),
        validation=(some(X, rows), some(Y, rows), some(COUNTS, rows)),
    )  # fmt: skip
    assert by_hand.held_out is None
    assert by_hand["validation_loss"] == history["validation_loss"]
    assert by_hand["loss"] == history["loss"]
    without = fit(
        network(), X, Y, loss="mse", epochs=1, optimizer=SGD(0.0), sample_weight=COUNTS,
        validation=(some(X, rows), some(Y, rows)),
    )  # fmt: skip
    plain = [mse(model(X[row]), Y[row]).data for row in rows]
    assert without[0].validation_loss == pytest.approx(math.fsum(plain) / 6, rel=1e-12)


def test_a_run_with_other_weights_is_another_training(tmp_path):
    path = tmp_path / "run.ckpt"
    fit(network(), X, Y, epochs=1, checkpoint=path, sample_weight=COUNTS)
    fit(network(), X, Y, epochs=2, checkpoint=path, sample_weight=COUNTS)
    for weights in (None, [2, *COUNTS[1:]]):
        with pytest.raises(ValueError, match="another training: the rows was"):
            fit(network(), X, Y, epochs=2, checkpoint=path, sample_weight=weights)


@pytest.mark.parametrize("method", ["L-BFGS-B", "least_squares"])
def test_scipy_s_methods_weigh_too(method):
    pytest.importorskip("scipy")
    one, two = MLP(2, [1], "linear", seed=1), MLP(2, [1], "linear", seed=1)
    found = minimize(one, X, Y, "mse", method, sample_weight=COUNTS)
    same = minimize(two, some(X, REPEATED), some(Y, REPEATED), "mse", method)
    assert numbers(one) == pytest.approx(numbers(two), abs=1e-5)
    assert found.loss == pytest.approx(same.loss, rel=1e-9)


def test_restarts_weigh_and_hold_out():
    found = restarts(
        lambda seed: network(), X, LABELS, seeds=2, keep=1, epochs=2, validation=0.5,
        class_weight="balanced", sample_weight=COUNTS,
    )  # fmt: skip
    alone = fit(
        network(), X, LABELS, epochs=2, validation=0.5, class_weight="balanced",
        sample_weight=COUNTS,
    )  # fmt: skip
    run = found.runs[0]
    assert run.history["loss"] == alone["loss"]
    assert run.history["validation_loss"] == alone["validation_loss"]
    assert run.history.held_out == alone.held_out


BAD = [
    ({"sample_weight": COUNTS[:3]}, ValueError, "sample_weight has 3 numbers, but X has 12 rows"),
    ({"sample_weight": [-1, *COUNTS[1:]]}, ValueError, r"sample_weight\[0\] must be at least 0"),
    ({"sample_weight": [math.nan, *COUNTS[1:]]}, ValueError, r"sample_weight\[0\] .* finite"),
    ({"sample_weight": ["a"] * 12}, TypeError, r"sample_weight\[0\] must be a real number"),
    ({"sample_weight": [0] * 12}, ValueError, "0 for every row"),
    ({"sample_weight": "balanced"}, TypeError, "a number for every row"),
    ({"sample_weight": 2.0}, TypeError, "a number for every row"),
    ({"class_weight": {"maybe": 2.0}}, ValueError, "'maybe', which is none of 'no', 'yes'"),
    ({"class_weight": {"no": -2.0}}, ValueError, r"class_weight\['no'\] must be at least 0"),
    ({"class_weight": {"no": 0, "yes": 0}}, ValueError, "weights of all rows of X are 0"),
    ({"class_weight": "balance"}, TypeError, '"balanced" or a dict'),
    ({"class_weight": "balanced", "y": Y}, ValueError, "y holds numbers"),
    ({"validation": (X, LABELS, [1])}, ValueError, "validation sample_weight has 1 number, but"),
]


@pytest.mark.parametrize(("changes", "kind", "words"), BAD)
def test_what_is_no_weight_is_refused(changes, kind, words):
    model = network()
    with pytest.raises(kind, match=words):
        fit(model, **{"X": X, "y": LABELS, **changes})
    assert numbers(model) == numbers(network())
