"""`convexity`: whether a loss lies below its chords, looked for along random segments."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd import Value
from autograd.streams import printed_anywhere
from nn.charts import QUIET, SERIES, Chart
from nn.initializers import source_of
from nn.tables import short_number
from nn.textbook.loss_probe import Loss, LossProbe
from nn.validation import counted, finite, size

# A loss has rounding errors of about 1e-16 a node; what counts is many times larger.
_BEYOND_ROUNDING = 1e-9
_SHARES = (0.5, 0.25, 0.75)


@dataclass(frozen=True)
class Counterexample:
    """A point between two others where the loss lies above the chord: it is not convex.

    Attributes:
        start: The parameters at one end.
        end: The parameters at the other.
        share: t; the point is (1 − t) start + t end.
        start_loss: L at the start.
        end_loss: L at the end.
        loss: L at the point.
    """

    start: tuple[float, ...]
    end: tuple[float, ...]
    share: float
    start_loss: float
    end_loss: float
    loss: float

    @property
    def chord(self) -> float:
        """(1 − t) L(start) + t L(end), which a convex loss does not exceed."""
        return (1.0 - self.share) * self.start_loss + self.share * self.end_loss

    @property
    def point(self) -> tuple[float, ...]:
        """(1 − t) start + t end."""
        return _between(self.start, self.end, self.share)

    @property
    def excess(self) -> float:
        """How far the loss lies above the chord, as a share of the largest loss on it."""
        scale = max(abs(self.start_loss), abs(self.end_loss), abs(self.loss))
        return (self.loss - self.chord) / scale if scale else 0.0


@printed_anywhere
class Convexity:
    """What random segments say of a loss.

    Attributes:
        counterexample: Where the loss lies above a chord, the clearest one found; or None.
        segments: How many segments were looked at.
        undefined: How many more had points without a finite loss.
        parameters: How many parameters moved.
        profile: The loss along the segment of the counterexample, or along the one that came
            closest: pairs of t and L.
    """

    def __init__(
        self,
        counterexample: Counterexample | None,
        segments: int,
        undefined: int,
        parameters: int,
        profile: Sequence[tuple[float, float]],
    ) -> None:
        self.counterexample = counterexample
        self.segments = segments
        self.undefined = undefined
        self.parameters = parameters
        self.profile = list(profile)

    @property
    def convex(self) -> bool | None:
        """False if there is a counterexample; None if none was found, which is no proof."""
        return None if self.counterexample is None else False

    def chart(self) -> Chart:
        """Return the loss along a segment, and its chord, as a picture."""

        def draw(figure: Any) -> None:
            axes = figure.add_subplot()
            t, losses = zip(*self.profile, strict=True)
            axes.plot([0, 1], [losses[0], losses[-1]], color=QUIET, linestyle="--")
            axes.plot(t, losses, color=SERIES[0])
            axes.set_xlabel("t, from one point to the other")
            axes.set_ylabel("L; dashed, its chord")
            found = self.counterexample
            if found is not None:
                axes.plot([found.share] * 2, [found.chord, found.loss], color=SERIES[1], marker="o")
                axes.annotate(
                    f"{short_number(found.loss - found.chord)} above",
                    (found.share, 0.5 * (found.chord + found.loss)),
                    xytext=(6, 0),
                    textcoords="offset points",
                    color=SERIES[1],
                )

        title = "Above its chord: not convex" if self.counterexample else "Below its chords"
        return Chart(draw, (6.4, 3.6), title, repr(self))

    def __repr__(self) -> str:
        found = self.counterexample
        looked = counted(self.segments, "segment")
        beyond = f"; {self.undefined} more had no finite loss" * (self.undefined > 0)
        if found is None:
            return (
                f"no counterexample in {looked} between random values of "
                f"{counted(self.parameters, 'parameter')}{beyond}: the loss may be convex, which "
                "this cannot prove"
            )
        return (
            f"not convex: at t = {found.share:g} between two points the loss is "
            f"{found.loss:.6g}, above the chord at {found.chord:.6g}\n"
            f"  L = {found.start_loss:.6g} at {_told(found.start)}\n"
            f"  L = {found.end_loss:.6g} at {_told(found.end)}\n"
            f"  the clearest of {looked} between random values of "
            f"{counted(self.parameters, 'parameter')}{beyond}"
        )


def convexity(
    loss: Loss,
    parameters: Sequence[Value],
    segments: int = 200,
    *,
    span: float = 3.0,
    seed: Any = 0,
) -> Convexity:
    """Look for a place where a loss lies above a chord, which shows that it is not convex.

    A loss is convex if L((1 − t) p + t q) ≤ (1 − t) L(p) + t L(q) for all p, q and t: linear,
    logistic and softmax regression have such losses, networks with hidden layers do not. The
    parameters end where they were.

    Args:
        loss: Computes the loss from the parameters, e.g. `lambda: mse(model(X), y)`.
        parameters: Those that move.
        segments: How many random segments are tried, at t = 1/4, 1/2 and 3/4.
        span: How far from the present value every parameter is drawn at most.
        seed: As for `MLP`.

    Returns:
        A counterexample with its numbers, beyond all rounding; or that there was none.

    Raises:
        TypeError: If the loss is not a function or a parameter not a Value.
        ValueError: If segments or span is not positive, or the loss is not finite to begin with.

    Example:
        >>> from nn import MLP, mse
        >>> X, y = [[0.0], [1.0], [2.0]], [0.0, 1.0, 0.0]
        >>> line, bent = MLP(1, [1]), MLP(1, [2, 1], "tanh", seed=1)
        >>> convexity(lambda: mse(line(X), y), line.parameters()).convex
        >>> convexity(lambda: mse(bent(X), y), bent.parameters()).convex
        False
    """
    count, span = size(segments, "segments"), finite(span, "span")
    if span <= 0.0:
        raise ValueError(f"span must be positive, got {span}")
    source = source_of(seed)
    found: list[tuple[float, Counterexample]] = []
    undefined = 0
    probe = LossProbe(loss, parameters)
    with probe.moving():
        for _ in range(count):
            start, end = (_drawn(probe.start, span, source) for _ in range(2))
            ends = probe.or_nan(start), probe.or_nan(end)
            middle = [probe.or_nan(_between(start, end, share)) for share in _SHARES]
            if not all(map(math.isfinite, (*ends, *middle))):
                undefined += 1
                continue
            tried = [
                Counterexample(start, end, share, *ends, number)
                for share, number in zip(_SHARES, middle, strict=True)
            ]
            found.append(max(((one.excess, one) for one in tried), key=lambda pair: pair[0]))
        if not found:
            raise ValueError(
                f"no segment of {count} has finite losses; try a span below {span:g}, or a loss of "
                "net inputs, such as bce_with_logits"
            )
        excess, clearest = max(found, key=lambda pair: pair[0])
        profile = [
            (t, probe.or_nan(_between(clearest.start, clearest.end, t)))
            for t in (place / 60.0 for place in range(61))
        ]
    counterexample = clearest if excess > _BEYOND_ROUNDING else None
    return Convexity(counterexample, len(found), undefined, len(probe.parameters), profile)


def _drawn(around: Sequence[float], span: float, source: random.Random | Any) -> tuple[float, ...]:
    return tuple(number + source.uniform(-span, span) for number in around)


def _between(start: Sequence[float], end: Sequence[float], share: float) -> tuple[float, ...]:
    return tuple((1.0 - share) * p + share * q for p, q in zip(start, end, strict=True))


def _told(point: Sequence[float]) -> str:
    shown = ", ".join(map(short_number, point[:6]))
    return f"({shown}{', ...' * (len(point) > 6)})"
