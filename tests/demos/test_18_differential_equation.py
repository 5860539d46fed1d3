import math

import pytest

from autograd import jacobian

pytest.importorskip("scipy")


def test_the_loop_solves_the_equation(demo):
    integrate = pytest.importorskip("scipy.integrate")
    frequency, damping, angle = demo.TRUTH
    times = [demo.STEP * demo.EVERY * (k + 1) for k in range(demo.COUNT)]
    truth = integrate.solve_ivp(
        lambda _, s: [s[1], -(frequency**2) * math.sin(s[0]) - damping * s[1]],
        (0.0, times[-1]), [angle, 0.0], t_eval=times, rtol=1e-10, atol=1e-12,
    )  # fmt: skip
    assert demo.swing(demo.TRUTH) == pytest.approx(list(truth.y[0]), abs=1e-5)


def test_the_jacobian_is_that_of_differences(demo):
    exact = jacobian(demo.swing)(demo.GUESS)
    for place in range(3):
        h = 1e-6
        up, down = list(demo.GUESS), list(demo.GUESS)
        up[place] += h
        down[place] -= h
        slopes = [
            (a - b) / (2.0 * h) for a, b in zip(demo.swing(up), demo.swing(down), strict=True)
        ]
        assert [row[place] for row in exact] == pytest.approx(slopes, abs=1e-7)


def test_the_fit_finds_what_was_true(demo):
    found = demo.fit()
    assert found.success
    assert list(found.x) == pytest.approx(demo.TRUTH, abs=0.05)
    assert list(found.x) == pytest.approx(list(demo.fit("2-point").x), abs=1e-4)
