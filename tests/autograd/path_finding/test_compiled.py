"""What paths tell of a gradient is a number of this run: a program must not freeze it."""

from __future__ import annotations

import pytest

import autograd
from autograd import Value, explain, path_sum, paths
from nn import Neuron

ASKS = {
    "adjoints_of()": lambda x: (x * x).adjoints_of([x])[0],
    "paths()": lambda x: next(paths(x, x * x)).product,
    "path_sum()": lambda x: path_sum(x, x * x).gradient,
    "explain()": lambda x: explain(x * x, x).gradient,
}


@pytest.mark.parametrize("name", ASKS)
def test_a_gradient_that_would_be_frozen_is_refused(name):
    ask = ASKS[name]
    program = autograd.compile(lambda x: x * ask(x))
    with pytest.raises(
        TypeError, match=rf"{name[:-2]}\(\) inside a function that is being compiled"
    ):
        program(2.0)
    assert ask(Value(2.0)) == (2.0 if name == "paths()" else 4.0)  # outside of a program


def test_summaries_are_refused_too():
    neuron = Neuron(1, seed=1)

    def frozen(x):
        y = neuron([x])
        return y * path_sum(neuron.weights[0], y, by="unit").gradient

    with pytest.raises(TypeError, match=r"path_sum\(\) inside a function"):
        autograd.compile(frozen)(2.0)


def test_what_differentiates_by_itself_is_recorded():
    def squared(x):
        return x * autograd.gradients(x * x, [x])[0]

    program = autograd.compile(squared)
    assert [program(2.0), program(3.0)] == [8.0, 18.0]
    inner = autograd.compile(lambda x: x * autograd.grad(lambda t: t * t)(x))
    assert [inner(2.0), inner(3.0)] == [8.0, 18.0]
