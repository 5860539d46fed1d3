"""Backpropagation unit by unit, as the node formulas state it: sums over indices, and nothing else.

δ_k^(L) = f′(z_k^(L)) ∂L/∂a_k        δ_j^(l) = f′(z_j^(l)) sum_k w_jk^(l+1) δ_k^(l+1)
∂L/∂w_ij^(l) = sum over examples of δ_j^(l) a_i^(l−1)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from nn.textbook.plain_layers import SOFTMAX, PlainLayer
from nn.textbook.unit_slopes import UNIT_FUNCTIONS, softmax, softmax_slopes

Rows = list[list[float]]


def forward(layers: Sequence[PlainLayer], rows: Rows) -> tuple[list[Rows], list[Rows]]:
    """Return z and a of every layer, example and unit; those of layer 0 are nothing and the inputs.

    z_j^(l) = sum_i w_ij^(l) a_i^(l−1) + b_j^(l), a_j^(l) = f(z_j^(l)).
    """
    net_inputs: list[Rows] = [[[] for _ in rows]]
    activations: list[Rows] = [rows]
    for layer in layers:
        z = [
            [
                math.fsum([*(w * a for w, a in zip(weights, row, strict=True)), bias])
                for weights, bias in zip(layer.weights, layer.biases, strict=True)
            ]
            for row in activations[-1]
        ]
        net_inputs.append(z)
        activations.append([_activations(layer.activation, row) for row in z])
    return net_inputs, activations


def backward(
    layers: Sequence[PlainLayer], z: list[Rows], a: list[Rows], slopes: Rows
) -> tuple[list[Rows], list[Rows], list[list[float]]]:
    """Return δ of every layer, example and unit, and the gradients of weights and biases.

    Args:
        layers: The layers.
        z: Their net inputs.
        a: Their activations.
        slopes: ∂L/∂a of the outputs.
    """
    deltas: list[Rows] = []
    arriving = slopes  # ∂L/∂a of the layer
    for number in range(len(layers), 0, -1):
        layer = layers[number - 1]
        delta = [
            _sensitivities(layer.activation, z[number][n], a[number][n], arriving[n])
            for n in range(len(slopes))
        ]
        deltas.insert(0, delta)
        arriving = [
            [
                math.fsum(
                    layer.weights[k][j] * delta_k for k, delta_k in enumerate(delta_of_example)
                )
                for j in range(len(layer.weights[0]))
            ]
            for delta_of_example in delta
        ]
    weights = [
        [
            [
                math.fsum(delta[n][j] * a[below][n][i] for n in range(len(slopes)))
                for i in range(len(layers[below].weights[0]))
            ]
            for j in range(len(layers[below].weights))
        ]
        for below, delta in enumerate(deltas)
    ]
    biases = [
        [math.fsum(row[j] for row in delta) for j in range(len(delta[0]))] for delta in deltas
    ]
    return [[[] for _ in slopes], *deltas], weights, biases


def _activations(name: str, z: list[float]) -> list[float]:
    if name == SOFTMAX:
        return softmax(z)
    f = UNIT_FUNCTIONS[name].value
    return [f(z_j) for z_j in z]


def _sensitivities(name: str, z: list[float], a: list[float], arriving: list[float]) -> list[float]:
    if name == SOFTMAX:
        return softmax_slopes(a, arriving)
    slope = UNIT_FUNCTIONS[name].slope
    return [slope(z_j) * g_j for z_j, g_j in zip(z, arriving, strict=True)]
