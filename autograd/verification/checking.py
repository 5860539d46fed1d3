"""One check: its settings, its comparisons, and the complaint about what is not confirmed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from warnings import catch_warnings, simplefilter

from autograd.leaving import LostGradientWarning
from autograd.real_numbers import as_float
from autograd.switches import enable_grad, record_locations
from autograd.verification.claims import OfForeignCode, Point, Subject
from autograd.verification.comparing import How, compare_each, smooth
from autograd.verification.culprits import first_rule_wrong_again, first_wrong_operation
from autograd.verification.diagnosing import Diagnosis, doubt
from autograd.verification.directions import MANY_INPUTS
from autograd.verification.foreign import ROUNDINGS
from autograd.verification.progress import StatusLine
from autograd.verification.projecting import compare_along
from autograd.verification.verdicts import VERDICTS, Comparison, GradientError, Report

MODES = ("reverse", "forward", "graph")
# Of more inputs than this, the second order is checked along so many random directions, unless
# something else is asked for: a Hessian has the square of it as many entries.
FEW_INPUTS = 10
DIRECTIONS = 2
# How narrow an error bar has to be, by the format of the values.
_PRECISION = {"": 1e-7, "float32": 1e-2, "float16": 0.1, "bfloat16": 0.2}
_SEVERAL = 4.0
_LISTED = 8
_NO_CULPRIT = (
    "every operation is right by itself: look for a number taken out of the graph (.data, "
    "detach()), or for rounding where large contributions cancel"
)


class Settings:
    """The options of a check, each valid.

    Args:
        kind: The format of the function's results, if it has fewer digits than a float.
        kind_of_claims: That of its gradient.
        value: Its result at the point.

    Raises:
        ValueError: If one is not.
    """

    def __init__(
        self,
        order: int,
        modes: Sequence[str],
        precision: float | None,
        projections: int | None,
        seed: int,
        f_error: float = 0.0,
        kind: str = "",
        kind_of_claims: str = "",
        value: float = 0.0,
    ) -> None:
        if not _is_count(order, 1):
            raise ValueError(f"order must be a whole number of at least 1, got {order!r}")
        if projections is not None and not _is_count(projections, 0):
            raise ValueError(
                "projections must be a number of directions, 0 (none: every input by itself) or "
                f"None, got {projections!r}"
            )
        coarser = max(kind, kind_of_claims, key=lambda one: ROUNDINGS.get(one, 0.0))
        width = _PRECISION[coarser] if precision is None else as_float(precision, "precision")
        if not 0.0 < width < 1.0:
            raise ValueError(f"precision must be between 0 and 1, got {precision!r}")
        off = as_float(f_error, "f_error")
        if not 0.0 <= off < math.inf:
            raise ValueError(f"f_error must be a finite number of at least 0, got {f_error!r}")
        if off and order > 1:
            raise ValueError(
                "f_error must come with order=1: it says how far off f is, not its gradient"
            )
        self.order, self.projections, self.kind = order, projections, coarser
        # Its result is rounded, and what it is made of was before.
        scatter = _SEVERAL * ROUNDINGS.get(kind, 0.0) * abs(value)
        self.how = How(modes, width, off, seed, ROUNDINGS.get(coarser, 0.0), scatter)


def check(
    subject: Subject,
    point: Point,
    paths: Sequence[str],
    settings: Settings,
    title: str,
    recorded: Callable[[], list[Any]],
) -> Report:
    """Return the report on a subject, if every verdict is PASS or KINK.

    Args:
        subject: What claims to know its derivatives.
        point: Where.
        paths: The names of the inputs.
        settings: How to check.
        title: What the report is on.
        recorded: Records the graph again, for the search for the first wrong operation; returns
            its outputs, none for foreign code.

    Raises:
        GradientError: Else.
    """
    progress = StatusLine(title)
    settings.how = replace(settings.how, progress=progress)
    if settings.kind:
        title += f" in {settings.kind}"
    try:
        with catch_warnings():
            # What has no path to any input is compared like everything else.
            simplefilter("ignore", LostGradientWarning)
            return _checked(subject, point, paths, settings, title, recorded)
    finally:
        progress.close()


def _checked(
    subject: Subject,
    point: Point,
    paths: Sequence[str],
    settings: Settings,
    title: str,
    recorded: Callable[[], list[Any]],
) -> Report:
    how = settings.how
    count, order = settings.projections, settings.order
    notes: tuple[str, ...] = ()
    if count is None and len(point) > MANY_INPUTS:
        count = DIRECTIONS
        notes = (
            "so many inputs are checked along random directions; projections=0 takes each one",
        )
    diagnosis = Diagnosis(subject, point, how) if isinstance(subject, OfForeignCode) else None
    if count:
        title = f"{title}, {len(point)} inputs along {count} random direction{'s' * (count > 1)}"
        levels = range(1, order + 1)
        locate = diagnosis.places if diagnosis else None
        rows = compare_along(subject, point, paths, levels, how, count, locate=locate)
        notes += _visible(subject, point, rows, how)
    elif count == 0 or order == 1 or len(point) <= FEW_INPUTS:
        rows = compare_each(subject, point, paths, order, how)
    else:
        rows = compare_each(subject, point, paths, 1, how)
        group = smooth(rows)
        if group and all(row.is_confirmed for row in rows):
            higher = range(2, order + 1), how, DIRECTIONS, group
            rows += compare_along(subject, point, paths, *higher)
    report = Report(title, subject.evaluate(point), tuple(rows), notes)
    failures = sorted(report.failures, key=lambda row: -VERDICTS.index(row.verdict))
    if not failures:
        return report
    message = listed(report, failures, "not confirmed")
    if diagnosis and isinstance(subject, OfForeignCode):
        if not count:
            diagnosis = Diagnosis(subject, point, how, rows)
        is_wrong = report.verdict == "FAIL"
        told = diagnosis.found(rows) if is_wrong else doubt(subject, point, how)
        report = replace(report, diagnosis=told)
        message += f"\n  {told}" if told else ""
    elif report.verdict == "FAIL":
        with enable_grad(), record_locations():
            outputs = recorded()
            culprit = first_wrong_operation(outputs)
            if not culprit and any(row.order > 1 for row in failures):
                culprit = first_rule_wrong_again(outputs[:1])
        if outputs:
            message += f"\n  {culprit or _NO_CULPRIT}"
    raise GradientError(message, report)


def _visible(
    subject: Subject, point: Point, rows: Sequence[Comparison], how: How
) -> tuple[str, ...]:
    """Return how much one input has to be off to be seen along the directions of the rows."""
    along = [row.measured.error for row in rows if row.path.startswith("direction ")]
    claims = next(iter(subject.claims(point, how.modes)[0].values()))
    if not along or not all(map(math.isfinite, [*along, *claims])):
        return ()
    sizes = [abs(x) or 1.0 for x in point]
    terms = math.hypot(*[slope * size for slope, size in zip(claims, sizes, strict=True)])
    off = how.off * terms if how.rounding else 0.0
    least = 2.0 * (max(along) + off) / (0.5 * sorted(sizes)[len(sizes) // 2])
    typical = math.hypot(*claims) / math.sqrt(len(claims))
    return (f"one slope that is off by {least:.1g} would show; a typical one is {typical:.1g}",)


def listed(report: Report, rows: Sequence[Comparison], what: str) -> str:
    """Return the message about some rows of a report, the first of them in full."""
    lines = [f"{len(rows)} of {len(report.comparisons)} derivatives are {what} ({report.subject}):"]
    lines += [f"  {row.verdict}  {row}" for row in rows[:_LISTED]]
    if len(rows) > _LISTED:
        lines.append(f"  ... and {len(rows) - _LISTED} more in .report")
    return "\n".join(lines)


def _is_count(number: Any, least: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= least
