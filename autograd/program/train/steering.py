"""Steering: what a training does to learning rate and gradient before the update rule sees them."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from math import inf, isfinite
from typing import Any

from autograd.optimizers.clipping import limit_of
from autograd.optimizers.settings import described, not_negative, truth

_MOST_STEPS = 4096  # that a schedule is asked about at once

Schedule = Callable[[int], float]


class Steering:
    """A schedule and limits of the gradient, checked.

    Args:
        schedule: A function of the number of steps taken before, or None.
        clip_norm: The largest norm of the gradient, or None.
        clip_value: The largest size of each of its numbers, or None.
        norms: Whether the norms are wanted; those that are limited are.
    """

    def __init__(
        self, schedule: Schedule | None, clip_norm: Any, clip_value: Any, norms: Any
    ) -> None:
        if schedule is not None and not callable(schedule):
            raise TypeError(
                "schedule must be a function of the number of steps taken before, such as "
                f"lambda step: 0.99**step, got {described(schedule)}"
            )
        self._schedule = schedule
        self.clip_norm = limit_of(clip_norm, "clip_norm")
        self.clip_value = limit_of(clip_value, "clip_value")
        self.keeps_norms = truth(norms, "norms") or self.clip_norm is not None
        self._first, self._known = 0, array("d")  # the factors of steps from one on

    @property
    def is_idle(self) -> bool:
        """Whether nothing is done but to limit numbers of the gradient."""
        return self._schedule is None and not self.keeps_norms

    def forget(self) -> None:
        """Ask the schedule anew: what it answered may depend on more than the step."""
        if self._known:
            self._known = array("d")

    def factors(self, first: int, steps: int) -> array[float] | None:
        """Return the factors of the learning rate for the steps that come next.

        The schedule is asked about each step once, until it is to be forgotten.

        Args:
            first: The number of steps taken before.
            steps: How many will be wanted; at least one of them is returned.

        Raises:
            TypeError: If the schedule returns no number.
            ValueError: If it returns one that is negative, NaN or infinite.
        """
        if self._schedule is None:
            return None
        place = first - self._first
        if not 0 <= place < len(self._known):
            ahead = range(first, first + min(steps, _MOST_STEPS))
            self._known = array("d", map(self._factor, ahead))
            self._first, place = first, 0
        return self._known[place : place + steps]

    def _factor(self, step: int) -> float:
        assert self._schedule is not None
        found = self._schedule(step)
        if type(found) is float and 0.0 <= found < inf:
            return found
        return float(not_negative(found, f"schedule({step})"))


def rate_of(lr: float, factor: float, step: int) -> float:
    """Return the learning rate of a step.

    Raises:
        ValueError: If it is too large for a float.
    """
    rate = lr * factor
    if not isfinite(rate):
        raise ValueError(f"schedule({step}) is {factor:g}: times lr={lr:g} it is too large")
    return rate
