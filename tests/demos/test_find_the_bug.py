"""The exercises: each sweep is wrong, the check says so, and the repaired one passes."""

import importlib.util
from pathlib import Path

import pytest

from autograd import GradientError, check_gradient
from autograd.reverse import adjoints
from autograd.verification.broken_sweeps import SWEEPS, gradient_by

DEMOS = Path(__file__).resolve().parents[2] / "demos"


@pytest.fixture(scope="module")
def demo():
    specification = importlib.util.spec_from_file_location(
        "find_the_bug", DEMOS / "find_the_bug.py"
    )
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


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


def test_the_exercises_do_not_give_themselves_away(demo, capsys):
    demo.main([])
    said = capsys.readouterr().out
    assert said.count("--- Exercise") == len(SWEEPS)
    assert "Return adjoints where" not in said
    assert "a set" not in said
    assert "differences give" in said
    assert "broken rules and sweeps noticed" in said
    assert "MISSED" not in said


def test_the_solutions(demo, capsys):
    demo.main(["--solutions"])
    said = capsys.readouterr().out
    assert all(f"{name}: " in said for name in SWEEPS)
    assert "reverse topological order" in said
