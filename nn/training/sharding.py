"""Gradients of data that one process cannot hold: in shards, added in a fixed order."""

from __future__ import annotations

import math
import os
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from autograd import Optimizer, clip_gradients
from nn.reading.examples import Examples
from nn.reading.weights import read_weights
from nn.training.history import Epoch, History
from nn.training.problem import Problem, tell, told_of
from nn.training.schedules import OnPlateau, Schedule
from nn.training.settings import like, settings_of
from nn.training.workers import WorkerError, gathered
from nn.validation import describe

Load = Callable[[], tuple[Any, ...]]


@dataclass(frozen=True)
class ShardedFit:
    """A model that was fitted to shards.

    Attributes:
        model: The model.
        history: Its epochs.
        optimizer: What stepped it.
    """

    model: Any
    history: History
    optimizer: Optimizer


@dataclass(frozen=True)
class _Job:
    """What all pieces of work share."""

    name: str
    build: Callable[[], Any]
    shards: tuple[Load, ...]
    loss: Any
    batch_size: int | None
    seed: int
    classes: tuple[Any, ...] | None


@dataclass(frozen=True)
class _Known:
    """What is to be known of a shard before the first step."""

    steps: int  # in an epoch
    rows: int
    weight: float  # of all rows
    told: dict[str, Any]  # what its targets say of the task


# The problems that this process holds, by job and shard, and the examples, by their own weights.
_HELD: dict[tuple[str, int], tuple[Problem, Examples]] = {}


def fit_shards(
    build: Callable[[], Any],
    shards: Sequence[Load],
    *,
    loss: Any,
    optimizer: Any = "adam",
    epochs: int = 100,
    batch_size: int | None = None,
    schedule: Any = None,
    clip: Any = None,
    seed: int = 0,
    callbacks: Any = (),
    executor: Any = None,
    classes: Sequence[Any] | None = None,
) -> ShardedFit:
    """Train a model on data in shards, each read and kept by the worker that works on it.

    A step asks every shard for the gradient of its next batch; they are added in the order of the
    shards, rounded once, so that the result has the same bits for any number of workers.

    Args:
        build: Makes the model; it has to make the same one each time, by a seed of its own.
        shards: Functions that return rows and targets (X, y), or with the weight of each row
            (X, y, sample_weight), such as `partial(read, path)`, to be called by the workers. The
            loss is Σ w L / Σ w over the rows of all shards, where w is 1 if not given.
        loss, optimizer: As for `fit`.
        epochs: How often to go through all rows.
        batch_size: How many rows of each shard a step takes; all, if not given.
        schedule, clip: As for `fit`.
        seed: Of the order of the rows.
        callbacks: As for `fit`.
        executor: As for `restarts`.
        classes: The labels in the order of the outputs, where shards may lack some of them.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If there are no shards, or what they hold does not fit the model.
        WorkerError: If the worker of a shard died twice.
        ArithmeticError: If a loss or gradient is not finite; the model is that of the step before.

    Example:
        >>> from nn import MLP
        >>> shards = [lambda: ([[0.0], [1.0]], [1.0, 3.0]), lambda: ([[2.0], [3.0]], [5.0, 7.0])]
        >>> found = fit_shards(lambda: MLP(1, [1], seed=1), shards, loss="mse", epochs=5)
        >>> found.history["loss"][-1] < found.history["loss"][0]
        True
    """
    settings = settings_of(
        epochs=epochs, batch_size=batch_size, patience=None, schedule=schedule, clip=clip,
        seed=seed, callbacks=callbacks, checkpoint=None, audit=0.0, compiled=True, progress=False,
    )  # fmt: skip
    if not callable(build):
        raise TypeError(f"build must be a function that makes the model, got {describe(build)}")
    if isinstance(shards, Sequence) and not shards:
        raise ValueError("shards is empty; there is nothing to train by")
    if not isinstance(shards, Sequence) or not all(map(callable, shards)):
        raise TypeError(f"shards are functions that return (X, y), got {describe(shards)}")
    model = build()
    parameters = model.parameters()
    stepper = like(optimizer)
    stepper.parameters = parameters
    name = os.urandom(8).hex()
    chosen = None if classes is None else tuple(classes)
    job = _Job(name, build, tuple(shards), loss, settings.batch_size, settings.seed, chosen)
    try:
        found = gathered(executor, _known_of, [(job, index) for index in range(len(shards))])
        _require(found)
        _require_same_classes([known.told["classes"] for known in found])
        told, steps = found[0].told, max(known.steps for known in found)
        mean = math.fsum(known.weight for known in found) / sum(known.rows for known in found)
        curve = settings.schedule
        if isinstance(curve, OnPlateau):
            raise ValueError("a plateau is looked for by fit; give fit_shards a schedule of steps")
        if isinstance(curve, Schedule):
            curve = curve.over(settings.epochs * steps)
        history, began = History(), time.perf_counter()
        for epoch in range(settings.epochs):
            losses, norms, rows = [], [], 0
            for step in range(steps):
                taken = epoch * steps + step
                factor = 1.0 if curve is None else curve(taken)
                numbers = array("d", [parameter.data for parameter in parameters])
                found = gathered(
                    executor,
                    _gradient_of,
                    [(job, index, numbers, epoch, step) for index in range(len(shards))],
                )
                _require(found)
                taken_rows = sum(count for count, _, _ in found)
                losses.append(math.fsum(total for _, total, _ in found))
                rows += taken_rows
                columns = zip(*[gradient for _, _, gradient in found], strict=True)
                for parameter, terms in zip(parameters, columns, strict=True):
                    parameter.grad = math.fsum(terms) / (taken_rows * mean)
                norms.append(clip_gradients(parameters, settings.clip_norm, settings.clip_value))
                _step(stepper, factor)
            record = Epoch(
                number=epoch + 1,
                steps=(epoch + 1) * steps,
                loss=math.fsum(losses) / (rows * mean),
                validation_loss=None,
                lr=stepper.lr * factor,
                gradient_norm=math.fsum(norms) / len(norms),
                seconds=time.perf_counter() - began,
            )
            history.epochs.append(record)
            for callback in settings.callbacks:
                if callback(record):
                    history.stopped = "callback"
            if history.stopped == "callback":
                break
    finally:
        for key in [key for key in _HELD if key[0] == name]:
            del _HELD[key]
    model.zero_grad()
    tell(model, told)
    return ShardedFit(model, history, stepper)


def _problem(job: _Job, index: int) -> tuple[Problem, Examples]:
    """Return a shard as this process holds it; those of other jobs are given up."""
    for key in [key for key in _HELD if key[0] != job.name]:
        del _HELD[key]
    found = _HELD.get((job.name, index))
    if found is None:
        try:
            x, y, *more = job.shards[index]()
            (weights,) = more or [None]
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"shard {index} returned no pair (X, y), and no triple with weights: {error}"
            ) from error
        try:
            problem = Problem(
                job.build(), x, y, job.loss, classes=job.classes, sample_weight=weights
            )
            problem.require_sense()
        except (TypeError, ValueError) as error:
            raise type(error)(f"shard {index}: {error}") from error
        given = problem.examples
        own = None if weights is None else read_weights(weights, given.rows)
        found = problem, Examples(given.features, given.targets, own)
        _HELD[job.name, index] = found
    return found


def _known_of(job: _Job, index: int) -> _Known:
    problem, examples = _problem(job, index)
    problem.tell_model()
    rows, weights = examples.rows, examples.weights
    steps = 1 if job.batch_size is None else -(-rows // job.batch_size)
    weight = float(rows) if weights is None else math.fsum(weights)
    return _Known(steps, rows, weight, told_of(problem.model))


def _gradient_of(
    job: _Job, index: int, numbers: array[float], epoch: int, step: int
) -> tuple[int, float, list[float]]:
    """Return the rows of a batch of a shard, the sum of their losses, and its gradient."""
    problem, examples = _problem(job, index)
    for parameter, number in zip(problem.parameters, numbers, strict=True):
        parameter.data = number
    if job.batch_size is not None:
        order = list(range(examples.rows))
        Random(f"{job.seed} {index} {epoch}").shuffle(order)
        chosen = order[step * job.batch_size : (step + 1) * job.batch_size]
        if not chosen:  # a smaller shard is through
            return 0, 0.0, [0.0] * len(numbers)
        examples = examples.take(chosen)
    program = problem.row_loss.program
    total, gradient = program.rows_value_and_grad(*examples.columns, reduce="sum")
    return examples.rows, float(total), [float(number) for number in gradient]


def _require(found: Sequence[Any]) -> None:
    for index, each in enumerate(found):
        if isinstance(each, WorkerError):
            raise WorkerError(f"shard {index}: twice, {each}") from each.__cause__


def _step(optimizer: Optimizer, factor: float) -> None:
    rate = optimizer.lr
    try:
        if factor != 1.0:
            optimizer.lr = rate * factor
        optimizer.step()
    finally:
        optimizer.lr = rate


def _require_same_classes(found: Sequence[Any]) -> None:
    """Refuse shards whose labels would be counted differently."""
    for index, classes in enumerate(found):
        if classes != found[0]:
            raise ValueError(
                f"shard {index} has the classes {classes}, shard 0 has {found[0]}; name all of "
                "them in the order of the outputs: classes=[...]"
            )
