"""Nothing is written twice, and the compiled numbering writes what the one in Python writes."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest

from autograd import primitives
from autograd.machine import in_python
from autograd.primitive import Primitive
from autograd.program.code.instructions import TOTAL, Instruction
from autograd.program.passes import value_numbering
from autograd.program.passes.builder import Builder
from autograd.program.passes.value_numbering import ALIKE, CONSTANT, VARYING

NUMBERS = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 3.7, 1e200, math.inf, math.nan]
KINDS = list(dict.fromkeys([in_python["Numbering"], value_numbering.Numbering]))
OWN = Primitive("own", lambda x, y: x - 2.0 * y, (None, None), symbol="own")


def names_of_bits(numbers):
    return [None if x is None else float(x).hex() for x in numbers]


def state(builder):
    return (
        builder.operation,
        builder.operands,
        names_of_bits(builder.number),
        list(builder.kind),
        dict(builder.removed),
    )


def builder_on(kind):
    """A builder on one of the two, whichever the engine uses."""
    own = type("Own", (kind,), {k: v for k, v in vars(Builder).items() if k != "__init__"})
    builder = own(3, 2)
    builder.inputs, builder.parameters, builder.exact = 3, 2, False
    return builder


def write_at_random(builder, seed):
    """Write two hundred instructions on whatever was written before; return all answers."""
    source = random.Random(seed)
    slots = list(range(5)) + [builder.constant(source.choice(NUMBERS)) for _ in range(4)]
    operations = [
        *(primitives.add, primitives.sub, primitives.mul, primitives.div, primitives.pow),
        *(primitives.neg, primitives.pos, primitives.exp, primitives.log, primitives.where),
        *(primitives.sum, primitives.dot, primitives.softmax_component, TOTAL, OWN),
    ]
    for _ in range(200):
        operation = source.choice(operations)
        size = source.choice([1, 2, 3, 5]) if operation.is_variadic else operation.arity
        recent = slots[-8:] if source.random() < 0.7 else slots
        operands = source.choices(recent, k=size)
        if operation is TOTAL:
            operands = [source.randrange(3), operands[0]]  # at least one varies
        slots.append(builder.emit(operation, tuple(operands)))
    more = [Instruction(primitives.mul, (0, 8)), Instruction(primitives.exp, (209,))]
    builder.extend(slots, more)
    wanted = source.sample(slots, 4)
    constants, instructions, place = builder.kept(wanted)
    return slots, wanted, names_of_bits(constants), instructions, place


@pytest.mark.skipif(len(KINDS) == 1, reason="the machine is not built")
def test_both_kinds_write_the_same():
    removed = Counter()
    for seed in range(100):
        in_python, compiled = map(builder_on, KINDS)
        assert write_at_random(in_python, seed) == write_at_random(compiled, seed)
        assert state(in_python) == state(compiled)
        removed += in_python.removed
    assert min(removed[how] for how in ("merged", "folded", "simplified")) > 100


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_twice_has_one_slot(kind):
    builder = builder_on(kind)
    product = builder.emit(primitives.mul, (0, 1))
    assert builder.emit(primitives.mul, (1, 0)) == product  # it commutes
    assert builder.emit(primitives.sub, (0, 1)) != builder.emit(primitives.sub, (1, 0))
    assert builder.constant(0.0) != builder.constant(-0.0)
    assert builder.constant(math.nan) == builder.constant(-math.nan)
    assert builder.removed == {"merged": 1}


@pytest.mark.parametrize("kind", KINDS)
def test_constants_are_computed_unless_that_fails(kind):
    builder = builder_on(kind)
    two, zero = builder.constant(2.0), builder.constant(0.0)
    four = builder.emit(primitives.mul, (two, two))
    assert builder.number[four] == 4.0
    failing = builder.emit(primitives.div, (two, zero))
    assert builder.operation[failing] is primitives.div
    assert builder.number[failing] is None
    huge = builder.constant(1e200)
    overflowing = builder.emit(primitives.mul, (huge, huge))
    assert builder.operation[overflowing] is primitives.mul


@pytest.mark.parametrize("kind", KINDS)
def test_a_result_varies_if_an_operand_does(kind):
    builder = builder_on(kind)
    one = builder.constant(1.5)
    expected = {(0, 3): VARYING, (3, 4): ALIKE, (3, one): ALIKE, (one, 0): VARYING}
    for operands, wanted in expected.items():
        assert builder.kind[builder.emit(primitives.div, operands)] == wanted
    assert builder.kind[one] == CONSTANT
    assert builder.kind[builder.emit(TOTAL, (0, 1))] == ALIKE


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_needs_is_dropped_and_the_rest_numbered_anew(kind):
    builder = builder_on(kind)
    unused, used = builder.constant(7.0), builder.constant(3.0)
    builder.emit(primitives.exp, (0,))
    scaled = builder.emit(primitives.mul, (1, used))
    result = builder.emit(primitives.sin, (scaled,))
    constants, instructions, place = builder.kept([result])
    assert constants == [3.0]
    assert instructions == [
        Instruction(primitives.mul, (1, 5)),
        Instruction(primitives.sin, (6,)),
    ]
    assert all(type(found) is Instruction for found in instructions)
    assert (place[used], place[scaled], place[result], place[unused]) == (5, 6, 7, -1)


@pytest.mark.parametrize("kind", KINDS)
def test_slots_that_are_not_there_are_refused(kind):
    builder = builder_on(kind)
    with pytest.raises(IndexError):
        builder.emit(primitives.exp, (99,))
    with pytest.raises(IndexError):
        builder.extend([0, 1], [Instruction(primitives.exp, (2,))])
    with pytest.raises(IndexError):
        builder.kept([99])
