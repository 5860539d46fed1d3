"""A problem: a model, the rows it is fitted to, those held out, and the loss, checked together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.streams import in_ascii
from nn.measuring.scales import remember_scale
from nn.module import Module
from nn.reading.default_losses import default_loss, warn_of_labels
from nn.reading.examples import Examples
from nn.reading.feature_table import FeatureTable
from nn.reading.labels import loss_named, read_targets
from nn.reading.splitting import split_rows
from nn.reading.tables import read_features, require_equal_rows, require_same_columns
from nn.reading.weights import factors_of_classes, read_weights
from nn.training.checkpoints import code_of, digest
from nn.training.row_losses import RowLoss
from nn.validation import counted, finite, is_scalar

# What a model knows of the task that it was fitted to.
_TOLD = ("classes", "task", "loss_name", "feature_names")


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
        sample_weight: The weight of each row; None if all count alike.
        class_weight: What the rows of each class count; see `factors_of_classes`.

    Attributes:
        parameters: Those of the model.
        examples: What to fit to.
        held_out: What to validate by, or None.
        held_out_rows: The numbers of the rows of X that are held out; None if no part of them is.
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
        classes: Sequence[Any] | None = None,
        sample_weight: Any = None,
        class_weight: Any = None,
    ) -> None:
        self.model = model
        self.parameters = _parameters_of(model)
        y = list(y) if hasattr(y, "__next__") else y
        features = read_features(X, getattr(model, "nin", None))
        example = features.row(0)
        if loss is None:
            self.choice = default_loss(model, y, example, are_labels=classes is not None)
            warn_of_labels(self.choice, y)
        else:
            self.choice = loss_named(loss, model, example)
        given = self._read(features, y, classes, sample_weight, "")
        if classes is not None and given.targets.classes is None:
            raise ValueError(f"classes is for labels, but {self.choice.name} takes numbers")
        self.held_out: Examples | None = None
        self.held_out_rows: list[int] | None = None
        if validation is not None and is_scalar(validation):
            part = finite(validation, "validation")
            train, rest = split_rows(features.rows, part, given.targets.codes, seed)
            self.held_out, self.held_out_rows = given.take(rest), rest
            given = given.take(train)
        elif validation is not None:
            self.held_out = self._read_validation(validation, given)
        factors = factors_of_classes(class_weight, given.targets, given.weights)
        held_out = self.held_out
        known = [factors, given.weights, None if held_out is None else held_out.weights]
        is_weighted = any(each is not None for each in known)
        if is_weighted:
            given = given.weighted(factors, "X")
            self.held_out = None if held_out is None else held_out.weighted(factors, "validation")
        self.examples = given
        self.row_loss = RowLoss(model, self.choice.function, self.parameters, is_weighted)

    def _read(
        self, features: FeatureTable, y: Any, classes: Any, weights: Any, prefix: str
    ) -> Examples:
        """Return rows with targets and weights, checked against each other."""
        x_name, y_name = f"{prefix}X", f"{prefix}y"
        targets = read_targets(y, self.choice, self.choice.outputs, classes, y_name)
        require_equal_rows(features.rows, targets.rows, x_name, y_name)
        name = f"{prefix}sample_weight"
        known = None if weights is None else read_weights(weights, features.rows, name, x_name)
        return Examples(features, targets, known)

    def _read_validation(self, validation: Any, given: Examples) -> Examples:
        if not isinstance(validation, (tuple, list)) or len(validation) not in (2, 3):
            raise TypeError(
                "validation must be a pair (X, y), with weights a triple, or the part of the rows "
                f"to hold out, got {type(validation).__name__}"
            )
        x, y, *weights = validation
        y = list(y) if hasattr(y, "__next__") else y
        features = read_features(x, getattr(self.model, "nin", None), "validation X")
        known = weights[0] if weights else None
        found = self._read(features, y, given.targets.classes, known, "validation ")
        require_same_columns(given.features.names, features.names, "validation X")
        return found

    def require_sense(self, compiled: bool = True) -> None:
        """Refuse a model or a loss of somebody else that cannot be trained; see `RowLoss`."""
        self.row_loss.require_sense(self.examples.at(0), compiled)

    def tell_model(self) -> None:
        """Tell the model what its outputs mean."""
        targets = self.examples.targets
        known = targets.classes, self.choice.task, self.choice.name, self.examples.features.names
        tell(self.model, dict(zip(_TOLD, known, strict=True)))
        remember_scale(self.model, self.examples.features)

    def described(self) -> dict[str, str]:
        """Say in texts what has to be the same for it to be the same problem."""
        labels = chr(0).join(parameter.label for parameter in self.parameters)
        names = labels.encode(errors="surrogatepass")
        return {
            "the model": in_ascii(f"{self.model!r}, {digest(names)}"),
            "the rows": _fingerprint(self.examples),
            "validation": "none" if self.held_out is None else _fingerprint(self.held_out),
            "the loss": f"{self.choice.name}, {code_of(self.choice.function)}",
            "what the model computes": code_of(type(self.model).__call__),
        }


def told_of(model: Any) -> dict[str, Any]:
    """Return what a model knows of its task."""
    return {name: vars(model)[name] for name in _TOLD if name in vars(model)}


def tell(model: Any, told: dict[str, Any]) -> None:
    """Let a model know this of its task, and nothing else."""
    for name in _TOLD:
        vars(model).pop(name, None)
    vars(model).update(told)


def _parameters_of(model: Any) -> list[Any]:
    if not isinstance(model, Module) or not callable(model):
        raise TypeError(
            f"fit trains a Module that is called with the numbers of a row, got {model!r}"
        )
    parameters = model.parameters()
    if not parameters:
        raise ValueError(f"{model!r} has no parameters: there is nothing to train")
    return parameters


def _fingerprint(examples: Examples) -> str:
    parts = [memoryview(column).tobytes() for column in examples.columns]
    return f"{counted(examples.rows, 'row')}, {digest(*parts)}"
