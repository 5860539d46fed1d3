"""Units: z, a, weights and examples are found in graphs, whatever the labels say."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.units import units_of
from nn import MLP, Layer, Neuron, cross_entropy, squared_error

ACTIVATIONS = ["tanh", "relu", "linear", "sigmoid", "gelu", lambda z: z * z / (1.0 + z * z)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.integers(1, 3),
    st.integers(1, 4),
    st.sampled_from(ACTIVATIONS),
    st.booleans(),
)
def test_every_unit_of_every_example_is_found(sizes, nin, examples, activation, bias):
    model = MLP(nin, sizes, activation, seed=1, bias=bias)
    source = random.Random(2)
    outputs = []
    for _ in range(examples):
        found = model([source.uniform(-1, 1) for _ in range(nin)])
        outputs += [[found] if len(sizes) and sizes[-1] == 1 else found]
    for output in outputs:
        for y in output:
            y.label = "renamed"
    units = units_of(squared_error(outputs, [[0.0] * sizes[-1]] * examples))
    assert units.examples == examples
    assert len(units.all) == examples * sum(sizes)
    seen = {}
    for at in units.all:
        layer = model.layers[at.unit.parent.index - 1]
        neuron = layer.neurons[at.unit.index - 1]
        assert list(map(id, at.weights)) == list(map(id, neuron.weights))
        assert at.bias is neuron.bias
        assert at.turn == 0
        expected = neuron.activation(at.net_input.data)
        assert at.activation.data == pytest.approx(expected, rel=1e-15, abs=1e-15)
        seen.setdefault(at.example, []).append(at)
        for x in at.inputs:
            below = units.of_node.get(x)
            assert (below is None) == (layer is model.layers[0])
            assert below is None or below.example == at.example
    assert {len(units_here) for units_here in seen.values()} == {sum(sizes)}


def test_softmax_units_share_a_layer():
    model = MLP(3, [4, 3], "tanh", "softmax", seed=1)
    probabilities = model([1.0, 2.0, 3.0])
    units = units_of(-autograd.log(probabilities[1]))
    last = [at for at in units.all if at.unit.parent.index == 2]
    # The others are asked for their net input only.
    assert sorted((at.unit.index, at.activation is at.net_input) for at in last) == [
        (1, True), (2, False), (3, True),
    ]  # fmt: skip
    units = units_of(autograd.sum([p * p for p in probabilities]))
    assert [at.unit.index for at in units.all if at.activation in probabilities] == [1, 2, 3]


def test_a_unit_passed_several_times_has_turns():
    neuron = Neuron(2, activation="tanh", seed=1)
    state = Value(0.5)
    for x in (1.0, -1.0, 2.0):
        state = neuron([x, state])
    units = units_of(state)
    assert units.examples == 1
    assert [at.turn for at in units.all] == [0, 1, 2]


def test_examples_that_share_inputs_are_told_apart_by_their_nodes():
    model, x = Layer(2, 2, activation="tanh", seed=1), [Value(1.0), Value(2.0)]
    once, again = model(x), model([Value(1.0), Value(2.0)])
    units = units_of(once[0] + again[0] + once[1] + again[1])
    assert units.examples == 2
    assert [units.of_node[y].example for y in (*once, *again)] == [0, 0, 1, 1]


def test_nodes_of_one_example_are_known():
    model = MLP(2, [3, 2], seed=1)
    rows = [[1.0, 2.0], [3.0, 4.0]]
    outputs = [model(row) for row in rows]
    losses = [cross_entropy(output, 1) for output in outputs]
    weights = autograd.sum([p * p for p in model.parameters()])
    total = losses[0] + losses[1] + weights
    units = units_of(total)
    assert [units.example_of.get(node) for node in (*losses, weights, total)] == [0, 1, None, None]


def test_a_graph_without_a_network_has_no_units():
    units = units_of(Value(1.0) * 2.0)
    assert (units.all, units.examples) == ((), 0)


def test_numbers_are_those_in_brackets():
    model = MLP(2, [2, 1], "tanh", seed=1)
    outputs = model([[0.5, 1.0], [1.5, -1.0], [2.5, 0.25], [0.0, 1.0]])
    units = units_of(outputs[3] * 2.0 + outputs[1])
    assert sorted(units.numbers.values()) == [2, 4]
    assert {units.numbers[k] for k in range(units.examples)} == {
        int(at.net_input.label.partition("[")[2][:-1]) for at in units.all
    }


def test_numbers_are_never_shared():
    model = MLP(2, [2, 1], "tanh", seed=1)
    # Two batches and a single call: [1] and [2] are there twice, and once nothing is.
    first = model([[0.5, 1.0], [1.5, -1.0]])
    second = model([[2.5, 0.25], [0.0, 1.0]])
    units = units_of(first[0] + first[1] + second[0] + second[1] + model([1.0, 1.0]))
    assert sorted(units.numbers) == list(range(5))
    assert sorted(units.numbers.values()) == [1, 2, 3, 4, 5]


def test_without_brackets_examples_are_counted_in_the_order_of_the_graph():
    model = MLP(2, [2, 1], "tanh", seed=1)
    x = Value(1.0, label="x[0]")  # a label of the user's own is not the number of an example
    units = units_of(model([x, 2.0]) + model([3.0, 4.0]))
    assert units.numbers == {0: 1, 1: 2}
