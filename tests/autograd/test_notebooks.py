"""What a cell of a notebook ends with: a value that says what it is, or a traceback into it."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import pytest

import autograd
import nn
from autograd import Primitive, Value, engine

MODEL = nn.MLP(2, [3, 1], "relu", seed=1)
ROWS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
X, W = Value(0.4, "x"), Value(1.3, "w")
GRAPH = (X * W).tanh() + X


def square(x):
    return x * x


ENDS = {
    "a node": X, "a group": autograd.Group("attention"), "a block": autograd.group("attention"),
    "no_grad": autograd.no_grad(), "enable_grad": autograd.enable_grad(),
    "record_locations": autograd.record_locations(), "an operation": autograd.primitives.tanh,
    "grad": autograd.grad(square), "hessian": autograd.hessian(square),
    "value_and_grad": autograd.value_and_grad(square), "a program": autograd.compile(square),
    "an explanation": autograd.explain(GRAPH, X), "path_sum": autograd.path_sum(X, GRAPH),
    "use_counts": autograd.use_counts(X, GRAPH), "find": autograd.find(GRAPH, "x"),
    "multiplications": autograd.multiplications(GRAPH),
    "connections": autograd.check_connections(GRAPH, [X, W]),
    "a report": autograd.check_grads(square, 1.0), "steps": autograd.backward_steps(GRAPH),
    "a drawing": autograd.draw(GRAPH), "an optimizer": autograd.SGD([X], lr=0.1),
    "no anomaly": autograd.blame(GRAPH), "a network": MODEL, "a layer": MODEL.layers[0],
    "a neuron": MODEL.layers[0].neurons[0], "an activation": MODEL.layers[0].activation,
    "a training": nn.Training(MODEL, ROWS, [0.0, 1.0, 1.0, 0.0], epochs=1),
    "a perceptron": nn.Perceptron(2),
    "a trace": MODEL.trace([0.1, 0.2]),
}  # fmt: skip


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_everything_says_what_it_is(end):
    assert " object at 0x" not in repr(end)
    assert len(repr(end)) > 3
    for rich in ("_repr_html_", "_repr_svg_", "_repr_latex_"):
        if hasattr(end, rich):
            assert getattr(end, rich)()


def test_derivatives_are_called_by_their_function():
    assert [f.__name__ for f in (autograd.grad(square), autograd.hessian(square))] == [
        "grad(square)", "jacobian(grad(square))",
    ]  # fmt: skip


def test_counts_of_a_large_graph_are_short():
    total = X
    for _ in range(60):
        total = total + total
    found = autograd.use_counts(X, total)
    assert repr(found) == f"<UseCounts: {2**60} paths, through 61 nodes and 120 edges>"
    assert found._repr_html_().count("<tr>") == 41
    assert "and 21 more" in found._repr_html_()


FAILING = {
    "log": lambda: autograd.log(Value(-1.0)),
    "x.log()": lambda: Value(-1.0).log(),
    "division": lambda: Value(1.0) / 0.0,
    "of numbers": lambda: autograd.log(-1.0),
    "grad": lambda: autograd.grad(lambda v: autograd.log(v))(-1.0),
    "backward": lambda: Value(0.0).sqrt().backward(),
    "0 times infinity": lambda: (Value(0.0).sqrt() * 0.0).backward(),
    "a network": lambda: MODEL([1.0]),
    "a word": lambda: X * "a",
}


@pytest.mark.parametrize("call", FAILING.values(), ids=FAILING)
def test_a_traceback_begins_in_the_cell(call):
    with pytest.raises((ArithmeticError, ValueError, TypeError)) as caught:
        call()
    lines = traceback.format_exception(caught.type, caught.value, caught.tb)
    assert lines[0].startswith("Traceback")
    assert __file__ in lines[1]
    assert "direct cause" not in "".join(lines)
    assert "During handling" not in "".join(lines)


def test_an_operation_of_the_user_s_own_shows_where_it_failed():
    def failing(x):
        raise ValueError("no")

    own = Primitive("own", failing, (lambda out, x: 1.0,))
    for operand in (Value(2.0), 2.0):
        with pytest.raises(ValueError, match="no: in own of") as caught:
            own(operand)
        shown = "".join(traceback.format_exception(caught.type, caught.value, caught.tb))
        assert 'raise ValueError("no")' in shown


def test_frames_of_the_package_are_hidden_and_have_names():
    with pytest.raises(ValueError, match="log of leaf") as caught:
        autograd.grad(lambda v: v.log())(-1.0)
    seen = [
        (entry.name, entry.frame.f_locals.get("__tracebackhide__", False))
        for entry in caught.traceback
        if Path(entry.path).parent == Path(autograd.__file__).parent
    ]
    assert len(seen) >= 3
    assert all(hidden for _, hidden in seen)
    if engine == "python":
        assert "log" in dict(seen)
        assert "method" not in dict(seen)


def test_in_ipython():
    shell = pytest.importorskip("IPython.core.ultratb")
    try:
        autograd.grad(lambda v: autograd.log(v))(-1.0)
    except ValueError:
        text = shell.VerboseTB(theme_name="nocolor").text(*sys.exc_info())
    assert text.count("Traceback (most recent call last)") == 1
    assert "skipping hidden" in text
    assert "value_and_gradient" not in text
