"""Where a number left the graph is said where a gradient is 0 because of it, and only there."""

from __future__ import annotations

import copy
import inspect
import math
import warnings

import numpy as np
import pytest

import autograd
from autograd import (
    LostGradientWarning,
    Value,
    compile,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    relu,
    step,
    value_and_grad,
    vjp,
)

w = Value(3.0, label="w")


def read(x):
    y = x * 2.0
    return y.data**2  # leaves here


def detached(x):
    return x.detach() * 3.0  # leaves here


def rounded(x):
    return round(x.data)  # leaves here


def floored(x):
    return math.floor(x.data) * 2.0  # leaves here


def whole(x):
    return int(x.data) + 1.0  # leaves here


def formatted(x):
    return float(f"{x:.3f}")  # leaves here


def copied(x):
    return copy.copy(x) * 2.0  # leaves here


def copied_deeply(x):
    return copy.deepcopy(x) * 2.0  # leaves here


def unrecorded(x):
    with no_grad():
        y = x * x  # leaves here
    return y + 1.0


def wrapped(x):
    return Value(x.data) * 2.0  # leaves here


def beside_a_parameter(x):
    return w * x.data  # leaves here


def of_a_sweep(x):
    y = x * x
    y.backward()
    return x.grad  # leaves here


LOST = [
    read, detached, copied, copied_deeply, rounded, floored, whole, formatted, unrecorded, wrapped,
    beside_a_parameter, of_a_sweep,
]  # fmt: skip
DOORS = {
    "grad": lambda f: grad(f)(2.5),
    "value_and_grad": lambda f: value_and_grad(f)(2.5)[1],
    "jacobian": lambda f: jacobian(f)(2.5),
    "forward": lambda f: jacobian(f, mode="forward")(2.5),
    "vjp": lambda f: vjp(f, 2.5)[1](1.0)[0],
    "hessian": lambda f: hessian(f)(2.5),
    "jvp": lambda f: jvp(f, (2.5,), (1.0,))[1],
    "hvp": lambda f: hvp(f, (2.5,), (1.0,))[0],
    "compiled grad": lambda f: compile(grad(f))(2.5),
    "compiled value_and_grad": lambda f: compile(value_and_grad(f))(2.5)[1],
    "compiled jacobian": lambda f: compile(jacobian(f))(2.5),
    "compile": lambda f: compile(f).value_and_grad(2.5)[1],
    "grad of a Value": lambda f: grad(f)(Value(2.5)),
}


def line_of(f):
    lines, first = inspect.getsourcelines(f)
    return first + next(k for k, line in enumerate(lines) if "leaves here" in line)


@pytest.mark.parametrize("f", LOST)
@pytest.mark.parametrize("door", DOORS)
def test_the_line_is_told_at_every_door(door, f):
    if f is of_a_sweep and ("compile" in door or door in ("forward", "jvp", "hvp")):
        return  # an error there
    if f in (copied, copied_deeply) and door in ("forward", "jvp", "hvp"):
        return  # a copy of a dual number is one, with the tangent 0
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert DOORS[door](f) == 0.0
    assert {(one.category, one.filename, one.lineno) for one in told} == {
        (LostGradientWarning, __file__, line_of(f))
    }


def shown(x):
    text = f"{x.data} {x}"
    return 3.0 if text else 4.0


SILENT = {
    "a constant": lambda x: 3.0,
    "another's parameter": lambda x: w * 2.0,
    "a number read of another": lambda x: w.data * 2.0,
    "shown, not used": shown,
    "a branch": lambda x: 1.0 if x > 0 else -1.0,
    "a step": step,
    "a dead unit": lambda x: relu(x - 100.0),
    "a factor 0": lambda x: x * 0.0,
    "linear": lambda x: 2.0 * x + 1.0,
}


@pytest.mark.parametrize("f", SILENT.values(), ids=SILENT)
@pytest.mark.parametrize("door", DOORS)
def test_what_did_not_leave_is_silent(door, f):
    DOORS[door](f)  # a warning would be an error


def test_a_factor_that_is_detached_on_purpose_is_silent():
    assert grad(lambda x: x * x.data)(3.0) == 3.0
    assert jacobian(lambda v: [v[0] * v[1].detach(), v[1].data])([2.0, 5.0]) == [[5.0, 0], [0, 0]]


def test_of_arrays_and_lists():
    with pytest.warns(LostGradientWarning, match="left the graph here"):
        found = grad(lambda x: np.sum(np.array([v.data for v in x]) ** 2))(np.ones(3))
    assert found.tolist() == [0.0, 0.0, 0.0]
    with pytest.warns(LostGradientWarning):
        assert grad(lambda p: p["a"].data * 2.0)({"a": 1.0, "b": 2.0}) == {"a": 0.0, "b": 0.0}


def test_gradients_of_a_constant():
    x = Value(2.0)
    with pytest.warns(LostGradientWarning, match="no_grad") as told:
        (found,) = gradients(x.detach() * 2.0, [x])
    assert (found.data, told[0].filename) == (0.0, __file__)
    (slope,) = gradients(3.0 * x, [x])
    assert gradients(slope, [x])[0].data == 0.0  # the curvature of a line


def test_a_function_with_a_path_is_called_once():
    calls = []
    grad(lambda x: calls.append(x) or x * x)(2.0)
    grad(lambda x: calls.append(x) or relu(-x))(2.0)
    assert len(calls) == 2


def test_a_second_call_that_fails_is_no_error():
    numbers = iter([1.0])
    assert grad(lambda x: next(numbers) + 0.0 * x.data)(2.0) == 0.0


def test_the_warning_can_be_turned_off():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", autograd.LostGradientWarning)
        assert grad(read)(2.0) == 0.0
