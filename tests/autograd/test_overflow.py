"""An adjoint that overflows on the way is an error that names the node, and changes nothing."""

import math

import pytest

import autograd as ag
from autograd import Value
from autograd.reverse import adjoints


def overflowing(w):
    """Return 1e-300 · 1e200 · 1e200: every number is finite, the derivative is 1e400."""
    return w * 1e200 * 1e200


SWEEPS = {
    "backward": lambda output, w: output.backward(),
    "adjoints": lambda output, w: adjoints(output),
    "adjoints_of": lambda output, w: output.adjoints_of([w]),
    "adjoints_of others": lambda output, w: output.adjoints_of([]),
    "gradients": lambda output, w: ag.gradients(output, [w]),
}


@pytest.mark.parametrize("sweep", SWEEPS)
def test_an_overflow_on_the_way_is_an_error_that_names_the_node(sweep):
    w = Value(1e-300, label="w")
    w.grad = 3.0
    output = overflowing(w)
    with pytest.raises(ArithmeticError) as caught:
        SWEEPS[sweep](output, w)
    assert str(caught.value) == (
        "the gradient overflows: mul (data=1e-100) hands its adjoint 1e+200 times its derivative "
        "1e+200 to operand 0, leaf 'w' (data=1e-300); rescale the expression, or compute with "
        "logarithms"
    )
    assert (w.grad, output.grad) == (3.0, 0.0)


@pytest.mark.parametrize("sweep", SWEEPS)
def test_contributions_that_overflow_together(sweep):
    w = Value(1e-10, label="w")
    with pytest.raises(ArithmeticError, match=r"handed to leaf 'w' .* adds up to inf"):
        SWEEPS[sweep](w * 1e308 + w * 1e308, w)


def test_an_overflow_that_ends_in_a_nan():
    w = Value(1e-300, label="w")
    with pytest.raises(ArithmeticError, match="the gradient overflows"):
        (overflowing(w) - overflowing(w)).backward()
    with pytest.raises(ArithmeticError, match="the gradient overflows"):
        overflowing(ag.relu(-w) + 1e-300).backward()
    assert w.grad == 0.0


@pytest.mark.parametrize(
    "f",
    [
        overflowing,
        lambda x: (x * 1e200) * (x * 1e200),
        lambda x: ag.sum([x * 1e200 * 1e200, x]),
        lambda x: ag.sum([x * 1e200 * 1e200, x * math.inf]),
        lambda x: ag.tanh(x * 1e200 * 1e200) * 1e-300 + x * 1e300 * 1e300,
    ],
)
def test_an_overflow_of_the_value_does_not_excuse_that_of_the_gradient(f):
    # All local derivatives on the way are finite; that the value is infinite is another matter.
    for sweep in SWEEPS.values():
        w = Value(1.0, label="w")
        with pytest.raises(ArithmeticError, match="the gradient overflows"):
            sweep(f(w), w)
        assert w.grad == 0.0
    for differentiate in (ag.grad, ag.jacobian, ag.value_and_grad):
        with pytest.raises(ArithmeticError, match="the gradient overflows"):
            differentiate(f)(1.0)
    with pytest.raises(ArithmeticError, match="the derivative overflows"):
        ag.jvp(f, [1.0], [1.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: ag.where(x > 0.0, ag.sqrt(x), 0.0),
        lambda x: ag.relu(ag.sqrt(x)),
        lambda x: ag.sqrt(x) * 0.0,
    ],
)
def test_zero_times_an_infinite_derivative_names_the_way_out(f):
    x = Value(0.0, label="x")
    with pytest.raises(ArithmeticError, match=r"(?s)of sqrt .*0 times infinity.*sqrt\(where\("):
        f(x).backward()
    assert x.grad == 0.0
    ag.where(x > 0.0, ag.sqrt(ag.where(x > 0.0, x, 1.0)), 0.0).backward()  # the way out
    assert x.grad == 0.0


def test_terms_of_an_entropy_at_zero():
    p, q = Value(0.0), Value(0.5)
    with pytest.raises(ArithmeticError, match=r"a derivative of entropy .* undefined"):
        ag.entropy([p, q]).backward()
    assert ag.entropy([0.0, 0.5, 0.5]) == pytest.approx(math.log(2.0))
    assert (ag.xlogy(0.0, 0.0), ag.xlogy(2.0, 3.0)) == (0.0, 2.0 * math.log(3.0))
    weight = Value(0.0)
    ag.xlogy(weight, q).backward()
    assert (weight.grad, q.grad) == (math.log(0.5), 0.0)
    logits = [Value(0.0), Value(-math.inf), Value(0.0)]
    found = ag.softmax_entropy(logits)
    found.backward()
    assert found.data == pytest.approx(math.log(2.0))
    assert [z.grad for z in logits] == [0.0, 0.0, 0.0]


def test_functions_of_functions_say_so_too():
    for differentiate in (ag.grad, ag.jacobian, ag.value_and_grad):
        with pytest.raises(ArithmeticError, match="the gradient overflows"):
            differentiate(overflowing)(1e-300)


def test_of_an_operation_of_many_operands():
    ws = [Value(1e-300, label=f"w{i}") for i in range(5)]
    with pytest.raises(ArithmeticError, match=r"dot .* to operand 0, leaf 'w0'"):
        (ag.dot(ws, [1e200] * 5) * 1e200).backward()
    assert [w.grad for w in ws] == [0.0] * 5


def test_a_large_seed_overflows_and_a_small_one_does_not():
    x = Value(3.0)
    with pytest.raises(ArithmeticError, match="hands its adjoint 1e\\+308 times"):
        (x * x).backward(1e308)
    w = Value(1e-300)
    overflowing(w).backward(1e-200)
    assert (x.grad, w.grad) == (0.0, 1e200)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x * math.inf, math.inf),
        (lambda x: x * math.inf * 1e200, math.inf),
        (lambda x: x * math.nan, math.nan),
        (lambda x: ag.sum([x * math.inf, x]), math.inf),
        (lambda x: ag.exp(x * math.inf), math.inf),
    ],
)
def test_where_the_numbers_themselves_are_not_finite_floats_go_on(f, expected):
    x = Value(1.0)
    f(x).backward()
    assert x.grad == pytest.approx(expected, nan_ok=True)
    assert ag.grad(f)(1.0) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("seed", [math.inf, -math.inf, math.nan])
def test_a_seed_that_is_not_finite_goes_on_as_floats_do(seed):
    x = Value(2.0)
    (x * 3.0).backward(seed)
    assert x.grad == pytest.approx(seed, nan_ok=True)


def test_large_but_finite_is_right():
    x = Value(1e-150)
    (x * 1e154 * 1e154).backward()
    assert x.grad == 1e308
