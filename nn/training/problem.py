"""A problem: a model, the rows it is fitted to, those held out, and the loss, checked together."""

from __future__ import annotations

from array import array
from contextlib import suppress
from typing import Any

from autograd.streams import in_ascii
from nn.module import Module
from nn.reading.labels import default_loss, loss_named, read_targets
from nn.reading.splitting import split_rows
from nn.reading.tables import read_features, require_equal_rows, require_same_columns
from nn.training.checkpoints import code_of, digest
from nn.training.row_losses import RowLoss
from nn.validation import finite, is_scalar


class Problem:
    """What is fitted to what.

    Args:
        model: What is fitted.
        X: The rows.
        y: Their targets.
        loss: The loss, its name, or None for the one that fits model and targets.
        validation: Rows and targets that are held out, or which part of the rows.
        seed: Of the choice of that part.
        classes: The labels in the order of the outputs; those in y, if not given.

    Attributes:
        parameters: Those of the model.
        features: The rows to fit to.
        targets: Their targets.
        held_out: Rows and targets to validate by, or None.
        choice: The loss.
        row_loss: The loss of a row, as a program and as nodes.
    """

    def __init__(
        self,
        model: Any,
        X: Any,
        y: Any,
        loss: Any = None,
        validation: Any = None,
        seed: int = 0,
        classes: tuple[Any, ...] | None = None,
    ) -> None:
        self.model = model
        self.parameters = _parameters_of(model)
        y = list(y) if hasattr(y, "__next__") else y
        inputs = getattr(model, "nin", None)
        features = read_features(X, inputs)
        example = features.row(0)
        self.choice = (
            default_loss(model, y, example) if loss is None else loss_named(loss, model, example)
        )
        targets = read_targets(y, self.choice, self.choice.outputs, classes)
        require_equal_rows(features.rows, targets.rows, "X", "y")
        self.held_out: tuple[Any, Any] | None = None
        if validation is not None and is_scalar(validation):
            part = finite(validation, "validation")
            train, rest = split_rows(features.rows, part, targets.codes, seed)
            self.held_out = features.take(rest), targets.take(rest)
            features, targets = features.take(train), targets.take(train)
        elif validation is not None:
            self.held_out = self._read_validation(validation, inputs, targets)
        if self.held_out is not None:
            require_same_columns(features.names, self.held_out[0].names, "validation X")
        self.features, self.targets = features, targets
        self.row_loss = RowLoss(model, self.choice.function, self.parameters)

    def _read_validation(self, validation: Any, inputs: Any, targets: Any) -> tuple[Any, Any]:
        try:
            x, y = validation
        except (TypeError, ValueError):
            raise TypeError(
                "validation must be a pair (X, y), or the part of the rows to hold out, got "
                f"{type(validation).__name__}"
            ) from None
        features = read_features(x, inputs, "validation X")
        outputs = self.choice.outputs
        known = read_targets(y, self.choice, outputs, targets.classes, "validation y")
        require_equal_rows(features.rows, known.rows, "validation X", "validation y")
        return features, known

    def require_sense(self, compiled: bool = True) -> None:
        """Refuse a model or a loss of somebody else that cannot be trained; see `RowLoss`."""
        self.row_loss.require_sense(self.features.row(0), self.targets.row(0), compiled)

    def tell_model(self) -> None:
        """Tell the model what its outputs mean."""
        self.model.classes = self.targets.classes
        self.model.task = self.choice.task
        self.model.loss_name = self.choice.name
        self.model.feature_names = self.features.names

    def described(self) -> dict[str, str]:
        """Say in texts what has to be the same for it to be the same problem."""
        labels = chr(0).join(parameter.label for parameter in self.parameters)
        names = labels.encode(errors="surrogatepass")
        held_out = self.held_out
        return {
            "the model": in_ascii(f"{self.model!r}, {digest(names)}"),
            "the rows": _fingerprint(self.features, self.targets),
            "validation": "none" if held_out is None else _fingerprint(*held_out),
            "the loss": f"{self.choice.name}, {code_of(self.choice.function)}",
            "what the model computes": code_of(type(self.model).__call__),
        }


def _parameters_of(model: Any) -> list[Any]:
    if not isinstance(model, Module) or not callable(model):
        raise TypeError(
            f"fit trains a Module that is called with the numbers of a row, got {model!r}"
        )
    parameters = model.parameters()
    if not parameters:
        raise ValueError(f"{model!r} has no parameters: there is nothing to train")
    return parameters


def _fingerprint(features: Any, targets: Any) -> str:
    numbers = memoryview(features.data).tobytes()
    return f"{features.rows} rows, {digest(numbers, _flat(targets.columns))}"


def _flat(columns: Any) -> bytes:
    with suppress(TypeError):  # of a list
        return memoryview(columns).tobytes()
    first = columns[0]
    flat = columns if isinstance(first, float) else [number for row in columns for number in row]
    return array("d", flat).tobytes()
