"""Claimed derivatives beside measured ones along random directions: fast for many inputs.

A random direction v sees all n inputs at once: v · gradient against the difference of f along v.
A gradient that is wrong anywhere is wrong along almost every direction, by v_i times the error.
What a direction cannot certify (a wrong claim, a kink, noise, an error bar too wide for a single
input) is searched by halving, inputs of like effect together, until the inputs behind it can be
compared one at a time: the same comparisons that all inputs would get one by one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from autograd.verification.claims import Claims, Point, Subject, weighted
from autograd.verification.comparing import Bench, How, in_order, require_repeatable
from autograd.verification.differences import difference
from autograd.verification.noise import Noise, measure_noise
from autograd.verification.verdicts import VERDICTS, Comparison, judge

# Of more inputs than this a check goes along random directions, unless it is told otherwise.
MANY_INPUTS = 256
TARGET = 1e-9
# Smaller steps along a direction do not move every input.
SMALLEST = 2.0**-48
# So few inputs are compared one at a time.
_FEW = 4
# After so many inputs that are not confirmed the search stops; the rest is reported in groups.
_ENOUGH = 32
# Of a second order, so many columns of the Hessian are searched for the entries that are wrong.
_COLUMNS = 4
_NEGLIGIBLE = 1e-3


@dataclass(frozen=True)
class Projection:
    """A comparison along one random direction.

    Attributes:
        comparison: The derivative along the direction, claimed and measured.
        direction: How far each input moves.
        is_clean: Whether it certifies its inputs: a PASS whose error bar is narrow beside the
            effect of a single one.
    """

    comparison: Comparison
    direction: tuple[float, ...]
    is_clean: bool


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
                one = _project(task.subject, point, path, direction, how, order=level)
            (clear if one.is_clean else unclear).append((task, one))
        rows = [] if level == 1 and unclear else [one.comparison for _, one in clear]
        for task, one in unclear[:1] if level == 1 else unclear:
            if _is_rough(how, point) and one.comparison.verdict == "INCONCLUSIVE":
                rows.append(one.comparison)
                continue
            names = [before + path for path in paths]
            bench = Bench(task.subject, point, names, how, level)
            rows += explain(one, bench, source)
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


def explain(projection: Projection, bench: Bench, source: random.Random) -> list[Comparison]:
    """Return comparisons that say which inputs are behind a projection that is not clean.

    A direction that is still contradicted stays among the comparisons: right along every axis and
    wrong between them is wrong.
    """
    moves = projection.direction
    room = projection.comparison.measured.error
    singles: dict[int, Comparison] = {}
    groups: list[Comparison] = []

    def certified(group: Sequence[int]) -> bool:
        nonlocal room
        wrong = sum(not row.is_confirmed for row in singles.values())
        if len(group) <= _FEW and wrong < _ENOUGH:
            for position in group:
                singles[position] = bench.compare(position)
                room += singles[position].measured.error * abs(moves[position])
            return True
        first = bench.paths[min(group)]
        path = f"{first} and {len(group) - 1} others" if len(group) > 1 else first
        direction = random_direction(source, bench.point, group)
        least = max(
            min(bench.effects[position] for position in group),
            _NEGLIGIBLE * (bench.largest_effect or 1.0),
        )
        settings = bench.how, least, bench.order, bench.vectors
        part = _project(bench.subject, bench.point, path, direction, *settings)
        is_unseen = _is_rough(bench.how, bench.point) and part.comparison.verdict == "INCONCLUSIVE"
        if is_unseen:
            return True
        if part.is_clean or wrong >= _ENOUGH:
            # The other moves may be three times as large.
            room += 3.0 * part.comparison.measured.error
            groups.append(part.comparison)
            return True
        return False

    moved = [position for position, move in enumerate(moves) if move]
    # Inputs of like effect together: a small one is not lost beside a large one.
    _search(sorted(moved, key=lambda place: -bench.effects[place]), certified)
    found = [singles[position] for position in sorted(singles)] + groups
    row = projection.comparison
    off = max([abs(claim - row.measured.value) for claim in row.claimed.values()])
    is_contradicted = row.verdict == "FAIL" and not row.measured.is_kink and off > room
    if _is_rough(bench.how, bench.point):
        is_contradicted = row.verdict == "FAIL"
        found = [one for one in found if one.verdict != "INCONCLUSIVE"]
    if is_contradicted and all(one.verdict == "PASS" for one in found):
        found.append(row)
    return found


def _by_entries(
    rows: list[Comparison],
    task: _Task,
    point: Point,
    paths: Sequence[str],
    level: int,
    how: How,
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
    column: int,
    task: _Task,
    point: Point,
    paths: Sequence[str],
    level: int,
    how: How,
) -> list[Comparison]:
    assert task.origin is not None
    origin = task.origin
    # Without noise error bars are too narrow at worst, and more is searched than need be.
    quick = level, Noise()
    whole = Bench(origin, point, paths, how, *quick)
    guessed = Bench(whole.slope(column), point, paths, how, *quick).effects
    found: dict[int, Comparison] = {}

    def certified(group: Sequence[int]) -> bool:
        if len(found) >= _FEW * _COLUMNS:
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
        least = max(min(guessed[i] for i in group), _NEGLIGIBLE * (max(guessed) or 1.0))
        is_narrow = found_of_part.measured.error <= 0.5 * how.width * least
        return found_of_part.verdict == "PASS" and is_narrow

    rows = [position for position, weight in enumerate(task.weights) if weight]
    _search(sorted(rows, key=lambda place: -guessed[place]), certified)
    return [found[row] for row in sorted(found)]


def _search(group: Sequence[int], certified: Callable[[Sequence[int]], bool]) -> None:
    """Halve the group until every part is certified; the first ones first."""
    pending = [list(group)]
    while pending:
        part = pending.pop()
        if part and not certified(part):
            middle = (len(part) + 1) // 2
            pending += [part[middle:], part[:middle]]


def random_direction(source: random.Random, point: Point, group: Iterable[int]) -> list[float]:
    """Return how far each input of the group moves: never near 0, so that none of them hides."""
    direction = [0.0] * len(point)
    for i in group:
        size = source.choice((-1.0, 1.0)) * source.uniform(0.5, 1.5)
        direction[i] = (abs(point[i]) or 1.0) * size
    return direction


def _project(
    subject: Subject,
    point: Point,
    path: str,
    direction: Sequence[float],
    how: How,
    effect: float | None = None,
    order: int = 1,
    vectors: Claims | None = None,
) -> Projection:
    # `effect`: beside which effect the error bar has to be narrow; None: that of a typical input.
    if vectors is None:
        vectors, _ = subject.claims(point, how.modes)
    claimed = {
        mode: _product(vectors[mode], direction)
        if mode in vectors
        else subject.tangent(point, direction)
        for mode in how.modes
    }
    slopes = next(iter(vectors.values()))
    along = how.watched(subject.along(point, direction), path)
    require_repeatable(along, 0.0)
    effects = [slope * move for slope, move in zip(slopes, direction, strict=True) if move]
    whole = math.hypot(*[one for one in effects if math.isfinite(one)])
    if _is_rough(how, point):
        effect = whole
    elif effect is None:
        effect = whole / math.sqrt(len(effects))
    target = TARGET / math.sqrt(len(effects))
    noise = measure_noise(along, how.f_error)
    measured = difference(along, 0.0, noise, target, how.seed, SMALLEST)
    off = how.off * whole if how.rounding else 0.0
    verdicts = {
        mode: judge(slope, measured, how.width, effect, off) for mode, slope in claimed.items()
    }
    row = Comparison(path, claimed, measured, verdicts, order=order)
    is_narrow = measured.side == "both" and measured.error <= 0.5 * how.width * effect
    return Projection(row, tuple(direction), row.verdict == "PASS" and is_narrow)


def _is_rough(how: How, point: Point) -> bool:
    # Of so many inputs, values that are rough do not show what a single one does.
    return how.is_rough and len(point) > MANY_INPUTS


def _product(slopes: Sequence[float], direction: Sequence[float]) -> float:
    terms = [slope * move for slope, move in zip(slopes, direction, strict=True) if move]
    return math.fsum(terms) if all(map(math.isfinite, terms)) else math.nan
