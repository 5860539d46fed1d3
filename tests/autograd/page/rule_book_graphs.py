"""Random graphs in which every operation of the rule book occurs."""

import math
import random

from autograd import Value, primitives

LEAVES = ((-1.5, 1.5), (-1.5, 1.5), (0.0, 1.0), (1.0, 2.0))
CONSTANTS = (0.0, 0.5, 1.0, 2.0, 3.0, -1.5)
MOST, TRIES = 1e3, 400


def graph_of(seed, operations, steps=12):
    """Return the end of a graph of so many operations, the next of a list after those of seed - 1.

    Operands are chosen until the operation and all its derivatives exist.
    """
    generator = random.Random(seed)
    nodes = [Value(generator.uniform(*ends)) for ends in LEAVES]
    for step in range(steps):
        primitive = operations[(seed * steps + step) % len(operations)]
        nodes.append(_applied(primitive, nodes, generator))
    return primitives.sum([node for node in nodes if not node.is_constant])


def _applied(primitive, nodes, generator):
    count = primitive.arity if primitive.arity > 0 else 4
    for _ in range(TRIES):
        operands = [
            generator.choice(CONSTANTS if generator.random() < 0.25 else nodes)
            for _ in range(count)
        ]
        if not any(isinstance(operand, Value) for operand in operands):
            operands[-1] = nodes[-1]
        numbers = [getattr(operand, "data", operand) for operand in operands]
        wanted = [isinstance(operand, Value) for operand in operands]
        try:
            made = primitive.apply(operands)
            found = [made.data, *primitive.derivatives(made.data, numbers, wanted)]
        except (ArithmeticError, ValueError, TypeError):
            continue
        if all(math.fabs(number) < MOST for number in found if number is not None):
            return made
    raise AssertionError(f"no operands for {primitive.name}")
