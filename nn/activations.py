"""Activation functions: what a neuron makes of its net input, by name or as any callable.

Every name here is an operation of `autograd`, where its formula, its derivative and what it does at
kinks are stated; `linear` passes the net input on. Softmax is different in kind: it needs the net
inputs of the whole layer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import autograd
from autograd.streams import for_stream, printed_anywhere
from nn.validation import describe


@printed_anywhere
@dataclass(frozen=True)
class Activation:
    """An activation function a = f(z) with its name.

    Attributes:
        name: The name it is shown under.
        function: f, from a net input to an activation; for a layer-wide activation, from the list
            of the layer's net inputs to the list of its activations.
        whole_layer: Whether it is layer-wide.

    Example:
        >>> relu = activation("relu")
        >>> relu.name, relu.function(-2.0), relu.whole_layer
        ('relu', 0.0, False)
        >>> activation("softmax").whole_layer
        True
    """

    name: str
    function: Callable[[Any], Any]
    whole_layer: bool = False

    def __call__(self, net_input: Any) -> Any:
        """Return f(net_input)."""
        return self.function(net_input)

    def __repr__(self) -> str:
        return f"<activation {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # Named activations travel by name, so that a saved model does not depend on how the
        # engine that loads it builds its functions.
        if BY_NAME.get(self.name) is self:
            return activation, (self.name,)
        return Activation, (self.name, self.function, self.whole_layer)


def linear(net_input: Any) -> Any:
    """Return the net input itself: f(z) = z.

    Example:
        >>> linear(-2.0)
        -2.0
    """
    return net_input


BY_NAME: dict[str, Activation] = {
    "linear": Activation("linear", linear),
    "step": Activation("step", autograd.step),
    "sigmoid": Activation("sigmoid", autograd.sigmoid),
    "tanh": Activation("tanh", autograd.tanh),
    "relu": Activation("relu", autograd.relu),
    "leaky_relu": Activation("leaky_relu", autograd.leaky_relu),
    "elu": Activation("elu", autograd.elu),
    "selu": Activation("selu", autograd.selu),
    "gelu": Activation("gelu", autograd.gelu),
    "silu": Activation("silu", autograd.silu),
    "softplus": Activation("softplus", autograd.softplus),
    "softmax": Activation("softmax", autograd.softmax, whole_layer=True),
}
ALIASES = {"identity": "linear", "logistic": "sigmoid"}


def activation(choice: str | Callable[[Any], Any], name: str = "activation") -> Activation:
    """Return the activation with this name, or wrap a function of one net input.

    Args:
        choice: One of `linear` (or `identity`), `step`, `sigmoid` (or `logistic`), `tanh`, `relu`,
            `leaky_relu`, `elu`, `selu`, `gelu`, `silu`, `softplus`, `softmax`; or a callable.
        name: What the argument is called in an error message.

    Raises:
        ValueError: If no activation has this name.
        TypeError: If it is neither a name nor callable.

    Example:
        >>> activation("logistic").name
        'sigmoid'
        >>> activation(lambda z: z * z)(3.0)
        9.0
    """
    if isinstance(choice, Activation):
        return choice
    if isinstance(choice, str):
        known_as = choice.lower()
        found = BY_NAME.get(ALIASES.get(known_as, known_as))
        if found is None:
            known = ", ".join([*BY_NAME, *ALIASES])
            raise ValueError(
                for_stream(f"{name} {choice!r} is unknown; choose one of {known}, or a function")
            )
        return found
    if not callable(choice):
        raise TypeError(f"{name} must be a name or a function, got {describe(choice)}")
    for known_activation in BY_NAME.values():
        if choice is known_activation.function:
            return known_activation
    shown = getattr(choice, "__name__", None) or getattr(choice, "name", type(choice).__name__)
    return Activation(str(shown), choice)
