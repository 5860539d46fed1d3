"""Guards in emitted code: when they can be asked, and what they say."""

from __future__ import annotations

from autograd.program.code.instructions import Code
from autograd.program.emission.unit import Unit


def guards_by_slot(code: Code) -> dict[int, list[int]]:
    """Return the positions of the guards by the slot after which both operands are known.

    Those that ask for nothing computed stand under -1.
    """
    found: dict[int, list[int]] = {}
    for number, guard in enumerate(code.guards):
        last = max(guard.left, guard.right)
        found.setdefault(last if last >= code.first_result else -1, []).append(number)
    return found


def guard_texts(code: Code, unit: Unit) -> list[str]:
    """Return the guards as conditions on the names that the user gave."""
    names = [""] * code.first_constant
    for argument, first in unit.first_slots():
        own = argument.structure.names(argument.name)
        names[first : first + len(own)] = own
    for position, (label, _) in enumerate(unit.parameters):
        names[unit.first_captured + position] = label or f"parameters[{position}]"
    texts = []
    for left, comparison, right, outcome in code.guards:
        sides = []
        for slot in (left, right):
            if slot < code.first_constant:
                sides.append(names[slot])
            elif slot < code.first_result:
                sides.append(repr(code.constants[slot - code.first_constant]))
            else:
                number = slot - code.first_result + 1
                sides.append(code.labels.get(slot) or f"step {number}")
        text = f"{sides[0]} {comparison} {sides[1]}"
        texts.append(text if outcome else f"not {text}")
    return texts
