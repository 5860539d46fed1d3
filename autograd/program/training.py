"""Training: many optimizer steps on the Values a program captured, inside the machine."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from math import isfinite
from operator import is_
from time import perf_counter
from typing import Any
from weakref import ref

from autograd.program.batch_runs import batch_for_training, gradient_of_rows
from autograd.program.course import Course, Machinery
from autograd.program.interrupts import interrupts_wait
from autograd.program.optimizers import Optimizer
from autograd.program.points import runs_on_machine
from autograd.program.recorder import Recorder
from autograd.program.row_order import RowOrder
from autograd.selection import Value, edits, numbers_of, set_numbers

_STEPS_AT_ONCE = 64  # at first
_MOMENT = 0.05  # seconds, until Ctrl-C is looked at


class Trainer:
    """Steps of an optimizer on batches of rows; the Values are up to date after every call.

    Made by `Program.trainer`.

    Attributes:
        optimizer: Its settings may be changed between calls.
        steps: How many steps this trainer took.
    """

    def __init__(
        self,
        recorder: Recorder,
        args: tuple[Any, ...],
        optimizer: Optimizer,
        batch_size: int | None = None,
        shuffle: bool = True,
        seed: int | None = 0,
        reduce: str = "mean",
    ) -> None:
        if reduce not in ("mean", "sum"):
            raise ValueError(f"reduce is 'mean' or 'sum', got {reduce!r}")
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"optimizer is an SGD or Adam of autograd.program, got {optimizer!r}")
        self.optimizer = optimizer
        self.steps = 0
        self._recorder = recorder
        self._batch, self._variant = batch_for_training(recorder, args)
        rows = self._batch.rows
        self._size = rows if batch_size is None else _count(batch_size, "batch_size")
        if self._size > rows:
            raise ValueError(f"batch_size is {batch_size}, but there are {rows} rows")
        self._order = RowOrder(rows, self._size, shuffle, seed)
        self._is_mean = reduce == "mean"
        self._course: Course | None = None
        self._edits = -1
        self._values: list[Value] = recorder.parameters
        if not self._values:
            raise ValueError(
                f"{recorder.name} uses no Values from outside, or none are listed as parameters: "
                "there is nothing to train"
            )
        optimizer.take(self._values)
        self._pace = _STEPS_AT_ONCE
        self._machinery: Machinery | None = None
        known = set(self._variant.captured)
        if runs_on_machine(self._variant.recorded) and known.issuperset(self._values):
            self._machinery = self._variant.machinery
            if self._machinery is None or not _are_same(self._machinery.values, self._values):
                self._machinery = self._variant.machinery = Machinery(self._variant, self._values)

    def __repr__(self) -> str:
        rows, size = self._batch.rows, self._size
        batches = f"{rows} rows" if size == rows else f"{rows} rows, {size} at a time"
        return (
            f"Trainer({self._recorder.name}: {len(self._values)} parameters, {batches}, "
            f"{self.steps} steps taken, {self.optimizer!r})"
        )

    def step(self) -> float:
        """Take one step and return the loss before it.

        Raises:
            ArithmeticError: As `run`.
        """
        if self._machinery is None:
            return self._advance_in_python(1)
        (loss,) = self._advance_in_machine(1, 1)
        return loss

    def run(
        self,
        steps: int | None = None,
        epochs: int | None = None,
        callback: Callable[[int, float], Any] | None = None,
        every: int | None = None,
    ) -> list[float]:
        """Take many steps and return the loss before each.

        Args:
            steps: How many; or
            epochs: how often to go through all rows.
            callback: Is called with the number of steps taken so far and the mean loss since the
                last call; training ends early if it returns something true.
            every: How many steps lie between calls; a tenth of all, if not given.

        Ctrl-C ends training after the step at work: the Values are those reached so far.

        Raises:
            ArithmeticError: If a loss, gradient or parameter is not finite, or what eager code
                raises for that batch; the Values are those of the step before.
        """
        if (steps is None) == (epochs is None):
            raise TypeError("run takes steps or epochs, one of them")
        if steps is None:
            steps = _count(epochs, "epochs") * -(-self._batch.rows // self._size)
        steps = _count(steps, "steps")
        if callback is None:
            return self._advance(steps)
        every = max(1, steps // 10) if every is None else _count(every, "every")
        losses: list[float] = []
        while len(losses) < steps:
            latest = self._advance(min(every, steps - len(losses)))
            losses += latest
            if callback(len(losses), sum(latest) / len(latest)):
                break
        return losses

    def _advance(self, steps: int) -> list[float]:
        losses: list[float] = []
        with interrupts_wait() as interrupt:
            while len(losses) < steps and not interrupt.is_asked:
                losses += self._some_steps(steps - len(losses))
        return losses

    def _some_steps(self, steps: int) -> list[float]:
        """Take as many steps as fit in a moment; return the loss of each."""
        if self._machinery is None:
            return [self._advance_in_python(steps)]
        began = perf_counter()
        losses = self._advance_in_machine(steps, min(steps, self._pace))
        seconds = perf_counter() - began
        if len(losses) == self._pace and seconds < _MOMENT:
            self._pace *= 2
        elif seconds > 2.0 * _MOMENT:
            self._pace = max(1, self._pace // 2)
        return losses

    def _advance_in_python(self, ahead: int) -> float:
        """Take one step, out of those ahead."""
        self.optimizer.settings()  # checked: there may be no memory for a momentum
        return self._step_in_python(self._order.next_batch(ahead))

    def _advance_in_machine(self, ahead: int, steps: int) -> list[float]:
        """Take steps, at most as many as given, out of those ahead."""
        course = self._ready_course(ahead)
        status = course.run(min(steps, course.left))
        losses = course.losses_taken()
        self._order.taken(len(losses))
        self.steps += len(losses)
        self.optimizer.steps += len(losses)
        self._fetch()
        if status:
            # Another branch, or trouble: this step is eager code's, which may raise an error.
            self._course = None
            losses.append(self._step_in_python(self._order.next_batch(1)))
        return losses

    def _ready_course(self, steps: int) -> Course:
        assert self._machinery is not None
        course = self._course
        if course is not None and course.left and course.fits(self.optimizer):
            user = self._machinery.user
            if user is None or user() is not self or self._edits != edits():
                self._give()
            return course
        course = self._course = Course(
            self._machinery,
            self._batch,
            *self._order.ahead(steps),
            self.optimizer,
            self._is_mean,
        )
        self._give()
        return course

    def _give(self) -> None:
        assert self._machinery is not None
        self._machinery.machine.set_parameters(self._all_parameters())
        self._machinery.user = ref(self)
        self._edits = edits()

    def _all_parameters(self) -> array[float]:
        # Two more than the recorded code's: the weight of a row and the number of rows.
        captured = numbers_of(self._variant.captured)
        return self._batch.numbers + captured + array("d", [0.0, 0.0])

    def _fetch(self) -> None:
        assert self._machinery is not None
        set_numbers(self._values, self._machinery.trained_numbers())
        self._edits = edits()

    def _step_in_python(self, rows: Sequence[int]) -> float:
        loss, gradient = gradient_of_rows(
            self._recorder, self._batch, rows, self._is_mean, self._values
        )
        if len(self._recorder.parameters) > len(self._values):
            raise ValueError(
                f"step {self.steps + 1}: a branch of {self._recorder.name} uses Values that no row "
                "used before; name all of them: compile(f, parameters=[...])"
            )
        if not isfinite(loss) or not all(map(isfinite, gradient)):
            raise self._not_finite(loss)
        before = self.optimizer.state, self.optimizer.steps
        moved = self.optimizer.moved(numbers_of(self._values), gradient)
        if not all(map(isfinite, moved)):
            self.optimizer.state, self.optimizer.steps = before
            raise self._not_finite(loss)
        set_numbers(self._values, array("d", moved))
        self.steps += 1
        return loss

    def _not_finite(self, loss: float) -> ArithmeticError:
        what = f"the loss is {loss}" if not isfinite(loss) else "a parameter would not be finite"
        return ArithmeticError(
            f"step {self.steps + 1}: {what}; the parameters are those of the step before. Perhaps "
            f"the learning rate, {self.optimizer.lr}, is too large"
        )


def _are_same(some: Sequence[Value], others: Sequence[Value]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


def _count(number: Any, name: str) -> int:
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"{name} must be a whole number, got {number!r}")
    if number < 1:
        raise ValueError(f"{name} must be at least 1, got {number}")
    return number
