"""Verdicts on claimed derivatives, from the error bars of finite differences; and their report.

    PASS          the error bar is narrow, and the claim lies inside
    KINK          left and right derivative differ, and the claim lies between them
    INCONCLUSIVE  the error bar is too wide to tell; this never counts as a pass
    FAIL          the claim lies outside of the error bar, by as much again

What is judged is how far the claim deviates from what was found, beside the error bar: how large
either of them is, or f itself, does not matter.

This room knows neither graphs nor how the numbers were found.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograd.html_table import html_table
from autograd.streams import for_stream, printed_anywhere
from autograd.verification.differences import Difference

# From good to bad.
VERDICTS = ("PASS", "KINK", "INCONCLUSIVE", "FAIL")
_ROWS_SHOWN = 24
# So many error bars away is wrong; between one and so many nobody should be sure.
_BARS = 2.0
_HEADER = ("input", "gradient", "differences", "± error", "verdict")
# Readable on light and on dark notebooks, and not by colour alone: the verdict is also a word.
_COLOURS = {"PASS": "#2e7d32", "KINK": "#9a6700", "INCONCLUSIVE": "#9a6700", "FAIL": "#cf222e"}


def judge(
    claimed: float,
    measured: Difference,
    precision: float,
    floor: float = 0.0,
    rounding: float = 0.0,
    moved: float = 0.0,
) -> str:
    """Return the verdict on one claimed derivative.

    Args:
        claimed: The derivative in question.
        measured: What finite differences found.
        precision: How narrow the error bar has to be for a pass, relative to the slope of f.
        floor: A slope below which a derivative counts as negligible.
        rounding: How far off a right claim may be, since what it is made of is rounded.
        moved: How far a right claim moves when what it is computed from does by a few roundings.

    Example:
        >>> from autograd.verification.differences import difference
        >>> cube = difference(lambda x: x**3, 2.0)
        >>> judge(12.0, cube, 1e-7), judge(12.0 * (1.0 + 1e-6), cube, 1e-7)
        ('PASS', 'FAIL')
    """
    if not math.isfinite(claimed):
        return "FAIL"
    if not measured.is_converged:
        return "INCONCLUSIVE"
    low, high = (
        sorted((measured.left, measured.right)) if measured.is_kink else [measured.value] * 2
    )
    deviation = max(low - claimed, claimed - high, 0.0)
    scale = max(abs(claimed), measured.scale, floor)
    error = measured.error + rounding
    if deviation > error:
        error += moved
    if deviation > error:
        is_clear = max(_BARS * error, measured.hidden) < deviation < measured.steepest
        return "FAIL" if is_clear else "INCONCLUSIVE"
    if measured.is_kink:
        return "KINK"
    return "PASS" if error <= precision * scale else "INCONCLUSIVE"


@printed_anywhere
@dataclass(frozen=True)
class Comparison:
    """One derivative: what each mode claims, what differences find, and the verdicts.

    Attributes:
        path: The input by its place, as `args[0]['w'][3]`.
        claimed: The derivative by mode: "reverse", "forward", "graph".
        measured: What finite differences find, with error bar and one-sided derivatives.
        verdicts: One of `VERDICTS` by mode.
        is_connected: Whether the output depends on this input at all.
        order: Which derivative it is: 1 for the gradient, 2 for the Hessian.
        is_negligible: Whether it is a PASS only because other inputs matter very much more: the
            error bar is narrow beside their effect, not beside this derivative. A zero derivative
            of a function that does not move at all is one; the table calls it flat.
    """

    path: str
    claimed: Mapping[str, float]
    measured: Difference
    verdicts: Mapping[str, str]
    is_connected: bool = True
    is_negligible: bool = False
    order: int = 1

    @property
    def verdict(self) -> str:
        """The worst verdict of any mode."""
        return max(self.verdicts.values(), key=VERDICTS.index)

    @property
    def is_confirmed(self) -> bool:
        """Whether the verdict is PASS or KINK."""
        return self.verdict in ("PASS", "KINK")

    def __str__(self) -> str:
        modes = [mode for mode, verdict in self.verdicts.items() if verdict == self.verdict]
        gives = " mode gives" if len(modes) == 1 else " modes give"
        if modes == ["gradient"]:
            gives = " claims"
        claimed, found = self.claimed[modes[0]], self.measured
        text = f"{self.path}: {', '.join(modes)}{gives} {claimed!r}, differences "
        if not found.is_converged:
            return f"{text}do not converge: {found.reason or 'f is noisy there, or jumps'}"
        if found.is_kink:
            return (
                f"{text}give {found.left:.10g} from the left and {found.right:.10g} from the right "
                f"(each ± {found.error:.1g})"
            )
        text += f"give {found.value:.15g} ± {found.error:.1g}"
        away = abs(claimed - found.value)
        if self.verdict == "INCONCLUSIVE":
            return f"{text}, {_doubt(found, away)}"
        if self.verdict == "FAIL" and found.error > 0.0:
            text += f" ({away / found.error:.2g} error bars away)"
        return text


@printed_anywhere
@dataclass(frozen=True, repr=False)
class Report:
    """What a check found, one comparison per derivative; printed, it is a table.

    Attributes:
        subject: What was checked.
        value: The value of the function at the point.
        comparisons: One per derivative, in the order of the inputs.
        notes: What else there is to know of how they were found.
        diagnosis: What wrong claims have in common, if it is known; "" if not.

    Example:
        >>> from autograd.verification.gradcheck import check_grads
        >>> check_grads(lambda x, y: x**2 + abs(y), 3.0, 0.0, order=1)
        gradient of f: 1 PASS, 1 KINK
          input    gradient  differences  ± error  verdict
          args[0]         6            6    ...  PASS
          args[1]         0       -1 | 1    ...  KINK
        >>> from autograd import check_grads
        >>> report = check_grads(lambda x, y, z: x * y, 3.0, 2.0, 1.0, order=1)
        >>> report.verdict, report.counts, report.failures, report.disconnected
        ('PASS', {'PASS': 3}, (), ('args[2]',))
        >>> report.widest_error < 1e-6
        True
    """

    subject: str
    value: float
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...] = ()
    diagnosis: str = ""

    @property
    def verdict(self) -> str:
        """The worst verdict of any comparison."""
        return max([row.verdict for row in self.comparisons], key=VERDICTS.index)

    @property
    def failures(self) -> tuple[Comparison, ...]:
        """The comparisons that are neither PASS nor KINK."""
        return tuple(row for row in self.comparisons if not row.is_confirmed)

    @property
    def counts(self) -> dict[str, int]:
        """How often each verdict was given, those that occur."""
        verdicts = [row.verdict for row in self.comparisons]
        return {verdict: verdicts.count(verdict) for verdict in VERDICTS if verdict in verdicts}

    @property
    def widest_error(self) -> float:
        """The widest error bar relative to the slope, of the comparisons that are a PASS."""
        return max(
            [_relative(row) for row in self.comparisons if row.verdict == "PASS"], default=0.0
        )

    @property
    def disconnected(self) -> tuple[str, ...]:
        """The inputs that the output does not depend on."""
        rows = [row for row in self.comparisons if row.order == 1]
        return tuple(row.path for row in rows if not row.is_connected)

    def __repr__(self) -> str:
        table = _aligned([_HEADER, *map(_cells, self._shown())])
        return "\n".join([self._title(), *table, *[f"  {line}" for line in self._hidden()]])

    def _repr_html_(self) -> str:
        shown = self._shown()
        colours = [_COLOURS[row.verdict] for row in shown]
        cells = [_cells(row) for row in shown]
        return html_table(self._title(), _HEADER, cells, self._hidden(), colours=colours)

    def _title(self) -> str:
        tally = ", ".join(f"{count} {verdict}" for verdict, count in self.counts.items())
        return f"{self.subject}: {tally}"

    def _shown(self) -> list[Comparison]:
        # The worst first choice, in the order of the inputs.
        places = sorted(
            range(len(self.comparisons)),
            key=lambda place: (-VERDICTS.index(self.comparisons[place].verdict), place),
        )
        return [self.comparisons[place] for place in sorted(places[:_ROWS_SHOWN])]

    def _hidden(self) -> list[str]:
        hidden = len(self.comparisons) - _ROWS_SHOWN
        more = [f"... and {hidden} more in .comparisons"] if hidden > 0 else []
        return [*more, *self.notes, *([self.diagnosis] if self.diagnosis else [])]


class GradientError(AssertionError):
    """A gradient that is wrong, or that differences cannot confirm.

    Attributes:
        report: All comparisons, also those that passed.

    Example:
        >>> from autograd import check_gradient
        >>> try:
        ...     check_gradient(lambda x: x * x, lambda x: x, 3.0)
        ... except GradientError as error:
        ...     print(error.report.verdict, error.report.counts)
        FAIL {'FAIL': 1}
    """

    __module__ = "autograd"  # where users import it from, and what a traceback should say

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(for_stream(message))
        self.report = report


def _doubt(found: Difference, away: float) -> str:
    """Why nothing follows from an error bar."""
    if found.reason:
        return found.reason
    if away <= found.error:
        return "too wide an error bar to tell"
    if away >= found.steepest:
        return (
            "but f scatters even between neighbouring arguments: a slope as steep as the claim "
            "could hide there"
        )
    if away <= found.hidden:
        return (
            "but f is rounded, by itself or beside terms that show only elsewhere: a slope as "
            "small as the claim could hide there"
        )
    return f"{away / found.error:.2g} error bars away: too near to be called wrong"


def _relative(row: Comparison) -> float:
    scale = row.measured.scale
    return row.measured.error / scale if scale else 0.0


def _cells(row: Comparison) -> tuple[str, ...]:
    found = row.measured
    mode = max(row.verdicts, key=lambda name: VERDICTS.index(row.verdicts[name]))
    measured = "-" if not found.is_converged else f"{found.value:.9g}"
    if found.is_kink:
        measured = _sides(found.left, found.right)
    note = "" if row.is_connected or row.order > 1 else " (not connected)"
    if row.is_negligible and row.is_connected:
        is_flat = found.slope == 0.0 and not any(row.claimed.values())
        note = " (flat)" if is_flat else " (negligible)"
    note += f" ({found.side} side only)" if found.side in ("left", "right") else ""
    return (
        row.path,
        f"{row.claimed[mode]:.9g}",
        measured,
        f"{found.error:.1g}",
        row.verdict + note,
    )


def _sides(left: float, right: float) -> str:
    # With as many digits as it takes to see the difference.
    shown = (f"{left:.{digits}g} | {right:.{digits}g}" for digits in (4, 6, 9, 12))
    return next(
        (pair for pair in shown if len(set(pair.split(" | "))) > 1), f"{left!r} | {right!r}"
    )


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if 0 < column < 4 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
