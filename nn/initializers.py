"""Initializers: how the first weights are drawn.

An initializer is a function `(source, nin, nout) -> float` that draws one weight of a layer with
`nin` inputs and `nout` units. `source` is anything with the methods `uniform` and `gauss` of
`random.Random`. Weights are drawn neuron by neuron, each neuron's in the order of its inputs;
biases start at zero. What is drawn where nothing is said:

    a seed is given, or "auto" is named:
        relu, leaky_relu, elu, gelu, silu, softplus       He, uniform:      variance 2 / nin
        tanh, sigmoid, linear, softmax, step, your own    Glorot, uniform:  2 / (nin + nout)
        selu                                              LeCun, uniform:   1 / nin
    no seed, so from the module `random`; or "micrograd"  uniform between -1 and 1

So code written for micrograd, which seeds the module `random`, gets micrograd's weights.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, Protocol

from autograd.streams import for_stream
from nn.activations import BY_NAME as ACTIVATIONS
from nn.activations import Activation
from nn.validation import describe, finite, integer


class Source(Protocol):
    """Where random numbers come from: a `random.Random`, or the module `random` itself.

    Example:
        >>> source: Source = random.Random(0)
        >>> -1.0 <= source.uniform(-1.0, 1.0) <= 1.0, isinstance(source.gauss(0.0, 1.0), float)
        (True, True)
    """

    def uniform(self, a: float, b: float) -> float:
        """Return a number drawn uniformly between a and b."""

    def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float:
        """Return a normally distributed number."""


Initializer = Callable[[Source, int, int], float]


def uniform(low: float = -1.0, high: float = 1.0) -> Initializer:
    """Return an initializer: uniform between low and high, as micrograd.

    Raises:
        ValueError: If low is greater than high.

    Example:
        >>> uniform(-0.5, 0.5)(random.Random(0), 2, 16)
        0.3444218515250481
    """
    low, high = finite(low, "low"), finite(high, "high")
    if low > high:
        raise ValueError(f"low must not be greater than high, got low={low}, high={high}")
    return lambda source, _nin, _nout: source.uniform(low, high)


def normal(mean: float = 0.0, deviation: float = 1.0) -> Initializer:
    """Return an initializer: normal with this mean and standard deviation.

    Raises:
        ValueError: If the deviation is negative.

    Example:
        >>> normal()(random.Random(0), 8, 2)
        0.94171540...
    """
    mean, deviation = finite(mean, "mean"), finite(deviation, "deviation")
    if deviation < 0:
        raise ValueError(f"deviation must not be negative, got {deviation}")
    return lambda source, _nin, _nout: source.gauss(mean, deviation)


def xavier_uniform() -> Initializer:
    """Return an initializer: uniform with variance 2 / (nin + nout) (Glorot and Bengio, 2010).

    Example:
        >>> xavier_uniform()(random.Random(0), 8, 2)
        0.53357603...
    """
    return _uniform_with_variance(lambda nin, nout: 2.0 / (nin + nout))


def xavier_normal() -> Initializer:
    """Return an initializer: normal with variance 2 / (nin + nout) (Glorot and Bengio, 2010).

    Example:
        >>> xavier_normal()(random.Random(0), 8, 2)
        0.42114793...
    """
    return _normal_with_variance(lambda nin, nout: 2.0 / (nin + nout))


def he_uniform() -> Initializer:
    """Return an initializer: uniform with variance 2 / nin, for relu (He et al., 2015).

    Example:
        >>> he_uniform()(random.Random(0), 8, 2)
        0.59655614...
    """
    return _uniform_with_variance(lambda nin, _nout: 2.0 / nin)


def he_normal() -> Initializer:
    """Return an initializer: normal with variance 2 / nin, for relu (He et al., 2015).

    Example:
        >>> he_normal()(random.Random(0), 8, 2)
        0.47085770...
    """
    return _normal_with_variance(lambda nin, _nout: 2.0 / nin)


def lecun_uniform() -> Initializer:
    """Return an initializer: uniform with variance 1 / nin, for tanh, selu (LeCun et al., 1998).

    Example:
        >>> lecun_uniform()(random.Random(0), 8, 2)
        0.42182889...
    """
    return _uniform_with_variance(lambda nin, _nout: 1.0 / nin)


def lecun_normal() -> Initializer:
    """Return an initializer: normal with variance 1 / nin, for tanh, selu (LeCun et al., 1998).

    Example:
        >>> lecun_normal()(random.Random(0), 8, 2)
        0.33294667...
    """
    return _normal_with_variance(lambda nin, _nout: 1.0 / nin)


def constant(weight: float) -> Initializer:
    """Return an initializer: every weight the same.

    Example:
        >>> constant(0.5)(random.Random(0), 2, 16)
        0.5
    """
    weight = finite(weight, "weight")
    return lambda _source, _nin, _nout: weight


def zeros() -> Initializer:
    """Return an initializer: every weight zero.

    Example:
        >>> zeros()(random.Random(0), 2, 16)
        0.0
    """
    return constant(0.0)


BY_NAME: dict[str, Callable[[], Initializer]] = {
    **dict.fromkeys(("micrograd", "uniform"), uniform),
    "normal": normal,
    **dict.fromkeys(("xavier", "xavier_uniform", "glorot", "glorot_uniform"), xavier_uniform),
    **dict.fromkeys(("xavier_normal", "glorot_normal"), xavier_normal),
    **dict.fromkeys(("he", "he_uniform", "kaiming", "kaiming_uniform"), he_uniform),
    **dict.fromkeys(("he_normal", "kaiming_normal"), he_normal),
    **dict.fromkeys(("lecun", "lecun_uniform"), lecun_uniform),
    "lecun_normal": lecun_normal,
    "zeros": zeros,
}
BY_ACTIVATION: dict[str, Callable[[], Initializer]] = {
    **dict.fromkeys(("linear", "step", "sigmoid", "tanh", "softmax"), xavier_uniform),
    **dict.fromkeys(("relu", "leaky_relu", "elu", "gelu", "silu", "softplus"), he_uniform),
    "selu": lecun_uniform,
}


def initializer(choice: str | Initializer) -> Initializer:
    """Return the initializer with this name, or the given function itself.

    Args:
        choice: One of `micrograd` (or `uniform`), `normal`, `xavier` (or `glorot`), `he` (or
            `kaiming`), `lecun`, which are uniform, or one of these with `_uniform` or `_normal`;
            `zeros`; or a function `(source, nin, nout) -> float`.

    Raises:
        ValueError: If no initializer has this name.
        TypeError: If it is neither a name nor callable.

    Example:
        >>> initializer("zeros")(random.Random(0), 2, 16)
        0.0
    """
    if isinstance(choice, str):
        if choice not in BY_NAME:
            raise ValueError(
                for_stream(
                    f"initializer {choice!r} is unknown; choose one of auto, {', '.join(BY_NAME)}, "
                    "or a function (source, nin, nout) -> float"
                )
            )
        return BY_NAME[choice]()
    if not callable(choice):
        raise TypeError(
            "initializer must be a name or a function (source, nin, nout) -> float, got "
            f"{describe(choice)}"
        )
    return choice


def initializer_for(
    activation: Activation, choice: str | Initializer | None, source: Source
) -> Initializer:
    """Return what draws the weights of a layer: what was chosen, or what suits its activation.

    Args:
        activation: The activation of the layer.
        choice: As for `initializer`; "auto" for what suits the activation; None for that where the
            source is a seed's, and for micrograd's choice where it is the module `random`.
        source: Where the weights come from.

    Raises:
        ValueError: If no initializer has this name.
        TypeError: If it is neither a name nor callable.

    Example:
        >>> draw = initializer_for(ACTIVATIONS["relu"], None, random.Random(0))
        >>> draw(random.Random(0), 6, 16) == he_uniform()(random.Random(0), 6, 16)
        True
    """
    if choice is None:
        choice = "micrograd" if source is random else "auto"
    if choice != "auto":
        return initializer(choice)
    known = ACTIVATIONS.get(activation.name) == activation
    return BY_ACTIVATION[activation.name]() if known else xavier_uniform()


def source_of(seed: Any) -> Source:
    """Return the source of random numbers for a seed.

    An integer seeds a source of its own. A `random.Random` is used, and advanced, itself. None
    means the module `random`, so that `random.seed(1337)` before building a model repeats it, as it
    does with micrograd.

    Raises:
        TypeError: If the seed is something else.

    Example:
        >>> source_of(7).uniform(0, 1) == source_of(7).uniform(0, 1)
        True
    """
    if seed is None or seed is random:
        return random
    if isinstance(seed, random.Random):
        return seed
    number = None if isinstance(seed, bool) else integer(seed)
    if number is None:
        raise TypeError(f"seed must be an integer, a random.Random or None, got {describe(seed)}")
    return random.Random(number)


def _uniform_with_variance(variance: Callable[[int, int], float]) -> Initializer:
    def draw(source: Source, nin: int, nout: int) -> float:
        # The variance of a uniform distribution on [-limit, limit] is limit² / 3.
        limit = math.sqrt(3.0 * variance(nin, nout))
        return source.uniform(-limit, limit)

    return draw


def _normal_with_variance(variance: Callable[[int, int], float]) -> Initializer:
    def draw(source: Source, nin: int, nout: int) -> float:
        return source.gauss(0.0, math.sqrt(variance(nin, nout)))

    return draw
