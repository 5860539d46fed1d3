"""The short ways of the engine in plain Python, held against the long ones, bit for bit."""

from __future__ import annotations

import math
import operator
import random

import pytest

import autograd
from autograd import Primitive, primitives, reverse, sweeping, switches
from autograd.operators import Operators
from autograd.value import Value

OPERATORS = ("add", "sub", "mul", "truediv", "pow")
NUMBERS = (2.0, -3.0, 0.0, -0.0, 3, 1e308, math.inf, math.nan)
UNARY = [name for name, rule in primitives.RULES.items() if rule.arity == 1]


def outcome(make, *operands):
    """The bits and the making of a node, or the error."""
    try:
        node = make(*operands)
    except (ArithmeticError, ValueError, TypeError) as error:
        return type(error), str(error), error.__cause__
    assert type(node) is Value
    operands = [(x.data.hex(), x.is_constant, x.stamp) for x in node.parents]
    return node.data.hex(), node.primitive, operands, node.is_constant, node.stamp, node.grad


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_records_what_the_long_way_records(name):
    short, long = getattr(operator, name), getattr(Operators, f"__{name}__")
    reflected = getattr(Operators, f"__r{name}__")
    for number in NUMBERS:
        for other in (*NUMBERS, True, 10**400, Value(5.0), Value(5.0).detach()):
            for x in (Value(number, "x"), Value(number).detach()):
                assert outcome(short, x, other) == outcome(long, x, other)
                if type(other) is not Value:
                    assert outcome(short, other, x) == outcome(reflected, x, other)


@pytest.mark.parametrize("name", UNARY)
def test_a_method_records_what_the_function_records(name):
    for number in (0.3, -0.3, 0.0, 2.0, 800.0, math.inf, math.nan):
        for x in (Value(number, "x"), Value(number).detach()):
            assert outcome(getattr(x, name)) == outcome(primitives.RULES[name].apply, (x,))
    assert getattr(Value, name).__name__ == getattr(Operators, name).__name__


@pytest.mark.parametrize(
    "wrong", [lambda x: x.tanh(1.0), lambda x: x.tanh(slope=1.0), lambda x: x + "1"]
)
def test_what_a_method_does_not_take_is_refused_in_the_same_words(wrong):
    with pytest.raises(TypeError) as short:
        wrong(Value(1.0))
    with pytest.raises(TypeError) as long, autograd.enable_grad():
        wrong(Value(1.0))
    assert str(short.value) == str(long.value)


def test_a_number_among_the_operands_becomes_one_node_when_asked_for():
    x = Value(2.0)
    y = x * 3.0
    x.data = 5.0
    number = y.parents[1]
    assert y.parents[1] is number
    assert (number.data, number.is_constant, number.stamp) == (3.0, True, y.stamp)
    number.data = 4.0
    with pytest.raises(ValueError, match="was edited after"):
        y.backward()


MAKES = [
    operator.add,
    operator.sub,
    operator.mul,
    primitives.hypot,
    lambda x, y: x / (y * y + 1),
    lambda x, y: primitives.tanh(x),
    lambda x, y: abs(x) ** 0.5 + y,
    lambda x, y: primitives.dot([x, y, 2.0], [y, x, x], 1),
    lambda x, y: primitives.clip(x, 0.1, abs(y) + 9.0),
]


def random_graph(source):
    """An output whose nodes are used several times, of numbers, constants and Values."""
    made = [*[Value(source.uniform(0.5, 2.0)) for _ in range(3)], Value(1.5).detach()]
    for _ in range(25):
        x, y = source.choice(made), source.choice([*made, source.uniform(0.5, 2.0)])
        made.append(source.choice(MAKES)(x, y))
    return made[-1]


@pytest.mark.parametrize("seed", range(40))
def test_adjoints_are_those_of_the_long_way_bit_for_bit(seed):
    output = random_graph(random.Random(seed))
    found = sweeping.adjoints(output, -0.7)
    patient = reverse.adjoints(output, -0.7)
    assert {x: a.hex() for x, a in found.items()} == {x: a.hex() for x, a in patient.items()}
    assert all(type(adjoint) is float for adjoint in found.values())


def by_the_short_way(monkeypatch, output, seed=1.0):
    """Sweep where the long way would fail the test."""
    with monkeypatch.context() as patched:
        patched.setattr(reverse, "adjoints", None)
        return sweeping.adjoints(output, seed)


def test_what_is_finite_needs_no_long_way(monkeypatch):
    x = Value(0.5)
    y = (x * 3 + 1 / x).tanh() ** 2
    assert by_the_short_way(monkeypatch, y)[x] == reverse.adjoints(y)[x]


@pytest.mark.parametrize(
    "make",
    [
        lambda x: (x - x).sqrt(),  # no derivative
        lambda x: (x - x).sqrt() * 0.0,  # the same, times 0
        lambda x: x * 1e308 * 10.0 * 1e-308,  # overflows on the way up
        lambda x: (x * 1e-200) / 1e-200 * 1e200 * 1e200 * 0.0,  # on the way down
        lambda x: (x * 0.0) ** x,  # by the exponent
        lambda x: primitives.polygamma(x, 2.0),  # none in this operand
        lambda x: x * math.inf,
        lambda x: x * math.nan,
    ],
)
def test_what_is_not_finite_is_told_by_the_long_way(make):
    output = make(Value(1.0, "x"))
    results = []
    for adjoints in (sweeping.adjoints, reverse.adjoints):
        try:
            results.append([repr(adjoint) for adjoint in sorted_by_data(adjoints(output))])
        except (ArithmeticError, ValueError, TypeError) as error:
            results.append((type(error), str(error)))
    assert results[0] == results[1]


def sorted_by_data(found):
    return [found[node] for node in sorted(found, key=lambda node: repr(node.data))]


def test_a_rule_of_the_users_own_is_checked_as_ever():
    double = Primitive("double", lambda x: 2.0 * x, (lambda out, x: 2,))
    assert double.checked_partials == ()
    found = sweeping.adjoints(double(Value(3.0)) * 4.0)
    assert sorted(map(repr, found.values())) == ["1.0", "4.0", "8.0"]


def test_switches_are_noticed_until_the_last_one_is_left():
    def is_recorded():
        return not (Value(2.0) * 3.0).is_constant

    outside = set(switches.switched)  # of other threads, perhaps
    switch = autograd.no_grad()
    with switch:
        with switch:
            assert not is_recorded()
        assert not is_recorded()
        with autograd.enable_grad():
            assert is_recorded()
        assert not is_recorded()
    assert is_recorded()
    with autograd.record_locations():
        assert "test_sweeping" in (Value(2.0) * 3.0).location
        assert "test_sweeping" in Value(2.0).tanh().location
    with autograd.group("g"):
        assert (-Value(2.0)).group.name == "g"
    assert switches.switched == outside
