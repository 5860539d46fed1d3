"""Campaigns: random recipes through every mode, and the disagreements that are not documented."""

from __future__ import annotations

import collections
import contextlib
import random
import tempfile
import warnings
from pathlib import Path
from typing import NamedTuple

from . import emitted as texts
from .documented import documented
from .judging import EQUAL, UNDECIDED, judged
from .modes import EVERY, Case, disagreements, without_the_machine
from .recipes import random_point, random_recipe
from .shrinking import shrunk

_POINTS = 4


class Finding(NamedTuple):
    """A disagreement that is not documented."""

    mode: str
    verdict: str
    recipe: object
    points: list
    point: object
    found: object
    expected: object

    def __str__(self):
        return (
            f"{self.mode}: {self.verdict}\n{self.recipe}\n  at {self.point}\n"
            f"  program  {self.found}\n  eager    {self.expected}"
        )


def random_case(seed):
    source = random.Random(seed)
    recipe = random_recipe(source)
    return recipe, [random_point(source, recipe) for _ in range(_POINTS)]


def here(recipe, points, ways=EVERY, counts=None):
    """Yield what is found in this process: with and without the machine."""
    for machine in (True, False):
        with contextlib.nullcontext() if machine else without_the_machine():
            case = Case(recipe, points)
            for mode, point, verdict, found, expected in disagreements(case, ways, machine):
                why = ""
                if verdict not in (EQUAL, UNDECIDED):
                    why = documented(mode, verdict, case, point, found, expected)
                if counts is not None:
                    counts[why or verdict] += 1
                if verdict not in (EQUAL, UNDECIDED) and not why:
                    yield Finding(mode, verdict, recipe, points, point, found, expected)


def elsewhere(cases, languages=("C", "JavaScript", "Python"), counts=None):
    """Yield what is found in emitted text: all cases in one library, one script."""
    made = [texts.Emitted(Case(*case), f"recipe{k}") for k, case in enumerate(cases)]
    made = [one for one in made if one.points]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results = []
        if "C" in languages and texts.COMPILER:
            results.append(texts.modes_of_c(made, folder))
        if "JavaScript" in languages and texts.NODE:
            results.append(texts.modes_of_javascript(made, folder))
        if "Python" in languages:
            results.append(texts.modes_of_python(made))
        for way in results:
            for one, point, language, found in way:
                yield from _judged_texts(one, point, language, found, counts)


def _judged_texts(one, point, language, found, counts):
    allowed = (None, None) if language == "Python" else one.tolerances(point, language)
    results = zip(found, one.expected(point), allowed, ("", " gradient"), strict=True)
    for part, expected, tolerance, what in results:
        verdict, mode, why = judged(part, expected, tolerance), f"{language}{what}", ""
        if verdict not in (EQUAL, UNDECIDED):
            why = documented(mode, verdict, one.case, point, part, expected)
        if counts is not None:
            counts[why or verdict] += 1
        if verdict not in (EQUAL, UNDECIDED) and not why:
            yield Finding(mode, verdict, one.case.recipe, one.case.points, point, part, expected)


def smallest(finding):
    """Return the finding at the smallest recipe and points that still show it."""

    language = finding.mode.split()[0]
    is_text = language in ("C", "JavaScript", "Python")

    def again(recipe, points):
        return elsewhere([(recipe, points)], [language]) if is_text else here(recipe, points)

    def alike(recipe, points):
        kind = finding.mode, finding.verdict
        try:
            return next((x for x in again(recipe, points) if (x.mode, x.verdict) == kind), None)
        except (AssertionError, TypeError, IndexError):  # no recipe at all
            return None

    most = 100 if language in ("C", "JavaScript") else 3000  # a process each
    recipe, points = shrunk(
        finding.recipe, finding.points, lambda *case: alike(*case) is not None, most
    )
    return alike(recipe, points) or finding


def campaign(seeds, counts=None):
    """Yield all findings of some seeds."""
    counts = collections.Counter() if counts is None else counts
    cases = [random_case(seed) for seed in seeds]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for recipe, points in cases:
            yield from here(recipe, points, counts=counts)
        yield from elsewhere(cases, counts=counts)
