import pytest


def test_the_gradients_are_those_of_calculus(demo):
    y, w, x = demo.graph()
    assert (w.grad, x.grad) == pytest.approx(demo.by_hand(), rel=1e-15)
    assert y.data == pytest.approx(1.1551482536448665, rel=1e-15)


def test_a_nudge_ten_times_smaller_is_predicted_a_hundred_times_better(demo):
    off = [change - predicted for _, change, predicted in demo.nudges()]
    assert off[0] / off[1] == pytest.approx(57, abs=20)  # at 0.1 the third order still counts
    assert off[1] / off[2] == pytest.approx(100, rel=0.1)
