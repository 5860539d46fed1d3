"""grad, jacobian, hessian, hvp, jvp, vjp: composed to any order, on any structure."""

from __future__ import annotations

import math
from typing import NamedTuple

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import (
    Value,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)

# --- Seven ways to one Hessian --------------------------------------------------------------------

POINT = [0.7, -0.4, 1.3]


def surface(v):
    x, y, z = v
    waves = autograd.sin(x * y) * autograd.exp(z) + autograd.tanh(x - z) ** 3
    return (
        waves + autograd.logsumexp([x, y, z]) * autograd.dot([x, y], [y, z], z) + x**2 / (2 + y * y)
    )


def _true_surface(x, y, z):
    waves = mpmath.sin(x * y) * mpmath.exp(z) + mpmath.tanh(x - z) ** 3
    total = mpmath.log(mpmath.exp(x) + mpmath.exp(y) + mpmath.exp(z))
    return waves + total * (x * y + y * z + z) + x**2 / (2 + y * y)


def _unit(position):
    return [float(position == other) for other in range(3)]


def _columns(column_of):
    return [list(column) for column in zip(*[column_of(_unit(j)) for j in range(3)], strict=True)]


def _forward_gradient(v):
    return [jvp(surface, (v,), (_unit(i),))[1] for i in range(3)]


def _by_hand(v):
    leaves = [Value(x) for x in v]
    slopes = gradients(surface(leaves), leaves)
    return [[second.data for second in gradients(slope, leaves)] for slope in slopes]


def _by_finite_differences(v):
    step = 1e-5

    def column(unit):
        ahead = grad(surface)([x + step * u for x, u in zip(v, unit, strict=True)])
        behind = grad(surface)([x - step * u for x, u in zip(v, unit, strict=True)])
        return [(a - b) / (2 * step) for a, b in zip(ahead, behind, strict=True)]

    return _columns(column)


SEVEN_WAYS = {
    "reverse over reverse": (hessian(surface), 1e-13),
    "forward over reverse": (jacobian(grad(surface), mode="forward"), 1e-13),
    "reverse over forward": (jacobian(_forward_gradient), 1e-13),
    "forward over forward": (jacobian(_forward_gradient, mode="forward"), 1e-13),
    "columns of hvp": (lambda v: _columns(lambda unit: hvp(surface, (v,), (unit,))[0]), 1e-13),
    "gradients twice by hand": (_by_hand, 1e-13),
    "differences of grad": (_by_finite_differences, 1e-8),
}


@pytest.mark.parametrize(("way", "tolerance"), SEVEN_WAYS.values(), ids=SEVEN_WAYS)
def test_seven_ways_to_one_hessian(way, tolerance):
    matrix = way(POINT)
    with mpmath.workdps(50):
        at = tuple(map(mpmath.mpf, POINT))
        for i in range(3):
            for j in range(3):
                orders = tuple((i == k) + (j == k) for k in range(3))
                truth = mpmath.diff(_true_surface, at, orders)
                assert type(matrix[i][j]) is float
                assert abs(matrix[i][j] - truth) <= tolerance * max(1, abs(truth)), (i, j)


def test_modes_mix_to_third_order():
    with mpmath.workdps(50):
        truth = mpmath.diff(_true_surface, tuple(map(mpmath.mpf, POINT)), (1, 1, 1))
    forward = jacobian(jacobian(jacobian(surface), mode="forward"))(POINT)[0][1][2]
    backward = jacobian(jacobian(jacobian(surface, mode="forward")), mode="forward")(POINT)[2][0][1]
    of_hvp = grad(lambda v: hvp(surface, (v,), (_unit(0),))[0][1])(POINT)[2]
    for third in (forward, backward, of_hvp):
        assert abs(third - truth) < 1e-12 * max(1, abs(truth))


# --- n-th derivatives -----------------------------------------------------------------------------

FUNCTIONS = {
    "exp(sin x)": (
        lambda x: autograd.exp(autograd.sin(x)),
        lambda x: mpmath.exp(mpmath.sin(x)),
        0.7,
    ),
    "x^7": (lambda x: x**7, lambda x: x**7, 1.3),
    "x^x": (lambda x: x**x, lambda x: x**x, 1.5),
    "1/(1+x²)": (lambda x: 1 / (1 + x * x), lambda x: 1 / (1 + x * x), 0.4),
    "tanh": (autograd.tanh, mpmath.tanh, 0.6),
    "sigmoid": (autograd.sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), -0.8),
    "softplus": (autograd.softplus, lambda x: mpmath.log1p(mpmath.exp(x)), 0.3),
    "sqrt(1+x²)": (lambda x: autograd.hypot(x, 1.0), lambda x: mpmath.sqrt(1 + x * x), 0.9),
    "log x": (autograd.log, mpmath.log, 1.7),
    "atan": (autograd.atan, mpmath.atan, 0.5),
    "erf": (autograd.erf, mpmath.erf, 0.4),
    "lgamma": (autograd.lgamma, mpmath.loggamma, 2.5),
    "gelu": (autograd.gelu, lambda x: x * mpmath.ncdf(x), 0.7),
    "silu": (autograd.silu, lambda x: x / (1 + mpmath.exp(-x)), 0.7),
    "cbrt": (autograd.cbrt, mpmath.cbrt, 2.0),
    "(-x)^5": (lambda x: x**5, lambda x: x**5, -1.5),
}


def _forward(f):
    return lambda x: jvp(f, (x,), (1.0,))[1]


def _nth(f, n, pattern):
    for order in range(n):
        f = pattern[order % len(pattern)](f)
    return f


@pytest.mark.parametrize(
    "pattern", [(grad,), (_forward,), (grad, _forward)], ids=["reverse", "forward", "mixed"]
)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_up_to_the_sixth(name, pattern):
    f, true_f, x = FUNCTIONS[name]
    with mpmath.workdps(60):
        truths = [mpmath.diff(true_f, mpmath.mpf(x), n) for n in range(7)]
    for n in range(7):
        found = _nth(f, n, pattern)(x)
        assert type(found) is float
        assert abs(found - truths[n]) <= 1e-11 * max(1, abs(truths[n])), n


def test_sixth_derivative_by_gradients_of_gradients():
    x = Value(0.7)
    slope = autograd.exp(x) * autograd.sin(x)
    for _ in range(6):
        (slope,) = gradients(slope, [x])
    # (eˣ sin x)⁽⁶⁾ = 8 eˣ sin(x + 6π/4)
    assert abs(slope.data + 8 * math.exp(0.7) * math.cos(0.7)) < 1e-12


# --- Every mode on random expressions -------------------------------------------------------------

UNARY = {
    "sin": mpmath.sin, "tanh": mpmath.tanh, "atan": mpmath.atan, "erf": mpmath.erf,
    "asinh": mpmath.asinh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "neg": lambda x: -x,
}  # fmt: skip
BINARY = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
}
STEPS = st.lists(
    st.tuples(st.sampled_from([*UNARY, *BINARY]), st.integers(0, 20), st.integers(0, 20)),
    min_size=1,
    max_size=8,
)


@given(st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=3), STEPS)
def test_every_mode_agrees_with_the_truth_on_random_expressions(inputs, steps):
    def build(xs, operations):
        nodes = list(xs)
        for name, left, right in steps:
            a, b = nodes[-1 - left % len(nodes)], nodes[right % len(nodes)]
            nodes.append(operations[name](a) if name in UNARY else operations[name](a, b))
        return nodes[-1] + nodes[0]

    f = lambda xs: build(xs, vars(autograd))
    with mpmath.workdps(40):
        at = tuple(map(mpmath.mpf, inputs))
        true_f = lambda *xs: build(xs, UNARY | BINARY)
        units = [tuple(int(i == j) for j in range(len(inputs))) for i in range(len(inputs))]
        truth = [mpmath.diff(true_f, at, unit) for unit in units]
        curvature = mpmath.diff(true_f, at, (2, *[0] * (len(inputs) - 1)))
    leaves = [Value(x) for x in inputs]
    output = f(leaves)
    output.backward()
    by_graph = [slope.data for slope in gradients(output, leaves)]
    value, by_reverse = value_and_grad(f)(inputs)
    by_forward = jacobian(f, mode="forward")(inputs)
    assert value == output.data == f(inputs)
    for i, true_slope in enumerate(truth):
        for slope in (leaves[i].grad, by_graph[i], by_reverse[i], by_forward[i]):
            assert abs(slope - true_slope) <= 1e-11 * max(1, abs(true_slope))
    direction = [1.0] + [0.0] * (len(inputs) - 1)
    for second in (hvp(f, (inputs,), (direction,))[0][0], hessian(f)(inputs)[0][0]):
        assert abs(second - curvature) <= 1e-10 * max(1, abs(curvature))


# --- Structures and argnums -----------------------------------------------------------------------


class Line(NamedTuple):
    slope: float
    offset: float


def test_results_have_the_structure_of_the_argument():
    f = lambda p: p["w"][0] * p["w"][1] + p["line"].slope * p["b"] - p["line"].offset
    point = {"w": (2.0, 3.0), "b": 5.0, "line": Line(7.0, 11.0)}
    found = grad(f)(point)
    assert found == {"w": (3.0, 2.0), "b": 7.0, "line": Line(5.0, -1.0)}
    assert type(found["line"]) is Line
    curvature = hessian(f)(point)
    assert curvature["w"][0]["w"] == (0.0, 1.0)
    assert curvature["line"].slope["b"] == 1.0


def test_jacobian_of_structures():
    f = lambda v: {"product": v[0] * v[1], "pair": (v[0], 2.0)}
    for mode in ("reverse", "forward"):
        assert jacobian(f, mode=mode)([3.0, 4.0]) == {
            "product": [4.0, 3.0],
            "pair": ([1.0, 0.0], [0.0, 0.0]),
        }
        assert jacobian(lambda v: v[0], mode=mode)([3.0]) == [1.0]
        assert jacobian(lambda x: x * x, mode=mode)(3.0) == 6.0
        assert jacobian(lambda v: [1.0, 2.0], mode=mode)([]) == [[], []]
        assert jacobian(lambda v: [], mode=mode)([1.0]) == []
    with pytest.raises(ValueError, match="'reverse' or 'forward', got 'backwards'"):
        jacobian(f, mode="backwards")


def test_argnums_choose_the_arguments():
    f = lambda x, y, k=1: k * x * y * y
    assert grad(f)(2.0, 3.0) == 9.0
    assert grad(f, 1)(2.0, 3.0) == 12.0
    assert grad(f, -1)(2.0, 3.0) == 12.0
    assert grad(f, (1, 0))(2.0, 3.0) == (12.0, 9.0)
    assert grad(f, (0,))(2.0, 3.0) == (9.0,)
    assert grad(f, 1)(2.0, 3.0, k=10) == 120.0
    assert hessian(f, (0, 1))(2.0, 3.0) == ((0.0, 6.0), (6.0, 4.0))
    for mode in ("reverse", "forward"):
        assert jacobian(f, (0, 1), mode=mode)(2.0, 3.0) == (9.0, 12.0)
    assert value_and_grad(f, (0, 1))(2.0, 3.0) == (18.0, (9.0, 12.0))


def test_arguments_that_are_not_differentiated_may_be_anything():
    f = lambda x, name, scale: x * x * scale[name]
    assert grad(f)(3.0, "b", {"a": 1.0, "b": 2.0}) == 12.0
    assert jacobian(f, mode="forward")(3.0, "b", {"b": 2.0}) == 12.0


def test_the_first_argument_counted_from_the_end():
    assert grad(lambda x, y: x * y * y, -2)(2.0, 3.0) == 9.0
    assert jacobian(lambda x, y: x * y * y, (-1, -2), mode="forward")(2.0, 3.0) == (12.0, 9.0)


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_keyword_arguments_reach_the_function_in_both_modes(mode):
    f = lambda x, *, k=1.0, names=(): [k * x * y for y in names]
    assert jacobian(f, mode=mode)(2.0, k=3.0, names=(1.0, 4.0)) == [3.0, 12.0]
    assert jacobian(lambda *, k: [k], (), mode=mode)(k=3.0) == [()]


@pytest.mark.parametrize("inputs", [1, 3])
@pytest.mark.parametrize("outputs", [1, 4])
def test_reverse_mode_evaluates_once_and_forward_mode_once_per_input(inputs, outputs):
    evaluations = []

    def f(v):
        evaluations.append(type(v[0]).__name__)
        return [sum(v) * k for k in range(outputs)]

    jacobian(f)([1.0] * inputs)
    assert evaluations == ["Value"]
    evaluations.clear()
    jacobian(f, mode="forward")([1.0] * inputs)
    assert evaluations == ["Dual"] * inputs


@pytest.mark.parametrize("argnums", [2, -3, (0, 2), 10])
def test_argnums_out_of_range(argnums):
    with pytest.raises(ValueError, match=r"argnums has -?\d+, but the call has 2 arguments"):
        grad(lambda x, y: x * y, argnums)(1.0, 2.0)


@pytest.mark.parametrize("argnums", [(0, 0), (0, -2), (1, 0, 1)])
def test_an_argument_named_twice_is_refused_or_gets_its_gradient_twice(argnums):
    try:
        found = grad(lambda x, y: x * y, argnums)(3.0, 2.0)
    except ValueError:
        return
    assert found == tuple([2.0, 3.0][position] for position in argnums)


@pytest.mark.parametrize("argnums", [1.0, "x", None, (0.0,)])
def test_argnums_of_the_wrong_type_are_named(argnums):
    with pytest.raises(TypeError, match="argnums"):
        grad(lambda x, y: x * y, argnums)(1.0, 2.0)


@pytest.mark.parametrize("wrong", ["a", None, object(), 1j, [1.0, "a"], {"k": [1.0, None]}])
def test_arguments_that_are_not_numbers_are_refused(wrong):
    with pytest.raises(TypeError):
        grad(lambda x: 1.0)(wrong)
    with pytest.raises(TypeError):
        jvp(lambda x: 1.0, (wrong,), (1.0,))


def test_the_place_of_a_wrong_number_is_named():
    with pytest.raises(TypeError, match=r"\['k'\]\[1\] is None"):
        grad(lambda p: 1.0)({"k": [1.0, None]})


def test_gradients_says_what_it_takes():
    x = Value(2.0)
    for output in (4.0, None, [x * x], "x"):
        with pytest.raises(TypeError, match="needs a Value as output"):
            gradients(output, [x])
    with pytest.raises(TypeError, match=r"needs a list of Values as inputs: write \[x\] for one"):
        gradients(x * x, x)
    with pytest.raises(TypeError, match=r"needs Values as inputs, got 2\.0 at inputs\[1\]"):
        gradients(x * x, [x, 2.0])
    assert gradients(x * x, ()) == []
    assert [found.data for found in gradients(x * x, iter([x, x]))] == [4.0, 4.0]


def test_the_place_of_a_wrong_argument_has_the_name_that_f_has_for_it():
    with pytest.raises(TypeError, match=r"^z\['k'\] is "):
        grad(lambda x, y, z: 1.0, (0, 2))(1.0, None, {"k": "text"})
    with pytest.raises(TypeError, match=r"^argument\[1\] is "):
        grad(lambda *xs: 1.0, (0, 1))(1.0, None)


@pytest.mark.parametrize("result", [
    lambda x: [x], lambda x: (x, x), lambda x: {"a": x}, lambda x: "text", lambda x: None,
    lambda x: grad,
])  # fmt: skip
def test_grad_wants_one_number(result):
    with pytest.raises(TypeError, match=r"one number as its result.*jacobian"):
        grad(result)(1.0)


def test_functions_without_arguments():
    with pytest.raises(ValueError, match="0 arguments"):
        grad(lambda: 3.0)()
    assert vjp(lambda: 3.0)[1](1.0) == ()
    assert grad(lambda x, y: x * y, ())(1.0, 2.0) == ()


# --- Floats, Values, captured Values --------------------------------------------------------------


def test_floats_in_floats_out():
    for f in (lambda x: 3 * x, lambda x: 3, lambda x: x, lambda x: x * x, lambda x: True):
        value, slope = value_and_grad(f)(2)
        assert (type(value), type(slope)) == (float, float)
        value, slope = jvp(f, (2,), (1,))
        assert (type(value), type(slope)) == (float, float)


NESTED = {
    "grad of hvp": (grad(lambda x: hvp(lambda y: x * y**3, (2.0,), (1.0,))[0]), 12.0),
    "grad of jvp of grad": (grad(lambda x: jvp(grad(lambda y: x * y**3), (2.0,), (1.0,))[1]), 12.0),
    "jvp of vjp": (
        lambda x: jvp(lambda t: vjp(lambda y: t * y * y, x)[1](1.0)[0], (x,), (1.0,))[1],
        10.0,
    ),
    "grad of vjp": (grad(lambda x: vjp(lambda y: x * y * y, 3.0)[1](1.0)[0]), 6.0),
    "grad of jacobian": (grad(lambda x: jacobian(lambda y: [x * y, y])(2.0)[0]), 1.0),
    "grad of hessian": (grad(lambda x: hessian(lambda y: x * y**3)(2.0)), 12.0),
    "hessian of jvp": (hessian(lambda x: jvp(lambda y: x**2 * y**3, (2.0,), (1.0,))[1]), 24.0),
}


@pytest.mark.parametrize(("f", "truth"), NESTED.values(), ids=NESTED)
def test_floats_in_floats_out_of_nested_transformations(f, truth):
    found = f(5.0)
    assert found == truth
    assert type(found) is float


@pytest.mark.parametrize("f", [
    lambda x: x * x, lambda x: 3 * x, lambda x: x, lambda x: autograd.relu(x), lambda x: 5.0,
    lambda x: x - x,
], ids=["square", "linear", "identity", "relu", "constant", "zero"])  # fmt: skip
def test_a_value_as_argument_gives_a_value_whatever_the_function(f):
    x = Value(2.0)
    slope = grad(f)(x)
    assert isinstance(slope, Value)
    assert slope.data == grad(f)(2.0)
    (second,) = gradients(slope, [x])
    assert second.data == grad(grad(f))(2.0)
    assert x.grad == 0.0


@pytest.mark.parametrize("f", [lambda x, y: x * y, lambda x, y: 7.0, lambda x, y: y],
                         ids=["product", "constant", "one of them"])  # fmt: skip
@pytest.mark.parametrize("point", [(Value(2.0), 3.0), (2.0, Value(3.0))], ids=["first", "second"])
def test_one_value_among_the_arguments_makes_every_result_a_value(f, point):
    value, slopes = value_and_grad(f, (0, 1))(*point)
    truth, true_slopes = value_and_grad(f, (0, 1))(2.0, 3.0)
    assert [type(found) for found in (value, *slopes)] == [Value] * 3
    assert (value.data, *[slope.data for slope in slopes]) == (truth, *true_slopes)
    for rows in (jacobian(lambda *xs: [f(*xs)], (0, 1))(*point), [vjp(f, *point)[1](1.0)]):
        assert [slope.data for slope in rows[0]] == list(true_slopes)
        assert [type(slope) for slope in rows[0]] == [Value] * 2


def test_captured_values_are_differentiable_afterwards():
    w, b = Value(3.0), Value(0.5)
    value, slope = value_and_grad(lambda x: autograd.tanh(w * x + b))(0.2)
    true_value = math.tanh(1.1)
    assert (value.data, slope.data) == (true_value, 3.0 * (1 - true_value**2))
    slope.backward()
    s = 1 - true_value**2
    assert w.grad == pytest.approx(s + 3.0 * -2 * true_value * s * 0.2, rel=1e-14)


def test_the_argument_itself_is_untouched():
    x = Value(2.0, label="x")
    grad(lambda t: t * t)(x)
    hessian(lambda t: t * t)(x)
    assert (x.grad, x.data, x.label) == (0.0, 2.0, "x")


def test_a_value_passed_twice_is_two_arguments():
    x = Value(2.0)
    first, second = grad(lambda a, b: a * a * b, (0, 1))(x, x)
    assert (first.data, second.data) == (8.0, 4.0)
    assert grad(lambda a, b: a * a * b)(x, x).data == 8.0


def test_captured_and_passed_are_told_apart():
    x = Value(2.0)
    assert grad(lambda t: t * x)(x).data == 2.0


def test_differentiation_works_inside_no_grad_and_no_grad_inside_it():
    with no_grad():
        assert grad(lambda x: x**3)(2.0) == 12.0
        assert hessian(lambda x: x**3)(2.0) == 12.0
        assert jvp(lambda x: x**3, (2.0,), (1.0,)) == (8.0, 12.0)

    def half_constant(x):
        with no_grad():
            frozen = x * x
        return x * frozen

    assert grad(half_constant)(3.0) == 9.0


def test_vjp_gives_the_pullback_of_every_argument():
    value, pullback = vjp(lambda p, x: [p["w"] * x, x], {"w": 3.0}, 4.0)
    assert value == [12.0, 4.0]
    assert pullback([1.0, 10.0]) == ({"w": 4.0}, 13.0)
    assert pullback([0.0, 1.0]) == ({"w": 0.0}, 1.0)
    assert pullback([2, 0]) == ({"w": 8.0}, 6.0)
    for wrong in ([1.0], [1.0, 2.0, 3.0], 1.0, ["a", 1.0]):
        with pytest.raises(TypeError, match="cotangent"):
            pullback(wrong)


def test_vjp_of_something_that_captured_a_value():
    w = Value(5.0)
    value, pullback = vjp(lambda x: w * x * x, 2.0)
    (slope,) = pullback(1.0)
    assert (value.data, slope.data) == (20.0, 20.0)
    slope.backward()
    assert w.grad == 4.0


def test_hvp_matches_the_hessian_and_takes_structures():
    f = lambda p, x: p["w"] ** 2 * x**3
    first, second = hvp(f, ({"w": 2.0}, 3.0), ({"w": 1.0}, 10.0))
    assert (first, second) == ({"w": 2 * 27.0 + 4 * 27 * 10.0}, 4 * 27.0 + 10 * 4 * 18.0)
    with pytest.raises(TypeError, match="tangent"):
        hvp(lambda x: x**3, (2.0,), (1.0, 0.0))


def test_the_identity_and_constants():
    assert grad(lambda x: x)(3.0) == 1.0
    assert grad(lambda x: 7.0)(3.0) == 0.0
    assert hessian(lambda x: 7.0)(3.0) == 0.0
    assert hessian(lambda x: x)(3.0) == 0.0
    assert hessian(lambda v: v[0])([3.0, 4.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert jacobian(lambda v: v)([3.0, 4.0]) == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"w": [1.0, 2.0], "b": 3.0, "extra": 0.0}, r"\[0\]"),
        ({"w": [1.0, 2.0]}, r"\[0\]"),
        ({"w": [1.0, 2.0], "B": 3.0}, r"\[0\]"),
        ({"w": [1.0], "b": 3.0}, r"\[0\]\['w'\]"),
        ({"w": [1.0, 2.0, 3.0], "b": 3.0}, r"\[0\]\['w'\]"),
        ({"w": 1.0, "b": 3.0}, r"\[0\]\['w'\]"),
        ({"w": {"0": 1.0, "1": 2.0}, "b": 3.0}, r"\[0\]\['w'\]"),
        ({"w": [1.0, [2.0]], "b": 3.0}, r"\[0\]\['w'\]\[1\]"),
        ({"w": [1.0, 2.0], "b": {"b": 3.0}}, r"\[0\]\['b'\]"),
        ([[1.0, 2.0], 3.0], r"\[0\]"),
        (7.0, r"\[0\]"),
    ],
)
def test_directions_of_another_structure_are_refused_at_their_place(given, place):
    f = lambda p: p["w"][0] * p["w"][1] + p["b"]
    point = {"w": [2.0, 3.0], "b": 5.0}
    with pytest.raises(TypeError, match=rf"^tangents{place} is .* does not have the structure of"):
        jvp(f, (point,), (given,))
    with pytest.raises(TypeError, match=rf"^tangents{place} is .* does not have the structure of"):
        hvp(f, (point,), (given,))
    pullback = vjp(lambda x: [point | {"b": x}], 1.0)[1]
    with pytest.raises(
        TypeError, match=rf"^the cotangent{place} is .* does not have the structure of"
    ):
        pullback([given])


def test_a_constant_value_as_argument_is_differentiated_at_its_number():
    frozen = (Value(2.0) * 1.5).detach()
    value, slope = value_and_grad(lambda x: x**2 * frozen)(frozen)
    assert (value.data, slope.data) == (27.0, 18.0)
    assert jvp(lambda x: x**2, (frozen,), (1.0,))[1].data == 6.0
    assert hessian(lambda x: x**3)(frozen).data == 18.0
    assert frozen.is_constant
    assert frozen.grad == 0.0


def test_a_derivative_that_does_not_exist_is_an_error_in_every_transformation():
    f = lambda x: autograd.sqrt(x) * 2.0
    for differentiate in (
        lambda: grad(f)(0.0),
        lambda: value_and_grad(f)(0.0),
        lambda: jacobian(f)(0.0),
        lambda: jacobian(f, mode="forward")(0.0),
        lambda: hessian(f)(0.0),
        lambda: vjp(f, 0.0)[1](1.0),
        lambda: hvp(f, (0.0,), (1.0,)),
    ):
        with pytest.raises(ArithmeticError, match="sqrt"):
            differentiate()
