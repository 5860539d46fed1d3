"""Schedules: by which factor the learning rate is multiplied at each step, and when it is lowered.

A schedule is a function of the number of steps taken before, 0 at the first one. Any such function
will do; those here say what they are, and take the length of the whole run where it is not given.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from nn.validation import bounded, describe, size

if TYPE_CHECKING:
    from typing_extensions import Self

Curve = Callable[[int], float]


@dataclass(frozen=True)
class Schedule:
    """Base class: a factor for each step, over so many steps.

    Args:
        steps: How many steps the schedule takes; from there on the factor is the last one. All
            those of the run, if not given.

    Example:
        >>> class Halves(Schedule):
        ...     def factor(self, step, steps):
        ...         return 1.0 if 2 * step < steps else 0.5
        >>> Halves(10)(4), Halves(10)(5), Halves().over(20)(5)
        (1.0, 0.5, 1.0)
    """

    steps: int | None = None

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.steps is not None:
            size(self.steps, "steps")

    def over(self, steps: int) -> Self:
        """Return this schedule for a run of so many steps."""
        return self if self.steps is not None else replace(self, steps=steps)

    def __call__(self, step: int) -> float:
        """Return the factor after so many steps."""
        if self.steps is None:
            raise ValueError(
                f"{self!r} does not know how many steps it takes; write "
                f"{type(self).__name__}(steps=...), or .over(steps)"
            )
        return self.factor(min(step, self.steps), self.steps)

    def factor(self, step: int, steps: int) -> float:
        """Return the factor after some of the steps."""
        raise NotImplementedError(f"{type(self).__name__} states no factor")


@dataclass(frozen=True)
class Step(Schedule):
    """Multiply by a factor every so many steps: factor^⌊step / every⌋.

    Args:
        steps: Of the schedule.
        every: How many steps lie between two changes; a third of all, if not given.
        by: The factor.

    Example:
        >>> [Step(every=10, by=0.5)(step) for step in (0, 9, 10, 25)]
        [1.0, 1.0, 0.5, 0.25]
    """

    every: int | None = None
    by: float = 0.1

    def __post_init__(self) -> None:
        """Check the settings; one that knows `every` needs no length."""
        super().__post_init__()
        bounded(self.by, "by")
        if self.every is not None:
            size(self.every, "every")
            if self.steps is None:
                object.__setattr__(self, "steps", 2**53)

    def factor(self, step: int, steps: int) -> float:
        """Return by to the number of changes so far."""
        every = self.every or max(1, -(-steps // 3))
        return float(self.by ** (step // every))


@dataclass(frozen=True)
class Linear(Schedule):
    """Go from 1 to `final` in a straight line: 1 + (final − 1) step / steps.

    Example:
        >>> [Linear(steps=4, final=0.5)(step) for step in (0, 2, 4, 9)]
        [1.0, 0.75, 0.5, 0.5]
    """

    final: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        bounded(self.final, "final")

    def factor(self, step: int, steps: int) -> float:
        """Return the point of the line."""
        return 1.0 + (self.final - 1.0) * (step / steps)


@dataclass(frozen=True)
class Cosine(Schedule):
    """Go from 1 to `final` along half a cosine: final + (1 − final) (1 + cos(π step / steps)) / 2.

    Loshchilov and Hutter 2017, without restarts.

    Example:
        >>> [round(Cosine(steps=4)(step), 3) for step in range(5)]
        [1.0, 0.854, 0.5, 0.146, 0.0]
    """

    final: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        bounded(self.final, "final")

    def factor(self, step: int, steps: int) -> float:
        """Return the point of the curve."""
        return self.final + (1.0 - self.final) * 0.5 * (1.0 + math.cos(math.pi * step / steps))


@dataclass(frozen=True)
class WarmUp(Schedule):
    """Rise in a straight line at first, (step + 1) / warm, then follow another schedule.

    Args:
        steps: Of both together.
        warm: How many steps the rise takes; a tenth of all, if not given.
        then: The schedule that follows; without one the factor stays 1.

    Example:
        >>> [WarmUp(steps=8, warm=4, then=Linear())(step) for step in (0, 3, 4, 6, 8)]
        [0.25, 1.0, 1.0, 0.5, 0.0]
    """

    warm: int | None = None
    then: Curve | None = None

    def __post_init__(self) -> None:
        """Check the settings; one that needs no length has one."""
        super().__post_init__()
        if self.warm is not None:
            size(self.warm, "warm")
            if self.steps is None and not isinstance(self.then, Schedule):
                object.__setattr__(self, "steps", 2**53)
        if self.then is not None and not callable(self.then):
            raise TypeError(f"then must be a schedule, got {describe(self.then)}")

    def factor(self, step: int, steps: int) -> float:
        """Return the point of the rise, or of what follows."""
        warm = self.warm or max(1, steps // 10)
        if step < warm:
            return (step + 1) / warm
        if self.then is None:
            return 1.0
        rest = max(1, steps - warm)
        after = self.then.over(rest) if isinstance(self.then, Schedule) else self.then
        return after(step - warm)


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Rise to 1 and fall far below the start, both along half a cosine.

    From 1 / start to 1 in the first part, then to 1 / (start final). Smith and Topin 2018.

    Args:
        steps: Of the cycle.
        rise: Which part of it rises.
        start: By what the learning rate is divided at first.
        final: By what that is divided at last.

    Example:
        >>> cycle = OneCycle(steps=10, rise=0.5, start=4.0, final=100.0)
        >>> [round(cycle(step), 4) for step in (0, 5, 10)]
        [0.25, 1.0, 0.0025]
    """

    rise: float = 0.3
    start: float = 25.0
    final: float = 1e4

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        bounded(self.rise, "rise", highest=1.0)
        for name in ("start", "final"):
            bounded(getattr(self, name), name, lowest=1.0)

    def factor(self, step: int, steps: int) -> float:
        """Return the point of the cycle."""
        top = self.rise * steps
        if step < top:
            return _between(1.0 / self.start, 1.0, step / top)
        part = (step - top) / (steps - top) if steps > top else 1.0
        return _between(1.0, 1.0 / (self.start * self.final), part)


@dataclass(frozen=True)
class OnPlateau:
    """Lower the learning rate when the loss has not improved for some epochs.

    It is no function of the step: `fit` asks it after each epoch, of the validation loss where
    there is one.

    Args:
        by: The factor.
        patience: After how many epochs without improvement.
        at_least: By which part the loss has to fall below the best to count.
        lowest: The learning rate does not fall below.

    Example:
        >>> rule = OnPlateau(by=0.5, patience=2)
        >>> rule.lowered(0.1, [3.0, 2.0, 2.0, 2.5])
        0.05
        >>> rule.lowered(0.1, [3.0, 2.0, 2.5])
        0.1
    """

    by: float = 0.1
    patience: int = 10
    at_least: float = 1e-4
    lowest: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        bounded(self.by, "by", highest=1.0)
        size(self.patience, "patience")
        bounded(self.at_least, "at_least", highest=1.0)
        bounded(self.lowest, "lowest")

    def lowered(self, rate: float, losses: list[float]) -> float:
        """Return the learning rate after epochs of these losses, of which the last is new."""
        best, since, is_due = math.inf, 0, False
        for loss in losses:
            since += 1
            if loss < best - self.at_least * abs(best) or best == math.inf:
                best, since = loss, 0
            is_due = since == self.patience
            since *= not is_due
        return max(rate * self.by, min(rate, self.lowest)) if is_due else rate


SCHEDULES: dict[str, Callable[[], Schedule | OnPlateau]] = {
    "step": Step,
    "linear": Linear,
    "cosine": Cosine,
    "warm_up": WarmUp,
    "one_cycle": OneCycle,
    "on_plateau": OnPlateau,
}


def schedule_named(schedule: Any) -> Curve | OnPlateau | None:
    """Return the schedule of a name; a schedule, a function of the step or None as it is.

    Raises:
        TypeError: If it is nothing of these.
        ValueError: If the name is unknown.

    Example:
        >>> schedule_named("cosine")
        Cosine(steps=None, final=0.0)
    """
    if isinstance(schedule, str):
        if schedule not in SCHEDULES:
            near = get_close_matches(schedule, SCHEDULES, 1)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(
                f"unknown schedule {schedule!r}; there are {', '.join(SCHEDULES)}{meant}"
            )
        return SCHEDULES[schedule]()
    if schedule is None or isinstance(schedule, OnPlateau) or callable(schedule):
        if isinstance(schedule, type):
            raise TypeError(
                f"schedule is the class {schedule.__name__}; write {schedule.__name__}()"
            )
        found: Curve | OnPlateau | None = schedule
        return found
    raise TypeError(
        f"schedule must be a name, a schedule or a function of the step, got {describe(schedule)}"
    )


def _between(first: float, last: float, part: float) -> float:
    return last + (first - last) * 0.5 * (1.0 + math.cos(math.pi * part))
