"""Value: a float that remembers. Operands, constants, comparison, formatting, editing, NumPy."""

from __future__ import annotations

import math
import numbers
import operator
from array import array
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, grad, gradients, no_grad
from autograd.selection import add_to_gradients, set_numbers, values

# --- What a node is -------------------------------------------------------------------------------


def test_a_leaf_and_a_computed_node():
    x = Value(2, label="x")
    y = x * x
    assert (x.data, x.grad, x.label, x.op, x.parents, x.is_leaf, x.is_constant) == (
        2.0, 0.0, "x", "", (), True, False,
    )  # fmt: skip
    assert type(x.data) is float
    assert (y.data, y.label, y.op, y.is_leaf, y.is_constant) == (4.0, "", "*", False, False)
    assert y.parents[0] is x
    assert y.parents[1] is x
    assert y.primitive is autograd.primitives.RULES["mul"]
    assert (x.primitive, x.location) == (None, None)


def test_numbers_mixed_in_become_constant_nodes():
    x = Value(3.0)
    y = 2 * x
    two = y.parents[0]
    assert (two.data, two.is_constant, two.is_leaf, two.label) == (2.0, True, True, "")
    y.backward()
    assert (x.grad, two.grad) == (2.0, 0.0)
    assert y.parents[1] is x


def test_detach_is_a_constant_of_the_same_number():
    x = Value(3.0, label="x")
    (x * x.detach()).backward()
    assert x.grad == 3.0
    assert x.detach().is_constant
    assert (x * x).detach().parents == ()


def test_what_is_computed_from_constants_only_is_a_constant():
    x = Value(3.0)
    result = (x.detach() * 2).exp() + 1.0
    assert (result.is_constant, result.parents, result.data) == (True, (), math.exp(6.0) + 1.0)
    (x * result).backward()
    assert x.grad == result.data


def test_the_operations_are_drawn_by_their_symbols():
    x = Value(0.5)
    nodes = [
        x + 1,
        1 - x,
        x * 2,
        1 / x,
        x**2,
        -x,
        x.tanh(),
        x.exp(),
        x.relu(),
        autograd.dot([x], [x]),
    ]
    assert [node.op for node in nodes] == [
        "+",
        "-",
        "*",
        "/",
        "**",
        "neg",
        "tanh",
        "exp",
        "ReLU",
        "dot",
    ]


@pytest.mark.parametrize("number", [
    2, 2.0, True, 1000, Fraction(1, 3), Decimal("0.1"), np.float64(1.5), np.float32(0.1),
    np.int64(3),
    np.bool_(True), np.array(2.5), np.array(3),
])  # fmt: skip
def test_any_real_number_will_do(number):
    assert Value(number).data == float(number)
    assert type(Value(number).data) is float
    x = Value(2.0)
    for f in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow):
        for left, right, floats in (
            (x, number, (2.0, float(number))),
            (number, x, (float(number), 2.0)),
        ):
            result = f(left, right)
            assert result.data == f(*floats)
            assert not result.is_constant


def test_a_number_that_is_not_said_to_be_real_may_compute_by_itself():
    class Angle(numbers.Number):
        __hash__ = None

        def __radd__(self, other):
            return ("added to", other)

    x = Value(2.0)
    assert x + Angle() == ("added to", x)
    with pytest.raises(TypeError, match=r"needs a real number, got .*Angle"):
        Value(Angle())


@pytest.mark.parametrize(
    "wrong", ["3", b"3", None, 3j, [3.0], (3.0,), {3.0}, {"x": 3.0}, np.array([3.0]), object()]
)
def test_what_is_no_real_number_is_refused_by_the_constructor(wrong):
    with pytest.raises(TypeError, match="real number, got"):
        Value(wrong)
    x = Value(1.0)
    with pytest.raises(TypeError):
        x.data = wrong
    with pytest.raises(TypeError):
        x.grad = wrong
    assert (x.data, x.grad) == (1.0, 0.0)


@pytest.mark.parametrize("wrong", ["3", b"3", None, 3j, [3.0], (3.0,), {3.0}, {"x": 3.0}])
@pytest.mark.parametrize(
    "f", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
)
def test_what_is_no_real_number_is_refused_by_every_operator_on_both_sides(f, wrong):
    x = Value(1.0)
    for left, right in ((x, wrong), (wrong, x)):
        with pytest.raises(TypeError):
            f(left, right)
    with pytest.raises(TypeError, match=r"operator \* needs a real number"):
        x * wrong


def test_the_message_says_what_to_do():
    with pytest.raises(TypeError, match=r"the str '3'; convert it first with float"):
        Value("3")
    with pytest.raises(TypeError, match=r"one Value per element"):
        Value([1.0])
    with pytest.raises(TypeError, match=r"shape \(2,\); use one Value per element"):
        Value(np.zeros(2))
    with pytest.raises(TypeError, match="only real numbers"):
        Value(1.0) + 1j


def test_a_value_of_a_value_is_refused_for_it_would_lose_the_gradient():
    with pytest.raises(TypeError):
        Value(Value(1.0))


def test_whole_numbers_too_large_for_a_float_overflow_as_in_python():
    with pytest.raises(OverflowError):
        Value(10**400)
    with pytest.raises(OverflowError):
        Value(2.0) * 10**400
    assert Value(2.0) < 10**400
    assert Value(2.0) < 10**400


def test_values_can_not_be_subclassed():
    with pytest.raises(TypeError):
        type("Mine", (Value,), {})


# --- Editing --------------------------------------------------------------------------------------


def test_leaves_are_edited_and_computed_nodes_are_not():
    x = Value(1.0, label="x")
    x.data += 1
    assert (x.data, type(x.data)) == (2.0, float)
    y = x * x
    y.label = "the square"
    with pytest.raises(ValueError, match=r"the square.*detach"):
        y.data = 5.0
    assert y.data == 4.0


def test_grad_and_label_are_settable():
    x = Value(1.0)
    x.grad = 2
    assert (x.grad, type(x.grad)) == (2.0, float)
    x.label = "w"
    assert x.label == "w"
    x.label = None
    with pytest.raises(TypeError, match="label is a str or None"):
        x.label = 3
    with pytest.raises(TypeError, match="label is a str or None"):
        Value(1.0, label=3)


@pytest.mark.parametrize("name", ["op", "is_leaf", "foo"])
def test_nothing_else_can_be_written(name):
    with pytest.raises(AttributeError):
        setattr(Value(1.0), name, 1)


# --- As a float -----------------------------------------------------------------------------------

COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]


@given(st.floats(), st.floats() | st.integers() | st.fractions() | st.booleans())
def test_comparisons_compare_the_numbers(x, y):
    for f in COMPARISONS:
        assert f(Value(x), y) == f(x, y)
        assert f(y, Value(x)) == f(y, x)
        if isinstance(y, float):
            assert f(Value(x), Value(y)) == f(x, y)


@given(st.floats())
def test_truth_is_that_of_the_number(x):
    assert bool(Value(x)) == bool(x)


def test_equality_with_other_things_is_false_and_order_is_an_error():
    x = Value(1.0)
    for other in ("1.0", None, [1.0], object()):
        assert (x == other) is False
        assert (x != other) is True
        with pytest.raises(TypeError):
            x < other  # noqa: B015


def test_the_hash_is_the_identity():
    x, twin = Value(1.0), Value(1.0)
    assert x == twin
    assert len({x, twin}) == 2
    assert {x: "mine"}.get(twin) is None


@given(st.floats(), st.sampled_from([".3f", "+.2e", "10.4g", "%", "<12", ",.2f"]))
def test_formatting_is_that_of_the_float(x, specification):
    assert format(Value(x), specification) == format(x, specification)


def test_printing():
    x = Value(2.0, label="x")
    assert repr(x) == str(x) == f"{x}" == "Value(data=2.0, grad=0.0, label='x')"
    assert repr(Value(-0.0)) == "Value(data=-0.0, grad=0.0)"
    with pytest.raises(ValueError, match=r"nonsense|Invalid format"):
        f"{x:nonsense}"


def test_min_max_sorted_and_sum_work_as_on_floats():
    xs = [Value(3.0), Value(1.0), Value(2.0)]
    assert min(xs) is xs[1]
    assert max(xs, default=None) is xs[0]
    assert [x.data for x in sorted(xs)] == [1.0, 2.0, 3.0]
    total = sum(xs)
    total.backward()
    assert total.data == 6.0
    assert [x.grad for x in xs] == [1.0] * 3


LOSSY = {
    "float": float, "int": int, "complex": complex, "math.sin": math.sin, "math.floor": math.floor,
    "operator.index": operator.index, "range": range, "'%f'": lambda x: "%f" % x,
    "math.fsum": lambda x: math.fsum([x]), "array": lambda x: np.array([x], dtype=float),
}  # fmt: skip


@pytest.mark.parametrize("convert", LOSSY.values(), ids=LOSSY)
def test_losing_the_gradient_is_never_silent(convert):
    x = Value(2.0, label="the weight")
    with pytest.raises(TypeError, match=r"the weight.*autograd\.sin.*\.data"):
        convert(x)
    with pytest.raises(TypeError, match=r"gradient"):
        grad(lambda t: convert(t))(2.0)


def _quadratic_formula(a, b, c):
    root = (b**2 - 4 * a * c) ** 0.5
    return max((-b + root) / (2 * a), (-b - root) / (2 * a)) if root > 0 else -b / (2 * a)


@given(st.floats(0.1, 3), st.floats(-3, 3), st.floats(-3, -0.1))
def test_a_function_written_for_floats_runs_unchanged_and_bit_for_bit(a, b, c):
    assert _quadratic_formula(Value(a), Value(b), Value(c)).data == _quadratic_formula(a, b, c)
    slope = grad(_quadratic_formula, 2)(a, b, c)
    root = _quadratic_formula(a, b, c)
    assert abs(slope + 1 / (2 * a * root + b)) < 1e-9 * abs(slope)  # from F(root, c) = 0


def test_signed_zeros_survive():
    assert math.copysign(1, (-Value(0.0)).data) == -1.0
    assert math.copysign(1, (Value(-0.0) + -0.0).data) == -1.0
    assert math.copysign(1, (Value(-0.0) * 1).data) == -1.0
    assert math.copysign(1, abs(Value(-0.0)).data) == 1.0
    assert math.copysign(1, (+Value(-0.0)).data) == -1.0
    assert math.copysign(1, (0.0 - Value(0.0)).data) == 1.0


ERRORS = [
    (lambda x: 1 / (x - x), ZeroDivisionError),
    (lambda x: x / 0, ZeroDivisionError),
    (lambda x: (x - x) ** -1, ZeroDivisionError),
    (lambda x: (x * 1e200) ** 2, OverflowError),
    (lambda x: autograd.exp(x * 1e3), OverflowError),
    (lambda x: autograd.log(-x), ValueError),
    (lambda x: autograd.sqrt(-x), ValueError),
    (lambda x: autograd.acosh(x * 0), ValueError),
    (lambda x: autograd.lgamma(-x), ValueError),
    (lambda x: (-x) ** 0.5, ValueError),
]


@pytest.mark.parametrize(("f", "kind"), ERRORS)
def test_errors_are_those_of_floats_and_name_the_operands(f, kind):
    x = Value(2.0, label="the input")
    with pytest.raises(kind) as caught:
        f(x)
    assert type(caught.value) is kind
    assert " of " in str(caught.value)
    with pytest.raises(kind):
        f(2.0) if kind is not ValueError else autograd.log(-2.0)


def test_overflow_of_products_is_an_infinity_as_in_floats():
    assert (Value(1e308) * 10).data == math.inf
    assert math.isnan((Value(math.inf) - Value(math.inf)).data)


# --- NumPy ----------------------------------------------------------------------------------------


def _array_of_values(*numbers):
    return np.array([Value(x) for x in numbers], dtype=object)


@pytest.mark.parametrize("name", [
    "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan",
    "arcsin", "arccos",
    "arctan", "sinh", "cosh", "tanh", "arcsinh", "arctanh", "absolute", "negative", "positive",
    "square",
    "reciprocal",
])  # fmt: skip
def test_numpy_functions_on_object_arrays(name):
    xs = _array_of_values(0.25, 0.5)
    ys = getattr(np, name)(xs)
    expected = getattr(np, name)(np.array([0.25, 0.5]))
    assert [y.data for y in ys] == pytest.approx(list(expected), rel=1e-15)
    ys.sum().backward()
    assert all(x.grad != 0.0 for x in xs)


def test_numpy_functions_of_two_arrays_and_of_one_value():
    x, y = _array_of_values(3.0), _array_of_values(4.0)
    assert np.hypot(x, y)[0].data == 5.0
    assert np.arctan2(x, y)[0].data == math.atan2(3.0, 4.0)
    assert np.power(x, 2)[0].data == 9.0
    assert np.maximum(x, y)[0] is y[0]
    assert np.arccosh(x)[0].data == math.acosh(3.0)
    assert np.exp(Value(0.0)).data == 1.0


def test_matrix_times_vector_of_values():
    weights = np.array([[1.0, 2.0], [3.0, 4.0]])
    xs = _array_of_values(0.5, -1.0)
    ys = weights @ xs
    assert [y.data for y in ys] == [-1.5, -2.5]
    ys[1].backward()
    assert [x.grad for x in xs] == [3.0, 4.0]
    nodes = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    assert [y.data for y in nodes @ np.array([0.5, -1.0])] == [-1.5, -2.5]
    assert (xs @ xs).data == 1.25
    assert np.linalg.norm(_array_of_values(3.0, 4.0)).data == 5.0
    assert np.mean(xs).data == -0.25


@pytest.mark.parametrize(
    "f", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
)
def test_numpy_scalars_and_arrays_on_either_side(f):
    x = Value(3.0)
    numbers = np.array([1.0, 2.0])
    assert [y.data for y in f(x, numbers)] == list(f(3.0, numbers))
    assert [y.data for y in f(numbers, x)] == list(f(numbers, 3.0))
    for kind in (np.float64, np.float32, np.int64, np.int32, np.float16):
        for result, truth in ((f(kind(2), x), f(2.0, 3.0)), (f(x, kind(2)), f(3.0, 2.0))):
            assert result.data == truth
            x.zero_grad()
            result.backward()
            assert x.grad != 0.0


def test_a_zero_dimensional_array_that_holds_a_value_is_that_value():
    x, y = Value(3.0), Value(2.0)
    for product in (np.array(y) * x, x * np.array(y)):
        y.zero_grad()
        product.backward()
        assert (product.data, y.grad) == (6.0, 3.0)


def test_comparison_with_an_array_is_elementwise():
    assert list(Value(1.0) == np.array([1.0, 2.0])) == [True, False]
    assert list(Value(1.0) < np.array([1.0, 2.0])) == [False, True]


# --- Micrograd's names ----------------------------------------------------------------------------


def test_names_that_existing_code_asks_for():
    x = Value(2.0)
    y = x * x
    assert set(y._prev) == {x}
    assert (y._op, x._op) == ("*", "")


def test_a_value_may_be_captured_by_functions_differentiated_elsewhere():
    w = Value(3.0)
    slope = grad(lambda x: w * x * x)(2.0)
    slope.backward()
    assert (slope.data, w.grad) == (12.0, 4.0)
    with no_grad():
        constant = grad(lambda x: x * x)(2.0)
    assert constant == 4.0
    (zero,) = gradients(w * 1.0, [Value(0.0)])
    assert zero.data == 0.0


def test_leaves_are_what_a_value_was_computed_from_constants_left_out():
    x, y, unused = Value(2.0, "x"), Value(3.0, "y"), Value(4.0)
    output = (x * 2.0 + y.detach() * x) ** y
    assert [leaf.label for leaf in output.leaves()] == ["x", "y"]
    assert unused.leaves() == [unused]
    assert Value(1.0).detach().leaves() == []
    y.data = 5.0
    with pytest.raises(ValueError, match=r"'y'.*was edited after"):
        output.leaves()


def test_numbers_set_at_once_are_edits_of_each_leaf():
    leaves = values([1.0, 2.0])
    before = [leaf * 2.0 for leaf in leaves]
    set_numbers(leaves, array("d", [3.0, 4.0]))
    assert [leaf.data for leaf in leaves] == [3.0, 4.0]
    for node in before:
        with pytest.raises(ValueError, match="edited"):
            node.backward()
    (leaves[0] * leaves[1]).backward()
    assert [leaf.grad for leaf in leaves] == [4.0, 3.0]


def test_of_numbers_that_cannot_all_be_set_none_is():
    leaves = values([1.0, 2.0])
    product = leaves[0] * leaves[1]
    with pytest.raises(ValueError, match="was computed"):
        set_numbers([leaves[0], product], array("d", [3.0, 4.0]))
    with pytest.raises(ValueError):
        set_numbers(leaves, array("d", [3.0]))
    assert [leaf.data for leaf in leaves] == [1.0, 2.0]
    product.backward()
    assert [leaf.grad for leaf in leaves] == [2.0, 1.0]


def test_gradients_added_at_once_are_added():
    leaves = values([1.0, 2.0])
    leaves[0].grad = 10.0
    add_to_gradients(leaves, array("d", [3.0, 4.0]))
    assert [leaf.grad for leaf in leaves] == [13.0, 4.0]
