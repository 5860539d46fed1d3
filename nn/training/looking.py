"""Looking: what a training sees of its model after each epoch."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from math import fsum
from typing import Any

from autograd import no_grad
from nn.callers import level_of_user
from nn.measuring.compiled_models import program_of
from nn.measuring.decisions import meaning_by
from nn.measuring.metrics import Metric
from nn.measuring.predictions import outputs_by
from nn.measuring.scoring import measured, require_suited
from nn.relu_units import count_dead_units, warn_of_dead_layers
from nn.training.problem import Problem
from nn.validation import outputs_listed

_SAMPLE = 100  # rows by which dead units are counted


class Look:
    """What looks at a model: at what is held out, or without that at all rows.

    Args:
        problem: What is fitted to what.
        metrics: What is measured.
        epochs: How many there will be at most.
        compiled: Whether programs do it; else the model is called for each row.

    Raises:
        ValueError: If a metric is not one for what the model learns.
    """

    def __init__(
        self, problem: Problem, metrics: Sequence[Metric], epochs: int, compiled: bool
    ) -> None:
        self._problem, self._metrics, self._epochs = problem, metrics, epochs
        self._compiled = compiled
        self._rows: list[list[float]] | None = None  # by which dead units are counted
        self._examples = problem.held_out or problem.examples
        self._meaning = meaning_by(problem.choice, problem.examples.targets)
        require_suited(metrics, self._meaning, problem.examples.targets)
        # Made once: whether it may be used again is not asked after each epoch.
        self._program = program_of(problem.model) if metrics and compiled else None

    def loss(self) -> float | None:
        """Return the mean loss of what is held out, or None."""
        if self._problem.held_out is None:
            return None
        row_loss = self._problem.row_loss
        if self._compiled:
            return float(row_loss.program.rows(*self._examples.columns, reduce="mean"))
        rows = range(self._examples.rows)
        with no_grad():
            return fsum(row_loss.at(*self._examples.at(row)).data for row in rows) / len(rows)

    def metrics(self) -> dict[str, float]:
        """Return the metrics by their names."""
        if not self._metrics:
            return {}
        outputs = self._outputs()
        return measured(self._meaning, outputs, self._examples.targets, self._metrics)

    def _outputs(self) -> Any:
        model, features = self._problem.model, self._examples.features
        if self._program is not None:
            return outputs_by(self._program, model, features)
        with no_grad():
            rows = [outputs_listed(model(row)) for row in features.lists()]
        return [[output.data for output in row] for row in rows]

    def dead_units(self, number: int, latest: int) -> int:
        """Count dead units after some epochs, ever fewer: a count takes as long as an epoch may.

        Args:
            number: That of the epoch.
            latest: What the count before found.
        """
        is_due = number & (number - 1) == 0 or number == self._epochs
        if not is_due:
            return latest
        if self._rows is None:
            self._rows = self._sample(_SAMPLE)
        return count_dead_units(self._problem.model, self._rows)

    def warn_of_dead_layers(self, rows: int) -> None:
        """Warn of layers that let nothing through for so many rows."""
        warn_of_dead_layers(self._problem.model, self._sample(rows))

    def warn_of_no_gradient(self, loss: float, norms: Sequence[float]) -> None:
        """Warn if no step of the first epoch had a gradient, though its loss is not 0."""
        if loss != 0.0 and not any(norms):
            warnings.warn(
                "the gradient was 0 in every step of the first epoch, and the model has learned "
                "nothing: step has no slope, dead relu units have none, nor has a loss that does "
                "not depend on the outputs",
                stacklevel=level_of_user(),
            )

    def _sample(self, most: int) -> list[list[float]]:
        """Return rows from all over: they may be sorted by class."""
        features = self._problem.examples.features
        count = min(most, features.rows)
        return features.take([k * features.rows // count for k in range(count)]).lists()
