"""Where a training stands: all that it depends on beside problem and settings, kept in files."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from autograd import Optimizer
from autograd.files import Path
from nn.training.checkpoints import Checkpoint
from nn.training.history import Epoch, History

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
        return math.fsum([*[loss * batch_size for loss in full], last * rest]) / rows

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
        ValueError: If the file is of another model; then nothing is changed.
    """
    told, numbers = found.state, found.numbers
    if len(numbers["parameters"]) != len(values):
        raise ValueError(
            f"{path!r} has {len(numbers['parameters'])} parameters, the model has {len(values)}"
        )
    history = History([Epoch(**each) for each in told["epochs"]], told["best"], told["stopped"])
    audits, state = Random(), told["audits"]
    audits.setstate((state[0], tuple(state[1]), state[2]))
    optimizer.load_state_dict(_together(told["optimizer"], numbers, ""))
    set_numbers(values, numbers["parameters"])
    return Standing(
        history,
        audits,
        list(numbers["losses"]),
        list(numbers["norms"]),
        numbers.get("best"),
        told["reference"],
        told["seconds"],
        (_together(told["start"], numbers, "first "), numbers["first"]),
    )


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
    memory = {name: list(numbers[f"{prefix}memory {name}"]) for name in state["memory"]}
    return {**state, "memory": memory}
