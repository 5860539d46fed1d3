"""What runs batches (the machine, NumPy's arrays, plain Python), held against the rule book."""

from __future__ import annotations

import itertools
import math
from array import array

import pytest

from autograd import primitives
from autograd.machine import native_machine
from autograd.machine.words import OTHER_BRANCH, SUSPECT
from autograd.primitives import RULES
from autograd.program.code.instructions import Code, Guard, Instruction
from autograd.program.passes.derived import RowsCode, rows_code
from autograd.program.run.array_rows import ArrayRows
from autograd.program.run.plain_rows import PlainRows
from autograd.program.run.row_runner import NativeRows, rows_of
from autograd.program.run.sections import ieee

numpy = pytest.importorskip("numpy")

KINDS = ["plain", "numpy", "native"]
EDGES = [
    -math.inf, -1e308, -1000.0, -2.0, -1.0, -0.3, -0.0, 0.0, 1e-310, 0.4, 1.0, 2.0, 3.7, 1000.0,
    1e308, math.inf,
]  # fmt: skip
FIXED = [rule for rule in RULES.values() if not rule.is_variadic]
VARIADIC = [rule for rule in RULES.values() if rule.is_variadic]


def runner(kind, code):
    if kind == "plain":
        return PlainRows(code)
    if kind == "numpy":
        return ArrayRows(code, numpy)
    module = native_machine()
    if module is None:
        pytest.skip("the native machine is not built")
    return NativeRows(module, code)


def code_of(operation, arity):
    """Row by row: the operation of all inputs."""
    instruction = Instruction(operation, tuple(range(2, 2 + arity)))
    # The two parameters that every code of rows has come after the inputs.
    operands = tuple(range(arity))
    return RowsCode(
        Code(arity, 2, (), (instruction._replace(operands=operands),), ()), (arity + 2,)
    )


def columns(rows):
    return [(array("d", column), 0, 1) for column in zip(*rows, strict=True)]


def value(operation, operands):
    """The rule book's value, or None where it raises."""
    try:
        return operation.forward(*operands)
    except (ArithmeticError, ValueError):
        return None


def is_near(found, expected):
    if math.isnan(expected):
        return math.isnan(found)
    if math.isinf(expected) or expected == 0.0:
        return found == expected or abs(found) < 1e-307  # (an underflow may be flushed)
    return math.isclose(found, expected, rel_tol=4 * 2.3e-16, abs_tol=1e-307)


def points(arity):
    few = EDGES if arity == 1 else [*EDGES[::2], 0.4, 2.0] if arity == 2 else EDGES[1::4]
    return list(itertools.product(few, repeat=arity))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", FIXED, ids=lambda rule: rule.name)
def test_every_operation_gives_the_rule_books_value_or_says_that_it_may_not(kind, operation):
    run = runner(kind, code_of(operation, operation.arity))
    for operands in points(operation.arity):
        found = array("d", [0.0])
        status, _ = run.run(columns([operands]), 1, array("d", [0.0, 0.0]), 1.0, 1, found)
        expected = value(operation, operands)
        if expected is None:
            assert status & SUSPECT, (operands, found)
        elif not status & SUSPECT:  # what is suspect is run again eagerly
            assert is_near(found[0], expected), (operands, found[0], expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", FIXED, ids=lambda rule: rule.name)
def test_many_rows_of_ordinary_numbers_are_no_suspects(kind, operation):
    inside = {"acosh": (1.5, 2.5, 3.5), "polygamma": (1.0, 2.0, 3.0)}
    numbers = inside.get(operation.name, (0.25, 0.5, 0.75))
    choices = [numbers] * operation.arity
    if operation is primitives.power_derivative:
        choices = [numbers, numbers, (0.0, 1.0, 2.0), (0.0, 1.0)]
    rows = sorted(set(itertools.product(*choices))) * 40
    run = runner(kind, code_of(operation, operation.arity))
    found = array("d", bytes(8 * len(rows)))
    rows = [row for row in rows if value(operation, row) is not None]
    found = array("d", bytes(8 * len(rows)))
    status, _ = run.run(columns(rows), len(rows), array("d", [0.0, 0.0]), 1.0, 1, found)
    assert status == 0
    for row, number in zip(rows, found, strict=True):
        assert is_near(number, operation.forward(*row)), row


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", VARIADIC, ids=lambda rule: rule.name)
@pytest.mark.parametrize("arity", [1, 2, 5])
def test_operations_on_many_operands(kind, operation, arity):
    if operation is primitives.dot and arity == 1:
        arity = 3
    if operation is primitives.softmax_cross_entropy:
        arity += arity % 2
    rows = [[0.5 + 0.25 * ((7 * r + 3 * k) % 11) for k in range(arity)] for r in range(70)]
    found = array("d", bytes(8 * len(rows)))
    run = runner(kind, code_of(operation, arity))
    status, _ = run.run(columns(rows), len(rows), array("d", [0.0, 0.0]), 1.0, 1, found)
    assert status == 0
    for row, number in zip(rows, found, strict=True):
        assert math.isclose(number, operation.forward(*row), rel_tol=arity * 1e-15)


def test_ieee_gives_what_the_arrays_of_numpy_give():
    names = (
        "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sin", "asin", "acosh", "atanh",
        "sinh", "cosh", "hypot",
    )  # fmt: skip
    with numpy.errstate(all="ignore"):
        for operation in [RULES[name] for name in names] + [primitives.div, primitives.pow]:
            twins = {"div": "divide", "pow": "power"}
            twin = getattr(numpy, twins.get(operation.name, operation.numpy_name or operation.name))
            for operands in points(operation.arity):
                expected = float(twin(*map(numpy.float64, operands)))
                assert is_near(ieee(operation, operands), expected), (operation, operands)
    assert ieee(primitives.div, (1.0, -0.0)) == -math.inf
    assert ieee(primitives.div, (-1.0, -0.0)) == math.inf
    assert math.isnan(ieee(primitives.div, (0.0, 0.0)))
    assert ieee(primitives.pow, (-0.0, -3.0)) == -math.inf
    assert ieee(primitives.pow, (-1e200, 3.0)) == -math.inf
    assert ieee(primitives.lgamma, (-3.0,)) == math.inf


def _recorded():
    # inputs x, y; parameter w: (w·x + y)²
    return Code(
        2,
        1,
        (2.0,),
        (
            Instruction(primitives.mul, (2, 0)),
            Instruction(primitives.add, (4, 1)),
            Instruction(primitives.pow, (5, 3)),
        ),
        (6,),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_totals_over_many_rows(kind):
    count, w = 9001, 0.7
    xs = array("d", [math.sin(k) for k in range(count)])
    ys = array("d", [math.cos(3 * k) for k in range(count)])
    run = runner(kind, rows_code(_recorded(), True, [2], True))
    source = [(xs, 0, 1), (ys, 0, 1)]
    status, totals = run.run(source, count, array("d", [w, 0.0, 0.0]), 1.0 / count)
    errors = [w * x + y for x, y in zip(xs, ys, strict=True)]
    value = math.fsum([e * e for e in errors]) / count
    slope = math.fsum([2 * e * x for e, x in zip(errors, xs, strict=True)]) / count
    assert status == 0
    assert math.isclose(totals[0], value, rel_tol=1e-13)
    assert math.isclose(totals[1], slope, rel_tol=1e-13)
    assert run.run(source, count, array("d", [w, 0.0, 0.0]), 1.0 / count, 2)[1] == totals


@pytest.mark.parametrize("kind", KINDS)
def test_columns_with_strides_offsets_and_none(kind):
    run = runner(kind, rows_code(_recorded(), False))
    base = array("d", range(40))
    found = array("d", bytes(8 * 5))
    run.run([(base, 39, -2), (base, 3, 0)], 5, array("d", [1.0, 0.0, 0.0]), 1.0, 1, found)
    assert list(found) == [(39 - 2 * k + 3.0) ** 2 for k in range(5)]
    run.run([(base, 1, 7), (base, 0, 1)], 5, array("d", [1.0, 0.0, 0.0]), 1.0, 1, found)
    assert list(found) == [(1 + 7 * k + k) ** 2.0 for k in range(5)]
    block = numpy.arange(10.0).reshape(5, 2)
    run.run(block, 5, array("d", [1.0, 0.0, 0.0]), 1.0, 1, found)
    assert list(found) == [(4.0 * k + 1) ** 2 for k in range(5)]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_whose_guard_fails_are_marked(kind):
    code = Code(1, 2, (0.0,), (Instruction(primitives.neg, (0,)),), (), (Guard(0, ">", 3, True),))
    run = runner(kind, RowsCode(code, (4,)))
    xs = array("d", [1.0, -1.0, 0.0, 2.0] * 1500)
    failing, found = bytearray(6000), array("d", bytes(48000))
    parameters = array("d", [0.0, 0.0])
    status, _ = run.run([(xs, 0, 1)], 6000, parameters, 1.0, 1, found, failing)
    assert status == OTHER_BRANCH
    assert failing == bytes([0, 1, 1, 0] * 1500)
    assert (found[0], found[5999]) == (-1.0, -2.0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_guard_on_what_is_uniform_fails_for_all_rows(kind):
    code = Code(1, 3, (0.0,), (Instruction(primitives.mul, (0, 1)),), (), (Guard(1, ">", 4, True),))
    run = runner(kind, RowsCode(code, (5,)))
    failing = bytearray(3)
    source = [(array("d", [1.0, 2.0, 3.0]), 0, 1)]
    found = array("d", bytes(24))
    status, _ = run.run(source, 3, array("d", [1.0, 0.0, 0.0]), 1.0, 1, found, failing)
    assert (status, failing) == (0, bytes(3))
    status, _ = run.run(source, 3, array("d", [-1.0, 0.0, 0.0]), 1.0, 1, found, failing)
    assert (status, failing) == (OTHER_BRANCH, b"\1\1\1")


def test_without_numpy_there_is_plain_python(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("autograd.program.run.row_runner.runs_on_machine", lambda _: False)
    assert isinstance(rows_of(rows_code(_recorded(), False)), ArrayRows)
    monkeypatch.setattr("autograd.program.run.row_runner.import_module", missing)
    assert isinstance(rows_of(rows_code(_recorded(), False)), PlainRows)
