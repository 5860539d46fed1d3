"""Running code on single points: on the native machine, or as generated Python."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from math import isfinite
from typing import Any

from autograd import primitives
from autograd.machine import native_machine
from autograd.machine.words import OTHER_BRANCH, SUSPECT
from autograd.operators import COMPARISONS
from autograd.program.assembly.assembler import CODES, assemble
from autograd.program.code.instructions import TOTAL, Code
from autograd.program.run.in_python import function


def runs_on_machine(code: Code) -> bool:
    """Return whether the machine is there and knows all operations of the code."""
    if native_machine() is None:
        return False
    return all(x in CODES or x is TOTAL for x in {operation for operation, _ in code.instructions})


def machine_listing(code: Code) -> str:
    """Return the machine code that single points run, as a listing; empty if there is none."""
    if not runs_on_machine(code):
        return ""
    machine = native_machine()
    return str(machine.machine_listing(machine.Machine(**vars(assemble(code)))))


def are_finite(numbers: Sequence[float]) -> bool:
    """Return whether none of the numbers is infinite or NaN."""
    return isfinite(sum(numbers)) or all(map(isfinite, numbers))


def unread(code: Code) -> list[int]:
    """Return the results that nothing reads: outputs, and what stands there for its error."""
    read = {operand for _, operands in code.instructions for operand in operands}
    return [slot for slot in range(code.first_result, code.slots) if slot not in read]


def suspicious(code: Code) -> list[int]:
    """Return the results that Python lets be infinite, although eager code may refuse them."""
    divisions = [
        slot
        for slot, (operation, _) in enumerate(code.instructions, start=code.first_result)
        if operation is primitives.div
    ]
    return unread(code) + divisions


class Points:
    """Code that is ready to run on single points.

    Args:
        code: Code whose outputs are wanted.
    """

    def __init__(self, code: Code) -> None:
        self.code = code
        self.machine: Any = None
        if runs_on_machine(code):
            self.machine = native_machine().Machine(**vars(assemble(code)))
        else:
            guards = [slot for guard in code.guards for slot in (guard.left, guard.right)]
            outputs = (*code.outputs, *guards, *suspicious(code))
            self._function = function(replace(code, outputs=outputs))

    def run(self, inputs: Sequence[float], parameters: array[float]) -> tuple[int, list[float]]:
        """Return a status, 0 if all is well, and the outputs.

        Infinite and undefined numbers are left to eager code: where one comes in, no flag is raised
        by what Python's floats refuse, inf / 0.0, or by a derivative that is infinite times 0.0.
        """
        if self.machine is not None:
            status, outputs = self.machine.run_at(array("d", inputs), parameters)
            return status, outputs.tolist()
        try:
            found = self._function(inputs, parameters)
        except (ArithmeticError, ValueError):
            return SUSPECT | self._other_branch(inputs, parameters), []
        size = len(self.code.outputs)
        outputs, compared = found[:size], iter(found[size:])
        for guard, left, right in zip(self.code.guards, compared, compared, strict=False):
            if COMPARISONS[guard.comparison](left, right) is not guard.outcome:
                return OTHER_BRANCH, []
        looked_at = (inputs, parameters, outputs, found[size + 2 * len(self.code.guards) :])
        return (0 if all(map(are_finite, looked_at)) else SUSPECT), outputs

    def _other_branch(self, inputs: Sequence[float], parameters: Sequence[float]) -> int:
        """Whether a guard fails before the instruction that does."""
        slots = [*inputs, *parameters, *self.code.constants]
        known: dict[int, float] = dict(enumerate(slots))
        slot = self.code.first_result
        for operation, operands in self.code.instructions:
            with suppress(ArithmeticError, ValueError, KeyError):
                known[slot] = operation.value([known[operand] for operand in operands])
            slot += 1
        for left, comparison, right, outcome in self.code.guards:
            is_known = left in known and right in known
            if is_known and COMPARISONS[comparison](known[left], known[right]) is not outcome:
                return OTHER_BRANCH
        return 0
