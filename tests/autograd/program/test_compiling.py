"""Compiled programs against eager code: the same bits, the same errors, every branch."""

from __future__ import annotations

import math
import random
import warnings

import pytest

import autograd
import nn
from autograd import Value, grad, hessian, jacobian, primitives, value_and_grad
from autograd.primitives import RULES
from autograd.program.compiling import compile

CONSTANTS = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 3.0, 4.0, -2.0, 0.1]
NO_DERIVATIVE = {"polygamma", "power_derivative"}


def random_function(source, arguments):
    """A function of some numbers: random operations of earlier results and of constants."""
    steps = []
    for _ in range(source.randint(3, 14)):
        operation = source.choice(
            [rule for name, rule in RULES.items() if name not in NO_DERIVATIVE]
        )
        arity = operation.arity if operation.arity > 0 else source.randint(1, 9)
        operands = [
            source.choice(CONSTANTS) if source.random() < 0.25 else source.randrange(100)
            for _ in range(arity)
        ]
        steps.append((operation, operands))

    def f(*xs):
        numbers = list(xs)
        for operation, operands in steps:
            chosen = [x if type(x) is float else numbers[-1 - x % len(numbers)] for x in operands]
            numbers.append(operation.apply(chosen))
        # Everything counts: what no result needs is dropped, and cannot fail any more.
        return primitives.sum(numbers)

    return f


def data(result):
    return result.data if isinstance(result, Value) else result


def outcome(function, *arguments):
    """What a call gives, or the kind of error it raises."""
    try:
        return function(*arguments)
    except (ArithmeticError, ValueError) as error:
        return type(error)


def bits(tree):
    """Numbers by their bits: nan is like nan, and 0.0 is not -0.0."""
    if isinstance(tree, (tuple, list)):
        return [bits(item) for item in tree]
    return tree.hex() if type(tree) is float else tree


@pytest.mark.parametrize("seed", range(40))
def test_random_functions_give_the_bits_and_the_errors_of_eager_code(seed):
    source = random.Random(seed)
    finite = 0
    for _ in range(12):
        arguments = source.randint(1, 3)
        f = random_function(source, arguments)
        program = compile(f)
        for _ in range(3):
            point = [source.choice([source.gauss(0.0, 2.0), *CONSTANTS]) for _ in range(arguments)]
            values = [Value(x) for x in point]
            expected = outcome(lambda *xs: data(f(*xs)), *values)  # noqa: B023
            assert bits(outcome(program, *point)) == bits(expected), point
            positions = tuple(range(arguments))
            expected = outcome(value_and_grad(f, positions), *point)
            if arguments == 1 and type(expected) is tuple:
                expected = (expected[0], expected[1][0])
            found = outcome(program.value_and_grad, *point)
            assert bits(found) == bits(expected), point
            finite += type(found) is tuple
    assert finite


def smooth(x, y):
    return autograd.exp(x * y) * autograd.tanh(y) + x**3 / (1.0 + y * y)


@pytest.mark.parametrize(
    "f",
    [smooth, grad(smooth), grad(smooth, (0, 1)), hessian(smooth, (0, 1)), grad(grad(smooth)),
     jacobian(lambda x, y: [x * y, autograd.sin(x)], (0, 1)),
     lambda x, y: autograd.jvp(smooth, (x, y), (1.0, 2.0)),
     lambda x, y: autograd.hvp(smooth, (x, y), (y, x)),
     lambda x, y: {"sum": x + y, "both": [x, (y, 1.0)]}],
    ids=range(9),
)  # fmt: skip
def test_any_composition_compiles(f):
    program = compile(f)
    for point in [(0.5, -1.5), (1.25, 0.75)]:
        assert program(*point) == f(*point)
    assert len(program.variants) == 1


def test_a_compiled_gradient_can_be_differentiated_again():
    program = compile(grad(lambda x: x**4))
    assert program.value_and_grad(2.0) == (32.0, 48.0)


def test_structures_of_arguments_and_results():
    program = compile(lambda p, xs: autograd.dot(p["w"], xs, p["b"]))
    p, xs = {"w": [1.0, 2.0], "b": 3.0}, (4.0, 5.0)
    assert program(p, xs) == 17.0
    assert program.value_and_grad(p, xs) == (17.0, ({"w": [4.0, 5.0], "b": 1.0}, (1.0, 2.0)))
    assert program({"w": [1.0], "b": 0.0}, [7.0]) == 7.0
    assert len(program.variants) == 2


def piecewise(x, y):
    if x > y:
        return autograd.log(x - y)
    if x >= 0.0:
        return x * y
    return abs(x) if y != 1.0 else -y


def test_every_branch_is_the_function_s_own():
    program = compile(piecewise)
    source = random.Random(1)
    for _ in range(300):
        x, y = source.gauss(0.0, 1.0), source.choice([1.0, source.gauss(0.0, 1.0)])
        assert program(x, y) == piecewise(Value(x), Value(y)).data
        assert program.value_and_grad(x, y) == value_and_grad(piecewise, (0, 1))(x, y)
    assert len(program.variants) == 4


def test_builtins_that_compare_are_branches():
    program = compile(lambda *xs: max(xs) - min(xs) + sorted(xs)[1])
    for xs in [(1.0, 2.0, 3.0), (3.0, 1.0, 2.0), (2.0, 2.0, 1.0)]:
        assert program(*xs) == max(xs) - min(xs) + sorted(xs)[1]


def test_the_truth_of_a_value_is_a_branch():
    program = compile(lambda x: 1.0 / x if x else x)
    assert [program(2.0), program(0.0), program(4.0)] == [0.5, 0.0, 0.25]


@pytest.mark.parametrize(
    "f",
    [lambda x: x * x.data, lambda x: x * x.detach(), lambda x: x * math.floor(x.data)],
    ids=["data", "detach", "floor"],
)
def test_a_number_taken_out_of_the_graph_is_never_frozen(f):
    program = compile(f)
    for x in (2.5, 3.5, 2.5, -1.0):
        assert program(x) == f(Value(x)).data
        assert program.value_and_grad(x)[1] == grad(f)(x)


def test_no_grad_inside_a_function_is_never_frozen():
    def f(x):
        with autograd.no_grad():
            square = x * x
        return square * x

    program = compile(f)
    assert [program(2.0), program(3.0)] == [8.0, 27.0]
    assert program.value_and_grad(3.0) == (27.0, 9.0)


def test_too_many_ways_are_reported_and_stay_right():
    program = compile(lambda x: x * x.data)
    with pytest.warns(RuntimeWarning, match="different ways"):
        assert [program(float(x)) for x in range(20)] == [float(x * x) for x in range(20)]
    assert len(program.variants) == 16


def test_captured_values_are_read_at_every_call():
    w, b = Value(2.0, "w"), Value(1.0, "b")
    program = compile(lambda x: w * x + b)
    assert program(3.0) == 7.0
    w.data = 10.0
    assert program(3.0) == 31.0
    assert program.parameters == [w, b]
    assert [parameter.label for parameter in program.parameters] == ["w", "b"]


def test_backward_adds_to_the_gradients_of_captured_values():
    model = nn.MLP(3, [5, 4, 1], seed=3, activation="tanh")
    program = compile(lambda x, y: (model(x) - y) ** 2)
    x, y = [0.5, -1.0, 2.0], 0.25
    for _ in range(2):
        loss = program.backward(x, y)
    found = [parameter.grad for parameter in model.parameters()]
    model.zero_grad()
    for _ in range(2):
        eager = (model(x) - y) ** 2
        eager.backward()
    assert (loss, found) == (eager.data, [parameter.grad for parameter in model.parameters()])


def test_a_computed_value_from_outside_is_followed_to_its_leaves():
    w = Value(2.0)
    square = w * w
    program = compile(lambda x: square * x)
    assert program(3.0) == 12.0
    assert program.backward(3.0) == 12.0
    assert w.grad == 12.0


def test_values_as_arguments_stay_differentiable():
    program = compile(smooth)
    x = Value(0.5)
    program(x, 2.0).backward()
    assert x.grad == grad(smooth)(0.5, 2.0)
    assert grad(program)(0.5, 2.0) == grad(smooth)(0.5, 2.0)
    assert compile(grad(program))(0.5, 2.0) == grad(smooth)(0.5, 2.0)


# --- Recorded graphs ------------------------------------------------------------------------------


def test_a_graph_compiles_with_its_inputs_and_the_other_leaves_as_parameters():
    w, x = Value(2.0, "w"), Value(5.0, "x")
    program = compile({"line": w * x + 1.0, "square": x * x}, inputs=[x])
    assert program(3.0) == {"line": 7.0, "square": 9.0}
    w.data = 4.0
    assert program(3.0) == {"line": 13.0, "square": 9.0}


def test_parameters_of_a_graph_in_the_order_given():
    a, b, x = Value(2.0), Value(3.0), Value(5.0)
    program = compile((a * x + b) ** 2, inputs=[x], parameters=[b, a])
    assert program.parameters == [b, a]
    assert program.backward(1.0) == 25.0
    assert (a.grad, b.grad) == (10.0, 10.0)


def test_only_listed_parameters_are_differentiated_and_all_are_read():
    a, b = Value(2.0), Value(3.0)
    for program in (
        compile(lambda x: a * x + b, parameters=[b]),
        compile(a * b * 0.0 + b, [], [b]),
    ):
        arguments = [5.0] * (program.name != "program")
        program.backward(*arguments)
        assert (a.grad, program.parameters) == (0.0, [b])
    b.zero_grad()
    program = compile(lambda x: a * x + b, parameters=[b])
    assert program.backward(5.0) == 13.0
    a.data = 10.0
    assert program.backward(5.0) == 53.0
    assert (a.grad, b.grad) == (0.0, 2.0)


def test_lists_of_leaves_are_arguments():
    xs, y = autograd.values([1.0, 2.0]), Value(3.0, "y")
    program = compile(autograd.dot(xs, [y, y]), inputs=[xs, y])
    assert program([10.0, 20.0], 2.0) == 60.0
    assert program.value_and_grad([10.0, 20.0], 2.0) == (60.0, ([2.0, 2.0], 30.0))


def test_branches_of_a_graph_are_frozen():
    x = Value(2.0)
    program = compile(autograd.log(x) if x > 1.0 else x, inputs=[x])
    assert program(0.5) == math.log(0.5)


def test_a_graph_stays_differentiable_on_values():
    w, x = Value(2.0), Value(5.0)
    program = compile(w * x**2, inputs=[x])
    z = Value(3.0)
    program(z).backward()
    assert (z.grad, w.grad) == (12.0, 9.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: compile(3.0, [x]), TypeError, "function or a recorded graph"),
        (lambda x: compile(x * x, inputs=x), TypeError, r"write \[x\]"),
        (lambda x: compile(x * x, inputs=[x, x]), ValueError, "named twice"),
        (lambda x: compile(x * x, inputs=[x * x]), ValueError, "leaves of the graph"),
        (lambda x: compile(x * x, inputs=[1.0]), TypeError, "leaves of the graph, got 1.0"),
        (lambda x: compile(lambda y: y, inputs=[x]), TypeError, "belong to a recorded graph"),
        (lambda x: compile(lambda y: y, parameters=[x, 1.0]), TypeError, "got 1.0 at 1"),
        (lambda x: compile(x * x, [x], uniform=(0,)), TypeError, "belongs to a function"),
        (lambda x: compile(lambda y: y, uniform=3), ValueError, "uniform has 3"),
    ],
)
def test_what_cannot_be_compiled_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(Value(2.0, "x"))


def test_an_edited_leaf_is_reported():
    x = Value(2.0, "x")
    y = x * x
    x.data = 3.0
    with pytest.raises(ValueError, match="edited after"):
        compile(y, [x])


# --- Errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "point", "error"),
    [
        (lambda x: 1.0 / x, 0.0, ZeroDivisionError),
        (lambda x: autograd.exp(x) * 0.0, 1000.0, OverflowError),
        (lambda x: 1.0 / autograd.exp(x), 1000.0, OverflowError),
        (autograd.log, -1.0, ValueError),
        (lambda x: autograd.sin(x), math.inf, ValueError),
        (lambda x: x ** (1.0 / 3.0), -8.0, ValueError),
        (autograd.lgamma, -2.0, ValueError),
    ],
)
def test_a_point_that_fails_fails_as_eager_code_does(f, point, error):
    program = compile(f)
    assert math.isfinite(program(0.75))
    with pytest.raises(error) as found:
        program(point)
    with pytest.raises(error) as expected:
        f(Value(point, "x"))
    assert str(found.value) == str(expected.value)
    assert "x" in str(found.value)
    assert math.isfinite(program(0.75))


def test_an_infinite_derivative_is_an_error_that_names_the_node():
    program = compile(autograd.sqrt)
    assert program(0.0) == 0.0
    with pytest.raises(ArithmeticError, match="infinite or undefined"):
        program.value_and_grad(0.0)


def test_what_floats_let_pass_passes():
    program = compile(lambda x: x * 1e308)
    assert program(10.0) == math.inf
    assert program(-math.inf) == -math.inf


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((1.0,), TypeError, r"smooth\(x, y\) takes 2 arguments, got 1"),
        ((1.0, 2.0, 3.0), TypeError, "takes 2 arguments, got 3"),
        ((1.0, "2"), TypeError, "'2'"),
        ((1.0, None), TypeError, "None"),
        ((1.0, 1j), TypeError, "1j"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    program = compile(smooth)
    for _ in range(2):
        with pytest.raises(error, match=message):
            program(*arguments)
        with pytest.raises(error, match=message):
            program.value_and_grad(*arguments)
        program(1.0, 2.0)


def test_other_structures_are_recorded_for_themselves_or_refused():
    total = compile(lambda xs: autograd.sum(xs))
    assert [total([1.0]), total([1.0, 2.0]), total([1.0])] == [1.0, 3.0, 1.0]
    x = Value(1.0, "x")
    graph = compile(x * x, [x])
    with pytest.raises(ValueError, match=r"takes x, got x\[0\]"):
        graph([1.0])
    with pytest.raises(TypeError, match="1 argument"):
        graph(1.0, 2.0)


def test_gradients_need_one_number():
    with pytest.raises(TypeError, match="one number"):
        compile(lambda x: [x, x]).value_and_grad(1.0)
    with pytest.raises(TypeError, match="one number"):
        compile(lambda x: [x]).backward(1.0)


def test_a_result_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="result of f"):
        compile(lambda x: "x")(1.0)


def test_defaults_and_open_arguments():
    program = compile(lambda x, y=2.0: x * y)
    assert (program(3.0), program(3.0, 4.0)) == (6.0, 12.0)
    total = compile(lambda *xs: autograd.sum(xs))
    assert (total(1.0), total(1.0, 2.0)) == (1.0, 3.0)
    assert compile(autograd.tanh)(0.5) == math.tanh(0.5)


def test_numpy_arrays_in_arrays_out():
    numpy = pytest.importorskip("numpy")
    program = compile(hessian(lambda v: v[0] ** 2 * v[1]))
    found = program(numpy.array([3.0, 5.0]))
    assert isinstance(found, numpy.ndarray)
    assert found.tolist() == [[10.0, 6.0], [6.0, 0.0]]
    square = compile(lambda v: autograd.dot(v, v))
    value, gradient = square.value_and_grad(numpy.array([3, 4]))
    assert (value, gradient.tolist()) == (25.0, [6.0, 8.0])
    strided = numpy.arange(6.0)[::2]
    assert square(strided) == 20.0
    with pytest.raises(TypeError, match="complex"):
        square(numpy.array([1j]))


def test_a_long_chain_compiles():
    x = Value(1.0)
    y = x
    for _ in range(3000):
        y = y * 0.999 + 0.001
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        program = compile(y, [x])
    assert program(1.0) == y.data
    y.backward()
    assert program.value_and_grad(1.0)[1] == x.grad
