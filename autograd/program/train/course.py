"""Courses: the steps of a training that the machine takes without returning to Python."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from autograd.machine import native_machine
from autograd.optimizers.optimizer import Optimizer
from autograd.program.assembly.assembler import Assembled, assemble
from autograd.program.columns.batch import Batch
from autograd.program.passes.derived import rows_code
from autograd.program.train.row_order import RowOrder
from autograd.program.train.steering import Steering
from autograd.program.variants.variant import Variant
from autograd.selection import Value

_MOST_ROWS = 1 << 16  # laid out for steps that nobody asked for


class Machinery:
    """The code of a variant's loss and gradient over rows, on a machine.

    Args:
        variant: What was recorded.
        values: What is trained, in the optimizer's order; all are among those it captured.
    """

    def __init__(self, variant: Variant, values: Sequence[Value]) -> None:
        code = variant.recorded
        self.values = list(values)
        self.captured = variant.captured
        place = {value: slot for slot, value in enumerate(variant.captured, variant.first_captured)}
        wanted = [place[value] for value in values]
        rows = rows_code(code, True, wanted, True)
        assembled: Assembled = assemble(rows.code, True)
        self.machine = native_machine().Machine(**vars(assembled))
        self.loss = assembled.outputs[0]
        self.gradients = _together(assembled.outputs[1:])
        # U begins with the parameters, which follow the inputs in the code.
        self.trained_slots = _together(array("i", [slot - code.inputs for slot in wanted]))


class Course:
    """Steps laid out ahead, of which some are taken at a time.

    Args:
        machinery: What runs them.
        batch: The rows.
        order: Their order; the course goes on from where it is.
        steps: How many steps will be wanted, all in all.
        steps_before: How many steps the trainer took.
        optimizer: Its state is that of the steps taken.
        is_mean: Whether the loss of a batch is the mean of its rows, or the sum.
        steering: The limits of the gradients.
    """

    def __init__(
        self,
        machinery: Machinery,
        batch: Batch,
        order: RowOrder,
        steps: int,
        steps_before: int,
        optimizer: Optimizer,
        is_mean: bool,
        steering: Steering,
    ) -> None:
        rule = optimizer._ready().text
        rows, sizes = order.ahead(steps)
        self.place = order.place
        self._order = order
        self._rows_of_a_step = order.size
        self.steps_before = steps_before
        self._changes = optimizer._changes
        self._settings = array("d", optimizer._numbers())
        self._form = [*map(bool, self._settings)]  # which are zero decides the form of the rule
        self._state = optimizer.state
        self._first_step = optimizer.steps
        self._steps = len(sizes)
        self._losses = array("d", bytes(8 * len(sizes)))
        self._norms = array("d", bytes(8 * len(sizes))) if steering.keeps_norms else None
        self._course = native_machine().Course(
            machinery.machine,
            batch.source,
            batch.rows,
            rows,
            sizes,
            rule,
            self._settings,
            machinery.gradients,
            machinery.loss,
            self._losses,
            trained=machinery.trained_slots,
            count=len(machinery.values),
            state=self._state,
            steps_before=optimizer.steps,
            mean=is_mean,
            clip_value=steering.clip_value or 0.0,
            clip_norm=steering.clip_norm or 0.0,
            norms=self._norms,
            values=machinery.values,
            captured=machinery.captured,
            numbers=batch.numbers,
            books=vars(optimizer),
        )

    def run(self, steps: int, factors: array[float] | None) -> int:
        """Take steps, as many as are left; return the machine's status.

        Whatever is raised, the Values and the optimizer are those of the steps taken.

        Args:
            steps: How many.
            factors: Of the learning rate, for as many steps.
        """
        status: int = self._course.run(steps, settings=self._settings, factors=factors)
        return status

    def next_step(self, lock: Any, outside: Any, same: list[Any], optimizer: Optimizer) -> Any:
        """Return what takes the next step as long as nothing is another than now.

        Args:
            lock: Of the trainer.
            outside: Tells whether what the function reads is as it was.
            same: Dictionaries with a key each, and what has to be there.
            optimizer: That of the course.
        """
        own = vars(optimizer)
        streams, seed, stream = self._order.stream
        if streams.get(seed) is not stream:
            return None
        same = [*same, own, "state", self._state, own, "orders", streams, streams, seed, stream]
        same += [vars(stream), "state", stream.state, vars(stream), "layout", stream.layout]
        names = tuple(optimizer._settings)
        return native_machine().NextStep(
            self._course, lock, outside, same, own, names, vars(stream)
        )

    @property
    def steps_to_follow(self) -> int:
        """How many steps to lay out next: twice as many if all were taken."""
        if self.steps_taken < self._steps:
            return 1
        return min(2 * self._steps, max(1, _MOST_ROWS // self._rows_of_a_step))

    def losses_from(self, first: int) -> list[float]:
        """Return the losses of the steps taken, from one on."""
        return self._losses[first : self.steps_taken].tolist()

    def norms_from(self, first: int) -> list[float]:
        """Return the norms of the gradients likewise, if they are kept."""
        return [] if self._norms is None else self._norms[first : self.steps_taken].tolist()

    @property
    def steps_taken(self) -> int:
        """How many steps are taken."""
        taken: int = self._course.steps_done
        return taken

    def goes_on(self, optimizer: Optimizer) -> bool:
        """Return whether there are steps left, by the same rule; settings may be other numbers."""
        taken = self.steps_taken
        if taken >= self._steps or optimizer.steps != self._first_step + taken:
            return False
        changes = optimizer._changes
        if changes != self._changes:
            settings = array("d", optimizer._numbers())
            if [*map(bool, settings)] != self._form:
                return False
            self._settings, self._changes = settings, changes
        return optimizer.state is self._state


def _together(slots: array[int]) -> int | array[int]:
    """Return the first of slots that lie side by side, or all of them."""
    first = slots[0]
    return first if list(slots) == list(range(first, first + len(slots))) else slots
