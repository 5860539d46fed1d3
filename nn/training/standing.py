"""Where a training stands: all that it depends on beside problem and settings, kept in files."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from random import Random
from typing import Any

from autograd import Optimizer
from autograd.files import Path
from autograd.strict_json import (
    count_in,
    counts_in,
    fields_in,
    list_in,
    number_in,
    shown,
    text_in,
    values_in,
)
from nn.training.checkpoints import Checkpoint
from nn.training.history import Epoch, History
from nn.training.settings import like

OptimizerState = dict[str, Any]


@dataclass
class Standing:
    """Where a training stands.

    Attributes:
        history: The epochs behind it.
        audits: Where the choice of the steps to audit comes from.
        losses: Of the steps of the epoch that is begun.
        norms: Of the gradients of these steps.
        best: The parameters of the lowest validation loss.
        reference: The loss of the first step.
        seconds: How long the runs before this one took.
        start: The optimizer's state and the parameters before the first step.
    """

    history: History
    audits: Random
    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    best: array[float] | None = None
    reference: float | None = None
    seconds: float = 0.0
    start: tuple[OptimizerState, array[float]] = field(default_factory=lambda: ({}, array("d")))

    @property
    def steps_done(self) -> int:
        """How many steps whole epochs have taken."""
        return self.history.epochs[-1].steps if self.history.epochs else 0

    @property
    def dead_units(self) -> int:
        """How many there were when they were counted last."""
        return self.history.epochs[-1].dead_units if self.history.epochs else 0

    def mean_loss(self, rows: int, batch_size: int) -> float:
        """Return the mean over the rows of the epoch's batches, of which the last may have fewer.

        Example:
            >>> Standing(History(), Random(), losses=[1.0, 3.0]).mean_loss(rows=6, batch_size=4)
            1.6666666666666667
        """
        *full, last = self.losses
        rest = rows - batch_size * len(full)
        return (math.fsum(full) * batch_size + last * rest) / rows

    def packed(
        self, of: dict[str, str], optimizer: Optimizer, values: Sequence[Any], seconds: float
    ) -> Checkpoint:
        """Return what a file keeps.

        Args:
            of: What has to be the same to go on.
            optimizer: As it is now.
            values: The parameters, likewise.
            seconds: How long it took so far.
        """
        state, numbers = _apart(optimizer.state_dict(), "")
        start, first_memory = _apart(self.start[0], "first ")
        numbers |= first_memory
        numbers |= {
            "parameters": numbers_of(values),
            "first": self.start[1],
            "losses": array("d", self.losses),
            "norms": array("d", self.norms),
        }
        if self.best is not None:
            numbers["best"] = self.best
        told = {
            "optimizer": state,
            "start": start,
            "epochs": [vars(epoch) for epoch in self.history],
            "best": self.history.best,
            "stopped": self.history.stopped,
            "reference": self.reference,
            "seconds": seconds,
            "audits": self.audits.getstate(),
        }
        return Checkpoint(of, told, numbers)


def unpacked(
    found: Checkpoint, optimizer: Optimizer, values: Sequence[Any], path: Path
) -> Standing:
    """Return where a training stood; set its optimizer and parameters.

    Raises:
        ValueError: If the file is of another model, or damaged; then nothing is changed.
    """
    numbers = found.numbers
    try:
        state, start, epochs, best, stopped, reference, seconds, audits = values_in(
            found.state, "the state", "optimizer start epochs best stopped reference seconds audits"
        )
        for name in ("parameters", "first", *["best"] * ("best" in numbers)):
            if len(numbers[name]) != len(values):
                raise ValueError(f"{name}: {len(numbers[name])}, the model has {len(values)}")
        history = History(
            [_epoch_in(each, place) for place, each in enumerate(list_in(epochs, "epochs"))],
            None if best is None else count_in(best, "best", 1),
            text_in(stopped, "stopped"),
        )
        first = _together(start, numbers, "first ")
        current = _together(state, numbers, "")
        for each in (first, current):
            _require_own(each, optimizer, values)
        standing = Standing(
            history,
            _random_in(audits),
            list(numbers["losses"]),
            list(numbers["norms"]),
            numbers.get("best"),
            None if reference is None else number_in(reference, "reference"),
            number_in(seconds, "seconds"),
            (first, numbers["first"]),
        )
        optimizer.load_state_dict(current)
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"{path!r} holds no training ({error}); nothing was changed") from None
    set_numbers(values, numbers["parameters"])
    return standing


def _require_own(state: OptimizerState, optimizer: Optimizer, values: Sequence[Any]) -> None:
    """Refuse what is no state of such an optimizer, or of one that stepped other parameters."""
    trial = like(optimizer)
    if state["parameters"]:
        trial = type(trial)(values, **trial.state_dict()["settings"])
    trial.load_state_dict(state)


def _epoch_in(thing: Any, place: int) -> Epoch:
    where = f"epochs[{place}]"
    told = fields_in(thing, where, " ".join(each.name for each in fields(Epoch)))
    metrics = told["metrics"]
    if not isinstance(metrics, dict):
        raise ValueError(f"{where}.metrics has to be an object, got {shown(metrics)}")
    told["metrics"] = {
        name: number_in(number, f"{where}.metrics[{shown(name)}]")
        for name, number in metrics.items()
    }
    for name in ("number", "steps", "dead_units"):
        told[name] = count_in(told[name], f"{where}.{name}")
    numbers = ["loss", "lr", "gradient_norm", "seconds"]
    for name in numbers + ["validation_loss"] * (told["validation_loss"] is not None):
        told[name] = number_in(told[name], f"{where}.{name}")
    return Epoch(**told)


def _random_in(thing: Any) -> Random:
    version, words, gauss = list_in(thing, "audits")
    source = Random()
    source.setstate((version, tuple(counts_in(words, "audits[1]")), gauss))
    return source


def numbers_of(values: Sequence[Any]) -> array[float]:
    """Return the numbers of parameters."""
    return array("d", [value.data for value in values])


def set_numbers(values: Sequence[Any], numbers: Sequence[float]) -> None:
    """Set the numbers of parameters."""
    for value, number in zip(values, numbers, strict=True):
        value.data = number


def _apart(state: OptimizerState, prefix: str) -> tuple[OptimizerState, dict[str, array[float]]]:
    """Return the state of an optimizer with its memories by name, and the memories."""
    memory = state["memory"]
    numbers = {f"{prefix}memory {name}": array("d", memory[name]) for name in memory}
    return {**state, "memory": list(memory)}, numbers


def _together(
    state: OptimizerState, numbers: dict[str, array[float]], prefix: str
) -> OptimizerState:
    names = list_in(state["memory"], "memory")
    return {**state, "memory": {name: list(numbers[f"{prefix}memory {name}"]) for name in names}}
