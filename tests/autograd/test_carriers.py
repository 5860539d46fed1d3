"""What is a Value is decided by its class: whatever answers to the names of one is none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock, Mock

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, grad, gradients, jacobian, jvp, vjp


@dataclass
class Sample:
    data: float = 2.0
    grad: float = 1.0
    carrier: int = 1


class Everything:
    """Has every attribute, each 3.0, and none of the methods that Python asks a class for."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return 3.0


class LikeATensor:
    """The attributes of a Value, of its duals and of other libraries' tensors."""

    data = primal = tangent = 2.0
    grad = 0.0
    label = primitive = None
    parents = ()
    is_constant = False
    requires_grad = True

    def __init__(self):
        self.carrier_level = 1

    def apply_primitive(self, primitive, operands):
        return 7.0

    def detach(self):
        return 7.0


FOREIGN = {
    "a dataclass": Sample(),
    "every name": Everything(),
    "a namespace": SimpleNamespace(data=2.0, carrier_level=5, primal=2.0, parents=()),
    "a mock": Mock(),
    "a magic mock": MagicMock(),
    "a tensor": LikeATensor(),
    "a path": Path("/"),
    "a memoryview": memoryview(b"abc"),
    "a complex scalar": np.complex128(2 + 1j),
    "a text scalar": np.str_("2.0"),
    "a date": np.datetime64("2020-01-01"),
    "an array of text": np.array("2.0"),
}
ANYTHING_FOREIGN = pytest.mark.parametrize("thing", FOREIGN.values(), ids=FOREIGN)
X = Value(2.0)

TAKE_A_NUMBER = {
    "Value": Value,
    "an operand": autograd.exp,
    "one of two operands": lambda thing: autograd.maximum(X, thing),
    "a term of a sum": lambda thing: autograd.sum([X, thing]),
    "a factor of a dot": lambda thing: autograd.dot([X, 1.0], [thing, 2.0]),
    "a condition": lambda thing: autograd.where(thing, X, X),
    "an edit": lambda thing: setattr(Value(1.0), "data", thing),
    "a gradient": lambda thing: setattr(Value(1.0), "grad", thing),
    "a seed": lambda thing: (X * X).backward(thing),
    "an argument of grad": grad(lambda a: a * a),
    "an argument of jacobian": jacobian(lambda a: [a, a], mode="forward"),
    "a result of grad": lambda thing: grad(lambda a: thing)(1.0),
    "a primal": lambda thing: jvp(lambda a: a * a, (thing,), (1.0,)),
    "a tangent": lambda thing: jvp(lambda a: a * a, (1.0,), (thing,)),
    "a result of jvp": lambda thing: jvp(lambda a: thing, (1.0,), (1.0,)),
    "a result of vjp": lambda thing: vjp(lambda a: thing, 1.0),
    "a cotangent": lambda thing: vjp(lambda a: a * a, 1.0)[1](thing),
    "an output of gradients": lambda thing: gradients(thing, [X]),
    "an input of gradients": lambda thing: gradients(X * X, [thing]),
    "a source of paths": lambda thing: list(autograd.paths(thing, X * X)),
    "an output of paths": lambda thing: autograd.count_paths(X, thing),
    "a drawing": autograd.draw,
    "a highlight": lambda thing: autograd.draw(X * X, highlight=[thing]),
    "blame": autograd.blame,
    "a checked point": lambda thing: autograd.check_grads(lambda a: a * a, thing),
    "an argument of a program": lambda thing: autograd.compile(lambda a: a * a)(thing),
    "a result of a program": lambda thing: autograd.compile(lambda a: thing)(1.0),
    "rows of a program": lambda thing: autograd.compile(lambda a: a * a).rows([1.0, thing]),
    "a matrix of a program": lambda thing: autograd.compile(lambda a: a[0] * a[1]).rows(
        [[1.0, thing]]
    ),
    "an input of a neuron": lambda thing: nn.Neuron(2, seed=1)([1.0, thing]),
    "an activation's result": lambda thing: nn.Neuron(1, activation=lambda z: thing)([1.0]),
    "an initial weight": lambda thing: nn.Neuron(1, initializer=lambda *_: thing),
    "a prediction": lambda thing: nn.mse([X, thing], [0.0, 0.0]),
    "a target": lambda thing: nn.mse([X, X], [0.0, thing]),
    "a logit": lambda thing: nn.cross_entropy([X, thing], 0),
    "a probability": lambda thing: nn.nll([thing, 0.5], 0),
}


@ANYTHING_FOREIGN
@pytest.mark.parametrize("take", TAKE_A_NUMBER.values(), ids=TAKE_A_NUMBER)
def test_what_looks_like_a_value_is_refused_as_what_it_is(take, thing):
    # Where a node is asked for, text is a name that no node has.
    with pytest.raises((TypeError, LookupError) if isinstance(thing, str) else TypeError) as caught:
        take(thing)
    words = str(caught.value)
    assert "not supported between" not in words  # an error from inside
    assert "not callable" not in words


@ANYTHING_FOREIGN
@pytest.mark.parametrize("left", [X, autograd.forward.Dual(2.0, 1.0, 5)], ids=["Value", "Dual"])
def test_operators_leave_it_to_the_other_class(left, thing):
    for method in ("__add__", "__mul__", "__sub__", "__pow__", "__truediv__", "__rsub__"):
        if not isinstance(thing, (complex, str)):  # refused at once, with advice
            assert getattr(left, method)(thing) is NotImplemented
    assert left.__lt__(thing) is NotImplemented
    assert left.__eq__(thing) is NotImplemented
    assert left != thing


ARRAYS_OF_ONE = [
    np.float64(2.0), np.float32(2.0), np.int64(2), np.array(2.0), np.array(2), np.ma.array(2.0),
    np.uint8(2), np.longdouble(2),
]  # fmt: skip


@pytest.mark.parametrize("thing", ARRAYS_OF_ONE, ids=lambda thing: f"{type(thing).__name__}")
def test_numbers_of_arrays_are_numbers_though_their_data_is_memory(thing):
    assert grad(lambda a: a * a)(thing) == 4.0
    assert grad(lambda a: thing)(1.0) == 0.0
    assert type(grad(lambda a: a * thing)(1.0)) is float
    assert jvp(lambda a: thing, (1.0,), (1.0,)) == (2.0, 0.0)
    assert vjp(lambda a: a * a, 1.0)[1](thing) == (4.0,)
    assert autograd.compile(lambda a: a * thing)(3.0) == 6.0
    assert nn.mse([X, thing], [0.0, 1.0]).data == 2.5
    assert autograd.check_grads(lambda a: a * a, thing).verdict == "PASS"
    with pytest.raises(TypeError, match="Value"):
        autograd.draw(thing)


def test_detach_asks_the_class_too():
    tensor = LikeATensor()
    assert autograd.forward.Dual(tensor, 1.0, 5).detach() is tensor
    assert autograd.forward.Dual(X, 1.0, 5).detach().is_constant
    assert math.isclose(autograd.forward.Dual(2.0, 1.0, 5).detach(), 2.0)
