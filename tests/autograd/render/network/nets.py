"""Networks as users write them: each with a loss and a parameter to ask about."""

from __future__ import annotations

import math
import random

import autograd
from autograd import Value
from nn import MLP, Layer, Neuron, bce, cross_entropy, hinge, mse, nll, squared_error

NETS = {}


def net(make):
    NETS[make.__name__] = make
    return make


def done(loss, *parameters, name="L"):
    loss.label = name
    loss.backward()
    return loss, parameters


def weight(model, layer=0, unit=0, place=0):
    return model.layers[layer].neurons[unit].weights[place]


def rows(count, seed=1):
    source = random.Random(seed)
    return [[source.uniform(-1, 1), source.uniform(-1, 1)] for _ in range(count)]


@net
def lecture():
    model = MLP(2, [2, 2, 1], "tanh", seed=3)
    last = weight(model, 2)
    bias = model.layers[0].neurons[1].bias
    return done(squared_error(model([0.5, -1.0]), 1.0), weight(model), last, bias)


@net
def sigmoid_bce():
    model = MLP(2, [2, 2, 1], "sigmoid", "sigmoid", seed=3)
    return done(bce(model([0.5, -1.0]), 1.0), weight(model))


@net
def dead_units():
    model = MLP(2, [4, 4, 1], "relu", seed=3)
    return done(squared_error(model([0.5, -1.0]), 1.0), weight(model), weight(model, 0, 2, 1))


@net
def softmax():
    model = MLP(4, [4, 3], "tanh", "softmax", seed=3)
    return done(nll(model([0.5, -1.0, 0.2, 2.0]), 1), weight(model), weight(model, 1))


@net
def logits():
    model = MLP(4, [4, 3], "tanh", "linear", seed=3)
    return done(cross_entropy(model([0.5, -1.0, 0.2, 2.0]), 1), weight(model), weight(model, 1))


@net
def batch():
    model = MLP(2, [2, 2, 1], "tanh", seed=3)
    return done(mse([model(x) for x in rows(4)], [1.0, 0.0, 1.0, 0.0]), weight(model))


@net
def regularised():
    model = MLP(2, [8, 8, 1], "relu", "linear", seed=3)
    scores = [model(x) for x in rows(10)]
    loss = hinge(scores, [1.0, -1.0] * 5) + 1e-4 * autograd.sum([p * p for p in model.parameters()])
    return done(loss, weight(model), model.layers[2].neurons[0].bias)


@net
def thin():
    model = MLP(1, [1, 1, 1], "tanh", seed=3)
    return done(squared_error(model([0.7]), 1.0), weight(model))


@net
def one_neuron():
    neuron = Neuron(3, activation="tanh", seed=1)
    return done(neuron([0.1, -0.5, 2.0]), neuron.weights[0], neuron.bias, name="y")


@net
def without_bias():
    model = MLP(2, [3, 2], "relu", seed=3, bias=False)
    return done(squared_error(model([0.5, -1.0]), [1.0, 0.0]), weight(model))


@net
def recurrent():
    cell = Layer(3, 2, activation="tanh", seed=1)
    readout = Neuron(2, activation="linear", seed=2)
    state = [Value(0.3), Value(-0.2)]
    for step, x in enumerate([0.5, -0.3, 0.8]):
        state = cell([Value(x, f"x_{step + 1}"), *state])
    first = cell.neurons[0].weights
    return done(squared_error(readout(state), 1.0), first[0], first[1])


@net
def gated():
    gate, new = (Layer(2, 1, activation=name, seed=1) for name in ("sigmoid", "tanh"))
    state = Value(0.3, "h")
    for step, x in enumerate([0.5, -0.3]):
        x = Value(x, f"x_{step + 1}")
        share = gate([x, state])
        state = share * state + (1.0 - share) * new([x, state])
    return done(state, gate.neurons[0].weights[0], name="y")


@net
def skips():
    one, two, last = (Layer(2, size, activation="tanh", seed=size) for size in (2, 2, 1))
    hidden = one([Value(0.5, "x_1"), Value(-1.0, "x_2")])
    joined = [a + b for a, b in zip(hidden, two(hidden), strict=True)]
    return done(squared_error(last(joined), 1.0), one.neurons[0].weights[0])


@net
def actor_and_critic():
    actor = MLP(3, [3, 2], "tanh", "softmax", seed=1)
    critic = MLP(3, [3, 1], "tanh", "linear", seed=2)
    state = [0.5, -1.0, 0.25]
    chosen, value = actor(state)[0], critic(state)
    loss = -autograd.log(chosen) * (1.0 - value) + 0.5 * (1.0 - value) ** 2
    return done(loss, weight(actor), weight(critic))


@net
def embedded():
    source = random.Random(2)
    rows_of = [[Value(source.gauss(0, 1), f"E_{i}{j}") for j in (1, 2)] for i in (1, 2, 3)]
    model = MLP(4, [3, 3], "tanh", "softmax", seed=1)
    one, two, three = rows_of
    return done(
        nll([model([*one, *three]), model([*three, *two])], [1, 0]), three[0], weight(model)
    )


@net
def computed_weights():
    model = MLP(2, [2, 3], "tanh", seed=1)
    neuron = Neuron(2, activation="tanh", seed=1)
    *neuron.weights[:], neuron.bias = model([0.5, -0.2])
    return done(squared_error(neuron([0.3, 0.4]), 1.0), weight(model), neuron.bias)


@net
def one_input_twice():
    layer = Layer(2, 2, activation="tanh", seed=1)
    x = Value(0.3, "x")
    left, right = layer([x, x])
    return done(left * right, layer.neurons[0].weights[1], x, name="y")


@net
def parametric():
    alpha = Value(0.2, "α")
    model = MLP(2, [2, 1], lambda z: autograd.maximum(z, alpha * z), "linear", seed=1)
    return done(squared_error(model([0.5, -1.0]), 1.0), alpha, weight(model))


@net
def learned_noise():
    model = MLP(2, [2, 1], "tanh", seed=3)
    noise = Value(0.5, "log σ")
    loss = (model([0.5, -1.0]) - 1.0) ** 2 * autograd.exp(-noise) + noise
    return done(loss, noise, weight(model))


@net
def hostile_names():
    model = MLP(3, [3, 1], "tanh", "sigmoid", seed=1)
    inputs = [
        Value(1e-5, "temperature of the sea"), Value(123456.789, "<script>alert(1)</script>"),
        Value(-1.2345e-12, "損失損失損失損失損失"),
    ]  # fmt: skip
    probability = model(inputs)
    probability.label = 'rain & "more"\n🎉'
    return done(bce(probability, 1.0), inputs[0], weight(model), name="the <loss>\n\u202e🎉")


@net
def undefined():
    model = MLP(2, [2, 2, 1], "tanh", seed=3)
    weight(model).data = math.nan
    return done((model([0.5, -1.0]) - 1.0) ** 2, weight(model), weight(model, 1, 0, 1))


@net
def enormous():
    model = MLP(2, [2, 2, 1], "relu", seed=3)
    weight(model).data, weight(model, 1).data = -1e200, 1e100
    return done(model([-0.5, -1.0]) - 1.0, weight(model))
