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


def test_the_picture_draws_sigmoid_and_softmax_by_their_formulas(demo):
    pytest.importorskip("matplotlib")
    upper, _, lower, _ = demo.picture().figure.axes
    for axes, others in ((upper, 0), (lower, 2)):
        squared, cross = axes.get_lines()
        for z, flat, steep in zip(*squared.get_data(), cross.get_ydata(), strict=True):
            whole = math.exp(z) + (others or 1.0)
            a, rest = math.exp(z) / whole, 1.0 / whole
            assert steep == pytest.approx(1.0 - a, abs=1e-12)
            # (a − t) times the slope of a sigmoid; of a softmax the others' errors count, too.
            slope = (1.0 - a) * a * ((1.0 - a) + others * rest * rest / (1.0 - a))
            assert flat == pytest.approx(slope if others else (1.0 - a) ** 2 * a, abs=1e-12)
