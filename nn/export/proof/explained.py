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
    given = [Value(x).detach() for x in inputs]
    source: Any = layer.source
    z = source.net_input(given)
    net = [one.data for one in z] if isinstance(z, list) else [z.data]
    a = source.activate(z)
    values = [one.data for one in a] if isinstance(a, list) else [a.data]
    unit, least = _ROUNDINGS * _UNIT[dtype], _LEAST[dtype]
    if layer.activation.whole_layer:
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
    for one, value, error in zip(net, values, errors, strict=True):
        around = [float(_plain(layer.activation(Value(x)))) for x in (one - error, one + error)]
        reach = max(abs(near - value) for near in around)
        # What is the difference of numbers near 1, or near z, is rounded on their scale.
        scale = max(abs(value), min(abs(one), 1.0))
        found.append(Expected(value, 2.0 * reach + unit * scale + least))
    return found


def _plain(result: Any) -> float:
    number: float = result.data if isinstance(result, Value) else result
    return number
