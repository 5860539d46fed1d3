"""JAX in double precision, jit-compiled, on the processor; loops inside are `lax.scan`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import cases
import jax
import jax.numpy as jnp
import numpy as np
from cases import Amount, Job
from jax import grad, jit, lax, value_and_grad, vmap
from jax.scipy.special import erf

VERSION = jax.__version__
jax.config.update("jax_enable_x64", True)
Array = Any
Tree = Any


def expression(_: Amount) -> Job:
    """Value of the README's expression, of two floats."""
    f = jit(lambda a, b: cases.expression(a, b, jax.nn.relu))
    return Job(f"out = float(f({cases.A}, {cases.B}))", {"f": f}, lambda out: [out])


def expression_gradient(_: Amount) -> Job:
    """Value and gradient of the README's expression, of two floats."""
    f = jit(value_and_grad(lambda a, b: cases.expression(a, b, jax.nn.relu), argnums=(0, 1)))
    return Job(f"g, (a, b) = f({cases.A}, {cases.B}); out = float(g), float(a), float(b)", {"f": f})


def _parameters(sizes: tuple[int, ...]) -> list[tuple[Array, Array]]:
    numbers, place, parameters = jnp.array(cases.network(sizes)), 0, []
    for nin, nout in pairwise(sizes):
        weights = numbers[place : place + nin * nout].reshape(nout, nin)
        parameters.append((weights, numbers[place + nin * nout : place + (nin + 1) * nout]))
        place += (nin + 1) * nout
    return parameters


def _network(parameters: list[tuple[Array, Array]], x: Array) -> Array:
    for weights, biases in parameters[:-1]:
        x = jax.nn.relu(x @ weights.T + biases)
    weights, biases = parameters[-1]
    return x @ weights.T + biases


def _flat(tree: Tree) -> list[float]:
    return jnp.concatenate([leaf.ravel() for leaf in jax.tree.leaves(tree)]).tolist()


def _moons_step(parameters: Tree, x: Array, t: Array) -> Tree:
    def loss(parameters: Tree) -> Array:
        squares = sum((leaf * leaf).sum() for leaf in jax.tree.leaves(parameters))
        hinges = jax.nn.relu(1.0 - t * _network(parameters, x)[:, 0])
        return hinges.mean() + cases.PENALTY * squares

    return jax.tree.map(lambda p, g: p - cases.RATE * g, parameters, grad(loss)(parameters))


def _training(
    step: Callable[..., Tree], state: Tree, kept: Callable[[Tree], Tree], steps: int
) -> Job:
    """Return a job that goes on from the state that it left."""

    def train() -> Tree:
        nonlocal state
        state = jax.block_until_ready(step(state))
        return kept(state)

    return Job("out = train()", {"train": train}, _flat, steps)


def moons_inside(amount: Amount) -> Job:
    """Full-batch steps in a compiled loop."""
    x, t = map(jnp.array, cases.moons())

    @jit
    def run(parameters: Tree) -> Tree:
        def step(parameters: Tree, _: None) -> tuple[Tree, None]:
            return _moons_step(parameters, x, t), None

        return lax.scan(step, parameters, None, length=amount.moons_steps)[0]

    return _training(run, _parameters(cases.LAYERS), lambda p: p, amount.moons_steps)


def moons_call(_: Amount) -> Job:
    """One full-batch step a call."""
    x, t = map(jnp.array, cases.moons())
    step = jit(lambda parameters: _moons_step(parameters, x, t))
    return _training(step, _parameters(cases.LAYERS), lambda p: p, 1)


def moons_single(amount: Amount) -> Job:
    """Steps on one point at a time in a compiled loop."""
    x, t = map(jnp.array, cases.moons())

    @jit
    def run(state: tuple[Tree, Array]) -> tuple[Tree, Array]:
        def step(state: tuple[Tree, Array], _: None) -> tuple[tuple[Tree, Array], None]:
            parameters, done = state
            point = lax.dynamic_slice_in_dim(x, done % len(t), 1)
            target = lax.dynamic_slice_in_dim(t, done % len(t), 1)
            return (_moons_step(parameters, point, target), done + 1), None

        return lax.scan(step, state, None, length=amount.single_steps)[0]

    state = _parameters(cases.LAYERS), jnp.array(0)
    return _training(run, state, lambda state: state[0], amount.single_steps)


def _adam(state: Tree, gradients: Tree, settings: tuple[float, float, float, float]) -> Tree:
    parameters, first, second, done = state
    lr, beta1, beta2, epsilon = settings
    first = jax.tree.map(lambda m, g: beta1 * m + (1.0 - beta1) * g, first, gradients)
    second = jax.tree.map(lambda v, g: beta2 * v + (1.0 - beta2) * g * g, second, gradients)
    rate, correction = lr / (1.0 - beta1 ** (done + 1.0)), 1.0 / (1.0 - beta2 ** (done + 1.0))
    parameters = jax.tree.map(
        lambda p, m, v: p - rate * m / (jnp.sqrt(v * correction) + epsilon),
        parameters,
        first,
        second,
    )
    return parameters, first, second, done + 1


def _fresh(parameters: Tree) -> Tree:
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    return parameters, zeros, zeros, jnp.array(0)


def digits(amount: Amount) -> Job:
    """Steps of Adam in a compiled loop."""
    pixels, labels = cases.digits()
    x = jnp.array(pixels).reshape(-1, cases.BATCH, cases.DIGITS[0])
    t = jnp.array(labels).reshape(-1, cases.BATCH)

    def step(state: Tree, _: None) -> tuple[Tree, None]:
        batch = state[3] % len(t)

        def loss(parameters: Tree) -> Array:
            logits, targets = _network(parameters, x[batch]), t[batch]
            chosen = jnp.take_along_axis(logits, targets[:, None], axis=1)[:, 0]
            return (jax.nn.logsumexp(logits, axis=1) - chosen).mean()

        return _adam(state, grad(loss)(state[0]), cases.ADAM), None

    run = jit(lambda state: lax.scan(step, state, None, length=amount.digits_steps)[0])
    state = _fresh(_parameters(cases.DIGITS))
    return _training(run, state, lambda state: state[0], amount.digits_steps)


def _rosenbrock(x: Array) -> Array:
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def rosenbrock_list(_: Amount) -> Job:
    """Gradient from a list to a list."""
    names = {"f": jit(grad(_rosenbrock)), "x": cases.rosenbrock_point(1000), "array": np.array}
    return Job("out = f(array(x)).tolist()", names)


def rosenbrock_array(_: Amount) -> Job:
    """Gradient from an array to an array."""
    x = jnp.array(cases.rosenbrock_point(1000))
    names = {"f": jit(grad(_rosenbrock)), "x": x}
    return Job("out = f(x).block_until_ready()", names)


def rosenbrock_both(_: Amount) -> Job:
    """Value and gradient from an array."""
    x = jnp.array(cases.rosenbrock_point(1000))
    names = {"f": jit(jax.value_and_grad(_rosenbrock)), "x": x, "ready": jax.block_until_ready}
    return Job("out = ready(f(x))", names, lambda out: [out[0], *out[1]])


def rosenbrock_hvp(_: Amount) -> Job:
    """Hessian times a direction, without the Hessian."""
    x, v = jnp.array(cases.rosenbrock_point(50)), jnp.array(cases.rosenbrock_direction(50))
    product = jit(lambda x, v: jax.jvp(grad(_rosenbrock), (x,), (v,))[1])
    return Job("out = f(x, v).block_until_ready()", {"f": product, "x": x, "v": v})


def rosenbrock_hessian(_: Amount) -> Job:
    """Dense Hessian."""
    x = jnp.array(cases.rosenbrock_point(50))
    names = {"f": jit(jax.hessian(_rosenbrock)), "x": x}
    return Job("out = f(x).block_until_ready()", names, jnp.ravel)


class _Functions:
    log, sqrt, exp, erf = jnp.log, jnp.sqrt, jnp.exp, staticmethod(erf)


def options(amount: Amount) -> Job:
    """Prices and greeks, one option differentiated and mapped over the columns."""

    def price(*option: Array) -> Array:
        return cases.call_price(*option, _Functions)

    def greeks(*option: Array) -> tuple[Array, ...]:
        value, (delta, rho, vega, theta) = value_and_grad(price, argnums=(0, 2, 3, 4))(*option)
        return value, delta, grad(grad(price))(*option), vega, -theta, rho

    columns = [jnp.array(column) for column in cases.market(amount.options)]
    names = {"f": jit(vmap(greeks)), "columns": columns, "ready": jax.block_until_ready}
    return Job("out = ready(f(*columns))", names, _flat, amount.options)


def microgpt(amount: Amount) -> Job:
    """Steps of Adam of demos/microgpt.py in tensors, one sequence of 16 positions, a call each."""
    numbers, place, matrices = jnp.array(cases.transformer()), 0, []
    for _name, rows, columns in cases.TRANSFORMER:
        matrices.append(numbers[place : place + rows * columns].reshape(rows, columns))
        place += rows * columns
    names = [name for name, _, _ in cases.TRANSFORMER]
    seen = jnp.tril(jnp.ones((cases.CONTEXT, cases.CONTEXT), bool))
    size = cases.EMBEDDING // cases.HEADS

    def normalised(x: Array) -> Array:
        return x * ((x * x).mean(-1, keepdims=True) + 1e-5) ** -0.5

    def heads(x: Array) -> Array:
        return x.reshape(cases.CONTEXT, cases.HEADS, size)

    def loss(matrices: list[Array], sequence: Array) -> Array:
        of = dict(zip(names, matrices, strict=True))
        states = normalised(of["token"][sequence[:-1]] + of["position"])
        inputs = normalised(states)
        query, key, value = (heads(inputs @ of[n].T) for n in ("query", "key", "value"))
        scores = jnp.einsum("qhd,khd->hqk", query, key) * size**-0.5
        weights = jax.nn.softmax(jnp.where(seen, scores, -jnp.inf))
        gathered = jnp.einsum("hqk,khd->qhd", weights, value).reshape(states.shape)
        states = states + gathered @ of["attended"].T
        states = states + jax.nn.relu(normalised(states) @ of["widen"].T) @ of["narrow"].T
        logits = states @ of["logits"].T
        chosen = jnp.take_along_axis(logits, sequence[1:, None], axis=1)[:, 0]
        return (jax.nn.logsumexp(logits, axis=1) - chosen).mean()

    @jit
    def step(state: Tree, sequence: Array) -> Tree:
        return _adam(state, grad(loss)(state[0], sequence), cases.TRANSFORMER_ADAM)

    sequence = jnp.array(cases.tokens())

    def run(state: Tree) -> Tree:
        for _ in range(amount.transformer_steps):
            state = step(state, sequence)
        return state

    state = _fresh(matrices)
    return _training(run, state, lambda state: state[0], amount.transformer_steps)


def graph(amount: Amount) -> Job:
    """Value and gradient of a graph of many nodes, traced and compiled anew."""
    f = jit(value_and_grad(lambda xs: cases.deep(xs, jnp.sin, amount.nodes)))

    def answer() -> list[float]:
        value, slopes = f(list(cases.EIGHT))
        return [float(value), *map(float, slopes)]

    return Job("out = answer()", {"answer": answer})
