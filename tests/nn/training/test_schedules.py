"""Schedules against closed forms, PyTorch's published formulas, and bad settings."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn.training.schedules import (
    SCHEDULES,
    Cosine,
    Linear,
    OneCycle,
    OnPlateau,
    Step,
    WarmUp,
    schedule_named,
)

# None of it asks a node for anything.
pytestmark = pytest.mark.any_engine


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Step(every=3, by=0.5), [1, 1, 1, 0.5, 0.5, 0.5, 0.25]),
        (Step(steps=6, by=0.1), [1, 1, 0.1, 0.1, 0.01, 0.01, 0.001]),
        (Linear(steps=4), [1, 0.75, 0.5, 0.25, 0, 0]),
        (Linear(steps=2, final=3.0), [1, 2, 3, 3]),
        (Cosine(steps=2), [1, 0.5, 0, 0]),
        (Cosine(steps=2, final=0.5), [1, 0.75, 0.5]),
        (WarmUp(warm=4), [0.25, 0.5, 0.75, 1, 1, 1]),
        (WarmUp(steps=20), [0.5, 1, 1]),
        (WarmUp(steps=6, warm=2, then=Linear()), [0.5, 1, 1, 0.75, 0.5, 0.25, 0]),
        (WarmUp(warm=2, then=lambda step: 0.5**step), [0.5, 1, 1, 0.5, 0.25]),
        (OneCycle(steps=4, rise=0.5, start=4.0, final=2.0), [0.25, 0.625, 1, 0.5625, 0.125]),
        (OneCycle(steps=4, rise=0.0, start=1.0, final=2.0), [1, 0.9268, 0.75, 0.5732, 0.5]),
        (OneCycle(steps=4, rise=1.0, start=2.0), [0.5, 0.5732, 0.75, 0.9268, 0.5e-4]),
    ],
)
def test_factors(schedule, expected):
    assert [schedule(step) for step in range(len(expected))] == pytest.approx(expected, rel=1e-3)


@settings(max_examples=30)
@given(st.integers(1, 500), st.integers(0, 600), st.sampled_from(list(SCHEDULES)))
def test_every_schedule_stays_between_nothing_and_one(steps, step, name):
    schedule = SCHEDULES[name]()
    if not isinstance(schedule, OnPlateau):
        factor = schedule.over(steps)(step)
        assert 0.0 <= factor <= 1.0
        assert factor == schedule.over(steps).over(7)(step), "a length that is known stays"


def test_a_length_that_nobody_gave_is_asked_for():
    with pytest.raises(ValueError, match=r"does not know how many steps it takes; write Cosine\("):
        Cosine()(3)


def test_names():
    for name, kind in SCHEDULES.items():
        assert schedule_named(name) == kind()
    assert schedule_named(None) is None
    assert schedule_named(math.sin) is math.sin
    with pytest.raises(ValueError, match="did you mean 'cosine'"):
        schedule_named("cosin")
    with pytest.raises(TypeError, match=r"write Cosine\(\)"):
        schedule_named(Cosine)
    with pytest.raises(TypeError, match="a name, a schedule or a function"):
        schedule_named(0.5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Cosine(steps=0),
        lambda: Cosine(final=-1.0),
        lambda: Linear(final=math.nan),
        lambda: Step(every=0),
        lambda: Step(by=-0.5),
        lambda: WarmUp(warm=-1),
        lambda: OneCycle(rise=1.5),
        lambda: OneCycle(start=0.5),
        lambda: OnPlateau(by=2.0),
        lambda: OnPlateau(patience=0),
    ],
)
def test_settings_out_of_range(make):
    with pytest.raises(ValueError, match=r"must be|at least|is NaN|is nan"):
        make()


def plateau(losses, patience, by, at_least=1e-4, rate=1.0):
    """PyTorch's ReduceLROnPlateau with a relative threshold, written from its documentation."""
    best, bad = math.inf, 0
    for loss in losses:
        if loss < best * (1.0 - at_least):
            best, bad = loss, 0
        else:
            bad += 1
        if bad > patience - 1:
            rate, bad = rate * by, 0
    return rate


@settings(max_examples=30)
@given(st.lists(st.floats(0.01, 10.0), min_size=1, max_size=40), st.integers(1, 5))
def test_a_plateau_lowers_the_rate_as_the_published_rule_does(losses, patience):
    rule, rate = OnPlateau(by=0.5, patience=patience), 1.0
    for count in range(1, len(losses) + 1):
        rate = rule.lowered(rate, losses[:count])
    assert rate == plateau(losses, patience, 0.5)


def test_a_plateau_stops_at_the_lowest_rate():
    rule = OnPlateau(by=0.1, patience=1, lowest=0.05)
    assert rule.lowered(0.1, [1.0, 1.0]) == 0.05
    assert rule.lowered(0.05, [1.0, 1.0]) == 0.05
    assert rule.lowered(0.01, [1.0, 1.0]) == 0.01, "never raised"
