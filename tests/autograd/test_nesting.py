"""Differentiations inside one another, in every mode: held against exact polynomials.

Random programs of sums, products, differentiations by a variable of their own at a point of their
own, and frozen parts. All numbers are whole, so floats compute them exactly, and the truth, algebra
on coefficients that knows no graph and no dual number, has to be met to the last digit.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from autograd import (
    Value,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)


def by_gradients(f, x):
    """The pure form of `backward`, at a leaf that is made for it; x may carry derivatives."""
    node = +x if isinstance(x, Value) else Value(x)
    output = f(node)
    return gradients(output, [node])[0] if isinstance(output, Value) else 0.0


# Parts are frozen on purpose.
pytestmark = pytest.mark.filterwarnings("ignore::autograd.LostGradientWarning")

FIRST = {
    "grad": lambda f, x: grad(f)(x),
    "jvp": lambda f, x: jvp(f, (x,), (1.0,))[1],
    "jvp, scaled": lambda f, x: jvp(lambda y, _: f(y), (x, 1.0), (2.0, 5.0))[1] * 0.5,
    "vjp": lambda f, x: vjp(f, x)[1](1.0)[0],
    "value_and_grad": lambda f, x: value_and_grad(f)(x)[1],
    "jacobian, reverse": lambda f, x: jacobian(lambda y: [1.0, f(y)])(x)[1],
    "jacobian, forward": lambda f, x: jacobian(lambda y: {"a": f(y)}, mode="forward")(x)["a"],
    "in a dict": lambda f, x: grad(lambda p: f(p["x"]))({"idle": 7.0, "x": x})["x"],
    "last of three": lambda f, x: grad(lambda a, b, y: f(y), -1)(x, None, x),
    "both, swapped": lambda f, x: grad(lambda y, a: a * f(y), (1, 0))(x, 1.0)[1],
    "as a keyword's neighbour": lambda f, x: grad(lambda y, *, k: k * f(y))(x, k=1.0),
}
SECOND = {
    "hessian": lambda f, x: hessian(f)(x),
    "hvp": lambda f, x: hvp(f, (x,), (1.0,))[0],
    "hvp of two": lambda f, x: hvp(lambda y, z: f(y) * z, (x, 1.0), (1.0, 0.0))[0],
    "jvp of grad": lambda f, x: jvp(grad(f), (x,), (1.0,))[1],
    "grad of jvp": lambda f, x: grad(lambda y: jvp(f, (y,), (1.0,))[1])(x),
    "jvp of vjp": lambda f, x: jvp(lambda y: vjp(f, y)[1](1.0)[0], (x,), (1.0,))[1],
    "jvp of jvp": lambda f, x: jvp(lambda y: jvp(f, (y,), (1.0,))[1], (x,), (1.0,))[1],
    "grad of grad": lambda f, x: grad(grad(f))(x),
}
MODES = {**FIRST, **SECOND}


# --- Programs: run with the library ---------------------------------------------------------------


def run(program, scope):
    """The number of a program; `scope` has the variables, innermost last."""
    kind, *parts = program
    if kind == "number":
        return float(parts[0])
    if kind == "variable":
        return scope[-1 - parts[0] % len(scope)]
    if kind == "+":
        return run(parts[0], scope) + run(parts[1], scope)
    if kind == "*":
        return run(parts[0], scope) * run(parts[1], scope)
    if kind == "no_grad":
        with no_grad():
            return run(parts[0], scope)
    if kind == "detach":
        found = run(parts[0], scope)
        return found.detach() if hasattr(found, "detach") else found
    mode, body, at = parts
    return MODES[mode](lambda x: run(body, [*scope, x]), run(at, scope))


# --- The truth: polynomials, from exponents by variable to coefficient ----------------------------


class TooLargeError(Exception):
    """The polynomials of a program grow beyond what floats hold exactly."""


class Polynomial(dict):
    def __add__(self, other):
        total = Polynomial(self)
        for powers, coefficient in other.items():
            total[powers] = total.get(powers, 0) + coefficient
        return total

    def __mul__(self, other):
        total = Polynomial()
        for left, a in self.items():
            for right, b in other.items():
                powers = dict(left)
                for variable, power in right:
                    powers[variable] = powers.get(variable, 0) + power
                if sum(powers.values()) > 9:
                    raise TooLargeError
                total += Polynomial({frozenset(powers.items()): a * b})
        return total

    def derivative(self, variable):
        total = Polynomial()
        for powers, coefficient in self.items():
            power = dict(powers).get(variable, 0)
            if power:
                rest = {**dict(powers), variable: power - 1}
                rest = frozenset((v, p) for v, p in rest.items() if p)
                total += Polynomial({rest: coefficient * power})
        return total

    def at(self, variable, point):
        total = Polynomial()
        for powers, coefficient in self.items():
            others = frozenset((v, p) for v, p in powers if v != variable)
            term = Polynomial({others: coefficient})
            for _ in range(dict(powers).get(variable, 0)):
                term = term * point
            total += term
        return total


def constant(number):
    return Polynomial({frozenset(): number})


def number_of(polynomial, numbers):
    total = Fraction(0)
    for powers, coefficient in polynomial.items():
        for variable, power in powers:
            coefficient *= numbers[variable] ** power
        total += coefficient
    return total


def true(program, scope, numbers, frozen=False):
    """The polynomial of a program; what is frozen is a constant, whatever it was computed from."""
    kind, *parts = program
    if kind == "number":
        return constant(Fraction(parts[0]))
    if kind == "variable":
        return scope[-1 - parts[0] % len(scope)]
    if kind in "+*":
        left, right = (true(part, scope, numbers, frozen) for part in parts)
        found = left + right if kind == "+" else left * right
        return constant(number_of(found, numbers)) if frozen else found
    if kind == "no_grad":
        return true(parts[0], scope, numbers, frozen=True)
    if kind == "detach":
        return constant(number_of(true(parts[0], scope, numbers, frozen), numbers))
    mode, body, at = parts
    point = true(at, scope, numbers, frozen)
    variable = len(numbers)
    inside = {**numbers, variable: number_of(point, numbers)}
    own = Polynomial({frozenset({(variable, 1)}): Fraction(1)})
    found = true(body, [*scope, own], inside)  # a differentiation records again
    for _ in range(1 if mode in FIRST else 2):
        found = found.derivative(variable)
    return found.at(variable, point)


LEAVES = st.one_of(
    st.tuples(st.just("number"), st.integers(-3, 3)),
    st.tuples(st.just("variable"), st.integers(0, 3)),
    st.tuples(st.just("variable"), st.integers(0, 3)),
)
PROGRAMS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.just("*"), inner, inner),
        st.tuples(st.just("+"), inner, inner),
        st.tuples(st.just("derivative"), st.sampled_from(sorted(MODES)), inner, inner),
        st.tuples(st.just("derivative"), st.sampled_from(sorted(MODES)), inner, inner),
        st.tuples(st.sampled_from(["no_grad", "detach"]), inner),
    ),
    max_leaves=6,
)
X, Y = ("variable", 1), ("variable", 0)
XYY = ("*", X, ("*", Y, Y))


def exactly(program, mode, point):
    """Differentiate a program as a function of its one variable, and compare."""
    whole = ("derivative", mode, program, ("number", point))
    truth = number_of(true(whole, [], {}), {})
    found = run(whole, [])
    assert type(found) is float
    assert found == truth


@settings(max_examples=300)
@given(PROGRAMS, st.sampled_from(sorted(MODES)), st.integers(-3, 3))
@example(("*", Y, ("derivative", "jvp", ("*", X, X), ("number", 3))), "jvp", 2)
@example(("no_grad", ("derivative", "jvp", XYY, Y)), "grad", 2)
def test_programs_of_nested_differentiations_are_right_to_the_last_digit(program, mode, point):
    try:
        exactly(program, mode, point)
    except TooLargeError:
        assume(False)


BODIES = {
    "of both": XYY,
    "of its own argument only": ("*", Y, ("*", Y, Y)),
    "not of its own argument": ("*", X, X),
    "of nothing": ("number", 3),
    "its argument itself": Y,
    "the other variable itself": X,
    "frozen": ("no_grad", XYY),
    "half frozen": ("*", XYY, ("no_grad", ("*", X, Y))),
    "with a frozen argument": ("*", ("*", X, Y), ("detach", Y)),
    "with a frozen outer variable": ("*", ("*", ("detach", X), X), ("*", Y, Y)),
}
PLACES = {"at a number": ("number", 3), "at the outer variable": Y, "at a product": ("*", Y, Y)}


@pytest.mark.parametrize("outer", ["grad", "jvp", "vjp", "jacobian, forward", "hvp", "hessian"])
@pytest.mark.parametrize("inner", MODES)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_every_mode_inside_every_other(outer, inner, place):
    for body in BODIES.values():
        exactly(("*", Y, ("derivative", inner, body, place)), outer, 2)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_value_outside_all_of_them_gets_its_gradient(mode, body):
    # d/dw of what is computed with w as the outer variable, by `backward`, afterwards.
    program = ("derivative", mode, body, ("*", Y, ("number", 2)))
    truth = true(program, [Polynomial({frozenset({(0, 1)}): Fraction(1)})], {0: Fraction(3)})
    w = Value(3.0)
    found = run(program, [w])
    assert (found.data if isinstance(found, Value) else found) == number_of(truth, {0: Fraction(3)})
    if isinstance(found, Value) and not found.is_constant:
        found.backward()
    assert w.grad == number_of(truth.derivative(0), {0: Fraction(3)})
