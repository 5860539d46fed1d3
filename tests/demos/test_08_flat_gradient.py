import math

import pytest

from nn import bce, squared_error


@pytest.mark.parametrize("z", [-6.0, -1.0, 0.5, 4.0])
@pytest.mark.parametrize("t", [0.0, 1.0])
def test_the_last_factor_is_what_cross_entropy_cancels(demo, z, t):
    a = 1.0 / (1.0 + math.exp(-z))
    assert demo.slope(squared_error, z, t) == pytest.approx((a - t) * a * (1.0 - a), rel=1e-12)
    assert demo.slope(bce, z, t) == pytest.approx(a - t, rel=1e-12)


def test_where_it_is_most_wrong_one_is_flat_and_the_other_steep(demo):
    assert abs(demo.slope(squared_error, demo.WRONG, 1.0)) < 0.003
    assert abs(demo.slope(bce, demo.WRONG, 1.0)) > 0.99


def test_four_names_are_one_loss(demo):
    truth = math.log1p(math.exp(6.0))
    assert list(demo.names().values()) == pytest.approx([truth] * 4, rel=1e-12)


def test_a_softmax_with_cross_entropy_leaves_a_minus_t(demo):
    slopes, differences = demo.softmax_slopes([0.2, -1.0, 3.0], 0)
    assert slopes == pytest.approx(differences, rel=1e-12)
    assert sum(slopes) == pytest.approx(0.0, abs=1e-15)
