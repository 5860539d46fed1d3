"""No identity changes a result, not even the sign of a zero: tried at every awkward number."""

from __future__ import annotations

import itertools
import math

import pytest

from autograd import primitives
from autograd.program.passes.builder import Builder
from autograd.program.passes.fusion import fused

NAN, INF = math.nan, math.inf
AWKWARD = [0.0, -0.0, 1.0, -1.0, 2.0, 0.1, -3.7, 1e-310, 5e-324, 1e308, -1e308, INF, -INF, NAN]
BINARY = [primitives.add, primitives.sub, primitives.mul, primitives.div, primitives.pow]


def same(x, y):
    return (x == y and math.copysign(1.0, x) == math.copysign(1.0, y)) or (x != x and y != y)


def agrees(write, inputs):
    """Hold simplified and fused code against the rule book at every awkward number."""
    builder, plain = Builder(inputs, 0), Builder(inputs, 0)
    slot = write(builder.emit, builder.constant)
    (slot,) = fused(builder, [slot])
    code = builder.finish([slot])
    unwritten = []

    def emit(operation, operands):  # the same, with nothing removed
        unwritten.append((operation, operands))
        plain.operation.append(operation)
        plain.operands.append(operands)
        plain.number.append(None)
        return len(plain.operation) - 1

    expected = plain.finish([write(emit, plain.constant)])
    for point in itertools.product(AWKWARD, repeat=inputs):
        try:
            (wanted,) = expected.evaluate(list(point))
        except (ArithmeticError, ValueError):
            if not code.instructions:
                continue  # exp(x) ** 0.0 is 1.0: what is not needed cannot fail
            with pytest.raises((ArithmeticError, ValueError)):
                code.evaluate(list(point))
            continue
        (found,) = code.evaluate(list(point))
        assert same(found, wanted), (point, found, wanted, code.instructions)
    return code


@pytest.mark.parametrize("constant", [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 3.0, 2.0**-1022, 2.0**1023])
@pytest.mark.parametrize("operation", BINARY, ids=lambda operation: operation.name)
def test_an_operation_with_a_constant(operation, constant):
    agrees(lambda emit, number: emit(operation, (0, number(constant))), 1)
    agrees(lambda emit, number: emit(operation, (number(constant), 0)), 1)


@pytest.mark.parametrize("outer", BINARY, ids=lambda operation: operation.name)
@pytest.mark.parametrize(
    "inner",
    [primitives.neg, primitives.pos, primitives.exp, primitives.abs, primitives.relu,
     primitives.step, primitives.sigmoid],
    ids=lambda operation: operation.name,
)  # fmt: skip
def test_an_operation_of_an_operation(inner, outer):
    agrees(lambda emit, _: emit(outer, (emit(inner, (0,)), 1)), 2)
    agrees(lambda emit, _: emit(outer, (0, emit(inner, (1,)))), 2)
    agrees(lambda emit, number: emit(outer, (emit(inner, (0,)), number(0.0))), 1)


def test_double_negation_and_copies_vanish():
    def twice(operation):
        return lambda emit, _: emit(operation, (emit(operation, (0,)),))

    assert agrees(twice(primitives.neg), 1).instructions == ()
    assert agrees(twice(primitives.pos), 1).instructions == ()


def test_adding_zero_stays_where_it_could_change_the_sign_of_a_zero():
    def plus(number):
        return lambda emit, constant: emit(primitives.add, (0, constant(number)))

    assert len(agrees(plus(0.0), 1).instructions) == 1
    assert agrees(plus(-0.0), 1).instructions == ()


def test_a_choice_between_equals_or_by_a_constant_is_no_choice():
    def choose(x, y):
        return lambda emit, number: emit(primitives.where, (number(1.0), x, y))

    assert agrees(choose(0, 1), 2).instructions == ()
    assert agrees(lambda emit, _: emit(primitives.where, (0, 1, 1)), 2).instructions == ()


PRODUCTS = [(0, 0), (0, 1), (1, 1)]


@pytest.mark.parametrize("start", [None, 0.0, -0.0, 1.0])
def test_a_chain_of_products_is_one_dot(start):
    def chain(emit, number):
        total = None if start is None else number(start)
        for factors in PRODUCTS:
            product = emit(primitives.mul, factors)
            total = product if total is None else emit(primitives.add, (total, product))
        return total

    assert [x.operation.name for x in agrees(chain, 2).instructions] == ["dot"]


def test_two_products_and_their_sum_stay_as_they_are_written():
    def two(emit, _):
        return emit(primitives.add, tuple(emit(primitives.mul, pair) for pair in PRODUCTS[:2]))

    names = [x.operation.name for x in agrees(two, 2).instructions]
    assert names == ["mul", "mul", "add"]


def test_chains_that_start_in_the_middle_or_add_from_the_right():
    def right(emit, _):
        products = [emit(primitives.mul, factors) for factors in PRODUCTS]
        return emit(primitives.add, (products[0], emit(primitives.add, tuple(products[1:]))))

    def middle(emit, _):
        total = emit(primitives.add, (0, emit(primitives.mul, (1, 1))))
        total = emit(primitives.add, (total, 1))
        total = emit(primitives.add, (total, emit(primitives.mul, (0, 1))))
        return emit(primitives.add, (total, emit(primitives.mul, (0, 0))))

    assert [x.operation.name for x in agrees(right, 2).instructions] == ["dot"]
    assert [x.operation.name for x in agrees(middle, 2).instructions] == ["dot"]


def test_a_sum_of_products_is_one_dot_and_a_long_sum_one_sum():
    def sum_of_products(emit, _):
        return emit(primitives.sum, tuple(emit(primitives.mul, pair) for pair in PRODUCTS))

    def long_sum(emit, number):
        total = number(0.0)
        for slot in (0, 1, 0, 1, 1):
            total = emit(primitives.add, (total, slot))
        return total

    assert [x.operation.name for x in agrees(sum_of_products, 2).instructions] == ["dot"]
    assert [x.operation.name for x in agrees(long_sum, 2).instructions] == ["sum"]


def test_a_product_that_is_needed_elsewhere_is_not_absorbed():
    builder = Builder(2, 0)
    needed = builder.emit(primitives.mul, (0, 1))
    total = needed
    for factors in [(0, 0), (1, 1), (0, builder.constant(2.0)), (1, builder.constant(3.0))]:
        total = builder.emit(primitives.add, (total, builder.emit(primitives.mul, factors)))
    code = builder.finish(fused(builder, [total, needed]))
    assert code.evaluate([3.0, 5.0]) == [70.0, 15.0]
    assert [operation.name for operation, _ in code.instructions] == ["mul", "dot"]


FACTORS = [
    2.0,
    -4.0,
    3.0,
    -100.0,
    0.5,
    1.5,
    0.1,
    0.0,
    -0.0,
    2.0**1000,
    1e300,
    2.0**-1060,
    1.0 / 3.0,
]
HOSTILE = [
    0.0, -0.0, 5e-324, -1.5e-323, 2.0**-1060 / 3.0, 2.225073858507201e-308, 1.0 / 3.0, -7.1, 1e300,
    1.7976931348623157e308,
]  # fmt: skip


@pytest.mark.parametrize("outer", FACTORS)
def test_factors_become_one_only_where_no_bit_changes(outer):
    for inner in (-1.0, *FACTORS):
        builder = Builder(1, 0)
        product = builder.emit(primitives.mul, (builder.constant(inner), 0))
        found = builder.emit(primitives.mul, (product, builder.constant(outer)))
        code = builder.finish([found])
        for x in HOSTILE:
            assert repr(code.evaluate([x])) == repr([outer * (inner * x)]), (inner, x)


def test_factors_that_become_one():
    def names(write):
        return [str(operation.name) for operation, _ in agrees(write, 1).instructions]

    def twice(emit, number):
        return emit(primitives.mul, (number(2.0), emit(primitives.mul, (number(100.0), 0))))

    def of_a_double(emit, number):
        return emit(primitives.mul, (emit(primitives.add, (0, 0)), number(0.3 + 1.0)))

    def negated(emit, number):
        return emit(primitives.neg, (emit(primitives.mul, (number(0.1), 0)),))

    def without_itself_again(emit, number):
        tenth = emit(primitives.mul, (number(0.1), 0))
        return emit(primitives.sub, (emit(primitives.neg, (tenth,)), tenth))

    def rounded_twice(emit, number):
        return emit(primitives.mul, (number(0.1), emit(primitives.mul, (number(0.3), 0))))

    assert names(twice) == names(of_a_double) == names(negated) == ["mul"]
    assert names(without_itself_again) == names(rounded_twice) == ["mul", "mul"]
