"""Losses by name: what each is called, what outputs it takes, and whether a model gives those.

It knows nothing of data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from nn import losses
from nn.activations import BY_NAME
from nn.layers import Layer
from nn.networks import MLP
from nn.neurons import Neuron
from nn.validation import counted, describe, outputs_listed


@dataclass(frozen=True)
class LossChoice:
    """A loss, and what it takes.

    Attributes:
        name: Its name in `LOSSES`; of a function of one's own the function's.
        function: Takes the outputs of a model for one example, and its target.
        task: What it is for, as `NamedLoss` has it. None for a function of one's own, whose targets
            are the numbers that were given.
        takes: What the outputs are, as `NamedLoss` has it.
        outputs: How many outputs the model has; None if that is not known.
        activation: The name of the outputs' activation; None if that is not known.
    """

    name: str
    function: Callable[[Any, Any], Any]
    task: str | None
    takes: str
    outputs: int | None = None
    activation: str | None = None


LOSSES = {
    name: LossChoice(name, known.function, known.task, known.takes)
    for name, known in losses.BY_NAME.items()
}
ALIASES = {alias: name for name, known in losses.BY_NAME.items() for alias in known.aliases}

# Outputs that are certainly not what a loss takes, and what to do then.
_NEVER_NEGATIVE = ("relu", "softplus")
_SQUASHED = ("sigmoid", "softmax", "step")


def loss_called(loss: Any) -> LossChoice:
    """Return the loss with this name, or what a function is.

    Raises:
        TypeError: If it is neither a name nor a function.
        ValueError: If no loss has this name; the error has the nearest one.

    Example:
        >>> loss_called("binary_crossentropy").name, loss_called(losses.mse).task
        ('bce', 'regression')
        >>> loss_called("crossentropy")
        Traceback (most recent call last):
            ...
        ValueError: loss 'crossentropy' is unknown; did you mean 'cross_entropy'? There are \
squared_error, mse, hinge, bce, bce_with_logits, nll, cross_entropy, and any function of outputs \
and target
    """
    if isinstance(loss, LossChoice):
        return loss
    if isinstance(loss, str):
        name = loss.lower()
        found = LOSSES.get(ALIASES.get(name, name))
        if found is None:
            near = get_close_matches(name, [*LOSSES, *ALIASES], n=1, cutoff=0.5)
            meant = f"did you mean {near[0]!r}? There" if near else "there"
            raise ValueError(
                f"loss {loss!r} is unknown; {meant} are {', '.join(LOSSES)}, and any function "
                "of outputs and target"
            )
        return found
    if not callable(loss) or isinstance(loss, type):
        raise TypeError(
            f"loss must be a name or a function of outputs and target, got {describe(loss)}"
        )
    for known in LOSSES.values():
        if loss is known.function:
            return known
    name = getattr(loss, "__name__", type(loss).__name__)
    return LossChoice(str(name), loss, None, "numbers")


def outputs_of_model(
    model: Any, example: Sequence[float] | None = None
) -> tuple[int | None, str | None]:
    """Return how many outputs a model has, and the name of their activation, as far as known.

    Args:
        model: A network of ours, or any function of one example.
        example: The numbers of an example, for models that only a call tells about.

    Example:
        >>> outputs_of_model(MLP(2, [4, 3], output_activation="softmax"))
        (3, 'softmax')
        >>> outputs_of_model(lambda x: x[0], [1.0, 2.0])
        (1, None)
    """
    last = model.layers[-1] if isinstance(model, MLP) and model.layers else model
    if isinstance(last, (Layer, Neuron)) and model.is_plain:
        chosen = last.activation
        name = chosen.name if BY_NAME.get(chosen.name) is chosen else None
        return (1 if isinstance(last, Neuron) else last.nout), name
    if example is None:
        return None, None
    outputs = outputs_listed(model(list(example)))
    operations = {str(getattr(output, "op", "")).lower() for output in outputs}
    name = operations.pop() if len(operations) == 1 else None
    name = "linear" if name in ("dot", "add", "mul", "sub") else name
    return len(outputs), name if name in BY_NAME else None


def fitted_to(choice: LossChoice, outputs: int | None, activation: str | None) -> LossChoice:
    """Return a loss with what is known of a model's outputs.

    Raises:
        ValueError: If the loss cannot be right for such outputs.

    Example:
        >>> fitted_to(LOSSES["cross_entropy"], 3, "softmax")
        Traceback (most recent call last):
            ...
        ValueError: cross_entropy takes net inputs (logits), but the outputs are those of softmax; \
use loss="nll", or output_activation="linear"
    """
    several = outputs is not None and outputs > 1
    if choice.task == "classification" and outputs == 1:
        other = "bce" if choice.takes == "probabilities" else "bce_with_logits"
        raise ValueError(
            f'{choice.name} takes one output per class, but the model has 1; use loss="{other}" '
            "for two classes and one output"
        )
    if activation is not None:
        advice = _advice(choice, activation, several)
        if advice:
            kind = "net inputs (logits)" if choice.takes == "logits" else choice.takes
            raise ValueError(
                f"{choice.name} takes {kind}, but the outputs are those of {activation}; {advice}"
            )
    return replace(choice, outputs=outputs, activation=activation)


def _advice(choice: LossChoice, activation: str, several: bool) -> str:
    """Return what to do instead; nothing if the activation suits the loss."""
    linear = 'output_activation="linear"'
    if choice.takes in ("logits", "scores"):
        if activation == "softmax":
            return f'use loss="nll", or {linear}'
        if activation == "sigmoid" and choice.task == "binary":
            return f'use loss="bce", or {linear}'
        never_negative = activation in _NEVER_NEGATIVE and choice.task == "binary"
        return f"use {linear}" if activation in _SQUASHED or never_negative else ""
    if choice.takes == "probabilities":
        wanted = "softmax" if choice.task == "classification" else "sigmoid"
        if activation in (wanted, "step") or (activation == "softmax" and several):
            return f'use output_activation="{wanted}"' if activation == "step" else ""
        if activation == "linear":
            other = "cross_entropy" if choice.task == "classification" else "bce_with_logits"
            return f'use loss="{other}", or output_activation="{wanted}"'
        return f'use output_activation="{wanted}"'
    return ""


def counted_outputs(outputs: int) -> str:
    """Return how many outputs a model has, in words.

    Example:
        >>> counted_outputs(1)
        'the model has 1 output'
    """
    return f"the model has {counted(outputs, 'output')}"
