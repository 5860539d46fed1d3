"""The reverse sweep on code, against finite sums of rows and against the sweep on floats."""

from __future__ import annotations

import math
import random

import pytest

import autograd
import nn
from autograd import Value, primitives
from autograd.primitive import Primitive
from autograd.primitives import RULES
from autograd.program.code.instructions import TOTAL, Code
from autograd.program.passes.builder import Builder, Slot
from autograd.program.passes.derived import gradient_code, rows_code, value_code
from autograd.program.passes.differentiation import added_up
from autograd.program.passes.partial_codes import partials
from autograd.program.record.tracing import code_of


def recorded(f, *numbers):
    inputs = autograd.values(numbers)
    code, captured = code_of([f(*inputs)], inputs, len(inputs))
    assert captured == []
    return code


@pytest.mark.parametrize("name", sorted(set(RULES) - {"polygamma", "power_derivative"}))
def test_every_rule_gives_on_code_what_it_gives_on_floats(name):
    rule = RULES[name]
    count = rule.arity if rule.arity > 0 else 6 if name == "softmax_cross_entropy" else 5
    points = {"acosh": 1.5, "atanh": 0.25, "asin": 0.25, "acos": 0.25}
    numbers = [points.get(name, 0.5) + 0.25 * position for position in range(count)]
    numbers[1:2] = [0.75] * len(numbers[1:2])
    if name == "clip":
        numbers = [0.5, 0.25, 0.75]
    if name == "power_derivative":
        numbers = [0.5, 0.75, 1.0, 2.0]
    builder = Builder(count + 1, 0)
    slots = partials(builder, rule, count, tuple(range(count)), [1] * count)
    code = builder.finish([slot for slot in slots if slot is not None])
    out = rule.forward(*numbers)
    wanted = [slot is not None for slot in slots]
    expected = rule.derivatives(out, numbers, wanted)
    assert code.evaluate([*numbers, out]) == [x for x in expected if x is not None]


def test_an_operation_without_a_derivative_says_so():
    builder = Builder(3, 0)
    with pytest.raises(TypeError, match="polygamma is not differentiable in its operand 'n'"):
        partials(builder, primitives.polygamma, 2, (0, 1), [1, 1])


def test_a_rule_that_branches_is_refused():
    sloppy = Primitive("sloppy", abs, (lambda out, x: 1.0 if x > 0.0 else -1.0,))
    builder = Builder(2, 0)
    with pytest.raises(TypeError, match="a rule compared or branched"):
        partials(builder, sloppy, 1, (0,), [1])


def test_a_slot_of_a_constant_knows_its_number():
    builder = Builder(1, 0)
    assert Slot(builder, builder.constant(2.5)).data == 2.5
    assert repr(Slot(builder, 0)) == "Slot(0)"


@pytest.mark.parametrize("count", range(1, 7))
@pytest.mark.parametrize("seed", range(6))
def test_sums_of_products_are_added_from_left_to_right(count, seed):
    source = random.Random(seed)
    numbers = [source.gauss(0.0, 1.0) * 10.0 ** source.randint(-8, 8) for _ in range(5)]
    builder = Builder(5, 0)
    one = builder.constant(1.0)
    terms = [(source.randrange(5), source.choice([one, source.randrange(5)])) for _ in range(count)]
    code = builder.finish([added_up(builder, terms)])
    total = 0.0
    for x, y in terms:
        total += numbers[x] * (numbers[y] if y != one else 1.0)
    assert code.evaluate(numbers) == [total]


def test_the_code_of_a_gradient_grows_by_adjoints_and_not_by_uses():
    xs = autograd.values([0.1 * position for position in range(50)])
    y = autograd.tanh(autograd.dot(xs, xs))
    for _ in range(3):
        y = autograd.dot([x * y for x in xs], xs)
    code, _ = code_of([y], xs, len(xs))
    gradient = gradient_code(code, range(50)).code
    assert len(gradient.instructions) < 6 * len(code.instructions)
    y.backward()
    assert gradient.evaluate([x.data for x in xs])[1:] == [x.grad for x in xs]


def test_what_the_output_does_not_depend_on_has_derivative_zero():
    code = recorded(lambda x, y: x * x, 3.0, 4.0)
    assert gradient_code(code, [0, 1]).code.evaluate([3.0, 4.0]) == [9.0, 6.0, 0.0]


def test_an_output_that_is_an_input_or_a_constant():
    assert gradient_code(recorded(lambda x: x, 3.0), [0]).code.evaluate([3.0]) == [3.0, 1.0]
    x = Value(3.0)
    code, _ = code_of([5.0], [x], 1)
    assert gradient_code(code, [0]).code.evaluate([3.0]) == [5.0, 0.0]


# --- Rows -----------------------------------------------------------------------------------------


def evaluate_rows(code: Code, rows, parameters, scale):
    """Evaluate code with totals, the slow and obvious way: one instruction for all rows at once."""
    n = len(rows)
    columns = [[row[i] for row in rows] for i in range(code.inputs)]
    columns += [[p] * n for p in [*parameters, scale, float(n)]]
    columns += [[c] * n for c in code.constants]
    for operation, operands in code.instructions:
        chosen = [columns[operand] for operand in operands]
        if operation is TOTAL:
            size = len(operands) // 2
            total = math.fsum(
                x[r] * y[r]
                for x, y in zip(chosen[:size], chosen[size:], strict=True)
                for r in range(n)
            )
            columns.append([total] * n)
        else:
            columns.append([operation.forward(*[column[r] for column in chosen]) for r in range(n)])
    return columns


MODEL = nn.MLP(2, [4, 3, 1], seed=5, activation="tanh")


def row_losses():
    """Losses of a row (x1, x2, y), with parameters from outside."""
    w = autograd.values([0.5, -1.5, 2.0])

    def network(x1, x2, y):
        return (MODEL([x1, x2]) - y) ** 2

    def with_penalty(x1, x2, y):
        return autograd.relu(1.0 - y * MODEL([x1, x2])) + 0.01 * autograd.dot(w, w)

    def uniform_layer(x1, x2, y):
        shares = autograd.softmax(w)  # the same for all rows: computed once, differentiated once
        return autograd.dot(shares, [x1, x2, y]) ** 2 + autograd.norm(w)

    def uniform_only(x1, x2, y):
        return w[0] * w[1] + autograd.exp(w[2])

    return [network, with_penalty, uniform_layer, uniform_only]


@pytest.mark.parametrize("scale", ["sum", "mean"])
@pytest.mark.parametrize("loss", row_losses(), ids=lambda loss: loss.__name__)
def test_the_gradient_of_a_batch_is_the_sum_over_its_rows(loss, scale):
    source = random.Random(7)
    rows = [[source.gauss(0.0, 1.0) for _ in range(3)] for _ in range(9)]
    weight = 1.0 if scale == "sum" else 1.0 / len(rows)
    inputs = autograd.values([1.0, 2.0, 3.0])
    code, captured = code_of([loss(*inputs)], inputs, 3)
    if code.guards:
        raise AssertionError("no branches here")
    wanted = range(3, 3 + len(captured))
    batch = rows_code(code, True, wanted, True).code
    columns = evaluate_rows(batch, rows, [p.data for p in captured], weight)
    found = [columns[output][0] for output in batch.outputs]
    for parameter in captured:
        parameter.zero_grad()
    total = 0.0
    for row in rows:
        output = loss(*autograd.values(row))
        output.backward(weight)
        total += output.data * weight
    expected = [total, *[parameter.grad for parameter in captured]]
    assert found == pytest.approx(expected, rel=1e-13, abs=1e-13)


def test_what_is_the_same_for_all_rows_is_computed_once():
    w = autograd.values([0.5, -1.5, 2.0])
    inputs = autograd.values([1.0, 2.0, 3.0])
    loss = autograd.dot(autograd.softmax(w), inputs)
    code, _ = code_of([loss], inputs, 3)
    batch = rows_code(code, True, range(3, 6), True).code
    varies = set(range(3))
    for slot, (operation, operands) in enumerate(batch.instructions, batch.first_result):
        if operation is not TOTAL and not varies.isdisjoint(operands):
            varies.add(slot)
            assert operation in (primitives.dot, primitives.mul), operation


def test_derivatives_by_the_inputs_stay_row_by_row():
    inputs = autograd.values([0.5, 2.0])
    code, _ = code_of([autograd.sin(inputs[0]) * inputs[1]], inputs, 2)
    batch = rows_code(code, False, range(2), True)
    assert batch.code.outputs == ()
    columns = evaluate_rows(batch.code, [[0.5, 2.0], [1.0, 3.0]], [], 1.0)
    assert columns[batch.row_outputs[1]] == [math.cos(0.5) * 2.0, math.cos(1.0) * 3.0]


def test_small_powers_are_products_in_a_batch_and_powers_at_a_point():
    inputs = autograd.values([0.5])
    code, _ = code_of([inputs[0] ** 3], inputs, 1)
    assert [x.operation.name for x in value_code(code).code.instructions] == ["pow"]
    batch = rows_code(code, False)
    assert [x.operation.name for x in batch.code.instructions] == ["mul", "mul"]
