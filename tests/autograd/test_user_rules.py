"""What rules of a user return is checked once, where it enters; errors name rule and operand."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import Primitive, Value, grad, gradients, jvp
from autograd.many_operands import Elementwise, Pairwise


def rule(derivative, forward=lambda x: 2.0 * x):
    return Primitive("twice", forward, (lambda out, x: derivative,))


def by_backward(operation, x):
    node = Value(x, label="x")
    operation(node).backward()
    return node.grad


def by_graph(operation, x):
    node = Value(x, label="x")
    return gradients(operation(node), [node])[0].data


def by_duals(operation, x):
    return jvp(lambda x: operation(x), [x], [1.0])[1]


def by_grad(operation, x):
    return grad(lambda x: operation(x))(x)


def by_program(operation, x):
    return autograd.compile(lambda x: operation(x)).value_and_grad(x)[1]


MODES = [by_backward, by_graph, by_duals, by_grad, by_program]
NUMBERS = [2, True, Fraction(4, 2), np.float64(2.0), np.float32(2.0), np.int64(2), np.array(2.0)]
NO_NUMBERS = [None, "2.0", b"2", 2j, [2.0], (2.0,), np.array([2.0]), math.sin]


class HasData:
    """Something else that has `.data`, as memory views and records of other libraries have."""

    data = 2.0

    def __repr__(self):
        return "HasData()"


NO_NUMBERS.append(HasData())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("derivative", NUMBERS, ids=repr)
def test_any_real_number_is_a_derivative(mode, derivative):
    found = mode(rule(derivative), 3.0)
    assert found == float(derivative)
    assert type(found) is float


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("derivative", NO_NUMBERS, ids=repr)
def test_what_is_no_number_is_refused_by_the_name_of_rule_and_operand(mode, derivative):
    with pytest.raises(TypeError, match=r"twice|rule"):
        mode(rule(derivative), 3.0)


@pytest.mark.parametrize("mode", MODES[:4])
@pytest.mark.parametrize("derivative", NO_NUMBERS, ids=repr)
def test_the_message_says_where_it_came_from(mode, derivative):
    with pytest.raises(
        TypeError,
        match=r"the derivative of twice by its operand 0 needs a real number.*does its partial",
    ):
        mode(rule(derivative), 3.0)


def test_nothing_changes_where_a_rule_is_refused():
    x, y = Value(3.0), Value(2.0)
    output = rule(None)(x * y)
    for _ in range(2):
        with pytest.raises(TypeError, match="twice"):
            output.backward()
    assert (x.grad, y.grad, output.grad) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("apply", [lambda f, x: f(x), lambda f, x: f(Value(x)).data, by_duals])
@pytest.mark.parametrize("result", NUMBERS, ids=repr)
def test_any_real_number_is_a_value(apply, result):
    found = apply(rule(2.0, lambda x: result), 1.0)
    assert found == (2.0 if apply is by_duals else float(result))
    assert type(found) is float


@pytest.mark.parametrize("apply", [lambda f, x: f(x), lambda f, x: f(Value(x)), by_duals])
@pytest.mark.parametrize("result", NO_NUMBERS, ids=repr)
def test_what_is_no_number_is_no_value(apply, result):
    with pytest.raises(TypeError, match=r"the value of twice needs a real number.*does forward"):
        apply(rule(2.0, lambda x: result), 1.0)


@pytest.mark.parametrize("result", [None, "2", [1.0]], ids=repr)
def test_a_program_says_so_where_a_value_is_wrong_only_later(result):
    operation = rule(2.0, lambda x: 2.0 * x if x > 0.0 else result)
    program = autograd.compile(lambda x: operation(x) + 1.0)
    assert program(3.0) == 7.0
    for call in (program, program.value_and_grad, lambda x: program.rows([1.0, x])):
        with pytest.raises(TypeError, match="the value of twice"):
            call(-3.0)


@pytest.mark.parametrize("mode", MODES[:4])
def test_a_rule_for_all_operands_returns_as_many_derivatives(mode):
    for wrong in (lambda out, *xs: [1.0], lambda out, *xs: [1.0, 1.0, 1.0]):
        operation = Primitive("pair", lambda *xs: math.fsum(xs), wrong, pack=tuple)
        with pytest.raises(TypeError, match=r"partials of pair returned \d derivatives for 2"):
            mode(lambda x, operation=operation: operation([x, 1.0]), 3.0)


@pytest.mark.parametrize("mode", MODES[:4])
def test_elementwise_and_pairwise_rules_are_checked_too(mode):
    each = Primitive(
        "each", lambda *xs: math.fsum(xs), Elementwise(lambda out, x, n: None), pack=tuple
    )
    pairs = Primitive(
        "pairs",
        lambda *xs: math.fsum(xs),
        Pairwise(lambda out, x, y: "1", lambda out, x, y: 1.0),
        pack=tuple,
    )
    for operation in (each, pairs):
        with pytest.raises(TypeError, match=f"derivative of {operation.name} by its operand 0"):
            mode(lambda x, operation=operation: operation([x, 2.0]), 3.0)


def test_only_wanted_derivatives_are_computed():
    asked = []
    rules = Elementwise(lambda out, x, n: asked.append(x) or 1.0)
    operation = Primitive("each", lambda *xs: math.fsum(xs), rules, pack=tuple)
    x = Value(3.0)
    operation([1.0, x, 2.0]).backward()
    assert (asked, x.grad) == ([3.0], 1.0)
    p = Value(1.0)
    autograd.entropy([p, 0.0]).backward()  # the derivative by the constant 0 would be infinite
    assert p.grad == -1.0


def test_rules_may_share_results():
    shared = autograd.primitives.sum
    operation = Primitive(
        "square of the sum",
        lambda *xs: math.fsum(xs) ** 2,
        Elementwise(lambda out, x, n, total: 2.0 * total, shared=(shared,)),
        pack=tuple,
    )
    nodes = [Value(1.0), Value(2.0)]
    slopes = gradients(operation(nodes), nodes)
    assert [slope.data for slope in slopes] == [6.0, 6.0]
    assert [g.data for g in gradients(slopes[0], nodes)] == [2.0, 2.0]
    program = autograd.compile(lambda x, y: operation([x, y]))
    assert program.value_and_grad(1.0, 2.0) == (9.0, (6.0, 6.0))


def test_an_operation_of_any_number_of_operands_says_how_to_call_it():
    total = Primitive("total", lambda *xs: math.fsum(xs), lambda out, *xs: [1.0] * len(xs))
    assert total.apply((1.0, 2.0, 3.0)) == 6.0
    for call in (lambda: total(1.0, 2.0), lambda: total(Value(1.0)), lambda: total([1.0])):
        with pytest.raises(TypeError, match=r"total.apply\(operands\), or define it with pack"):
            call()
