"""Courses: the steps of a training that the machine takes without returning to Python."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from weakref import ref

from autograd.program.assembly import Assembled, assemble
from autograd.program.batches import Batch
from autograd.program.derived import rows_code
from autograd.program.native import native_machine
from autograd.program.optimizers import Optimizer
from autograd.program.variant import Variant
from autograd.selection import Value


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
        self.user: ref[object] | None = None  # whose parameters it has
        self._numbers = array("d", bytes(8 * len(values)))

    def trained_numbers(self) -> array[float]:
        """Return what the trained parameters are now, in an array that the next call fills anew."""
        slots = self.trained_slots
        if isinstance(slots, int):  # side by side
            self.machine.copy_parameters(self._numbers, slots)
            return self._numbers
        everything = self.machine.parameters()
        return array("d", [everything[slot] for slot in slots])


class Course:
    """Steps laid out ahead, of which some are taken at a time.

    Args:
        machinery: What runs them.
        batch: The rows.
        order: Those of every step's batch, batch after batch.
        sizes: Of the batches.
        optimizer: Its state is that of the steps taken; its settings stay.
        is_mean: Whether the loss of a batch is the mean of its rows, or the sum.
    """

    def __init__(
        self,
        machinery: Machinery,
        batch: Batch,
        order: array[int],
        sizes: array[int],
        optimizer: Optimizer,
        is_mean: bool,
    ) -> None:
        self._changes = optimizer.changes
        self._state = optimizer.state
        self._first_step = optimizer.steps
        self.left = len(sizes)
        self._steps = len(sizes)
        self._losses = array("d", bytes(8 * len(sizes)))
        self._taken = 0
        self._course = native_machine().Course(
            machinery.machine,
            batch.source,
            batch.rows,
            order,
            sizes,
            optimizer.kind,
            optimizer.settings(),
            machinery.gradients,
            machinery.loss,
            self._losses,
            trained=machinery.trained_slots,
            count=len(machinery.trained),
            state=self._state,
            steps_before=optimizer.steps,
            mean=is_mean,
        )

    def run(self, steps: int) -> int:
        """Take steps; return the machine's status."""
        status: int = self._course.run(steps)
        return status

    def losses_taken(self) -> list[float]:
        """Return the losses of the steps taken since the last call."""
        done = self._course.steps_done
        losses = self._losses[self._taken : done].tolist()
        self._taken = done
        self.left = self._steps - done
        return losses

    def fits(self, optimizer: Optimizer) -> bool:
        """Return whether nothing changed that a course keeps to itself."""
        return (
            optimizer.changes == self._changes
            and optimizer.state is self._state
            and optimizer.steps == self._first_step + self._taken
        )


def _together(slots: array[int]) -> int | array[int]:
    """Return the first of slots that lie side by side, or all of them."""
    first = slots[0]
    return first if list(slots) == list(range(first, first + len(slots))) else slots
