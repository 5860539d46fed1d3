"""Traces: z, a and delta by layer, against the lecture's formulas on floats, and as tables."""

import math

import pytest

from autograd import Value, no_grad
from nn import MLP, Layer, Neuron, cross_entropy, squared_error

ROWS = [[0.5, -1.0], [1.0, 2.0], [3.0, -0.5]]


def by_hand(model, x, t):
    """The lecture's backpropagation on floats, tanh units and E = 1/2 (t - y)²: z, a and delta."""
    z, a = [[]], [list(x)]
    for layer in model.layers:
        z.append(
            [
                sum((w.data * v for w, v in zip(n.weights, a[-1], strict=True)), n.bias.data)
                for n in layer.neurons
            ]
        )
        a.append([math.tanh(number) for number in z[-1]])
    delta = [[(y - wanted) * (1 - y * y) for y, wanted in zip(a[-1], t, strict=True)]]
    for number in range(len(model.layers) - 1, 0, -1):
        above = model.layers[number].neurons
        delta.insert(
            0,
            [
                (1 - a[number][j] ** 2)
                * sum(n.weights[j].data * d for n, d in zip(above, delta[0], strict=True))
                for j in range(len(a[number]))
            ],
        )
    return z, a, [[], *delta]


def numbers(layers):
    return [[node.data for node in layer] for layer in layers]


@pytest.mark.parametrize("sizes", [[1], [3], [3, 2], [2, 1, 3], [4, 4, 4, 1]])
def test_a_trace_is_the_lectures_backpropagation(sizes):
    model = MLP(2, sizes, "tanh", output_activation="tanh", seed=3)
    targets = [0.25] * sizes[-1]
    trace = model.trace(ROWS[0])
    squared_error(trace.output, targets if sizes[-1] > 1 else 0.25).backward()
    z, a, delta = by_hand(model, ROWS[0], targets)
    for found, expected in ((numbers(trace.z), z), (numbers(trace.a), a), (trace.delta, delta)):
        assert list(map(len, found)) == list(map(len, expected)) == [*map(len, expected)]
        for here, there in zip(found, expected, strict=True):
            assert here == pytest.approx(there, rel=1e-13, abs=1e-16)


def test_a_trace_of_a_batch_is_those_of_its_rows():
    model = MLP(2, [3, 2], "tanh", seed=3)
    trace = model.trace(ROWS)
    losses = [squared_error(output, [0.5, -0.5]) for output in trace.output]
    sum(losses[1:], losses[0]).backward()
    assert len(trace) == 3
    for position, x in enumerate(ROWS):
        alone = model.trace(x)
        squared_error(alone.output, [0.5, -0.5]).backward()
        one = trace[position]
        assert one.output is trace.output[position]
        assert (numbers(one.z), numbers(one.a)) == (numbers(alone.z), numbers(alone.a))
        assert one.delta == alone.delta
        assert [layer[position] for layer in trace.delta[1:]] == alone.delta[1:]
        assert trace.z[2][position][1].label == f"z_2^(2)[{position + 1}]"
        assert trace.a[1][position][2].label == f"a_3^(1)[{position + 1}]"
    assert trace[-1].output is trace.output[2]


def test_the_output_of_a_trace_is_what_the_model_returns():
    for model in (
        Neuron(2, activation="tanh", seed=1),
        Layer(2, 1, seed=1),
        Layer(2, 3, activation="softmax", seed=1),
        MLP(2, [3, 1], seed=1),
        MLP(2, [3, 2], seed=1, output_activation="softmax"),
    ):
        for inputs in (ROWS[0], ROWS, ROWS[:1]):
            found, expected = model.trace(inputs).output, model(inputs)
            assert repr(found) == repr(expected)
            labels = [
                [y.label for y in (one if isinstance(one, list) else [one])]
                for result in (found, expected)
                for one in (result if isinstance(result, list) else [result])
            ]
            assert labels[: len(labels) // 2] == labels[len(labels) // 2 :]


def test_units_of_a_softmax_layer_have_their_own_delta():
    model = MLP(2, [3], activation="softmax", seed=1)
    trace = model.trace(ROWS[0])
    (-trace.output[1].log()).backward()
    p = [a.data for a in trace.a[1]]
    assert trace.delta[1] == pytest.approx([p[0], p[1] - 1.0, p[2]], rel=1e-12)
    logits = MLP(2, [3], seed=1).trace(ROWS[0])
    cross_entropy(logits.output, 1).backward()
    assert logits.delta[1] == pytest.approx(trace.delta[1], rel=1e-12)


def test_the_table_of_one_example():
    model = MLP(1, [2, 1], "relu", initializer="zeros")
    for neuron, w in zip(model.layers[0].neurons, (2.0, -1.0), strict=True):
        neuron.weights[0].data = w
    model.layers[1].neurons[0].weights[0].data = 0.5
    trace = model.trace([1.5])
    assert repr(trace).splitlines() == [
        "MLP(1 → 2 relu → 1 linear, 7 parameters)",
        "  layer  unit     z    a",
        "      0     1        1.5",
        "      1     1     3    3",
        "      1     2  -1.5    0",
        "      2     1   1.5  1.5",
    ]
    squared_error(trace.output, 1.0).backward()
    assert str(trace).splitlines()[1:] == [
        "  layer  unit     z    a     δ",
        "      0     1        1.5",
        "      1     1     3    3  0.25",
        "      1     2  -1.5    0     0",
        "      2     1   1.5  1.5   0.5",
    ]
    html = trace._repr_html_()
    assert html.count("<tr>") == 5
    assert '<td style="text-align: right">0.25</td>' in html


def test_the_table_of_a_batch_says_which_example_and_is_not_endless():
    model = MLP(2, [2, 1], "tanh", seed=1)
    lines = str(model.trace(ROWS)).splitlines()
    assert lines[1].split() == ["example", "layer", "unit", "z", "a"]
    assert [line.split()[0] for line in lines[2:]] == ["[1]"] * 5 + ["[2]"] * 5 + ["[3]"] * 5
    long = str(model.trace([[0.1 * n, 1.0] for n in range(100)])).splitlines()
    assert long[-1] == "  ... and 88 more examples: trace[n] is the trace of one"
    assert len(long) == 63
    wide = str(MLP(2, [100], seed=1).trace(ROWS)).splitlines()
    assert len(wide) == 2 + 102 + 1


def test_a_delta_is_shown_wherever_it_is_not_zero():
    model = MLP(2, [2, 1], "tanh", seed=1)
    trace = model.trace([[0.1 * n, 1.0] for n in range(100)])
    trace.output[99].backward()
    assert str(trace).splitlines()[1].split()[-1] == "δ"
    nan = model.trace(ROWS[0])
    (nan.output * float("nan")).backward()
    assert "nan" in str(nan)


def test_traces_of_neurons_layers_and_without_gradients():
    neuron = Neuron(2, activation="tanh", seed=1)
    trace = neuron.trace(ROWS)
    assert [row[0].label for row in trace.a[1]] == ["a[1]", "a[2]", "a[3]"]
    assert neuron.trace([Value(1.0, "h"), 2.0]).a[0][0].label == "h"
    with no_grad():
        trace = MLP(2, [2, 1], "tanh", seed=1).trace(ROWS)
    assert trace.z[1][2][1].label == "z_2^(1)[3]"
    assert trace.delta[2] == [[0.0]] * 3


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda: MLP(2, [1]).trace([1.0]),
            ValueError,
            "inputs has 1 number, but this MLP takes 2; a batch is rows of 2",
        ),
        (lambda: MLP(2, [1]).trace([ROWS[0], [1.0]]), ValueError, r"inputs\[1\] has 1 number"),
        (lambda: Layer(2, 2).trace("ab"), TypeError, "inputs must be a list of numbers"),
        (lambda: Neuron(2).trace(None), TypeError, "inputs must be a list of numbers"),
        (lambda: MLP(2, [1]).trace(ROWS[0])[0], TypeError, "the trace of one example"),
        (lambda: MLP(2, [1]).trace(ROWS)[3], IndexError, r"has 3 rows; there is no \[3\]"),
        (lambda: MLP(2, [1]).trace(ROWS)["1"], TypeError, "an integer, got '1'"),
        (lambda: MLP(2, [1]).trace(ROWS)[:2], TypeError, "an integer, got slice"),
    ],
)
def test_bad_questions(ask, error, message):
    with pytest.raises(error, match=message):
        ask()
