"""Every rule differentiated again and again: all mixed derivatives up to the fourth order.

The truth is mpmath's, of the functions in test_primitives.py. Points are random ones and special
ones: zeros, ones, whole numbers, equal operands, borders; kinks themselves have no derivative to
compare. All orders of differentiation are asked for, so an asymmetric Hessian cannot hide either.
"""

from __future__ import annotations

import itertools
import math
import random

import mpmath
import pytest

import autograd
from autograd import Value, grad, gradients, jvp
from autograd.primitives import RULES

ORDER = 4
TOLERANCE = 1e-9
SPECIAL = (0.0, 1.0, -1.0, 2.0, 7.0, -0.5)
MOST = 14  # points of one operation


def _truths():
    # Test modules are not a package: the one table of truths is read from its file.
    from importlib.util import module_from_spec, spec_from_file_location
    from pathlib import Path

    path = Path(__file__).with_name("test_primitives.py")
    spec = spec_from_file_location("truths_of_primitives", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


truths = _truths()


def _is_at_a_kink(name: str, x: tuple[float, ...]) -> bool:
    if name in ("sign", "step", "nonzero", "abs", "relu", "leaky_relu", "elu", "selu", "where"):
        return x[0] == 0.0
    if name == "rint":
        return x[0] % 1.0 == 0.5
    if name in ("compare", "maximum", "minimum"):
        return x[0] == x[1]
    if name == "clip":
        return x[1] >= x[2] or x[0] in x[1:]
    if name in ("hypot", "atan2", "norm"):
        return not any(x) or (name == "norm" and len(x) == 1)
    return name == "cbrt" and x[0] == 0.0


def _inside(name: str, x: tuple[float, ...]) -> bool:
    entry = RULES[name]
    if entry.is_variadic:
        inside = name != "entropy" or min(x) > 0.0
    else:
        inside = eval(entry.domain or "True", {}, dict(zip(entry.operand_names, x, strict=True)))
    return inside and not _is_at_a_kink(name, x)


def _points(name: str) -> list[tuple[float, ...]]:
    chance = random.Random(f"higher orders of {name}")
    entry = RULES[name]
    sizes = (2, 4) if name == "softmax_cross_entropy" else (1, 2, 3)
    if not entry.is_variadic:
        sizes = (entry.arity,)
    found = []
    for size in sizes:
        names = entry.operand_names or ("x",) * size
        special = [
            tuple(range(truths.ORDERS[operand])) if operand in truths.ORDERS else SPECIAL
            for operand in names
        ]
        chosen = [p for p in itertools.product(*special) if _inside(name, p)]
        chance.shuffle(chosen)
        found += [tuple(map(float, p)) for p in chosen[: MOST // len(sizes)]]
        for _ in range(200):
            p = tuple(truths._random_operand(operand, chance) for operand in names)
            if _inside(name, p) and all(abs(x) < 5.0 for x in p):
                found.append(p)
                break
    return found


def _asked(name: str, count: int) -> list[int]:
    free = {("where", 0), *truths.NOT_DIFFERENTIABLE}  # `where` jumps in its condition
    return [position for position in range(count) if (name, position) not in free]


def _complaints(name: str, point: tuple[float, ...], order: int):
    """Compare all derivatives at a point, by every order in which they can be taken."""
    asked = _asked(name, len(point))
    nodes = [Value(x) if i in asked else x for i, x in enumerate(point)]
    inputs = [nodes[position] for position in asked]
    level = {(): RULES[name].apply(nodes)}
    for _ in range(order):
        following = {}
        for taken, slope in level.items():
            if slope.is_constant:
                found = [Value(0.0).detach()] * len(inputs)
            else:
                found = gradients(slope, inputs)
            for position, further in zip(asked, found, strict=True):
                following[(*taken, position)] = further
        level = following
        for taken, slope in level.items():
            truth = truths.true_derivative(name, point, *sorted(taken))
            if not abs(slope.data - truth) <= TOLERANCE * max(1, abs(truth)):
                yield f"{name}{point}: ∂{taken} is {slope.data!r}, truth {mpmath.nstr(truth, 17)}"


@pytest.mark.parametrize("name", RULES)
def test_all_derivatives_up_to_the_fourth_order_are_true(name):
    points = _points(name)
    assert points
    for point in points:
        order = ORDER if len(_asked(name, len(point))) <= 2 else ORDER - 1
        assert list(itertools.islice(_complaints(name, point, order), 3)) == []


def test_a_rule_that_is_right_only_once_is_noticed(monkeypatch):
    def fault(out, x, y):  # as it stood here once: wrong by y at 0, and by y after k + 1 times x
        return y * x ** (y - autograd.nonzero(y))

    broken = RULES["pow"].replace(partials=(fault, RULES["pow"].partials[1]))
    monkeypatch.setitem(RULES, "pow", broken)
    assert any(_complaints("pow", (7.0, 0.0), 2))


# --- Powers at the points where their derivatives have no general formula -------------------------


def _in_x(order: int, x: float, y: float) -> float:
    f = lambda x: x**y
    for _ in range(order):
        f = grad(f)
    return f(x)


@pytest.mark.parametrize("y", [0.0, 1.0, 2.0, 3.0, 4.0])
@pytest.mark.parametrize("order", range(1, 7))
def test_whole_powers_have_all_derivatives_at_zero(y, order):
    exact = math.factorial(int(y)) if order == y else 0.0
    assert _in_x(order, 0.0, y) == exact
    x, exponent = Value(0.0), Value(y)  # the exponent being a Value changes nothing
    slope = x**exponent
    for _ in range(order):
        (slope,) = gradients(slope, [x])
    assert slope.data == exact


@pytest.mark.parametrize("x", [-2.0, -0.5, -7.0])
@pytest.mark.parametrize("y", [-2.0, 0.0, 1.0, 3.0])
@pytest.mark.parametrize("order", range(1, 6))
def test_whole_powers_of_negative_numbers_have_all_derivatives_by_the_base(x, y, order):
    exact = x ** (y - order) * math.prod(y - k for k in range(order))
    assert _in_x(order, x, y) == pytest.approx(exact, rel=1e-15)
    base, exponent = Value(x), Value(y)
    slope = base**exponent
    for _ in range(order):
        (slope,) = gradients(slope, [base])
    assert slope.data == pytest.approx(exact, rel=1e-15)


def test_a_negative_base_has_a_gradient_beside_an_exponent_that_has_none():
    base, exponent = Value(-2.0), Value(3.0)
    assert gradients(base**exponent, [base])[0].data == 12.0
    assert grad(lambda b: b**exponent)(-2.0) == 12.0
    assert grad(lambda b, e: b**e)(-2.0, 3.0) == 12.0
    assert jvp(lambda b: b**exponent, [-2.0], [1.0])[1] == 12.0
    with pytest.raises(ArithmeticError, match=r"plain number, or detach\(\) it"):
        (base**exponent).backward()
    assert (base.grad, exponent.grad) == (0.0, 0.0)
    (base ** exponent.detach()).backward()
    assert base.grad == 12.0


@pytest.mark.parametrize(("order", "y"), [(1, 2.0), (1, 1.5), (2, 3.0), (3, 3.5), (1, 4.0)])
def test_mixed_derivatives_at_zero_are_limits_where_there_are_any(order, y):
    x, exponent = Value(0.0), Value(y)
    slope = x**exponent
    for _ in range(order):
        (slope,) = gradients(slope, [x])
    (mixed,) = gradients(slope, [exponent])
    assert mixed.data == 0.0  # x^(y - n) log x → 0 for y > n


@pytest.mark.parametrize(("order", "y"), [(1, 1.0), (2, 2.0), (2, 1.0), (0, 0.0), (1, 0.5)])
def test_mixed_derivatives_at_zero_without_a_limit_are_errors(order, y):
    x, exponent = Value(0.0), Value(y)

    def mixed():
        slope = x**exponent
        for _ in range(order):
            (slope,) = gradients(slope, [x])
        return gradients(slope, [exponent])

    with pytest.raises(ArithmeticError):
        mixed()


def test_the_power_of_itself():
    # x^x = 1 + u + u² + u³/2 + u⁴/3 + …, with u = x - 1
    f, exact = (lambda x: x**x), (1.0, 1.0, 2.0, 3.0, 8.0)
    for order, truth in enumerate(exact):
        assert f(1.0) == pytest.approx(truth, rel=1e-14), order
        f = grad(f)


# --- One-sided conventions hold to every order ----------------------------------------------------


@pytest.mark.parametrize("alpha", [1.0, 0.5, 2.0])
def test_elu_at_zero_has_the_left_derivatives_of_every_order_and_a_symmetric_hessian(alpha):
    x, a = Value(0.0), Value(alpha)
    by_x, by_alpha = gradients(autograd.elu(x, a), [x, a])
    assert (by_x.data, by_alpha.data) == (alpha, 0.0)
    hessian = [[g.data for g in gradients(slope, [x, a])] for slope in (by_x, by_alpha)]
    assert hessian == [[alpha, 1.0], [1.0, 0.0]]
    slope = by_x
    for _ in range(3):
        (slope,) = gradients(slope, [x])
        assert slope.data == alpha


def test_selu_at_zero_has_the_left_derivatives_of_every_order():
    scale = 1.0507009873554805 * 1.6732632423543772
    f = autograd.selu
    for _ in range(4):
        f = grad(f)
        assert f(0.0) == scale


def test_leaky_relu_at_zero_has_a_symmetric_hessian():
    x, slope = Value(0.0), Value(0.3)
    first = gradients(autograd.leaky_relu(x, slope), [x, slope])
    assert [g.data for g in first] == [0.3, 0.0]
    assert [[g.data for g in gradients(f, [x, slope])] for f in first] == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize("f", [autograd.elu, autograd.selu, autograd.leaky_relu])
@pytest.mark.parametrize("x", [800.0, 1e300, math.inf])
def test_what_is_left_of_zero_does_not_overflow_on_the_right(f, x):
    node = Value(x)
    f(node).backward()
    assert node.grad in (1.0, 1.0507009873554805)
