"""Labels in the lectures' notation."""

import pytest

from autograd import Value
from nn import MLP, Layer, Neuron
from nn.notation import label


@pytest.mark.parametrize(
    ("arguments", "layer", "expected"),
    [
        (("w", 1, 1), 1, "w_11^(1)"),
        (("w", 9, 9), 9, "w_99^(9)"),
        (("w", 12, 3), 1, "w_12,3^(1)"),
        (("w", 1, 23), 1, "w_1,23^(1)"),
        (("w", 3, None), None, "w_3"),
        (("b", 12), 10, "b_12^(10)"),
        (("a",), None, "a"),
    ],
)
def test_label(arguments, layer, expected):
    assert label(*arguments, layer=layer) == expected


def test_first_index_is_the_unit_a_weight_leaves_second_the_unit_it_enters():
    model = MLP(3, [2, 1], seed=0)
    weight = model.layers[0].neurons[1].weights[2]
    assert weight.label == "w_32^(1)"
    x = [0.0, 0.0, 1.0]
    z = model.layers[0].neurons[1].net_input(x)
    assert z.data == weight.data
    assert z.label == "z_2^(1)"


def test_labels_of_a_forward_pass():
    model = MLP(2, [2, 1], activation="tanh", seed=0)
    out = model([0.5, -0.5])
    assert out.label == "z_1^(2)"
    hidden = [parent for parent in out.parents if parent.op == "tanh"]
    assert [a.label for a in hidden] == ["a_1^(1)", "a_2^(1)"]
    assert [a.parents[0].label for a in hidden] == ["z_1^(1)", "z_2^(1)"]
    assert [parent.label for parent in hidden[0].parents[0].parents] == [
        "w_11^(1)",
        "w_21^(1)",
        "x_1",
        "x_2",
        "b_1^(1)",
    ]


def test_softmax_outputs_are_activations_of_their_layer():
    outputs = MLP(2, [3], activation="softmax", seed=0)([0.5, -0.5])
    assert [output.label for output in outputs] == ["a_1^(1)", "a_2^(1)", "a_3^(1)"]


def test_outside_of_a_network():
    neuron = Neuron(2, activation="tanh", seed=0)
    assert [p.label for p in neuron.parameters()] == ["w_1", "w_2", "b"]
    assert neuron([1, 2]).label == "a"
    layer = Layer(1, 2, activation="tanh", seed=0)
    assert [p.label for p in layer.parameters()] == ["w_11", "b_1", "w_12", "b_2"]
    assert [a.label for a in layer([1])] == ["a_1", "a_2"]


def test_a_label_that_an_activation_gave_itself_is_kept():
    def named(z):
        result = z * z
        result.label = "square"
        return result

    assert Neuron(1, activation=named, seed=0)([1.0]).label == "square"


def test_labels_of_users_inputs_are_left_alone():
    plain, named = Value(1.0), Value(2.0, "height")
    MLP(2, [1])([plain, named])
    assert (plain.label, named.label) == ("", "height")
