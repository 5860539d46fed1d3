"""Modes: the ways to run a program, each beside the eager code that it has to agree with."""

from __future__ import annotations

import math
import os
import tempfile
from contextlib import contextmanager, suppress
from unittest import mock

import autograd
from autograd import Value
from autograd.program.compiling import compile
from autograd.program.program import load_program

from .judging import judged, tolerances

ERRORS = (ArithmeticError, TypeError, ValueError, RuntimeError)


def outcome(function, *arguments, **keywords):
    """Return the numbers that a call gives, or the type of the error it raises."""
    try:
        return numbers(function(*arguments, **keywords))
    except ERRORS as error:
        return type(error)


def numbers(tree):
    """Return all numbers of a result, whatever holds them."""
    if isinstance(tree, Value):
        return [tree.data]
    if isinstance(tree, (list, tuple)):
        return [x for part in tree for x in numbers(part)]
    return [float(tree)]


@contextmanager
def without_the_machine():
    """Let programs run as Python source and lanes."""
    with (
        mock.patch("autograd.program.run.point_runner.runs_on_machine", return_value=False),
        mock.patch("autograd.program.run.row_runner.runs_on_machine", return_value=False),
    ):
        yield


class Case:
    """A recipe at a few points, with what eager code gives."""

    def __init__(self, recipe, points):
        self.recipe = recipe
        self.points = points
        self.weights = [Value(x, f"w{k}") for k, x in enumerate(recipe.weights)]
        self.f = recipe.function(self.weights)
        self.all = tuple(range(recipe.arguments))

    def value(self, point):
        return outcome(lambda: self.f(*map(Value, point)))

    def value_and_grad(self, point):
        return outcome(autograd.value_and_grad(self.f, self.all), *point)

    def backward(self, point):
        weights = [Value(x) for x in self.recipe.weights]

        def run():
            output = self.recipe.function(weights)(*point)
            if isinstance(output, Value):
                output.backward()
            return [*numbers(output), *[w.grad for w in weights]]

        return outcome(run)


# --- Points ---------------------------------------------------------------------------------------


def modes_at_points(case):
    """Yield a name, what the program gave, what eager code gives, and tolerances or None."""
    program = compile(case.f)
    for point in case.points:
        yield "call", point, outcome(program, *point), case.value(point), None
        found = outcome(program.value_and_grad, *point)
        yield "value_and_grad", point, found, case.value_and_grad(point), None
        # The second time a call goes straight to the machine.
        yield "call again", point, outcome(program, *point), case.value(point), None
        again = outcome(program.value_and_grad, *point)
        yield "value_and_grad again", point, again, case.value_and_grad(point), None
        if case.weights:
            yield "backward", point, _backward(program, case, point), case.backward(point), None
    with tempfile.TemporaryDirectory() as folder, suppress(*ERRORS):
        path = os.path.join(folder, "program.json")
        program.save(path)
        point = case.points[-1]
        with suppress(ValueError):  # the first of its ways alone may be meant
            loaded = load_program(path)
            yield "loaded", point, outcome(loaded, *point), case.value(point), None
            found = outcome(loaded.value_and_grad, *point)
            yield "loaded value_and_grad", point, found, case.value_and_grad(point), None


def _backward(program, case, point):
    for weight in case.weights:
        weight.zero_grad()

    def run():
        return [program.backward(*point), *[w.grad for w in case.weights]]

    return outcome(run)


def modes_of_derivatives(case):
    """Derivatives that are compiled: first and second ones."""
    plain = case.recipe.function(case.recipe.weights)
    for name, derived in [
        ("compile(grad(f))", autograd.grad(plain, case.all)),
        ("compile(hessian(f))", autograd.hessian(plain, case.all)),
        ("compile(sparse_hessian(f))", _dense(autograd.sparse_hessian(plain, case.all))),
    ]:
        program = compile(derived)
        for point in case.points:
            values = [Value(x) for x in point]
            yield name, point, outcome(program, *point), outcome(derived, *values), None


def _dense(sparse):
    return lambda *arguments: sparse(*arguments).dense()


# --- Rows -----------------------------------------------------------------------------------------


def modes_of_rows(case):
    """Rows one by one and reduced, with derivatives by inputs and by weights."""
    yield from _rows(case, "rows", case.value, lambda p: p.rows, lambda v: v.value.code)
    yield from _rows(
        case, "rows_value_and_grad", case.value_and_grad, lambda p: p.rows_value_and_grad,
        lambda v: v.gradient.code,
    )  # fmt: skip


def _rows(case, name, eager, way, code_of):
    expected = [eager(point) for point in case.points]
    program = compile(case.f)
    columns = [list(column) for column in zip(*case.points, strict=True)]
    allowed = [_tolerances(case, point, code_of) for point in case.points]
    failing = [k for k, x in enumerate(expected) if isinstance(x, type)]
    if failing:
        first = failing[0]
        try:
            found = way(program)(*columns)
        except ERRORS as error:
            kind = type(error) if str(error).startswith(f"row {first}:") else RuntimeError
            yield name, case.points, kind, expected[first], None
        else:
            yield name, case.points, _row(found, first), expected[first], None
    else:
        found = outcome(lambda: _by_row(way(program)(*columns), len(case.points)))
        together = [x for row in expected for x in row]
        yield name, case.points, found, together, [x for row in allowed for x in row]
    kept = outcome(lambda: _by_row(way(program)(*columns, not_finite="keep"), len(case.points)))
    if isinstance(kept, type):
        yield f"{name}, keep", case.points, kept, [], None
        return
    width = len(kept) // len(case.points)
    for k, row in enumerate(expected):
        if not isinstance(row, type) and all(map(math.isfinite, row)):
            part = kept[k * width : (k + 1) * width]
            yield f"{name}, keep", case.points, part, row, allowed[k]


def _row(found, row):
    return [numbers(column[row])[0] for column in _columns(found)]


def _by_row(found, rows):
    columns = _columns(found)
    return [numbers(column[row])[0] for row in range(rows) for column in columns]


def _columns(found):
    if isinstance(found, tuple):
        return [column for part in found for column in _columns(part)]
    return [found]


def _tolerances(case, point, code_of):
    program = compile(case.f)
    try:
        variant = program.record(*point)
        code = code_of(variant)
        inputs, own = variant.signature.split(list(point))
        return tolerances(code, inputs, variant.current_parameters(own))
    except ERRORS:
        return [math.inf] * (1 + case.recipe.arguments)


def modes_of_totals(case):
    """The sum and mean over rows, and their derivatives by weights."""
    columns = [list(column) for column in zip(*case.points, strict=True)]
    eager = case.backward if case.weights else case.value
    expected = [eager(point) for point in case.points]
    allowed = [_tolerances(case, p, lambda v: v.parameter_gradient.code) for p in case.points]
    for reduce in ("sum", "mean"):
        program = compile(case.f)
        scale = 1.0 if reduce == "sum" else 1.0 / len(case.points)

        def run(program=program, reduce=reduce):
            if not case.weights:
                return program.rows(*columns, reduce=reduce)
            for weight in case.weights:
                weight.zero_grad()
            value = program.rows_backward(*columns, reduce=reduce)
            return [value, *[w.grad for w in case.weights]]

        found = outcome(run)
        failing = [x for x in expected if isinstance(x, type)]
        if failing:
            yield f"rows, {reduce}", case.points, found, failing[0], None
            continue
        columns_of_results = list(zip(*expected, strict=True))
        totals = [sum([scale * x for x in each]) + 0.0 for each in columns_of_results]
        spreads = [
            sum([scale * (t[k] + 1e-13 * abs(x)) for x, t in zip(each, allowed, strict=True)])
            for k, each in enumerate(columns_of_results)
        ]
        yield f"rows, {reduce}", case.points, found, totals, [x + 5e-323 for x in spreads]


EVERY = (modes_at_points, modes_of_derivatives, modes_of_rows, modes_of_totals)


def disagreements(case, ways=EVERY, machine=True):
    """Yield the mode, the point, the class and both results of all that is not equal."""
    for way in ways:
        for mode, point, found, expected, allowed in way(case):
            verdict = judged(found, expected, allowed)
            name = mode if machine else f"{mode} (without the machine)"
            yield name, point, verdict, found, expected
