"""What cancels: every form has the value of the first, and nothing shorter is missed."""

from __future__ import annotations

import math
import random

import mpmath
import pytest

from autograd.explanation.algebra import final_terms, steps
from autograd.explanation.facts import (
    mirrored,
    of_negative,
    polynomial_in_result,
    written_in_result,
)
from autograd.explanation.quantities import Quantity, evaluated, factors_of, product, total
from autograd.formula import Symbol, text
from autograd.lettering import Name
from autograd.primitives import RULES


def quantity(name, value):
    return Quantity(Name(name), value)


A, T, Y = quantity("a", 0.3), quantity("t", 0.7), quantity("y", -1.25)


@pytest.mark.parametrize(("formula", "last"), [
    (lambda: (-T / A + (1.0 - T) / (1.0 - A)) * (A * (1.0 - A)), "a − t"),
    (lambda: (A * (1.0 - A)) * ((1.0 - T) / (1.0 - A) - T / A), "a − t"),
    (lambda: 0.5 * (2.0 * (T - Y)) * -1.0, "y − t"),
    (lambda: -(1.0 / A) * (A * (1.0 - A)), "a − 1"),
    (lambda: (1.0 / (1.0 - A)) * (A * (1.0 - A)), "a"),
    (lambda: A * (1.0 - T) - T * (1.0 - A), "a − t"),
    (lambda: (A - 1.0) / (1.0 - A) * A, "−a"),
    (lambda: (A + T) ** 2.0 / (T + A), "a + t"),
    (lambda: (A / T) * (T / A) * Y, "y"),
    (lambda: A * T - T * A + Y * 1.0, "y"),
])  # fmt: skip
def test_what_cancels_goes(formula, last):
    forms = steps(formula())
    assert text(forms[-1]) == last
    for form in forms:
        assert evaluated(form) == pytest.approx(evaluated(formula()), rel=1e-12)


@pytest.mark.parametrize("formula", [
    lambda: (Y - T) * (1.0 - A**2.0), lambda: A, lambda: A * T, lambda: 1.0 / A,
    lambda: A.exp() * T, lambda: (A + T) * (A - Y),
])  # fmt: skip
def test_what_does_not_cancel_stays(formula):
    assert steps(formula()) == []


def test_random_formulas_keep_their_value():
    source = random.Random(5)

    def grown(depth):
        if depth == 0:
            return source.choice([A, T, Y, 2.0, 1.0])
        left, right = grown(depth - 1), grown(depth - 1)
        if not isinstance(left, Symbol):
            left = source.choice([A, T, Y])
        return source.choice([
            lambda: left + right, lambda: left - right, lambda: left * right, lambda: left / right,
            lambda: -left, lambda: left**2.0, lambda: left.exp() * right,
        ])()  # fmt: skip

    found = 0
    for _ in range(2000):
        formula = grown(3)
        value = evaluated(formula)
        if math.isnan(value) or math.isinf(value):
            continue
        for form in steps(formula):
            found += 1
            assert evaluated(form) == pytest.approx(value, rel=1e-9, abs=1e-9), text(formula)
    assert found > 200


def test_final_terms_are_factors_and_exponents():
    assert final_terms(-(1.0 / A)) == {frozenset({("a", -1)}): -1.0}
    assert final_terms(1.0 / (1.0 - A)) == {frozenset({("1 − a", -1)}): 1.0}
    assert final_terms(A - 1.0) == {frozenset({("a", 1)}): 1.0, frozenset(): -1.0}


def test_sums_and_products_are_written_without_ones():
    assert text(product([1.0, A, 1.0, T])) == "a·t"
    assert text(product([A, -1.0, T])) == "−a·t"
    assert text(product([2.0, A, 0.5, T])) == "a·t"
    assert product([A, 0.0]) == 0.0
    assert text(total([A, -T, product([-2.0, Y])])) == "a − t − 2·y"
    assert [text(x) for x in factors_of(A * (T * Y) * (A + T))] == ["a", "t", "y", "a + t"]


# --- What the rule book implies -------------------------------------------------------------------


def test_derivatives_that_are_polynomials_in_the_result():
    found = {name: polynomial_in_result(rule) for name, rule in RULES.items()}
    assert {name: c for name, c in found.items() if c is not None} == {
        "pos": (1.0, 0.0, 0.0), "exp": (0.0, 1.0, 0.0), "expm1": (1.0, 1.0, 0.0),
        "tan": (1.0, 0.0, 1.0), "tanh": (1.0, 0.0, -1.0), "sigmoid": (0.0, 1.0, -1.0),
    }  # fmt: skip


@pytest.mark.parametrize(("name", "function"), [
    ("tanh", mpmath.tanh), ("sigmoid", lambda x: 1 / (1 + mpmath.exp(-x))), ("exp", mpmath.exp),
    ("expm1", mpmath.expm1), ("tan", mpmath.tan),
])  # fmt: skip
def test_they_are_the_derivatives(name, function):
    rule = RULES[name]
    for x in (-1.3, -0.2, 0.6, 1.1):
        formula = written_in_result(rule, quantity("a", rule.forward(x)))
        assert evaluated(formula) == pytest.approx(float(mpmath.diff(function, x)), rel=1e-12)


def test_a_rule_that_is_almost_a_polynomial_is_none():
    rule = RULES["tanh"]
    wrong = rule.replace(partials=(lambda out, x: 1.000001 * (1.0 - out * out),))
    assert polynomial_in_result(wrong) is None


@pytest.mark.parametrize("name", [n for n, rule in RULES.items() if of_negative(rule)])
def test_values_of_negative_arguments(name):
    rule = RULES[name]
    for x in (-1.2, -0.4, 0.3, 0.8):
        formula = mirrored(rule, quantity("x", x))
        assert evaluated(formula) == pytest.approx(rule.forward(-x), rel=1e-12, abs=1e-15)


def test_sigmoid_and_tanh_are_mirrored():
    x = quantity("x", 0.5)
    assert text(mirrored(RULES["sigmoid"], x)) == "1 − sigmoid(x)"
    assert text(mirrored(RULES["tanh"], x)) == "−tanh(x)"
    assert mirrored(RULES["exp"], x) is None


@pytest.mark.parametrize("rule", [r for r in RULES.values() if r.means is not None], ids=repr)
def test_what_an_operation_means_is_its_value(rule):
    points = {
        "sech_squared": [(0.4,), (-2.0,)],
        "exp_difference": [(0.4, 1.5), (2.0, 2.0)],
        "exp_product": [(0.4, 1.5), (-2.0, 2.0)],
        "sigmoid_difference": [(0.4, 1.5), (2.0, 2.0)],
        "softmax_complement": [(0.4, 1.5, 0.8)],
        "power_derivative": [
            (1.5, 3.0, 1.0, 0.0), (1.5, 2.5, 2.0, 0.0), (0.5, 2.0, 0.0, 1.0), (1.5, 3.0, 0.0, 0.0),
        ],
    }  # fmt: skip
    for operands in points[rule.name]:
        assert rule.means(*operands) == pytest.approx(rule.forward(*operands), rel=1e-13)
