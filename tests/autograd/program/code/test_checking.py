"""`check`: everything well formed passes and runs, everything with a planted fault is refused."""

from __future__ import annotations

import math
import random
from array import array
from dataclasses import replace

import pytest

from autograd import Primitive, primitives
from autograd.machine import native_machine
from autograd.machine.words import OTHER_BRANCH
from autograd.operators import COMPARISONS
from autograd.primitives import RULES
from autograd.program.assembly.assembler import assemble
from autograd.program.code.checking import MOST_GIVEN, check
from autograd.program.code.instructions import TOTAL, Code, Guard, Instruction
from autograd.program.passes.derived import value_code
from autograd.program.run.point_runner import Points
from autograd.strict_json import shown

NUMBERS = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 1e300, 5e-324, math.inf, -math.inf, math.nan)


def random_code(source: random.Random) -> Code:
    """Well-formed code of any operations, which may well fail where it is run."""
    inputs, parameters = source.randint(0, 3), source.randint(0, 3)
    constants = tuple(source.choices(NUMBERS, k=source.randint(1, 4)))
    slots = inputs + parameters + len(constants)
    instructions = []
    for slot in range(slots, slots + source.randint(0, 25)):
        operation = source.choice(list(RULES.values()))
        size = operation.arity if operation.arity >= 0 else source.randint(1, 6)
        operands = tuple([source.randrange(slot) for _ in range(size)])
        instructions.append(Instruction(operation, operands))
    slots += len(instructions)
    guards = [
        Guard(
            source.randrange(slots),
            source.choice(list(COMPARISONS)),
            source.randrange(slots),
            source.random() < 0.5,
        )
        for _ in range(source.choice((0, 0, 1, 2)))
    ]
    return Code(
        inputs,
        parameters,
        constants,
        tuple(instructions),
        tuple([source.randrange(slots) for _ in range(source.randint(0, 3))]),
        tuple(guards),
        {source.randrange(slots): source.choice(("x", "", "σ_1"))},
    )


def with_instruction(code: Code, position: int, *parts: object) -> Code:
    changed = list(code.instructions)
    changed[position] = Instruction(*parts)
    return replace(code, instructions=tuple(changed))


def faults(code: Code, source: random.Random) -> list[tuple[Code, str]]:
    """The code with one thing wrong, in every way there is, and a word of the complaint."""
    slots = code.slots
    place = source.choice((-1, slots, slots + 5, 1 << 70, 0.0, True, None, "0"))
    found = [
        (replace(code, inputs=source.choice((-1, 1.0, True, None, "2"))), "inputs"),
        (replace(code, parameters=-source.randint(1, 9)), "parameters"),
        (replace(code, inputs=10**9), "more than"),
        (replace(code, inputs=MOST_GIVEN, parameters=1), "more than"),
        (replace(code, constants=(1.0, source.choice((1, True, None, "1.0", 1j)))), "constant 1"),
        (replace(code, constants=None), "constants"),
        (replace(code, instructions=dict.fromkeys(code.instructions)), "instructions"),
        (replace(code, outputs=(*code.outputs, place)), f"output {len(code.outputs)}"),
        (replace(code, outputs=place), "outputs"),
        (replace(code, guards=(Guard(place, "<", 0, True),)), "guard 0: left"),
        (replace(code, guards=(Guard(0, "<", place, True),)), "guard 0: right"),
        (replace(code, guards=(Guard(0, "=<", 0, True),)), "comparison"),
        (replace(code, guards=(Guard(0, ["<"], 0, True),)), "comparison"),
        (replace(code, guards=(Guard(0, "<", 0, 1),)), "outcome"),
        (replace(code, guards=((0, "<", 0, True),)), "guard 0"),
        (replace(code, labels={place: "x"}), "label"),
        (replace(code, labels={0: None}), "label"),
        (replace(code, labels=["x"]), "labels"),
    ]
    if not code.instructions:
        return found
    position = source.randrange(len(code.instructions))
    operation, operands = code.instructions[position]
    own = code.first_result + position
    later = source.choice((own, own + 1, slots, -1, -own - 1, 1 << 40, 1.0, None, "x", False))
    wrong = (*operands[:-1], later)
    stranger = Primitive(operation.name, lambda x: x, (lambda out, x: 1.0,))
    changes = [
        with_instruction(code, position, operation, wrong),
        with_instruction(code, position, operation, ()),
        with_instruction(code, position, operation, list(operands)),
        with_instruction(code, position, operation, operands[0]),
        with_instruction(code, position, operation, None),
        with_instruction(code, position, stranger, operands),
        with_instruction(code, position, TOTAL, (0, 0)),
        with_instruction(code, position, operation.name, operands),
        with_instruction(code, position, operation.forward, operands),
        with_instruction(code, position, [], operands),
        with_instruction(code, position, primitives.sin, (0, 0)),
        with_instruction(code, position, primitives.clip, (0,)),
        replace(code, instructions=(*code.instructions, (primitives.neg, (0,)))),
        replace(code, instructions=(*code.instructions, None)),
    ]
    return found + [(change, "instruction") for change in changes]


@pytest.mark.parametrize("seed", range(40))
def test_a_planted_fault_is_refused(seed):
    source = random.Random(seed)
    code = random_code(source)
    check(code)
    for wrong, word in faults(code, source):
        with pytest.raises(ValueError, match=word):
            check(wrong)


@pytest.mark.parametrize("seed", range(150))
def test_what_passes_runs_and_gives_what_the_rule_book_gives(seed):
    source = random.Random(seed)
    for _ in range(4):
        code = random_code(source)
        check(code)
        derived = value_code(code).code
        check(derived)
        inputs = source.choices(NUMBERS[2:7], k=code.inputs)
        parameters = source.choices(NUMBERS[2:7], k=code.parameters)
        status, outputs = Points(derived).run(inputs, array("d", parameters))
        slots = what_can_be_computed(code, inputs, parameters)
        expected = [slots[output] for output in code.outputs]
        if status == 0 and None not in expected:
            assert [x.hex() for x in outputs] == [x.hex() for x in expected]
        if None not in slots and all(map(math.isfinite, slots)):
            differs = any(
                COMPARISONS[comparison](slots[left], slots[right]) is not outcome
                for left, comparison, right, outcome in code.guards
            )
            assert bool(status & OTHER_BRANCH) == differs


def what_can_be_computed(code, inputs, parameters):
    """The number in every slot, None where an instruction, or one before it, raises."""
    slots = [*inputs, *parameters, *code.constants]
    for operation, operands in code.instructions:
        given = [slots[operand] for operand in operands]
        try:
            slots.append(None if None in given else operation.forward(*given))
        except (ArithmeticError, ValueError):
            slots.append(None)
    return slots


@pytest.mark.skipif(native_machine() is None, reason="the machine is not built")
@pytest.mark.parametrize("seed", range(100))
def test_the_machine_accepts_every_code_that_passes(seed):
    source = random.Random(1000 + seed)
    for _ in range(4):
        code = random_code(source)
        check(code)
        machine = native_machine().Machine(**vars(assemble(code)))
        assert len(machine.outputs()) == len(code.outputs)


def test_the_smallest_codes_pass():
    check(Code(0, 0, (), (), ()))
    check(Code(1, 0, (), (), (0, 0)))
    check(Code(0, 0, (math.nan,), (), (0,)))


def test_an_error_shows_little_of_what_is_huge():
    assert len(shown("x" * 10**6)) < 100
    assert shown([[[]]]) == "a list of 1"
    assert shown(10**5000) == "a huge int"
