"""Intervals that lie across 0, and the noise of functions whose noise is known."""

import itertools
import math
import random
import struct
from fractions import Fraction

import pytest

from autograd.verification.noise import is_rounding, leap, measure_noise, unit
from autograd.verification.oracles.intervals import Interval
from autograd.verification.oracles.kinds import UnsupportedError

ENDS = [(-3.0, -1.0), (-3.0, 2.0), (-1.0, 5.0), (0.0, 2.0), (-2.0, 0.0), (0.1, 0.3), (0.0, 0.0)]


@pytest.mark.parametrize(("left", "right"), list(itertools.product(ENDS, ENDS)))
def test_a_product_of_intervals_is_the_set_of_products_and_hardly_more(left, right):
    products = [Fraction(x) * Fraction(y) for x in left for y in right]
    found = Interval(*left) * Interval(*right)
    assert Fraction(found.low) <= min(products)
    assert Fraction(found.high) >= max(products)
    width = float(max(products) - min(products))
    assert found.high - found.low <= width + 1e-14 * max(map(abs, products)) + 1e-300


@pytest.mark.parametrize(("left", "right"), list(itertools.product(ENDS, ENDS)))
def test_sums_differences_and_quotients_of_intervals(left, right):
    x, y = Interval(*left), Interval(*right)
    low, high = (Fraction(a) + Fraction(b) for a, b in zip(left, right, strict=True))
    assert Fraction((x + y).low) <= low <= high <= Fraction((x + y).high)
    assert Fraction((x - y).low) <= Fraction(left[0]) - Fraction(right[1])
    assert Fraction((x - y).high) >= Fraction(left[1]) - Fraction(right[0])
    if right[0] <= 0.0 <= right[1]:
        with pytest.raises(UnsupportedError, match="around 0 cannot divide"):
            x / y
    else:
        quotients = [Fraction(a) / Fraction(b) for a in left for b in right]
        assert Fraction((x / y).low) <= min(quotients)
        assert Fraction((x / y).high) >= max(quotients)


@pytest.mark.parametrize("seed", range(50))
def test_products_across_zero_of_any_size(seed):
    source = random.Random(seed)
    ends = [
        sorted(source.uniform(-1, 1) * 10.0 ** source.randint(-8, 8) for _ in "ab") for _ in "xy"
    ]
    found = Interval(*ends[0]) * Interval(*ends[1])
    for _ in range(20):
        x, y = (source.uniform(*pair) for pair in ends)
        assert Fraction(found.low) <= Fraction(x) * Fraction(y) <= Fraction(found.high)


@pytest.mark.parametrize("height", [1e-2, 1e-5, 1e-9])
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_steps_are_found_with_their_height(height, scale):
    noise = measure_noise(lambda t: scale * height * math.floor((1.0 + t) / height + 0.3))
    if height > 1e-4:
        assert noise.stairs == 0.0  # out of sight: nothing moves nearby
    else:
        assert noise.stairs == pytest.approx(scale * height, rel=1e-6)
        assert 0.2 * noise.stairs < noise.at(0.1) < noise.stairs


def test_what_goes_on_smoothly_has_no_steps():
    for f in (math.exp, abs, lambda t: max(t - 1e-6, 0.0), lambda t: 3.0, lambda t: t * t):
        assert measure_noise(f, at_zero=True).stairs == 0.0


def test_what_is_added_to_a_one_is_noise_however_small_the_rest_is():
    noise = measure_noise(lambda t: (1.0 + t) - 1.0, at_zero=True)
    assert noise.stairs == 0.0
    assert 1e-17 < noise.at(1e-20) < 1e-15


def test_formats_of_numbers():
    single = [struct.unpack("f", struct.pack("f", x))[0] for x in (0.1, 0.7, 1.3)]
    assert is_rounding(2.0**-24, single)
    assert is_rounding(2.0**-52, [1.0])
    assert is_rounding(1e-290, [1e-280]) is False
    assert is_rounding(1e-320, [0.0])
    assert not is_rounding(1e-20, [1e-12])
    half = [struct.unpack("e", struct.pack("e", x))[0] for x in (0.1, 0.7, 1.3)]
    assert not is_rounding(2.0**-11, half)


@pytest.mark.parametrize("place", [1e-9, 0.3, 77.0])
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_leap_is_found_where_it_is_and_a_bend_is_none(place, side):
    def is_far(t, y):
        return y > 0.5

    where, height = leap(lambda t: float(abs(t) > place), 0.0, side * 100.0, is_far)
    assert height == 1.0
    assert abs(where) == pytest.approx(place, rel=1e-12)
    _, height = leap(lambda t: abs(t) / (2.0 * place), 0.0, side * 100.0 * place, is_far)
    assert height < 1e-12


@pytest.mark.parametrize("x", [0.0, 1.0, 0.7, -3.0, 1e12, 5e-324, 1.7e308])
def test_a_unit_moves_an_argument_exactly(x):
    size = unit(x)
    assert math.frexp(size)[0] == 0.5
    assert x == 0.0 or size <= abs(x) < 2.0 * size
