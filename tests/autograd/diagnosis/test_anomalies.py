"""The first number that is not finite: which node, from which operands, on which line."""

import math
import re
import threading

import pytest

import autograd as ag
from autograd import Primitive, Value
from autograd.diagnosis.anomalies import AnomalyError, blame, detect_anomaly


def test_the_first_bad_value_is_blamed_not_the_last():
    x = Value(1e200, label="x")
    square = x * x
    output = ag.tanh(square) + square * 0.0
    found = blame(output)
    assert found.kind == "value"
    assert found.node is square
    assert [operand.label for operand in found.operands] == ["x", "x"]
    assert found.paths == 2
    assert found.path[0] is square
    assert found.path[-1] is output
    assert "it travelled * → * → +, one of 2 paths" in str(found)


def test_an_infinity_that_ends_on_the_way_is_followed_to_where_it_ends():
    square = Value(1e200) * 1e200
    assert blame(1.0 / square).path == (square,)


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_leaf_or_constant_that_is_not_finite_is_blamed_itself(number):
    x = Value(number, label="x")
    found = blame(x + 1.0)
    assert found.node is x
    assert "leaf 'x'" in str(found)
    assert "was given" in str(found)
    assert "entered the graph as a number" in str(blame(Value(1.0) + number))


def test_the_source_line_is_named():
    with detect_anomaly():
        x = Value(1e200)
        y = x * x  # the line to blame
    assert "test_anomalies.py" in blame(y + 1.0).location
    assert blame(y + 1.0).location == y.location


def test_a_gradient_that_overflows_on_the_way_down():
    w, x = Value(1e-200, label="w"), Value(1e200, label="x")
    scaled = (w * x) * 1e200  # d/dw = 1e400
    found = blame(scaled * 1.0)
    assert found.kind == "gradient"
    assert found.node.op == "*"
    assert found.path[-1] is w
    assert found.number == math.inf
    assert "hands its adjoint 1e+200 times its derivative 1e+200" in str(found)


def test_a_derivative_that_does_not_exist():
    x = Value(0.0, label="x")
    found = blame(ag.sqrt(x) + 1.0)
    assert found.kind == "gradient"
    assert found.node.op == "sqrt"
    assert found.paths == 1
    assert "infinite or undefined" in str(found)


def test_contributions_that_add_up_to_an_infinity():
    x = Value(1.0, label="x")
    found = blame(ag.sum([x * 1e308, x * 1e308]))
    assert (found.kind, found.node.op) == ("value", "sum")
    y = Value(1e-10)
    found = blame(y * 1e308 + y * 1e308)
    assert (found.kind, found.node, found.number) == ("gradient", y, math.inf)
    assert "what is handed to leaf (data=1e-10) adds up to inf" in str(found)


def test_nothing_to_blame():
    x = Value(2.0)
    found = blame(ag.exp(x) * x)
    assert not found
    assert re.fullmatch(r"nothing to blame: the graph of mul \(.*\) is finite, 3 nodes", str(found))
    assert "nothing to blame" in found._repr_html_()
    assert not blame(x.detach())


def test_the_watch_passes_what_is_finite_and_raises_what_is_not():
    with detect_anomaly() as watch:
        x = Value(3.0)
        assert watch(x * x).data == 9.0
        with pytest.raises(AnomalyError, match="first gradient that is not finite") as caught:
            watch(ag.sqrt(x - 3.0))
    assert caught.value.anomaly.node.op == "sqrt"
    assert isinstance(caught.value, ArithmeticError)


# Each differentiates `output` by `x` in one way.
SWEEPS = {
    "backward": lambda output, x: output.backward(),
    "adjoints_of": lambda output, x: output.adjoints_of([x]),
    "gradients": lambda output, x: ag.gradients(output, [x]),
}
GRAPHS = {
    "an infinite value": (lambda x: ag.tanh(x * 1e200 * 1e200), 1.0, "value", "mul"),
    "a NaN that a product with 0 hides": (
        lambda x: ag.where(x * 0.0, x * math.inf * 0.0, x),
        1.0,
        "value",
        "inf",
    ),
    "an infinite derivative": (lambda x: ag.sqrt(x), 0.0, "gradient", "sqrt"),
    "an overflow on the way down": (lambda x: x * 1e200 * 1e200, 1e-300, "gradient", "mul"),
}


@pytest.mark.parametrize("sweep", SWEEPS)
@pytest.mark.parametrize("name", GRAPHS)
def test_every_sweep_of_the_block_refuses_what_is_not_finite(name, sweep):
    f, point, kind, said = GRAPHS[name]
    x = Value(point, label="x")
    x.grad = 7.0
    with detect_anomaly():
        output = f(x)  # the line to blame
        with pytest.raises(AnomalyError, match=said) as caught:
            SWEEPS[sweep](output, x)
    assert caught.value.anomaly.kind == kind
    assert x.grad == 7.0


def test_grad_and_its_like_are_watched_too():
    with detect_anomaly():
        for differentiate in (ag.grad, ag.value_and_grad, ag.hessian):
            with pytest.raises(AnomalyError, match=r"recorded at .*test_anomalies\.py"):
                differentiate(lambda x: ag.tanh(x * x))(1e200)


@pytest.mark.parametrize("seed", [math.inf, math.nan])
def test_a_seed_that_is_not_finite(seed):
    x = Value(2.0)
    with detect_anomaly(), pytest.raises(AnomalyError, match="the seed of the sweep was given"):
        (x * x).backward(seed)
    assert x.grad == 0.0


def test_a_seed_that_makes_a_gradient_overflow():
    x = Value(2.0)
    with detect_anomaly():
        (x * x).backward(1e300)
        assert x.grad == 4e300
        with pytest.raises(AnomalyError, match=r"hands its adjoint 1e\+308 times its derivative 2"):
            (x * x).backward(1e308)


def test_what_is_finite_is_differentiated_as_ever():
    x = Value(3.0)
    with detect_anomaly():
        (x * x).backward()
        assert ag.grad(lambda y: y**3)(2.0) == 12.0
        assert [g.data for g in ag.gradients(x * x, [x])] == [6.0]
    assert x.grad == 6.0


def test_the_block_ends_and_nests_and_is_of_one_thread():
    x = Value(1e200)

    def is_watched():
        try:
            ag.tanh(x * x).backward()
        except AnomalyError:
            return True
        return False

    elsewhere = []
    with detect_anomaly():
        with detect_anomaly():
            assert is_watched()
        assert is_watched()
        thread = threading.Thread(target=lambda: elsewhere.append(is_watched()))
        thread.start()
        thread.join()
    assert elsewhere == [False]
    assert not is_watched()


def test_as_a_decorator():
    @detect_anomaly()
    def step(number):
        x = Value(number)
        ag.tanh(x * x).backward()
        return x.grad

    assert step(0.5) == pytest.approx(1.0 - math.tanh(0.25) ** 2)
    with pytest.raises(AnomalyError):
        step(1e200)
    assert step(0.5) == pytest.approx(1.0 - math.tanh(0.25) ** 2)


def test_more_paths_than_python_prints():
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        y = y * y
    assert "more than 10^6020 paths" in str(blame(ag.sqrt(y - 1.0)))


def test_an_error_in_the_block_names_the_line():
    with (
        pytest.raises(ValueError, match=r"in log of sub .*recorded at .*test_anomalies\.py"),
        detect_anomaly(),
    ):
        ag.log(Value(1.0) - 2.0)


def test_a_primitive_of_ones_own_that_returns_nan_is_blamed():
    broken = Primitive("broken", lambda x: math.nan, (lambda out, x: 1.0,))
    found = blame(broken(Value(1.0)) + 1.0)
    assert found.node.op == "broken"
    assert math.isnan(found.number)


def test_a_million_nodes():
    x = Value(1.0)
    y = x * math.inf
    for _ in range(100_000):
        y = y + 1.0
    found = blame(y)
    assert found.node.is_constant
    assert len(found.path) == 100_002
    assert len(str(found)) < 1000


@pytest.mark.parametrize("thing", [1.0, None, [Value(1.0)]])
def test_only_values_can_be_blamed(thing):
    with pytest.raises(TypeError, match="needs a Value"):
        blame(thing)
