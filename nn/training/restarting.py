"""Restarts: the same training from several seeds, the best kept, with mean and deviation."""

from __future__ import annotations

import math
import statistics
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.streams import printed_anywhere
from nn.charts import QUIET, SERIES, Chart, label_ends
from nn.measuring.compiled_models import twin_of
from nn.reading.examples import Examples
from nn.tables import Table
from nn.training.fitting import fit, require_known
from nn.training.history import History
from nn.training.problem import Problem, tell, told_of
from nn.training.runs import forget_orders
from nn.training.settings import like
from nn.training.workers import WorkerError, gathered
from nn.validation import describe, integer, is_scalar, size


@dataclass(frozen=True)
class Restart:
    """The training of one seed.

    Attributes:
        seed: The seed.
        loss: What runs are compared by: the validation loss of the best epoch, or without
            validation the training loss of the last one; infinite for a run that failed.
        metrics: Of the same epoch.
        history: All epochs; empty for a run that failed.
        parameters: What the model ended with.
        fitted: What the model knows of its task, such as its classes.
        error: Why it failed, or "".
    """

    seed: int
    loss: float
    metrics: dict[str, float] = field(default_factory=dict)
    history: History = field(default_factory=History)
    parameters: array[float] = field(default_factory=lambda: array("d"))
    fitted: dict[str, Any] = field(default_factory=dict)
    error: str = ""


@printed_anywhere
@dataclass(frozen=True)
class Restarts:
    """Runs from several seeds.

    Attributes:
        runs: In the order of the seeds.
        kept: The best of them, the best first.
        model: That of the best run.

    Example:
        >>> from nn import MLP
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> found = restarts(lambda seed: MLP(2, [4, 1], "tanh", seed=seed), X, y, seeds=4, keep=2,
        ...                  loss="bce_with_logits", optimizer="adam", epochs=5, batch_size=4)
        >>> [run.seed for run in found.runs], len(found.kept)
        ([0, 1, 2, 3], 2)
    """

    runs: Sequence[Restart]
    kept: Sequence[Restart]
    model: Any

    @property
    def mean(self) -> float:
        """The mean loss of the runs that were kept."""
        return statistics.fmean(run.loss for run in self.kept)

    @property
    def deviation(self) -> float:
        """The standard deviation of their losses, over n − 1; 0 of a single one."""
        return statistics.stdev([run.loss for run in self.kept]) if len(self.kept) > 1 else 0.0

    def metric(self, name: str) -> tuple[float, float]:
        """Return mean and standard deviation of a metric of the runs that were kept.

        Raises:
            KeyError: If it was not asked for.
        """
        found = [run.metrics[name] for run in self.kept]
        return statistics.fmean(found), statistics.stdev(found) if len(found) > 1 else 0.0

    def table(self) -> Table:
        """Return a table of all runs; those that were kept have their rank."""
        names = list(dict.fromkeys(name for run in self.runs for name in run.metrics))
        rank = {run.seed: str(place) for place, run in enumerate(self.kept, 1)}
        rows = [
            [
                str(run.seed),
                f"{run.loss:.4g}" if not run.error else "failed",
                *[f"{run.metrics[name]:.4g}" if name in run.metrics else "" for name in names],
                str(len(run.history)),
                rank.get(run.seed, ""),
            ]
            for run in self.runs
        ]
        notes = [f"best {len(self.kept)}: loss {self.mean:.4g} ± {self.deviation:.2g}"]
        for name in names:
            mean, deviation = self.metric(name)
            notes[0] += f", {name} {mean:.4g} ± {deviation:.2g}"
        notes += [f"seed {run.seed} failed: {run.error}" for run in self.runs if run.error]
        header = ["seed", "loss", *names, "epochs", "kept"]
        return Table(f"{len(self.runs)} restarts", header, rows, notes=notes)

    def __str__(self) -> str:
        return str(self.table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.table().html()

    def chart(self) -> Chart:
        """Return a picture: the loss of each run over its epochs, and the strip of last ones."""
        return Chart(
            self._draw, size=(8.0, 3.5), title=f"{len(self.runs)} restarts", text=str(self)
        )

    def _draw(self, figure: Any) -> None:
        curves, strip = figure.subplots(1, 2, width_ratios=(3, 1))
        kept = {run.seed for run in self.kept}
        ends = []
        for run in self.runs:
            columns = run.history.columns()
            losses = columns.get("validation_loss", columns["loss"])
            colour, width = (SERIES[0], 1.6) if run.seed in kept else (QUIET, 0.8)
            curves.plot(columns["number"], losses, color=colour, linewidth=width)
            if not run.error:
                strip.plot(0.0, run.loss, "o", color=colour)
                ends.append((0.0, run.loss, f"seed {run.seed}", colour))
        if all(run.loss > 0.0 for run in self.runs):
            curves.set_yscale("log")
        curves.set_xlabel("epoch")
        curves.set_ylabel("loss")
        strip.axhline(self.mean, xmax=0.2, linewidth=0.8, linestyle=":")  # not through the names
        strip.set_xlim(-0.5, 2.0)
        strip.margins(y=0.3)  # the names stand apart, and below the lowest
        strip.set_xticks([])
        strip.set_xlabel("best epoch")
        label_ends(strip, ends)


def restarts(
    build: Callable[[int], Any],
    X: Any,
    y: Any,
    seeds: int | Iterable[int] = 10,
    keep: int | None = None,
    executor: Any = None,
    **fit_options: Any,
) -> Restarts:
    """Train a model from each of several seeds; keep the best, with mean and deviation.

    The result does not depend on the number of workers or on the order in which they end.

    Args:
        build: Makes the model of a seed: `build(seed)`. For workers in other processes a function
            that they can import.
        X: The rows, as for `fit`.
        y: Their targets.
        seeds: The seeds, or how many, counted from 0. Each is also the seed of its `fit`.
        keep: How many of the best are kept; three, or all if they are fewer.
        executor: Anything with `submit(function, *args)` that returns futures: a pool of
            `concurrent.futures`, of loky, mpi4py or Ray, a client of Dask; None for this process.
        fit_options: As for `fit`; not seed, and no checkpoint. A part of the rows that is held out
            is the same for all runs; each has an optimizer of its own, as the one that is given.

    Raises:
        TypeError: If build or executor is not what it has to be.
        ValueError: If no seed is left, seeds repeat, or every run fails.

    Example:
        >>> from nn import MLP, data
        >>> def build(seed):
        ...     return MLP(2, [2, 1], "tanh", seed=seed)
        >>> found = restarts(build, *data.xor(), seeds=4, keep=2, loss="bce_with_logits", epochs=50)
        >>> [run.loss for run in found.kept] == sorted(run.loss for run in found.runs)[:2]
        True
    """
    chosen = _seeds(seeds)
    if not callable(build):
        raise TypeError(f"build must be a function of the seed, got {describe(build)}")
    kept = min(3, len(chosen)) if keep is None else size(keep, "keep")
    if kept > len(chosen):
        raise ValueError(f"keep is {keep}, but there are {len(chosen)} seeds")
    for name in ("seed", "checkpoint"):
        if name in fit_options:
            raise ValueError(f"{name} belongs to one training; restarts run several")
    require_known(fit_options, "restarts")
    options = {"progress": False, **fit_options}
    # What all runs have in common is read once, so that they hold out the same rows.
    names = ("loss", "validation", "classes", "sample_weight", "class_weight")
    given = {name: options.pop(name) for name in names if name in options}
    problem = Problem(build(chosen[0]), X, y, **given)
    options["loss"] = given.get("loss") or problem.choice.name
    shared = build, problem.examples, problem.held_out, problem.held_out_rows, options
    found = gathered(executor, _run, [(seed, *shared) for seed in chosen])
    runs = [
        Restart(seed, math.inf, error=f"twice, {each}") if isinstance(each, WorkerError) else each
        for seed, each in zip(chosen, found, strict=True)
    ]
    good = sorted((run for run in runs if not run.error), key=lambda run: (run.loss, run.seed))
    if not good:
        raise ValueError(f"every run failed; seed {runs[0].seed}: {runs[0].error}")
    model = build(good[0].seed)
    for value, number in zip(model.parameters(), good[0].parameters, strict=True):
        value.data = number
    tell(model, good[0].fitted)
    return Restarts(tuple(runs), tuple(good[:kept]), model)


def _run(
    seed: int,
    build: Callable[[int], Any],
    examples: Examples,
    held_out: Examples | None,
    held_out_rows: list[int] | None,
    options: dict[str, Any],
) -> Restart:
    """Train the model of one seed."""
    model = twin_of(build(seed))  # which need not be compiled again
    forget_orders(model)
    try:
        optimizer = like(options.get("optimizer", "adam"))
        history = fit(
            model,
            examples.features,
            examples.targets,
            sample_weight=examples.weights,
            validation=None if held_out is None else held_out.parts,
            **{**options, "seed": seed, "optimizer": optimizer},
        )
    except ArithmeticError as error:
        return Restart(seed, math.inf, error=str(error))
    if history.stopped == "interrupt":
        raise KeyboardInterrupt
    history.held_out = held_out_rows
    last = history[-1 if history.best is None else history.best - 1]
    loss = last.loss if last.validation_loss is None else last.validation_loss
    numbers = array("d", [value.data for value in model.parameters()])
    return Restart(seed, loss, last.metrics, history, numbers, told_of(model))


def _seeds(seeds: Any) -> list[int]:
    count = integer(seeds)
    if count is None and (isinstance(seeds, (str, bytes)) or is_scalar(seeds)):
        raise TypeError(f"seeds are several integers, or how many, got {describe(seeds)}")
    chosen = list(range(size(seeds, "seeds"))) if count is not None else list(seeds)
    for seed in chosen:
        if integer(seed) is None or isinstance(seed, bool):
            raise TypeError(f"seeds are integers, got {describe(seed)}")
    if not chosen or len(set(chosen)) != len(chosen):
        raise ValueError(f"seeds must be different integers, at least one, got {chosen}")
    return chosen
