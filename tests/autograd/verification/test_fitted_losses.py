"""Losses that are nearly fitted: their gradients are small differences of rounded terms."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest

from autograd import GradientError, check_gradient, check_grads


def _fitted(seed, residual):
    """Return a mean of squares, its gradient in floats and exact, and where it is nearly fitted."""
    source = random.Random(seed)
    rows = [[source.gauss(0, 1) for _ in range(4)] for _ in range(12)]
    w = [source.gauss(0, 1) for _ in range(4)]
    targets = [
        sum(a * b for a, b in zip(w, row, strict=True)) + residual * source.gauss(0, 1)
        for row in rows
    ]

    def loss(v):
        errors = [
            sum(a * b for a, b in zip(v, row, strict=True)) - t
            for row, t in zip(rows, targets, strict=True)
        ]
        return sum(e * e for e in errors) / len(rows)

    def gradient(kind):
        errors = [
            sum(kind(a) * kind(b) for a, b in zip(w, row, strict=True)) - kind(t)
            for row, t in zip(rows, targets, strict=True)
        ]
        return [
            float(2 * sum(e * kind(row[j]) for e, row in zip(errors, rows, strict=True)) / 12)
            for j in range(4)
        ]

    return loss, gradient(float), gradient(Fraction), w


def _verdict(check, *args, **options):
    try:
        return check(*args, **options).verdict
    except GradientError as error:
        return error.report.verdict


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("residual", [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6])
def test_right_gradients_of_fitted_losses_are_never_called_wrong(residual, seed):
    loss, rounded, exact, w = _fitted(seed, residual)
    found = [
        _verdict(check_gradient, loss, rounded, w),
        _verdict(check_gradient, loss, exact, w),
        _verdict(check_grads, loss, w, order=1),
    ]
    assert set(found) <= ({"PASS"} if residual > 1e-6 else {"PASS", "INCONCLUSIVE"})


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("residual", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("factor", [2.0, -1.0, 0.0, 1.0001, 1.0 - 1e-6])
def test_wrong_gradients_of_fitted_losses_are_called_wrong(factor, residual, seed):
    loss, rounded, _, w = _fitted(seed, residual)
    assert _verdict(check_gradient, loss, [factor * slope for slope in rounded], w) == "FAIL"


@pytest.mark.parametrize("off", [1e-10, 1e-9, 1e-7])
def test_a_slope_that_is_no_small_difference_is_held_to_all_its_digits(off):
    verdict = _verdict(check_gradient, math.exp, math.exp(0.5) * (1.0 + off), 0.5)
    assert verdict == "FAIL"
