"""Graphs to explain: a table of nets, losses and expressions. Each gives an output and a source."""

from __future__ import annotations

import autograd
from autograd import Value
from nn import (
    MLP,
    Layer,
    Neuron,
    bce,
    bce_with_logits,
    cross_entropy,
    hinge,
    mse,
    nll,
    squared_error,
)  # fmt: skip

X = [0.5, -1.0]
ROWS = [[0.5, -1.0], [1.0, 1.0], [0.2, 0.3]]


def net(*arguments, nin=2, sizes=(2, 2, 1), seed=3):
    model = MLP(nin, list(sizes), *arguments, seed=seed)
    for unit, neuron in enumerate(n for layer in model.layers for n in layer.neurons):
        neuron.bias.data = 0.1 + 0.05 * unit
    return model


def weight(model, layer=1, unit=1, index=1):
    return model.layers[layer - 1].neurons[unit - 1].weights[index - 1]


def lecture():
    model = net("tanh")
    return squared_error(model(X), 0.7), weight(model)


def with_loss(loss, *arguments, target=1, layer=1, sizes=(2, 2, 1), nin=2):
    def case():
        model = net(*arguments, sizes=sizes, nin=nin)
        return loss(model([0.5, -1.0, 0.25, 2.0][:nin]), target), weight(model, layer)

    return case


def batch(loss=squared_error, targets=([0.7], [0.1], [0.2])):
    def case():
        model = net("tanh")
        return loss([[model(x)] for x in ROWS], [list(t) for t in targets]), weight(model)

    return case


def mixed_batch():
    model = net("tanh", "sigmoid")
    return bce([model(x) for x in ROWS], [1, 0, 0.25]), weight(model)


def regularised():
    model = net("tanh")
    penalty = 0.01 * autograd.sum([p * p for p in model.parameters()])
    return mse([model(x) for x in ROWS], [0.1, 0.2, 0.3]) + penalty, weight(model)


def expression():
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    return (a * b * 0.1 + c * 0.02).tanh() + a**2 / b, a


def recurrent():
    neuron = Neuron(2, activation="tanh", seed=1)
    state = Value(0.5)
    for x in (1.0, -1.0, 2.0):
        state = neuron([x, state])
    return (state - 0.3) ** 2, neuron.weights[1]


def composite():
    model = MLP(2, [2, 1], lambda z: z * z / (1.0 + z * z), seed=1)
    return squared_error(model(X), 0.7), weight(model)


def wide():
    model = net("tanh", sizes=(16, 16, 1))
    return mse(model(X), 0.7), weight(model)


def chain():
    w = y = Value(0.5, "w")
    for _ in range(60):
        y = (y * 1.1).tanh()
    return y, w


def attention():
    keys = [Value(0.1 * k, f"k_{k}") for k in range(1, 4)]
    q = Value(1.5, "q")
    shares = autograd.softmax([q * k for k in keys])
    return autograd.dot(shares, [1.0, -2.0, 0.5]), q


def attention_of_layers():
    """Three tokens, each a row of the layers that make queries, keys and values."""
    rows = [[Value(0.3 * (t + 1) * (-1) ** d, f"x_{t}{d}") for d in range(2)] for t in range(3)]
    query, key, value = (Layer(2, 2, "linear", seed=seed) for seed in (1, 2, 3))
    with autograd.group("attention"):
        queries, keys, values = query(rows), key(rows), value(rows)
        shares = autograd.softmax([autograd.dot(queries[2], k) / 1.5 for k in keys])
        seen = [autograd.dot(shares, [v[d] for v in values]) for d in range(2)]
    return squared_error(Layer(2, 1, "linear", seed=4)(seen), 1.0), query.neurons[0].weights[0]


def residual():
    first, second, last = (
        Layer(2, 2, "tanh", seed=1),
        Layer(2, 2, "tanh", seed=2),
        Layer(2, 1, seed=3),
    )
    hidden = first([0.5, -1.0])
    added = [a + b for a, b in zip(hidden, second(hidden), strict=True)]
    return squared_error(last(added), 1.0), first.neurons[0].weights[0]


def two_losses():
    model = MLP(2, [2, 2], "tanh", "sigmoid", seed=3)
    y = model([0.5, -1.0])
    return squared_error(y[0], 1.0) + bce(y[1], 0.0), weight(model)


def tied_decoder():
    encoder = Layer(3, 2, "tanh", seed=1)
    x = [Value(number, f"x_{k}") for k, number in enumerate((0.5, -1.0, 0.2), start=1)]
    hidden = encoder(x)
    with autograd.group("decoder"):
        again = [
            autograd.dot(hidden, [neuron.weights[k] for neuron in encoder.neurons])
            for k in range(3)
        ]
    return squared_error(again, [0.5, -1.0, 0.2]), encoder.neurons[0].weights[0]


CASES = {
    "attention of layers": attention_of_layers,
    "residual": residual,
    "two losses": two_losses,
    "tied decoder": tied_decoder,
    "2-2-2-1, squared error": lecture,
    "bce, target 1": with_loss(bce, "tanh", "sigmoid"),
    "bce, target 0": with_loss(bce, "tanh", "sigmoid", target=0),
    "bce, soft target": with_loss(bce, "tanh", "sigmoid", target=0.3),
    "bce, output weight": with_loss(bce, "tanh", "sigmoid", layer=3),
    "logits, target 1": with_loss(bce_with_logits, "tanh"),
    "logits, target 0": with_loss(bce_with_logits, "tanh", target=0),
    "logits, soft target": with_loss(bce_with_logits, "tanh", target=0.3),
    "softmax, nll": with_loss(nll, "tanh", "softmax", sizes=(4, 3), nin=4),
    "softmax, nll, output weight": with_loss(nll, "tanh", "softmax", sizes=(4, 3), nin=4, layer=2),
    "cross-entropy": with_loss(cross_entropy, "tanh", sizes=(4, 3), nin=4),
    "cross-entropy, shares": with_loss(
        cross_entropy, "tanh", sizes=(4, 3), nin=4, target=[0.2, 0.5, 0.3]
    ),
    "softmax, squared error": with_loss(
        squared_error, "tanh", "softmax", sizes=(4, 3), nin=4, target=[0.0, 1.0, 0.0]
    ),
    "sigmoid, squared error": with_loss(squared_error, "sigmoid", "sigmoid", target=0.9),
    "relu": with_loss(squared_error, "relu", target=0.9),
    "leaky relu": with_loss(squared_error, "leaky_relu", target=0.9),
    "gelu": with_loss(squared_error, "gelu", target=0.9),
    "silu, elu": with_loss(squared_error, "silu", "elu", target=0.9),
    "hinge": with_loss(hinge, "tanh", target=-1),
    "batch of 3": batch(),
    "batch of 3, mse": batch(mse),
    "batch with hard and soft targets": mixed_batch,
    "regularised batch": regularised,
    "expression": expression,
    "recurrent": recurrent,
    "composite activation": composite,
    "2-16-16-1": wide,
    "chain": chain,
    "attention": attention,
}
