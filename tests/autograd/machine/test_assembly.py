"""Packs at a point and the words of packs: read back, they say what was to be computed."""

from __future__ import annotations

import random
from array import array
from collections import Counter

import pytest

from autograd import primitives
from autograd.program.code.instructions import TOTAL, Instruction

machine = pytest.importorskip(
    "autograd.machine.interpreter", reason="the machine is not built (setup.py build_ext)"
)

ABSENT, U, LISTED, V = -1, 0, 1, 2


def words_of(instructions=(), first=0, address=(), in_rows=b""):
    return machine.Words(tuple(instructions), first, list(address), bytearray(in_rows))


def operand_at(words, at, count):
    """Return the mode and places of the operand that starts at a word."""
    mode, base, step = words[at : at + 3]
    if mode & LISTED:
        return mode - LISTED, list(words[base : base + count])
    return mode, [base + step * k for k in range(count)]


def grid_at(words, at, count, size):
    mode, base, row_step, step = words[at : at + 4]
    if mode & LISTED:
        starts = [base + (size * j if row_step else 0) for j in range(count)]
        return mode - LISTED, [tuple(words[start : start + size]) for start in starts]
    rows = [tuple([base + row_step * j + step * i for i in range(size)]) for j in range(count)]
    return mode, rows


def some_places(source, count):
    """Places that lie a step apart, or nearly, or not at all."""
    step, start = source.choice([-3, -1, 0, 1, 2, 7]), source.randrange(100, 200)
    places = [start + step * k for k in range(count)]
    for _ in range(source.choice([0, 0, 1, 5])):
        places[source.randrange(count)] += source.choice([-1, 1, 40])
    return places


@pytest.mark.parametrize("seed", range(40))
def test_operands_and_grids_are_read_back(seed):
    source = random.Random(seed)
    words, written = words_of(), []
    for _ in range(30):
        in_v = source.random() < 0.5
        if source.random() < 0.5:
            places = some_places(source, source.choice([1, 2, 3, 9]))
            written.append((len(words), V if in_v else U, places, None))
            words.operand(places, in_v)
        else:
            size, count = source.choice([1, 2, 3, 6]), source.choice([1, 2, 4])
            row = some_places(source, size)
            offsets = source.choice([[0] * count, some_places(source, count), range(count)])
            rows = [tuple([x + offset for x in row]) for offset in offsets]
            if source.random() < 0.2:
                rows[-1] = tuple(some_places(source, size))
            written.append((len(words), V if in_v else U, rows, size))
            words.grid(rows, in_v)
    finished = words.finished()
    assert isinstance(finished, array)
    for at, mode, places, size in written:
        if size is None:
            assert operand_at(finished, at, len(places)) == (mode, places)
        else:
            assert grid_at(finished, at, len(places), size) == (mode, places)


def test_what_lies_a_step_apart_is_no_list():
    words = words_of()
    words.operand([7], in_v=False)
    words.operand([9, 6, 3], in_v=True)
    words.operand([4, 4, 4, 4], in_v=False)
    words.grid([(1, 2), (11, 12), (21, 22)], in_v=False)
    words.grid([(5, 4), (5, 4)], in_v=True)
    words.grid([()], in_v=False)
    assert words.finished().tolist() == [
        *(U, 7, 0, V, 9, -3, U, 4, 0),
        *(U, 1, 10, 1, V, 5, 0, -1, U, 0, 0, 0),
    ]


def test_nothing_written_is_no_words():
    assert words_of().finished().tolist() == []


def test_a_list_is_written_once():
    words = words_of()
    for _ in range(3):
        words.operand([1, 2, 5], in_v=False)
        words.grid([(1, 2, 5), (1, 2, 5)], in_v=False)
    words.operand([1, 2, 6], in_v=False)
    assert words.finished().tolist()[len(words) :] == [1, 2, 5, 1, 2, 6]


def pack_of(count, source):
    """Instructions of one operation on slots that were given places already."""
    operation = source.choice([primitives.neg, primitives.mul, primitives.where])
    given = 30
    regular = source.random() < 0.5
    in_rows = [source.randrange(2) for _ in range(operation.arity)]
    columns = []
    for varies in in_rows:  # even slots are in U, odd ones in V
        start, step = source.randrange(given // 2), source.choice([-1, 0, 1])
        column = [(start + step * k) % (given // 2) for k in range(count)]
        if not regular:
            column = source.choices(range(given // 2), k=count)
        columns.append([2 * x + varies for x in column])
    instructions = [Instruction(operation, operands) for operands in zip(*columns, strict=True)]
    return instructions, given, bytearray([slot % 2 for slot in range(given)] + [0] * count)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("seed", range(20))
def test_an_elementwise_pack_computes_its_instructions(count, seed):
    source = random.Random(seed)
    instructions, given, in_rows = pack_of(count, source)
    place_of = [*range(given)] if seed % 2 else source.sample(range(100), given)
    address = place_of + [-1] * count
    words = machine.Words(tuple(instructions), given, address, in_rows)
    words.elementwise(17, list(range(given, given + count)), 500)
    finished, at, computed = words.finished(), 0, Counter()
    while at < len(words):
        code, size, base = finished[at : at + 3]
        assert code == 17
        at += 3
        columns = []
        for operand in instructions[0].operands:
            mode, places = operand_at(finished, at, size)
            assert mode == (V if in_rows[operand] else U)
            columns.append(places)
            at += 3
        computed.update(zip(*columns, range(base, base + size), strict=True))
    assert computed == Counter(
        (*[address[operand] for operand in operands], address[given + k])
        for k, (_, operands) in enumerate(instructions)
    )
    assert sorted(address[given:]) == list(range(500, 500 + count))
    assert address[:given] == place_of


def test_few_numbers_are_computed_one_by_one_unless_they_are_blocks():
    instructions = [Instruction(primitives.neg, (slot,)) for slot in range(3)]
    for varies, packs in [(0, 3), (1, 1)]:
        words = words_of(instructions, 3, range(6), [varies] * 3 + [0] * 3)
        words.elementwise(9, [3, 4, 5], 3)
        assert len(words) == 6 * packs


def test_results_are_read_upwards():
    instructions = [Instruction(primitives.neg, (slot,)) for slot in (3, 2, 1, 0)]
    address = [10, 11, 12, 13, 0, 0, 0, 0]
    words = machine.Words(tuple(instructions), 4, address, bytearray(8))
    words.elementwise(9, [4, 5, 6, 7], 20)
    assert words.finished().tolist() == [9, 4, 20, U, 10, 1]
    assert address[4:] == [23, 22, 21, 20]


def depths(instructions, first):
    depth = [0] * first
    for _, operands in instructions:
        depth.append(1 + max([depth[operand] for operand in operands], default=0))
    return depth


@pytest.mark.parametrize("seed", range(20))
def test_packs_at_a_point_hold_all_of_one_operation_and_depth(seed):
    source, first = random.Random(seed), 4
    operations = [primitives.add, primitives.mul, primitives.sin, primitives.sum, primitives.dot]
    instructions = []
    for slot in range(first, first + 200):
        operation = source.choice(operations)
        size = source.choice([1, 2, 3, 5]) if operation.is_variadic else operation.arity
        near = range(max(0, slot - 20), slot)
        instructions.append(Instruction(operation, tuple(source.choices(near, k=size))))
    packs = machine.packs_at_a_point(tuple(instructions), first)
    depth = depths(instructions, first)
    wanted: dict[object, list[int]] = {}
    for slot, (operation, operands) in enumerate(instructions, start=first):
        size = len(operands) if operation.is_variadic else 0
        wanted.setdefault((depth[slot], operation, size), []).append(slot)
    assert sorted(slots for _, slots in packs) == sorted(wanted.values())
    for operation, slots in packs:
        assert {instructions[slot - first].operation for slot in slots} == {operation}
    assert [depth[slots[0]] for _, slots in packs] == sorted(key[0] for key in wanted)


def test_what_cannot_be_written_is_refused():
    with pytest.raises(ValueError, match="total in code for single points"):
        machine.packs_at_a_point((Instruction(TOTAL, (0, 0)),), 1)
    with pytest.raises(ValueError, match="slot 1 is computed of slot 1, a later one"):
        machine.packs_at_a_point((Instruction(primitives.neg, (1,)),), 1)
    for wrong in (None, (primitives.neg,), (primitives.neg, [0])):
        with pytest.raises(TypeError):
            machine.packs_at_a_point((wrong,), 1)
        with pytest.raises(TypeError):
            words_of([wrong], 0, [0], bytes(1)).elementwise(1, [0], 0)
    for first in (-30, 1 << 62):
        with pytest.raises(ValueError, match="instructions are not within"):
            machine.packs_at_a_point((Instruction(primitives.neg, (0,)),) * 40, first)
    with pytest.raises(TypeError):
        machine.Words.__new__(machine.Words)
    with pytest.raises(ValueError, match="rows of 2 and of 1 terms in one pack"):
        words_of().grid([(1, 2), (3,)], in_v=False)
    with pytest.raises(OverflowError):
        words_of().operand([1 << 31], in_v=False)
    with pytest.raises(ValueError, match="of more than 4 operands: 5"):
        words_of([Instruction(primitives.sum, (0,) * 5)], 1, [0, 0], bytes(2)).elementwise(
            5, [1], 1
        )
    for slot in (0, 3):
        with pytest.raises(IndexError):
            words_of([Instruction(primitives.neg, (0,))], 1, [0, 0], bytes(2)).elementwise(
                5, [slot], 1
            )
    short = [Instruction(primitives.mul, (0, 0)), Instruction(primitives.neg, (0,))]
    with pytest.raises(IndexError):
        words_of(short * 2, 1, [0] * 5, bytes(5)).elementwise(5, [1, 2, 3, 4], 1)
