"""Clipping of gradients in eager loops: against exact sums, and in whole or not at all."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograd import SGD, Value, clip_gradients
from autograd.optimizers import clipping

ANY = st.floats(allow_nan=False, allow_infinity=False)
MODEST = st.floats(-1e6, 1e6)
LIMITS = st.none() | st.floats(1e-3, 1e3)


def leaves(gradient):
    found = [Value(float(k), f"w{k}") for k in range(len(gradient))]
    for leaf, slope in zip(found, gradient, strict=True):
        leaf.grad = slope
    return found


def exact(gradient):
    """The norm by fractions, rounded in the end."""
    total = sum((Fraction(x) ** 2 for x in gradient), Fraction(0))
    shift = (total.denominator.bit_length() - total.numerator.bit_length()) // 2 + 60
    root = math.isqrt(int(total * Fraction(4) ** shift))
    try:
        return float(Fraction(root) / Fraction(2) ** shift)
    except OverflowError:
        return math.inf


@settings(max_examples=40)
@given(st.lists(ANY, max_size=40))
@example([1e200, -1e200])
@example([5e-324] * 20)
@example([1e-170, 3.0])
@example([1.7e308, 1.0e308])  # the norm is above the largest float
@example([0.0, -0.0])
def test_the_norm_is_right_at_any_size(gradient):
    found, expected = clipping.norm_of(gradient), exact(gradient)
    near = math.isclose(found, expected, rel_tol=1e-14, abs_tol=5e-324)
    assert near or min(found, expected) > 1.797e308


@settings(max_examples=40)
@given(st.lists(MODEST, min_size=1, max_size=40), LIMITS, LIMITS)
def test_limits_hold_and_values_come_first(gradient, norm, value):
    parameters = leaves(gradient)
    before = clip_gradients(parameters, norm, value)
    assert before == clipping.norm_of(gradient)
    limited = gradient if value is None else [max(-value, min(value, g)) for g in gradient]
    length = math.sqrt(math.fsum(g * g for g in limited))
    factor = 1.0 if norm is None or length <= norm else norm / length
    assert [p.grad for p in parameters] == pytest.approx(
        [factor * g for g in limited], rel=1e-13, abs=1e-300
    )
    assert [p.data for p in parameters] == [float(k) for k in range(len(gradient))]


def test_what_is_within_the_limits_keeps_its_bits():
    gradient = [0.1, -0.7, 1e-300, -0.0]
    parameters = leaves(gradient)
    norm = clip_gradients(parameters)
    assert clip_gradients(parameters, norm=norm, value=0.7) == norm
    assert list(map(repr, (p.grad for p in parameters))) == list(map(repr, gradient))


def test_clipping_twice_is_clipping_once():
    parameters = leaves([3.0, 4.0])
    assert clip_gradients(parameters, norm=2.5) == 5.0
    assert clip_gradients(parameters, norm=2.6) == 2.5
    assert [p.grad for p in parameters] == [1.5, 2.0]


def test_in_a_loop_before_the_step():
    w = Value(10.0)
    optimizer = SGD([w], lr=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        (w * w).backward()
        clip_gradients(optimizer.parameters, norm=2.0)
        optimizer.step()
    assert w.data == 7.0


@pytest.mark.parametrize(
    ("gradient", "limits", "error", "message"),
    [
        (
            [1.0, math.nan],
            {"norm": 1.0},
            ArithmeticError,
            r"parameters\[1\] \(w1\) is nan; nothing",
        ),
        ([math.inf], {"value": 1.0}, ArithmeticError, "is inf; nothing was clipped"),
        ([-math.inf], {}, ArithmeticError, "is -inf; nothing"),
        ([1.7e308, 1.7e308], {"norm": 1.0}, ArithmeticError, "norm of the gradient is infinite"),
        ([1.0], {"norm": 0.0}, ValueError, "norm must be above 0, got 0"),
        ([1.0], {"value": -1.0}, ValueError, "value must be above 0, got -1"),
        ([1.0], {"norm": math.inf}, ValueError, "norm must be a finite number"),
        ([1.0], {"value": math.nan}, ValueError, "value must be a finite number"),
        ([1.0], {"norm": "1"}, TypeError, "norm must be a real number, got str"),
        ([1.0], {"value": True}, TypeError, "value must be a real number, got bool"),
    ],
)
def test_what_cannot_be_clipped_is_left_as_it_is(gradient, limits, error, message):
    parameters = leaves([*gradient, 7.0])
    before = list(map(repr, (p.grad for p in parameters)))
    with pytest.raises(error, match=message):
        clip_gradients(parameters, **limits)
    assert list(map(repr, (p.grad for p in parameters))) == before


def test_an_infinite_norm_is_told_where_nothing_is_limited_by_it():
    parameters = leaves([1.7e308, -1.7e308])
    assert clip_gradients(parameters) == math.inf
    assert clip_gradients(parameters, value=3.0, norm=4.0) == math.inf
    assert clip_gradients(parameters) == pytest.approx(4.0, rel=1e-15)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        (Value(1.0), TypeError, r"list of Values, got Value .*; limits have names: norm=1\.0"),
        ([], ValueError, "parameters is empty"),
        ([1.0], TypeError, r"parameters\[0\] must be a Value, got float"),
        ([Value(1.0) * 2.0], ValueError, "is not a parameter"),
        ([leaves([1.0])[0]] * 2, ValueError, r"parameters\[1\] \(w0\) occurs twice"),
    ],
)
def test_parameters_are_checked_as_an_optimizer_does(parameters, error, message):
    with pytest.raises(error, match=message):
        clip_gradients(parameters, norm=1.0)


def test_as_pytorch_does():
    torch = pytest.importorskip("torch")
    gradient = [0.3, -4.0, 2.5, 1e-3, 7.0]
    theirs = [torch.zeros(1, dtype=torch.float64, requires_grad=True) for _ in gradient]
    for parameter, slope in zip(theirs, gradient, strict=True):
        parameter.grad = torch.tensor([slope], dtype=torch.float64)
    torch.nn.utils.clip_grad_value_(theirs, 3.0)
    norm = float(torch.nn.utils.clip_grad_norm_(theirs, 0.5))
    ours = leaves(gradient)
    clip_gradients(ours, value=3.0)
    assert clip_gradients(ours, norm=0.5) == pytest.approx(norm, rel=1e-14)
    assert [p.grad for p in ours] == pytest.approx([p.grad.item() for p in theirs], rel=1e-6)
