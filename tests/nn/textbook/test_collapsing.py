"""Linear layers collapse to one matrix, exactly; with a non-linearity they do not."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn import MLP, Layer, Neuron
from nn.textbook.collapsing import collapse


def exactly(model, x):
    """The outputs of linear layers in fractions: another way than multiplying matrices."""
    a = [Fraction(number) for number in x]
    for layer in model.layers:
        a = [
            sum((Fraction(w.data) * y for w, y in zip(unit.weights, a, strict=True)), Fraction())
            + Fraction(unit.bias.data if unit.bias else 0)
            for unit in layer.neurons
        ]
    return a


def assert_close(outputs, expected, tolerance):
    lists = [
        [float(getattr(y, "data", y)) for y in (given if isinstance(given, list) else [given])]
        for given in (outputs, expected)
    ]
    assert lists[0] == pytest.approx(lists[1], rel=tolerance, abs=tolerance)


def with_biases(model, source):
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            parameter.data = source.uniform(-1.0, 1.0)
    return model


@settings(max_examples=25)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    source=st.randoms(use_true_random=False),
    bias=st.booleans(),
)
def test_outputs_are_equal(sizes, source, bias):
    model = with_biases(MLP(3, sizes, "linear", seed=source.randrange(999), bias=bias), source)
    matrix = collapse(model)
    rows = [[source.uniform(-2.0, 2.0) for _ in range(3)] for _ in range(4)]
    for x, found, layered in zip(rows, matrix(rows), matrix.layer()(rows), strict=True):
        true = exactly(model, x)
        assert_close(found, true, 1e-14)
        assert_close(layered, true, 1e-13)
        assert_close(model(x), found, 1e-12)
        assert matrix(x) == found


def test_small_whole_numbers_are_exact():
    model = MLP(2, [3, 2], "linear", initializer="zeros")
    for number, parameter in enumerate(model.parameters()):
        parameter.data = float(number - 8)
    matrix = collapse(model)
    assert [y.data for y in model([3.0, -5.0])] == matrix([3.0, -5.0])
    assert [y.data for y in matrix.layer()([3.0, -5.0])] == matrix([3.0, -5.0])
    assert repr(matrix).startswith("one matrix: 2 → 2 linear\n  output")
    assert matrix._repr_html_().startswith("<table>")


@pytest.mark.parametrize("module", [Layer(2, 2, activation="linear", seed=1), Neuron(2, False)])
def test_one_layer_is_its_own_matrix(module):
    neurons = getattr(module, "neurons", [module])
    assert collapse(module).weights == [[w.data for w in neuron.weights] for neuron in neurons]


@pytest.mark.parametrize(
    ("activations", "words"),
    [
        (["tanh", "linear"], r"layer \(1\) is tanh, not linear"),
        (["linear", "softmax"], r"layer \(2\) is softmax, not linear"),
        (["linear", lambda z: z], r"layer \(2\) is <lambda>"),
    ],
)
def test_a_non_linearity_is_refused_by_its_layer(activations, words):
    with pytest.raises(ValueError, match=words):
        collapse(MLP(2, [2, 2], activations=activations))


def test_what_cannot_be_collapsed():
    model = MLP(1, [1, 1], "linear", initializer="zeros")
    for parameter in model.parameters():
        parameter.data = 1e200
    with pytest.raises(ValueError, match="beyond any float"):
        collapse(model)
    with pytest.raises(TypeError, match="MLP, Layer and Neuron"):
        collapse([[1.0]])
    with pytest.raises(ValueError, match="takes 1"):
        collapse(MLP(1, [1], "linear"))([1.0, 2.0])
