"""The sweep: backward, adjoints, gradients as graphs; depth, sharing, freeing."""

from __future__ import annotations

import copy
import gc
import math
import pickle
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, gradients, jvp, no_grad
from autograd.primitives import RULES
from autograd.reverse import adjoints, local_derivatives, times
from tests.shallow import DEEP, on_a_small_stack

# --- Small graphs, by hand ------------------------------------------------------------------------


def test_shared_operands_count_once_for_each_use():
    x = Value(3.0)
    (x * x).backward()
    assert x.grad == 6.0
    x.zero_grad()
    (x + x + x).backward()
    assert x.grad == 3.0
    x.zero_grad()
    (x / x).backward()
    assert x.grad == 0.0
    x.zero_grad()
    autograd.dot([x, x], [x, 2.0], x).backward()
    assert x.grad == 2 * 3.0 + 2.0 + 1.0


def test_order_matters_the_popular_port_that_drops_it_gets_eight():
    x = Value(1.0)
    a = 2 * x
    b = 3 * a
    c = b + a
    c.backward()
    assert (a.grad, x.grad) == (4.0, 8.0)


def test_leaves_accumulate_and_computed_nodes_do_not():
    x = Value(3.0)
    square = x * x
    output = square + x
    for calls in (1, 2, 3):
        output.backward()
        assert x.grad == 7.0 * calls
        assert (square.grad, output.grad) == (1.0, 1.0)
    x.zero_grad()
    assert x.grad == 0.0
    output.backward()
    assert x.grad == 7.0


def test_two_outputs_over_one_graph():
    x = Value(2.0)
    shared = x * x
    first, second = shared * 3.0, shared.exp()
    first.backward()
    second.backward()
    assert shared.grad == math.exp(4.0)
    assert x.grad == 12.0 + 4.0 * math.exp(4.0)


def test_backward_from_a_leaf_and_with_a_seed():
    x = Value(5.0)
    x.backward()
    assert x.grad == 1.0
    (x * 3).backward(seed=Fraction(1, 2))
    assert x.grad == 2.5
    with pytest.raises(TypeError, match="seed"):
        (x * 3).backward("1")
    assert x.grad == 2.5


def test_backward_from_a_constant_is_an_error_that_says_why():
    x = Value(2.0, label="x")
    with no_grad():
        output = x * x
    for constant in (output, x.detach(), (x * x).detach()):
        with pytest.raises(ValueError, match=r"constant.*no_grad"):
            constant.backward()
    assert x.grad == 0.0


def test_an_edit_below_a_recorded_graph_is_noticed():
    x, y = Value(3.0, label="the edited one"), Value(4.0)
    output = x * y + y
    x.data = 5.0
    for differentiate in (
        output.backward,
        lambda: gradients(output, [y]),
        lambda: adjoints(output),
    ):
        with pytest.raises(ValueError, match=r"the edited one.*edited after"):
            differentiate()
    assert (x.grad, y.grad) == (0.0, 0.0)
    (x * y + y).backward()
    assert (x.grad, y.grad) == (4.0, 6.0)


def test_the_training_loop_of_every_tutorial_is_no_stale_edit():
    w = Value(4.0)
    for _ in range(50):
        loss = (w - 1.0) ** 2
        w.zero_grad()
        loss.backward()
        w.data -= 0.1 * w.grad
    assert abs(w.data - (1.0 + 3.0 * 0.8**50)) < 1e-12


def test_an_edit_elsewhere_does_not_disturb():
    x, other = Value(3.0), Value(1.0)
    output = x * x
    other.data = 2.0
    output.backward()
    assert x.grad == 6.0


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_a_copy_of_a_stale_graph_is_stale(copied):
    x = Value(3.0)
    output = x * x
    x.data = 5.0
    with pytest.raises(ValueError, match="edited"):
        copied(output).backward()
    fresh = x * x
    copied(fresh).backward()


def test_editing_the_copy_of_a_leaf_makes_only_the_copy_stale():
    x = Value(3.0)
    output = x * x
    copied = copy.deepcopy(output)
    copied.parents[0].data = 7.0
    with pytest.raises(ValueError, match="edited"):
        copied.backward()
    output.backward()
    assert x.grad == 6.0


# --- Adjoints and local derivatives ---------------------------------------------------------------


def test_local_derivatives_are_by_operand_and_none_for_constants():
    x, y = Value(2.0), Value(5.0)
    assert list(local_derivatives(x * y)) == [5.0, 2.0]
    assert list(local_derivatives(x * x)) == [2.0, 2.0]
    assert list(local_derivatives(x**3)) == [12.0, None]
    assert list(local_derivatives(autograd.dot([x, 1.0], [3.0, y], 7.0))) == [
        3.0,
        None,
        None,
        1.0,
        None,
    ]
    assert list(local_derivatives(x)) == []


def test_adjoints_write_nothing_and_hold_every_node_that_is_not_constant():
    x, y = Value(2.0), Value(5.0)
    product = x * y
    output = product + 1.0
    found = adjoints(output)
    assert found == {output: 1.0, product: 1.0, x: 5.0, y: 2.0}
    assert [node.grad for node in (x, y, product, output)] == [0.0] * 4
    assert adjoints(output, seed=-2.0)[x] == -10.0


def test_an_interior_node_may_be_an_input_of_gradients():
    x = Value(0.5)
    middle = x.sin()
    output = middle * middle + x
    of_middle, of_x = gradients(output, [middle, x])
    assert of_middle.data == 2 * math.sin(0.5)
    assert abs(of_x.data - (2 * math.sin(0.5) * math.cos(0.5) + 1)) < 1e-15


def test_gradients_touch_no_grad_and_give_zero_where_nothing_depends():
    x, y, unrelated = Value(2.0), Value(3.0), Value(4.0)
    output = x * y
    found = gradients(output, [x, y, unrelated, output, x])
    assert [g.data for g in found] == [3.0, 2.0, 0.0, 1.0, 3.0]
    assert all(node.grad == 0.0 for node in (x, y, unrelated, output))
    assert gradients(output, []) == []
    with pytest.warns(autograd.LostGradientWarning):
        assert gradients(x.detach(), [x])[0].data == 0.0


def test_gradients_can_be_differentiated_by_backward():
    x = Value(2.0)
    (slope,) = gradients(x**3, [x])
    slope.backward()
    assert x.grad == 12.0


def test_gradients_refuse_what_is_no_value():
    x = Value(1.0)
    with pytest.raises(TypeError, match="Value as output, got 3"):
        gradients(3.0, [x])
    with pytest.raises(TypeError, match=r"got 3.0 at inputs\[1\]"):
        gradients(x * x, [x, 3.0])
    with pytest.raises(TypeError, match="Value"):
        gradients(x * x, x)


# --- Exact on polynomials: rationals are the judge ------------------------------------------------


class Rational:
    """A graph of exact numbers: value, and derivative by every input, by the rules of school."""

    def __init__(self, value: Fraction, slopes: dict[int, Fraction]) -> None:
        self.value, self.slopes = value, slopes

    def _merge(self, other: Rational, of_mine: Fraction, of_other: Fraction, value: Fraction):
        names = self.slopes.keys() | other.slopes.keys()
        mine, others = self.slopes.get, other.slopes.get
        return Rational(
            value,
            {n: mine(n, Fraction(0)) * of_mine + others(n, Fraction(0)) * of_other for n in names},
        )

    def __add__(self, other):
        return self._merge(other, Fraction(1), Fraction(1), self.value + other.value)

    def __sub__(self, other):
        return self._merge(other, Fraction(1), Fraction(-1), self.value - other.value)

    def __mul__(self, other):
        return self._merge(other, other.value, self.value, self.value * other.value)


STEPS = st.lists(
    st.tuples(st.sampled_from("+-*"), st.integers(0, 99), st.integers(0, 99)),
    min_size=1,
    max_size=7,
)


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=4), STEPS)
def test_random_polynomial_graphs_are_exact_in_every_mode(inputs, steps):
    operations = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}

    def build(nodes):
        nodes = list(nodes)
        for symbol, left, right in steps:
            a, b = nodes[left % len(nodes)], nodes[-1 - right % len(nodes)]
            nodes.append(operations[symbol](a, b))
        return nodes[-1]

    exact = build([Rational(Fraction(x), {i: Fraction(1)}) for i, x in enumerate(inputs)])
    if max(map(abs, [exact.value, *exact.slopes.values()])) >= 2**45:
        return  # the sum of a few such products could leave the whole numbers that floats hold
    truth = [float(exact.slopes.get(i, 0)) for i in range(len(inputs))]

    leaves = [Value(x) for x in inputs]
    output = build(leaves)
    assert output.data == exact.value
    output.backward()
    assert [leaf.grad for leaf in leaves] == truth
    assert [slope.data for slope in gradients(output, leaves)] == truth
    for i in range(len(inputs)):
        tangent = jvp(lambda *xs: build(xs), inputs, [float(i == j) for j in range(len(inputs))])[1]
        assert tangent == truth[i]


# --- Deep, wide, and many paths -------------------------------------------------------------------


def _holders(node) -> int:
    return sys.getrefcount(node)


@pytest.fixture
def collector_off():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("collector_off")
def test_a_deep_chain_records_differentiates_copies_pickles_and_frees():
    assert sys.getrecursionlimit() <= 1000
    on_a_small_stack(lambda: _deep_chain(DEEP))


def _deep_chain(size):
    x = Value(1.0)
    alone = _holders(x)
    output = x
    for _ in range(size):
        output = output + 1.0
    output.backward()
    assert (output.data, x.grad) == (size + 1.0, 1.0)

    twin = copy.deepcopy(output)
    assert (twin.data, twin.op, twin is output) == (size + 1.0, "+", False)
    del twin

    written = pickle.dumps(output)
    read = pickle.loads(written)
    del written
    assert (read.data, read.parents[0].data) == (size + 1.0, float(size))
    del read

    assert _holders(x) > alone
    del output
    assert _holders(x) == alone, "the graph did not die with its output"


@pytest.mark.usefixtures("collector_off")
def test_gradients_of_a_deep_chain_are_a_graph_as_deep():
    x = Value(1.0)
    alone = _holders(x)
    output = x
    for _ in range(20_000):
        output = output.sin()
    (slope,) = gradients(output, [x])
    (curvature,) = gradients(slope, [x])
    assert 0.0 < slope.data < 1.0
    assert math.isfinite(curvature.data)
    assert jvp(lambda t: _sines(t, 20_000), (1.0,), (1.0,)) == (
        output.data,
        pytest.approx(slope.data),
    )
    del output, slope, curvature
    assert _holders(x) == alone


def _sines(x, count):
    for _ in range(count):
        x = autograd.sin(x)
    return x


@pytest.mark.usefixtures("collector_off")
def test_a_sum_of_a_hundred_thousand_numbers_is_one_node():
    xs = [Value(float(i)) for i in range(100_000)]
    alone = _holders(xs[0])
    output = autograd.sum(xs)
    output.backward()
    width, total = len(output.parents), output.data
    del output
    left = _holders(xs[0])  # not inside the assert, which would hold xs[0] once more
    assert left == alone, "the graph did not die with its output"
    assert (width, total) == (100_000, 100_000 * 99_999 / 2)
    assert {x.grad for x in xs} == {1.0}


def test_a_wide_sum_of_squares_by_dot():
    xs = [Value(float(i)) for i in range(50_000)]
    autograd.dot(xs, xs).backward()
    assert [x.grad for x in xs] == [2.0 * i for i in range(50_000)]


def test_two_to_the_sixty_paths():
    x = Value(1.0)
    output = x
    for _ in range(60):
        output = output + output
    output.backward()
    assert x.grad == 2.0**60
    assert gradients(output, [x])[0].data == 2.0**60
    assert jvp(lambda t: _doubled(t, 60), (1.0,), (1.0,))[1] == 2.0**60


def test_stacked_diamonds_of_different_halves():
    x = Value(0.5)
    output = x
    for _ in range(60):
        output = output * 0.75 + output.sin() * 0.25
    output.backward()
    value, slope = 0.5, 1.0
    for _ in range(60):
        slope *= 0.75 + math.cos(value) * 0.25
        value = value * 0.75 + math.sin(value) * 0.25
    assert abs(output.data - value) < 1e-14
    assert abs(x.grad - slope) < 1e-14


def _doubled(x, count):
    for _ in range(count):
        x = x + x
    return x


def test_no_reference_cycles_are_left_behind():
    def work():
        x, y = Value(0.5, label="x"), Value(2.0)
        output = autograd.softmax([x * y, autograd.tanh(x), autograd.dot([x, y], [y, 1.0])])[0]
        output.backward()
        output.backward()
        gradients(gradients(output, [x])[0], [x, y])
        copy.deepcopy(output)
        pickle.loads(pickle.dumps([output, x]))
        autograd.grad(autograd.grad(lambda t: t**3))(2.0)
        autograd.hessian(lambda v: v[0] * v[1] ** 2)([1.0, 2.0])
        autograd.hvp(lambda v: v[0] * v[1] ** 2, ([1.0, 2.0],), ([1.0, 0.0],))
        with no_grad():
            x * y
        repr(output), f"{x:.2f}"

    work()
    gc.collect()
    gc.disable()
    try:
        work()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_gradient_is_never_a_node_that_the_user_already_holds():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    found = gradients(a * b, [a, b])
    assert [g.data for g in found] == [3.0, 2.0]
    assert not any(g is node for g in found for node in (a, b))
    for parameter, slope in zip([a, b], found, strict=True):
        parameter.data -= 0.1 * slope.data
    assert (a.data, b.data) == (1.7, 2.8)


def test_products_with_nothing_one_and_minus_one_are_not_recorded():
    x = Value(3.0)
    for product in (lambda factor: times(factor, x), lambda factor: times(x, factor)):
        assert product(0.0) == 0.0
        assert product(1.0) is x
        assert product(-1.0).primitive is RULES["neg"]
        assert product(2.0).primitive is RULES["mul"]


@pytest.mark.parametrize("f", [
    lambda a, b: -a * b,
    lambda a, b: autograd.maximum(-a, b),
    lambda a, b: autograd.logaddexp(b, a - a),
    lambda a, b: autograd.softmax_shift([-a, b]),
    lambda a, b: (a - b) ** 3,
])  # fmt: skip
def test_a_derivative_that_is_a_node_has_the_zero_of_one_that_is_a_number(f):
    for derived in (autograd.grad(f, (0, 1)), autograd.hessian(f, (0, 1))):
        for point in ((1.0, 1.0), (0.0, 1.0), (1.0, 0.0), (-0.0, -0.0)):
            numbers = flat(derived(*point))
            nodes = flat(derived(*map(Value, point)))
            assert list(map(repr, nodes)) == list(map(repr, numbers))
            assert "-0.0" not in map(repr, nodes)


def flat(found):
    if type(found) is tuple:
        return [x for part in found for x in flat(part)]
    return [found.data if isinstance(found, Value) else found]
