"""Training: many optimizer steps on the Values a program captured, inside the machine."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Sequence
from math import isfinite
from operator import is_
from time import perf_counter
from typing import Any
from weakref import ref

from autograd.program.assembly import Assembled, assemble
from autograd.program.batch_runs import batch_for_training, gradient_of_rows
from autograd.program.derived import rows_code
from autograd.program.interrupts import interrupts_wait
from autograd.program.optimizers import Optimizer
from autograd.program.points import native_machine, runs_on_machine
from autograd.program.recorder import Recorder
from autograd.program.variant import Variant
from autograd.selection import Value, edits, numbers_of, set_numbers

_MOST_ROWS = 1 << 20  # laid out ahead, about
_STEPS_AHEAD = 64
_MOMENT = 0.05  # seconds, until Ctrl-C is looked at


class Machinery:
    """The code of a variant's loss and gradient over rows, on a machine.

    Args:
        variant: What was recorded.
        values: What is trained, in the optimizer's order; all are among those it captured.
    """

    def __init__(self, variant: Variant, values: Sequence[Value]) -> None:
        code = variant.recorded
        self.values = list(values)
        place = {value: slot for slot, value in enumerate(variant.captured, variant.first_captured)}
        wanted = [place[value] for value in values]
        rows = rows_code(code, True, wanted, True)
        assembled: Assembled = assemble(rows.code, True)
        self.machine = native_machine().Machine(**vars(assembled))
        self.loss = assembled.outputs[0]
        self.gradients = _together(assembled.outputs[1:])
        # U begins with the parameters, which follow the inputs in the code.
        self.trained = array("i", [slot - code.inputs for slot in wanted])
        self.trained_slots = _together(self.trained)
        self.user: ref[Trainer] | None = None  # whose parameters it has


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
        self._shuffles = shuffle and self._size < rows
        self._random = random.Random(seed)
        self._is_mean = reduce == "mean"
        self._course: _Course | None = None
        self._edits = -1
        self._values: list[Value] = recorder.parameters
        if not self._values:
            raise ValueError(
                f"{recorder.name} uses no Values from outside, or none are listed as parameters: "
                "there is nothing to train"
            )
        optimizer.take(self._values)
        self._rest: tuple[array[int], array[int]] | None = None
        self._pace = _STEPS_AHEAD
        self._machinery: Machinery | None = None
        known = set(self._variant.captured)
        if runs_on_machine(self._variant.recorded) and known.issuperset(self._values):
            self._machinery = self._variant.machinery
            if self._machinery is None or not _are_same(self._machinery.values, self._values):
                self._machinery = self._variant.machinery = Machinery(self._variant, self._values)

    def step(self) -> float:
        """Take one step and return the loss before it.

        Raises:
            ArithmeticError: As `run`.
        """
        (loss,) = self._some_steps(1)
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

    # --- Which rows -------------------------------------------------------------------------------

    def _order(self, steps: int) -> tuple[array[int], array[int]]:
        """Return the rows of the next steps and perhaps more, to the end of an epoch.

        Returns:
            The rows, one batch after the other, and the batches' sizes.
        """
        rows, size = self._batch.rows, self._size
        sizes = array("q", [size]) * (rows // size) + array("q", [rows % size]) * (rows % size > 0)
        epochs = -(-steps // len(sizes))
        everything = array("q", range(rows))
        if not self._shuffles:
            return everything * epochs, sizes * epochs
        order = array("q")
        for _ in range(epochs):
            shuffled = everything.tolist()
            self._random.shuffle(shuffled)
            order.extend(shuffled)
        return order, sizes * epochs

    def _lay_out(self, steps: int) -> tuple[array[int], array[int]]:
        """Take the batches that were laid out and not taken, or lay out some."""
        rest, self._rest = self._rest, None
        if rest is None or not rest[1]:
            rest = self._order(max(1, min(max(steps, _STEPS_AHEAD), _MOST_ROWS // self._size)))
        return rest

    # --- Steps ------------------------------------------------------------------------------------

    def _advance(self, steps: int) -> list[float]:
        losses: list[float] = []
        with interrupts_wait() as interrupt:
            while len(losses) < steps and not interrupt.is_asked:
                losses += self._some_steps(steps - len(losses))
        return losses

    def _some_steps(self, steps: int) -> list[float]:
        """Take as many steps as fit in a moment; return the loss of each."""
        if self._machinery is not None:
            began = perf_counter()
            losses = self._advance_in_machine(steps, min(steps, self._pace))
            seconds = perf_counter() - began
            if len(losses) == self._pace and seconds < _MOMENT:
                self._pace *= 2
            elif seconds > 2.0 * _MOMENT:
                self._pace = max(1, self._pace // 2)
            return losses
        self.optimizer.settings()  # checked: they may have been changed
        order, sizes = self._lay_out(steps)
        self._rest = order[sizes[0] :], sizes[1:]
        return [self._step_in_python(order[: sizes[0]])]

    def _advance_in_machine(self, ahead: int, steps: int) -> list[float]:
        """Take steps, at most as many as given, out of those ahead."""
        course = self._ready_course(ahead)
        status = course.run(min(steps, course.left))
        losses = course.taken()
        self.steps += len(losses)
        self.optimizer.steps += len(losses)
        self._fetch()
        if status:
            # Another branch, or trouble: this step is eager code's, which may raise an error.
            self._course = None
            self._rest = course.rest(skipped=1)
            losses.append(self._step_in_python(course.next_rows()))
        return losses

    def _ready_course(self, steps: int) -> _Course:
        assert self._machinery is not None
        course = self._course
        settings = self.optimizer.settings()
        if course is not None and course.left and course.fits(settings, self.optimizer):
            user = self._machinery.user
            if user is None or user() is not self or self._edits != edits():
                self._give()
            return course
        if course is not None:
            self._rest = course.rest()
        order, sizes = self._lay_out(steps)
        course = self._course = _Course(self, self._machinery, order, sizes, settings)
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
        found, slots = self._machinery.machine.parameters(), self._machinery.trained_slots
        if isinstance(slots, int):  # side by side
            moved = found[slots : slots + len(self._values)]
        else:
            moved = array("d", [found[slot] for slot in slots])
        set_numbers(self._values, moved)
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


class _Course:
    """Steps laid out ahead, of which some are taken at a time."""

    def __init__(
        self,
        trainer: Trainer,
        machinery: Machinery,
        order: array[int],
        sizes: array[int],
        settings: dict[str, float],
    ) -> None:
        batch, optimizer = trainer._batch, trainer.optimizer
        self._settings = settings
        self._state = optimizer.state
        self._first_step = optimizer.steps
        self.left = len(sizes)
        self._order, self._sizes = order, sizes
        self._losses = array("d", bytes(8 * len(sizes)))
        self._taken = 0
        self._course = native_machine().Course(
            machinery.machine,
            batch.source,
            batch.rows,
            order,
            sizes,
            optimizer.kind,
            settings,
            machinery.gradients,
            machinery.loss,
            self._losses,
            trained=machinery.trained_slots,
            count=len(machinery.trained),
            state=self._state,
            steps_before=optimizer.steps,
            mean=trainer._is_mean,
        )

    def run(self, steps: int) -> int:
        """Take steps; return the machine's status."""
        status: int = self._course.run(steps)
        return status

    def taken(self) -> list[float]:
        """Return the losses of the steps taken since the last call."""
        done = self._course.steps_done
        losses = self._losses[self._taken : done].tolist()
        self._taken = done
        self.left = len(self._sizes) - done
        return losses

    def fits(self, settings: dict[str, float], optimizer: Optimizer) -> bool:
        """Return whether nothing changed that a course keeps to itself."""
        return (
            settings == self._settings
            and optimizer.state is self._state
            and optimizer.steps == self._first_step + self._taken
        )

    def rest(self, skipped: int = 0) -> tuple[array[int], array[int]]:
        """Return the rows and sizes of the batches that are left, but for some."""
        taken = self._taken + skipped
        return self._order[sum(self._sizes[:taken]) :], self._sizes[taken:]

    def next_rows(self) -> list[int]:
        """Return the rows of the batch whose step was not taken."""
        first = sum(self._sizes[: self._taken])
        return self._order[first : first + self._sizes[self._taken]].tolist()


def _together(slots: array[int]) -> int | array[int]:
    """Return the first of slots that lie side by side, or all of them."""
    first = slots[0]
    return first if list(slots) == list(range(first, first + len(slots))) else slots


def _are_same(some: Sequence[Value], others: Sequence[Value]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


def _count(number: Any, name: str) -> int:
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"{name} must be a whole number, got {number!r}")
    if number < 1:
        raise ValueError(f"{name} must be at least 1, got {number}")
    return number
