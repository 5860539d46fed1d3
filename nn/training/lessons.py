"""Lessons: a training laid out for those who take its steps elsewhere, such as the live page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from autograd import Optimizer, Value, sigmoid, softmax
from nn.activations import BY_NAME
from nn.initializers import initializer_for
from nn.layers import Layer
from nn.networks import MLP
from nn.reading.loss_table import LOSSES
from nn.training.problem import Problem
from nn.training.settings import optimizer_named
from nn.validation import integer, outputs_listed, size

Draws = list[tuple[int, float, float]]


@dataclass(frozen=True)
class Lesson:
    """What is learned by what.

    Attributes:
        parameters: What is trained.
        loss: The loss of a row and its target, as a Value.
        loss_name: What it is called.
        has_named_loss: Whether `fit` knows it by this name.
        rows: The numbers of every example.
        targets: The target of each: a number, or a row of numbers.
        optimizer: What steps.
        batch_size: How many rows a step takes.
        seed: Of the order of the rows, where a step does not take all.
        answers: What a reader is shown of a row: probabilities, scores or numbers.
        kind: Which of them: "probability", "score" or "number".
        classes: What the classes are called; None if numbers are learned.
        codes: For each row the place of its class.
        draws: How first weights are drawn from a seed: of so many parameters in turn, uniformly
            between two bounds; None if that is not known.
        code: Python that makes such a model, with {} in the place of its seed; None likewise.
    """

    parameters: list[Value]
    loss: Callable[[Any, Any], Value]
    loss_name: str
    has_named_loss: bool
    rows: list[list[float]]
    targets: list[Any]
    optimizer: Optimizer
    batch_size: int
    seed: int
    answers: Callable[[Any], list[Any]]
    kind: str
    classes: list[Any] | None
    codes: list[int] | None
    draws: Draws | None
    code: str | None


def lesson_of(
    model: Any,
    X: Any,
    y: Any,
    loss: Any = None,
    optimizer: Any = "sgd",
    batch_size: int | None = None,
    seed: int = 0,
) -> Lesson:
    """Return the training of a model on rows and targets, read and checked as `fit` does.

    Args:
        model, X, y, loss: As for `fit`.
        optimizer: As for `fit`; it is not changed.
        batch_size: How many rows a step takes; all, if not given.
        seed: Of the order of the rows.

    Raises:
        TypeError, ValueError: As `fit`.

    Example:
        >>> lesson = lesson_of(MLP(2, [3, 1], "tanh", seed=1), [[0, 0], [1, 1]], ["no", "yes"])
        >>> lesson.loss_name, lesson.kind, lesson.classes, lesson.targets, lesson.draws[0][0]
        ('bce_with_logits', 'probability', ['no', 'yes'], [0.0, 1.0], 2)
    """
    problem = Problem(model, X, y, loss)
    problem.require_sense()
    examples, choice = problem.examples, problem.choice
    if integer(seed) is None or isinstance(seed, bool):
        raise TypeError(f"seed must be an integer, got {seed!r:.40}")
    count = examples.rows if batch_size is None else size(batch_size, "batch_size")
    if count > examples.rows:
        raise ValueError(f"batch_size is {count}, but there are {examples.rows} rows")
    classes = examples.targets.classes
    shown, kind = _shown(choice.task, choice.takes, choice.outputs)
    pairs = [examples.at(number) for number in range(examples.rows)]
    return Lesson(
        parameters=problem.parameters,
        loss=problem.row_loss.at,
        loss_name=choice.name,
        has_named_loss=choice.name in LOSSES and choice.function is LOSSES[choice.name].function,
        rows=[row for row, _ in pairs],
        targets=[target for _, target in pairs],
        optimizer=optimizer_named(optimizer),
        batch_size=count,
        seed=seed,
        answers=lambda row: shown(outputs_listed(model(row))),
        kind=kind,
        classes=None if classes is None else list(map(_plain, classes)),
        codes=examples.targets.codes,
        draws=_draws(model),
        code=_code(model),
    )


def _shown(
    task: str | None, takes: str, outputs: int | None
) -> tuple[Callable[[list[Any]], list[Any]], str]:
    """What outputs are turned into for a reader, and what that is called."""
    if takes == "logits":
        one_by_one = task != "classification" or outputs == 1
        return _each_sigmoid if one_by_one else softmax, "probability"
    if takes == "probabilities":
        return list, "probability"
    return list, "score" if takes == "scores" else "number"


def _each_sigmoid(outputs: list[Any]) -> list[Any]:
    return list(map(sigmoid, outputs))


def _plain(label: Any) -> Any:
    """A label as JSON holds it."""
    label = label.item() if hasattr(label, "item") else label
    return label if isinstance(label, (str, int, float)) else str(label)


class _Noting:
    """A source of random numbers that notes between which bounds one is asked for."""

    def __init__(self) -> None:
        self.bounds = (0.0, 0.0)

    def uniform(self, a: float, b: float) -> float:
        self.bounds = (a, b)
        return a

    def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float:
        raise AssertionError(f"what suits an activation is uniform, not normal({mu}, {sigma})")


def _draws(model: Any) -> Draws | None:
    """How a network of ours draws its weights where it is given a seed and nothing else."""
    if type(model) not in (MLP, Layer) or not model.is_plain:
        return None
    found: list[tuple[float, float]] = []
    for layer in model.layers if type(model) is MLP else [model]:
        source = _Noting()
        draw = initializer_for(layer.activation, "auto", source)
        for neuron in layer.neurons:
            draw(source, neuron.nin, layer.nout)
            found += [source.bounds] * neuron.nin + [(0.0, 0.0)] * (neuron.bias is not None)
    if len(found) != model.parameter_count:
        return None  # some are shared
    return [(len(list(run)), *bounds) for bounds, run in groupby(found)]


def _code(model: Any) -> str | None:
    """Python that makes a network like this one, where its activations have names."""
    if type(model) is not MLP or _draws(model) is None:
        return None
    chosen = [layer.activation for layer in model.layers]
    if any(BY_NAME.get(one.name) != one for one in chosen):
        return None
    names = ", ".join(f'"{one.name}"' for one in chosen)
    bias = "" if model.layers[0].neurons[0].bias is not None else ", bias=False"
    return f"MLP({model.nin}, {model.nouts}, activations=[{names}]{bias}, seed={{}})"
