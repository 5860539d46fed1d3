"""Mistakes of a strict user; each line with a comment is one that a type checker has to find."""

from __future__ import annotations

from autograd import Value, tanh
from nn import MLP, Layer, Neuron, fit

x = Value(0.5)
x.data = "0.25"  # a text is no number
x.data = 1
print(x.data.is_integer(), tanh(x).tahn())  # no such method
MLP(2, [3, 1], "tahn")  # no such activation
MLP(2, [3, 1], activations=["tanh", "linaer"])  # no such activation
Layer(2, 1, activation="sigmiod")  # no such activation
Neuron(2, initializer="hee")  # no such initializer
model = MLP(2, [3, 1], "tanh", initializer="he_normal")
fit(model, [[0.0, 1.0]], [1.0], loss="mes")  # no such loss
fit(model, [[0.0, 1.0]], [1.0], optimizer="adm")  # no such optimizer
fit(model, [[0.0, 1.0]], [1.0], epoch=3)  # no such option
model.fit([[0.0, 1.0]], [1.0], loss="mes")  # no such loss
model.fit([[0.0, 1.0]], [1.0], epoch=3)  # no such option
model.fit([[0.0, 1.0]], [1.0], loss=lambda y, t: (y - t) ** 2, epochs=1, progress=False)
