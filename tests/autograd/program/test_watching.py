"""What a recorded function looks at, and what other threads do meanwhile, is never frozen."""

from __future__ import annotations

import copy
import math
import pickle
import sys
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest

import autograd
from autograd import Value, jvp, load_program
from autograd.program import SGD
from autograd.program.compiling import compile

# Numbers leave on purpose here.
pytestmark = pytest.mark.filterwarnings("ignore::autograd.LostGradientWarning")

XY = namedtuple("XY", "x y")
YX = namedtuple("YX", "y x")


def same(f, *points):
    """The program gives what the function gives, point after point, in every order."""
    for order in (points, points[::-1]):
        program = compile(f)
        for point in order:
            expected = f(*[Value(x) for x in point])
            expected = expected.data if isinstance(expected, Value) else expected
            assert program(*point) == expected
            columns = [[x] for x in point]
            assert program.rows(*columns) == [expected]


@pytest.mark.parametrize("limit", [2**53 + 1, 10**400, -(10**400), Fraction(1, 3), True, 1e-300])
@pytest.mark.parametrize("comparison", ["<", "<=", ">", ">=", "==", "!="])
def test_numbers_that_are_no_floats_are_compared_exactly(limit, comparison):
    ask = {
        "<": lambda x: x < limit, "<=": lambda x: x <= limit, ">": lambda x: x > limit,
        ">=": lambda x: x >= limit, "==": lambda x: x == limit, "!=": lambda x: x != limit,
    }[comparison]  # fmt: skip
    beside = math.nextafter(1.0 / 3.0, 1.0)
    points = [1.0, 1.0 / 3.0, beside, 2.0**53, 2.0**53 + 2.0, -1e308, 1e-300]
    same(lambda x: x * 2.0 if ask(x) else x * 3.0, *[(point,) for point in points])


def test_numpy_scalars_are_compared():
    numpy = pytest.importorskip("numpy")
    same(lambda x: x * 2.0 if x > numpy.float64(1.5) else x, (1.0,), (2.0,))


def test_the_sign_of_a_zero_that_was_looked_at_counts():
    same(lambda x: autograd.atan2(0.0, x.detach()), (0.0,), (-0.0,), (1.0,), (-1.0,))
    same(lambda x: x * math.copysign(3.0, x.data), (0.0,), (-0.0,), (2.0,))


def test_a_nan_on_the_way_is_the_same_nan_again():
    def f(x):
        y = x - x
        return x * 0.0 + 1.0 if y.data == y.data else autograd.step(x)

    same(f, (1.0,), (math.inf,), (2.0,))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: float(f"{x:.2f}") * x,
        lambda x: float(str(x)[len("Value(data=") :].partition(",")[0]) * x,
        lambda x: copy.deepcopy(x) * x,
        lambda x: pickle.loads(pickle.dumps(x * 1.0)) * x,
    ],
    ids=["format", "str", "deepcopy", "pickle"],
)
def test_numbers_that_leave_as_text_or_copies_are_noticed(f):
    program = compile(f)
    assert [program(3.0), program(4.0), program(3.0)] == [9.0, 16.0, 9.0]


def along(f):
    return lambda x: jvp(f, (x,), (1.0,))[1]


@pytest.mark.parametrize("f", [
    along(lambda y: y * y.data),
    along(lambda y: y * float(f"{y:.3f}")),
    along(lambda y: y * (2.0 if y.data > 2.5 else 3.0)),
    along(lambda y: y * (2.0 if y > 2.5 else 3.0)),
    along(lambda y: y * (2.0 if y else 3.0)),
    along(lambda y: y * y.detach()),
    along(along(lambda y: y * y * y.data)),
    along(lambda y: along(lambda z: z * y.data * z)(y)),
    along(lambda y: along(lambda z: z * float(f"{z * y:.3f}"))(y)),
], ids=["data", "text", "branch on data", "branch", "truth", "detach", "twice", "inner",
        "inner text"])  # fmt: skip
def test_numbers_that_leave_a_dual_number_are_noticed(f):
    program = compile(f)
    for x in (2.0, 3.0, 20.0, 0.0, 2.0):
        assert program(x) == f(x)


def test_sweeps_inside_a_compiled_function_are_refused():
    def swept(x):
        (x * x).backward()
        return x

    with pytest.raises(TypeError, match="gradients"):
        compile(swept)(1.0)
    with pytest.raises(TypeError, match="gradients"):
        compile(lambda x: x * x.grad)(1.0)


def test_a_program_inside_another_takes_its_weights_along():
    w = Value(2.0)
    inner = compile(lambda x: w * x)
    inner(2.0)
    outer = compile(lambda x: x * inner(2.0))
    assert outer(1.0) == 4.0
    w.data = 10.0
    assert (outer(1.0), inner(2.0)) == (20.0, 20.0)
    assert outer.parameters == [w]


def test_named_tuples_are_told_apart():
    program = compile(lambda q: q.x - q.y)
    assert (program(XY(2.0, 3.0)), program(YX(2.0, 3.0))) == (-1.0, 1.0)
    for _ in range(3):
        assert program.value_and_grad(XY(2.0, 3.0)) == (-1.0, XY(1.0, -1.0))
        assert program(XY(2.0, 3.0)) == -1.0


def test_lists_and_tuples_are_told_apart_however_often_they_come():
    program = compile(lambda xs: xs[0] if isinstance(xs, tuple) else xs[1])
    for _ in range(4):
        assert program([1.0, 2.0]) == 2.0
    assert program((1.0, 2.0)) == 1.0


def test_a_loaded_program_takes_tuples_for_named_tuples(tmp_path):
    program = compile(lambda q: q.x - q.y)
    program(XY(2.0, 3.0))
    program.save(tmp_path / "program.json")
    loaded = load_program(tmp_path / "program.json")
    assert loaded(XY(5.0, 3.0)) == loaded((5.0, 3.0)) == 2.0


def test_a_nan_is_that_of_eager_code_however_often_the_program_was_called():
    program = compile(lambda x, y: x * 2.0 + y * 0.0 if y > 1.0 else x * y)
    for _ in range(3):
        assert program(1.0, 2.0) == 2.0
        assert math.isnan(program(1.0, math.nan))
        assert program.value_and_grad(1.0, 2.0) == (2.0, (2.0, 0.0))
        value, (by_x, by_y) = program.value_and_grad(1.0, math.nan)
        assert [str(x) for x in (value, by_x, by_y)] == ["nan", "nan", "1.0"]


def test_parameters_keep_their_order():
    v, w = Value(1.0), Value(2.0)
    program = compile(lambda x: w * x if x > 0.0 else v * x)
    program(1.0)
    program(-1.0)
    for point in (1.0, -1.0, 1.0):
        program(point)
        assert program.parameters == [w, v]
        assert program.rows_value_and_grad([3.0], reduce="sum") == (6.0, [3.0, 0.0])


def test_every_branch_s_parameters_are_trained_or_named():
    def made(**settings):
        v, w = Value(1.0), Value(1.0)
        program = compile(
            lambda x: (w * x - 3.0) ** 2 if x > 0.0 else (v * x - 3.0) ** 2,
            **({"parameters": [v, w]} if settings else {}),
        )
        return v, w, program

    v, w, program = made(listed=True)
    program.train([1.0, -1.0], optimizer=SGD(lr=0.1), steps=100)
    assert (v.data, w.data) == (pytest.approx(-3.0, rel=1e-3), pytest.approx(3.0, rel=1e-3))
    v, w, program = made()
    program(1.0)
    program(-1.0)
    program.train([1.0, -1.0], optimizer=SGD(lr=0.1), steps=100)
    assert (v.data, w.data) == (pytest.approx(-3.0, rel=1e-3), pytest.approx(3.0, rel=1e-3))
    v, w, program = made()
    with pytest.raises(ValueError, match="parameters="):
        program.train([1.0, -1.0], optimizer=SGD(lr=0.1), steps=1)
    assert (v.data, w.data) == (1.0, 1.0)


def test_a_value_that_is_only_compared_with_is_read_at_every_call():
    limit = Value(3.0)
    program = compile(lambda x: x if x > limit else -x)
    assert program(4.0) == 4.0
    limit.data = 5.0
    assert program(4.0) == -4.0


@pytest.mark.parametrize(
    ("f", "point"),
    [
        (lambda d: d["a"] * d["b"] + d["a"], lambda k: ({"a": float(k), "b": 2.0},)),
        (lambda x: x * 2.0 if x > 10.0 else x * 3.0, lambda k: (float(k),)),
        (lambda xs: autograd.sum(xs), lambda k: ([float(k)] * (1 + k % 5),)),
    ],
    ids=["dict", "branches", "lengths"],
)
def test_threads_get_their_own_answers(f, point):
    program = compile(f)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:

        def work(thread):
            numbers = range(thread, 1200, 4)
            return [(k, program(*point(k)), program.value_and_grad(*point(k))[0]) for k in numbers]

        with ThreadPoolExecutor(4) as pool:
            found = [answer for answers in pool.map(work, range(4)) for answer in answers]
    finally:
        sys.setswitchinterval(before)
    for k, value, again in found:
        assert value == again == f(*point(k))


def test_an_optimizer_is_as_it_was_when_a_step_fails():
    w = Value(1.0)
    optimizer = SGD(lr=1e308, momentum=0.5)
    trainer = compile(lambda x: w * x).trainer([1e2], optimizer=optimizer)
    with pytest.raises(ArithmeticError):
        trainer.run(steps=1)
    assert (optimizer.steps, trainer.steps, list(optimizer.state), w.data) == (0, 0, [0.0], 1.0)


def test_a_momentum_may_begin_and_end_between_steps():
    w = Value(1.0)
    optimizer = SGD(lr=0.125)
    trainer = compile(lambda x: w * x).trainer([1.0], optimizer=optimizer)
    found = []
    for momentum in (0.0, 0.5, 0.5, 0.0, 0.5):
        optimizer.momentum = momentum
        trainer.step()
        found.append(w.data)
    # The gradient is 1: steps of 1, then velocities 1 and 1.5, then 1, then 1 again.
    assert found == [0.875, 0.75, 0.5625, 0.4375, 0.3125]


def test_a_program_lets_go_of_the_rows_it_was_given():
    class Rows(list):
        pass

    program = compile(lambda x: x * 2.0)
    rows = Rows([1.0, 2.0])
    before = sys.getrefcount(rows)
    program.rows(rows)
    assert sys.getrefcount(rows) == before
