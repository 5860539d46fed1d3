"""Programs without their function, as files give them: the branch is that of the numbers."""

from __future__ import annotations

import itertools
import math

import pytest

import autograd
from autograd import Value
from autograd.program.compiling import compile
from autograd.program.program import load_program


def overflows_before(x):
    y = autograd.exp(x)
    return 2.0 * y if y > 5.0 else y


def overflows_behind(x):
    if x > 2.0:
        return autograd.exp(x) * autograd.exp(x * 100.0) + x
    return autograd.log(x + 3.0)


def overflows_between(x):
    y = autograd.exp(x)
    if x > 0.5:
        y = y * y
    return y if y <= math.inf else y * 0.5


def leaves_its_domain(x):
    y = autograd.log(x)
    return y * y if y > 0.0 else autograd.sqrt(1.0 - x)


def steep_on_one_side(x):
    return autograd.sqrt(x - 1.0) if x >= 1.0 else x * x


def divides(x):
    return 2.0 * x if x < 2.0 else 1.0 / x


FUNCTIONS = [
    overflows_before, overflows_behind, overflows_between, leaves_its_domain, steep_on_one_side,
    divides,
]  # fmt: skip
POINTS = [-math.inf, -1000.0, -5.0, -2.0, 0.0, 0.5, 1.0, 1.5, 3.0, 50.0, 1000.0, math.inf]


def outcome(function, *arguments):
    try:
        found = function(*arguments)
    except (ArithmeticError, ValueError) as error:
        return type(error)
    return repr(found.data if isinstance(found, Value) else found)


def loaded(f, points, path):
    """The program of a function that took these ways, without the function."""
    program = compile(f)
    for x in points:
        program(x)
    program.save(path)
    return load_program(path)


def ways(f):
    """A function as calls, on numbers and on Values, and its derivatives in every mode."""
    return {
        "numbers": f,
        "Values": lambda x: f(Value(x)),
        "gradient": autograd.grad(f),
        "forward": lambda x: autograd.jvp(f, (x,), (1.0,)),
        "second": autograd.grad(autograd.grad(f)),
        "compiled again": lambda x: compile(lambda t: f(t))(x),
    }


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("recorded", [(0.5, 3.0), (3.0, 0.5)])
def test_every_way_to_call_takes_the_branch_of_its_numbers(f, recorded, tmp_path):
    program = loaded(f, recorded, tmp_path / "program.json")
    eagerly = ways(lambda x: f(Value(x)) if type(x) is float else f(x))
    for x, (name, call) in itertools.product(POINTS, ways(program).items()):
        assert outcome(call, x) == outcome(eagerly[name], x), (name, x)
    derived = autograd.value_and_grad(f)
    for x in POINTS:
        assert outcome(program.value_and_grad, x) == outcome(derived, x), x


_ERRORS = (OverflowError, ValueError, ZeroDivisionError, ArithmeticError)


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("recorded", [(0.5, 3.0), (3.0, 0.5)])
def test_so_do_the_rows_of_a_batch(f, recorded, tmp_path):
    program = loaded(f, recorded, tmp_path / "program.json")
    good = [x for x in POINTS if outcome(autograd.value_and_grad(f), x) not in _ERRORS]
    derived = [autograd.value_and_grad(f)(x) for x in good]
    values, derivatives = program.rows_value_and_grad(good)
    assert values == pytest.approx([value for value, _ in derived], rel=1e-14, nan_ok=True)
    assert derivatives == pytest.approx(
        [derivative for _, derivative in derived], rel=1e-14, nan_ok=True
    )
    for bad in (x for x in POINTS if outcome(lambda x: f(Value(x)), x) in _ERRORS):
        with pytest.raises(outcome(lambda x: f(Value(x)), bad), match=f"row {len(good)}: "):
            program.rows([*good, bad, bad])


@pytest.mark.parametrize("call", ["numbers", "Values", "gradient", "forward", "compiled again"])
def test_a_branch_that_was_never_taken_is_refused_in_every_way(call, tmp_path):
    program = loaded(divides, [1.0], tmp_path / "program.json")
    with pytest.raises(ValueError, match="branch comes out differently"):
        ways(program)[call](4.0)
    with pytest.raises(ValueError, match=r"row 1: .* branch comes out differently"):
        program.rows([1.0, 4.0])


def test_documented_what_fails_before_an_unknown_branch_is_not_known(tmp_path):
    def f(x):
        y = autograd.exp(x)
        return y + x if x < 100.0 else y - x

    program = loaded(f, [1.0], tmp_path / "program.json")
    with pytest.raises(OverflowError):
        f(Value(1000.0))
    with pytest.raises(ValueError, match="branch comes out differently"):
        program(1000.0)
