"""What stands at the head of an exported file: which model it is, of what sizes and classes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from autograd import __version__
from nn.export.carried import Answers, Carried
from nn.export.dense import Dense


def title(layers: Sequence[Dense]) -> str:
    """Return a line that says what a model is.

    Example:
        >>> from nn import MLP
        >>> from nn.export.dense import dense_layers
        >>> title(dense_layers(MLP(2, [3, 1], "tanh")))
        '2 -> 3 tanh -> 1 linear, 13 parameters'
    """
    count = sum(layer.parameter_count for layer in layers)
    stages = [f"{layer.units} {_plain(layer.activation.name)}" for layer in layers]
    return f"{' -> '.join([str(layers[0].inputs), *stages])}, {count} parameters"


def written_by() -> str:
    """Return the words that end a heading."""
    return f"written by chainrule {__version__}"


def told_of(carried: Carried) -> list[str]:
    """Return what a heading says of inputs and outputs, fit for a comment of any language.

    Example:
        >>> from nn import MLP
        >>> from nn.export.carried import carried
        >>> model = MLP(2, [1], "sigmoid")
        >>> model.classes = "a */", 1
        >>> told_of(carried(model))
        ["Classes: 'a * /', 1"]
    """
    told = []
    if carried.scaler is not None:
        told.append("x are inputs as they are: (x - mean) / deviation is what the layers see.")
    answers = carried.answers
    if answers is not None and answers.classes is not None:
        told.append(f"Classes: {', '.join([_plain(ascii(label)) for label in answers.classes])}")
    return told


def asked_of(answers: Answers | None, array: str, classes: str) -> list[str]:
    """Return what a heading says can be asked beside `predict`, in a language with arrays."""
    if answers is None:
        return []
    count = answers.probabilities
    asked = [f"probabilities(x) -> {array} of {count} numbers"] * bool(count)
    return asked + [f"label(x) -> one of {classes}"] * (answers.classes is not None)


def wrapped(text: str) -> list[str]:
    """Return text on lines that fit into a comment."""
    return textwrap.wrap(text, 90)


def identifier(stem: str) -> str:
    """Return a name that C, JavaScript and Python accept, from that of a file.

    Example:
        >>> identifier("net"), identifier("my-net 2"), identifier("2.0"), identifier("__")
        ('net', 'my_net_2', 'model_2_0', 'model')
    """
    name = re.sub(r"\W+", "_", stem, flags=re.ASCII).strip("_") or "model"
    return f"model_{name}" if name[0].isdecimal() else name


def _plain(text: str) -> str:
    # A comment must not end, nor a docstring, nor a line.
    text = text.encode("ascii", "replace").decode().replace("*/", "* /").replace("\\", "/")
    return " ".join(text.replace('"""', "'''").replace("/*", "/ *").split())
