"""The micrograd lecture, cell by cell, with this engine.

Andrej Karpathy's lecture "The spelled-out intro to neural networks and backpropagation: building
micrograd" writes a class `Value`, uses it, and compares it with PyTorch. Here are its cells, one
after the other, in the order in which the lecture runs them. What has changed is the imports: where
the lecture writes the class `Value`, it is imported. All else is code that follows the lecture and
uses what it uses: labels, `_prev`, `_op`, `_backward`, parameters that are moved in place.

`notebooks.py` makes a notebook of it; a line with `# %%` begins a cell.
"""

# %% Derivatives of a function of one number
import random

import matplotlib.pyplot as plt
import numpy as np


# %%
def f(x):
    return 3 * x**2 - 4 * x + 5


# %%
f(3.0)

# %%
xs = np.arange(-5, 5, 0.25)
ys = f(xs)
plt.plot(xs, ys)

# %% The slope where it vanishes
h = 0.000001
x = 2 / 3
(f(x + h) - f(x)) / h

# %% A function of three numbers
a = 2.0
b = -3.0
c = 10.0
d = a * b + c
print(d)

# %%
h = 0.0001

a = 2.0
b = -3.0
c = 10.0

d1 = a * b + c
c += h
d2 = a * b + c

print("d1", d1)
print("d2", d2)
print("slope", (d2 - d1) / h)

# %% The class Value, and an expression of Values
from autograd import Value  # the lecture writes it here

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
L

# %% Drawing the graph
from graphviz import Digraph


def trace(root):
    nodes, edges = set(), set()

    def build(node):
        if node not in nodes:
            nodes.add(node)
            for child in node._prev:
                edges.add((child, node))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root):
    graph = Digraph(format="svg", graph_attr={"rankdir": "LR"})
    nodes, edges = trace(root)
    for node in nodes:
        name = str(id(node))
        text = f"{{ {node.label} | data {node.data:.4f} | grad {node.grad:.4f} }}"
        graph.node(name=name, label=text, shape="record")
        if node._op:
            graph.node(name=name + node._op, label=node._op)
            graph.edge(name + node._op, name)
    for child, node in edges:
        graph.edge(str(id(child)), str(id(node)) + node._op)
    return graph


# %%
draw_dot(L)

# %% Backpropagation by hand: every gradient, then a step along them
L.grad = 1.0
d.grad = f.data * L.grad
f.grad = d.data * L.grad
e.grad = d.grad
c.grad = d.grad
a.grad = b.data * e.grad
b.grad = a.data * e.grad
draw_dot(L)

# %%
a.data += 0.01 * a.grad
b.data += 0.01 * b.grad
c.data += 0.01 * c.grad
f.data += 0.01 * f.grad

e = a * b
d = e + c
L = d * f

print(L.data)


# %% The same gradient, measured
def lol():
    h = 0.001

    a = Value(2.0, label="a")
    b = Value(-3.0, label="b")
    c = Value(10.0, label="c")
    e = a * b
    d = e + c
    f = Value(-2.0, label="f")
    L = d * f
    L1 = L.data

    b.data += h
    e = a * b
    d = e + c
    L = d * f
    L2 = L.data

    print((L2 - L1) / h)


lol()

# %% A neuron, and its activation
plt.plot(np.arange(-5, 5, 0.2), np.tanh(np.arange(-5, 5, 0.2)))
plt.grid()


# %%
def neuron():
    """The lecture runs this cell again whenever it begins anew."""
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
    return x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n


x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n = neuron()
o = n.tanh()
o.label = "o"

# %%
draw_dot(o)

# %% Its gradients by hand: do/dn = 1 - o²
o.grad = 1.0

# %%
1 - o.data**2

# %%
n.grad = 0.5

# %%
x1w1x2w2.grad = 0.5
b.grad = 0.5

# %%
x1w1.grad = 0.5
x2w2.grad = 0.5

# %%
x2.grad = w2.data * x2w2.grad
w2.grad = x2.data * x2w2.grad

# %%
x1.grad = w1.data * x1w1.grad
w1.grad = x1.data * x1w1.grad

# %% Node by node, each by its own rule
x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n = neuron()
o = n.tanh()
o.label = "o"
o.grad = 1.0

# %%
o._backward()

# %%
n._backward()

# %%
b._backward()

# %%
x1w1x2w2._backward()

# %%
x2w2._backward()
x1w1._backward()
draw_dot(o)

# %% In topological order
topo = []
visited = set()


def build_topo(v):
    if v not in visited:
        visited.add(v)
        for child in v._prev:
            build_topo(child)
        topo.append(v)


build_topo(o)
topo

# %% All of that is backward()
x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n = neuron()
o = n.tanh()
o.label = "o"
o.backward()
draw_dot(o)

# %% A node used twice: gradients add up
a = Value(3.0, label="a")
b = a + a
b.label = "b"
b.backward()
draw_dot(b)

# %%
a = Value(-2.0, label="a")
b = Value(3.0, label="b")
d = a * b
d.label = "d"
e = a + b
e.label = "e"
f = d * e
f.label = "f"
f.backward()
draw_dot(f)

# %% Numbers beside Values, powers, quotients, exp
a = Value(2.0)
b = Value(4.0)
a + 1, 2 * a, a - b, a / b, a**3, a.exp()

# %% tanh in parts: the same gradients
x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n = neuron()
e = (2 * n).exp()
o = (e - 1) / (e + 1)
o.label = "o"
o.backward()
draw_dot(o)

# %% PyTorch, where it is installed, says the same
try:
    import torch
except ImportError:
    torch = None

# %%
if torch:
    numbers = [2.0, 0.0, -3.0, 1.0, 6.8813735870195432]
    leaves = [torch.tensor([number], dtype=torch.double, requires_grad=True) for number in numbers]
    x1, x2, w1, w2, b = leaves
    o = torch.tanh(x1 * w1 + x2 * w2 + b)
    o.backward()
    for name, leaf in {"x2": x2, "w2": w2, "x1": x1, "w1": w1}.items():
        print(name, leaf.grad.item())


# %% A neuron, a layer, an MLP
class Neuron:
    def __init__(self, nin):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(random.uniform(-1, 1))

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.tanh()

    def parameters(self):
        return [*self.w, self.b]


class Layer:
    def __init__(self, nin, nout):
        self.neurons = [Neuron(nin) for _ in range(nout)]

    def __call__(self, x):
        outs = [neuron(x) for neuron in self.neurons]
        return outs[0] if len(outs) == 1 else outs

    def parameters(self):
        return [p for neuron in self.neurons for p in neuron.parameters()]


class MLP:
    def __init__(self, nin, nouts):
        sizes = [nin, *nouts]
        self.layers = [Layer(*pair) for pair in zip(sizes, nouts, strict=False)]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


# %%
random.seed(1337)
x = [2.0, 3.0, -1.0]
n = MLP(3, [4, 4, 1])
n(x)

# %% Four examples, and what they should give
xs = [
    [2.0, 3.0, -1.0],
    [3.0, -1.0, 0.5],
    [0.5, 1.0, 1.0],
    [1.0, 1.0, -1.0],
]
ys = [1.0, -1.0, -1.0, 1.0]

# %% Gradient descent
for k in range(20):
    ypred = [n(x) for x in xs]
    loss = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred, strict=True))

    for p in n.parameters():
        p.grad = 0.0
    loss.backward()

    for p in n.parameters():
        p.data += -0.1 * p.grad

    print(k, loss.data)

# %%
ypred

# %% The network that comes with the engine takes the same loop
from nn import MLP

random.seed(1337)
n = MLP(3, [4, 4, 1], activation="tanh")
for _ in range(20):
    loss = sum((n(x) - y) ** 2 for x, y in zip(xs, ys, strict=True))
    n.zero_grad()
    loss.backward()
    for p in n.parameters():
        p.data += -0.1 * p.grad
print(loss.data)
