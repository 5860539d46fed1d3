"""What is carried away: a model's layers, the scale of its inputs, and what its outputs answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, NamedTuple

from nn.activations import BY_NAME, Activation
from nn.data.scaling import Scaler
from nn.export.dense import Dense, dense_layers
from nn.measuring.decisions import meaning_of
from nn.validation import counted, describe


class Answers(NamedTuple):
    """What the outputs of a model that tells classes apart answer.

    Attributes:
        way: From outputs to probabilities: "softmax" of all; "sigmoid" of each; "logit", of a
            single one, and "share", a single probability, both with that of the first class before
            it; "outputs" that are probabilities; or "none", of scores.
        probabilities: How many there are.
        threshold: Above it a single output means the second class; None where the largest of
            several outputs tells the class, or none of them does.
        classes: The labels; None for independent outputs, which say yes or no each.
    """

    way: str
    probabilities: int
    threshold: float | None
    classes: tuple[Any, ...] | None

    @property
    def activation(self) -> Activation | None:
        """What makes probabilities of outputs."""
        return BY_NAME.get({"logit": "sigmoid"}.get(self.way, self.way))

    def code(self, outputs: Sequence[float]) -> int:
        """Return the place of the class that outputs tell, the first of equal ones.

        Example:
            >>> Answers("logit", 2, 0.0, ("no", "yes")).code([0.5])
            1
        """
        if self.threshold is not None:
            return int(outputs[0] > self.threshold)
        return max(range(len(outputs)), key=outputs.__getitem__)


class Carried(NamedTuple):
    """A model as it is carried away.

    Attributes:
        layers: Its layers.
        scaler: What brings inputs to the scale it was trained at; None for a model of plain inputs.
        answers: What its outputs answer; None for numbers.
    """

    layers: list[Dense]
    scaler: Scaler | None
    answers: Answers | None

    @property
    def inputs(self) -> int:
        """The number of inputs."""
        return self.layers[0].inputs

    @property
    def outputs(self) -> int:
        """The number of outputs."""
        return self.layers[-1].units

    @property
    def parameter_count(self) -> int:
        """The number of weights and biases."""
        return sum(layer.parameter_count for layer in self.layers)

    @property
    def activations(self) -> list[Activation]:
        """All functions that it needs."""
        last = self.answers.activation if self.answers is not None else None
        found = [layer.activation for layer in self.layers]
        return found if last is None else [*found, last]

    def scales(self) -> Iterator[tuple[str, list[float]]]:
        """Yield the numbers of the scale by name."""
        if self.scaler is not None:
            yield "means", self.scaler.means
            yield "deviations", self.scaler.deviations

    def scaled(self, row: Sequence[float]) -> list[float]:
        """Return inputs at the scale of the first layer."""
        if self.scaler is None:
            return list(row)
        columns = zip(row, self.scaler.means, self.scaler.deviations, strict=True)
        return [(x - mean) / deviation for x, mean, deviation in columns]


def carried(model: Any, scaler: Any = None) -> Carried:
    """Return a model as it is carried away.

    Args:
        model: An MLP, a Layer or a Neuron.
        scaler: What its inputs went through; `model.scaler`, if not given and there.

    Raises:
        TypeError: If the model computes its outputs in a way of its own, or the scaler is none.
        ValueError: As `dense_layers`; or if the scaler has learned nothing, or of other columns, or
            the model has other outputs than classes.

    Example:
        >>> from nn import MLP
        >>> carried(MLP(2, [3], "softmax")).answers
        Answers(way='outputs', probabilities=3, threshold=None, classes=(0, 1, 2))
    """
    layers = dense_layers(model)
    return Carried(layers, scaler_of(model, scaler), _answers(model, layers[-1].units))


def scaler_of(model: Any, scaler: Any = None) -> Scaler | None:
    """Return the scaler that is given, or a model's own, checked."""
    found = getattr(model, "scaler", None) if scaler is None else scaler
    if found is None:
        return None
    if not isinstance(found, Scaler):
        raise TypeError(f"scaler must be a Scaler of nn.data, got {describe(found)}")
    if not found.means:
        raise ValueError("the scaler has learned nothing yet; call fit with training rows")
    if len(found.means) != model.nin:
        raise ValueError(
            f"the scaler knows {counted(len(found.means), 'column')}, the model takes "
            f"{counted(model.nin, 'number')}"
        )
    return found


def _answers(model: Any, outputs: int) -> Answers | None:
    meaning = meaning_of(model)
    if meaning.task not in ("classification", "binary"):
        return None
    is_binary, takes, classes = meaning.task == "binary", meaning.takes, meaning.classes
    if is_binary and outputs > 1:
        return Answers("sigmoid" if takes == "logits" else "outputs", outputs, None, None)
    if classes is not None and len(classes) != (2 if is_binary else outputs):
        raise ValueError(
            f"the model has {counted(outputs, 'output')} and the classes {classes!r:.100}; their "
            "numbers do not fit"
        )
    labels = tuple(map(plain_label, range(outputs + is_binary) if classes is None else classes))
    if is_binary:
        way = {"logits": "logit", "probabilities": "share"}.get(takes, "none")
        threshold = 0.5 if takes == "probabilities" else 0.0
        return Answers(way, 2 * (way != "none"), threshold, labels)
    way = {"logits": "softmax", "probabilities": "outputs"}.get(takes, "none")
    return Answers(way, outputs * (way != "none"), None, labels)


def plain_label(label: Any) -> Any:
    """Return a label as text, a truth value, an integer or a finite number; anything else as text.

    Example:
        >>> plain_label("cat"), plain_label(3), plain_label((1, 2))
        ('cat', 3, '(1, 2)')
    """
    found = scalar_of(label)
    if type(found) in (str, bool, int) or (type(found) is float and isfinite(found)):
        return found
    return str(label)


def scalar_of(label: Any) -> Any:
    """Return what a scalar of NumPy holds; anything else as it is."""
    if type(label) in (str, int, float, bool):
        return label
    item = getattr(label, "item", None)
    return label if item is None else item()
