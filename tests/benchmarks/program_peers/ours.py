"""This project's programs: `autograd.compile`, used as its documentation says."""

from __future__ import annotations

import random
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cases
import eager
from cases import Amount, Job

import autograd
from autograd import Value, dot, logsumexp, mean, relu, values
from autograd.program import SGD, Adam

VERSION = autograd.__version__
if not hasattr(autograd, "compile"):
    raise ImportError("autograd.compile is not there")


def numbers(out: Any) -> Iterator[float]:
    """Return the numbers of nested results, in order."""
    if isinstance(out, (int, float)):
        yield out
    elif isinstance(out, Value):
        yield out.data
    else:
        for part in out.tolist() if hasattr(out, "tolist") else out:
            yield from numbers(part)


def expression(_: Amount) -> Job:
    """Value of the README's expression."""
    program = autograd.compile(lambda a, b: cases.expression(a, b, relu))
    program(cases.A, cases.B)
    return Job(f"out = f({cases.A}, {cases.B})", {"f": program}, numbers)


def expression_gradient(_: Amount) -> Job:
    """Value and gradient of the README's expression."""
    program = autograd.compile(lambda a, b: cases.expression(a, b, relu))
    names = {"f": program.value_and_grad}
    return Job(f"out = f({cases.A}, {cases.B})", names, numbers)


def _moons(batch: int, steps: int) -> Job:
    points, classes = cases.moons()
    parameters = values(cases.network(cases.LAYERS))
    network = eager.layers(parameters, cases.LAYERS)

    def loss(x: Value, y: Value, t: Value) -> Value:
        return relu(1.0 - t * network([x, y])[0]) + cases.PENALTY * dot(parameters, parameters)

    columns = [array("d", column) for column in (*zip(*points, strict=True), classes)]
    return _training(loss, columns, parameters, SGD(lr=cases.RATE), batch, steps)


def _training(
    loss: Callable[..., Value],
    columns: Sequence[Any],
    parameters: Sequence[Value],
    optimizer: Any,
    batch: int,
    steps: int,
) -> Job:
    # The parameters are captured, and trained in place.
    program = autograd.compile(loss, parameters=parameters)
    trainer = program.trainer(*columns, optimizer=optimizer, batch_size=batch, shuffle=False)
    names = {"trainer": trainer, "out": parameters}
    return Job("trainer.step()" if steps == 1 else f"trainer.run({steps})", names, numbers, steps)


def moons_inside(amount: Amount) -> Job:
    """Full-batch steps inside the machine."""
    return _moons(100, amount.moons_steps)


def moons_call(_: Amount) -> Job:
    """One full-batch step a call."""
    return _moons(100, 1)


def moons_single(amount: Amount) -> Job:
    """Steps on one point at a time inside the machine."""
    return _moons(1, amount.single_steps)


def table(numbers: Iterable[float], columns: int) -> memoryview:
    """Return rows one after the other as a buffer of two dimensions."""
    flat = array("d", numbers)
    shape = [len(flat) // columns, columns]
    return memoryview(flat).cast("B").cast("d", shape=shape)  # type: ignore[call-overload]


def chosen(place: int, count: int) -> list[float]:
    """Return a row of zeros with a one."""
    return [float(k == place) for k in range(count)]


def digits(amount: Amount) -> Job:
    """Steps of Adam inside the machine; a label is a row of zeros with a one."""
    pixels, labels = cases.digits()
    parameters = values(cases.network(cases.DIGITS))
    network = eager.layers(parameters, cases.DIGITS)

    def loss(row: Sequence[Value], target: Sequence[Value]) -> Value:
        logits = network(row)
        return logsumexp(logits) - dot(logits, target)

    targets = [number for label in labels for number in chosen(label, cases.DIGITS[-1])]
    columns = [table(pixels, cases.DIGITS[0]), table(targets, cases.DIGITS[-1])]
    adam = _adam(cases.ADAM)
    return _training(loss, columns, parameters, adam, cases.BATCH, amount.digits_steps)


def _adam(settings: tuple[float, float, float, float]) -> Any:
    lr, beta1, beta2, epsilon = settings
    return Adam(lr=lr, betas=(beta1, beta2), epsilon=epsilon)


def numpy_or_buffer(numbers: Sequence[float]) -> Any:
    """Return an array: NumPy's where it is installed."""
    if find_spec("numpy") is None:
        return array("d", numbers)
    return import_module("numpy").array(numbers)


def rosenbrock_list(_: Amount) -> Job:
    """Gradient from a list."""
    x = cases.rosenbrock_point(1000)
    program = autograd.compile(autograd.grad(cases.rosenbrock))
    return Job("out = f(x)", {"f": program, "x": x}, numbers)


def rosenbrock_array(_: Amount) -> Job:
    """Gradient from an array."""
    x = numpy_or_buffer(cases.rosenbrock_point(1000))
    program = autograd.compile(autograd.grad(cases.rosenbrock))
    return Job("out = f(x)", {"f": program, "x": x}, numbers)


def rosenbrock_both(_: Amount) -> Job:
    """Value and gradient from an array."""
    x = numpy_or_buffer(cases.rosenbrock_point(1000))
    program = autograd.compile(cases.rosenbrock)
    return Job("out = f(x)", {"f": program.value_and_grad, "x": x}, numbers)


def rosenbrock_hessian(_: Amount) -> Job:
    """Hessian, dense."""
    x = numpy_or_buffer(cases.rosenbrock_point(50))
    program = autograd.compile(autograd.hessian(cases.rosenbrock))
    return Job("out = f(x)", {"f": program, "x": x}, numbers)


def rosenbrock_hvp(_: Amount) -> Job:
    """Hessian times a direction, without the Hessian."""
    x = numpy_or_buffer(cases.rosenbrock_point(50))
    v = numpy_or_buffer(cases.rosenbrock_direction(50))
    program = autograd.compile(lambda x, v: autograd.hvp(cases.rosenbrock, (x,), (v,))[0])
    return Job("out = f(x, v)", {"f": program, "x": x, "v": v}, numbers)


def _sparse(f: Any) -> Job:
    x = numpy_or_buffer(cases.rosenbrock_point(1000))
    return Job("out = f(x).data", {"f": autograd.compile(f), "x": x}, numbers)


def rosenbrock_sparse_hessian(_: Amount) -> Job:
    """The entries of the Hessian, row by row."""
    return _sparse(autograd.sparse_hessian(cases.rosenbrock))


def rosenbrock_sparse_jacobian(_: Amount) -> Job:
    """The entries of the Jacobian, row by row."""
    return _sparse(autograd.sparse_jacobian(cases.rosenbrock_residuals))


def options(amount: Amount) -> Job:
    """Prices and greeks, columns in, a row of six numbers per option out."""
    program = autograd.compile(eager.greeks)
    columns = list(map(numpy_or_buffer, cases.market(amount.options)))

    def flat(out: Any) -> list[float]:
        found = list(numbers(out))
        return [number for place in range(6) for number in found[place::6]]

    names = {"rows": program.rows, "columns": columns}
    return Job("out = rows(*columns)", names, flat, amount.options)


def microgpt(amount: Amount) -> Job:
    """Steps of Adam of demos/microgpt.py inside the machine, one sequence of 16 positions.

    The program knows the length of the sequence, not its tokens: each is a row with a one.
    """
    sys.path.append(str(Path(__file__).resolve().parents[3] / "demos"))
    import microgpt as demo

    model = demo.Transformer(cases.VOCABULARY, random.Random(0))
    parameters = model.parameters()
    for p, number in zip(parameters, cases.transformer(), strict=True):
        p.data = number
    columns = list(map(list, zip(*model.matrices["token"], strict=True)))

    def loss(tokens: Sequence[Value]) -> Value:
        size = cases.VOCABULARY
        rows = [tokens[k : k + size] for k in range(0, len(tokens), size)]
        states = [
            demo.normalised(demo.plus([dot(row, column) for column in columns], position))
            for row, position in zip(rows[:-1], model.matrices["position"], strict=True)
        ]
        states = [demo.plus(x, y) for x, y in zip(states, model.attention(states), strict=True)]
        states = [demo.plus(x, model.mlp(x)) for x in states]
        logits = [model.linear("logits", x) for x in states]
        return mean([logsumexp(z) - dot(z, row) for z, row in zip(logits, rows[1:], strict=True)])

    tokens = cases.tokens()
    row = [number for token in tokens for number in chosen(token, cases.VOCABULARY)]
    adam = _adam(cases.TRANSFORMER_ADAM)
    return _training(loss, [table(row, len(row))], parameters, adam, 1, amount.transformer_steps)


def graph(amount: Amount) -> Job:
    """Value and gradient of a graph of many nodes: recorded, compiled, run."""

    def answer() -> Any:
        program = autograd.compile(lambda *xs: cases.deep(xs, autograd.sin, amount.nodes))
        return program.value_and_grad(*cases.EIGHT)

    return Job("out = answer()", {"answer": answer}, numbers)
