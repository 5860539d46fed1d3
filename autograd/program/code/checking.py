"""Checking code that comes from outside: from a file, from another process, written by a program.

What passes can be simplified, differentiated, assembled and written out in another language. Which
numbers it computes, and whether it fails on some, is its own affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from autograd.operators import COMPARISONS
from autograd.primitives import RULES
from autograd.program.code.instructions import Code, Guard, Instruction
from autograd.strict_json import shown

# Counts that a file of a few bytes can declare, and what follows them in memory.
MOST_GIVEN = 1 << 20  # inputs and parameters
MOST_SLOTS = 1 << 24
MOST_OPERANDS = 1 << 26  # of all instructions together

_ARITIES = {operation: operation.arity for operation in RULES.values()}


def check(code: Code) -> None:
    """Raise an error unless code is well formed.

    Operations are those of the rule book, each with as many operands as it takes; an operand is an
    earlier slot; outputs, guards and labels name slots that exist; constants are floats, of which
    any, infinities too, are allowed.

    Raises:
        ValueError: If anything is wrong, saying where.

    Example:
        >>> from autograd import primitives
        >>> from autograd.program.code.instructions import Instruction
        >>> check(Code(2, 0, (), (Instruction(primitives.mul, (0, 1)),), (2,)))
        >>> check(Code(2, 0, (), (Instruction(primitives.mul, (0, 2)),), (2,)))
        Traceback (most recent call last):
          ...
        ValueError: instruction 0, mul 0 2: operand 1 has to be a slot from 0 to 1, got 2
    """
    given = _count(code.inputs, "inputs") + _count(code.parameters, "parameters")
    if given > MOST_GIVEN:
        raise ValueError(f"{given} inputs and parameters are more than {MOST_GIVEN}")
    constants = _sequence(code.constants, "constants")
    for position, number in enumerate(constants):
        if type(number) is not float:
            raise ValueError(f"constant {position} has to be a float, got {shown(number)}")
    instructions = _sequence(code.instructions, "instructions")
    slots = given + len(constants) + len(instructions)
    if slots > MOST_SLOTS:
        raise ValueError(f"{slots} slots are more than {MOST_SLOTS}")
    _check_instructions(instructions, given + len(constants))
    for position, output in enumerate(_sequence(code.outputs, "outputs")):
        _check_slot(output, slots, f"output {position}")
    for position, guard in enumerate(_sequence(code.guards, "guards")):
        _check_guard(guard, slots, f"guard {position}")
    _check_labels(code.labels, slots)


def _check_instructions(instructions: Iterable[Any], slot: int) -> None:
    operand_count = 0
    for position, instruction in enumerate(instructions):
        try:
            operation, operands = instruction
            arity = _ARITIES[operation]
            size = len(operands)
            if (
                (size == arity if arity >= 0 else size > 0)
                and type(instruction) is Instruction
                and type(operands) is tuple
                and set(map(type, operands)) == {int}
                and min(operands) >= 0
                and max(operands) < slot
            ):
                operand_count += size
                slot += 1
                continue
        except (TypeError, ValueError, KeyError):
            pass
        _refuse(instruction, position, slot)
    if operand_count > MOST_OPERANDS:
        raise ValueError(f"{operand_count} operands are more than {MOST_OPERANDS}")


def _refuse(instruction: Any, position: int, slot: int) -> NoReturn:
    """Say what is wrong with an instruction."""
    where = f"instruction {position}"
    if type(instruction) is not Instruction:
        raise ValueError(f"{where} has to be an Instruction, got {shown(instruction)}")
    operation, operands = instruction
    name = getattr(operation, "name", None)
    if not isinstance(name, str) or RULES.get(name) is not operation:
        raise ValueError(f"{where}: {shown(name or operation)} is not in the rule book")
    if type(operands) is not tuple:
        raise ValueError(f"{where}, {name}: operands have to be a tuple, got {shown(operands)}")
    where += f", {name} {' '.join(map(shown, operands[:4]))}{' …' * (len(operands) > 4)}"
    arity = operation.arity
    if len(operands) != arity if arity >= 0 else not operands:
        takes = "at least 1 operand" if arity < 0 else f"{arity} operand" + "s" * (arity != 1)
        raise ValueError(f"{where}: {name} takes {takes}, got {len(operands)}")
    place = next(i for i, x in enumerate(operands) if type(x) is not int or not 0 <= x < slot)
    raise ValueError(
        f"{where}: operand {place} has to be a slot from 0 to {slot - 1}, got "
        f"{shown(operands[place])}"
    )


def _check_slot(slot: Any, slots: int, where: str) -> None:
    if type(slot) is not int or not 0 <= slot < slots:
        raise ValueError(f"{where} has to be a slot from 0 to {slots - 1}, got {shown(slot)}")


def _check_guard(guard: Any, slots: int, where: str) -> None:
    if type(guard) is not Guard:
        raise ValueError(f"{where} has to be a Guard, got {shown(guard)}")
    left, comparison, right, outcome = guard
    _check_slot(left, slots, f"{where}: left")
    _check_slot(right, slots, f"{where}: right")
    if not isinstance(comparison, str) or comparison not in COMPARISONS:
        raise ValueError(
            f"{where}: a comparison is one of {' '.join(COMPARISONS)}, got {shown(comparison)}"
        )
    if not isinstance(outcome, bool):
        raise ValueError(f"{where}: an outcome is True or False, got {shown(outcome)}")


def _check_labels(labels: Any, slots: int) -> None:
    if not isinstance(labels, Mapping):
        raise ValueError(f"labels have to be a dict, got {shown(labels)}")
    for slot, label in labels.items():
        _check_slot(slot, slots, f"the slot of label {shown(label)}")
        if not isinstance(label, str):
            raise ValueError(f"the label of slot {slot} has to be text, got {shown(label)}")


def _count(number: Any, what: str) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(f"{what} has to be a count, got {shown(number)}")
    return number


def _sequence(things: Any, what: str) -> Sequence[Any]:
    if not isinstance(things, (tuple, list)):
        raise ValueError(f"{what} have to be a tuple, got {shown(things)}")
    return things
