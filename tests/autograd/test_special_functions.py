"""Polygamma and the cube root against mpmath and published numbers."""

from __future__ import annotations

import math

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import special_functions
from autograd.special_functions import cube_root, digamma, polygamma

POSITIVE = [
    1e-300,
    1e-8,
    0.01,
    0.5,
    1.0,
    1.4616321449683623,
    2.0,
    3.7,
    14.9,
    15.0,
    15.1,
    100.0,
    1e6,
    1e150,
    1e300,
]
NEGATIVE = [-1e-8, -0.25, -0.5, -1.5, -2.9, -10.5, -33.3, -1000.25, -123456.75]


@pytest.mark.parametrize("x", POSITIVE + NEGATIVE)
def test_digamma(x):
    with mpmath.workdps(400):
        truth = mpmath.digamma(mpmath.mpf(x)) if x < 1e149 else mpmath.log(mpmath.mpf(x))
    assert abs(digamma(x) - truth) <= 2e-14 * max(1, abs(truth))


@pytest.mark.parametrize("order", range(7))
@pytest.mark.parametrize(
    "x", [0.01, 0.5, 1.0, 2.0, 7.3, 15.0, 40.0, 1e5, -0.25, -0.5, -3.3, -20.75]
)
def test_polygamma(order, x):
    with mpmath.workdps(50):
        truth = mpmath.psi(order, mpmath.mpf(x))
    assert abs(polygamma(float(order), x) - truth) <= 2e-13 * max(1, abs(truth))


def test_published_values():
    euler = 0.577215664901532860606512  # OEIS A001620
    apery = 1.202056903159594285399738  # OEIS A002117
    assert digamma(1.0) == pytest.approx(-euler, rel=1e-15)
    assert digamma(0.5) == pytest.approx(-euler - 2 * math.log(2), rel=1e-15)
    assert polygamma(1.0, 1.0) == pytest.approx(math.pi**2 / 6, rel=1e-15)
    assert polygamma(1.0, 0.5) == pytest.approx(math.pi**2 / 2, rel=1e-15)
    assert polygamma(2.0, 1.0) == pytest.approx(-2 * apery, rel=1e-14)
    assert polygamma(3.0, 1.0) == pytest.approx(math.pi**4 / 15, rel=1e-14)
    assert digamma(1.4616321449683623) == pytest.approx(0.0, abs=1e-15)  # where Γ is least


@given(st.floats(0.05, 50.0))
def test_the_recurrence(x):
    assert digamma(x + 1.0) == pytest.approx(digamma(x) + 1 / x, rel=1e-12, abs=1e-12)
    assert polygamma(1.0, x + 1.0) == pytest.approx(
        polygamma(1.0, x) - 1 / x**2, rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize("pole", [0.0, -0.0, -1.0, -2.0, -100.0, -1e300])
def test_poles_are_domain_errors_as_in_math(pole):
    for f in (digamma, lambda x: polygamma(1.0, x), lambda x: polygamma(2.0, x), math.lgamma):
        with pytest.raises(ValueError, match=r"domain|expected"):
            f(pole)


def test_infinities_and_nan():
    assert digamma(math.inf) == math.inf
    assert polygamma(1.0, math.inf) == 0.0
    for f in (digamma, lambda x: polygamma(1.0, x)):
        assert math.isnan(f(math.nan))
        with pytest.raises(ValueError, match="domain"):
            f(-math.inf)


@pytest.mark.parametrize("order", [-1.0, 0.5, 101.0, 1e308, math.nan, math.inf, -math.inf])
def test_the_order_of_polygamma_is_a_whole_number(order):
    with pytest.raises(ValueError, match="whole number n >= 0, at most 100"):
        polygamma(order, 1.0)


@pytest.mark.parametrize("root", [cube_root, special_functions._cube_root_by_newton])
def test_cube_roots(root):
    for x in (0.0, -0.0, math.inf, -math.inf):
        assert math.copysign(1.0, root(x)) == math.copysign(1.0, x)
        assert root(x) == x
    assert math.isnan(root(math.nan))
    for whole in range(-50, 51):  # the C library's cbrt is within an ulp, no better
        assert root(float(whole**3)) == pytest.approx(whole, rel=2.3e-16, abs=0.0)
    with mpmath.workdps(50):
        for x in (1e-320, 5e-324, 1e-200, 0.1, 2.0, 3.7, 1e100, 1.7976931348623157e308):
            truth = mpmath.cbrt(mpmath.mpf(x))
            for sign in (1.0, -1.0):
                assert abs(root(sign * x) - sign * truth) <= 2.3e-16 * truth


def test_polygamma_of_high_order_is_true_or_too_large():
    with mpmath.workdps(400):
        for order in (20.0, 57.0, 100.0):
            for x in (0.3, 8.0, 60.0, -2.5, -7.9):
                truth = mpmath.psi(int(order), mpmath.mpf(x))
                assert abs(polygamma(order, x) / truth - 1) < 1e-12
    for x in (0.001, -0.001):
        with pytest.raises(OverflowError):
            polygamma(100.0, x)
