"""Runs of the machine: bits, trouble, guards, threads, calls; and words it has to refuse."""

from __future__ import annotations

import inspect
import itertools
import math
import random
import struct
import threading
from array import array
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest

from autograd.machine.words import (
    COPY,
    OTHER_BRANCH,
    OUTER,
    OUTERS,
    PRODUCT,
    SUSPECT,
    TOTALS,
)
from autograd.primitives import RULES

machine = pytest.importorskip(
    "autograd.machine.interpreter", reason="the machine is not built (setup.py build_ext)"
)

CODES = {name: code for code, name in enumerate(RULES, start=1)}
U, U_LISTED, V, V_LISTED = range(4)
ELEMENTWISE = [name for name, rule in RULES.items() if not rule.is_variadic]


def made(words, sections=None, *, constants=(), outputs=(), row_outputs=(), guards=(), **given):
    words = array("i", words)
    regions = dict.fromkeys(
        ["constants_at", "parameters_at", "parameters", "inputs_at", "inputs", "varying"], 0
    )
    return machine.Machine(
        words=words,
        sections=(len(words),) * 3 if sections is None else sections,
        constants=array("d", constants),
        outputs=array("i", outputs),
        row_outputs=array("i", row_outputs),
        guards=array("i", guards),
        **{**regions, "scale_at": -1, "rows_at": -1, "totals_at": 0, "totals": 0, **given},
    )


def same_bits(x, y):
    return struct.pack("d", x) == struct.pack("d", y) or (x != x and y != y)


def forward(rule, xs):
    """Return what Python's floats give, or None where they raise."""
    try:
        return rule.forward(*xs)
    except (ArithmeticError, ValueError):
        return None


# --- Bits -----------------------------------------------------------------------------------------

POINTS = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 0.3, -0.7, 1.7, 5.5, -20.0, 700.0, -745.0, 1e-9]
SPECIAL = [5e-324, -1e-310, 1e155, 1e308, -1e308, math.inf, -math.inf, math.nan]


def points_of(rule):
    source = random.Random(rule.name)
    if rule.name == "power_derivative":
        for x, y in itertools.product(POINTS + SPECIAL, repeat=2):
            yield [x, y, float(source.randrange(4)), float(source.randrange(3))]
        return
    for xs in itertools.product(POINTS + SPECIAL, repeat=min(rule.arity, 2)):
        yield [*xs, *[source.choice(POINTS) for _ in range(rule.arity - 2)]]
    for scale in (0.1, 1.0, 30.0):
        for _ in range(100):
            yield [source.gauss(0.0, scale) for _ in range(rule.arity)]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_operation_at_points_has_python_s_bits(name):
    rule = RULES[name]
    arity = rule.arity
    operands = [word for k in range(arity) for word in (U, k, 0)]
    one = made(
        [CODES[name], 1, arity, *operands], uniforms=arity + 1, inputs=arity, outputs=[arity]
    )
    finite = []
    for xs in points_of(rule):
        status = one.run_point(array("d", xs))
        (found,) = one.outputs()
        expected = forward(rule, xs)
        if expected is None or not math.isfinite(expected):
            assert status == SUSPECT, xs
        else:
            assert same_bits(found, expected), xs
            finite.append((xs, expected))
    assert len(finite) > 40
    # And all of them in one pack, contiguous, strided backwards, and listed.
    count = len(finite)
    columns = [x for k in range(arity) for x in [xs[k] for xs, _ in finite]]
    lists = [[k * count + i for i in range(count)] for k in range(arity)]
    at = 3 + 3 * arity
    kinds = (
        [word for k in range(arity) for word in (U, k * count, 1)],
        [word for k in range(arity) for word in (U_LISTED, at + k * count, 0)],
        [word for k in range(arity) for word in (U, (k + 1) * count - 1, -1)],
    )
    for kind, operands in enumerate(kinds):
        many = made(
            [CODES[name], count, arity * count, *operands, *itertools.chain(*lists)],
            (at, at, at),
            uniforms=(arity + 1) * count,
            inputs=arity * count,
            outputs=range(arity * count, (arity + 1) * count),
        )
        many.run_point(array("d", columns))
        found = list(many.outputs())
        if kind == 2:
            found.reverse()
        assert all(map(same_bits, found, [expected for _, expected in finite]))


@pytest.mark.parametrize("exponent", [2.0, 1.0, 0.5, 3.0, -1.0])
def test_powers_have_the_bits_of_pow(exponent):
    source = random.Random(5)
    count = 200_000
    scales = [0, 1, -3, 40, -90, 150 if exponent == 2.0 else 90]
    xs = array("d", [source.gauss(0.0, 10.0 ** source.choice(scales)) for _ in range(count)])
    near = [2.0**k * (1.0 + u * 2.0**-52) for k in range(-60, 61) for u in range(-40, 41)]
    exact = [float(x) for x in range(-3000, 3001) if x]
    roots = [2.0 ** (k / 3) * sign for k in range(-200, 201) for sign in (1, -1)]
    xs[:4] = array("d", [1.0, 2.0, -0.5, 2.0**-537])
    for position, x in enumerate([*near, *exact, *roots], start=4):  # on powers of two and beside
        xs[position] = x
    if exponent == 0.5:
        xs = array("d", map(abs, xs))
    squares = made(
        [CODES["pow"], count, count + 1, U, 0, 1, U, count, 0],
        constants=[exponent],
        constants_at=count,
        uniforms=2 * count + 1,
        inputs=count,
        outputs=range(count + 1, 2 * count + 1),
    )
    squares.run_point(xs)
    assert squares.outputs() == array("d", [math.pow(x, exponent) for x in xs])


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("plain", [False, True])
def test_every_operation_over_lanes_is_near(name, plain):
    rule = RULES[name]
    xs = [x for x in points_of(rule) if (y := forward(rule, x)) is not None and math.isfinite(y)]
    xs = [x for x in xs if max(map(abs, x)) < 1e5]
    columns = [array("d", column) for column in zip(*xs, strict=True)]
    found = machine.elementwise(name, *columns, plain=plain)
    for operands, out in zip(xs, found, strict=True):
        expected = rule.forward(*operands)
        # gelu's own rule loses what erfc amplifies far out, elu's and others' nothing.
        tolerance = 1e-12 if name == "gelu" else 5 * 2.0**-52
        near_zero = 1e-15 if name == "logaddexp" else 1e-300  # a zero inside its domain
        assert math.isclose(out, expected, rel_tol=tolerance, abs_tol=near_zero), operands


@pytest.mark.parametrize("exponent", [2.0, 3.0, -1.0, -3.0, 7.0, -50.0, 0.5, 0.0, 1.0, 1.5, -2.5])
@pytest.mark.parametrize("plain", [False, True])
def test_powers_over_lanes_with_one_exponent(exponent, plain):
    source = random.Random(exponent)
    xs = array("d", [source.gauss(0.0, 2.0) for _ in range(70)] + [1e-100, 1e40, 1.0])
    if exponent != math.floor(exponent):
        xs = array("d", map(abs, xs))
    power = made(
        [CODES["pow"], 1, 1, V, 0, 0, U, 0, 0], (0, 9, 9), uniforms=1, varying=2, inputs=1,
        constants=[exponent], row_outputs=[1], plain=plain,
    )  # fmt: skip
    found = array("d", xs)
    status = power.run_rows(xs, len(xs), 1.0, found)
    expected = [forward(RULES["pow"], [x, exponent]) for x in xs]
    assert status == (SUSPECT if None in expected else 0)
    for x, y, z in zip(xs, found, expected, strict=True):
        assert z is None or math.isclose(y, z, rel_tol=5 * 2.0**-52, abs_tol=1e-320), x


# --- Trouble --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "xs"),
    [
        ("div", [1.0, 0.0]),
        ("div", [0.0, 0.0]),
        ("log", [-1.0]),
        ("log", [0.0]),
        ("exp", [710.0]),
        ("sqrt", [-1.0]),
        ("mul", [1e300, 1e300]),
        ("pow", [-8.0, 1.0 / 3.0]),
        ("pow", [0.0, -1.0]),
        ("acos", [1.5]),
        ("lgamma", [0.0]),
        ("digamma", [-1.0]),
        ("clip", [0.5, 1.0, 0.0]),
        ("sin", [math.inf]),
    ],
)
def test_trouble_is_reported_though_the_output_is_finite(name, xs):
    """The operation's result is dropped: only flags or the exception can tell."""
    arity = len(xs)
    operands = [word for k in range(arity) for word in (U, k, 0)]
    words = [CODES[name], 1, arity, *operands]
    point = made(words, uniforms=arity + 1, inputs=arity, outputs=[0] if xs[0] < math.inf else [])
    assert point.run_point(array("d", xs)) == SUSPECT
    assert point.run_point(array("d", [0.5, 0.25, 0.75][:arity])) == 0
    in_v = [word for k in range(arity) for word in (V, k, 0)]
    rows = made(
        [CODES[name], 1, arity, *in_v],
        (0, len(words), len(words)),
        uniforms=0,
        varying=arity + 1,
        inputs=arity,
        row_outputs=[arity],
    )
    good, results = [0.5, 0.25, 0.75][:arity], array("d", bytes(8 * 40))
    for bad_row in (None, 0, 37, 39):
        block = array("d", itertools.chain(*[xs if r == bad_row else good for r in range(40)]))
        assert rows.run_rows(block, 40, 1.0, results) == (0 if bad_row is None else SUSPECT)
        assert rows.run_rows(block, 40, 1.0, results, check=False) == 0


def test_an_infinite_input_that_passes_through_is_reported():
    copy = made([COPY, 1, 1, U, 0, 0], uniforms=2, inputs=1, outputs=[1])
    assert copy.run_point(array("d", [math.inf])) == SUSPECT
    assert copy.run_point(array("d", [1.0])) == 0


def test_lanes_without_a_row_raise_no_flag():
    divide = made(
        [CODES["div"], 1, 2, V, 0, 0, V, 1, 0],
        (0, 9, 9),
        uniforms=0,
        varying=3,
        inputs=2,
        row_outputs=[2],
    )
    for rows in range(1, 40):
        results = array("d", bytes(8 * rows))
        assert divide.run_rows(array("d", [1.0, 2.0] * rows), rows, 1.0, results) == 0
        assert list(results) == [0.5] * rows


def test_rows_that_are_infinite_do_not_spoil_the_totals_of_others():
    words = [TOTALS, 1, 1, 0, -1, 0, 0, 0, V, 0, 0, 0, OUTER, 1, 1, 1, 0, 0, V, 0, 0, V, 0, 0]
    total = made(
        words, (0, 24, 24), uniforms=2, varying=1, inputs=1, totals=2, outputs=[0, 1],
    )  # fmt: skip
    for rows in range(1, 10):
        block = array("d", [1.0] * (rows - 1) + [math.inf])
        assert total.run_rows(block, rows, 1.0) == SUSPECT
        assert list(total.outputs()) == [math.inf, math.inf]


# --- Guards ---------------------------------------------------------------------------------------

COMPARISONS = [float.__lt__, float.__le__, float.__eq__, float.__ne__, float.__gt__, float.__ge__]


def test_guards_at_a_point():
    numbers = [-1.0, 0.0, 2.0, math.inf, math.nan]
    for code, outcome in itertools.product(range(6), (0, 1)):
        guarded = made(
            [], uniforms=2, inputs=2, guards=[U, 0, code, U, 1, outcome]
        )  # fmt: skip
        for x, y in itertools.product(numbers, numbers):
            status = guarded.run_point(array("d", [x, y]))
            assert status == (COMPARISONS[code](x, y) != outcome)


def test_guards_of_rows_and_of_all():
    source = random.Random(1)
    for code, outcome, rows in itertools.product(range(6), (0, 1), (1, 5, 32, 45, 1100)):
        guarded = made(
            [],
            uniforms=1,
            varying=2,
            inputs=2,
            parameters=1,
            guards=[V, 0, code, V, 1, outcome, U, 0, 4, V, 1, 1],
        )
        guarded.set_parameters(array("d", [3.0]))
        block = array("d", [float(source.randrange(4)) for _ in range(2 * rows)])
        failing = bytearray(rows)
        status = guarded.run_rows(block, rows, 1.0, failing=failing)
        expected = [
            int(
                COMPARISONS[code](block[2 * r], block[2 * r + 1]) != outcome
                or block[2 * r + 1] >= 3
            )
            for r in range(rows)
        ]
        assert list(failing) == expected
        assert status == max(expected)
    everything = made([], uniforms=1, varying=1, inputs=1, parameters=1, guards=[U, 0, 0, U, 0, 1])
    failing = bytearray(7)
    assert everything.run_rows(array("d", bytes(56)), 7, 1.0, failing=failing) == OTHER_BRANCH
    assert list(failing) == [1] * 7


def test_a_guard_and_trouble_are_both_reported():
    both = made(
        [CODES["log"], 1, 1, U, 0, 0], uniforms=2, inputs=1, outputs=[1], guards=[U, 0, 4, U, 1, 1]
    )
    assert both.run_point(array("d", [-1.0])) == OTHER_BRANCH | SUSPECT


# --- Rows -----------------------------------------------------------------------------------------


def summing(rows_at=-1, scale_at=-1):
    """Σ x, Σ x·y, and exp(x)·scale for each row; parameters, scale and rows in U."""
    words = [
        *(TOTALS, 1, 1, 2, -1, 0, 0, 0, V, 0, 0, 0),
        *(TOTALS, 1, 1, 3, V, 0, 0, 0, V, 1, 0, 0),
        *(CODES["mul"], 1, 2, V, 0, 0, U, 0, 0),
    ]
    return made(
        words, (0, len(words), len(words)), uniforms=4, varying=3, inputs=2, scale_at=0, rows_at=1,
        totals_at=2, totals=2, outputs=[0, 1, 2, 3], row_outputs=[2, -1 - 1],
    )  # fmt: skip


@pytest.mark.parametrize("rows", [1, 32, 1023, 1024, 1025, 5000])
def test_chunks_and_threads_give_the_same_bits(rows):
    source = random.Random(rows)
    xs = array("d", [source.gauss(0.0, 1.0) for _ in range(rows)])
    ys = array("d", [source.gauss(0.0, 1.0) for _ in range(rows)])
    block = array("d", itertools.chain(*zip(xs, ys, strict=True)))
    alone, results = summing(), array("d", bytes(16 * rows))
    assert alone.run_rows(block, rows, 0.5, results) == 0
    scale, count, total, product = alone.outputs()
    assert (scale, count) == (0.5, rows)
    assert math.isclose(total, math.fsum(xs), rel_tol=1e-12, abs_tol=1e-12)
    assert math.isclose(product, math.sumprod(xs, ys) if hasattr(math, "sumprod")
                        else math.fsum(map(float.__mul__, xs, ys)), rel_tol=1e-12)  # fmt: skip
    assert list(results[::2]) == [0.5 * x for x in xs]
    assert set(results[1::2]) == {float(rows)}
    for threads in (2, 3, 7):
        shared, again = summing(), array("d", bytes(16 * rows))
        columns = [(block, 0, 2), (array("d", reversed(ys)), rows - 1, -1)]
        assert shared.run_rows(columns, rows, 0.5, again, threads=threads) == 0
        assert shared.outputs() == alone.outputs()
        assert again == results


def test_trouble_and_guards_in_another_thread_arrive():
    reciprocal = made(
        [CODES["div"], 1, 1, U, 0, 0, V, 0, 0], (0, 9, 9), uniforms=1, varying=2, inputs=1,
        constants=[1.0], row_outputs=[1], guards=[V, 0, 5, U, 0, 1],
    )  # fmt: skip
    xs, results, failing = array("d", [2.0] * 5000), array("d", bytes(40000)), bytearray(5000)
    assert reciprocal.run_rows(xs, 5000, 1.0, results, failing, threads=3) == 0
    xs[4500], xs[10] = 0.0, 0.5
    status = reciprocal.run_rows(xs, 5000, 1.0, results, failing, threads=3)
    assert status == OTHER_BRANCH | SUSPECT
    assert [r for r in range(5000) if failing[r]] == [10, 4500]


def test_one_machine_in_many_threads():
    """Runs wait for each other, so that none reads another's numbers."""
    count = 40_000
    shared = made(
        [CODES["mul"], count, 1, U, 0, 0, U, 0, 0], uniforms=count + 1, inputs=1, outputs=[count],
    )  # fmt: skip
    calling = machine.Calling()
    calling._connect_value((-1,), shared, -1)
    ready = threading.Barrier(4)

    def work(number):
        ready.wait()
        return {calling(float(number)) for _ in range(50)}

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [{float(n * n)} for n in range(4)]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((array("d", [1.0, 2.0]), 0, 1.0), "at least one row"),
        ((array("d", [1.0, 2.0]), (1 << 32) + 1, 1.0), r"at most 2\^32"),
        ((array("d"), 1 << 32, 1.0), "columns: needs 4294967296 × 2 doubles, got 0"),
        ((array("d", [1.0]), 1, 1.0), "columns: needs 1 × 2 doubles, got 1"),
        ((array("d", [1.0, 2.0]), 1, 1.0, array("d", [0.0])), "results: needs 1 × 2"),
        ((array("d", [1.0, 2.0]), 1, 1.0, None, bytearray(2)), "failing: needs 1 bytes"),
        (([(array("d", [1.0]), 0, 1)], 1, 1.0), "one for each of 2 numbers, got 1"),
        (([(array("d", [1.0]), 0, 1), (array("d", [1.0]), 1, 1)], 1, 1.0), r"columns\[1\]: items"),
        (([(array("d", [1.0] * 3), 0, 1), (array("d", [1.0]), 0, 1 << 62)], 3, 1.0), "stride"),
        (([(array("d", [1.0]), 0, 1), (array("d", [1.0]), 0, -1)], 2, 1.0), "within its 1"),
    ],
)
def test_bad_rows(arguments, error):
    with pytest.raises(ValueError, match=error):
        summing().run_rows(*arguments)


def test_bad_buffers():
    with pytest.raises(TypeError, match="columns: needs items of format 'd'"):
        summing().run_rows(array("f", [1.0, 2.0]), 1, 1.0)
    with pytest.raises(TypeError, match="results: needs a contiguous buffer"):
        summing().run_rows(array("d", [1.0, 2.0]), 1, 1.0, bytes(16))
    with pytest.raises(ValueError, match="one point"):
        made([], uniforms=1, inputs=1).run_rows(array("d", [1.0]), 1, 1.0)
    with pytest.raises(ValueError, match="over rows"):
        summing().run_point(array("d", [1.0]))
    with pytest.raises(ValueError, match="parameters: the program has 0, got 1"):
        summing().set_parameters(array("d", [1.0]))


def test_parameters_are_read_back_all_or_some():
    machine = made([], uniforms=3, parameters=3)
    machine.set_parameters(array("d", [1.0, 2.0, 3.0]))
    assert machine.parameters().tolist() == [1.0, 2.0, 3.0]
    for first, wanted in [(0, [1.0, 2.0]), (1, [2.0, 3.0]), (2, [3.0]), (3, [])]:
        found = array("d", [0.0] * len(wanted))
        machine.copy_parameters(found, first)
        assert found.tolist() == wanted
    for first, count in [(-1, 1), (0, 4), (2, 2), (4, 0), (1 << 60, 1)]:
        with pytest.raises(ValueError, match="parameters: the program has 3"):
            machine.copy_parameters(array("d", [0.0] * count), first)
    with pytest.raises(TypeError, match="into: needs"):
        machine.copy_parameters(array("f", [0.0]))
    with pytest.raises(TypeError, match="into: needs a contiguous buffer"):
        machine.copy_parameters(bytes(8))  # which cannot be written


# --- Calls ----------------------------------------------------------------------------------------


class Called(machine.Calling):
    def _call_slowly(self, *args):
        return ("slowly", args)

    def _value_and_grad_slowly(self, *args):
        return ("gradient slowly", args)

    def _refresh(self):
        self.refreshed = getattr(self, "refreshed", 0) + 1


def test_calls():
    product = made(
        [CODES["mul"], 1, 3, U, 0, 0, U, 2, 0, CODES["div"], 2, 4, U, 3, 0, U, 1, 1],
        uniforms=6, inputs=3, outputs=[3, 4, 5],
    )  # fmt: skip
    call = Called()
    assert call(1.0) == ("slowly", (1.0,))
    call._connect_value((-1, 2), product, 3)
    call._connect_gradient((-1, 2), product, (-1, (-1, -1)))
    assert call(2.0, [4.0, 3]) == [6.0, 1.5, 2.0]
    assert call(2, [4, 3.0]) == [6.0, 1.5, 2.0]
    assert call.value_and_grad(2.0, [4.0, 3.0]) == (6.0, (1.5, 2.0))
    for bad in ((2.0,), (2.0, 3.0), (2.0, [3.0]), ("2", [4.0, 3.0]), (2.0, [4.0, None]),
                (10**400, [4.0, 3.0]), (2.0, [0.0, 1.0]), (math.nan, [1.0, 1.0]),
                (2.0, (4.0, 3.0)), (2.0, [4.0, math.nan])):  # fmt: skip
        assert call(*bad)[0] == "slowly"
        assert call.value_and_grad(*bad)[0] == "gradient slowly"
    with pytest.raises(ValueError, match="3 inputs and 3 outputs, the call 2 and 3"):
        call._connect_value((-1, -1), product, 3)
    with pytest.raises(ValueError, match="a structure is"):
        call._connect_value((-2,), product, 3)


def doubling(*outputs):
    return made([CODES["add"], 1, 1, U, 0, 0, U, 0, 0], uniforms=2, inputs=1, outputs=outputs)


def test_arguments_by_name_go_the_slow_way():
    call = Called()
    call._connect_value((-1,), doubling(1), -1)
    call._connect_gradient((-1,), doubling(1), -1)
    assert call(*[2.0], **{}) == 4.0
    for called in (call, call.value_and_grad):
        with pytest.raises(TypeError, match=r"_slowly\(\) got an unexpected keyword argument 'y'"):
            called(2.0, y=1.0)
    with pytest.raises(TypeError, match="doesn't apply to a 'float' object"):
        machine.Calling.value_and_grad(2.0, 1.0)
    assert machine.Calling.__call__(call, 3.0) == 6.0
    assert machine.Calling.value_and_grad(call, 3.0) == 6.0
    assert str(inspect.signature(call.value_and_grad)) == "(*args, **by_name)"
    assert "Raises:" in call.value_and_grad.__doc__


def test_a_class_of_ones_own_may_call_otherwise(monkeypatch):
    class Twice(Called):
        def __call__(self, *args, **named):
            return super().__call__(*args), super().__call__(*args), named

    twice, call = Twice(), Called()
    for one in (twice, call):
        one._connect_value((-1,), doubling(1), -1)
    assert twice(1.0, base=2)[2] == {"base": 2}
    assert twice(1.0) == (2.0, 2.0, {})
    assert call(1.0) == 2.0
    monkeypatch.setattr(Called, "__call__", lambda self, *args, **named: (args, named))
    assert call(1.0, 2.0) == ((1.0, 2.0), {})
    assert call(1.0, base=2) == ((1.0,), {"base": 2})
    monkeypatch.setattr(Called, "__call__", staticmethod(lambda *args: args))
    assert call(1.0, 2.0) == (1.0, 2.0)
    with mock.patch.object(Called, "__call__") as pretended:
        call(1.0, base=2)
    pretended.assert_called_once_with(1.0, base=2)
    monkeypatch.undo()
    assert call(1.0) == 2.0


def test_a_flag_from_before_a_run_is_not_its_own():
    one = doubling(1)
    for x, status in [(1.0, 0), (1e308, SUSPECT), (2.0, 0)]:
        assert math.isinf(1e308 * float(10))  # the processor's flag of overflow stays up
        assert one.run_point(array("d", [x])) == status


def test_calls_with_arrays_give_arrays():
    numpy = pytest.importorskip("numpy")
    product = made(
        [CODES["mul"], 2, 4, U, 0, 1, U, 2, 1, CODES["mul"], 2, 6, U, 4, 1, U, 2, 1],
        uniforms=8, inputs=4, outputs=[4, 5, 6, 7],
    )  # fmt: skip
    call = Called()
    call._connect_value((2, 2), product, [2, 2])
    assert call([1.0, 2.0], array("d", [3.0, 4.0])) == [[3.0, 8.0], [9.0, 32.0]]
    call._connect_value(((..., 2), 2), product, (..., 2, 2))
    for x in (numpy.array([1.0, 9.0, 2.0])[::2], numpy.array([1, 2]), numpy.array([1.0, 2.0], "f4"),
              numpy.array([1.0, 2.0], ">f8")):  # fmt: skip
        found = call(x, [3.0, 4.0])
        assert isinstance(found, numpy.ndarray)
        assert found.tolist() == [[3.0, 8.0], [9.0, 32.0]]
    call._connect_value(((..., 2), (..., 1, 2)), product, ((..., 2, 1), -1, -1))
    rows, left, right = call(numpy.array([1.0, 2.0]), numpy.array([[3.0, 4.0]]))
    assert (rows.tolist(), left, right) == ([[3.0], [8.0]], 9.0, 32.0)
    other = numpy.array([[1.0, 1.0]])
    for bad in (numpy.array([[1.0, 2.0]]), numpy.array([1.0]), numpy.array([1j, 2.0]), bytes(16),
                numpy.array([1.0, numpy.nan]), numpy.array([1.0, None]), [1.0, 2.0],
                numpy.ma.array([1.0, 2.0]), memoryview(array("d", [1.0, 2.0]))):  # fmt: skip
        assert call(bad, other)[0] == "slowly"
    for wrong in ((..., 3), (..., -2, -1)):
        with pytest.raises(ValueError, match=r"has 4 inputs|no axis of length"):
            call._connect_value((wrong, (..., 2)), product, (..., 4))


@pytest.mark.parametrize("seed", range(20))
def test_outputs_are_found_wherever_they_lie(seed):
    """In a row, a step apart as on a diagonal, down, more than once, zeros among them."""
    numpy = pytest.importorskip("numpy")
    source = random.Random(seed)
    constants = [source.choice([0.0, 0.0, -0.0, 1.5, 2.5, 7.0]) for _ in range(30)]
    places, size = [], source.choice([5, 60, 400])
    while len(places) < size:
        first, step = source.randrange(60), source.choice([1, 1, 1, 0, -1, 2])
        for k in range(source.choice([1, 3, 20])):
            places += [max(0, first + k * step) % 60] + [0] * source.choice([0, 0, 4])
    one = made([], constants=constants, uniforms=60, inputs=30, inputs_at=30, outputs=places)
    numbers = [source.gauss(0.0, 1.0) for _ in range(30)]
    expected = [[*constants, *numbers][place] for place in places]
    one.run_point(array("d", numbers))
    assert list(map(float.hex, one.outputs())) == list(map(float.hex, expected))
    call, half = Called(), len(places) // 2
    call._connect_value((30,), one, (-1, (..., half), len(places) - half - 1))
    first, array_of_numbers, rest = call(numbers)
    found = [first, *array_of_numbers.tolist(), *rest]
    assert list(map(float.hex, found)) == list(map(float.hex, expected))
    assert call([*numbers[:-1], math.inf])[0] == "slowly"
    assert isinstance(array_of_numbers, numpy.ndarray)


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_no_output_that_is_not_finite_is_missed(bad):
    places = [*range(20), 7, 7, 3]
    one = made([], constants=[0.0] * 10, uniforms=20, inputs=10, inputs_at=10, outputs=places)
    for k in range(10):
        numbers = array("d", [1.0] * 10)
        numbers[k] = bad
        assert one.run_point(numbers) == SUSPECT
    assert one.run_point(array("d", [1.0] * 10)) == 0


def test_squares_in_packs_have_pow_s_bits():
    count = 2000
    one = made(
        [CODES["pow"], count, 1 + count, U, 1, 1, U, 0, 0],
        constants=[2.0], uniforms=1 + 2 * count, inputs=count, inputs_at=1,
        outputs=range(1 + count, 1 + 2 * count),
    )  # fmt: skip
    source = random.Random(3)
    for _ in range(20):
        numbers = [
            source.uniform(1.0, 2.0) * 2.0 ** source.randrange(-20, 20) for _ in range(count)
        ]
        numbers[::40] = [2.0**k for k in range(-25, 25)]
        one.run_point(array("d", numbers))
        assert list(one.outputs()) == [x**2.0 for x in numbers]


def test_arrays_are_laid_out_as_declared_and_others_are_read_all_the_same():
    numpy = pytest.importorskip("numpy")
    doubled = made(
        [CODES["add"], 4, 4, U, 0, 1, U, 0, 1], uniforms=8, inputs=4, outputs=range(4, 8)
    )
    call = Called()
    call._connect_value(((..., 2, 2),), doubled, (..., 2, 2))
    plain = numpy.array([[1.0, 2.0], [3.0, 4.0]])
    frozen = plain.copy()
    frozen.flags.writeable = False
    unaligned = numpy.frombuffer(b"x" + plain.tobytes(), dtype="d", offset=1).reshape(2, 2)
    for x in (plain, frozen, plain.T.copy().T, plain.astype(">f8"), plain.astype(int)):
        assert call(x).tolist() == [[2.0, 4.0], [6.0, 8.0]]
    for x in (plain[0], plain.reshape(4), plain.reshape(1, 2, 2), numpy.zeros((2, 3)), frozen[:1]):
        assert call(x)[0] == "slowly"
    for x in (unaligned, numpy.ma.array(plain)):
        assert call(x)[0] == "slowly"


def test_a_call_refreshes_what_it_captured():
    call = Called()
    call._connect_value((), made([], uniforms=1, parameters=1, outputs=[0]), -1)
    call()
    assert not hasattr(call, "refreshed")
    call._captured.append(object())
    call()
    assert call.refreshed == 1


# --- Words to refuse ------------------------------------------------------------------------------

GOOD = {"uniforms": 8, "varying": 0, "inputs": 2, "outputs": [7]}
ADD = [CODES["add"], 2, 4, U, 0, 1, U, 2, 1]
PRODUCT_WORDS = [PRODUCT, 2, 2, 2, 4, U, 0, 1, U, 0, 1, 1, U, 0, 1, 1]


@pytest.mark.parametrize(
    ("words", "given", "error"),
    [
        ([999], {}, "word 0: no operation is 999"),
        ([0], {}, "word 0: no operation is 0"),
        ([-6], {}, "word 0: no operation is -6"),
        (ADD[:-1], {}, "word 0: the section ends within the pack"),
        ([CODES["add"], -1, *ADD[2:]], {}, "word 1: a count is negative"),
        ([*ADD[:2], 7, *ADD[3:]], {}, "word 2: results 7 to 9 are not within U"),
        ([*ADD[:2], -1, *ADD[3:]], {}, "word 2: results -1 to 1 are not within U"),
        ([*ADD[:3], 9, *ADD[4:]], {}, "word 3: no mode is 9"),
        ([*ADD[:3], V, *ADD[4:]], {}, "word 3: V is read outside the rows section"),
        ([*ADD[:4], 8, *ADD[5:]], {}, "word 4: slot 8 is not within 0 to 8 of U"),
        ([*ADD[:5], 2**31 - 1, *ADD[6:]], {}, "word 4: slot 2147483647 is not within"),
        ([*ADD[:5], -1, *ADD[6:]], {}, "word 4: slot -1 is not within"),
        ([*ADD[:4], 4, *ADD[5:]], {}, "word 4: the pack at word 0 reads slot 4, which it writes"),
        ([*ADD[:3], U_LISTED, 0, 0, *ADD[6:]], {}, "word 4: a list of 2 words at 0 is not"),
        ([*ADD[:3], U_LISTED, 8, 0, *ADD[6:]], {}, "word 4: a list of 2 words at 8 is not"),
        ([CODES["sum"], 1, 0, 4, U, 0, 0, 0], {}, "word 2: no operands"),
        ([CODES["sum"], 2**20, 2**20, 4, U, 0, 0, 0], {}, "terms"),
        ([CODES["dot"], 1, 2**31 - 1, 4, -1, 0, 0, U, 0, 0, 0, U, 0, 0, 0], {}, "too many"),
        ([OUTER, 1, 1, 0, 0, 0, V, 0, 0, V, 0, 0], {}, "V is read outside the rows section"),
        ([TOTALS, 1, 1, 0, -1, 0, 0, 0, U, 0, 0, 0], {}, "totals over rows outside"),
        ([*PRODUCT_WORDS[:1], -1, *PRODUCT_WORDS[2:]], {}, "word 1: a count is negative"),
        ([*PRODUCT_WORDS[:3], -1, *PRODUCT_WORDS[4:]], {}, "word 1: a count is negative"),
        ([*PRODUCT_WORDS[:3], 3, *PRODUCT_WORDS[4:]], {}, "word 4: results 4 to 10 are not"),
        ([*PRODUCT_WORDS[:4], 2, *PRODUCT_WORDS[5:]], {}, "reads slot 2, which it writes"),
        ([*PRODUCT_WORDS[:6], 8, *PRODUCT_WORDS[7:]], {}, "slot 8 is not within 0 to 8 of U"),
        ([*PRODUCT_WORDS[:11], 9, *PRODUCT_WORDS[12:]], {}, "slot 9 is not within 0 to 8 of U"),
        ([*PRODUCT_WORDS[:13], 3, *PRODUCT_WORDS[14:]], {}, "reads slot 4, which it writes"),
        ([PRODUCT, 2**20, 2**10, 2**10, *PRODUCT_WORDS[4:]], {}, "terms are too many"),
        ([PRODUCT, 0, 2**31 - 1, 2**31 - 1, *PRODUCT_WORDS[4:]], {}, "operands are too many"),
        ([OUTERS, 1, 1, 1, 0, 0, 0, V, 0, 0, 0, V, 0, 0, 0], {}, "V is read outside the rows"),
        ([], {"outputs": [8]}, r"outputs\[0\]: slot 8 is not in U"),
        ([], {"row_outputs": [0]}, r"row_outputs\[0\]: 0 is neither in V nor in U"),
        ([], {"row_outputs": [-9]}, r"row_outputs\[0\]: -9 is neither in V nor in U"),
        ([], {"inputs": 9}, "inputs: slots 0 to 9 are not within 0 to 8"),
        ([], {"inputs": -1}, "inputs: slots 0 to -1 are not within 0 to 8"),
        ([], {"parameters_at": 2**31 - 1, "parameters": 1}, "parameters: slots"),
        ([], {"constants": [1.0], "constants_at": 8}, "constants: slots 8 to 9 are not within"),
        ([], {"totals_at": 7, "totals": 2}, "totals: slots 7 to 9"),
        ([], {"scale_at": 8}, "scale_at: slots 8 to 9"),
        ([], {"rows_at": -2}, "rows_at: slots -2 to -1"),
        ([], {"uniforms": -1}, "uniforms: -1 is not"),
        ([], {"uniforms": 2**31 - 1}, "uniforms: 2147483647 is not"),
        ([], {"uniforms": 2**40}, "not of whole 32-bit numbers"),
        ([], {"varying": 2**30}, "varying: 1073741824 is not"),
        ([], {"guards": [U, 0, 6, U, 0, 1]}, r"guards\[2\]: no comparison is 6"),
        ([], {"guards": [1, 0, 0, U, 0, 1]}, r"guards\[0\]: no mode is 1"),
        ([], {"guards": [U, 0, 0, V, 0, 1]}, r"guards\[4\]: slot 0 is not within 0 to 0"),
        ([], {"guards": [U, 0, 0, U, 0, 2]}, r"guards\[5\]: an outcome is 0 or 1"),
        ([], {"guards": [U, 0, 0]}, "guards: 3 words are no whole number of sixes"),
        (ADD, {"sections": (9, 9, 10)}, "sections: 9, 9, 10 do not nest in 9 words"),
        (ADD, {"sections": (9, 0, 9)}, "sections: 9, 0, 9 do not nest"),
        (ADD, {"sections": (3, 9, 9)}, "word 0: the section ends within the pack"),
    ],
)
def test_words_are_verified(words, given, error):
    with pytest.raises(ValueError, match=error):
        made(words, **{**GOOD, **given})


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([OUTER, 2, 2, 0, 2, 1, V, 0, 1, U, 0, 1], "an outer product is of slots in V"),
        ([OUTER, 2, 2, 1, 2, 1, V, 0, 1, V, 0, 1], "totals 1 to 4 are not within their region"),
        ([OUTER, 2, 2, 1, -2, 1, V, 0, 1, V, 0, 1], "totals -1 to 2 are not within their region"),
        ([OUTERS, 2, 2, 2, 0, 2, 1, V, 0, 1, 1, U, 0, 1, 1], "an outer product is of slots in V"),
        ([OUTERS, 2, 2, 2, 1, 2, 1, V, 0, 1, 1, V, 0, 1, 1], "totals 1 to 4 are not within"),
        ([OUTERS, 2, 2, 2, 1, -2, 1, V, 0, 1, 1, V, 0, 1, 1], "totals -1 to 2 are not within"),
        ([OUTERS, 2, 2, 2, 0, 2, 1, V, 0, 1, 1, V, 2, 1, 2], "slot 4 is not within 0 to 4 of V"),
        ([OUTERS, 2, 2, -1, 0, 2, 1, V, 0, 1, 1, V, 0, 1, 1], "a count is negative"),
        (
            [PRODUCT, 1, 1, 2, 3, -1, 0, 0, V, 0, 0, 0, V, 0, 1, 0],
            "results 3 to 5 are not within V",
        ),
        ([PRODUCT, 1, 1, 2, 2, -1, 0, 0, V, 0, 0, 0, V, 1, 1, 0], "reads slot 2, which it writes"),
        ([TOTALS, 1, 1, 4, -1, 0, 0, 0, V, 0, 0, 0], "totals 4 to 4 are not within their region"),
        ([TOTALS, 1, 1, 0, -1, 0, 0, 0, V, 4, 0, 0], "slot 4 is not within 0 to 4 of V"),
        ([CODES["add"], 1, 0, U, 0, 1, U, 2, 1], "word 0: no operand varies"),
        ([COPY, 1, 1, V, 1, 0], "reads slot 1, which it writes"),
        ([COPY, 2, 1, V, 3, -3], "slot 0|writes"),
    ],
)
def test_words_of_rows_are_verified(words, error):
    size = len(words)
    if words[0] == COPY and words[1] == 2:
        made(words, (0, size, size), uniforms=8, varying=4, inputs=1, totals=4)  # just fits
        return
    with pytest.raises(ValueError, match=error):
        made(words, (0, size, size), uniforms=8, varying=4, inputs=1, totals=4)


def test_random_words_are_refused_or_run():
    """What the verifier lets through runs without touching foreign memory (see sanitize.sh)."""
    source = random.Random(9)
    good = [
        *(CODES["add"], 3, 4, U, 0, 1, U_LISTED, 126, 0),
        *(CODES["dot"], 2, 2, 8, U, 0, 1, U, 0, 2, 1, U_LISTED, 126, 0, 0),
        *(CODES["mul"], 4, 4, V, 0, 1, U, 0, 0),
        *(CODES["dot"], 4, 2, 8, V, 0, 1, U, 0, 2, 1, V, 0, 0, 1),
        *(CODES["logsumexp"], 2, 2, 12, V_LISTED, 126, 0, 1),
        *(CODES["hypot"], 1, 14, V, 0, 0, V, 1, 0),
        *(TOTALS, 2, 2, 20, -1, 0, 0, 0, V, 0, 2, 1),
        *(OUTER, 2, 2, 22, 2, 1, V, 4, 1, V, 8, 1),
        *(OUTERS, 2, 2, 2, 22, 2, 1, V, 4, 1, 2, V_LISTED, 126, 1, 0),
        *(PRODUCT, 2, 2, 2, 12, V, 0, 1, U, 0, 2, 1, V, 0, 1, 1),
        *(CODES["exp"], 1, 30, U, 20, 0),
        *(0, 1, 2, 3, 1, 0, 3, 2),
    ]
    ends = (24, 120, 126)
    ran = refused = 0
    for _ in range(6000):
        words = list(good)
        for _ in range(source.choice([1, 1, 1, 2, 3])):
            place = source.randrange(len(words))
            words[place] = source.choice(
                [source.randrange(-6, 40), words[place] + source.choice([-1, 1]),
                 source.choice([2**31 - 1, -(2**31), 2**16, 10**6, 58, 59])]
            )  # fmt: skip
        sections = ends if source.random() < 0.9 else sorted(
            source.choices(range(len(words) + 2), k=3)
        )  # fmt: skip
        try:
            found = made(
                words, sections, uniforms=32, varying=16, inputs=4, totals_at=20, totals=8,
                parameters=3, constants=[0.5, 1.5], constants_at=3, outputs=[30, 31],
                row_outputs=[12, 14, -31], guards=[V, 0, 0, U, 31, 1],
            )  # fmt: skip
        except ValueError:
            refused += 1
            continue
        ran += 1
        if max(map(abs, words)) < 10_000:  # else it may take long
            rows = source.choice([1, 3, 33])
            block = array("d", [source.gauss(0.0, 1.0) for _ in range(4 * rows)])
            found.run_rows(block, rows, 1.0, array("d", bytes(24 * rows)), bytearray(rows))
    assert ran > 500
    assert refused > 500
