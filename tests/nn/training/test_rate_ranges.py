"""The range of learning rates: losses at rising rates, the model as it was."""

import random

import pytest

from autograd import Adam
from nn import MLP, lr_range


def rows():
    source = random.Random(1)
    X = [[source.gauss(0, 1), source.gauss(0, 1)] for _ in range(60)]
    return X, [x - z for x, z in X]


def test_the_rates_rise_and_the_model_stays():
    X, y = rows()
    model = MLP(2, [4, 1], "tanh", seed=1)
    before = [parameter.data for parameter in model.parameters()]
    found = lr_range(model, X, y, low=1e-5, high=10.0, steps=80, optimizer="sgd")
    assert [parameter.data for parameter in model.parameters()] == before
    assert not hasattr(model, "classes")
    assert found.rates[0] == 1e-5
    assert found.rates == sorted(found.rates)
    assert len(found.rates) == len(found.losses) <= 80
    assert found.rates[0] < found.suggested < found.highest <= 10.0
    assert f"steepest at {found.suggested:.2g}" in str(found)


def test_losses_are_those_of_steps_at_these_rates():
    model = MLP(1, [1], "linear", seed=1, bias=False)
    model["w_11^(1)"] = 1.0
    # E = w²: w ← w (1 − 2 lr), by hand.
    found = lr_range(
        model, [[1.0]], [0.0], loss="mse", low=0.01, high=0.4, steps=9, optimizer="sgd",
        smoothing=0.0,
    )  # fmt: skip
    w, expected = 1.0, []
    for rate in found.rates:
        expected.append(w * w)
        w *= 1.0 - 2.0 * rate
    assert found.losses == pytest.approx(expected, rel=1e-12)


def test_bad_input():
    X, y = rows()
    model = MLP(2, [1], "linear", seed=1)
    with pytest.raises(ValueError, match="low must be above 0 and below high"):
        lr_range(model, X, y, low=1.0, high=0.1)
    with pytest.raises(ValueError, match="give a lower one as low"):
        lr_range(model, X, y, low=1e200, high=1e250, steps=20, optimizer="sgd")


def test_the_picture():
    pytest.importorskip("matplotlib")
    X, y = rows()
    found = lr_range(MLP(2, [4, 1], "tanh", seed=1), X, y, optimizer="sgd")
    axes = found.chart().figure.axes[0]
    assert axes.get_xscale() == "log"
    assert list(axes.get_lines()[0].get_ydata()) == found.losses


def test_the_optimizer_stays_as_it_was():
    X, y = rows()
    optimizer = Adam(0.02)
    lr_range(MLP(2, [4, 1], "tanh", seed=1), X, y, optimizer=optimizer)
    assert (optimizer.lr, optimizer.steps, optimizer.parameters) == (0.02, 0, [])


@pytest.mark.parametrize("name", ["epochs", "schedule", "validation"])
def test_what_it_decides_itself(name):
    X, y = rows()
    with pytest.raises(ValueError, match=f"{name} has no meaning for lr_range"):
        lr_range(MLP(2, [1], "linear", seed=1), X, y, **{name: 3})
    with pytest.raises(ValueError, match="steps must be at least 3"):
        lr_range(MLP(2, [1], "linear", seed=1), X, y, steps=2)
