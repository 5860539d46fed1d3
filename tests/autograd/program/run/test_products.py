"""Layers that one function uses at several positions run as products of matrices."""

from __future__ import annotations

import math
import random

import pytest

import autograd
from autograd import dot, logsumexp, softmax, tanh, values
from autograd.machine import native_machine
from autograd.machine.words import OUTERS, PRODUCT
from autograd.program import SGD
from autograd.program.assembly.assembler import assemble
from autograd.program.passes.derived import rows_code
from autograd.program.record.tracing import code_of

POSITIONS, INPUTS, UNITS = 9, 7, 6
source = random.Random(7)
WEIGHTS = [source.gauss(0.0, 0.5) for _ in range(UNITS * (INPUTS + 1) + UNITS * UNITS)]


def attending(parameters, *xs):
    """Two layers at every position, with a softmax over the positions between them."""
    first, biases = parameters[: UNITS * INPUTS], parameters[UNITS * INPUTS : UNITS * (INPUTS + 1)]
    second = parameters[UNITS * (INPUTS + 1) :]
    hidden = [
        [
            tanh(dot(first[INPUTS * j : INPUTS * (j + 1)], xs[k : k + INPUTS], biases[j]))
            for j in range(UNITS)
        ]
        for k in range(0, POSITIONS * INPUTS, INPUTS)
    ]
    total = 0.0
    for state in hidden:
        shares = softmax([dot(state, other) for other in hidden])
        mixed = [dot(shares, column) for column in zip(*hidden, strict=True)]
        total = total + logsumexp(
            [dot(second[UNITS * j : UNITS * (j + 1)], mixed) for j in range(UNITS)]
        )
    return total


def rows(count):
    return [[source.gauss(0.0, 1.0) for _ in range(POSITIONS * INPUTS)] for _ in range(count)]


def by_hand(numbers):
    """The value and the gradient by the parameters, recorded node by node."""
    parameters = values(WEIGHTS)
    out = attending(parameters, *numbers)
    out.backward()
    return out.data, [p.grad for p in parameters]


def test_a_point_has_the_bits_of_eager_code():
    program = autograd.compile(attending)
    for numbers in rows(3):
        out, (gradient, *_) = program.value_and_grad(WEIGHTS, *numbers)
        expected, by_parameters = by_hand(numbers)
        assert program(WEIGHTS, *numbers) == out == expected
        assert list(gradient) == by_parameters


@pytest.mark.parametrize("count", [1, 2, 9, 70])
def test_rows_and_their_gradients_agree_with_eager_code(count):
    columns = list(zip(*rows(count), strict=True))
    parameters = values(WEIGHTS)
    program = autograd.compile(lambda *xs: attending(parameters, *xs), parameters=parameters)
    trainer = program.trainer(
        *columns, optimizer=SGD(lr=1.0), batch_size=count, shuffle=False, reduce="sum"
    )
    found = program.rows(*columns)
    expected = [by_hand(row) for row in zip(*columns, strict=True)]
    for out, (number, _) in zip(found, expected, strict=True):
        assert math.isclose(out, number, rel_tol=1e-13)
    trainer.step()
    for k, p in enumerate(parameters):
        gradient = math.fsum(by_parameters[k] for _, by_parameters in expected)
        assert math.isclose(WEIGHTS[k] - p.data, gradient, rel_tol=1e-11, abs_tol=1e-11)


@pytest.mark.skipif(native_machine() is None, reason="the machine is not built")
def test_a_layer_at_all_positions_is_one_pack():
    given = values([*rows(1)[0], *WEIGHTS])
    inputs = POSITIONS * INPUTS
    code, _ = code_of([attending(given[inputs:], *given[:inputs])], given, inputs)
    words = assemble(rows_code(code, True, range(inputs, len(given)), True).code, True).words
    layers = [(UNITS, INPUTS, POSITIONS), (UNITS, UNITS, POSITIONS)]
    packs = [tuple(words[at : at + 4]) for at in range(len(words) - 3)]
    assert [(PRODUCT, *layer) for layer in layers if (PRODUCT, *layer) not in packs] == []
    assert (OUTERS, UNITS, UNITS, POSITIONS) in packs
    assert (OUTERS, INPUTS, UNITS, POSITIONS) in packs
