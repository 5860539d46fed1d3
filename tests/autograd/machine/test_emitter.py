"""Machine code against the interpreter: the same bits, flags and branches for random programs."""

from __future__ import annotations

import itertools
import math
import os
import random
import re
import shutil
import struct
import subprocess
import sys
from array import array

import pytest

import autograd
from autograd.machine.words import ABSENT, COPY, TOTALS
from autograd.primitives import RULES

machine = pytest.importorskip(
    "autograd.machine.interpreter", reason="the machine is not built (setup.py build_ext)"
)

CODES = {name: code for code, name in enumerate(RULES, start=1)}
U, U_LISTED, V, V_LISTED = range(4)
BEFORE, ROWS, AFTER = range(3)
NUMBERS = 24  # slots of U that come in, and of V; half of those of U are constants
RESULTS = 60  # slots of U and of V behind them
EMITTED = [
    "neg", "abs", "sqrt", "relu", "step", "pos", "add", "sub", "mul", "div", "maximum", "minimum",
    "where", "dot", "sum", "copy",
]  # fmt: skip
CALLED = ["exp", "log", "tanh", "sin", "pow", "atan2", "sigmoid", "compare", "hypot", "clip"]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, 1e-310, 5e-324, 1e200, -1e200, math.inf, -math.inf, math.nan]
COUNTS = [1, 1, 1, 1, 2, 3, 5, 9, 40]
A_TWO = 2  # the slot of a constant that is 2.0 at points
EXPONENTS = [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 0.5, -1.0]


def made(emitted, **given):
    return machine.Machine(**given, emitted=emitted)


class Written:
    """A random program that the verifier accepts."""

    def __init__(self, source, counts=COUNTS):
        self.source = source
        self.counts = counts  # of elements of a pack
        self.sections = ([], [], [])
        self.pointers = []  # (section, place of the word that names a list, the list)

    def place(self, section, in_v, written, count=1, spread=True):
        """Return the mode, the first slot and the step of `count` slots that may be read."""
        most = NUMBERS + RESULTS
        if self.source.random() < 0.25:
            slots = [self.readable(written, most) for _ in range(count)]
            return [V_LISTED if in_v else U_LISTED, slots, 0]
        while True:
            step = self.source.choice([0, 1, 1, 1, 2, -1]) if spread else 0
            first = self.readable(written, most)
            slots = [first + k * step for k in range(count)]
            if all(0 <= slot < most and slot not in written for slot in slots):
                return [V if in_v else U, first, step]

    def readable(self, written, most):
        while True:
            slot = self.source.randrange(most)
            if slot not in written:
                return slot

    def write(self, section, words):
        """Write words; lists among them come behind all packs."""
        mine = self.sections[section]
        for word in words:
            if isinstance(word, list):
                self.pointers.append((section, len(mine), word))
                word = 0
            mine.append(word)

    def pack(self, section):
        source, in_rows = self.source, section == ROWS
        name = source.choice(EMITTED * 3 + CALLED)
        count = source.choice(self.counts)
        dst = source.randrange(NUMBERS, NUMBERS + RESULTS - count + 1)
        written = set(range(dst, dst + count))
        vary = [in_rows and source.random() < 0.7 for _ in range(4)]
        if in_rows:
            vary[0] = True
        taken = [set() if in_rows and not v else written for v in vary]
        if name in ("dot", "sum"):
            self.sums(section, name, count, dst, vary, taken)
            return
        arity = 1 if name == "copy" else RULES[name].arity
        operands = [self.place(section, vary[a], taken[a], count) for a in range(arity)]
        if name == "pow" and source.random() < 0.8:
            operands[1] = [U, source.randrange(NUMBERS // 2), 0]
        code = COPY if name == "copy" else CODES[name]
        self.write(section, [code, count, dst, *itertools.chain(*operands)])

    def sums(self, section, name, count, dst, vary, taken):
        n = self.source.choice([1, 2, 4, 7])
        grids = []
        for a in range(2):
            mode, first, _ = self.place(section, vary[a], taken[a], count * n, spread=False)
            grids.append([mode, first, *((1, 0) if isinstance(first, list) else (0, 0))])
        if name == "sum":
            self.write(section, [CODES["sum"], count, n, dst, *grids[0]])
            return
        bias = self.place(section, vary[2], taken[2], count)
        if self.source.random() < 0.4:
            bias = [ABSENT, 0, 0]
        self.write(section, [CODES["dot"], count, n, dst, *bias, *grids[0], *grids[1]])

    def arguments(self, rows):
        source, size = self.source, NUMBERS + RESULTS
        guards = []
        for _ in range(2):
            mode, other = (V if rows and source.random() < 0.5 else U for _ in range(2))
            slots = source.randrange(size), source.randrange(size)
            guards += [mode, slots[0], source.randrange(6), other, slots[1], 1]
        words = list(itertools.chain(*self.sections))
        ends = list(itertools.accumulate(map(len, self.sections)))
        for section, place, slots in self.pointers:
            words[place + (ends[section - 1] if section else 0)] = len(words)
            words += slots
        half = NUMBERS // 2
        return {
            "words": array("i", words), "sections": tuple(ends), "uniforms": size,
            "varying": size if rows else 0, "constants_at": 0,
            "constants": array("d", [source.choice([*EXPONENTS, *SPECIAL]) for _ in range(half)]),
            "parameters_at": half, "parameters": half if rows else 0,
            "inputs_at": 0 if rows else half, "inputs": NUMBERS if rows else half,
            "scale_at": -1, "rows_at": -1, "totals_at": size - 4, "totals": 4 if rows else 0,
            "outputs": array("i", sorted(source.sample(range(size), 12))),
            "row_outputs": array("i", sorted(source.sample(range(size), 12)) if rows else []),
            "guards": array("i", guards),
        }  # fmt: skip


def bits(numbers):
    """Return the bits; of NaN there is one kind."""
    return [struct.pack("d", x) if x == x else "nan" for x in numbers]


def some_numbers(source, count):
    if source.random() < 0.5:
        return array("d", [source.gauss(0.0, 2.0) for _ in range(count)])
    return array("d", [source.choice([source.gauss(0.0, 2.0), *SPECIAL]) for _ in range(count)])


def negation(emitted):
    """Return a machine of one instruction."""
    program = Written(random.Random(0))
    program.write(BEFORE, [CODES["neg"], 1, NUMBERS, U, NUMBERS - 1, 0])
    return made(emitted, **program.arguments(rows=False))


def lower_flags():
    """Leave no floating-point flag up: where one is, a machine runs a point once more."""
    negation(False).run_point(array("d", [1.0] * (NUMBERS // 2)))


def emits():
    """Return whether programs get machine code here: with AVX2 and FMA, where pages may run."""
    one = negation(True)
    one.run_point(array("d", [1.0] * (NUMBERS // 2)))
    return bool(machine.machine_code(one))


needs_machine_code = pytest.mark.skipif(not emits(), reason="no machine code on this processor")


def compare_at_points(program, source, runs):
    """Machine code and interpreter have the same bits; numbers of earlier runs may be read."""
    given = program.arguments(rows=False)
    given["constants"][A_TWO] = 2.0
    emitted, interpreted = made(True, **given), made(False, **given)
    for _ in range(runs):
        inputs = some_numbers(source, NUMBERS // 2)
        found = []
        for one in (emitted, interpreted):
            lower_flags()
            found.append((one.run_point(inputs), bits(one.outputs())))
        assert found[0] == found[1]
    assert machine.machine_code(interpreted) == b""


@needs_machine_code
@pytest.mark.parametrize("seed", range(150))
def test_random_programs_at_points_have_the_interpreter_s_bits(seed):
    source = random.Random(seed)
    program = Written(source)
    for _ in range(source.choice([1, 5, 20, 60])):
        program.pack(BEFORE)
    compare_at_points(program, source, runs=6)


@needs_machine_code
@pytest.mark.parametrize("seed", range(150))
def test_random_programs_over_rows_have_the_interpreter_s_bits(seed):
    source = random.Random(seed)
    program = Written(source)
    for section in (BEFORE, ROWS, AFTER):
        for _ in range(source.choice([0, 1, 5, 30])):
            program.pack(section)
        if section == ROWS:
            slots = [ABSENT, 0, 0, 0, V, source.randrange(NUMBERS), 1, 0]
            program.write(ROWS, [TOTALS, 4, 1, NUMBERS + RESULTS - 4, *slots])
    given = program.arguments(rows=True)
    emitted, interpreted = made(True, **given), made(False, **given)
    for rows in (1, 2, 63, 64, 65, 200):
        numbers = some_numbers(source, NUMBERS // 2)
        columns = some_numbers(source, rows * NUMBERS)
        found = []
        for one in (emitted, interpreted):
            one.set_parameters(numbers)
            results, failing = array("d", bytes(8 * rows * 12)), bytearray(rows)
            status = one.run_rows(columns, rows, 1.0, results, failing)
            found.append((status, bits(results), bytes(failing), bits(one.outputs())))
        assert found[0] == found[1]


@needs_machine_code
def test_constants_beyond_the_pool_and_copies_that_end():
    """Of 300 constants some are read from the pool; a copy of one is it until it is overwritten."""
    program = Written(random.Random(0))
    count, first = 300, NUMBERS
    for k in range(12):
        at = k * 27
        program.write(ROWS, [COPY, 1, first + k, U, at, 0])
        program.write(ROWS, [CODES["add"], 1, first + 12 + k, V, first + k, 0, V, 3, 0])
        grids = [V, first + k, 0, 0], [V, 5, 0, 0]
        bias = [ABSENT, 0, 0]
        program.write(ROWS, [CODES["dot"], 1, 1, first + 24 + k, *bias, *grids[0], *grids[1]])
        program.write(ROWS, [CODES["sin"], 1, first + k, V, 4, 0])  # is left to the interpreter
        program.write(ROWS, [CODES["sub"], 1, first + 36 + k, V, first + k, 0, U, at, 0])
    given = program.arguments(rows=True)
    given |= {
        "uniforms": count + 40, "constants": array("d", [1.0, *(k / 8.0 for k in range(1, count))]),
        "parameters_at": count, "parameters": 0, "totals_at": count, "totals": 0,
        "outputs": array("i"), "guards": array("i"),
        "row_outputs": array("i", range(first + 12, first + 48)),
    }  # fmt: skip
    emitted, interpreted = made(True, **given), made(False, **given)
    columns, found = some_numbers(random.Random(3), 7 * NUMBERS), []
    for one in (emitted, interpreted):
        results = array("d", bytes(8 * 7 * 36))
        one.run_rows(columns, 7, 1.0, results)
        found.append(bits(results))
    assert found[0] == found[1]
    assert "vbroadcastsd" in machine.machine_listing(emitted)


@needs_machine_code
@pytest.mark.parametrize("seed", range(150))
def test_loops_over_elements_have_the_interpreter_s_bits(seed):
    source = random.Random(seed)
    count = source.choice([16, 17, 18, 19, 24])
    program = Written(source, counts=[count] * 9 + [1])
    for _ in range(source.choice([1, 5, 40])):
        in_a_row(program, count) if source.random() < 0.8 else program.pack(BEFORE)
    compare_at_points(program, source, runs=4)


def in_a_row(program, count):
    """Write a pack of few different places, so that it reads what one before it has computed."""
    source = program.source
    name = source.choice(["pow", *(name for name in EMITTED if name != "copy")])
    places = range(NUMBERS, NUMBERS + RESULTS - count + 1, source.choice([1, count]))
    dst = source.choice(places)

    def operand():
        while True:
            first, step = source.choice([*places, 0, 1]), source.choice([1, 1, 1, 0])
            if first + step * (count - 1) < dst or first >= dst + count:
                return [U, first, step]

    if name in ("dot", "sum"):
        terms = source.choice([1, 2, 4, 8, 9])
        rows = [operand() for _ in range(2 * terms)]
        listed = [
            [first + j * step for j in range(count) for _, first, step in rows[at : at + terms]]
            for at in (0, terms)
        ]
        bias = source.choice([[ABSENT, 0, 0], operand()])
        grids = [[U_LISTED, slots, 1, 0] for slots in listed]
        words = [*bias, *grids[0], *grids[1]] if name == "dot" else grids[0]
        program.write(BEFORE, [CODES[name], count, terms, dst, *words])
    else:
        operands = [operand() for _ in range(RULES[name].arity)]
        if name == "pow":
            operands[1] = [U, A_TWO, 0]
        program.write(BEFORE, [CODES[name], count, dst, *itertools.chain(*operands)])


@needs_machine_code
def test_packs_of_a_chain_are_one_loop_that_writes_only_what_is_read():
    program = Written(random.Random(0))
    program.write(BEFORE, [CODES["mul"], 20, 24, U, 1, 1, U, 0, 0])
    program.write(BEFORE, [CODES["add"], 20, 44, U, 24, 1, U, 1, 1])
    program.write(BEFORE, [CODES["neg"], 20, 64, U, 44, 1])
    given = program.arguments(rows=False)
    given["outputs"], given["guards"] = array("i", range(64, 84)), array("i")
    one = made(True, **given)
    inputs = array("d", [0.5 * k for k in range(NUMBERS // 2)])
    one.run_point(inputs)
    numbers = [*given["constants"], *inputs]
    with_zeros = numbers[1:21]
    expected = [-(x * numbers[0] + x) for x in with_zeros]
    assert bits(one.outputs()) == bits(expected)
    listing = machine.machine_listing(one)
    assert listing.count("cmovb eax,ecx") == listing.count("],ymm") == 1  # one loop, one store


def random_program(seed, packs, rows):
    program = Written(random.Random(seed))
    for section in (BEFORE, ROWS, AFTER) if rows else (BEFORE,):
        for _ in range(packs):
            program.pack(section)
    return program.arguments(rows)


# --- Powers ---------------------------------------------------------------------------------------


@needs_machine_code
@pytest.mark.parametrize("exponent", [2.0, 3.0])
def test_small_powers_at_points_have_pow_s_bits(exponent):
    program = Written(random.Random(0))
    program.write(BEFORE, [CODES["pow"], 1, NUMBERS, U, NUMBERS - 1, 0, U, 0, 0])
    given = program.arguments(rows=False)
    given["constants"][0], given["outputs"] = exponent, array("i", [NUMBERS])
    emitted = made(True, **given)
    for x in numbers_to_a_power():
        lower_flags()
        status = emitted.run_point(array("d", [x] * (NUMBERS // 2)))
        assert bits(emitted.outputs()) == bits([x**exponent]), x
        assert status & 2 == (0 if math.isfinite(x) else 2), x


def numbers_to_a_power():
    """Return numbers whose small powers do not overflow: of all sizes, and near ties."""
    source = random.Random(5)
    numbers = [x for x in SPECIAL if abs(x) != 1e200] + [2.0**k for k in range(-330, 300, 7)]
    roots = [math.sqrt(2.0**k) for k in range(-40, 40)]
    numbers += [math.nextafter(root, side) for root in roots for side in (0.0, math.inf)]
    numbers += [source.uniform(1.0, 2.0) * 2.0 ** source.randrange(-40, 40) for _ in range(4000)]
    return numbers + [source.choice([-1, 1]) * (1.0 + k * 2.0**-26) for k in range(2000)]


@needs_machine_code
@pytest.mark.parametrize("emitted", [True, False])
def test_squares_of_vectors_have_pow_s_bits(emitted):
    """In a loop, beside what stays in registers meanwhile; and by the interpreter."""
    for numbers in (list(filter(math.isfinite, numbers_to_a_power())), [*SPECIAL, *range(-7, 7)]):
        count, status = len(numbers), 0 if len(numbers) > 100 else 2
        words = [CODES["sub"], count, 2 * count + 1, U, 0, 0, U, 1, 1]
        words += [CODES["pow"], count, count + 1, U, 1, 1, U, 0, 0]
        words += [CODES["mul"], count, 3 * count + 1, U, 2 * count + 1, 1, U, count + 1, 1]
        one = made(
            emitted, words=array("i", words), sections=(len(words),) * 3, uniforms=4 * count + 1,
            varying=0, constants_at=0, constants=array("d", [2.0]), parameters_at=0, parameters=0,
            inputs_at=1, inputs=count, scale_at=-1, rows_at=-1, totals_at=0, totals=0,
            outputs=array("i", range(count + 1, 4 * count + 1)), row_outputs=array("i"),
            guards=array("i"),
        )  # fmt: skip
        lower_flags()
        assert one.run_point(array("d", numbers)) == status
        squares = [math.pow(x, 2.0) if abs(x) != 1e200 else math.inf for x in numbers]
        others = [2.0 - x for x in numbers]
        expected = squares + others + [x * y for x, y in zip(others, squares, strict=True)]
        assert bits(one.outputs()) == bits(expected)


# --- What is emitted, and when --------------------------------------------------------------------


@needs_machine_code
@pytest.mark.parametrize("rows", [False, True])
def test_the_listing_is_what_a_disassembler_reads(tmp_path, rows):
    disassembler = shutil.which("objdump")
    if disassembler is None:
        pytest.skip("objdump is not there")
    for seed in range(6):
        one = made(True, **random_program(seed, 40, rows))
        run_once(one, rows)
        (tmp_path / "code").write_bytes(machine.machine_code(one))
        listing = machine.machine_listing(one)
        lines = re.findall(r"^ *([0-9a-f]+):  ([0-9a-f]+)  +(.*)$", listing, re.MULTILINE)
        start = int(lines[0][0], 16)
        text = subprocess.run(
            [disassembler, "-D", "-b", "binary", "-m", "i386:x86-64", "-M", "intel", "-w",
             f"--start-address={start}", tmp_path / "code"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        found = re.findall(r"^ *([0-9a-f]+):\t([0-9a-f ]+?) *\t(.*)$", text, re.MULTILINE)
        found = [(at, raw.replace(" ", ""), said.partition("#")[0]) for at, raw, said in found]
        found = [
            (at, raw, re.sub(r" +", " ", said).strip()) for at, raw, said in found if raw != "cc"
        ]
        assert found == lines
        assert len(lines) > 100


def run_once(one, rows):
    if rows:
        one.run_rows(array("d", [1.5] * NUMBERS), 1, 1.0, array("d", bytes(8 * 12)))
    else:
        one.run_point(array("d", [1.5] * (NUMBERS // 2)))


@needs_machine_code
@pytest.mark.skipif("AUTOGRAD_MACHINE_CODE" in os.environ, reason="that is said from outside")
def test_machine_code_is_written_when_a_program_has_run_often():
    given = random_program(1, 20, False)
    one = machine.Machine(**given)
    for _ in range(99):
        run_once(one, False)
        assert machine.machine_code(one) == b""
    run_once(one, False)
    assert machine.machine_code(one) != b""
    rows = machine.Machine(**random_program(1, 20, True))
    rows.run_rows(array("d", [1.5] * NUMBERS * 10_000), 10_000, 1.0)
    assert machine.machine_code(rows) != b""
    never = made(False, **given)
    for _ in range(200):
        run_once(never, False)
    assert machine.machine_code(never) == b""


@needs_machine_code
def test_without_avx2_there_is_no_machine_code():
    one = made(True, **random_program(1, 20, False), plain=True)
    run_once(one, False)
    assert machine.machine_code(one) == b"" == machine.machine_listing(one).encode()


@needs_machine_code
def test_what_is_too_long_stays_with_the_interpreter():
    count = 20_000
    program = Written(random.Random(1))
    for k in range(count):
        program.write(BEFORE, [CODES["neg"], 1, NUMBERS + k % 50, U, NUMBERS + (k + 49) % 50, 0])
    given = program.arguments(rows=False)
    emitted, interpreted = made(True, **given), made(False, **given)
    for one in (emitted, interpreted):
        run_once(one, False)
    assert bits(emitted.outputs()) == bits(interpreted.outputs())
    assert len(machine.machine_code(emitted)) < 1 << 17


@needs_machine_code
@pytest.mark.skipif(
    "libasan" in os.environ.get("LD_PRELOAD", ""), reason="a sanitizer allocates on its own"
)
def test_where_memory_is_short_the_interpreter_runs():
    testcapi = pytest.importorskip("_testcapi", reason="this Python has no hooks for allocators")
    given = random_program(2, 30, False)
    interpreted = made(False, **given)
    run_once(interpreted, False)
    inputs, refused = array("d", [1.5] * (NUMBERS // 2)), 0
    for failing in range(12):
        one = made(True, **given)
        testcapi.set_nomemory(failing, failing + 1)
        try:
            one.run_point(inputs)
        except MemoryError:
            continue
        finally:
            testcapi.remove_mem_hooks()
        refused += machine.machine_code(one) == b""
        assert bits(one.outputs()) == bits(interpreted.outputs())
    assert 0 < refused < 12


def in_a_process(text, **environment):
    finished = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
    )  # fmt: skip
    return finished.stdout.strip() if finished.returncode == 0 else finished.stderr


PROGRAM = """
import autograd, sys
from autograd.machine import interpreter
program = autograd.compile(lambda x, y: (x * y + x).relu() / (y + 4.0))
assert program(2.0, 3.0) == 8.0 / 7.0
machines = []
class Recorded(interpreter.Machine):
    def __init__(self, **given):
        super().__init__(**given)
        machines.append(self)
interpreter.Machine = Recorded
program = autograd.compile(lambda x, y: (x * y + x).relu() / (y + 4.0))
for _ in range(150):
    assert program(2.0, 3.0) == 8.0 / 7.0
print(sum(bool(interpreter.machine_code(one)) for one in machines))
"""


@needs_machine_code
def test_the_switch():
    assert in_a_process(PROGRAM, AUTOGRAD_MACHINE_CODE="") == "1"
    assert in_a_process(PROGRAM, AUTOGRAD_MACHINE_CODE="always") == "1"
    assert in_a_process(PROGRAM, AUTOGRAD_MACHINE_CODE="never") == "0"
    wrong = in_a_process(PROGRAM, AUTOGRAD_MACHINE_CODE="perhaps")
    assert "AUTOGRAD_MACHINE_CODE is 'always', 'never' or unset, got 'perhaps'" in wrong


@needs_machine_code
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux tells of its pages")
def test_no_page_is_written_and_run_and_all_are_given_back():
    def pages():
        with open("/proc/self/maps", encoding="ascii") as lines:
            return [line.split()[1] for line in lines if len(line.split()) == 5]

    before = pages().count("r-xp")
    kept = [made(True, **random_program(seed, 20, False)) for seed in range(20)]
    for one in kept:
        run_once(one, False)
    assert pages().count("r-xp") >= before + 1  # neighbours may be told as one
    assert not any("w" in kind and "x" in kind for kind in pages())
    del kept, one
    assert pages().count("r-xp") == before


@needs_machine_code
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux can refuse such pages")
def test_where_the_system_refuses_the_interpreter_runs():
    refusing = """
import ctypes
if ctypes.CDLL(None, use_errno=True).prctl(65, 1, 0, 0, 0):  # PR_SET_MDWE
    print("cannot refuse")
    raise SystemExit
"""
    found = in_a_process(refusing + PROGRAM, AUTOGRAD_MACHINE_CODE="always")
    if found == "cannot refuse":
        pytest.skip("this Linux cannot refuse")
    assert found == "0"


@needs_machine_code
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_runs_the_same_code():
    given = random_program(3, 30, False)
    one = made(True, **given)
    run_once(one, False)
    child = os.fork()
    if not child:
        before = bits(one.outputs())
        run_once(one, False)
        other = made(True, **given)
        run_once(other, False)
        os._exit(bits(other.outputs()) != before)
    assert os.waitpid(child, 0)[1] == 0
    run_once(one, False)


@needs_machine_code
def test_a_program_shows_its_machine_code():
    program = autograd.compile(lambda x, y: x * y + 1.0)
    assert program(3.0, 4.0) == 13.0
    text = program.listing(machine_code=True)
    assert "vmulsd" in text
    assert "vaddsd" in text
