"""What stands at the head of an exported file: which model it is, of what sizes and classes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Any

from autograd import __version__
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


def class_line(classes: Sequence[Any] | None) -> str:
    """Return the labels of the outputs in their order, fit for a comment of any language.

    Example:
        >>> class_line(("a */", 1)), class_line(None)
        ("Classes: 'a * /', 1", '')
    """
    return f"Classes: {', '.join([_plain(ascii(label)) for label in classes])}" if classes else ""


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
