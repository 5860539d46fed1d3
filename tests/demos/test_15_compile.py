import math

import pytest

from autograd import compile


def test_the_listing_computes_the_value_and_the_gradient_of_calculus(demo):
    listing = compile(demo.f).value_and_grad(0.5, 3.0) and compile(demo.f)
    listing(0.5, 3.0)
    names = {"x": 0.5, "y": 3.0, "tanh": math.tanh, "sech_squared": lambda x: math.cosh(x) ** -2}
    names["dot"] = lambda a, b: sum(p * q for p, q in zip(a, b, strict=True))
    lines = listing.listing(gradient=True).splitlines()
    for line in lines:
        name, equals, expression = line.partition(" = ")
        if equals:
            names[name.strip()] = eval(expression, dict(names))
    (results,) = [line.removeprefix("-> ") for line in lines if line.startswith("-> ")]
    outputs = [names[name] for name in results.split(", ")]
    slope = 1.0 - math.tanh(1.5) ** 2
    assert outputs == pytest.approx([math.tanh(1.5) + 0.25, 3.0 * slope + 1.0, 0.5 * slope])


def test_both_ways_through_the_branch(demo):
    program = compile(demo.huber)
    points = [-2.0, -0.5, 0.0, 0.5, 2.0]
    truth = [0.5 * x * x if abs(x) < 1.0 else abs(x) - 0.5 for x in points]
    assert program.rows(points) == truth
    assert [program(x) for x in points] == truth


def test_eager_and_compiled_learn_the_same(demo):
    assert demo.eager(5) == pytest.approx(demo.compiled(5), rel=1e-10)
    losses = demo.compiled(150)
    assert losses[-1] < 0.1 < losses[0]


def test_what_there_is_to_do(demo):
    apart, nodes, instructions, gradient = demo.work().values()
    assert apart == 2 * (2 * 16 + 16 * 16 + 16)
    assert nodes < instructions < gradient < apart
