import math
import random
import struct

import mpmath
import pytest

from autograd.verification.differences import difference
from autograd.verification.extrapolation import Extrapolation
from autograd.verification.noise import Noise, measure_noise

# Function, its derivative in mpmath, and the interval from which points are drawn.
SMOOTH = {
    "exp": (math.exp, mpmath.exp, (-5.0, 5.0)),
    "sin": (math.sin, mpmath.cos, (-10.0, 10.0)),
    "log": (math.log, lambda x: 1 / x, (1e-9, 1e9)),
    "sqrt": (math.sqrt, lambda x: 0.5 / mpmath.sqrt(x), (1e-9, 100.0)),
    "asin": (math.asin, lambda x: 1 / mpmath.sqrt(1 - x * x), (-1.0, 1.0)),
    "1/x": (lambda x: 1 / x, lambda x: -1 / x**2, (-2.0, 2.0)),
    "erf": (math.erf, lambda x: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x), (-3.0, 3.0)),
    "lgamma": (math.lgamma, mpmath.digamma, (0.1, 50.0)),
    "tiny scale": (
        lambda x: math.cos(1e12 * x),
        lambda x: -1e12 * mpmath.sin(1e12 * x),
        (0, 3e-12),
    ),
    "huge scale": (
        lambda x: math.sin(x / 1e12),
        lambda x: mpmath.cos(x / 1e12) / 10**12,
        (0, 3e12),
    ),
    "periodic in the steps": (
        lambda x: math.sin(128 * math.pi * x),
        lambda x: 128 * mpmath.mpf(math.pi) * mpmath.cos(128 * mpmath.mpf(math.pi) * x),
        (0.0, 2.0),
    ),
    "cancelling polynomial": (
        lambda x: x**6 - 6 * x**5 + 15 * x**4 - 20 * x**3 + 15 * x**2 - 6 * x + 1,
        lambda x: 6 * (x - 1) ** 5,
        (0.5, 1.5),
    ),
    "kink nearby": (lambda x: 3 * max(x, 1.0) + x * x, lambda x: 3 * (x > 1) + 2 * x, (0.9, 1.1)),
    "large offset": (lambda x: 1e6 + math.sin(x), mpmath.cos, (0.1, 1.4)),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_the_error_bar_holds_the_true_derivative(name):
    f, derivative, interval = SMOOTH[name]
    source = random.Random(name)
    for _ in range(60):
        x = source.uniform(*interval)
        magnitude = abs(x)
        found = difference(f, x, measure_noise(lambda t, x=x, m=magnitude: f(x + t * m)))
        true = float(derivative(mpmath.mpf(x)))
        assert not found.is_kink
        assert abs(found.value - true) <= found.error, (x, found, true)


@pytest.mark.parametrize("name", [name for name in SMOOTH if name != "large offset"])
def test_the_error_bar_is_narrow_where_the_function_is_smooth(name):
    f, _, (low, high) = SMOOTH[name]
    x = low + 0.37 * (high - low)
    found = difference(f, x)
    assert found.error <= 1e-8 * max(abs(found.value), found.slope)


def test_noise_widens_the_error_bar_instead_of_moving_the_verdict():
    def single_sin(x):
        return to_single(math.sin(x))

    source = random.Random(5)
    for _ in range(60):
        x = source.uniform(0.1, 1.4)
        found = difference(single_sin, x, measure_noise(lambda t, x=x: single_sin(x + t * x)))
        assert abs(found.value - math.cos(x)) <= found.error
        assert 1e-9 < found.error < 1e-2


@pytest.mark.parametrize(("amplitude", "low", "high"), [(1e-6, 1e-7, 1e-5), (1e-10, 1e-11, 1e-9)])
def test_measured_noise_is_the_noise_that_was_put_in(amplitude, low, high):
    source = random.Random(3)
    noise = measure_noise(lambda t: 1.0 + t + source.uniform(-amplitude, amplitude))
    assert low < noise.at(0.1) < high


def test_a_smooth_function_has_rounding_noise_only():
    assert measure_noise(lambda t: math.exp(1.0 + t)).at(0.1) < 1e-14


def test_a_kink_at_the_point_is_not_taken_for_noise():
    assert measure_noise(abs).at(0.1) < 1e-15


@pytest.mark.parametrize(
    ("f", "x", "left", "right"),
    [
        (abs, 0.0, -1.0, 1.0),
        (lambda x: max(0.0, x), 0.0, 0.0, 1.0),
        (lambda x: max(0.0, x - 3.0), 3.0, 0.0, 1.0),
        (lambda x: abs(x) + 5 * x + x * x, 0.0, 4.0, 6.0),
        (lambda x: abs(math.sin(1e6 * x)), 0.0, -1e6, 1e6),
        (lambda x: max(x, 0.999 * x), 0.0, 0.999, 1.0),
    ],
)
def test_kinks_show_both_derivatives(f, x, left, right):
    found = difference(f, x)
    assert found.is_kink
    assert found.left == pytest.approx(left, rel=1e-6, abs=1e-6)
    assert found.right == pytest.approx(right, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("f", "x", "side", "true"),
    [
        (lambda x: x * math.sqrt(x), 0.0, "right", 0.0),
        (lambda x: (1 - x) * math.sqrt(1 - x), 1.0, "left", 0.0),
        (lambda x: x + math.sqrt(x) ** 4, 0.0, "right", 1.0),
    ],
)
def test_at_a_border_the_difference_is_one_sided(f, x, side, true):
    found = difference(f, x)
    assert found.side == side
    assert abs(found.value - true) <= found.error < 1e-6


def test_steps_stay_inside_the_domain():
    x = math.nextafter(1.0, 0.0) - 1e-9
    found = difference(math.asin, x)
    true = float(1 / mpmath.sqrt(1 - mpmath.mpf(x) ** 2))
    assert abs(found.value - true) <= found.error < 1e-5 * true


def test_a_jump_is_never_resolved():
    found = difference(lambda x: float(x > 0.0), 0.0)
    assert found.error > 0.1 * abs(found.value)


def test_an_isolated_point_says_so():
    def isolated(x):
        if x != 2.0:
            raise ValueError
        return 1.0

    found = difference(isolated, 2.0)
    assert (found.side, found.is_converged) == ("none", False)


def test_other_exceptions_of_the_function_are_not_swallowed():
    def broken(x):
        return 1.0 if x == 1.0 else {}["missing"]

    with pytest.raises(KeyError):
        difference(broken, 1.0)


def test_a_smooth_function_costs_few_evaluations():
    calls = []
    difference(lambda x: calls.append(x) or math.exp(x), 1.0)
    # The noise along the line, six steps, and closer pairs down to the last places.
    assert len(calls) < 63 + 30
    calls.clear()
    difference(lambda x: calls.append(x) or math.exp(x), 1.0, Noise())
    assert len(calls) < 30


def test_extrapolation_is_exact_for_a_polynomial_of_its_degree():
    table = Extrapolation(power=2)
    for level in range(4):
        h = 0.5**level
        table.add(h, 7.0 + 3.0 * h**2 - 2.0 * h**4 + h**6, 0.0)
    table.add(0.5**4, 7.0 + 3.0 * 0.5**8 - 2.0 * 0.5**16 + 0.5**24, 0.0)
    assert table.value == pytest.approx(7.0, abs=1e-14)
    assert table.error < 1e-12


def test_noise_concerns_only_steps_wider_than_its_spacing():
    noise = Noise(((1e-14, 1e-16), (1e-9, 1e-15), (1e-4, 1.0)))
    assert noise.at(1e-2) == 1.0
    # Not the scatter of the next spacing, which is structure; and rounding does not end below.
    assert noise.at(1e-6) == 1e-15
    assert noise.at(1e-20) == 1e-15
    assert Noise().at(1.0) == 0.0
    assert Noise(declared=1e-6).at(1e-20) == 1e-6


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_kink_beside_the_point_is_none_at_the_point(distance, side):
    f = lambda x: abs(x - 1.0) + 3.0 * x
    x = 1.0 + side * distance
    found = difference(f, x, measure_noise(lambda t: f(x + t * x)))
    assert not found.is_kink
    assert abs(found.value - (3.0 + side)) <= found.error


@pytest.mark.parametrize("slope", [1e-3, 1.0, 1e6])
def test_a_kink_at_the_point_is_one(slope):
    found = difference(lambda x: slope * abs(x - 1.0) + x * x, 1.0)
    assert found.is_kink
    assert abs(found.left - (2.0 - slope)) <= found.error
    assert abs(found.right - (2.0 + slope)) <= found.error


@pytest.mark.parametrize("levels", range(12))
def test_steps_are_no_multiples_of_a_period(levels):
    period = 0.1236068 * 0.5**levels
    found = difference(lambda x: math.sin(2.0 * math.pi * x / period), 1.0)
    true = 2.0 * math.pi / period * math.cos(2.0 * math.pi / period)
    assert abs(found.value - true) <= found.error + 1e-9 * abs(true)
    assert found.error < 1e-6 * 2.0 * math.pi / period


@pytest.mark.parametrize("x", [1.7e308, 1e300, 1e-300, 1e-320])
def test_the_ends_of_the_range_of_floats(x):
    found = difference(lambda x: 0.5 * x, x)
    assert abs(found.value - 0.5) <= found.error
    assert found.error < 1e-3


@pytest.mark.parametrize("unit", [1e-1, 1e-3, 1e-5, 1e-6, 1e-8, 2.0**-10])
@pytest.mark.parametrize("scale", [1.0, 1e12, 1e-12])
@pytest.mark.parametrize("f", [lambda x: x, lambda x: math.sin(x) * x, lambda x: -3.0 * x])
def test_of_stairs_both_slopes_lie_in_the_error_bar(unit, scale, f):
    x = 1.2343
    found = difference(lambda x: scale * (math.floor(f(x) / unit) * unit), x)
    trend = scale * (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
    for slope in (0.0, trend):
        assert abs(found.value - slope) <= found.error * 1.01
    assert found.error < 3.0 * abs(trend) + 2.0 * scale * unit
    assert "in steps" in found.reason


def test_what_stays_flat_is_flat_whatever_happens_elsewhere():
    for f, x in (
        (lambda x: max(x - 1.0, 0.0), 0.97),
        (lambda x: max(abs(x) - 0.03, 0.0), 0.0),
        (lambda x: float(x > 1.0), 0.9),
        (lambda x: float(x > 0.0), 0.37),
        (lambda x: (x > 1.0) * x, 0.999),
    ):
        found = difference(f, x)
        assert (found.value, found.error < 1e-12) == (0.0, True), found


# --- Looking closer -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("width", [6e-3, 1e-4, 1e-6, 1e-8])
@pytest.mark.parametrize("x", [1.0, -0.7, 3e5])
def test_what_five_differences_agree_on_is_not_the_slope_at_the_point(seed, width, x):
    source = random.Random(seed)
    inner, outer = source.uniform(1.0, 2.0), source.uniform(-2.0, -1.0)
    size, shift = width * abs(x), source.uniform(0.2, 0.5)

    def pulse(t):
        return outer * (t - x) + inner * size * math.exp(-(((t - x) / size - shift) ** 2))

    def piece(t):
        return outer * (t - x) + (inner - outer) * min(max(t - x, -size), 0.7 * size)

    def teeth(t):
        phase = ((t - x) / size + shift) % 1.0
        return outer * (t - x) + inner * size * min(phase, 1.0 - phase)

    true = {
        pulse: outer + 2.0 * shift * inner * math.exp(-(shift**2)),
        piece: inner,
        teeth: outer + inner,
    }
    for f, slope in true.items():
        found = difference(f, x, seed=seed)
        assert abs(found.value - slope) <= found.error, (f, found, slope)
        assert found.error < 1e-3 * abs(slope)


@pytest.mark.parametrize("off", [1e-9, -1e-6, 1e-3, 1.0, -1e6])
@pytest.mark.parametrize("x", [0.0, 1.0, -20.0])
def test_a_point_off_the_line_has_no_derivative(off, x):
    found = difference(lambda t: math.sin(t) + (off if t == x else 0.0), x)
    assert not found.is_converged
    assert found.reason == "f(x) does not lie on the line through its neighbours"


@pytest.mark.parametrize("power", [0.1, 0.5, 0.9, 0.95, 0.99, 1.005, 1.02, 1.05, 1.1])
@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize(("x", "offset"), [(0.0, 0.0), (1.0, 0.0), (-3.0, 2.0)])
@pytest.mark.parametrize("seed", range(3))
def test_slopes_that_settle_nowhere_are_no_kink(power, odd, x, offset, seed):
    def cusp(t):
        height = abs(t - x) ** power
        return offset + 0.3 * t + (-height if odd and t < x else height)

    found = difference(cusp, x, seed=seed)
    assert not found.is_kink
    if power > 1.0:
        assert abs(found.value - 0.3) <= found.error or not found.is_converged
    else:
        assert not found.is_converged


@pytest.mark.parametrize("x", [0.0, 1.0, -5.0])
def test_what_swings_for_ever_has_no_slope_unless_it_is_squeezed(x):
    def swinging(t):
        return (t - x) * math.sin(1.0 / (t - x)) if t != x else 0.0

    def squeezed(t):
        return (t - x) * swinging(t)

    assert not difference(swinging, x).is_converged
    found = difference(squeezed, x)
    assert abs(found.value) <= 2.0 * found.error < 1e-9


@pytest.mark.parametrize("n", [4, 17, 40])
def test_a_high_power_is_zero_to_the_last_bit(n):
    found = difference(lambda x: x**n, 0.0)
    assert abs(found.value) <= found.error < 1e-12


def to_single(number):
    return struct.unpack("f", struct.pack("f", number))[0]


# Rounding grows with the distance: of terms that grow beside a constant, of single precision where
# f is nearly 0 at the point. What is measured at the point says nothing about it.
@pytest.mark.parametrize("seed", range(40))
def test_rounding_that_grows_with_the_distance_is_no_slope(seed):
    source = random.Random(seed)
    small, x = 10.0 ** source.uniform(-8.0, -5.0), source.uniform(0.5, 3.0)
    found = difference(lambda t: 1e6 * ((1.0 / t + t) - t) * t, small)
    assert abs(found.value) <= 2.0 * found.error, found
    slope, near = source.uniform(-3.0, 3.0), 10.0 ** source.uniform(-5.0, -2.0)
    found = difference(lambda t: to_single(slope * math.sin(t - x) + near), x)
    assert abs(found.value - slope) <= 2.0 * found.error, found
    size = 1e12 * slope
    found = difference(
        lambda t: to_single(size * math.sinh(t)), -(10.0 ** source.uniform(-5.0, -3.0))
    )
    assert abs(found.value - size) <= 2.0 * found.error + 1e-6 * abs(size), found


def test_single_precision_is_a_trend_and_not_stairs():
    found = difference(lambda x: to_single(math.sin(x)), 1.0)
    assert abs(found.value - math.cos(1.0)) <= found.error < 1e-4


@pytest.mark.parametrize("height", [1.0, 2.0, 10.0, 64.0])
@pytest.mark.parametrize("size", [40.0, 3e4, 1.7e5, 7e5])
def test_stairs_of_whole_numbers_are_no_single_precision(height, size):
    found = difference(lambda x: height * math.floor(size * math.exp(x)), -0.7)
    for slope in (0.0, height * size * math.exp(-0.7)):
        assert abs(found.value - slope) <= 1.01 * found.error
    assert "in steps" in found.reason


def test_stairs_that_are_declared_are_noise():
    stairs = lambda x: math.floor(math.sin(x) * 1e6) / 1e6
    noise = measure_noise(lambda t: stairs(1.2 + t), declared=1e-6)
    found = difference(stairs, 1.2, noise)
    assert abs(found.value - math.cos(1.2)) <= found.error < 1e-3


def test_what_is_drawn_is_drawn_from_the_seed():
    calls = {}
    for seed in (0, 0, 1):
        calls.setdefault(seed, []).append([])
        difference(lambda x, seed=seed: calls[seed][-1].append(x) or math.exp(x), 1.0, seed=seed)
    assert calls[0][0] == calls[0][1]
    assert calls[0][0] != calls[1][0]
