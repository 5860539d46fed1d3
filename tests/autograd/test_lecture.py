"""The lecture that builds micrograd, cell by cell, with this package's Value and MLP imported.

A. Karpathy, "The spelled-out intro to neural networks and backpropagation: building micrograd".
The cells of its notebooks are told in other words here; the numbers are those that it prints.
"""

from __future__ import annotations

import math
import random
import re
from html import unescape

import pytest

from autograd import Value
from autograd.elsewhere import ADVICE, Elsewhere
from nn import MLP

# --- The drawing of the lecture -------------------------------------------------------------------


def trace(root):
    nodes, edges = set(), set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node not in nodes:
            nodes.add(node)
            edges |= {(operand, node) for operand in node._prev}
            waiting += node._prev
    return nodes, edges


def draw_dot(root):
    graphviz = pytest.importorskip("graphviz")
    dot = graphviz.Digraph(format="svg", graph_attr={"rankdir": "LR"})
    nodes, edges = trace(root)
    for n in nodes:
        name = str(id(n))
        text = "{ %s | data %.4f | grad %.4f }" % (n.label, n.data, n.grad)
        dot.node(name=name, label=text, shape="record")
        if n._op:
            dot.node(name=name + n._op, label=n._op)
            dot.edge(name + n._op, name)
    for start, end in edges:
        dot.edge(str(id(start)), str(id(end)) + end._op)
    return dot


def told(root):
    """What the drawing prints in its boxes, and in its circles."""
    found = re.findall(r'label="?([^"\]]*?)"?(?: shape|\])', str(draw_dot(root)))
    boxes = {unescape(text).strip("{} ") for text in found if "|" in text}
    return boxes, sorted(text for text in found if "|" not in text)


# --- First half: a, b, c and a neuron -------------------------------------------------------------


def expression(h=0.0, at=""):
    numbers = {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}
    a, b, c, f = (Value(number, label=name) for name, number in numbers.items())
    if at:
        {"a": a, "b": b, "c": c, "f": f}[at].data += h
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    loss = d * f
    loss.label = "L"
    return a, b, c, d, e, f, loss


def test_a_value_and_its_operands():
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    d = a * b + c
    assert d.data == (a.__mul__(b)).__add__(c).data == 4.0
    assert repr(Value(2.0)).startswith("Value(data=2.0")
    assert isinstance(d._prev, set)
    assert {node.data for node in d._prev} == {-6.0, 10.0}
    assert (d._op, a._prev, a._op) == ("+", set(), "")


def test_the_expression_by_hand_by_its_drawing_and_by_nudging():
    a, b, c, d, e, f, loss = expression()
    assert loss.data == -8.0
    loss.grad = 1.0
    f.grad, d.grad = d.data * loss.grad, f.data * loss.grad
    c.grad, e.grad = d.grad, d.grad
    a.grad, b.grad = b.data * e.grad, a.data * e.grad
    boxes, circles = told(loss)
    assert boxes == {
        "a | data 2.0000 | grad 6.0000", "b | data -3.0000 | grad -4.0000",
        "c | data 10.0000 | grad -2.0000", "e | data -6.0000 | grad -2.0000",
        "d | data 4.0000 | grad -2.0000", "f | data -2.0000 | grad 4.0000",
        "L | data -8.0000 | grad 1.0000",
    }  # fmt: skip
    assert circles == ["*", "*", "+"]
    for leaf in (a, b, c, f):
        leaf.data += 0.01 * leaf.grad
    assert ((a * b + c) * f).data == pytest.approx(-7.286496, abs=1e-12)
    for name, slope in (("a", 6.0), ("b", -4.0), ("c", -2.0), ("f", 4.0)):
        h = 0.001
        nudged = (expression(h, name)[-1].data - expression()[-1].data) / h
        assert nudged == pytest.approx(slope, abs=1e-9)
        given = dict(zip("abcf", (a, b, c, f), strict=True))
        assert given[name].grad == slope


def neuron(squash):
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1 = x1 * w1
    x1w1.label = "x1*w1"
    x2w2 = x2 * w2
    x2w2.label = "x2*w2"
    x1w1x2w2 = x1w1 + x2w2
    x1w1x2w2.label = "x1*w1 + x2*w2"
    n = x1w1x2w2 + b
    n.label = "n"
    o = squash(n)
    o.label = "o"
    return {node.label: node for node in (x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n, o)}


DRAWN = {
    "x1 | data 2.0000 | grad -1.5000", "w1 | data -3.0000 | grad 1.0000",
    "x2 | data 0.0000 | grad 0.5000", "w2 | data 1.0000 | grad 0.0000",
    "x1*w1 | data -6.0000 | grad 0.5000", "x2*w2 | data 0.0000 | grad 0.5000",
    "x1*w1 + x2*w2 | data -6.0000 | grad 0.5000", "b | data 6.8814 | grad 0.5000",
    "n | data 0.8814 | grad 0.5000", "o | data 0.7071 | grad 1.0000",
}  # fmt: skip


def by_hand(v):
    v["o"].grad = 1.0
    v["n"].grad = 1 - v["o"].data ** 2
    v["x1*w1 + x2*w2"].grad = v["b"].grad = v["n"].grad
    v["x1*w1"].grad = v["x2*w2"].grad = v["x1*w1 + x2*w2"].grad
    v["x1"].grad, v["w1"].grad = (v[k].data * v["x1*w1"].grad for k in ("w1", "x1"))
    v["x2"].grad, v["w2"].grad = (v[k].data * v["x2*w2"].grad for k in ("w2", "x2"))


def step_by_step(v):
    v["o"].grad = 1.0
    for name in ("o", "n", "b", "x1*w1 + x2*w2", "x2*w2", "x1*w1"):
        assert v[name]._backward() is None


def in_topological_order(v):
    topo, visited = [], set()

    def build_topo(node):
        if node not in visited:
            visited.add(node)
            for child in node._prev:
                build_topo(child)
            topo.append(node)

    build_topo(v["o"])
    assert len(topo) == 10
    v["o"].grad = 1.0
    for node in reversed(topo):
        node._backward()


def at_once(v):
    v["o"].backward()


@pytest.mark.parametrize("sweep", [by_hand, step_by_step, in_topological_order, at_once])
def test_four_ways_through_the_neuron(sweep):
    v = neuron(Value.tanh)
    sweep(v)
    assert v["o"].data == pytest.approx(0.7071067811865476, abs=1e-15)
    slopes = {name: v[name].grad for name in ("x1", "w1", "x2", "w2")}
    assert slopes == pytest.approx({"x1": -1.5, "w1": 1.0, "x2": 0.5, "w2": 0.0}, abs=1e-9)
    boxes, circles = told(v["o"])
    assert boxes == DRAWN
    assert circles == ["*", "*", "+", "+", "tanh"]


def test_a_value_used_twice_gets_both_shares():
    a = Value(3.0, label="a")
    b = a + a
    b.backward()
    assert (a.grad, b._prev) == (2.0, {a})
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    d, e = a * b, a + b
    f = d * e
    f.backward()
    assert (a.grad, b.grad, e.grad, d.grad) == (-3.0, -8.0, -6.0, 1.0)


def test_a_step_is_that_node_s_alone_and_adds():
    x = Value(3.0)
    y = x * x
    z = y.exp()
    z.grad = 2.0
    z._backward()
    assert (y.grad, x.grad) == (2.0 * math.exp(9.0), 0.0)
    z._backward()
    assert y.grad == 4.0 * math.exp(9.0)
    x._backward()  # of a leaf: nothing
    assert x.grad == 0.0
    with pytest.raises(ArithmeticError, match="infinite or undefined"):
        Value(0.0).sqrt()._backward()
    x.data = 1.0
    with pytest.raises(ValueError, match="edited"):
        y._backward()


# --- Second half: tanh taken apart, and a network -------------------------------------------------


def apart(n):
    e = (2 * n).exp()
    return (e - 1) / (e + 1)


def test_tanh_taken_apart():
    v = neuron(apart)
    v["o"].backward()
    assert v["o"].data == pytest.approx(0.7071067811865477, abs=1e-15)
    boxes, circles = told(v["o"])
    assert boxes >= DRAWN
    assert boxes >= {
        "| data 5.8284 | grad 0.0429", "| data 4.8284 | grad 0.1464",
        "| data 6.8284 | grad -0.1036",
    }  # fmt: skip
    assert "exp" in circles


def test_operations_as_they_are_written_there():
    a, b = Value(2.0, label="a"), Value(4.0, label="b")
    assert ((a + 1).data, (1 + a).data, (2 * a).data) == (3.0, 3.0, 4.0)
    assert ((a / b).data, (a - b).data, (-a).data, a.exp().data) == (0.5, -2.0, -2.0, math.exp(2))
    assert [(a**2)._op, (a**-1)._op, (a**0.5)._op, (a**3.0)._op] == ["**2", "**-1", "**0.5", "**3"]
    assert ((a**2)._prev, (a**b)._prev, (a**b)._op) == ({a}, {a, b}, "**")
    assert [x._op for x in (a.tanh(), a.relu(), a.exp(), a + b, a * b)] == [
        "tanh", "ReLU", "exp", "+", "*",
    ]  # fmt: skip
    boxes, _ = told(a**2)
    assert boxes == {"a | data 2.0000 | grad 0.0000", "| data 4.0000 | grad 0.0000"}


class Neuron:
    """As in the lecture, on this package's Value."""

    def __init__(self, nin):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(random.uniform(-1, 1))

    def __call__(self, x):
        return sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b).tanh()

    def parameters(self):
        return [*self.w, self.b]


class Network:
    """Layers of them."""

    def __init__(self, nin, nouts):
        sizes = [nin, *nouts]
        self.layers = [[Neuron(m) for _ in range(n)] for m, n in zip(sizes, nouts, strict=False)]

    def __call__(self, x):
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for neuron in layer for p in neuron.parameters()]


NETWORKS = {
    "the lecture's": lambda: Network(3, [4, 4, 1]),
    "this package's": lambda: MLP(3, [4, 4, 1], "tanh", "tanh"),
    "with a linear output": lambda: MLP(3, [4, 4, 1], "tanh"),
}


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_the_training_loop(make):
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    for seed in range(4):
        random.seed(seed)
        n = make()
        assert len(n.parameters()) == 41
        assert isinstance(n(xs[0]), Value)
        for _ in range(20):
            ypred = [n(x) for x in xs]
            loss = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred, strict=True))
            for p in n.parameters():
                p.grad = 0.0
            loss.backward()
            for p in n.parameters():
                p.data += -0.1 * p.grad
        assert loss.data < 0.2
        assert [y.data > 0 for y in ypred] == [y > 0 for y in ys]


# --- What people try who know micrograd or PyTorch ------------------------------------------------


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("item", ".data"), ("numpy", ".data"), ("requires_grad", "is_constant"),
        ("_children", ".parents"), ("detach_", "x.detach()"), ("t", "one number"),
        ("shape", "one number"), ("cpu", "no device"), ("clone", "copy.copy"),
        ("zero_", "zero_grad"),
        ("grad_fn", ".primitive"), ("sum", "autograd.sum"), ("max", "autograd.maximum"),
        ("name", ".label"), ("retain_grad", "kept"), ("add_", "x.data += 0.1"),
    ],
)  # fmt: skip
def test_names_of_other_libraries_say_what_to_use(name, advice):
    x = Value(2.0)
    with pytest.raises(AttributeError, match=re.escape(advice)) as caught:
        getattr(x, name)
    assert repr(name) in str(caught.value)
    with pytest.raises(AttributeError, match=re.escape(advice)):
        setattr(x, name, True)
    assert not hasattr(x, name)
    assert name not in dir(x)
    assert {"data", "grad", "label", "tanh", "backward"} <= set(dir(x))


def test_what_rounds_says_what_to_do():
    x = Value(7.5)
    for call in (
        lambda: round(x), lambda: round(x, 2), lambda: x % 2, lambda: 8 % x, lambda: x // 2,
        lambda: 8 // x, lambda: divmod(x, 2), lambda: divmod(8, x),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=r"\.data"):
            call()
    with pytest.raises(TypeError, match=r'f"\{x:\.4f\}"'):
        "%.4f" % x
    assert f"{x:.4f}" == "7.5000"


def test_operands_are_recorded_not_given():
    with pytest.raises(TypeError, match=r"a str or None, got \(\).*Primitive"):
        Value(2.0, ())


def test_advice_is_only_for_names_that_a_value_does_not_have():
    assert {name for name in ADVICE if not isinstance(vars(Value).get(name), Elsewhere)} == set()
