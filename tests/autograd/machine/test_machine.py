"""The machine of programs against a slow model of its specification, in plain Python."""

from __future__ import annotations

import itertools
import math
import random
from array import array

import pytest

from autograd.machine.words import ABSENT, COPY, OUTER, OUTERS, PRODUCT, TOTALS
from autograd.primitives import RULES

machine = pytest.importorskip(
    "autograd.machine.interpreter", reason="the machine is not built (setup.py build_ext)"
)

CODES = {name: code for code, name in enumerate(RULES, start=1)}
NAMES = {code: name for name, code in CODES.items()}
U, U_LISTED, V, V_LISTED = range(4)
BEFORE, ROWS, AFTER = range(3)


# --- Writing programs -----------------------------------------------------------------------------


class Writer:
    """Writes words: packs section by section, lists behind them."""

    def __init__(self):
        self.sections = ([], [], [])
        self.lists = []  # (section, place of the word that names it, its slots)

    def pack(self, section, *parts):
        words = self.sections[section]
        for part in parts:
            if isinstance(part, int):
                words.append(part)
                continue
            mode, base, *steps = part
            if mode in (U_LISTED, V_LISTED):
                self.lists.append((section, len(words) + 1, base))
                base = 0
            words += [mode, base, *steps]

    def finished(self):
        starts = [0, *itertools.accumulate(map(len, self.sections))]
        words = [word for section in self.sections for word in section]
        for section, place, slots in self.lists:
            words[starts[section] + place] = len(words)
            words += slots
        return array("i", words), tuple(starts[1:])


def made(writer, *, uniforms, varying=0, constants=(), plain=False, **places):
    words, sections = writer.finished()
    given = {
        **{"constants_at": 0, "parameters_at": 0, "parameters": 0, "inputs_at": 0, "inputs": 0},
        **{"scale_at": -1, "rows_at": -1, "totals_at": 0, "totals": 0},
        **{"outputs": (), "row_outputs": (), "guards": ()},
        **places,
    }
    for name in ("outputs", "row_outputs", "guards"):
        given[name] = array("i", given[name])
    return machine.Machine(
        words=words,
        sections=sections,
        uniforms=uniforms,
        varying=varying,
        constants=array("d", constants),
        plain=plain,
        **given,
    )


# --- The model ------------------------------------------------------------------------------------


class Model:
    """What the words mean: U and the V of every row as lists of floats."""

    def __init__(self, words, sections, u, rows_of_v):
        self.words, self.sections, self.u, self.rows = list(words), sections, u, rows_of_v

    def slot(self, at, j, i=None, n=1):
        mode, base, step = self.words[at : at + 3]
        if mode in (U_LISTED, V_LISTED):
            if i is None:
                return self.words[base + j]
            return self.words[base + (j * n if step else 0) + i]
        return base + j * step + (0 if i is None else i * self.words[at + 3])

    def read(self, row, at, j, i=None, n=1):
        mode = self.words[at]
        memory = self.u if mode in (U, U_LISTED) else row
        return memory[self.slot(at, j, i, n)]

    def run(self):
        starts = [0, *self.sections[:2]]
        for section, (start, end) in enumerate(zip(starts, self.sections, strict=True)):
            for row in self.rows if section == ROWS else [self.u]:
                self.run_section(row, start, end)

    def run_section(self, results, at, end):
        w = self.words
        while at < end:
            code = w[at]
            if code == COPY:
                for k in range(w[at + 1]):
                    results[w[at + 2] + k] = self.read(results, at + 3, k)
                at += 6
            elif code == TOTALS:
                for j in range(w[at + 1]):
                    terms = [
                        (
                            1.0
                            if w[at + 4] == ABSENT
                            else self.read(results, at + 4, j, i, w[at + 2])
                        )
                        * self.read(results, at + 8, j, i, w[at + 2])
                        for i in range(w[at + 2])
                    ]
                    self.u[w[at + 3] + j] += math.fsum(terms)
                at += 12
            elif code == OUTER:
                p, q, dst, step_p, step_q = w[at + 1 : at + 6]
                for a, b in itertools.product(range(p), range(q)):
                    product = self.read(results, at + 6, a) * self.read(results, at + 9, b)
                    self.u[dst + a * step_p + b * step_q] += product
                at += 12
            elif code == OUTERS:
                p, q, n, dst, step_p, step_q = w[at + 1 : at + 7]
                for a, b in itertools.product(range(p), range(q)):
                    self.u[dst + a * step_p + b * step_q] += math.fsum(
                        self.read(results, at + 7, a, i, n) * self.read(results, at + 11, b, i, n)
                        for i in range(n)
                    )
                at += 15
            elif code == PRODUCT:
                m, n, count, dst = w[at + 1 : at + 5]
                for column, j in itertools.product(range(count), range(m)):
                    total = 0.0 if w[at + 5] == ABSENT else self.read(results, at + 5, j)
                    for i in range(n):
                        total += self.read(results, at + 8, j, i, n) * self.read(
                            results, at + 12, column, i, n
                        )
                    results[dst + column * m + j] = total
                at += 16
            elif NAMES[code] == "dot":
                m, n, dst = w[at + 1 : at + 4]
                for j in range(m):
                    total = 0.0 if w[at + 4] == ABSENT else self.read(results, at + 4, j)
                    for i in range(n):
                        total += self.read(results, at + 7, j, i, n) * self.read(
                            results, at + 11, j, i, n
                        )
                    results[dst + j] = total
                at += 15
            else:
                at = self.run_operation(results, at, RULES[NAMES[code]])

    def run_operation(self, results, at, rule):
        count = self.words[at + 1]
        if rule.is_variadic:
            n, dst = self.words[at + 2 : at + 4]
            for k in range(count):
                xs = [self.read(results, at + 4, k, i, n) for i in range(n)]
                results[dst + k] = rule.forward(*xs)
            return at + 8
        for k in range(count):
            xs = [self.read(results, at + 3 + 3 * a, k) for a in range(rule.arity)]
            results[self.words[at + 2] + k] = rule.forward(*xs)
        return at + 3 + 3 * rule.arity


def same_bits(found, expected):
    return array("d", found).tobytes() == array("d", expected).tobytes()


def close(found, expected, tolerance):
    return all(
        math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)
        for a, b in zip(found, expected, strict=True)
    )


# --- Every pack, every mode -----------------------------------------------------------------------

PLACES = 40  # U and V both have this many slots of numbers first, then results
source = random.Random(4)


def operand(mode, count):
    """An operand of `count` elements within the first PLACES slots, as random as it may be."""
    if mode == ABSENT:
        return (ABSENT, 0, 0)
    if mode in (U_LISTED, V_LISTED):
        return (mode, [source.randrange(PLACES) for _ in range(count)], 0)
    step = source.choice([0, 1, 1, 2, -1, -3])
    span = step * max(count - 1, 0)
    if not -PLACES < span < PLACES:
        step, span = 0, 0
    return (mode, source.randrange(max(0, -span), PLACES - max(0, span)), step)


def grid(mode, m, n, shared):
    if mode == ABSENT:
        return (ABSENT, 0, 0, 0)
    if mode in (U_LISTED, V_LISTED):
        count = n if shared else m * n
        return (mode, [source.randrange(PLACES) for _ in range(count)], 0 if shared else 1, 0)
    for _ in range(100):
        step_j = 0 if shared else source.choice([1, 1, 2, n, n, n + 1, -1])
        step_i = source.choice([0, 1, 1, 1, 2, m, m + 1, -1])
        corners = [j * step_j + i * step_i for j in (0, m - 1) for i in (0, n - 1)]
        if max(corners) - min(corners) < PLACES:
            base = source.randrange(-min(min(corners), 0), PLACES - max(max(corners), 0))
            return (mode, base, step_j, step_i)
    return (mode, source.randrange(PLACES), 0, 0)


def numbers(count):
    return [source.choice([source.gauss(0.0, 1.0), source.uniform(0.1, 3.0)]) for _ in range(count)]


def compare_points(writer, results):
    u = numbers(PLACES) + [0.0] * results
    found = made(
        writer, uniforms=PLACES + results, inputs=PLACES, outputs=range(PLACES, PLACES + results)
    )
    for plain in (False, True):
        found = made(
            writer,
            uniforms=PLACES + results,
            inputs=PLACES,
            outputs=range(PLACES, PLACES + results),
            plain=plain,
        )
        model = Model(*writer.finished(), list(u), [])
        model.run()
        assert found.run_point(array("d", u[:PLACES])) == 0
        assert same_bits(found.outputs(), model.u[PLACES:])


def compare_rows(writer, results, rows, *, totals=False, tolerance=1e-13):
    """Results in V of every row, or totals in U."""
    u = numbers(PLACES)
    inputs = [numbers(PLACES) for _ in range(rows)]
    room = [0.0] * results
    model = Model(*writer.finished(), u + room, [row + room for row in inputs])
    model.run()
    slots = range(PLACES, PLACES + results)
    for plain in (False, True):
        found = made(
            writer,
            uniforms=PLACES + results,
            varying=PLACES + results,
            constants=u,
            inputs=PLACES,
            totals_at=PLACES,
            totals=results,
            outputs=slots if totals else (),
            row_outputs=() if totals else slots,
            plain=plain,
        )
        written = array("d", bytes(0 if totals else 8 * rows * results))
        block = array("d", itertools.chain.from_iterable(inputs))
        assert found.run_rows(block, rows, 1.0, None if totals else written) == 0
        if totals:
            assert close(found.outputs(), model.u[PLACES:], tolerance)
        else:
            expected = itertools.chain.from_iterable(row[PLACES:] for row in model.rows)
            assert close(written, list(expected), tolerance)


SHAPES = [(1, 1), (1, 7), (3, 2), (4, 4), (5, 1), (6, 5), (8, 3), (9, 8), (17, 2), (2, 13), (0, 3)]


@pytest.mark.parametrize("a_mode", [U, U_LISTED])
@pytest.mark.parametrize("b_mode", [U, U_LISTED])
@pytest.mark.parametrize("bias_mode", [ABSENT, U, U_LISTED])
def test_dots_at_a_point(a_mode, b_mode, bias_mode):
    for (m, n), a_shared, b_shared in itertools.product(SHAPES, (0, 1), (0, 1)):
        writer = Writer()
        parts = operand(bias_mode, m), grid(a_mode, m, n, a_shared), grid(b_mode, m, n, b_shared)
        writer.pack(BEFORE, CODES["dot"], m, n, PLACES, *parts)
        compare_points(writer, m)


@pytest.mark.parametrize("a_mode", [U, U_LISTED, V, V_LISTED])
@pytest.mark.parametrize("b_mode", [U, U_LISTED, V, V_LISTED])
def test_dots_over_rows(a_mode, b_mode):
    for (m, n), a_shared, b_shared in itertools.product(SHAPES, (0, 1), (0, 1)):
        writer = Writer()
        bias = operand(source.choice([ABSENT, U, U_LISTED, V, V_LISTED]), m)
        parts = bias, grid(a_mode, m, n, a_shared), grid(b_mode, m, n, b_shared)
        writer.pack(ROWS, CODES["dot"], m, n, PLACES, *parts)
        compare_rows(writer, m, source.choice([1, 2, 5, 33, 64, 65]))


# Columns of a product: none, fewer and more than are computed together.
COLUMNS = (1, 0, 2, 4, 9, 5)


@pytest.mark.parametrize("a_mode", [U, U_LISTED])
@pytest.mark.parametrize("b_mode", [U, U_LISTED])
@pytest.mark.parametrize("bias_mode", [ABSENT, U, U_LISTED])
def test_products_at_a_point(a_mode, b_mode, bias_mode):
    for (m, n), shared, count in itertools.product(SHAPES, range(4), COLUMNS):
        writer = Writer()
        a, b = grid(a_mode, m, n, shared & 1), grid(b_mode, count, n, shared & 2)
        writer.pack(BEFORE, PRODUCT, m, n, count, PLACES, operand(bias_mode, m), a, b)
        compare_points(writer, m * count)


@pytest.mark.parametrize("a_mode", [U, U_LISTED, V, V_LISTED])
@pytest.mark.parametrize("b_mode", [U, U_LISTED, V, V_LISTED])
def test_products_over_rows(a_mode, b_mode):
    for (m, n), shared, count in itertools.product(SHAPES, range(4), COLUMNS):
        writer = Writer()
        bias = operand(source.choice([ABSENT, U, U_LISTED, V, V_LISTED]), m)
        a, b = grid(a_mode, m, n, shared & 1), grid(b_mode, count, n, shared & 2)
        writer.pack(ROWS, PRODUCT, m, n, count, PLACES, bias, a, b)
        compare_rows(writer, m * count, source.choice([1, 2, 5, 33]))


@pytest.mark.parametrize("a_mode", [V, V_LISTED])
@pytest.mark.parametrize("b_mode", [V, V_LISTED])
def test_sums_of_outer_products(a_mode, b_mode):
    for (p, q), steps, terms in itertools.product([*SHAPES, (7, 6), (16, 9)], range(4), (1, 3, 8)):
        step_p, step_q = [(q, 1), (1, p), (q + 2, 1), (2, 2 * p)][steps]
        writer = Writer()
        parts = grid(a_mode, p, terms, steps == 3), grid(b_mode, q, terms, False)
        writer.pack(ROWS, OUTERS, p, q, terms, PLACES, step_p, step_q, *parts)
        results = max(0, (p - 1) * step_p) + max(0, (q - 1) * step_q) + 1
        compare_rows(writer, results, source.choice([1, 3, 4, 33, 70]), totals=True)


@pytest.mark.parametrize("a_mode", [ABSENT, U, U_LISTED, V, V_LISTED])
@pytest.mark.parametrize("b_mode", [V, V_LISTED])
def test_totals(a_mode, b_mode):
    for (m, n), a_shared, b_shared in itertools.product(SHAPES, (0, 1), (0, 1)):
        writer = Writer()
        parts = grid(a_mode, m, n, a_shared), grid(b_mode, m, n, b_shared)
        writer.pack(ROWS, TOTALS, m, n, PLACES, *parts)
        compare_rows(writer, m, source.choice([1, 3, 4, 31, 32, 64, 70, 130]), totals=True)


@pytest.mark.parametrize("a_mode", [V, V_LISTED])
@pytest.mark.parametrize("b_mode", [V, V_LISTED])
def test_outer(a_mode, b_mode):
    shapes = [*SHAPES, (7, 6), (16, 16), (3, 9), (25, 30)]
    for (p, q), steps in itertools.product(shapes, range(4)):
        step_p, step_q = [(q, 1), (1, p), (q + 2, 1), (2, 2 * p)][steps]
        writer = Writer()
        parts = operand(a_mode, p), operand(b_mode, q)
        writer.pack(ROWS, OUTER, p, q, PLACES, step_p, step_q, *parts)
        results = max(0, (p - 1) * step_p) + max(0, (q - 1) * step_q) + 1
        compare_rows(writer, results, source.choice([1, 3, 4, 31, 32, 64, 70, 130]), totals=True)


@pytest.mark.parametrize("rows", [*range(1, 71), 127, 128, 129])
def test_any_number_of_rows(rows):
    writer = Writer()
    writer.pack(ROWS, CODES["mul"], 9, PLACES, (V, 3, 1), (U, 2, 1))
    writer.pack(ROWS, CODES["dot"], 5, 4, PLACES + 9, (U, 1, 1), (U, 0, 4, 1), (V, 3, 0, 1))
    compare_rows(writer, 14, rows)
    writer = Writer()
    writer.pack(ROWS, OUTER, 5, 6, PLACES, 6, 1, (V, 0, 1), (V, 9, 1))
    writer.pack(ROWS, TOTALS, 7, 1, PLACES + 30, (ABSENT, 0, 0, 0), (V, 2, 1, 0))
    compare_rows(writer, 37, rows, totals=True)


@pytest.mark.parametrize("mode", [U, U_LISTED])
def test_copies_at_a_point(mode):
    for count in (0, 1, 2, 9, 300):
        writer = Writer()
        writer.pack(BEFORE, COPY, count, PLACES, operand(mode, count))
        compare_points(writer, count)


@pytest.mark.parametrize("mode", [U, U_LISTED, V, V_LISTED])
def test_copies_over_rows(mode):
    for count in (0, 1, 2, 9):
        writer = Writer()
        writer.pack(ROWS, COPY, count, PLACES, operand(mode, count))
        compare_rows(writer, count, source.choice([1, 5, 40, 64, 70]))


QUICK = ["neg", "abs", "relu", "step", "add", "sub", "mul", "div", "maximum", "minimum"]


@pytest.mark.parametrize("name", [*QUICK, "where", "exp", "clip", "hypot"])
def test_elementwise_modes(name):
    rule = RULES[name]
    safe = {"div": [1], "clip": [1, 2]}.get(name, [])  # operands that stay as they have to be
    for modes in itertools.product([U, U_LISTED, V, V_LISTED], repeat=rule.arity):
        for count in (1, 2, 5, 300):
            operands = [operand(mode, count) for mode in modes]
            for position in safe:
                operands[position] = (U, position + PLACES, 0)
            at_a_point = all(mode in (U, U_LISTED) for mode, *_ in operands)
            if not at_a_point and count == 300:
                continue
            writer = Writer()
            if safe:
                writer.pack(BEFORE, CODES["exp"], 1, PLACES + 1, (U, 0, 0))
                writer.pack(BEFORE, CODES["add"], 1, PLACES + 2, (U, PLACES + 1, 0), (U, 1, 0))
                writer.pack(BEFORE, CODES["abs"], 1, PLACES + 3, (U, PLACES + 2, 0))
                writer.pack(BEFORE, CODES["add"], 1, PLACES + 2, (U, PLACES + 3, 0),
                            (U, PLACES + 1, 0))  # fmt: skip
            if at_a_point:
                writer.pack(BEFORE, CODES[name], count, PLACES + 4, *operands)
                compare_points(writer, count + 4)
            else:
                writer.pack(ROWS, CODES[name], count, PLACES + 4, *operands)
                compare_rows(writer, count + 4, source.choice([1, 5, 40, 64, 70]))


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "logsumexp", "norm"])
@pytest.mark.parametrize("mode", [U, U_LISTED, V, V_LISTED])
def test_variadic(name, mode):
    for (count, n), shared in itertools.product(SHAPES, (0, 1)):
        writer = Writer()
        places = grid(mode, count, n, shared)
        section = ROWS if mode in (V, V_LISTED) else source.choice([BEFORE, ROWS])
        writer.pack(section, CODES[name], count, n, PLACES, places)
        if section == BEFORE:
            compare_points(writer, count)
        else:
            compare_rows(writer, count, source.choice([1, 5, 40, 64, 70]))
