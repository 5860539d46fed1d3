"""Operations of the user's own are freed with their last use."""

from __future__ import annotations

import copy
import gc
import weakref

import pytest

import autograd
from autograd import Value
from autograd.primitive import Primitive
from autograd.program import SGD
from autograd.program.compiling import compile
from tests.autograd.leak_table import square, total

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
