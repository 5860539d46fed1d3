"""What calls leave behind: nothing. Operations of the user's own are freed with their last use.

CHAINRULE_PATIENT=1 repeats every call of the table 20,000 times instead of 10.
"""

from __future__ import annotations

import copy
import gc
import itertools
import os
import pickle
import tracemalloc
import weakref

import pytest

import autograd
import nn
from autograd import Value
from autograd.primitive import Primitive
from autograd.program import SGD, Adam
from autograd.program.compiling import compile

REPEATS = 20_000 if "CHAINRULE_PATIENT" in os.environ else 10


def square():
    return Primitive("square", lambda x: x * x, (lambda out, x: 2.0 * x,))


def total():
    return Primitive(
        "total",
        lambda *xs: float(sum(xs)),
        lambda out, *xs: [1.0] * len(xs),
        pack=lambda *xs: xs,
    )


# --- Operations of the user's own -----------------------------------------------------------------

USES = {
    "a number": lambda p: p(2.0),
    "a sweep": lambda p: p(Value(2.0)).backward(),
    "no gradient": lambda p: p(Value(2.0).detach()),
    "names": lambda p: (p(Value(2.0)).op, p(Value(2.0)).primitive, repr(p)),
    "second order": lambda p: autograd.grad(autograd.grad(lambda x: p(x) * x))(2.0),
    "forward mode": lambda p: autograd.jvp(lambda x: p(x), (2.0,), (1.0,)),
    "a copy": lambda p: copy.deepcopy(p(Value(2.0))),
    "a check": lambda p: autograd.check_grads(lambda x: p(x), 2.0),
    "a picture": lambda p: autograd.draw(p(Value(2.0))).svg(),
    "a program": lambda p: compile(lambda x: p(x)).value_and_grad(2.0),
    "rows": lambda p: compile(lambda x: p(x)).rows_value_and_grad([1.0, 2.0]),
    "a listing": lambda p: recorded(p).listing(True),
    "source": lambda p: recorded(p).source(),
    "training": lambda p: trained(p),
}


def recorded(operation):
    program = compile(lambda x: operation(x))
    program(2.0)
    return program


def trained(operation):
    w = Value(1.0)
    program = compile(lambda x: operation(w) * x)
    program.train([1.0], optimizer=SGD(lr=0.1), steps=2)


@pytest.mark.parametrize("make", [square, total])
@pytest.mark.parametrize("use", USES)
def test_an_operation_is_freed_after(use, make):
    operation = make()
    USES[use](operation)
    there = weakref.ref(operation)
    del operation
    gc.collect()
    assert there() is None


def test_there_may_be_any_number_of_operations():
    x = Value(3.0)
    for _ in range(66_000 if autograd.engine == "native" else 2_000):
        operation = square()
    for _ in range(66_000 if autograd.engine == "native" else 2_000):
        operation = Primitive.__new__(Primitive)
        vars(operation).update(vars(SQUARE))
        out = operation(x)
    assert out.primitive is operation
    out.backward()
    assert x.grad == 6.0


SQUARE = square()


def test_a_node_keeps_its_operation():
    node = square()(Value(3.0)) + total()(1.0, Value(2.0), 3.0)
    gc.collect()
    assert [parent.op for parent in node.parents] == ["square", "total"]
    node.backward()
    assert [leaf.grad for leaf in node.leaves()] == [6.0, 1.0]


# --- The table of leaks ---------------------------------------------------------------------------

X, W = Value(0.4, "x"), Value(1.3, "w")
GRAPH = autograd.tanh(X * W) + autograd.dot([X, W], [W, 2.0], 1.0)
PROGRAM = compile(lambda x, y: autograd.sin(x * W) * y if x > 0.0 else y)
PROGRAM(1.0, 2.0)
MODEL = nn.MLP(2, [3, 1], seed=1)
LOSS = compile(lambda x, y: (MODEL(x) - y) ** 2, parameters=MODEL.parameters())
POINTS, TARGETS = [[0.1, 0.2], [0.3, -0.4]], [0.5, 0.6]
TRAINERS = [
    LOSS.trainer(POINTS, TARGETS, optimizer=make(), batch_size=1)
    for make in (lambda: SGD(lr=1e-6), lambda: Adam(lr=1e-6))
]


def refused(call):
    try:
        call()
    except (ArithmeticError, TypeError, ValueError, AttributeError):
        return
    raise AssertionError("no error")


CALLS = {
    "record": lambda: autograd.exp(X * W) / (X + 2.0),
    "values": lambda: autograd.values([1.0, 2.0, 3.0]),
    "sweep": lambda: GRAPH.backward(),
    "gradients": lambda: autograd.gradients(GRAPH, [X, W]),
    "grad": lambda: autograd.grad(lambda x: x * x * W)(2.0),
    "hessian": lambda: autograd.hessian(lambda x: x[0] * x[1] ** 2)([1.0, 2.0]),
    "jvp": lambda: autograd.jvp(lambda x: x * x, (2.0,), (1.0,)),
    "many operands": lambda: autograd.prod([X, W] * 50).backward(),
    "own operation": lambda: (SQUARE(X) + total()(X, W)).backward(),
    "own operations": lambda: square()(X).backward(),
    "copy": lambda: copy.deepcopy(GRAPH),
    "pickle": lambda: pickle.loads(pickle.dumps(GRAPH)),
    "locations": lambda: located(),
    "an error": lambda: refused(lambda: autograd.log(X - 5.0)),
    "an error of a sweep": lambda: refused((Value(0.0).sqrt() + X).backward),
    "an edit": lambda: setattr(X, "data", 0.4) or X.zero_grad(),
    "no deleter": lambda: refused(lambda: delattr(X, "data")),
    "call": lambda: PROGRAM(0.5, 2.0),
    "gradient of a call": lambda: PROGRAM.value_and_grad(0.5, 2.0),
    "the other branch": lambda: (PROGRAM(-0.5, 2.0), PROGRAM(0.5, 2)),
    "backward of a call": lambda: LOSS.backward([0.1, 0.2], 0.3),
    "rows": lambda: PROGRAM.rows([0.5, 1.5], 2.0),
    "rows in threads": lambda: PROGRAM.rows([0.5] * 2_100, 2.0, threads=2),
    "rows both ways": lambda: PROGRAM.rows([0.5, -1.5], [2.0, 3.0]),
    "rows summed": lambda: LOSS.rows_backward(POINTS, TARGETS),
    "refused rows": lambda: refused(lambda: PROGRAM.rows([0.5, None], 2.0)),
    "compile": lambda: compile(lambda x: autograd.sin(x) * W)(1.0),
    "record again": lambda: PROGRAM.record(0.5, 2.0),
    "program copy": lambda: copy.deepcopy(LOSS)([0.1, 0.2], 0.3),
    "source": lambda: PROGRAM.source("c"),
    "listing": lambda: PROGRAM.listing(True),
    "steps": lambda: [trainer.step() for trainer in TRAINERS],
    "many steps": lambda: [trainer.run(steps=3) for trainer in TRAINERS],
    "a trainer": lambda: LOSS.trainer(POINTS, TARGETS, optimizer=SGD(lr=0.1)).run(steps=1),
    "check": lambda: autograd.check_grads(lambda a: autograd.sin(a) * 2.0, 1.0),
    "draw": lambda: autograd.draw(X * W, drawn_by="built-in").svg(),
}


def located():
    with autograd.record_locations(), autograd.enable_grad():
        return X * 2.0


@pytest.mark.filterwarnings("ignore:.*different ways:RuntimeWarning")  # "record again"
@pytest.mark.parametrize("name", CALLS)
def test_no_call_leaves_memory_behind(name):
    call, repeats = CALLS[name], REPEATS
    autograd.values(range(10_000))  # the compiled engine keeps some dead nodes for later
    for _ in range(10):
        call()
    tracemalloc.start()
    try:
        held = []
        for _ in range(4):
            for _ in range(repeats):
                call()
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    growth = min(after - before for before, after in itertools.pairwise(held))
    # Caches with a bound take up to a kilobyte a call until they are full; only the patient run
    # gets beyond that, and few calls show leaks of whole graphs and programs.
    bound = 2_000 if repeats > 100 else 1_500 * repeats
    assert growth < bound, f"{growth / repeats} bytes a call"
