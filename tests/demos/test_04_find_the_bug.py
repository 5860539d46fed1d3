"""The exercises: each sweep is wrong, the check says so, and the repaired one passes."""

import pytest

from autograd import GradientError, check_gradient
from autograd.reverse import adjoints
from autograd.verification.broken_sweeps import SWEEPS, gradient_by


def test_the_ported_microgpt_says_2_where_8_is_true_and_is_caught(demo):
    assert demo.ported_value(1.0) == 8.0
    assert demo.ported_gradient(1.0) == 2.0
    with pytest.raises(GradientError, match=r"gradient claims 2\.0, differences give (8|7\.999)"):
        check_gradient(demo.ported_value, demo.ported_gradient, 1.0)


@pytest.mark.parametrize("name", SWEEPS)
def test_every_exercise_has_a_bug_and_the_repaired_sweep_none(demo, name):
    sweep, solution = SWEEPS[name]
    assert "FAIL" in demo.complaint(demo.exercise, gradient_by(sweep, demo.exercise), [0.7, -1.3])
    assert len(solution) > 20
    repaired = demo.complaint(demo.exercise, gradient_by(adjoints, demo.exercise), [0.7, -1.3])
    assert repaired.startswith("claimed gradient: 2 PASS")


def test_the_exercises_do_not_give_themselves_away_before_the_solutions(demo, capsys, monkeypatch):
    monkeypatch.setattr(demo, "selftest", lambda: "(a test of its own)")
    demo.main()
    exercises, _, solutions = capsys.readouterr().out.partition("Solutions\n")
    assert exercises.count("\nExercise") == len(SWEEPS)
    assert "Return adjoints where" not in exercises
    assert "a set" not in exercises
    assert all(f"{name}: " in solutions for name in SWEEPS)


def test_there_is_a_best_step_and_two_sided_differences_are_better(demo):
    errors = {step: demo.measured(step) for step in (1e-1, 1e-3, 1e-8, 1e-12)}
    assert errors[1e-1][0] / errors[1e-3][0] == pytest.approx(100, rel=0.5)  # off by h
    assert errors[1e-1][1] / errors[1e-3][1] == pytest.approx(10_000, rel=0.5)  # off by h²
    assert errors[1e-12][1] > errors[1e-8][1]  # rounding
