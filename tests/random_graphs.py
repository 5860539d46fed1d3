"""Random graphs with what sweeps get wrong: shared, repeated and many operands, constants."""

from __future__ import annotations

import random

import autograd
from autograd import Value

STEPS = [
    lambda x, y: x * y,
    lambda x, y: x + y,
    lambda x, y: x - 2.0 * y,
    lambda x, y: x * x,
    lambda x, y: y + y,
    lambda x, y: x / (y * y + 1.0),
    lambda x, y: y.tanh(),
    lambda x, y: y.relu() * x,
    lambda x, y: x.detach() * y,
    lambda x, y: autograd.sum([x, y, 0.5, x, y * 3.0]),
    lambda x, y: autograd.prod([x, y, x, 0.5]),
    lambda x, y: autograd.dot([x, y, 0.5], [y, x, x], y),
    lambda x, y: autograd.logsumexp([x, y, x]),
    lambda x, y: autograd.where(x > 0.0, y, x),
]


def random_graph(seed, steps=9):
    """Return some leaves and an output that is no constant, made from them by a few operations."""
    generator = random.Random(seed)
    leaves = [Value(generator.uniform(-1.5, 1.5)) for _ in range(3)]
    nodes = list(leaves)
    for _ in range(steps):
        x, y = generator.choice(nodes), generator.choice(nodes[-4:])
        nodes.append(generator.choice(STEPS)(x, y))
    return leaves, next(node for node in reversed(nodes) if not node.is_constant)
