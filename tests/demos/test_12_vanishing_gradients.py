from itertools import pairwise

import pytest

from nn import MLP, bce_with_logits
from nn.data import moons


@pytest.mark.parametrize(("name", "slope"), [("sigmoid", 0.25), ("tanh", 1.0), ("relu", 1.0)])
def test_the_largest_slopes(demo, name, slope):
    assert demo.largest_slope(name) == pytest.approx(slope, rel=1e-12)


def test_gradients_vanish_through_sigmoids_only(demo):
    shrinks = demo.sizes(tuple(demo.ACTIVATIONS.items())).shrinks
    assert shrinks["sigmoid"] < 0.25**demo.DEPTH
    assert min(shrinks["tanh"], shrinks["relu"]) > 0.01


def test_the_first_weights_decide_whether_gradients_vanish_stay_or_explode(demo):
    shrinks = demo.sizes(tuple(demo.INITIALIZERS.items())).shrinks
    assert shrinks["between ±0.1"] < 1e-6
    assert 0.01 < shrinks["Xavier"] < shrinks["between ±1"] < 1.0
    assert shrinks["between ±5"] > 5.0


def test_every_layer_of_sigmoids_takes_its_share(demo):
    delta = [layer.delta for layer in demo.sizes(tuple(demo.ACTIVATIONS.items())).models["sigmoid"]]
    assert all(below < above for below, above in pairwise(delta))


def test_the_size_of_a_delta_is_that_of_finite_differences(demo):
    """|δ| of the last hidden layer, by moving each of its net inputs through its bias."""
    activation, draw = demo.ACTIVATIONS["tanh"]
    sizes = [demo.WIDTH] * demo.DEPTH + [1]
    model = MLP(2, sizes, activation, initializer=draw, seed=1)
    data = moons(40, noise=0.1)
    total = 0.0
    for row, label in zip(data.X, data.y, strict=True):
        for neuron in model.layers[-2].neurons:
            losses = []
            for step in (1e-5, -1e-5):
                neuron.bias.data += step
                losses.append(bce_with_logits(model(row), float(label)).data)
                neuron.bias.data -= step
            total += abs(losses[0] - losses[1]) / 2e-5 / len(data)
    mean = total / (demo.WIDTH * len(data))
    found = demo.sizes(tuple(demo.ACTIVATIONS.items())).models["tanh"][-2].delta
    assert found == pytest.approx(mean, rel=1e-6)
