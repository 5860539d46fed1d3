"""Follows the micrograd lecture: an expression by hand, a neuron, a network, a few steps."""

import random

from graphviz import Digraph

from autograd import Value
from nn import MLP


def trace(root):
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root):
    dot = Digraph(format="svg", graph_attr={"rankdir": "LR"})
    nodes, edges = trace(root)
    for n in nodes:
        uid = str(id(n))
        text = "{ %s | data %.4f | grad %.4f }" % (n.label, n.data, n.grad)
        dot.node(name=uid, label=text, shape="record")
        if n._op:
            dot.node(name=uid + n._op, label=n._op)
            dot.edge(uid + n._op, uid)
    for a, b in edges:
        dot.edge(str(id(a)), str(id(b)) + b._op)
    return dot


a = Value(2.0, label="a")
b = Value(-3.0, label="b")
c = Value(10.0, label="c")
e = a * b
e.label = "e"
d = e + c
d.label = "d"
f = Value(-2.0, label="f")
L = d * f
L.label = "L"
assert L.data == -8.0
assert "{ a | data 2.0000 | grad 0.0000 }" in draw_dot(L).source

# Backpropagation by hand, node by node.
L.grad = 1.0
L._backward()
d._backward()
e._backward()
assert [v.grad for v in (f, d, c, e, a, b)] == [4.0, -2.0, -2.0, -2.0, 6.0, -4.0]

# One neuron, its gradient, and a step against it.
x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
bias = Value(6.8813735870195432, label="b")
n = x1 * w1 + x2 * w2 + bias
o = n.tanh()
o.backward()
print(f"o = {o.data:.4f}, dx1 = {x1.grad:.4f}, dw1 = {w1.grad:.4f}, dx2 = {x2.grad:.4f}")
assert [round(v.grad, 4) for v in (x1, w1, x2, w2)] == [-1.5, 1.0, 0.5, 0.0]
twice = Value(3.0)
(twice + twice).backward()
assert twice.grad == 2.0

# A network learns four examples.
random.seed(1337)
xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
ys = [1.0, -1.0, -1.0, 1.0]
model = MLP(3, [4, 4, 1], activation="tanh")
assert len(model.parameters()) == 41
for k in range(60):
    ypred = [model(x) for x in xs]
    loss = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred, strict=True))
    for p in model.parameters():
        p.grad = 0.0
    loss.backward()
    for p in model.parameters():
        p.data += -0.05 * p.grad
    if k % 10 == 0:
        print(k, loss.data)
assert loss.data < 0.1
assert [y.data > 0.0 for y in ypred] == [True, False, False, True]
