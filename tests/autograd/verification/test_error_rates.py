"""A sample of `tests/benchmarks/checker_errors.py`: no false verdict, hardly any doubt."""

import random
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def errors():
    before = list(sys.path)
    sys.path[:0] = [str(BENCHMARKS)]
    yield import_module("checker_errors")
    sys.path[:] = before


@pytest.mark.parametrize("first", range(0, 240, 24))
def test_no_verdict_on_a_random_function_is_false(errors, first):
    outcomes = [
        row for seed in range(first, first + 24) for row in errors.tried(seed, False)["ours"]
    ]
    assert len(outcomes) > 40
    found = Counter(error for _, _, error in outcomes)
    assert set(found) <= {"", errors.UNDECIDED}
    assert found[errors.UNDECIDED] <= 2


@pytest.mark.parametrize("seed", [228784, 230265, 288482, 334000])
def test_no_verdict_is_false_where_one_was(errors, seed):
    for _, _, error in errors.tried(seed, False)["ours"]:
        assert error in ("", errors.UNDECIDED)


def test_every_kind_and_every_way_to_break_a_gradient_is_drawn(errors):
    kinds, ways = set(), set()
    for seed in range(0, 3500, 7):
        case = errors.drawn(seed)
        kinds.add(case.kind)
        broken = errors.broken_claim(case, random.Random(seed))
        ways |= {broken[0]} if broken else set()
    cases = import_module("checker_cases")
    assert kinds == set(cases.KINDS)
    assert ways == set(cases.WAYS)


def test_the_judge_of_verdicts_notices_a_false_one(errors, monkeypatch):
    case = errors.drawn(0)
    right, wrong = case.claims["right"], [2.0 * g + 1.0 for g in case.claims["right"]]
    for said, claim, error in (
        ("PASS", wrong, errors.FALSE_PASS),
        ("KINK", wrong, errors.FALSE_PASS),
        ("FAIL", right, errors.FALSE_FAIL),
        ("INCONCLUSIVE", wrong, errors.UNDECIDED),
        ("FAIL", wrong, ""),
        ("PASS", right, ""),
    ):
        verdicts = [said] * len(claim), said
        monkeypatch.setattr(errors, "verdicts", lambda case, claim, v=verdicts: v)
        assert errors.errors_of(case, claim) == error
