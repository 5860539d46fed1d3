"""Primitive: what an operation is; operations of the user's own."""

from __future__ import annotations

import copy
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograd import Value, exp, grad, gradients, hessian, jvp, log, maximum
from autograd.primitive import Primitive
from autograd.real_numbers import as_float

square = Primitive("square", lambda x: x * x, (lambda out, x: 2.0 * x,))
power_mean = Primitive(
    "power_mean",
    lambda x, y, p: ((x**p + y**p) / 2.0) ** (1.0 / p),
    (
        lambda out, x, y, p: 0.5 * (x / out) ** (p - 1.0),
        lambda out, x, y, p: 0.5 * (y / out) ** (p - 1.0),
        None,
    ),
    defaults=(2.0,),
    domain="x > 0 and y > 0 and p != 0",
)


def _weighted(out, *xs):
    return [float(i + 1) * x**i for i, x in enumerate(xs)]


powers = Primitive(
    "powers",
    lambda *xs: sum(x ** (i + 1) for i, x in enumerate(xs)),
    _weighted,
    pack=tuple,
)


def test_a_new_operation_works_in_every_mode():
    assert square(3) == 9.0
    x = Value(3.0)
    y = exp(square(x) * 0.1)
    y.backward()
    truth = 0.6 * y.data
    assert x.grad == pytest.approx(truth, rel=1e-15)
    assert gradients(y, [x])[0].data == pytest.approx(truth, rel=1e-15)
    assert jvp(square, (3.0,), (1.0,)) == (9.0, 6.0)
    assert grad(grad(square))(3.0) == 2.0
    assert grad(grad(grad(square)))(3.0) == 0.0
    node = square(x)
    assert (node.op, node.primitive, node.parents) == ("square", square, (x,))


def test_an_operation_of_several_operands_with_a_default_and_a_part_without_derivative():
    assert power_mean(3.0, 4.0) == 12.5**0.5
    value, slope = jvp(power_mean, (3.0, 4.0), (1.0, 0.0))
    assert slope == pytest.approx(1.5 / value, rel=1e-15)
    matrix = hessian(lambda v: power_mean(v[0], v[1], p=3.0))([1.0, 1.0])
    assert matrix[0] == pytest.approx([0.5, -0.5], rel=1e-14)
    with pytest.raises(TypeError, match=r"power_mean is not differentiable in its operand 'p'"):
        power_mean(1.0, 2.0, Value(3.0)).backward()


def test_a_variadic_operation():
    xs = [Value(2.0), Value(3.0), Value(4.0)]
    out = powers(xs)
    out.backward()
    assert (out.data, [x.grad for x in xs]) == (2.0 + 9.0 + 64.0, [1.0, 6.0, 48.0])
    assert jvp(lambda x: powers([1.0, x]), (3.0,), (1.0,)) == (10.0, 6.0)


def test_partials_may_return_whole_numbers():
    successor = Primitive("successor", lambda x: x + 1, (lambda out, x: 1,))
    x = Value(2.0)
    y = successor(x) * successor(x)
    y.backward()
    assert x.grad == 6.0
    assert gradients(y, [x])[0].data == 6.0
    value, slope = jvp(lambda t: successor(t) * 2, (2.0,), (1.0,))
    assert (value, slope, type(slope)) == (6.0, 2.0, float)


def test_only_the_wanted_partials_are_asked():
    asked = []

    def partial(position):
        return lambda out, x, y: asked.append(position) or 1.0

    spy = Primitive("spy", lambda x, y: x + y, (partial(0), partial(1)))
    x = Value(1.0)
    spy(x, 2.0).backward()
    assert asked == [0]
    gradients(spy(2.0, x), [x])
    assert asked == [0, 1]
    jvp(lambda t: spy(t, 3.0), (1.0,), (1.0,))
    assert asked == [0, 1, 0]


def test_an_error_in_a_new_operation_names_it():
    fussy = Primitive("fussy", lambda x: log(x), (lambda out, x: 1.0 / x,))
    with pytest.raises(ValueError, match=r"in fussy of leaf 'x'"):
        fussy(Value(-1.0, label="x"))


class UnphysicalError(ValueError):
    def __init__(self, quantity, amount):
        super().__init__(f"{quantity} of {amount}")


def test_an_exception_of_the_users_own_keeps_its_type():
    def forward(x):
        raise UnphysicalError("mass", x)

    with pytest.raises(UnphysicalError, match=r"mass of -1\.0"):
        Primitive("weigh", forward, (lambda out, x: 1.0,))(Value(-1.0))


def test_what_a_primitive_says_of_itself():
    assert (square.arity, square.is_variadic, square.operand_names) == (1, False, ("x",))
    assert (power_mean.arity, power_mean.operand_names) == (3, ("x", "y", "p"))
    assert (powers.arity, powers.is_variadic, powers.operand_names) == (-1, True, ())
    assert repr(power_mean) == "<primitive power_mean(x, y, p)>"
    assert repr(powers) == "<primitive powers(...)>"
    assert square.symbol == "square"
    assert square.partials[0].__name__ == "partial_0_of_square"


def test_primitives_are_frozen_and_compared_by_identity():
    with pytest.raises(AttributeError, match=r"<primitive square\(x\)> cannot be changed"):
        square.name = "other"
    with pytest.raises(AttributeError, match=r"<primitive square\(x\)> cannot be changed"):
        del square.name
    twin = Primitive("square", lambda x: x * x, (lambda out, x: 2.0 * x,))
    assert twin != square
    assert len({twin, square}) == 2
    assert copy.deepcopy(square) is square


def test_replace_makes_another_operation_and_keeps_the_rest():
    whole = Primitive(
        "twice",
        lambda x: 2.0 * x,
        (lambda out, x: 2.0,),
        symbol="2·",
        domain="x > 0",
        note="a note",
        defaults=(1.0,),
        c="2.0 * {x}",
        javascript="2 * {x}",
        latex="2",
        same_bits_in_c=False,
        numpy="double",
    )
    other = whole.replace(forward=lambda x: x + x, note="another")
    assert other is not whole
    changed = {name for name in vars(whole) if vars(whole)[name] is not vars(other)[name]}
    assert changed == {"forward", "note"}
    assert other(4.0) == 8.0
    assert whole.note == "a note"
    assert whole.replace(partials=lambda out, *xs: [2.0] * len(xs)).arity == -1
    with pytest.raises(TypeError, match="tailwind"):
        whole.replace(tailwind=1.0)
    if hasattr(copy, "replace"):
        assert copy.replace(whole, note="third").note == "third"

    class Own(Primitive):
        pass

    assert type(Own("half", lambda x: x / 2, (lambda out, x: 0.5,)).replace(note="own")) is Own


@pytest.mark.parametrize(
    "number", [3, True, 2.5, Fraction(1, 4), Decimal("0.1"), np.float32(0.1), np.array(7)]
)
def test_as_float_takes_any_real_number(number):
    assert as_float(number, "here") == float(number)
    assert type(as_float(number, "here")) is float


@pytest.mark.parametrize(
    "wrong", ["1", None, 1j, [1.0], np.ones(1), np.array("a"), object(), Value(1.0)]
)
def test_as_float_refuses_the_rest_and_says_where(wrong):
    with pytest.raises(TypeError, match=r"^the third drawer needs a real number, got "):
        as_float(wrong, "the third drawer")


def test_numbers_only_stay_numbers():
    assert type(maximum(1, 2)) is float
    assert type(square(Fraction(1, 2))) is float


@pytest.mark.parametrize(("partials", "complaint"), [
    (lambda out, x: 2.0 * x, "with the comma"),
    ((lambda out: 1.0,), "takes 1 arguments"),
    ((lambda out, x: 1.0, lambda out, x: 1.0), "takes 2 arguments; 2 partials"),
    ((3.0,), "is 3.0, not a function"),
])  # fmt: skip
def test_malformed_rules_are_refused_when_they_are_stated(partials, complaint):
    with pytest.raises(TypeError, match=complaint):
        Primitive("mine", lambda x: x, partials)
