"""Activation functions and their derivatives on plain floats, written out by hand.

They repeat what the engine knows, on purpose: so they can contradict it. At kinks the derivative is
the engine's choice: relu′(0) = 0, elsewhere the slope on the left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
_SMALL_SLOPE = 0.01


class UnitFunction(NamedTuple):
    """An activation of one unit.

    Attributes:
        value: f(z).
        slope: f′(z).
        formula: Both in words of mathematics.
        kink: Whether the slope jumps at 0.
    """

    value: Callable[[float], float]
    slope: Callable[[float], float]
    formula: str
    kink: bool = False


def sigmoid(z: float) -> float:
    """Return 1 / (1 + e^(−z)), without overflow.

    Example:
        >>> sigmoid(0.0), sigmoid(-1000.0)
        (0.5, 0.0)
    """
    decay = math.exp(-abs(z))
    return (1.0 if z >= 0.0 else decay) / (1.0 + decay)


def softplus(z: float) -> float:
    """Return log(1 + e^z), without overflow.

    Example:
        >>> softplus(0.0) == math.log(2.0), softplus(1000.0)
        (True, 1000.0)
    """
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def softmax(z: Sequence[float]) -> list[float]:
    """Return e^(z_k) / sum_m e^(z_m) for every k.

    Example:
        >>> softmax([1000.0, 1000.0])
        [0.5, 0.5]
    """
    largest = max(z)
    powers = [math.exp(z_k - largest) for z_k in z]
    whole = math.fsum(powers)
    return [power / whole for power in powers]


def softmax_slopes(a: Sequence[float], g: Sequence[float]) -> list[float]:
    """Return ∂L/∂z_k = a_k (g_k − sum_m g_m a_m) of a softmax layer, where g_m is ∂L/∂a_m.

    Example:
        >>> softmax_slopes([0.25, 0.75], [-4.0, 0.0])
        [-0.75, 0.75]
    """
    mean = math.fsum(g_m * a_m for g_m, a_m in zip(g, a, strict=True))
    return [a_k * (g_k - mean) for a_k, g_k in zip(a, g, strict=True)]


def _tanh_slope(z: float) -> float:
    # 1 − tanh²(z) = 1 / cosh²(z), which keeps its digits where tanh is rounded to 1.
    decay = math.exp(-2.0 * abs(z))
    return 4.0 * decay / (1.0 + decay) ** 2


def _normal_share(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def _gelu_slope(z: float) -> float:
    return _normal_share(z) + z * math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


UNIT_FUNCTIONS = {
    "linear": UnitFunction(lambda z: z, lambda _z: 1.0, "z, slope 1"),
    "step": UnitFunction(
        lambda z: 1.0 if z > 0.0 else 0.0, lambda _z: 0.0, "1 where z > 0, else 0, slope 0", True
    ),
    "sigmoid": UnitFunction(
        sigmoid, lambda z: sigmoid(z) * sigmoid(-z), "a = 1/(1 + e^(−z)), slope a (1 − a)"
    ),
    "tanh": UnitFunction(math.tanh, _tanh_slope, "a = tanh z, slope 1 − a²"),
    "relu": UnitFunction(
        lambda z: max(z, 0.0),
        lambda z: 1.0 if z > 0.0 else 0.0,
        "max(0, z), slope 1 where z > 0, else 0",
        True,
    ),
    "leaky_relu": UnitFunction(
        lambda z: z if z > 0.0 else _SMALL_SLOPE * z,
        lambda z: 1.0 if z > 0.0 else _SMALL_SLOPE,
        "z where z > 0, else 0.01 z, slope 1 or 0.01",
        True,
    ),
    "elu": UnitFunction(
        lambda z: z if z > 0.0 else math.expm1(z),
        lambda z: 1.0 if z > 0.0 else math.exp(z),
        "z where z > 0, else e^z − 1, slope 1 or e^z",
    ),
    "selu": UnitFunction(
        lambda z: _SELU_SCALE * (z if z > 0.0 else _SELU_ALPHA * math.expm1(z)),
        lambda z: _SELU_SCALE * (1.0 if z > 0.0 else _SELU_ALPHA * math.exp(z)),
        "elu scaled, so that means and variances stay",
        True,
    ),
    "gelu": UnitFunction(
        lambda z: z * _normal_share(z), _gelu_slope, "z Φ(z), slope Φ(z) + z φ(z)"
    ),
    "silu": UnitFunction(
        lambda z: z * sigmoid(z),
        lambda z: sigmoid(z) * (1.0 + z * sigmoid(-z)),
        "z σ(z), slope σ(z) (1 + z (1 − σ(z)))",
    ),
    "softplus": UnitFunction(softplus, sigmoid, "log(1 + e^z), slope σ(z)"),
}
