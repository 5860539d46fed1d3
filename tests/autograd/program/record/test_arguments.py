"""Programs take what functions take: arguments by name, defaults, static ones, arrays."""

from __future__ import annotations

import copy
import gc
import math
import pickle
import weakref
from functools import partial

import pytest

import autograd
from autograd import SGD, Value, compile, load_program, value_and_grad

numpy = pytest.importorskip("numpy")


def power(x, n, /, y=1.0, *, scale=2.0, mode="plain"):
    out = x * 0.0 + 1.0
    for _ in range(n):
        out = out * x
    return scale * out * y if mode == "plain" else -out


def test_calls_are_those_of_the_function():
    program = compile(power, static=("n", "mode"))
    for args, by_name in [
        ((3.0, 2), {}),
        ((3.0, 2, 4.0), {}),
        ((3.0, 2), {"y": 4.0}),
        ((3.0, 3), {"scale": 5.0}),
        ((3.0, 3), {"scale": 5.0, "y": 0.5}),
        ((3.0, 0), {"mode": "other"}),
    ]:
        expected = power(Value(args[0]), *args[1:], **by_name).data
        assert program(*args, **by_name) == expected
        assert program.rows([3.0], *args[1:], **by_name) == [expected]
    assert program.value_and_grad(3.0, 2, scale=5.0) == (45.0, (30.0, 9.0))
    with pytest.raises(ValueError, match="several static"):
        program.save("never.json")


@pytest.mark.parametrize(
    ("args", "by_name", "complaint"),
    [
        ((1.0, 2), {"z": 1.0}, r"power\(x, n, y, \*, scale, mode\) has no argument 'z'"),
        ((1.0, 2, 3.0), {"y": 1.0}, "got y twice"),
        ((), {"scale": 1.0}, "needs x and n"),
        ((1.0, 2, 3.0, 4.0), {}, "takes 2 to 3 arguments, got 4"),
        ((1.0,), {"n": 2}, "has no argument 'n'"),
        ((1.0, 2), {"y": "one"}, r"y is 'one'.*static='y'"),
        ((1.0, 2), {"y": None}, "y is None"),
    ],
)
def test_bad_calls_say_what_to_do(args, by_name, complaint):
    with pytest.raises(TypeError, match=complaint):
        compile(power, static=["n", "mode"])(*args, **by_name)


@pytest.mark.parametrize("f", [
    lambda x, n: x * sum(1.0 for _ in range(n)),
    lambda x, n: x * [1.0, 2.0, 3.0][n],
    lambda x, n: x * {2: 5.0}[n],
    lambda x, n: x * len("a" * n),
])  # fmt: skip
def test_whole_numbers_are_told_to_be_static(f):
    for loses, words in (
        (lambda n: math.sin(n), r"^float\(\) and the functions of math.* If n is a plain value"),
        (lambda n: n * 1j, r"^operator \* needs a real number.* If n is a plain value"),
        (lambda n: n % 2.0, r"^x % y of a Value rounds.*compile\(f, static='n'\)"),
    ):
        with pytest.raises(TypeError, match=words):
            compile(loses)(3.0)
    with pytest.raises(TypeError, match=r"needs n as a plain whole number.*static='n'"):
        compile(f)(1.0, 2)
    program = compile(f, static=1)
    assert [program(3.0, 2), program(3.0, n=2)] == [f(3.0, 2)] * 2
    assert len(program.variants) == 1


def test_static_things_are_told_apart_and_kept_by_nobody():
    class Model:
        def __init__(self, rate):
            self.rate, self.w = rate, Value(rate)

    program = compile(
        lambda model, x, flag=None: model.w * x * model.rate, static=["model", "flag"]
    )
    one, other = Model(2.0), Model(3.0)
    assert [program(one, 1.0), program(other, 1.0), program(one, 2.0, True)] == [4.0, 9.0, 8.0]
    one.rate = 5.0
    assert program(one, 1.0) == 10.0
    gone = weakref.ref(other)
    gc.disable()
    del other
    assert gone() is None
    gc.enable()
    by_value = compile(lambda x, sizes: x * len(sizes), static="sizes")
    assert [by_value(2.0, [1, 2]), by_value(2.0, [1, 2]), by_value(2.0, [1])] == [4.0, 4.0, 2.0]
    assert len(by_value.variants) == 2
    kinds = compile(lambda x, n: x * 2.0 if n is True else x, static="n")
    assert [kinds(1.0, True), kinds(1.0, 1)] == [2.0, 1.0]


def test_options_are_checked():
    with pytest.raises(ValueError, match=r"static has 'z'; the arguments are x, n"):
        compile(power, static="z")
    with pytest.raises(TypeError, match="names or positions"):
        compile(power, static=[1.5])
    with pytest.raises(ValueError, match="uniform and static"):
        compile(power, static="n", uniform=1)
    with pytest.raises(TypeError, match="@staticmethod above @compile"):
        compile(staticmethod(power))
    with pytest.raises(TypeError, match="needs a function"):
        compile(name="f")(3.0)
    assert compile(name="cube", static="n")(power).name == "cube"


def test_uniform_by_name_and_training_by_name():
    program = compile(lambda x, *, w: (w[0] * x + w[1]) ** 2, uniform="w")
    assert program.rows_value_and_grad([1.0, 2.0], w=[3.0, 4.0], reduce="mean") == (
        74.5,
        [27.0, 17.0],
    )
    w = Value(0.0)
    losses = compile(lambda x, n: (w * x**n - 2.0) ** 2, static="n").train(
        [1.0], n=2, optimizer=SGD(lr=0.5), steps=2
    )
    assert losses[0] == 4.0
    assert w.data == 2.0


def test_what_is_carried_away_takes_names(tmp_path):
    program = compile(lambda x, n, b=1.0: x * float(n) + b, static="n", name="line")
    program(2.0, 3, b=4.0)
    program.save(tmp_path / "line.json")
    again = load_program(tmp_path / "line.json")
    assert (again(2.0, 4.0), again(x=2.0, b=5.0)) == (10.0, 11.0)
    assert copy.deepcopy(program)(2.0, 5) == 11.0
    taken = pickle.loads(pickle.dumps(compile(power, static="n")))
    assert taken(3.0, 2) == 18.0
    assert compile(partial(power, 2.0, 3))(y=2.0) == 32.0


def squares(x):
    return (x * x).sum()


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8", "bool"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,), (2, 1, 2)])
def test_arrays_of_any_kind(dtype, shape):
    x = numpy.ones(shape, dtype=dtype)
    program = compile(squares if shape else lambda x: x * x)
    for _ in range(2):
        value, gradient = program.value_and_grad(x)
        assert value == float(numpy.sum(x))
        assert numpy.shape(gradient) == shape
        assert numpy.all(gradient == 2.0)


def test_arrays_strided_read_only_and_among_other_arguments():
    x = numpy.arange(24.0).reshape(4, 6)[::2, ::-2]
    x.flags.writeable = False
    program = compile(lambda x, c, v: {"y": x * c, "s": [v[0], c]})
    for _ in range(2):
        found = program(x, 2.0, [1.0, 2.0])
        assert numpy.array_equal(found["y"], x * 2.0)
    loss = compile(lambda x, c, v: (x * c).sum() + v[0])
    for _ in range(2):
        value, (by_x, by_c, by_v) = loss.value_and_grad(x, 2.0, [1.0, 2.0])
        assert (value, by_c, by_v) == (x.sum() * 2.0 + 1.0, x.sum(), [1.0, 0.0])
        assert by_x.tolist() == [[2.0] * 3] * 2
    assert squares(numpy.ones(3)) == compile(squares)(numpy.ones(3))


def test_rows_are_arrays_where_the_batch_is():
    rows, w = numpy.arange(12.0).reshape(4, 3), numpy.ones((2, 3))
    program = compile(lambda x, w: w @ x, uniform="w")
    assert numpy.array_equal(program.rows(rows, w), rows @ w.T)
    loss = compile(lambda x, w: squares(w @ x), uniform="w")
    value, gradient = loss.rows_value_and_grad(rows, w, reduce="sum")
    expected = value_and_grad(lambda w: sum(squares(w @ x) for x in rows))(w)
    assert value == expected[0]
    assert numpy.allclose(gradient, expected[1])
    _, by_row = compile(squares).rows_value_and_grad(rows)
    assert numpy.array_equal(by_row, 2.0 * rows)


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (numpy.array([1.0, None], dtype=object), r"x\[1\] is None"),
        (numpy.array(["a"], dtype=object), r"x\[0\] is 'a'"),
        (numpy.array([1j]), "complex"),
        (numpy.array(["2020-01-01"], dtype="datetime64[D]"), "datetime"),
        (numpy.ma.masked_array([1.0, 2.0], mask=[False, True]), "masked"),
        ([[1.0], 2.0, "x"], r"x\[2\] is 'x'"),
    ],
    ids=["None", "text", "complex", "dates", "masked", "ragged"],
)
def test_arrays_that_hold_no_numbers(bad, complaint):
    program = compile(autograd.sum)
    with pytest.raises((TypeError, ValueError), match=complaint.replace("x", "(x|xs|x1)", 1)):
        program(bad)
