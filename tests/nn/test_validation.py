"""What arguments may be, at the borders; and every word that says what came."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograd import Value
from autograd.forward import Dual
from nn.inputs import checked_inputs, listed
from nn.validation import (
    counted,
    describe,
    finite,
    finite_scalar,
    integer,
    is_node,
    is_scalar,
    row,
    size,
)

X = Value(2.0)
DUAL = Dual(2.0, 1.0, 7)


@pytest.mark.parametrize("number", [1, 2, 10**20, np.int64(1), np.uint8(3)])
def test_sizes(number):
    assert size(number, "nin") == int(number)
    assert type(size(number, "nin")) is int


@pytest.mark.parametrize(
    ("number", "error", "words"),
    [
        (0, ValueError, "nin must be at least 1, got 0"),
        (-1, ValueError, "nin must be at least 1, got -1"),
        (True, TypeError, "nin must be an integer of at least 1, got bool True"),
        (False, TypeError, "nin must be an integer of at least 1, got bool False"),
        (1.0, TypeError, "nin must be an integer of at least 1, got float 1.0"),
        ("2", TypeError, "nin must be an integer of at least 1, got str '2'"),
        (None, TypeError, "nin must be an integer of at least 1, got NoneType None"),
        (X, TypeError, "nin must be an integer of at least 1, got Value Value(data=2.0, grad=0.0)"),
    ],
)
def test_what_is_no_size(number, error, words):
    with pytest.raises(error) as caught:
        size(number, "nin")
    assert str(caught.value) == words


def test_integers_of_any_kind():
    assert [integer(x) for x in (3, True, np.int8(-2), 0)] == [3, 1, -2, 0]
    assert [integer(x) for x in (3.0, "3", None, X, [3], np.float64(3))] == [None] * 6


REALS = [2, 2.0, True, Fraction(4, 2), Decimal(2), np.float64(2), np.int8(2), np.array(2.0)]


@pytest.mark.parametrize("number", REALS, ids=lambda number: type(number).__name__)
def test_real_numbers_become_floats(number):
    for found in (finite(number, "lr"), finite_scalar(number, "lr")):
        assert type(found) is float
        assert found == float(number)


NO_REALS = ["2", b"2", None, 1j, np.complex128(2), [2.0], np.array([2.0]), np.str_("2"), object()]


@pytest.mark.parametrize("thing", NO_REALS, ids=lambda thing: type(thing).__name__)
def test_what_is_no_real_number(thing):
    for check in (finite, finite_scalar):
        with pytest.raises(TypeError) as caught:
            check(thing, "lr")
        assert str(caught.value) == f"lr must be a real number, got {describe(thing)}"


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, np.float64("nan")])
def test_what_is_not_finite(number):
    for check in (finite, finite_scalar):
        with pytest.raises(ValueError, match=r"^lr must be a finite number, got -?(inf|nan)$"):
            check(number, "lr")
    for node in (Value(number), Dual(float(number), 1.0, 7)):
        with pytest.raises(ValueError, match=r"^lr must be a finite number, got .*(Value|Dual)"):
            finite_scalar(node, "lr")


def test_numbers_too_large_for_a_float():
    with pytest.raises(ValueError, match=r"^lr is too large for a float: int 1000"):
        finite(10**400, "lr")
    assert finite(1.7976931348623157e308, "lr") == 1.7976931348623157e308


def test_nodes_pass_as_they_are_where_nodes_may_come():
    for node in (X, DUAL, X * 2.0, X.detach()):
        assert finite_scalar(node, "x") is node
        with pytest.raises(TypeError, match=r"must be a real number, got "):
            finite(node, "x")


SCALARS = [1, 2.0, X, DUAL, np.float64(1), np.array(1.0), None, object(), 1j]
ROWS = [[1.0], (1.0, 2.0), np.zeros(2), np.zeros((1, 1)), range(2), (x for x in (1, 2)), []]


@pytest.mark.parametrize("thing", SCALARS, ids=lambda thing: type(thing).__name__)
def test_single_things(thing):
    assert is_scalar(thing)
    with pytest.raises(TypeError) as caught:
        row(thing, "inputs", of="sizes")
    assert str(caught.value) == f"inputs must be a list of sizes, got {describe(thing)}"


@pytest.mark.parametrize("thing", ROWS, ids=lambda thing: type(thing).__name__)
def test_rows(thing):
    assert not is_scalar(thing)
    found = row(thing, "inputs")
    assert type(found) is list
    assert found is not thing


@pytest.mark.parametrize(
    "thing", ["text", b"bytes", bytearray(b"b"), {"a": 1}, {1.0}, frozenset((1.0,)), {}.keys()]
)
def test_what_has_no_order_of_numbers(thing):
    with pytest.raises(TypeError, match=r"^inputs must be a list of numbers, got "):
        row(thing, "inputs")


def test_who_is_a_node():
    assert [is_node(x) for x in (X, DUAL, 1.0, None, np.float64(1), [X])] == [
        True, True, False, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("length", [57, 58, 59, 60, 61, 62, 200])
def test_long_things_are_cut_after_sixty_characters(length):
    text = "a" * (length - 2)  # two quotes
    shown = repr(text) if length <= 60 else repr(text)[:57] + "..."
    assert describe(text) == f"str {shown}"


def test_counts_have_their_noun():
    assert [counted(count, "layer") for count in (0, 1, 2)] == ["0 layers", "1 layer", "2 layers"]


def test_inputs_become_nodes_with_the_names_of_their_places():
    given = [0.5, X, 3, DUAL, np.float64(2)]
    nodes = checked_inputs(given, 5, "Neuron")
    assert nodes[1] is X
    assert nodes[3] is DUAL
    for place in (0, 2, 4):
        assert nodes[place].is_constant
        assert nodes[place].label == f"x_{place + 1}"
        assert nodes[place].data == float(given[place])
    assert [node.label for node in checked_inputs((1.0,) * 10, 10, "Layer")][8:] == ["x_9", "x_10"]


@pytest.mark.parametrize(
    ("inputs", "error", "words"),
    [
        ([1.0], ValueError, "inputs has 1 number, but this MLP takes 2; a batch is rows of 2"),
        ([], ValueError, "inputs has 0 numbers, but this MLP takes 2; a batch is rows of 2"),
        ([1.0] * 3, ValueError, "inputs has 3 numbers, but this MLP takes 2; a batch is rows of 2"),
        ([1.0, [2.0]], TypeError, "inputs[1] is a list, not a number; the MLP takes one "
         "example, a list of numbers, or a batch, a list of such rows"),
        ([1.0, math.nan], ValueError, "inputs[1] must be a finite number, got nan"),
        ([Value(math.inf), 1.0], ValueError,
         "inputs[0] must be a finite number, got Value(data=inf, grad=0.0)"),
        (1.0, TypeError, "inputs must be a list of numbers, one example, or of rows, a batch, got "
         "float 1.0"),
    ],
)  # fmt: skip
def test_wrong_inputs(inputs, error, words):
    with pytest.raises(error) as caught:
        checked_inputs(listed(inputs), 2, "MLP")
    assert str(caught.value) == words
