"""Losses: how wrong predictions are, as one number to differentiate.

A function and what stands above it (its formula, other names, what it is for) is all that a loss
takes. Predictions come first, targets second. Single numbers stand for one prediction and its
target; lists for several. Every loss checks shapes and values before it records anything. Losses
that take logits (net inputs of the output layer) and their gradients are right for logits of any
size, where probabilities have long been rounded: sigmoid(z) is 1.0 from z = 37 on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from autograd import Group, Value, dot, log, log1p, mean, relu, softmax_cross_entropy, softplus
from autograd import sum as total
from nn.targets import Numbers, examples_with_targets, labelled, paired
from nn.validation import is_node

_Function = TypeVar("_Function", bound=Callable[..., Value])


@dataclass(frozen=True)
class NamedLoss:
    """A loss, and all that is known of it: `fit` and its like ask for one by its name.

    Attributes:
        function: Takes the outputs of a model, and their targets.
        task: What it is for: "classification" by one output per class, "binary" classification by
            one output (or several independent ones), or "regression".
        takes: What the outputs are: "logits" (net inputs), "probabilities", "scores" (of which the
            sign counts), or "numbers".
        group: With its formula, for pictures and explanations: a result is marked with it.
        aliases: What other libraries call it.

    Example:
        >>> known = BY_NAME["mse"]
        >>> known.task, known.takes, known.group.detail, known.aliases
        ('regression', 'numbers', 'mean of (t − y)²', ('mean_squared_error',))
    """

    function: Callable[..., Value]
    task: str
    takes: str
    group: Group
    aliases: tuple[str, ...]


BY_NAME: dict[str, NamedLoss] = {}


def _named(formula: str, *aliases: str, task: str, takes: str) -> Callable[[_Function], _Function]:
    """Enter a loss in the table."""

    def entered(function: _Function) -> _Function:
        name = function.__name__
        group = Group(name, "loss", detail=formula)
        BY_NAME[name] = NamedLoss(function, task, takes, group, aliases)
        return function

    return entered


@_named("½ Σ (t − y)²", task="regression", takes="numbers")
def squared_error(outputs: Numbers, targets: Numbers) -> Value:
    """Return the lecture's squared error E = 1/2 sum_k (t_k - y_k)².

    Args:
        outputs: One output y, the outputs y_k of one example, or a list of examples' outputs.
        targets: As many targets t, in the same shape.

    Returns:
        The error of the example; for a list of examples the mean of their errors.

    Raises:
        TypeError: If something is not a number.
        ValueError: If the shapes differ, a list is empty, or a number is NaN or infinite.

    Example:
        >>> squared_error([Value(1.0), Value(2.0)], [0.0, 4.0]).data
        2.5
    """
    examples = examples_with_targets(outputs, targets)
    return _mean(
        "squared_error",
        [0.5 * _combine(total, [(t - y) ** 2 for y, t in pairs]) for pairs in examples],
    )


@_named("mean of (t − y)²", "mean_squared_error", task="regression", takes="numbers")
def mse(outputs: Numbers, targets: Numbers) -> Value:
    """Return the mean squared error (1/n) sum_k (t_k - y_k)² over all n outputs.

    Args:
        outputs: One output y, a list of them, or a list of examples' outputs.
        targets: As many targets t, in the same shape.

    Raises:
        TypeError: If something is not a number.
        ValueError: If the shapes differ, a list is empty, or a number is NaN or infinite.

    Example:
        >>> mse([Value(1.0), Value(2.0)], [0.0, 4.0]).data
        2.5
    """
    examples = examples_with_targets(outputs, targets)
    return _mean("mse", [(t - y) ** 2 for pairs in examples for y, t in pairs])


@_named("max(0, 1 − t s)", "max_margin", task="binary", takes="scores")
def hinge(scores: Numbers, targets: Numbers) -> Value:
    """Return the mean over examples of relu(1 - t s), the maximum-margin loss of micrograd's demo.

    Args:
        scores: One score s, or a list of them, one per example; its sign is the predicted class.
        targets: The classes t: -1 or +1.

    Raises:
        TypeError: If something is not a number.
        ValueError: If the lengths differ, a list is empty, a score is NaN or infinite, or a target
            is not -1 or +1.

    Example:
        >>> hinge([Value(0.5), Value(3.0)], [1, 1]).data
        0.25
    """
    pairs = paired(scores, targets, "scores", "targets")
    for position, (_, target) in enumerate(pairs):
        if target not in (-1.0, 1.0):
            raise ValueError(
                f"targets[{position}] must be -1 or +1, got {target}; classes 0 and 1 become so "
                "with 2 * t - 1"
            )
    return _mean("hinge", [relu(1.0 - t * s) for s, t in pairs])


@_named(
    "−t log p − (1 − t) log(1 − p)",
    *("binary_cross_entropy", "binary_crossentropy"),
    task="binary",
    takes="probabilities",
)
def bce(probabilities: Numbers, targets: Numbers) -> Value:
    """Return the binary cross-entropy, the mean over examples of -(t log p + (1 - t) log(1 - p)).

    With p = sigmoid(z) its derivative with respect to z is p - t.

    Args:
        probabilities: One probability p of class 1, or a list of them, one per example.
        targets: The classes t, 0 or 1, or probabilities in between.

    Raises:
        TypeError: If something is not a number.
        ValueError: If the lengths differ, a list is empty, a number is outside 0..1, or the loss is
            infinite because an outcome that happened was given probability 0.

    Example:
        >>> bce([Value(0.5), Value(0.25)], [1, 0]).data == (math.log(2) - math.log(0.75)) / 2
        True
    """
    pairs = paired(probabilities, targets, "probabilities", "targets")
    for position, (probability, target) in enumerate(pairs):
        _check_probability(probability, f"probabilities[{position}]")
        _check_probability(target, f"targets[{position}]")
        if (probability == 0.0 and target > 0.0) or (probability == 1.0 and target < 1.0):
            raise ValueError(
                f"the loss is infinite: probabilities[{position}] is {_data(probability):g} where "
                f"targets[{position}] is {_data(target):g}; use bce_with_logits on the net input "
                "before the sigmoid"
            )
    return _mean("bce", [_binary_cross_entropy(p, t) for p, t in pairs])


@_named(
    "−t log σ(z) − (1 − t) log(1 − σ(z))",
    "binary_cross_entropy_with_logits",
    task="binary",
    takes="logits",
)
def bce_with_logits(logits: Numbers, targets: Numbers) -> Value:
    """Return the binary cross-entropy of sigmoid(z), from the net input z.

    It is the mean over examples of t softplus(-z) + (1 - t) softplus(z). Its derivative with
    respect to z is sigmoid(z) - t, also where sigmoid(z) is 0 or 1 in floats.

    Args:
        logits: One net input z of the output unit, or a list of them, one per example.
        targets: The classes t, 0 or 1, or probabilities in between.

    Raises:
        TypeError: If something is not a number.
        ValueError: If the lengths differ, a list is empty, a logit is NaN or infinite, or a target
            is outside 0..1.

    Example:
        >>> bce_with_logits([Value(1000.0), Value(-1000.0)], [0, 0]).data
        500.0
    """
    pairs = paired(logits, targets, "logits", "targets")
    for position, (_, target) in enumerate(pairs):
        _check_probability(target, f"targets[{position}]")
    return _mean("bce_with_logits", [_logistic_loss(z, t) for z, t in pairs])


@_named("−log p_y", "negative_log_likelihood", task="classification", takes="probabilities")
def nll(probabilities: Sequence[Any], labels: Any) -> Value:
    """Return the negative log-likelihood -log p_y of the class y that is true.

    The predictions are probabilities, as a softmax layer gives them (PyTorch's function of this
    name takes their logarithms). For net inputs use `cross_entropy`, which is exact where p_y is
    tiny.

    Args:
        probabilities: The probabilities p_k of the classes, or a list of examples' probabilities.
        labels: The class y, counted from 0, or a list of them, one per example. It may be an input
            of a compiled loss.

    Returns:
        The loss of the example; for a list of examples the mean of their losses.

    Raises:
        TypeError: If a probability is not a number or a label not an integer.
        ValueError: If shapes do not match, a label is outside the classes, probabilities are
            outside 0..1 or do not add up to 1, or the loss is infinite because p_y is 0.

    Example:
        >>> nll([Value(0.25), Value(0.75)], 0).data == math.log(4)
        True
    """
    examples = labelled(probabilities, labels, "probabilities")
    chosen = []
    for values, label, name in examples:
        for position, value in enumerate(values):
            _check_probability(value, f"{name}[{position}]")
        certainty = math.fsum(_data(value) for value in values)
        if abs(certainty - 1.0) > 1e-6:
            raise ValueError(
                f"{name} add up to {certainty:g}, not 1; nll takes the probabilities of a softmax, "
                "cross_entropy takes net inputs"
            )
        known = isinstance(label, int)
        probability = values[label] if known else dot(label, values)
        if probability == 0.0:
            true = label if known else [_data(share) for share in label].index(1.0)
            raise ValueError(
                f"the loss is infinite: {name}[{true}] is 0, and {true} is the true class; use "
                "cross_entropy on the net inputs before the softmax"
            )
        chosen.append(probability)
    return _mean("nll", [-log(probability) for probability in chosen])


@_named(
    "−log softmax(z)_y",
    *("categorical_crossentropy", "sparse_categorical_crossentropy", "softmax_cross_entropy"),
    task="classification",
    takes="logits",
)
def cross_entropy(logits: Sequence[Any], labels: Any) -> Value:
    """Return the softmax cross-entropy -log softmax(z)_y of the class y that is true.

    Its derivative with respect to z_k is softmax(z)_k - [k = y]. In place of a class may stand the
    probabilities t_k of all classes, a row with a single one for instance: the loss is then
    -sum_k t_k log softmax(z)_k. Both may be inputs of a compiled loss, where a label that is no
    class is an error. Adding the same number to all logits changes neither loss nor derivative,
    whatever its size, and both keep all their digits where the true class is almost certain.

    Args:
        logits: The net inputs z_k of the output layer, one per class, or a list of examples' net
            inputs.
        labels: The class y, counted from 0, or the probabilities t_k; for a list of examples a list
            of either, one per example.

    Returns:
        The loss of the example; for a list of examples the mean of their losses.

    Raises:
        TypeError: If a logit is not a number or a label neither an integer nor a row of numbers.
        ValueError: If shapes do not match, a label is outside the classes, probabilities are
            negative or do not add up to 1, or a logit is NaN or infinite.

    Example:
        >>> cross_entropy([Value(0.0), Value(0.0)], 1).data == math.log(2)
        True
        >>> cross_entropy([Value(0.0), Value(2.0)], [0.5, 0.5]).data
        1.1269280110429725
        >>> cross_entropy([[Value(1000.0), Value(0.0)], [Value(0.0), Value(1000.0)]], [0, 0]).data
        500.0
    """
    examples = labelled(logits, labels, "logits", shares=True)
    return _mean(
        "cross_entropy",
        [
            softmax_cross_entropy(
                values, label if isinstance(label, list) else _one_hot(label, len(values))
            )
            for values, label, _ in examples
        ],
    )


def _one_hot(label: int, classes: int) -> list[float]:
    return [float(position == label) for position in range(classes)]


def _binary_cross_entropy(probability: Any, target: Any) -> Any:
    # A certain target leaves one term; the other is 0 * log(0) where the prediction is right.
    if type(target) is float and target == 1.0:
        return -log(probability)
    if type(target) is float and target == 0.0:
        return -log1p(-probability)
    return -(target * log(probability) + (1.0 - target) * log1p(-probability))


def _logistic_loss(logit: Any, target: Any) -> Any:
    if type(target) is float and target == 1.0:
        return softplus(-logit)
    if type(target) is float and target == 0.0:
        return softplus(logit)
    return target * softplus(-logit) + (1.0 - target) * softplus(logit)


def _mean(name: str, losses: list[Any]) -> Value:
    """Return the mean of the losses, marked as what it is."""
    loss: Value = _combine(mean, losses)
    if type(loss) is Value:
        loss.group = BY_NAME[name].group
    return loss


def _combine(operation: Callable[[list[Any]], Any], terms: list[Any]) -> Any:
    """Return the sum or mean of the terms; that of a single term is the term, without a node."""
    return terms[0] if len(terms) == 1 else operation(terms)


def _check_probability(probability: Any, name: str) -> None:
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"{name} must be between 0 and 1, got {_data(probability)}")


def _data(scalar: Any) -> Any:
    return scalar.data if is_node(scalar) else scalar
