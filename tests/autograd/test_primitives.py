"""The rule book against mathematics: mpmath at 50 digits, `math` and plain float operators.

`disagreements(primitive)` is the judge. It must be silent on every rule and speak up on every
planted fault; both are tested here, operation by operation and operand by operand.
"""

from __future__ import annotations

import itertools
import math
import operator
import random
import struct
from fractions import Fraction
from functools import cache, reduce

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, gradients, jvp
from autograd.primitives import RULES

DIGITS = 50
FIRST_ORDER = 1e-12
SECOND_ORDER = 1e-11
POINTS = 12


# --- The truth: every operation once more, as mathematics -----------------------------------------


def _truth_of_dot(*operands):
    size = len(operands) // 2
    bias = operands[2 * size] if len(operands) % 2 else 0
    return bias + sum(a * b for a, b in zip(operands[:size], operands[size:], strict=False))


def _truth_of_elu(x, alpha):
    return x if x > 0 else alpha * mpmath.expm1(x)


def _truth_of_pow(x, y):
    return x ** int(y) if y == int(y) else x**y


def _truth_of_power_derivative(x, y, n, m):
    def by_base(y):
        return math.prod([y - k for k in range(int(n))]) * x ** (y - int(n))

    return mpmath.diff(by_base, y, int(m)) if m else by_base(y)


def _softmax(xs):
    total = sum(mpmath.exp(x) for x in xs)
    return [mpmath.exp(x) / total for x in xs]


def _truth_of_cross_entropy(*operands):
    size = len(operands) // 2
    shares = zip(operands[size:], _softmax(operands[:size]), strict=True)
    return -sum(y * mpmath.log(p) for y, p in shares)


SELU_SCALE = mpmath.mpf("1.0507009873554804934193349852946")
SELU_ALPHA = mpmath.mpf("1.6732632423543772848170429916717")

TRUTH = {
    "sign": mpmath.sign,
    "step": lambda x: mpmath.mpf(1 if x > 0 else 0),
    "compare": lambda x, y: mpmath.sign(x - y),
    "nonzero": lambda x: mpmath.mpf(0 if x == 0 else 1),
    "rint": mpmath.nint,
    "where": lambda x, y, z: y if x != 0 else z,
    "pos": lambda x: x,
    "neg": lambda x: -x,
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "pow": _truth_of_pow,
    "abs": abs,
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "log2": lambda x: mpmath.log(x, 2),
    "log10": lambda x: mpmath.log(x, 10),
    "sqrt": mpmath.sqrt,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "atan2": lambda y, x: mpmath.atan2(y, x),
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
    "relu": lambda x: x if x > 0 else 0 * x,
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "elu": _truth_of_elu,
    "selu": lambda x: SELU_SCALE * _truth_of_elu(x, SELU_ALPHA),
    "gelu": lambda x: x * mpmath.ncdf(x),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "lgamma": lambda x: mpmath.log(abs(mpmath.gamma(x))),
    "digamma": mpmath.digamma,
    "polygamma": lambda n, x: mpmath.psi(int(n), x),
    "maximum": lambda x, y: max(x, y),
    "minimum": lambda x, y: min(x, y),
    "clip": lambda x, low, high: min(max(x, low), high),
    "hypot": mpmath.hypot,
    "sum": lambda *xs: sum(xs),
    "mean": lambda *xs: sum(xs) / len(xs),
    "prod": lambda *xs: reduce(operator.mul, xs, mpmath.mpf(1)),
    "dot": _truth_of_dot,
    "logsumexp": lambda *xs: mpmath.log(sum(mpmath.exp(x) for x in xs)),
    "norm": lambda *xs: mpmath.sqrt(sum(x * x for x in xs)),
    "xlogy": lambda x, y: x * mpmath.log(y),
    "power_derivative": _truth_of_power_derivative,
    "sech_squared": lambda x: mpmath.sech(x) ** 2,
    "exp_difference": lambda x, y: mpmath.exp(x - y),
    "exp_product": lambda x, y: mpmath.exp(x * y),
    "sigmoid_difference": lambda x, y: 1 / (1 + mpmath.exp(y - x)),
    "one_minus_square": lambda x: 1 - x * x,
    "softmax_shift": lambda *xs: max(xs),
    "softmax_excess": lambda *xs: sum(mpmath.exp(x - xs[-1]) for x in xs[:-1]) - 1,
    "softmax_component": lambda x, shift, excess: mpmath.exp(x - shift) / (1 + excess),
    "softmax_complement": lambda x, shift, excess: 1 - mpmath.exp(x - shift) / (1 + excess),
    "softmax_cross_entropy": _truth_of_cross_entropy,
    "softmax_entropy": lambda *xs: -sum(p * mpmath.log(p) for p in _softmax(xs)),
    "entropy": lambda *xs: -sum(x * mpmath.log(x) for x in xs),
}

# Points outside the stated domain where the note promises a value; None: do not ask this partial.
ALSO = {
    "pow": [
        ((-2.5, 3.0), (True, False)),
        ((-1.5, -2.0), (True, False)),
        ((-3.0, 0.0), (True, False)),
    ],
    "lgamma": [((x,), (True,)) for x in (-0.5, -2.25, -10.9)],
    "digamma": [((x,), (True,)) for x in (-0.5, -2.25, -10.9, 0.001)],
    "polygamma": [((n, x), (False, True)) for n in (0.0, 1.0, 4.0) for x in (-0.5, -2.25, -7.9)],
    "prod": [
        ((0.0, 2.0, -3.0), (True,) * 3),
        ((0.0, 0.0, 5.0), (True,) * 3),
        ((0.0,) * 3, (True,) * 3),
    ],
    "sqrt": [((1e-12,), (True,)), ((1e12,), (True,))],
    "softplus": [((300.0,), (True,)), ((-300.0,), (True,))],
    "sigmoid": [((300.0,), (True,)), ((-300.0,), (True,))],
    "logsumexp": [((300.0, -300.0, 299.0), (True,) * 3)],
    "hypot": [((3.0, 0.0), (True, True)), ((0.0, -2.0), (True, True))],
    "norm": [((0.0, 2.0, 0.0), (True,) * 3)],
    "atan2": [((0.0, 2.0), (True, True)), ((1.0, 0.0), (True, True)), ((-1.0, 0.0), (True, True))],
}
NOT_DIFFERENTIABLE = {("polygamma", 0), ("power_derivative", 2), ("power_derivative", 3)}
# What is computed relative to the shift does not depend on it; so its derivative is stated as 0.
STATED_CONSTANT = {name for name, rule in RULES.items() if rule.is_reference}
ORDERS = {"n": 4, "m": 3}


def _random_operand(name: str, chance: random.Random) -> float:
    if name in ORDERS:
        return float(chance.randrange(ORDERS[name]))
    if chance.random() < 0.5:
        return chance.uniform(-3.0, 3.0)
    return chance.choice((-1.0, 1.0)) * 10.0 ** chance.uniform(-2.0, 1.0)


@cache
def sample_points(name: str):
    """Operands, and which of their partials exist, inside the domain that the rule book states."""
    entry = RULES[name]
    chance = random.Random(f"points of {name}")
    if entry.is_variadic:
        sizes = (2, 4, 6, 8) if name == "softmax_cross_entropy" else (1, 2, 3, 4, 5, 7, 8)
        inside = [tuple(_random_operand("x", chance) for _ in range(size)) for size in sizes]
        if name == "entropy":
            inside = [tuple(map(abs, operands)) for operands in inside]
    else:
        names, condition, inside = entry.operand_names, entry.domain or "True", []
        while len(inside) < POINTS:
            operands = tuple(_random_operand(operand, chance) for operand in names)
            if eval(condition, {}, dict(zip(names, operands, strict=True))):
                inside.append(operands)
    wanted = [tuple((name, i) not in NOT_DIFFERENTIABLE for i in range(len(p))) for p in inside]
    return list(zip(inside, wanted, strict=True)) + ALSO.get(name, [])


@cache
def true_value(name: str, operands: tuple[float, ...]):
    with mpmath.workdps(DIGITS):
        return TRUTH[name](*map(mpmath.mpf, operands))


@cache
def true_derivative(name: str, operands: tuple[float, ...], *positions: int):
    """The derivative once in every operand listed: (0, 0) is ∂²/∂x², (0, 1) is ∂²/∂x∂y."""
    if name in STATED_CONSTANT:
        return mpmath.mpf(0)
    orders = [positions.count(index) for index in range(len(operands))]
    moving = sorted(set(positions))

    def of_moving(*moved):
        point = list(map(mpmath.mpf, operands))
        for index, x in zip(moving, moved, strict=True):
            point[index] = x
        return TRUTH[name](*point)

    with mpmath.workdps(DIGITS):
        at = tuple(mpmath.mpf(operands[index]) for index in moving)
        return mpmath.diff(of_moving, at, tuple(orders[index] for index in moving))


# --- The judge ------------------------------------------------------------------------------------


def disagreements(primitive, most: int = 3) -> list[str]:
    """Return where a primitive's value or derivatives, in any mode, are not those of its truth."""
    found: list[str] = []
    for operands, wanted in sample_points(primitive.name):
        complaints = _disagreements_at(primitive, operands, wanted)
        while len(found) < most:
            try:
                found.append(f"{primitive.name}{operands}: {next(complaints)}")
            except StopIteration:
                break
            except (ArithmeticError, ValueError) as error:
                found.append(f"{primitive.name}{operands}: raises {error!r}")
                break
    return found


def _disagreements_at(primitive, operands, wanted):
    name = primitive.name
    out = primitive.apply(operands)
    if not close(out, true_value(name, operands), FIRST_ORDER):
        yield f"value {out!r}, truth {shown(true_value(name, operands))}"

    partials = primitive.derivatives(out, operands, wanted)
    nodes = [Value(x) if ask else x for x, ask in zip(operands, wanted, strict=True)]
    asked = [position for position, ask in enumerate(wanted) if ask]
    result = primitive.apply(nodes)
    result.backward()
    graph = gradients(result, [nodes[position] for position in asked])
    for position, slope in zip(asked, graph, strict=True):
        truth = true_derivative(name, operands, position)
        tangents = [float(position == other) for other in asked]
        by_mode = {
            "partial": partials[position],
            "backward": nodes[position].grad,
            "gradient graph": slope.data,
            "forward mode": _forward_mode(primitive, operands, asked, tangents),
        }
        for mode, derivative in by_mode.items():
            if not close(derivative, truth, FIRST_ORDER):
                yield f"∂/∂{position} by {mode} is {derivative!r}, truth {shown(truth)}"
        second = gradients(slope, [nodes[other] for other in asked])
        for other, curvature in zip(asked, second, strict=True):
            truth = true_derivative(name, operands, *sorted((position, other)))
            if not close(curvature.data, truth, SECOND_ORDER):
                yield f"∂²/∂{position}∂{other} is {curvature.data!r}, truth {shown(truth)}"


def _forward_mode(primitive, operands, asked, tangents):
    def of_asked(*xs):
        point = list(operands)
        for position, x in zip(asked, xs, strict=True):
            point[position] = x
        return primitive.apply(point)

    return jvp(of_asked, [operands[position] for position in asked], tangents)[1]


def close(got: float, truth, tolerance: float) -> bool:
    return type(got) is float and abs(got - truth) <= tolerance * max(1, abs(truth))


def shown(truth) -> str:
    return mpmath.nstr(truth, 18)


# --- Every rule is true ---------------------------------------------------------------------------


def test_every_operation_has_a_truth_and_every_truth_an_operation():
    assert set(TRUTH) == set(RULES), "state the new operation's truth in TRUTH, with mpmath"


@pytest.mark.parametrize("name", RULES)
def test_value_and_derivatives_of_every_operation_are_true_in_every_mode(name):
    assert disagreements(RULES[name]) == []


def test_the_operations_of_the_design_are_all_there():
    promised = [
        "add", "sub", "mul", "div", "neg", "pow", "abs", "exp", "log", "log1p", "expm1", "log2",
        "log10", "sqrt", "cbrt", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh",
        "cosh", "tanh", "asinh", "acosh", "atanh", "sigmoid", "softplus", "logaddexp", "relu",
        "leaky_relu", "elu", "selu", "gelu", "silu", "erf", "erfc", "lgamma", "digamma",
        "maximum", "minimum", "hypot", "step", "sign", "where", "clip", "sum", "mean", "prod",
        "dot", "logsumexp", "norm",
    ]  # fmt: skip
    assert set(promised) <= set(RULES)
    for name in (*promised, "softmax"):
        assert callable(getattr(autograd, name))


# --- Every planted fault is noticed ---------------------------------------------------------------


def _operand_positions(name: str) -> range:
    entry = RULES[name]
    return range(3) if entry.is_variadic else range(entry.arity)


# Each makes a wrong partial from `true`, which asks the right partial of any position.
FAULTS = {
    "multiplied by 1.0001": lambda true, position: true(position) * 1.0001,
    "of the wrong sign": lambda true, position: -true(position),
    "one millionth too large": lambda true, position: true(position) + 1e-6,
    "of the neighbour": lambda true, position: true(position - 1),
    "cut off the graph": lambda true, position: getattr(true(position), "data", true(position)),
}


def _with_fault(name: str, faulty_position: int, fault):
    entry = RULES[name]
    if entry.is_variadic:

        def partials(out, *xs):
            true = list(entry.partials(out, *xs))
            if faulty_position < len(true):
                true[faulty_position] = fault(list(true).__getitem__, faulty_position)
            return true

        return entry.replace(partials=partials)

    def partial(out, *xs):
        return fault(
            lambda position: (entry.partials[position] or _zero)(out, *xs), faulty_position
        )

    kept = list(entry.partials)
    kept[faulty_position] = _with_names(partial, entry.operand_names)
    return entry.replace(partials=tuple(kept))


def _zero(out, *xs):
    return 0.0


def _with_names(partial, names):
    # A partial says its operands' names by its signature.
    scope = {"partial": partial}
    listed = ", ".join(names)
    exec(f"def named(out, {listed}): return partial(out, {listed})", scope)
    return scope["named"]


def _is_a_fault(name: str, position: int, fault: str) -> bool:
    """Whether the change makes the rule wrong, decided by the truth and not by the rule."""
    points = [
        (x, wanted) for x, wanted in sample_points(name) if len(x) > position and wanted[position]
    ]
    if fault == "one millionth too large":
        return bool(points)
    if fault == "of the neighbour":
        neighbours = [(x, (position - 1) % len(x)) for x, wanted in points if all(wanted)]
        return any(
            abs(true_derivative(name, x, position) - true_derivative(name, x, other)) > 1e-9
            for x, other in neighbours
        )
    if fault == "cut off the graph":
        return any(
            abs(true_derivative(name, x, *sorted((position, other)))) > 1e-9
            for x, wanted in points
            for other in range(len(x))
            if wanted[other]
        )
    return any(abs(true_derivative(name, x, position)) > 1e-9 for x, _ in points)


PLANTED = [
    (name, position, fault)
    for name in RULES
    for position in _operand_positions(name)
    if (name, position) not in NOT_DIFFERENTIABLE
    for fault in FAULTS
]


@pytest.mark.parametrize("name", RULES)
def test_every_planted_fault_is_noticed(name):
    noticed = 0
    for planted_name, position, fault in PLANTED:
        if planted_name == name and _is_a_fault(name, position, fault):
            broken = _with_fault(name, position, FAULTS[fault])
            assert disagreements(broken, most=1), f"∂{name}/∂{position} {fault}: not noticed"
            noticed += 1
    assert noticed >= sum((name, p) not in NOT_DIFFERENTIABLE for p in _operand_positions(name))


@pytest.mark.parametrize("name", RULES)
def test_a_wrong_value_is_noticed(name):
    entry = RULES[name]
    wrong = entry.replace(forward=lambda *xs: entry.forward(*xs) + 1e-9)
    assert disagreements(wrong, most=1)


def test_an_unbroken_copy_of_a_rule_is_not_accused():
    for name in ("tanh", "pow", "dot"):
        same = _with_fault(name, 0, lambda true, position: true(position))
        assert disagreements(same) == []


# --- Bit for bit as `math` and float --------------------------------------------------------------


def _float_power(x: float, y: float) -> float:
    power = x**y
    if isinstance(power, complex):
        raise ValueError("the floats leave the real numbers here; Values say so")
    return power


FROM_MATH = [
    "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "asin",
    "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "lgamma",
    "atan2", "hypot",
]  # fmt: skip
MATH = {
    **{name: getattr(math, name) for name in FROM_MATH if hasattr(math, name)},  # 3.10: no cbrt
    "abs": operator.abs,
    "neg": operator.neg,
    "pos": operator.pos,
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": _float_power,
}
MATH_OF_MANY = {"prod": lambda *xs: math.prod(xs, start=1.0), "norm": math.hypot}

AWKWARD = (
    0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.0, -2.0, 3.0, -3.0, 1 / 3, -1 / 3, 171.0, 710.0,
    -746.0, 1e-320, 5e-324, 1e16, -1e16, 1e200, -1e200, 1.7976931348623157e308, math.inf,
    -math.inf, math.nan,
)  # fmt: skip


def bits(x: float) -> bytes:
    return b"nan" if x != x else struct.pack("<d", x)


def outcome(function, *arguments):
    """The bits of a result, or the type of the exception."""
    try:
        result = function(*arguments)
    except (ArithmeticError, ValueError) as error:
        return type(error), error
    return bits(getattr(result, "data", result)), None


def _agrees_with_floats(name, expected, operands):
    entry = RULES[name]
    kind, _ = outcome(expected, *operands)
    assert outcome(entry.apply, operands)[0] == kind
    nodes = [Value(x, label=f"the culprit {i}") for i, x in enumerate(operands)]
    found, error = outcome(entry.apply, nodes)
    assert found == kind, f"{name}{operands}"
    if error is not None:
        assert "the culprit 0" in str(error)
        assert entry.name in str(error)
    dual, _ = outcome(lambda: entry.forward(*operands))
    assert dual == kind


@pytest.mark.parametrize("name", MATH)
def test_value_is_that_of_math_bit_for_bit_or_the_same_exception(name):
    if RULES[name].arity == 1:
        for x in AWKWARD:
            _agrees_with_floats(name, MATH[name], (x,))
    else:
        for x in AWKWARD:
            for y in AWKWARD:
                _agrees_with_floats(name, MATH[name], (x, y))


UNARY = [name for name in MATH if RULES[name].arity == 1]
BINARY = [name for name in MATH if RULES[name].arity == 2]


@given(st.floats())
def test_any_float_through_any_unary_operation_is_as_in_math(x):
    for name in UNARY:
        _agrees_with_floats(name, MATH[name], (x,))


@given(st.floats(), st.floats())
def test_any_two_floats_through_any_binary_operation_are_as_in_python(x, y):
    for name in BINARY:
        _agrees_with_floats(name, MATH[name], (x, y))


@given(st.lists(st.floats(), max_size=6))
def test_product_and_norm_are_those_of_math(xs):
    for name, expected in MATH_OF_MANY.items():
        _agrees_with_floats(name, expected, tuple(xs)) if xs else None
    assert bits(autograd.prod(xs)) == bits(math.prod(xs, start=1.0))
    assert bits(autograd.norm(xs)) == bits(math.hypot(*xs))


@given(st.lists(st.floats(allow_nan=False), max_size=8))
def test_sum_and_mean_add_from_left_to_right(xs):
    total = 0.0
    for x in xs:
        total = total + x
    assert bits(autograd.sum(xs)) == bits(total)
    assert bits(autograd.sum([Value(x) for x in xs] or [0.0]).data if xs else 0.0) == bits(total)
    if xs:
        assert bits(autograd.mean(xs)) == bits(total / len(xs))


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), max_size=8),
    st.none() | st.floats(-100, 100),
)
def test_dot_is_the_inner_product(pairs, bias):
    a, b = [p[0] for p in pairs], [p[1] for p in pairs]
    exact = sum((Fraction(x) * Fraction(y) for x, y in pairs), Fraction(bias or 0.0))
    size = sum((abs(Fraction(x) * Fraction(y)) for x, y in pairs), abs(Fraction(bias or 0.0)))
    assert abs(Fraction(autograd.dot(a, b, bias)) - exact) <= size * Fraction(1, 2**48)


def test_dot_with_bias_starts_from_the_bias_as_a_neuron_is_written():
    w, x, b = [0.1, 0.2, 0.3], [0.4, 0.5, 0.6], 0.7
    assert autograd.dot(w, x, b) == ((0.7 + 0.1 * 0.4) + 0.2 * 0.5) + 0.3 * 0.6


@given(st.floats(-700, 700))
@settings(max_examples=40)
def test_activations_are_within_a_few_ulps_of_the_truth(x):
    for name in ("sigmoid", "softplus", "silu", "gelu", "selu"):
        truth = true_value(name, (x,))
        got = RULES[name](x)
        assert abs(got - truth) <= abs(truth) * 4e-15 * max(1, x * x) + 5e-324, (name, x)


# --- Kinks and ties, as written in the design -----------------------------------------------------

KINKS = [
    ("relu", (0.0,), (0.0,)),
    ("relu", (-0.0,), (0.0,)),
    ("abs", (0.0,), (0.0,)),
    ("leaky_relu", (0.0, 0.01), (0.01, 0.0)),
    ("leaky_relu", (0.0, 0.3), (0.3, 0.0)),
    ("elu", (0.0, 1.0), (1.0, 0.0)),
    ("elu", (0.0, 0.5), (0.5, 0.0)),
    ("selu", (0.0,), (1.0507009873554805 * 1.6732632423543772,)),
    ("sign", (0.0,), (0.0,)),
    ("step", (0.0,), (0.0,)),
    ("nonzero", (0.0,), (0.0,)),
    ("maximum", (2.0, 2.0), (0.5, 0.5)),
    ("minimum", (2.0, 2.0), (0.5, 0.5)),
    ("maximum", (0.0, -0.0), (0.5, 0.5)),
    ("maximum", (math.inf, math.inf), (0.5, 0.5)),
    ("minimum", (-math.inf, -math.inf), (0.5, 0.5)),
    ("maximum", (math.inf, 1.0), (1.0, 0.0)),
    ("maximum", (1.5e308, -1.5e308), (1.0, 0.0)),
    ("clip", (1.0, 1.0, 2.0), (0.5, 0.5, 0.0)),
    ("clip", (2.0, 1.0, 2.0), (0.5, 0.0, 0.5)),
    ("clip", (0.0, 1.0, 2.0), (0.0, 1.0, 0.0)),
    ("clip", (3.0, 1.0, 2.0), (0.0, 0.0, 1.0)),
    ("clip", (1.5, -math.inf, math.inf), (1.0, 0.0, 0.0)),
    ("where", (0.0, 3.0, 4.0), (0.0, 0.0, 1.0)),
    ("where", (1.0, 3.0, 4.0), (0.0, 1.0, 0.0)),
    ("where", (-0.0, 3.0, 4.0), (0.0, 0.0, 1.0)),
    ("pow", (0.0, 2.0), (0.0, 0.0)),
    ("pow", (0.0, 1.0), (1.0, 0.0)),
    ("pow", (0.0, 3.5), (0.0, 0.0)),
]


@pytest.mark.parametrize(("name", "operands", "expected"), KINKS)
def test_derivatives_at_kinks_ties_and_special_points(name, operands, expected):
    nodes = [Value(x) for x in operands]
    RULES[name].apply(nodes).backward()
    assert tuple(node.grad for node in nodes) == expected
    graph = gradients(RULES[name].apply(nodes), nodes)
    assert tuple(slope.data for slope in graph) == expected
    everyone = range(len(operands))
    tangents = [
        jvp(lambda *xs: RULES[name].apply(xs), operands, [float(i == j) for j in everyone])[1]
        for i in everyone
    ]
    assert tuple(tangents) == expected


@pytest.mark.parametrize(
    ("exponent", "expected"), [(0, 0.0), (0.0, 0.0), (1, 1.0), (2, 0.0), (3, 0.0)]
)
def test_whole_powers_at_zero(exponent, expected):
    x = Value(0.0)
    (x**exponent).backward()
    assert x.grad == expected


@pytest.mark.parametrize(
    ("base", "exponent", "expected"), [(-2.0, 3, 12.0), (-2.0, 2, -4.0), (-2.0, -1, -0.25)]
)
def test_negative_bases_take_whole_exponents(base, exponent, expected):
    x = Value(base)
    (x**exponent).backward()
    assert x.grad == expected


def test_a_constant_exponent_never_asks_for_a_logarithm():
    x = Value(-3.0)
    slope = gradients(x**3, [x])[0]
    curvature = gradients(slope, [x])[0]
    third = gradients(curvature, [x])[0]
    assert (slope.data, curvature.data, third.data) == (27.0, -18.0, 6.0)


@pytest.mark.parametrize("base", [-8.0, -1.0, -0.5])
def test_a_fractional_power_of_a_negative_number_is_an_error_and_never_complex(base):
    for power in (lambda x: x ** (1 / 3), lambda x: x**0.5, lambda x: x ** Value(1.5)):
        with pytest.raises(ValueError, match=r"(?s)negative base.*cbrt"):
            power(Value(base))
    with pytest.raises(ValueError, match="cbrt"):
        autograd.pow(base, 0.5)


def test_products_with_zeros_have_exact_partials():
    for xs in ([0.0, 2.0, 5.0], [3.0, 0.0, 5.0], [0.0, 0.0, 5.0], [0.0, 0.0, 0.0], [0.0], [7.0]):
        nodes = [Value(x) for x in xs]
        autograd.prod(nodes).backward()
        for position, node in enumerate(nodes):
            assert node.grad == math.prod(xs[:position] + xs[position + 1 :])


# --- Stability ------------------------------------------------------------------------------------

FAR = (-1000.0, -750.0, -40.0, -1.0, 0.0, 1.0, 40.0, 750.0, 1000.0)


def _assert_near(got: float, truth) -> None:
    assert math.isfinite(got)
    assert abs(got - truth) <= 1e-15 + 1e-15 * abs(truth)


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "silu", "gelu", "tanh", "erf", "erfc"])
def test_one_argument_survives_a_thousand_and_keeps_its_gradient(name):
    for x in FAR:
        node = Value(x)
        out = RULES[name](node)
        out.backward()
        with mpmath.workdps(1000):
            _assert_near(out.data, TRUTH[name](mpmath.mpf(x)))
            exact = {
                "sigmoid": lambda x: 1 / (2 + mpmath.exp(x) + mpmath.exp(-x)),
                "softplus": TRUTH["sigmoid"],
                "silu": lambda x: (1 + x / (1 + mpmath.exp(x))) / (1 + mpmath.exp(-x)),
                "gelu": lambda x: mpmath.ncdf(x) + x * mpmath.npdf(x),
                "tanh": lambda x: mpmath.sech(x) ** 2,
                "erf": lambda x: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x),
                "erfc": lambda x: -2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x),
            }[name](mpmath.mpf(x))
            _assert_near(node.grad, exact)


def test_small_tails_keep_their_digits():
    # 1 - σ(40) would lose them all.
    for x in (-30.0, -100.0, -700.0):
        node = Value(x)
        for f in (autograd.sigmoid, autograd.softplus):
            node.zero_grad()
            out = f(node)
            out.backward()
            with mpmath.workdps(400):
                assert abs(out.data / mpmath.exp(x) - 1) < 1e-12
                assert abs(node.grad / mpmath.exp(x) - 1) < 1e-12


@pytest.mark.parametrize("logits", [
    (1000.0, -1000.0), (1000.0, 1000.0), (-1000.0, -1000.0), (1000.0, 999.0), (-1000.0, -999.5),
    (1000.0, 0.0),
])  # fmt: skip
def test_log_sums_of_exponentials_and_softmax_survive_a_thousand(logits):
    with mpmath.workdps(1000):
        weights = [mpmath.exp(mpmath.mpf(x)) for x in logits]
        total = sum(weights)
        probabilities = [w / total for w in weights]
        log_total = mpmath.log(total)
    for f in (lambda xs: autograd.logsumexp(xs), lambda xs: autograd.logaddexp(*xs)):
        nodes = [Value(x) for x in logits]
        out = f(nodes)
        out.backward()
        _assert_near(out.data, log_total)
        for node, p in zip(nodes, probabilities, strict=True):
            assert abs(node.grad - p) <= 1e-13  # half an ulp of a thousand is 6e-14
    nodes = [Value(x) for x in logits]
    outputs = autograd.softmax(nodes)
    assert abs(sum(out.data for out in outputs) - 1.0) < 1e-12
    for i, out in enumerate(outputs):
        slopes = [slope.data for slope in gradients(out, nodes)]
        assert abs(out.data - probabilities[i]) <= 2e-13
        for j, slope in enumerate(slopes):
            exact = probabilities[i] * ((i == j) - probabilities[j])
            assert abs(slope - exact) <= 4e-13


def test_softmax_of_n_logits_costs_n_plus_two_nodes():
    logits = [Value(float(i), label=f"z{i}") for i in range(3)]
    outputs = autograd.softmax(logits)
    _, shift, excess = outputs[0].parents
    assert [out.parents for out in outputs] == [(z, shift, excess) for z in logits]
    assert shift.parents == tuple(logits)
    assert excess.parents == (*logits, shift)
    assert autograd.softmax([0.0, 0.0]) == pytest.approx([0.5, 0.5], abs=1e-15)


@pytest.mark.parametrize(
    ("y", "x"), [(1e200, 1e200), (1e-200, 1e-200), (-3e-170, 2e-170), (1e300, -2e299)]
)
def test_quotients_of_very_large_and_very_small_numbers_keep_their_derivative(y, x):
    for name in ("atan2", "hypot"):
        nodes = [Value(y), Value(x)]
        RULES[name](*nodes).backward()
        with mpmath.workdps(DIGITS):
            a, b = mpmath.mpf(y), mpmath.mpf(x)
            square = a * a + b * b
            exact = {
                "atan2": (b / square, -a / square),
                "hypot": (a / mpmath.sqrt(square), b / mpmath.sqrt(square)),
            }[name]
        for node, truth in zip(nodes, exact, strict=True):
            assert abs(node.grad / truth - 1) < 1e-12


# --- Infinities and NaN ---------------------------------------------------------------------------


# Derivatives that do not depend on the first operand, so that NaN in it does not show in them.
FREE_OF_X = [
    "sign", "step", "rint", "compare", "pos", "neg", "add", "sub", "mul", "div", "sum", "mean",
    "prod", "dot", "xlogy", "softmax_shift",
]  # fmt: skip
# NaN counts as true, as in Python; and the order of a derivative is a whole number.
CHOOSES = ["where", "nonzero", "polygamma", "power_derivative"]


@pytest.mark.parametrize("name", [name for name in RULES if name not in CHOOSES])
def test_nan_passes_on_through_value_and_gradient(name):
    entry = RULES[name]
    count = 4 if entry.is_variadic else entry.arity
    nodes = [Value(math.nan), *(Value(0.5) for _ in range(count - 1))]
    out = entry.apply(nodes)
    assert math.isnan(out.data)
    out.backward()
    assert math.isnan(nodes[0].grad) or name in FREE_OF_X


def test_nan_passes_the_comparisons_on_either_side():
    for name in ("maximum", "minimum"):
        assert math.isnan(RULES[name](math.nan, 1.0))
        assert math.isnan(RULES[name](1.0, math.nan))
    assert math.isnan(autograd.logsumexp([1.0, math.nan]))
    assert math.isnan(autograd.logsumexp([math.inf, math.nan]))
    assert math.isnan(autograd.clip(math.nan, 0.0, 1.0))


@pytest.mark.parametrize(("name", "x", "value", "slope"), [
    ("tanh", math.inf, 1.0, 0.0), ("tanh", -math.inf, -1.0, 0.0), ("sigmoid", math.inf, 1.0, 0.0),
    ("sigmoid", -math.inf, 0.0, 0.0), ("softplus", math.inf, math.inf, 1.0), ("softplus",
    -math.inf, 0.0, 0.0),
    ("exp", math.inf, math.inf, math.inf), ("exp", -math.inf, 0.0, 0.0), ("log", math.inf,
    math.inf, 0.0),
    ("atan", math.inf, math.pi / 2, 0.0), ("erf", -math.inf, -1.0, 0.0), ("relu", math.inf,
    math.inf, 1.0),
    ("relu", -math.inf, 0.0, 0.0), ("elu", -math.inf, -1.0, 0.0), ("sqrt", math.inf, math.inf, 0.0),
])  # fmt: skip
def test_infinite_operands_give_the_limits(name, x, value, slope):
    node = Value(x)
    out = RULES[name](node)
    out.backward()
    assert (out.data, node.grad) == (value, slope)


def test_log_sums_take_infinities_as_limits():
    for f in (lambda x, y: autograd.logaddexp(x, y), lambda x, y: autograd.logsumexp([x, y])):
        x, y = Value(-math.inf), Value(1.0)
        out = f(x, y)
        out.backward()
        assert (out.data, x.grad, y.grad) == (1.0, 0.0, 1.0)
        assert f(math.inf, -math.inf) == math.inf
        assert f(-math.inf, -math.inf) == -math.inf


# --- Derivatives that do not exist ----------------------------------------------------------------

NO_DERIVATIVE = [
    ("sqrt", (0.0,)), ("cbrt", (0.0,)), ("asin", (1.0,)), ("asin", (-1.0,)), ("acos", (1.0,)),
    ("acosh", (1.0,)),
    ("hypot", (0.0, 0.0)), ("atan2", (0.0, 0.0)), ("norm", (0.0, 0.0, 0.0)), ("pow", (0.0, 0.5)),
    ("pow", (0.0, 0.0)), ("pow", (-2.0, 3.0)), ("div", (1.0, 1e-200)), ("lgamma", (1e-309,)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "operands"), NO_DERIVATIVE)
def test_a_derivative_that_is_infinite_or_undefined_names_the_node_and_changes_nothing(
    name, operands
):
    nodes = [Value(x, label=f"operand {i}") for i, x in enumerate(operands)]
    for node in nodes:
        node.grad = 7.0
    culprit = RULES[name].apply(nodes)
    culprit.label = "the culprit"
    output = culprit * 2.0 + nodes[0]
    with pytest.raises(ArithmeticError, match="the culprit"):
        output.backward()
    assert [node.grad for node in nodes] == [7.0] * len(nodes)
    assert culprit.grad == output.grad == 0.0
    with pytest.raises(ArithmeticError, match="the culprit"):
        gradients(output, nodes)
    with pytest.raises(ArithmeticError, match=name):
        jvp(lambda *xs: RULES[name].apply(xs), operands, [1.0] * len(operands))


def test_the_square_root_of_zero_is_fine_while_nobody_asks_for_its_derivative():
    x, y = Value(0.0), Value(2.0)
    with autograd.no_grad():
        root = autograd.sqrt(x)
    (root + y * y).backward()
    assert y.grad == 4.0


def test_the_order_of_polygamma_has_no_derivative_and_says_so():
    n, x = Value(1.0, label="n"), Value(2.0)
    with pytest.raises(TypeError, match=r"polygamma is not differentiable in its operand 'n'"):
        autograd.polygamma(n, x).backward()
    with pytest.raises(TypeError, match=r"polygamma is not differentiable"):
        jvp(lambda n: autograd.polygamma(n, 2.0), (1.0,), (1.0,))


# --- Calls ----------------------------------------------------------------------------------------


def test_functions_take_plain_numbers_and_return_plain_floats():
    for name, entry in RULES.items():
        operands = next(points for points, _ in sample_points(name))
        assert type(entry.apply(operands)) is float
    assert autograd.exp(0) == 1.0
    assert autograd.maximum(True, Fraction(1, 2)) == 1.0


def test_methods_and_functions_are_the_same_operation():
    for name, entry in RULES.items():
        if not entry.is_variadic:
            operands, wanted = sample_points(name)[0]
            nodes = [Value(x) if w else x for x, w in zip(operands, wanted, strict=True)]
            if wanted[0]:
                by_method, by_function = getattr(nodes[0], name)(*nodes[1:]), entry(*nodes)
                assert bits(by_method.data) == bits(by_function.data)
                assert by_method.primitive is by_function.primitive is entry


def test_defaults_and_named_operands():
    x, w = Value(-2.0), Value(0.25)
    assert autograd.leaky_relu(x).data == -0.02
    assert autograd.elu(x).data == math.expm1(-2.0)
    out = autograd.leaky_relu(x, slope=w)
    out.backward()
    assert (out.data, x.grad, w.grad) == (-0.5, 0.25, -2.0)
    assert x.leaky_relu(slope=0.5).data == -1.0
    assert autograd.clip(x, low=-1.0, high=1.0).data == -1.0
    assert autograd.clip(x=x, high=1.0, low=-1.0).data == -1.0
    assert autograd.clip(high=1.0, low=-1.0, x=-5.0) == -1.0


@pytest.mark.parametrize("call", [
    lambda: autograd.exp(), lambda: autograd.exp(1.0, 2.0), lambda: autograd.maximum(Value(1.0)),
    lambda: autograd.leaky_relu(1.0, 0.1, slope=0.2), lambda: autograd.leaky_relu(1.0, slop=0.2),
    lambda: autograd.leaky_relu(slope=0.1), lambda: autograd.clip(Value(1.0), 0.0),
])  # fmt: skip
def test_a_wrong_number_of_operands_says_how_many_are_wanted(call):
    with pytest.raises(TypeError, match=r"(exp|maximum|leaky_relu|clip)\(.*(takes|got)"):
        call()


@pytest.mark.parametrize("wrong", ["1.0", None, 1j, [1.0], (1.0,), {"x": 1.0}])
@pytest.mark.parametrize("other", [1.0, Value(1.0)], ids=["float", "Value"])
def test_operands_that_are_not_numbers_are_refused_by_name_of_the_operation(wrong, other):
    with pytest.raises(TypeError, match="maximum"):
        autograd.maximum(other, wrong)
    with pytest.raises(TypeError, match="dot"):
        autograd.dot([other], [wrong])
    with pytest.raises(TypeError, match="maximum"):
        jvp(lambda x: autograd.maximum(x, wrong), (1.0,), (1.0,))


def test_sequences_may_be_any_iterable():
    x = Value(3.0)
    assert autograd.sum(v for v in (x, x, 1)).data == 7.0
    assert autograd.dot((v for v in [x, 2]), iter([4, 5]), bias=x).data == 25.0
    assert autograd.mean({1.0: "a", 2.0: "b"}.keys()) == 1.5
    assert autograd.logsumexp(iter([x])).data == 3.0
    assert [out.data for out in autograd.softmax(v for v in [x, x])] == pytest.approx([0.5, 0.5])
    assert autograd.prod(range(1, 6)) == 120.0


def test_empty_sequences():
    assert (autograd.sum([]), autograd.prod([]), autograd.dot([], []), autograd.norm([])) == (
        0,
        1,
        0,
        0,
    )
    for f in (autograd.mean, autograd.logsumexp, autograd.softmax):
        with pytest.raises(ValueError, match=r"at least 1|empty"):
            f([])


def test_sequence_operations_refuse_what_is_no_sequence_and_unequal_lengths():
    for f in (
        autograd.sum,
        autograd.mean,
        autograd.prod,
        autograd.logsumexp,
        autograd.norm,
        autograd.softmax,
    ):
        for wrong in (3.0, Value(3.0), "123", None):
            with pytest.raises(TypeError, match="sequence of numbers"):
                f(wrong)
    with pytest.raises(ValueError, match="equal lengths, got 1 and 2"):
        autograd.dot([Value(1.0)], [1.0, 2.0])
    with pytest.raises(ValueError, match="low <= high"):
        autograd.clip(Value(0.0, label="x"), 1.0, -1.0)


# --- Spellings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_spellings_mention_exactly_the_operands(name):
    entry = RULES[name]
    places = {operand: f"<{operand}>" for operand in entry.operand_names}
    for text in (entry.c, entry.javascript, entry.latex):
        if text and not entry.is_variadic:
            written = text.format(**places)
            assert written.count("<") >= (0 if name == "selu" else 1)
            assert text is entry.latex or all(place in written for place in places.values())
            assert written.count("(") == written.count(")")


def test_every_partial_has_a_name_in_tracebacks():
    for entry in RULES.values():
        stated = entry.partials if isinstance(entry.partials, tuple) else (entry.partials,)
        for partial in stated:
            assert "<lambda>" not in getattr(partial, "__name__", "")


def test_a_failing_partial_shows_its_name_in_the_traceback():
    with pytest.raises(ZeroDivisionError) as caught:
        RULES["sqrt"].partials[0](0.0, 0.0)
    assert "partial_0_of_sqrt" in [entry.name for entry in caught.traceback]


NUMBERS = [-2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.5]


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if not rule.is_variadic], ids=str)
def test_an_operation_that_fails_somewhere_says_where_it_is_defined(rule):
    orders = [[1.0] if partial is None else NUMBERS for partial in rule.partials]
    failing = []
    for operands in itertools.product(*orders):
        try:
            rule.forward(*operands)
        except (ValueError, ZeroDivisionError):
            failing.append(operands)
    assert not failing or rule.domain
