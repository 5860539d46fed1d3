"""Claimed derivatives beside measured ones along random directions: fast for many inputs.

A random direction sees all inputs at once. What it cannot certify is searched for the inputs behind
it; of a second order, for the entries of the Hessian.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograd.verification.claims import Point, Subject, weighted
from autograd.verification.comparing import Bench, How, in_order
from autograd.verification.directions import Projection, is_rough, project, random_direction
from autograd.verification.noise import Noise
from autograd.verification.searching import FEW, NEGLIGIBLE, explain, halve
from autograd.verification.verdicts import VERDICTS, Comparison

# Of a second order, so many columns of the Hessian are searched for the entries that are wrong.
_COLUMNS = 4


@dataclass(frozen=True)
class _Task:
    # One derivative of the function, of which subject it is a combination of slopes, and how.
    subject: Subject
    origin: Subject | None = None
    weights: tuple[float, ...] = ()


def compare_along(
    subject: Subject,
    point: Point,
    paths: Sequence[str],
    levels: Sequence[int],
    how: How,
    projections: int,
    group: Sequence[int] | None = None,
    locate: Callable[[], Sequence[int]] | None = None,
) -> list[Comparison]:
    """Return comparisons along random directions; of inputs, where one is not certified.

    The second order along v is the derivative along v of w · gradient, with w random too:
    Hessian-vector products, never the Hessian. Inputs that stand on a kink take no part in it.

    Args:
        subject: What is checked.
        point: Where.
        paths: The names of the inputs.
        levels: Which orders: 1 to the highest, or 2 to it if the first has been checked.
        how: The settings of the check; its seed chooses the directions.
        projections: How many directions for each order.
        group: The inputs to move; None: all.
        locate: Returns at once the places of all inputs whose claims are wrong, if it knows them.

    Raises:
        ArithmeticError: If a claimed derivative is infinite or undefined.
        ValueError: If the function is not finite at the point, or is random.
    """
    source = random.Random(how.seed)
    group = list(range(len(point)) if group is None else group)
    tasks = [_Task(subject)] * projections
    found: dict[str, Comparison] = {}
    for level in range(1, levels[-1] + 1):
        if level > 1:
            drawn = [random_direction(source, point, group) for _ in tasks]
            # The largest weight is 1: of a combination, no more than its proportions matter.
            scaled = [tuple([x / max(map(abs, w)) for x in w]) for w in drawn]
            pairs = zip(tasks, scaled, strict=True)
            tasks = [_Task(t.subject.derivative(weighted(w)), t.subject, w) for t, w in pairs]
        if level not in levels:
            continue
        before = f"order {level}: " if level > 1 else ""
        clear: list[tuple[_Task, Projection]] = []
        unclear: list[tuple[_Task, Projection]] = []
        for number, task in enumerate(tasks, start=1):
            path = f"direction {number}" + (f", order {level}" if level > 1 else "")
            direction = random_direction(source, point, group)
            with in_order(level, "a random combination of slopes"):
                one = project(task.subject, point, path, direction, how, order=level)
            (clear if one.is_clean else unclear).append((task, one))
        rows = [] if level == 1 and unclear else [one.comparison for _, one in clear]
        for task, one in unclear[:1] if level == 1 else unclear:
            if is_rough(how, point) and one.comparison.verdict == "INCONCLUSIVE":
                rows.append(one.comparison)
                continue
            names = [before + path for path in paths]
            bench = Bench(task.subject, point, names, how, level)
            rows += explain(one, bench, source, locate if level == 1 else None)
        if level > 1:
            for task, _ in unclear:
                rows = _by_entries(rows, task, point, paths, level, how)
        for row in rows:
            known = found.get(row.path, row)
            found[row.path] = max((known, row), key=lambda r: VERDICTS.index(r.verdict))
        kinked = {row.path for row in found.values() if row.verdict == "KINK"}
        group = [position for position in group if paths[position] not in kinked]
        if not group or not all(row.is_confirmed for row in found.values()):
            break
    return list(found.values())


def _by_entries(
    rows: list[Comparison], task: _Task, point: Point, paths: Sequence[str], level: int, how: How
) -> list[Comparison]:
    """Return the rows, and in place of a wrong column of the Hessian the entries that are wrong."""
    columns = {f"order {level}: {path}": position for position, path in enumerate(paths)}
    wrong = [row for row in rows if row.verdict == "FAIL" and row.path in columns][:_COLUMNS]
    for row in wrong:
        entries = _wrong_entries(columns[row.path], task, point, paths, level, how)
        if entries:
            place = rows.index(row)
            rows[place : place + 1] = entries
    return rows


def _wrong_entries(
    column: int, task: _Task, point: Point, paths: Sequence[str], level: int, how: How
) -> list[Comparison]:
    assert task.origin is not None
    origin = task.origin
    # Without noise error bars are too narrow at worst, and more is searched than need be.
    quick = level, Noise()
    whole = Bench(origin, point, paths, how, *quick)
    guessed = Bench(whole.slope(column), point, paths, how, *quick).effects
    found: dict[int, Comparison] = {}

    def certified(group: Sequence[int]) -> bool:
        if len(found) >= FEW * _COLUMNS:
            return True
        if len(group) == 1:
            (row,) = group
            # Of the second order they are named as in the full check.
            before = f"order {level}: " if level > 2 else ""
            names = [f"{before}{paths[row]} × {path}" for path in paths]
            entry = Bench(whole.slope(row), point, names, how, level).compare(column)
            if not entry.is_confirmed:
                found[row] = entry
            return True
        some = [weight if i in group else 0.0 for i, weight in enumerate(task.weights)]
        part = origin.derivative(weighted(some))
        found_of_part = Bench(part, point, paths, how, *quick).compare(column)
        least = max(min(guessed[i] for i in group), NEGLIGIBLE * (max(guessed) or 1.0))
        is_narrow = found_of_part.measured.error <= 0.5 * how.width * least
        return found_of_part.verdict == "PASS" and is_narrow

    rows = [position for position, weight in enumerate(task.weights) if weight]
    halve(sorted(rows, key=lambda place: -guessed[place]), certified)
    return [found[row] for row in sorted(found)]
