"""Dual numbers and jvp; perturbations that must not be confused."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import Value, grad, gradients, jacobian, jvp, no_grad, vjp


def derivative(f):
    """d/dx by forward mode, as Siskind and Pearlmutter write it."""
    return lambda x: jvp(f, (x,), (1.0,))[1]


MODES = {"forward": derivative, "reverse": grad}
BOTH = pytest.mark.parametrize("outer", MODES.values(), ids=[f"outer {m}" for m in MODES])
INNER = pytest.mark.parametrize("inner", MODES.values(), ids=[f"inner {m}" for m in MODES])


def number(thing) -> float:
    return getattr(thing, "data", thing)


# --- Values and tangents --------------------------------------------------------------------------


def test_value_and_directional_derivative():
    assert jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.5)) == (12.0, 5.5)
    assert jvp(lambda x: x**3, (2.0,), (1.0,)) == (8.0, 12.0)
    value, slope = jvp(autograd.sin, (0.5,), (2.0,))
    assert (value, slope) == (math.sin(0.5), 2.0 * math.cos(0.5))


def test_whole_numbers_in_floats_out():
    value, slope = jvp(lambda x: x * x, (3,), (1,))
    assert (value, type(value), slope, type(slope)) == (9.0, float, 6.0, float)


def test_structures_in_and_out():
    def f(p, t):
        return {"product": p["w"] * t[0], "pair": (p["b"] + t[1], 1.0)}

    primals = ({"w": 3.0, "b": 4.0}, [5.0, 6.0])
    tangents = ({"w": 1.0, "b": 10.0}, [100.0, 1000.0])
    value, slope = jvp(f, primals, tangents)
    assert value == {"product": 15.0, "pair": (10.0, 1.0)}
    assert slope == {"product": 5.0 + 300.0, "pair": (1010.0, 0.0)}


def test_tangents_of_a_dict_are_found_by_key():
    def f(p):
        return p["a"] * p["b"]

    assert jvp(f, ({"a": 2.0, "b": 3.0},), ({"b": 1.0, "a": 0.0},)) == (6.0, 2.0)
    _, pullback = vjp(lambda x: {"a": x, "b": 10.0 * x}, 1.0)
    assert pullback({"b": 0.0, "a": 1.0}) == (1.0,)


@pytest.mark.parametrize("tangents", [
    (1.0,), ([1.0],), ([1.0, 2.0, 3.0],), ([1.0, 2.0], 3.0), ([[1.0], 2.0],), ({"a": 1.0,
    "b": 2.0},), (),
])  # fmt: skip
def test_tangents_of_another_structure_are_refused(tangents):
    with pytest.raises(TypeError, match="tangent"):
        jvp(lambda v: v[0] * v[1], ([3.0, 4.0],), tangents)


@pytest.mark.parametrize("given", [3.0, Value(3.0), {"x": 3.0}, None])
def test_primals_and_tangents_are_lists_of_arguments(given):
    with pytest.raises(TypeError, match=r"^primals has one entry for each argument of f: \("):
        jvp(lambda x: x, given, (1.0,))
    with pytest.raises(TypeError, match=r"^tangents has one entry for each argument of f: \("):
        jvp(lambda x: x, (1.0,), given)


def test_wrong_numbers_are_named_by_their_place():
    with pytest.raises(TypeError, match=r"^primals\[0\]\['a'\] is "):
        jvp(lambda x: 1.0, ({"a": "text"},), ({"a": 1.0},))
    with pytest.raises(TypeError, match=r"^tangents\[0\]\['a'\] is "):
        jvp(lambda x: 1.0, ({"a": 1.0},), ({"a": "text"},))
    with pytest.raises(TypeError, match=r"^tangents\[0\] is .* does not have the structure of"):
        jvp(lambda x: 1.0, ({"a": 1.0},), ({"a": 1.0, "b": 2.0},))


def test_no_grad_makes_constants_in_forward_mode_as_in_reverse():
    def half_frozen(x):
        with no_grad():
            frozen = x * x
            untouched = x
        return frozen * untouched

    assert derivative(half_frozen)(3.0) == grad(half_frozen)(3.0) == 9.0
    with no_grad():
        assert derivative(lambda x: x**3)(2.0) == 12.0  # it records what it differentiates
        x = Value(2.0)
        assert (x * x).is_constant


def test_the_first_level_of_a_process_is_above_every_value():
    # A mixed expression is the business of the operand of the highest level, here the dual number.
    code = (
        "from autograd import Value, jvp; w = Value(3.0)\n"
        "value, slope = jvp(lambda x: w * x + x * w, (2.0,), (1.0,))\n"
        "assert (value.data, slope.data) == (12.0, 6.0), slope"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_function_that_ignores_its_argument_has_tangent_zero():
    assert jvp(lambda x: 5.0, (1.0,), (1.0,)) == (5.0, 0.0)
    assert jvp(lambda: 5.0, (), ()) == (5.0, 0.0)


@pytest.mark.parametrize(
    "other", [2, True, Fraction(1, 4), Decimal("0.5"), np.float64(3), np.float32(0.5), 10**20]
)
def test_any_real_number_mixes_with_dual_numbers_and_tangents_are_floats(other):
    exact = float(other)
    cases = [
        (lambda x: x + other, 1.0), (lambda x: other - x, -1.0), (lambda x: x * other, exact),
        (lambda x: other * x, exact), (lambda x: x / other, 1 / exact), (lambda x: other / x,
        -exact / 4),
        (lambda x: autograd.maximum(x, other), float(exact < 2) if exact != 2 else 0.5),
        (lambda x: autograd.dot([x, 1], [other, x]), exact + 1.0),
    ]  # fmt: skip
    if exact < 100:
        cases.append((lambda x: x**other, exact * 2.0 ** (exact - 1)))
        cases.append((lambda x: other**x, math.log(exact) * exact**2))
    for f, slope in cases:
        value, tangent = jvp(f, (2.0,), (1.0,))
        assert (type(value), type(tangent)) == (float, float)
        assert tangent == pytest.approx(slope, rel=1e-15, abs=1e-15)


@pytest.mark.parametrize("wrong", ["3", None, [1.0], 1j])
def test_what_is_no_number_is_refused(wrong):
    with pytest.raises(TypeError, match="real number"):
        jvp(lambda x: x * wrong, (1.0,), (1.0,))
    with pytest.raises(TypeError):
        jvp(lambda x: x, ("1",), (1.0,))


@pytest.mark.parametrize(
    "thing",
    [None, "text", object(), lambda y: y, 1j],
    ids=["None", "text", "object", "function", "complex"],
)
def test_a_result_that_is_no_number_is_refused(thing):
    for differentiate in (
        lambda f: jvp(f, (1.0,), (1.0,)),
        lambda f: vjp(f, 1.0),
        lambda f: grad(f)(1.0),
        lambda f: jacobian(f)(1.0),
        lambda f: jacobian(f, mode="forward")(1.0),
    ):
        with pytest.raises(TypeError, match="result"):
            differentiate(lambda x: thing)


def test_branches_follow_the_number():
    f = lambda x: x * x if x > 0 else -x
    assert (derivative(f)(3.0), derivative(f)(-3.0)) == (6.0, -1.0)


def test_detach_drops_the_tangent_as_it_drops_the_gradient():
    f = lambda x: x * x.detach()
    assert grad(f)(3.0) == 3.0
    assert derivative(f)(3.0) == 3.0


def test_values_as_primals_give_results_that_backward_can_continue():
    x = Value(2.0)
    value, slope = jvp(lambda t: t**3, (x,), (1.0,))
    assert (value.data, slope.data) == (8.0, 12.0)
    slope.backward()
    assert x.grad == 12.0
    (third,) = gradients(gradients(slope, [x])[0], [x])
    assert third.data == 6.0


def test_an_error_inside_leaves_nothing_behind():
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            jvp(lambda x: jvp(lambda y: 1 / 0, (x,), (1.0,)), (2.0,), (1.0,))
    assert derivative(derivative(lambda x: x**3))(2.0) == 12.0
    assert derivative(lambda x: x * derivative(lambda y: x * y)(3.0))(2.0) == 4.0


@pytest.mark.parametrize("f", [
    lambda x: autograd.sqrt(x), lambda x: x**0.5, lambda x: autograd.norm([x, 0.0]),
    lambda x: autograd.cbrt(x),
])  # fmt: skip
def test_derivatives_that_do_not_exist_are_errors(f):
    with pytest.raises(ArithmeticError, match="infinite or undefined"):
        derivative(f)(0.0)


# --- Perturbation confusion -----------------------------------------------------------------------
# Siskind and Pearlmutter, "Perturbation confusion and referential transparency" (2005) and
# "Nesting forward-mode AD in a functional framework" (2008).


@BOTH
@INNER
def test_the_classic_d_x_times_d_x_plus_y_is_one_and_not_two(outer, inner):
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0


@BOTH
@INNER
def test_products_of_both_variables(outer, inner):
    # d/dx [x · d/dy (x y)] = d/dx x² = 2x, at any y
    assert outer(lambda x: x * inner(lambda y: x * y)(3.0))(2.0) == 4.0
    # d/dx [d/dy (x² y³)] at y = x:  d/dx (3 x⁴) = 12 x³ in both occurrences
    assert outer(lambda x: inner(lambda y: x * x * y**3)(x))(2.0) == 96.0
    # an inner derivative that ignores x
    assert outer(lambda x: inner(lambda y: y * y)(3.0))(2.0) == 0.0
    # an inner function that ignores y
    assert outer(lambda x: inner(lambda y: x * x)(3.0))(2.0) == 0.0
    # x reaches the inner function as its argument and by capture
    assert outer(lambda x: inner(lambda y: x * y * y)(x))(2.0) == 8.0


@BOTH
@INNER
@pytest.mark.parametrize("middle", MODES.values(), ids=[f"middle {m}" for m in MODES])
def test_three_levels(outer, middle, inner):
    # z: d/dz (x y z²) at z = x is 2 x² y;  y: d/dy of that times y at y = x is d(2x²y²)/dy = 4x³
    f = lambda x: middle(lambda y: y * inner(lambda z: x * y * z * z)(x))(x)
    assert f(2.0) == 32.0
    assert outer(f)(2.0) == 48.0


@BOTH
@INNER
def test_captured_values_are_constants_of_the_inner_differentiation(outer, inner):
    w = Value(3.0)
    result = outer(lambda x: x * inner(lambda y: w * x * y)(1.0))(2.0)
    assert number(result) == 12.0
    result.backward()
    assert w.grad == 4.0


@BOTH
@INNER
def test_the_same_value_as_argument_and_by_capture(outer, inner):
    x = Value(2.0)
    assert number(outer(lambda y: inner(lambda z: x * y * z)(x))(x)) == 2.0
    assert x.grad == 0.0


def test_each_differentiation_has_its_own_epsilon_even_in_another_thread():
    def in_a_thread(f, x):
        found = []
        thread = threading.Thread(target=lambda: found.append(derivative(f)(x)))
        thread.start()
        thread.join()
        return found[0]

    value, slope = jvp(lambda x: x * in_a_thread(lambda y: x * y, 3.0), (2.0,), (1.0,))
    assert (value, slope) == (4.0, 4.0)


def test_a_dual_number_that_escaped_is_a_constant_of_later_differentiations():
    escaped = []
    jvp(lambda x: escaped.append(x) or x, (2.0,), (1.0,))
    result = jvp(lambda y: y * escaped[0], (3.0,), (1.0,))[1]
    assert number(result) == 2.0


def test_higher_order_functions_keep_their_own_perturbations():
    # Manzyuk et al., "Perturbation confusion in forward automatic differentiation of higher-order
    # functions" (2019): s(u)(f)(x) = f(x + u); the derivative of s at 0 applied twice is f″.
    def shift(u):
        return lambda f: lambda x: f(x + u)

    def slope_of_shift(f):
        return lambda x: derivative(lambda u: shift(u)(f)(x))(0.0)

    assert slope_of_shift(slope_of_shift(autograd.exp))(0.5) == pytest.approx(
        math.exp(0.5), rel=1e-15
    )
    assert slope_of_shift(slope_of_shift(lambda t: t**3))(2.0) == 12.0
