"""Training: many optimizer steps on the Values a program captured, inside the machine."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from math import isfinite
from operator import index, is_
from threading import Lock
from typing import Any, NoReturn

from autograd.machine import native_machine
from autograd.optimizers.clipping import clipped, norm_of
from autograd.optimizers.optimizer import Optimizer
from autograd.optimizers.settings import truth
from autograd.program.batch.calls import batch_for_training, gradient_of_rows
from autograd.program.record.arguments import Handed
from autograd.program.run.point_runner import runs_on_machine
from autograd.program.train.course import Course, Machinery
from autograd.program.train.interrupts import SignalsWait
from autograd.program.train.row_order import RowOrder
from autograd.program.train.steering import Steering, rate_of
from autograd.program.variants.recorder import Recorder
from autograd.selection import Value, numbers_of, set_numbers
from autograd.streams import printed_anywhere


@printed_anywhere
class Trainer:
    """Steps of an optimizer on batches of rows; the Values are up to date after every call.

    Made by `Program.trainer`.

    Whatever is raised meanwhile, by Ctrl-C or another signal too, a step is taken as a whole or not
    at all. One call works at a time.

    Attributes:
        optimizer: Its settings may be changed between calls.
        gradient_norms: Of the steps of the latest call, before clipping; see `Program.trainer`.
    """

    def __init__(
        self,
        recorder: Recorder,
        given: Handed,
        optimizer: Optimizer,
        batch_size: int | None,
        shuffle: bool,
        seed: int | None,
        reduce: str,
        steering: Steering,
        eager: bool = False,
    ) -> None:
        if reduce not in ("mean", "sum"):
            raise ValueError(f"reduce is 'mean' or 'sum', got {reduce!r}")
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"optimizer must be one, such as SGD(lr=0.1), got {optimizer!r}")
        self.optimizer = optimizer
        self._steering = steering
        self._is_eager = truth(eager, "eager")
        self.gradient_norms: list[float] = []
        recorder.is_asked_twice &= not self._is_eager  # a function that is run may draw anything
        self._steps = 0  # without those of the course
        self._recorder = recorder
        self._form = given.form
        self._batch, self._variant = batch_for_training(recorder, given)
        rows = self._batch.rows
        self._size = rows if batch_size is None else _count(batch_size, "batch_size")
        if self._size > rows:
            raise ValueError(f"batch_size is {batch_size}, but there are {rows} rows")
        self._order = RowOrder(rows, self._size, shuffle, seed, optimizer.orders)
        self._is_mean = reduce == "mean"
        self._course: Course | None = None
        self._next: Any = None  # takes the next step, if nothing else happens before
        self._lock = Lock()
        if not recorder.parameters:
            raise ValueError(
                f"{recorder.name} uses no Values from outside, or none are listed as parameters: "
                "there is nothing to train"
            )
        self._values: list[Value] = optimizer._take(recorder.parameters)
        self._changes = recorder.changes
        self._machinery: Machinery | None = None
        known = set(self._variant.captured)
        runs = runs_on_machine(self._variant.recorded) and not self._is_eager
        if runs and known.issuperset(self._values):
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

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Trainer cannot be copied or pickled: it trains the Values of its program where they "
            "are; copy the program, and make a trainer of the copy"
        )

    @property
    def steps(self) -> int:
        """How many steps this trainer took."""
        course = self._course
        return self._steps if course is None else course.steps_before + course.steps_taken

    @property
    def epoch_steps(self) -> int:
        """How many steps go through all rows."""
        return -(-self._batch.rows // self._size)

    def next_rows(self) -> list[int]:
        """Return the numbers of the rows that the next step takes, in their order.

        Example:
            >>> from autograd.optimizers import SGD
            >>> from autograd.program.compiling import compile
            >>> w = Value(0.0)
            >>> program = compile(lambda x: (w - x) ** 2)
            >>> trainer = program.trainer([5.0, 6.0, 7.0], optimizer=SGD(lr=0.1), batch_size=2)
            >>> trainer.next_rows(), trainer.step(), trainer.next_rows()
            ([2, 1], 42.5, [0])
        """
        self._refuse_company()
        with self._lock:
            if self._course is not None and not self._course.goes_on(self.optimizer):
                self._end_course()  # sooner than other batches are laid out
            return self._order.next_batch(1).tolist()

    def step(self) -> float:
        """Take one step and return the loss before it.

        Raises:
            ArithmeticError, RuntimeError: As `run`.
        """
        if self._next is not None:
            loss: float | None = self._next.take()
            if loss is not None:
                return loss
        (latest,) = self._advance(1, [])
        self._next = self._next_step()
        return latest

    def _next_step(self) -> Any:
        """Return what takes the next step without a look at anything that cannot have changed."""
        course = self._course
        watch = self._recorder.watch_of(self._form)
        if course is None or watch is None or not self._steering.is_idle:
            return None
        outside, same = watch
        own = vars(self)
        same += [own, "_course", course, own, "optimizer", self.optimizer]
        return course.next_step(self._lock, outside, same, self.optimizer)

    def run(
        self,
        steps: int | None = None,
        epochs: int | None = None,
        callback: Callable[[int, float], Any] | None = None,
        every: int | None = None,
        ahead: int | None = None,
    ) -> list[float]:
        """Take many steps and return the loss before each.

        Args:
            steps: How many; or
            epochs: how often to go through all rows.
            callback: Is called with the number of steps taken so far and the mean loss since the
                last call; training ends early if it returns something true.
            every: How many steps lie between calls; a tenth of all, if not given.
            ahead: How many steps later calls will take, if that is known: their rows are laid out
                together with these, and no others.

        Ctrl-C ends training between two steps: the Values are those reached so far.

        Raises:
            ArithmeticError: If a loss, gradient or parameter is not finite, or what eager code
                raises for that batch; the Values are those of the step before.
            RuntimeError: If the trainer is at work already, in another thread perhaps.
        """
        if (steps is None) == (epochs is None):
            raise TypeError("run takes steps or epochs, one of them")
        if steps is None:
            steps = _count(epochs, "epochs") * self.epoch_steps
        steps = _count(steps, "steps")
        if callback is None:
            return self._advance(steps, [], ahead)
        every = max(1, steps // 10) if every is None else _count(every, "every")
        losses: list[float] = []
        norms: list[float] = []
        while len(losses) < steps:
            latest = self._advance(min(every, steps - len(losses)), norms)
            losses += latest
            if callback(len(losses), sum(latest) / len(latest)):
                break
        return losses

    def _advance(self, steps: int, norms: list[float], ahead: int | None = None) -> list[float]:
        losses: list[float] = []
        self._refuse_company()
        with self._lock:
            self._refuse_change()
            self.gradient_norms = norms
            self._steering.forget()
            while len(losses) < steps:
                losses += self._some_steps(steps - len(losses), ahead)
        return losses

    def _refuse_change(self) -> None:
        recorder = self._recorder
        if self._is_eager:
            return  # the function itself is run
        recorder.look_outside(self._form)
        if recorder.changes != self._changes:
            again = recorder.recorded(self._batch.call(0))
            if self._variant.is_like(again):
                self._changes = recorder.changes
                return
            raise ValueError(
                f"{recorder.latest_change}, which {recorder.name} reads, changed since this "
                "trainer was made; make a new one, or give what changes as an argument"
            )

    def _refuse_company(self) -> None:
        if self._lock.locked():
            raise RuntimeError(
                f"{self!r} is already at work, in another thread perhaps, or in one that was there "
                "before this process was forked; make a trainer for each"
            )

    def _some_steps(self, steps: int, ahead: int | None) -> list[float]:
        """Take steps, at most so many; return the loss of each."""
        factors = self._steering.factors(self.optimizer.steps, steps)
        course = self._ready_course(steps, ahead)
        if course is None:
            return [self._step_in_python(steps, ahead or 0)]
        first = course.steps_taken
        try:
            status = course.run(steps if factors is None else len(factors), factors)
        finally:  # another trainer may go on from there
            self._order.go_to(course.place, course.steps_taken)
            self.gradient_norms += course.norms_from(first)
        losses = course.losses_from(first)
        if status:
            # Another branch, or trouble: this step is eager code's, which may raise an error.
            self._end_course()
            losses.append(self._step_in_python(1))
        return losses

    def _ready_course(self, steps: int, ahead: int | None) -> Course | None:
        """Return what goes on, or None if the machine does not know the loss or the optimizer."""
        course = self._course
        if self._machinery is not None and (course is None or not course.goes_on(self.optimizer)):
            if ahead is not None:
                steps += ahead
            elif course is not None:
                steps = max(steps, course.steps_to_follow)
            self._end_course()
            if not native_machine().knows_update_rule(self.optimizer._ready().text):
                return None
            course = self._course = Course(
                self._machinery,
                self._batch,
                self._order,
                steps,
                self._steps,
                self.optimizer,
                self._is_mean,
                self._steering,
            )
        return course

    def _end_course(self) -> None:
        course = self._course
        if course is not None:
            # Until the last assignment the course counts, so that an interrupt may come anywhere.
            taken = course.steps_taken
            self._steps = course.steps_before + taken
            self._order.go_to(course.place, taken)
            self._course = None

    def _step_in_python(self, steps: int, ahead: int = 0) -> float:
        """Take one step, out of those wanted and those ahead."""
        optimizer, steering = self.optimizer, self._steering
        factors = steering.factors(optimizer.steps, steps)
        factor = 1.0 if factors is None else factors[0]
        rate = rate_of(optimizer.lr, factor, optimizer.steps)
        loss, gradient = self._gradient(self._order.next_batch(steps + ahead), rate)
        limited = clipped(gradient, steering.clip_norm, steering.clip_value)
        if limited is None:
            raise self._not_finite("the norm of the gradient is infinite", rate)
        numbers, state = optimizer._moved(numbers_of(self._values), limited, factor)
        if not all(map(isfinite, numbers)) or not all(map(isfinite, state)):
            raise self._not_finite("a parameter or its momentum would not be finite", rate)
        moved = array("d", numbers)
        with SignalsWait():
            set_numbers(self._values, moved)
            optimizer._remember(state)
            self._order.taken(1)
            self._steps += 1
            if steering.keeps_norms:
                self.gradient_norms.append(norm_of(gradient))
        return loss

    def _gradient(self, rows: Sequence[int], rate: float) -> tuple[float, array[float]]:
        loss, gradient = gradient_of_rows(
            self._recorder, self._batch, rows, self._is_mean, self._values, self._is_eager
        )
        if len(self._recorder.parameters) > len(self._values):
            raise ValueError(
                f"step {self.steps + 1}: a branch of {self._recorder.name} uses Values that no row "
                "used before; name all of them: compile(f, parameters=[...])"
            )
        if not isfinite(loss):
            raise self._not_finite(f"the loss is {loss}", rate)
        if not all(map(isfinite, gradient)):
            raise self._not_finite("a parameter or its momentum would not be finite", rate)
        return loss, gradient

    def _not_finite(self, what: str, rate: float) -> ArithmeticError:
        return ArithmeticError(
            f"step {self.steps + 1}: {what}; the parameters are those of the step before. Perhaps "
            f"the learning rate, {rate}, is too large"
        )


def _are_same(some: Sequence[Value], others: Sequence[Value]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


def _count(number: Any, name: str) -> int:
    if isinstance(number, bool) or not hasattr(number, "__index__"):
        raise TypeError(f"{name} must be a whole number, got {number!r}")
    found = index(number)
    if found < 1:
        raise ValueError(f"{name} must be at least 1, got {found}")
    return found
