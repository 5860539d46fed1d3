"""Rosenblatt's rule, and proofs that a plane separates two classes or that none can."""

import math
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn import Layer, Neuron
from nn.data import iris
from nn.textbook import exact_examples, separability
from nn.textbook.constant_inputs import bias_as_input
from nn.textbook.nearest_points import Nearest
from nn.textbook.perceptron import Perceptron
from nn.textbook.separability import linear_separability

CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]]
AND, OR, XOR = [0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0]


@pytest.mark.parametrize("labels", [AND, OR, [1, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]])
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_it_learns_what_a_plane_separates(labels, seed):
    perceptron = Perceptron(2, seed)
    run = perceptron.fit(CORNERS, labels)
    assert run.converged
    assert run.mistakes[-1] == 0
    assert len(run.weights) == len(run.mistakes) + 1
    assert perceptron.predict(CORNERS) == labels
    assert [perceptron.predict(corner) for corner in CORNERS] == labels
    assert [fired.data for fired in perceptron(CORNERS)] == labels


def test_the_rule_step_by_step():
    perceptron = Perceptron(2, learning_rate=0.5)
    perceptron.fit([[1.0, 2.0]], [1], epochs=1)
    assert [w.data for w in perceptron.neuron.weights] == [0.5, 1.0]
    assert perceptron.neuron.bias.data == 0.5
    perceptron.fit([[1.0, 1.0]], [0], epochs=1)
    assert [w.data for w in perceptron.neuron.weights] == [0.0, 0.5]
    assert perceptron.neuron.bias.data == 0.0


def test_xor_never_ends_and_the_verdict_proves_it():
    run = Perceptron(2).fit(CORNERS, XOR, epochs=50)
    assert not run.converged
    assert len(run.mistakes) == 50
    assert min(run.mistakes) > 0
    first, again = run.cycle
    assert run.weights[first] == run.weights[again]
    assert not run.separability.separable
    for told in ("not converged in 50 epochs", "not linearly separable", "1/2 (0, 1) + 1/2 (1, 0)"):
        assert told in run.verdict
        assert told in repr(run)


def test_a_separable_set_that_needs_more_epochs_is_told_apart_from_xor():
    run = Perceptron(2).fit(CORNERS, AND, epochs=2)
    assert not run.converged
    assert "more epochs will do" in run.verdict
    assert run.cycle is None
    through_origin = Perceptron(2, bias=False).fit(CORNERS, [1, 0, 0, 0], epochs=5)
    assert "only planes through the origin" in through_origin.verdict


@pytest.mark.parametrize(
    ("labels", "expected"),
    [(["no", "no", "no", "yes"], ["no", "yes"]), ([-1, -1, -1, 1], [-1, 1]), ([False] * 4, [0, 1])],
)
def test_classes_of_any_kind(labels, expected):
    perceptron = Perceptron(2)
    perceptron.fit(CORNERS, labels)
    assert list(perceptron.classes) == expected
    assert perceptron.predict(CORNERS) == labels


def test_arrays():
    numpy = pytest.importorskip("numpy")
    perceptron = Perceptron(2)
    assert perceptron.fit(numpy.array(CORNERS), numpy.array(OR)).converged
    assert perceptron.predict(numpy.array(CORNERS)) == OR


@pytest.mark.parametrize("labels", [AND, OR, XOR])
def test_a_bias_is_an_input_that_is_always_1(labels):
    with_bias, without = Perceptron(2), Perceptron(3, bias=False)
    ones = [[1, *corner] for corner in CORNERS]
    first, second = with_bias.fit(CORNERS, labels, 20), without.fit(ones, labels, 20)
    assert first.mistakes == second.mistakes
    assert [weights[1:] for weights in second.weights] == first.weights
    assert without.predict(ones) == with_bias.predict(CORNERS)


@pytest.mark.parametrize("activation", ["step", "tanh", "softmax"])
def test_a_layer_with_its_bias_as_an_input_is_equal_to_the_last_bit(activation):
    layer = Layer(3, 2, activation=activation, seed=4)
    for neuron, bias in zip(layer.neurons, (0.3, -0.7), strict=True):
        neuron.bias.data = bias
    without = bias_as_input(layer)
    rows = [[0.1 * i, -0.3 * i, 1.7] for i in range(9)]
    left = [[a.data for a in row] for row in layer(rows)]
    right = [[a.data for a in row] for row in without([[1.0, *row] for row in rows])]
    assert left == right
    assert without.neurons[1].weights[0].label == "w_02"
    assert all(neuron.bias is None for neuron in without.neurons)


def test_what_has_no_bias_to_move():
    with pytest.raises(ValueError, match="no biases"):
        bias_as_input(Neuron(2, bias=False))
    with pytest.raises(TypeError, match="a Layer or a Neuron"):
        bias_as_input(3)


# --- Separability --------------------------------------------------------------------------------


def assert_proved(rows, labels, found):
    """The proof is checked with fractions, whatever found it."""
    exact = [[Fraction(repr(float(x))) for x in row] for row in rows]
    low, high = found.classes
    if found.separable:
        assert found.shares is None
        for row, label in zip(exact, labels, strict=True):
            z = sum(w * x for w, x in zip(found.weights, row, strict=True)) + found.bias
            assert z > 0 if label == high else z < 0
        return
    assert min(found.shares.values()) > 0
    assert len(found.shares) <= len(rows[0]) + 2
    for kind in (low, high):
        own = {row: share for row, share in found.shares.items() if labels[row] == kind}
        assert sum(own.values()) == 1
        mixture = [
            sum(share * exact[row][i] for row, share in own.items()) for i in range(len(rows[0]))
        ]
        assert mixture == found.point


NUMBERS = st.one_of(
    st.integers(-2, 2), st.floats(-1e6, 1e6), st.sampled_from([0.1, 0.2, 0.3, 1e-9])
)


@settings(max_examples=40)
@given(
    st.integers(1, 3).flatmap(
        lambda width: st.lists(
            st.tuples(st.lists(NUMBERS, min_size=width, max_size=width), st.booleans()),
            min_size=2,
            max_size=9,
        )
    )
)
def test_every_verdict_has_its_proof(examples):
    rows, labels = [row for row, _ in examples], [label for _, label in examples]
    if len(set(labels)) == 2:
        found = linear_separability(rows, labels)
        assert_proved(rows, labels, found)
        assert repr(found).startswith("linearly" if found.separable else "not linearly")


@pytest.mark.parametrize(("kind", "separable"), [(0, True), (1, False), (2, False)])
def test_iris(kind, separable):
    rows, kinds = iris()
    labels = [int(label == kind) for label in kinds]
    found = linear_separability(rows, labels)
    assert found.separable == separable
    assert_proved(rows, labels, found)
    run = Perceptron(4).fit(rows, labels, epochs=20)
    assert run.converged == separable


def test_a_wrong_pivot_is_caught_by_the_proof(monkeypatch):
    original = exact_examples.solution_or_reason

    def wrong(equations, totals):
        shares, reason = original(equations, totals)
        return (None if shares is None else [2 * shares[0], *shares[1:]]), reason

    monkeypatch.setattr(exact_examples, "solution_or_reason", wrong)
    with pytest.raises(AssertionError):
        assert_proved(CORNERS, XOR, linear_separability(CORNERS, XOR))


@pytest.mark.parametrize("difference", [[0.0, 0.0], [-1.0, 1e-3], [1e300, 1e-300]])
def test_what_floats_guess_decides_nothing(difference, monkeypatch):
    source, guess = random.Random(1), Nearest(difference, [(0, 0)])
    monkeypatch.setattr(separability, "nearest_points", lambda *_: guess)
    for _ in range(12):
        rows = [[source.randint(-3, 3) / 10, source.randint(-3, 3)] for _ in range(8)]
        labels = [int(x + y > 0.2) ^ (source.random() < 0.03) for x, y in rows]
        if len(set(labels)) == 2:
            assert_proved(rows, labels, linear_separability(rows, labels))


def test_thirty_columns_take_no_minute():
    """569 rows took 50 s by pivots of whole numbers alone."""
    source = random.Random(4)
    rows = [[source.gauss(0, 10.0**-k) for k in range(16)] for _ in range(120)]
    labels = [int(sum(row) > 0.0) for row in rows]
    assert_proved(rows, labels, found := linear_separability(rows, labels))
    assert found.separable
    labels[:3] = [1 - label for label in labels[:3]]
    assert_proved(rows, labels, found := linear_separability(rows, labels))
    assert not found.separable


@pytest.mark.parametrize("number", [5e-324, 1e-310, 1e308])
def test_numbers_at_the_ends_of_the_range(number):
    rows, labels = [[-number], [0.0], [number]], [0, 0, 1]
    assert_proved(rows, labels, linear_separability(rows, labels))
    assert_proved(rows, [0, 1, 0], linear_separability(rows, [0, 1, 0]))


def test_the_second_class_is_the_larger_one():
    assert linear_separability([[1], [2]], [10, 9]).classes == (9, 10)
    assert linear_separability([[1], [2]], ["b", 3]).classes == ("b", 3)


@pytest.mark.parametrize(
    ("rows", "labels", "error", "words"),
    [
        ([], [], ValueError, "X is empty"),
        ([1, 2], [0, 1], TypeError, "X must be a list of rows"),
        ([[1], [2]], [0], ValueError, "2 rows and 1 class"),
        ([[1], [2, 3]], [0, 1], ValueError, r"inputs\[1\] has 2 numbers"),
        ([[1], [math.inf]], [0, 1], ValueError, r"inputs\[1\]\[0\] must be a finite"),
        ([[1], [2], [3]], ["a", "b", "c"], ValueError, "two classes, got 3"),
        ([[1], [2]], [7, 7], ValueError, "two classes, got 1"),
        ([[1], [2]], [[0, 1], [1, 0]], TypeError, r"y\[0\] must be a class, got list"),
        ([[1], [2]], None, TypeError, "y must be a list of classes, got NoneType"),
    ],
)
def test_bad_data(rows, labels, error, words):
    for asked in (linear_separability, Perceptron(1).fit):
        with pytest.raises(error, match=words):
            asked(rows, labels)


def test_bad_arguments():
    with pytest.raises(ValueError, match="one class only"):
        linear_separability([[1], [2]], [0, 0])
    with pytest.raises(ValueError, match="learning_rate must be positive"):
        Perceptron(2, learning_rate=0)
    with pytest.raises(ValueError, match="but this Perceptron takes 3"):
        Perceptron(3).fit(CORNERS, AND)
    with pytest.raises(ValueError, match="epochs must be at least 1"):
        Perceptron(2).fit(CORNERS, AND, epochs=0)
    with pytest.raises(ValueError, match="but this Perceptron takes 2"):
        Perceptron(2).predict([1.0])


def test_its_picture():
    pytest.importorskip("matplotlib")
    chart = Perceptron(2).fit(CORNERS, XOR, epochs=8).chart()
    assert chart.figure.axes[0].lines[0].get_ydata().tolist() == [2, 3, 4, 4, 4, 4, 4, 4]
    assert "not linearly separable" in chart.text
