"""How far the rounding of a type alone can take an activation from its exact value.

A net input is a sum of n products; in arithmetic with the unit roundoff u its error is at most
(n + 3) u times the sum of their absolute values (Higham, "Accuracy and Stability of Numerical
Algorithms", 2002, section 3.1), the rounding of the weights included. An activation may be what its
function makes of any net input within that error, and a few roundings besides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd import Value, no_grad
from nn.activations import Activation
from nn.export.carried import Answers, Carried
from nn.export.dense import Dense
from nn.export.languages.numerals import rounded

_ROUNDINGS = 16  # of an activation: libraries of mathematics are off by some units
_UNIT = {"double": 2.0**-53, "float": 2.0**-24}
_LEAST = {"double": 2.0**-1022, "float": 2.0**-126}
_LARGEST = {"double": 2.0**1023, "float": 2.0**127}


class Expected(NamedTuple):
    """What a unit should give, and how far from it rounding can take it."""

    value: float
    allowed: float

    def explains(self, found: float) -> bool:
        """Return whether rounding explains a result."""
        return found == self.value or abs(found - self.value) <= self.allowed


def expected(layer: Dense, inputs: Sequence[float], dtype: str) -> list[Expected] | None:
    """Return what the units of a layer should give for inputs; None if that is beyond the type.

    Example:
        >>> from nn import MLP
        >>> from nn.export.dense import dense_layers
        >>> layer, = dense_layers(MLP(1, [1], "tanh", initializer="zeros"))
        >>> expected(layer, [2.0], "double")[0].explains(1e-3)
        False
    """
    if not all(map(math.isfinite, inputs)):
        return None
    bounds = []
    for place, row in enumerate(layer.weights):
        size = math.fsum([abs(weight * x) for weight, x in zip(row, inputs, strict=True)])
        bounds.append(size + (abs(layer.biases[place]) if layer.biases is not None else 0.0))
    if max(bounds) >= _LARGEST[dtype]:
        return None
    unit = _UNIT[dtype]
    errors = [(layer.inputs + 3) * unit * size + _LEAST[dtype] for size in bounds]
    try:
        with no_grad():
            found = _evaluated(layer, inputs, errors, dtype)
    except (ArithmeticError, ValueError):
        return None
    return found if all(math.isfinite(rounded(one.value, dtype)) for one in found) else None


def _evaluated(
    layer: Dense, inputs: Sequence[float], errors: Sequence[float], dtype: str
) -> list[Expected]:
    source: Any = layer.source
    z = source.net_input([Value(x).detach() for x in inputs])
    net = [one.data for one in z] if isinstance(z, list) else [z.data]
    return activated(layer.activation, net, errors, dtype)


def activated(
    activation: Activation, net: Sequence[float], errors: Sequence[float], dtype: str
) -> list[Expected]:
    """Return what an activation should give for net inputs that may be off by some errors.

    Example:
        >>> from nn.activations import BY_NAME
        >>> activated(BY_NAME["sigmoid"], [0.0], [0.0], "double")[0].value
        0.5
    """
    unit, least = _ROUNDINGS * _UNIT[dtype], _LEAST[dtype]
    if activation.whole_layer:
        values = [one.data for one in activation.function([Value(x).detach() for x in net])]
        # All logits may be off: each share by the factor e^(2 error), and by what rounding makes
        # of the distance to the largest logit.
        factor = math.expm1(min(2.0 * max(errors), 1.0)) if max(errors) < 0.5 else math.inf
        widest = max(net)
        return [
            Expected(p, p * (factor + unit * (len(net) + widest - one)) + least)
            if math.isfinite(factor)
            else Expected(p, 1.0)
            for p, one in zip(values, net, strict=True)
        ]
    found = []
    for one, error in zip(net, errors, strict=True):
        value, *around = [
            float(_plain(activation(Value(x)))) for x in (one, one - error, one + error)
        ]
        reach = max(abs(near - value) for near in around)
        # What is the difference of numbers near 1, or near z, is rounded on their scale.
        scale = max(abs(value), min(abs(one), 1.0))
        found.append(Expected(value, 2.0 * reach + unit * scale + least))
    return found


def scaled(carried: Carried, row: Sequence[float], dtype: str) -> list[Expected] | None:
    """Return what the scale of the inputs should give; None if that is beyond the type."""
    if carried.scaler is None:
        return None
    unit, least = 4.0 * _UNIT[dtype], _LEAST[dtype]
    found = []
    columns = zip(
        carried.scaled(row), row, carried.scaler.means, carried.scaler.deviations, strict=True
    )
    for value, x, mean, deviation in columns:
        size = (abs(x) + abs(mean)) / deviation
        if not size < _LARGEST[dtype]:
            return None
        found.append(Expected(value, unit * size + least))
    return found


def answered(answers: Answers, outputs: Sequence[float], dtype: str) -> list[Expected]:
    """Return the probabilities that outputs should answer.

    Example:
        >>> answered(Answers("share", 2, 0.5, (0, 1)), [0.25], "double")[0].value
        0.75
    """
    if answers.way == "logit":
        outputs = [-outputs[0], outputs[0]]
    if answers.activation is not None:
        return activated(answers.activation, outputs, [0.0] * len(outputs), dtype)
    if answers.way == "share":
        return [Expected(1.0 - outputs[0], _UNIT[dtype]), Expected(outputs[0], 0.0)]
    return [Expected(one, 0.0) for one in outputs[: answers.probabilities]]


def _plain(result: Any) -> float:
    number: float = result.data if isinstance(result, Value) else result
    return number
