"""Operators and methods: bound to the rule book, on anything that says it is a number."""

from __future__ import annotations

import operator

import pytest

from autograd import Value, switches
from autograd.operators import Operators
from autograd.primitives import RULES


class Text(Operators):
    """The smallest carrier: it writes down what is asked of it."""

    carrier_level = 5

    def __init__(self, text: str, data: float = 1.0) -> None:
        self.text, self.data = text, data

    def apply_primitive(self, primitive, operands):
        return f"{primitive.name}({', '.join(getattr(x, 'text', str(x)) for x in operands)})"


class Higher(Text):
    carrier_level = 6

    def apply_primitive(self, primitive, operands):
        return "higher " + super().apply_primitive(primitive, operands)


SYMBOLS = {
    operator.add: "add", operator.sub: "sub", operator.mul: "mul", operator.truediv: "div",
    operator.pow: "pow",
}  # fmt: skip


def test_methods_have_the_names_of_their_operations():
    for name in ("tanh", "exp", "maximum", "leaky_relu"):
        method = getattr(Text, name)
        assert (method.__name__, method.__qualname__) == (name, name)
        assert name in method.__doc__


def test_only_nodes_say_that_their_number_leaves():
    class Silence:
        def frozen(self, node):
            raise AssertionError(node)

    with switches.watching(Silence()):
        assert f"{Text('t', 2.0):.1f}" == "2.0"
        with pytest.raises(AssertionError):
            f"{Value(2.0):.1f}"


def test_what_says_no_level_comes_below_all_others():
    class Plain(Operators):
        def apply_primitive(self, primitive, operands):
            return primitive.name

    assert Plain() * 2.0 == "mul"
    assert (Plain() * Text("t")).startswith("mul(")
    assert (Text("t") * Plain()).startswith("mul(t, ")
    for product in (lambda: Value(2.0) * Plain(), lambda: Plain() * Value(2.0)):
        with pytest.raises(TypeError, match="real number"):
            product()  # the Value is asked, and does not know it
    with pytest.raises(NotImplementedError, match="Operators does not say how to apply"):
        Operators() + 1.0


@pytest.mark.parametrize(("symbol", "name"), SYMBOLS.items(), ids=SYMBOLS.values())
def test_infix_operators_keep_the_order_of_their_operands(symbol, name):
    x, y = Text("x"), Text("y")
    assert symbol(x, y) == f"{name}(x, y)"
    assert symbol(x, 2) == f"{name}(x, 2)"
    assert symbol(2, x) == f"{name}(2, x)"


def test_prefix_operators():
    x = Text("x")
    assert (-x, +x, abs(x)) == ("neg(x)", "pos(x)", "abs(x)")


@pytest.mark.parametrize("symbol", SYMBOLS, ids=SYMBOLS.values())
def test_the_operand_of_the_highest_level_is_asked(symbol):
    low, high = Text("low"), Higher("high")
    assert symbol(low, high).startswith("higher")
    assert symbol(high, low).startswith("higher")


def test_every_operation_of_fixed_arity_is_a_method_under_both_its_names():
    for name, entry in RULES.items():
        if not entry.is_variadic:
            others = [str(i) for i in range(1, entry.arity)]
            expected = f"{name}({', '.join(['x', *others])})"
            for spelled in filter(None, (name, entry.numpy_name)):
                method = getattr(Text("x"), spelled)
                assert method(*map(int, others)) == expected
                assert name in (method.__doc__ or "")
        else:
            assert not hasattr(Operators, name)


def test_methods_take_named_operands_and_defaults():
    x = Text("x")
    assert x.leaky_relu(slope=3) == "leaky_relu(x, 3)"
    assert x.leaky_relu() == "leaky_relu(x, 0.01)"
    assert x.clip(high=2, low=1) == "clip(x, 1, 2)"
    with pytest.raises(TypeError):
        x.tanh(1.0)


@pytest.mark.parametrize(
    "symbol", [operator.floordiv, operator.mod, operator.matmul, operator.lshift]
)
def test_operations_without_a_derivative_are_not_pretended(symbol):
    with pytest.raises(TypeError, match=r"unsupported operand|rounds, and the derivative"):
        symbol(Text("x"), 2)


def test_another_class_may_answer_instead():
    class Polite:
        def __radd__(self, other):
            return "answered"

    assert Text("x") + Polite() == "answered"


def test_a_carrier_that_does_not_say_how_is_told_so():
    with pytest.raises(NotImplementedError, match="Operators does not say how"):
        Operators() + 1.0
