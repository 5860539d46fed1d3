"""How far rounding can take the derivatives that an exported file computes from the engine's.

There is no bound as tight as that of values: rounding moves net inputs, and with them slopes. What
is compared is far smaller than any mistake: ten thousand roundings of the sum of the absolute
values of all products that a derivative is made of.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd import Value, dot, grad
from nn.export.carried import Carried
from nn.export.dense import Dense
from nn.export.proof.runs import weighting
from nn.notation import label

_ROUNDINGS = {"double": 1e4 * 2.0**-53, "float": 1e4 * 2.0**-24}
_LEAST = {"double": 1e-290, "float": 1e-35}


class ExportedDerivative(NamedTuple):
    """A derivative with the engine's number, and how far another may be from it."""

    name: str
    value: float
    allowed: float


def derivatives(
    model: Any, carried: Carried, row: Sequence[float], dtype: str
) -> list[ExportedDerivative] | None:
    """Return the derivatives of the weighted outputs by inputs and parameters, None on overflow.

    Example:
        >>> from nn import MLP
        >>> from nn.export.carried import carried
        >>> model = MLP(1, [1], "linear", initializer="zeros")
        >>> [(d.name, d.value) for d in derivatives(model, carried(model), [4.0], "double")]
        [('∂/∂x_1', 0.0), ('∂/∂w_11^(1)', -2.5), ('∂/∂b_1^(1)', -0.625)]
    """
    layers, scaler = carried.layers, carried.scaler
    scaled = carried.scaled(row)
    inputs = [Value(x) for x in scaled]
    parameters = [parameter for layer in layers for parameter in _parameters(layer)]
    before = [parameter.grad for parameter in parameters]
    try:
        outputs = model.forward(inputs)
        listed = outputs if isinstance(outputs, list) else [outputs]
        for parameter in parameters:
            parameter.grad = 0.0
        total: Any = dot(weighting(len(listed)), listed)
        total.backward()
        values = [one.grad for one in (*inputs, *parameters)]
        sizes = _sizes(layers, scaled)
    except (ArithmeticError, ValueError):
        return None
    finally:
        for parameter, number in zip(parameters, before, strict=True):
            parameter.grad = number
    if not all(map(math.isfinite, (*values, *sizes))):
        return None
    lost = 1.0
    if scaler is not None:
        # What the difference of x and its mean loses, the slopes may feel.
        columns = list(zip(row, scaler.means, scaler.deviations, strict=True))
        lost = max(1.0, *((abs(x) + abs(mean)) / deviation for x, mean, deviation in columns))
        for place, (_, _, deviation) in enumerate(columns):
            values[place], sizes[place] = values[place] / deviation, sizes[place] / deviation
    names = [label("x", index) for index in range(1, len(row) + 1)]
    names += [parameter.label or "a parameter" for parameter in parameters]
    return [
        ExportedDerivative(f"∂/∂{name}", value, _ROUNDINGS[dtype] * lost * size + _LEAST[dtype])
        for name, value, size in zip(names, values, sizes, strict=True)
    ]


def _parameters(layer: Dense) -> list[Value]:
    neurons: Any = getattr(layer.source, "neurons", [layer.source])
    return [
        value
        for neuron in neurons
        for value in (*neuron.weights, *([] if neuron.bias is None else [neuron.bias]))
    ]


def _sizes(layers: Sequence[Dense], row: Sequence[float]) -> list[float]:
    """Return, for each derivative, the sum of the absolute values of what it is made of."""
    activations, slopes = [list(row)], []
    for layer in layers:
        slope, activation = _through(layer, activations[-1])
        slopes.append(slope)
        activations.append(activation)
    bar = [abs(number) for number in weighting(layers[-1].units)]
    of_parameters: list[float] = []
    for layer, slope, inputs in reversed(list(zip(layers, slopes, activations, strict=False))):
        delta = slope(bar)
        own = []
        for one in delta:
            own += [one * abs(x) for x in inputs]
            own += [one] if layer.biases is not None else []
        of_parameters = own + of_parameters
        columns = zip(*layer.weights, strict=True)
        bar = [
            math.fsum([abs(weight) * one for weight, one in zip(column, delta, strict=True)])
            for column in columns
        ]
    return bar + of_parameters


_Slope = Callable[[list[float]], list[float]]


def _through(layer: Dense, inputs: Sequence[float]) -> tuple[_Slope, list[float]]:
    source: Any = layer.source
    z = source.net_input([Value(x).detach() for x in inputs])
    a = source.activate(z)
    net = [one.data for one in z] if isinstance(z, list) else [z.data]
    values = [one.data for one in a] if isinstance(a, list) else [a.data]
    if layer.activation.whole_layer:

        def of_softmax(bar: list[float]) -> list[float]:
            mean = math.fsum([p * one for p, one in zip(values, bar, strict=True)])
            return [p * (one + mean) for p, one in zip(values, bar, strict=True)]

        return of_softmax, values
    slope = grad(layer.activation.function)
    # A slope may be the difference of numbers near 1.
    sizes = [abs(slope(one)) + min(abs(value), 1.0) for one, value in zip(net, values, strict=True)]
    return lambda bar: [size * one for size, one in zip(sizes, bar, strict=True)], values
