"""The differential fuzzer on fixed seeds, and proof that it would see faults of several kinds."""

from __future__ import annotations

import itertools

import pytest

from autograd import primitives
from autograd.primitives import RULES
from autograd.program.passes import derived
from autograd.program.passes.identities import IDENTITIES, Identity
from tests.autograd.program.fuzzing.campaign import campaign, here, random_case, smallest

SEEDS = 16


@pytest.mark.parametrize("first", range(0, 4 * SEEDS, SEEDS))
def test_programs_give_what_eager_code_gives(first):
    findings = list(itertools.islice(campaign(range(first, first + SEEDS)), 5))
    assert not findings, "\n".join([str(smallest(finding)) for finding in findings])


def test_the_seeds_meet_the_whole_rule_book():
    recipes = [random_case(seed)[0] for seed in range(12 * SEEDS)]
    steps = [step for recipe in recipes for step in recipe.steps]
    assert {name for step in steps for name in (step.operation, step.other) if name} == set(RULES)


def first_finding(seeds=range(150)):
    return next((finding for seed in seeds for finding in here(*random_case(seed))), None)


def wrong_sub(builder, x, y):
    return builder.emit(primitives.add, (x, y)) if builder.number[y] is not None else None


def wrong_add(builder, x, y):
    return x if builder.number[y] == 0.0 else None  # also where x is -0.0 and y is 0.0


FAULTS = {
    "an identity that is none": lambda patch: patch.setitem(
        IDENTITIES, primitives.sub, Identity(wrong_sub)
    ),
    "an identity that forgets the sign of zero": lambda patch: patch.setitem(
        IDENTITIES, primitives.add, Identity(wrong_add)
    ),
    "errors that nobody needs are dropped": lambda patch: patch.setattr(
        derived, "failing", lambda builder: []
    ),
    "derivatives by nothing are forgotten": lambda patch: patch.setattr(
        "autograd.program.variants.recorder.derivatives", lambda output, inputs: [0.0] * len(inputs)
    ),
    "rows are not run again": lambda patch: patch.setattr(
        "autograd.program.batch.grouping.Run._examine", lambda *_: {}
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_shown_small(fault, monkeypatch):
    FAULTS[fault](monkeypatch)
    finding = first_finding()
    assert finding is not None
    small = smallest(finding)
    assert len(small.recipe.steps) <= 4
    assert small.verdict in str(small)
