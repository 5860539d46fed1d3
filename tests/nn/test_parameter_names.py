"""Parameters by name: by the label a textbook would give, in any spelling, or by path."""

import math

import pytest

from autograd import Value
from nn import MLP, Layer, Module, Neuron


@pytest.mark.parametrize("bias", [True, False])
def test_every_parameter_has_two_names(bias):
    model = MLP(12, [3, 11, 1], seed=1, bias=bias)
    for path, parameter in model.named_parameters():
        assert model[path] is parameter
        assert model[parameter.label] is parameter


@pytest.mark.parametrize(
    "name", ["w_21^(1)", "w_{21}^{(1)}", "w₂₁⁽¹⁾", "$w_{21}^{(1)}$", "w^(1)_21", "w_{2,1}^{(1)}"]
)
def test_spellings(name):
    model = MLP(2, [2, 1], seed=1)
    assert model[name] is model.layers[0].neurons[0].weights[1]


def test_neurons_and_layers():
    neuron, layer = Neuron(2), Layer(2, 3)
    assert neuron["w_2"] is neuron.weights[1]
    assert neuron["b"] is neuron.bias
    assert layer["w_13"] is layer.neurons[2].weights[0]


class Two(Module):
    def __init__(self):
        self.first = MLP(1, [1], seed=1)
        self.second = MLP(1, [1], seed=2)
        self.odd = Value(1.0, "two\nlines <b>'\"")
        self.b = Value(3.0, "first.layers.0.neurons.0.bias")


def test_a_path_comes_before_a_label():
    model = Two()
    assert model["first.layers.0.neurons.0.bias"] is model.first.layers[0].neurons[0].bias
    assert model["two\nlines <b>'\""] is model.odd
    assert model["odd"] is model.odd
    assert model["b"] is model.b


@pytest.mark.parametrize(
    ("model", "name", "error", "message"),
    [
        (MLP(2, [2, 1]), "w_31^(1)", KeyError,
         "MLP has no parameter 'w_31^(1)'; the nearest names are 'w_21^(1)', 'w_12^(1)', "
         "'w_11^(1)'"),
        (MLP(2, [2, 1]), "layers.0.neuron.0.bias", KeyError,
         "MLP has no parameter 'layers.0.neuron.0.bias'; the nearest names are "
         "'layers.0.neurons.0.bias', 'layers.1.neurons.0.bias', 'layers.0.neurons.1.bias'"),
        (MLP(2, [2, 1]), "?", KeyError, "MLP has no parameter '?'; nor a similar one"),
        (Module(), "w", KeyError, "Module has no parameter 'w'; nor a similar one"),
        (Two(), "w_11^(1)", ValueError,
         "2 parameters of Two are called 'w_11^(1)': 'first.layers.0.neurons.0.weights.0', "
         "'second.layers.0.neurons.0.weights.0'"),
        (MLP(2, [2, 1]), 0, TypeError, "a parameter is asked for by its name, a str, got 0"),
        (MLP(2, [2, 1]), None, TypeError, "a parameter is asked for by its name, a str, got None"),
    ],
)  # fmt: skip
def test_names_of_nothing_and_of_several(model, name, error, message):
    with pytest.raises(error) as caught:
        model[name]
    assert caught.value.args == (message,)
    with pytest.raises(error):
        model[name] = 1.0


def test_a_number_sets_the_data():
    model = MLP(2, [2, 1], "tanh", seed=1)
    before = model(ROW).data
    weight = model["w_11^(1)"]
    model["w_11^(1)"] = 3
    assert model["w_11^(1)"] is weight
    assert (weight.data, type(weight.data)) == (3.0, float)
    assert model(ROW).data != before
    old = model(ROW)
    model["b_1^(2)"] = 0.5
    with pytest.raises(ValueError, match="was edited after"):
        old.backward()


ROW = [0.5, -1.0]


@pytest.mark.parametrize(
    ("number", "error", "message"),
    [
        (math.nan, ValueError, "b_1^(1) must be a finite number, got nan"),
        (-math.inf, ValueError, "b_1^(1) must be a finite number, got -inf"),
        ("1", TypeError, "b_1^(1) must be a real number, got str '1'"),
        (None, TypeError, "b_1^(1) must be a real number, got NoneType None"),
        ([1.0], TypeError, "b_1^(1) must be a real number, got list [1.0]"),
        (Value(1.0), TypeError, "a parameter is set to a plain number, got Value Value(data=1.0, "
         "grad=0.0); to step, write model['b_1^(1)'].data -= ..."),
    ],
)  # fmt: skip
def test_what_is_no_plain_number_is_refused(number, error, message):
    model = MLP(1, [1], seed=1)
    with pytest.raises(error) as caught:
        model["b_1^(1)"] = number
    assert str(caught.value) == message
    assert model["b_1^(1)"].data == 0.0


def test_whether_there_is_a_name():
    model = Two()
    assert "w_11^(1)" in model  # twice
    assert "w_{11}^{(1)}" in model.first
    assert "w_21^(1)" not in model
    with pytest.raises(TypeError, match="by its name, a str"):
        _ = model.b in model


def test_a_model_is_one_thing_to_numpy():
    numpy = pytest.importorskip("numpy")
    assert numpy.array([MLP(1, [1]), None], dtype=object).shape == (2,)


def test_a_model_is_no_sequence():
    with pytest.raises(TypeError):
        iter(MLP(1, [1])).__next__()
    with pytest.raises(TypeError):
        MLP(1, [1])([MLP(1, [1])])
