"""Dead units: held against every z of a trace, for networks, layers and modules of one's own."""

import math
import random
import warnings

import pytest

import autograd
from nn import MLP, Layer, Module
from nn.relu_units import DeadLayerWarning, dead_units, warn_of_dead_layers


def rows_of(count, width, seed=0):
    source = random.Random(seed)
    return [[source.gauss(0.0, 1.0) for _ in range(width)] for _ in range(count)]


def told_by_trace(model, rows):
    """Every unit of every relu layer, and whether its z is above 0 for some row."""
    trace = model.trace(rows)
    return {
        number: [j + 1 for j in range(layer.nout) if all(z[j].data <= 0.0 for z in trace.z[number])]
        for number, layer in enumerate(model.layers, start=1)
        if layer.activation.name == "relu"
    }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "activations",
    [
        ["relu", "relu", "relu", "linear"],
        ["tanh", "relu", "sigmoid", "relu"],
        ["relu", "softmax", "relu", "softmax"],
        [lambda z: z * autograd.step(z), "relu", lambda z: z.tanh(), "relu"],
        ["leaky_relu", "elu", "gelu", "linear"],
    ],
)
def test_as_told_by_a_trace(activations, seed):
    model = MLP(3, [6, 5, 4, 3], activations=activations, seed=seed)
    source = random.Random(seed)
    for layer in model.layers:
        for neuron in layer.neurons:
            neuron.bias.data = source.choice([0.0, -1.0, -30.0])
    rows = rows_of(8, 3, seed)
    assert dead_units(model, rows) == told_by_trace(model, rows)


def test_without_biases_and_of_a_layer_alone():
    layer = Layer(2, 4, activation="relu", bias=False, seed=1)
    for neuron, weights in zip(layer.neurons, [(1, 1), (-1, -1), (0, 0), (1, -3)], strict=True):
        for weight, number in zip(neuron.weights, weights, strict=True):
            weight.data = float(number)
    assert dead_units(layer, [[1.0, 1.0], [2.0, 0.5]]) == {1: [2, 3]}


def test_what_is_no_number_is_not_dead():
    model = MLP(2, [3, 1], seed=1)
    model["w_11^(1)"].data = math.nan
    model["b_2^(1)"] = -100.0
    assert dead_units(model, [[1.0, 1.0]] * 3)[1].count(1) == 0


def test_arrays_and_integers_are_rows_too():
    numpy = pytest.importorskip("numpy")
    model = MLP(2, [5, 5, 1], seed=3)
    rows = [[1, -2], [3, 0], [-1, -1]]
    assert dead_units(model, numpy.array(rows)) == dead_units(model, rows)


class Residual(Module):
    """A layer whose outputs are added to its inputs, twice over; the second layer is dead."""

    def __init__(self):
        self.first = Layer(3, 3, activation="relu", initializer="zeros")
        self.second = Layer(3, 3, activation="relu", initializer="zeros")
        self.last = Layer(3, 2, activation="linear", initializer="zeros")
        for unit, bias in enumerate([1.0, -1.0, 1.0]):
            self.first.neurons[unit].bias.data = bias
            self.second.neurons[unit].bias.data = -1.0

    def __call__(self, x):
        hidden = [a + b for a, b in zip(x, self.first(x), strict=True)]
        hidden = [a + b for a, b in zip(hidden, self.second(hidden), strict=True)]
        return {"scores": self.last(hidden)}


def test_a_module_of_ones_own():
    rows = rows_of(5, 3)
    assert dead_units(Residual(), rows) == {1: [2], 2: [1, 2, 3]}
    with pytest.warns(DeadLayerWarning, match="all 3 units of layer let nothing through"):
        assert warn_of_dead_layers(Residual(), rows) == [2]


class SideBySide(Module):
    """Networks and layers that see the same inputs; all units but the first are dead."""

    def __init__(self, *parts):
        self.parts = parts
        for part in parts:
            for neuron in (part.layers[0] if isinstance(part, MLP) else part).neurons[1:]:
                neuron.bias.data = -100.0

    def __call__(self, x):
        return [part(x) for part in self.parts]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # Layer (1) of both, so their numbers count what is computed.
        ((MLP(2, [3, 1], seed=1), MLP(2, [2, 1], seed=1)), {1: [2, 3], 2: [2]}),
        ((MLP(2, [3, 1], seed=1), Layer(2, 2, activation="relu", seed=1)), {1: [2, 3], 2: [2]}),
        ((Layer(2, 2, activation="relu", seed=1), MLP(2, [3, 1], seed=1)), {1: [2], 2: [2, 3]}),
        ((MLP(2, [3, 1], "tanh", seed=1),), {}),
    ],
)
def test_several_networks_in_one_module(parts, expected):
    rows = [[5.0, 5.0], [-5.0, 5.0], [5.0, -5.0], [-5.0, -5.0]]
    assert dead_units(SideBySide(*parts), rows) == expected


class Twice(MLP):
    """A network that computes its outputs in a way of its own."""

    def forward(self, inputs):
        return [2.0 * output for output in super().forward(inputs)]


@pytest.mark.parametrize("seed", range(4))
def test_a_subclass_that_computes_otherwise_has_the_numbers_of_its_layers(seed):
    rows = rows_of(4, 2, seed)
    plain, twice = (kind(2, [5, 4, 1], seed=seed) for kind in (MLP, Twice))
    assert dead_units(twice, rows) == dead_units(plain, rows) == told_by_trace(plain, rows)


def dead_model():
    model = MLP(2, [3, 2, 1], seed=1)
    for neuron in model.layers[1].neurons:
        neuron.bias.data = -1e3
    return model


def test_the_warning_comes_once_per_model_and_names_layer_and_remedy():
    model, rows = dead_model(), rows_of(4, 2)
    with pytest.warns(DeadLayerWarning) as caught:
        assert warn_of_dead_layers(model, rows) == [2]
    [warning] = caught
    assert "all 2 units of layer (2) let nothing through for any of the rows" in str(
        warning.message
    )
    assert 'initializer="auto"' in str(warning.message)
    assert warning.filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert warn_of_dead_layers(model, rows) == [2]
    with pytest.warns(DeadLayerWarning):
        warn_of_dead_layers(dead_model(), rows)


def test_a_living_network_is_not_warned_of():
    model = MLP(2, [8, 8, 1], seed=1)
    assert warn_of_dead_layers(model, rows_of(20, 2)) == []


def test_what_is_dead_has_no_gradient_and_what_is_not_has_one():
    model, rows = MLP(2, [6, 1], seed=2), rows_of(12, 2)
    model["b_3^(1)"] = -50.0
    autograd.mean([y**2 for y in model(rows)]).backward()
    silent = [
        number
        for number, neuron in enumerate(model.layers[0].neurons, start=1)
        if all(w.grad == 0.0 for w in neuron.parameters())
    ]
    assert dead_units(model, rows) == {1: silent}
    assert 3 in silent


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: dead_units(MLP(2, [1]), []), ValueError, "inputs is empty"),
        (lambda: dead_units(MLP(2, [1]), [1.0, 2.0]), TypeError, "numbers of one example"),
        (lambda: dead_units(MLP(2, [1]), [[1.0]]), ValueError, r"inputs\[0\] has 1 number"),
        (lambda: dead_units(MLP(2, [1]), [[1, 1], [1, math.nan]]), ValueError, r"\[1\]\[1\]"),
        (lambda: dead_units("model", [[1.0]]), TypeError, "model must be a module"),
    ],
)
def test_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()
