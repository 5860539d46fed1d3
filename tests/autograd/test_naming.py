"""How errors name nodes and operands: every word of it, the same from both engines."""

from __future__ import annotations

import pytest

import autograd
from autograd import Primitive, Value, naming, record_locations
from autograd.primitives import RULES


def named(node, label):
    node.label = label
    return node


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (Value(2.0), "leaf (data=2.0)"),
        (Value(2.0, label="w"), "leaf 'w' (data=2.0)"),
        (Value(2.0, label=""), "leaf (data=2.0)"),
        (Value(2.0).detach(), "the constant 2.0"),
        (named(Value(2.0).detach(), "k"), "leaf 'k' (data=2.0)"),
        (Value(2.0) * 3.0, "mul (data=6.0)"),
        (named(Value(0.0).sin(), "s"), "sin 's' (data=0.0)"),
        (Value(float("-inf")), "leaf (data=-inf)"),
    ],
)
def test_a_node_is_described_by_what_it_is(node, words):
    assert naming.describe(node) == node.describe() == words


def test_the_line_stands_after_the_number():
    with record_locations():
        node = Value(2.0) * 3.0
    assert node.describe() == f"mul (data=6.0, recorded at {node.location})"


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 200])
def test_four_operands_are_shown_and_the_number_of_more(count):
    broken = Primitive("broken", lambda *xs: 1.0 / 0.0, lambda out, *xs: [1.0 for _ in xs])
    leaves = [Value(float(place)) for place in range(count)]
    with pytest.raises(ZeroDivisionError) as caught:
        broken.apply(leaves)
    shown = ", ".join(f"leaf (data={place}.0)" for place in range(min(count, 4)))
    more = f", ... ({count} operands)" if count > 4 else ""
    assert str(caught.value) == f"float division by zero: in broken of {shown}{more}"


def test_the_line_is_named_while_lines_are_recorded():
    with record_locations(), pytest.raises(ValueError, match=r" at .*test_naming\.py:\d+$"):
        autograd.log(Value(-1.0))
    with pytest.raises(ValueError, match=r"\(data=-1\.0\)$"):
        autograd.log(Value(-1.0))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError(), "ValueError: in log of leaf (data=1.0)"),
        (ValueError("why"), "why: in log of leaf (data=1.0)"),
        (OverflowError(34, "Result too large"), "Result too large: in log of leaf (data=1.0)"),
    ],
)
def test_an_error_keeps_its_kind_and_its_reason(error, words):
    found = naming.with_operands(error, RULES["log"], [Value(1.0)])
    assert type(found) is type(error)
    assert str(found) == words


class OwnError(ValueError):
    def __init__(self, code, text):
        super().__init__(code, text)
        self.code = code


@pytest.mark.parametrize("error", [OwnError(3, "mine"), KeyError("k"), UnicodeError("u")])
def test_an_error_of_another_kind_is_raised_as_it_is(error):
    def failing(x):
        raise error

    broken = Primitive("broken", failing, (lambda out, x: 1.0,))
    with pytest.raises(type(error)) as caught:
        broken(Value(1.0))
    assert caught.value is error
    with pytest.raises(type(error)):
        naming.with_operands(error, broken, [Value(1.0)])


@pytest.mark.parametrize(
    ("primitive", "place"), [(None, "a constant"), (RULES["log"], "an operand of log")]
)
def test_the_place_of_an_operand(primitive, place):
    assert naming.operand_of(primitive) == place


def test_what_is_no_number_is_named_by_its_place():
    with pytest.raises(TypeError, match=r"^an operand of maximum needs a real number, got "):
        autograd.maximum(Value(1.0), "2")
    with pytest.raises(TypeError, match=r"^a constant needs a real number, got "):
        autograd.selection.constant("2")
