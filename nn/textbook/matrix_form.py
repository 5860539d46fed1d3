"""Backpropagation layer by layer, as the matrix formulas state it; examples are columns.

    Z^(l) = W^(l) A^(l−1) + b^(l) 1ᵀ       A^(l) = f(Z^(l))
    Δ^(L) = f′(Z^(L)) ∘ ∂L/∂A              Δ^(l) = f′(Z^(l)) ∘ W^(l+1)ᵀ Δ^(l+1)
    ∂L/∂W^(l) = Δ^(l) A^(l−1)ᵀ             ∂L/∂b^(l) = Δ^(l) 1

Without the f this is W^(3) W^(2) W^(1) x, and every step back multiplies what the step before it
left by one more matrix. Matrices are lists of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nn.textbook.plain_layers import SOFTMAX, PlainLayer
from nn.textbook.unit_slopes import UNIT_FUNCTIONS, softmax

Matrix = list[list[float]]


def forward(layers: Sequence[PlainLayer], rows: Matrix) -> tuple[list[Matrix], list[Matrix]]:
    """Return z and a of every layer, example and unit; those of layer 0 are nothing and the inputs.

    W^(L) ... W^(2) W^(1) x, with f after every matrix.
    """
    net_inputs: list[Matrix] = [[[] for _ in rows]]
    activations: list[Matrix] = [rows]
    below = transposed(rows)
    for layer in layers:
        z = [
            [number + bias for number in row]
            for row, bias in zip(product(layer.weights, below), layer.biases, strict=True)
        ]
        below = _activated(layer.activation, z)
        net_inputs.append(transposed(z))
        activations.append(transposed(below))
    return net_inputs, activations


def backward(
    layers: Sequence[PlainLayer], z: list[Matrix], a: list[Matrix], slopes: Matrix
) -> tuple[list[Matrix], list[Matrix], list[list[float]]]:
    """Return δ of every layer, example and unit, and the gradients of weights and biases.

    Args:
        layers: The layers.
        z: Their net inputs.
        a: Their activations.
        slopes: ∂L/∂a of the outputs.
    """
    deltas: list[Matrix] = []
    weights: list[Matrix] = []
    biases: list[list[float]] = []
    arriving = transposed(slopes)
    for number in range(len(layers), 0, -1):
        layer = layers[number - 1]
        delta = _through(layer.activation, transposed(z[number]), transposed(a[number]), arriving)
        arriving = product(transposed(layer.weights), delta)
        deltas.insert(0, transposed(delta))
        weights.insert(0, product(delta, a[number - 1]))  # examples are the rows of a: a is Aᵀ
        biases.insert(0, [sum(row) for row in delta])
    return [[[] for _ in slopes], *deltas], weights, biases


def product(left: Matrix, right: Matrix) -> Matrix:
    """Return the product of two matrices.

    Example:
        >>> product([[1.0, 2.0]], [[3.0], [4.0]])
        [[11.0]]
    """
    columns = transposed(right)
    return [
        [sum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in left
    ]


def transposed(matrix: Matrix) -> Matrix:
    """Return the matrix with rows and columns exchanged.

    Example:
        >>> transposed([[1.0, 2.0]])
        [[1.0], [2.0]]
    """
    return [list(column) for column in zip(*matrix, strict=True)]


def _activated(name: str, z: Matrix) -> Matrix:
    if name == SOFTMAX:
        return transposed([softmax(column) for column in transposed(z)])
    return _by_element(UNIT_FUNCTIONS[name].value, z)


def _through(name: str, z: Matrix, a: Matrix, arriving: Matrix) -> Matrix:
    """Return f′(Z) ∘ G; of a softmax Jᵀ g for every example, with J = diag(a) − a aᵀ."""
    if name == SOFTMAX:
        columns = zip(transposed(a), transposed(arriving), strict=True)
        return transposed(
            [transposed(product(_jacobian(one), [[g] for g in given]))[0] for one, given in columns]
        )
    slopes = _by_element(UNIT_FUNCTIONS[name].slope, z)
    return [
        [slope * g for slope, g in zip(*rows, strict=True)]
        for rows in zip(slopes, arriving, strict=True)
    ]


def _jacobian(a: list[float]) -> Matrix:
    return [[a_k * ((k == m) - a_m) for m, a_m in enumerate(a)] for k, a_k in enumerate(a)]


def _by_element(f: Callable[[float], float], matrix: Matrix) -> Matrix:
    return [[f(number) for number in row] for row in matrix]
