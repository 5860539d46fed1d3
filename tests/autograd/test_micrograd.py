"""What people already have: micrograd's worked example, drawing code and training loop."""

from __future__ import annotations

import math
import random

import mpmath
import pytest

from autograd import Value, gradients
from nn import MLP


def worked_example(a, b, relu):
    """The expression of micrograd's README: every operation that micrograd has."""
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


def test_the_numbers_of_the_readme():
    a, b = Value(-4.0), Value(2.0)
    g = worked_example(a, b, Value.relu)
    assert f"{g.data:.4f}" == "24.7041"
    g.backward()
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def test_the_numbers_of_the_readme_to_the_last_digit():
    def relu(x):
        return max(x, mpmath.mpf(0))

    with mpmath.workdps(50):
        at = (mpmath.mpf(-4), mpmath.mpf(2))
        truth = [
            mpmath.diff(lambda a, b: worked_example(a, b, relu), at, orders)
            for orders in ((0, 0), (1, 0), (0, 1))
        ]
    a, b = Value(-4.0), Value(2.0)
    g = worked_example(a, b, Value.relu)
    g.backward()
    assert g.data == worked_example(-4.0, 2.0, lambda x: max(0.0, x))
    for found, true in zip((g.data, a.grad, b.grad), truth, strict=True):
        assert abs(found - true) < 1e-13 * abs(true)
    assert [slope.data for slope in gradients(g, [a, b])] == [a.grad, b.grad]


def test_in_place_operators_make_new_nodes():
    a = Value(2.0)
    before = a
    a += 1.0
    a *= before
    a -= 1
    a /= 2
    a **= 2
    assert (before.data, a.data) == (2.0, 6.25)
    a.backward()
    # ((x + 1) x - 1)² / 4 has slope (x² + x - 1)(2x + 1) / 2
    assert before.grad == 12.5


def trace(root):
    """As micrograd's drawing notebook finds them: sets, and recursion over `_prev`."""
    nodes, edges = set(), set()

    def build(node):
        if node not in nodes:
            nodes.add(node)
            for operand in node._prev:
                edges.add((operand, node))
                build(operand)

    build(root)
    return nodes, edges


def test_the_drawing_code_of_the_notebook_runs():
    x = Value(1.0)
    y = (x * 2 + 1).relu()
    y.backward()
    nodes, edges = trace(y)
    assert len(nodes) == 6  # x, 2, x * 2, 1, the sum, y
    assert len(edges) == 5
    assert sorted(node._op for node in nodes) == ["", "", "", "*", "+", "ReLU"]
    drawn = {"{ data %.4f | grad %.4f }" % (n.data, n.grad) for n in nodes}
    assert "{ data 1.0000 | grad 2.0000 }" in drawn
    assert "{ data 3.0000 | grad 1.0000 }" in drawn
    names = {str(id(node)) + node._op for node in nodes}
    assert len(names) == 6


def test_equal_numbers_are_different_nodes_to_the_drawing_code():
    x, y = Value(1.0), Value(1.0)
    nodes, edges = trace(x * y)
    assert len(nodes) == 3
    assert len(edges) == 2


def _two_moons(count):
    chance = random.Random(1337)
    points, labels = [], []
    for i in range(count):
        angle = math.pi * chance.random()
        upper = i % 2 == 0
        x, y = math.cos(angle), math.sin(angle)
        points.append([x, y] if upper else [1 - x, 0.5 - y])
        labels.append(-1 if upper else 1)
    return points, labels


def test_the_training_loop_of_the_demo_notebook():
    random.seed(1337)
    model = MLP(2, [8, 8, 1])
    points, labels = _two_moons(24)

    def loss():
        inputs = [list(map(Value, point)) for point in points]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * score).relu() for yi, score in zip(labels, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        reg_loss = 1e-4 * sum(p * p for p in model.parameters())
        accuracy = [(yi > 0) == (score.data > 0) for yi, score in zip(labels, scores, strict=True)]
        return data_loss + reg_loss, sum(accuracy) / len(accuracy)

    first, _ = loss()
    for k in range(60):
        total_loss, accuracy = loss()
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 60
        for p in model.parameters():
            p.data -= 0.5 * learning_rate * p.grad
    assert total_loss.data < 0.2 * first.data
    assert accuracy == pytest.approx(1.0, abs=1 / 24)
