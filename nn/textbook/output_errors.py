"""Losses and their derivatives by the outputs on plain floats, written out by hand.

Every loss takes the outputs of the examples of a batch, and their targets, and returns the mean
loss with ∂L/∂a of every output. Like the slopes of units they repeat the engine's on purpose.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from nn.targets import examples_with_targets, labelled, paired
from nn.textbook.unit_slopes import sigmoid, softmax, softplus
from nn.validation import describe

Rows = list[list[float]]


class OutputError(NamedTuple):
    """A loss with its derivative by the outputs.

    Attributes:
        value: L.
        slopes: ∂L/∂a for every output of every example.
    """

    value: float
    slopes: Rows


class Loss(NamedTuple):
    """A loss of the textbook.

    Attributes:
        error: L and ∂L/∂a, of outputs and targets.
        formula: Its derivative in words of mathematics.
    """

    error: Callable[[Rows, Any, bool], OutputError]
    formula: str


def loss_named(name: Any) -> Loss:
    """Return the loss with this name.

    Raises:
        TypeError: If it is not a name: what is to be derived by hand has to be known by name.
        ValueError: If no loss has this name.
    """
    if not isinstance(name, str):
        raise TypeError(
            f"loss must be a name, one of {', '.join(LOSSES)}, got {describe(name)}; the textbook "
            "derives by hand what it knows by name"
        )
    if name not in LOSSES:
        near = get_close_matches(name, LOSSES, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"loss {name!r} is unknown; choose one of {', '.join(LOSSES)}{hint}")
    return LOSSES[name]


def _squared_error(outputs: Rows, targets: Any, is_batch: bool) -> OutputError:
    # As in nn.losses a list of numbers is one example, those of a single unit in a batch, too.
    examples = examples_with_targets(_as_returned(outputs, is_batch), targets)
    n = len(examples)
    pairs = [pair for example in examples for pair in example]
    return OutputError(
        math.fsum(0.5 * (t - y) ** 2 for y, t in pairs) / n,
        _in_rows(outputs, [(y - t) / n for y, t in pairs]),
    )


def _mse(outputs: Rows, targets: Any, is_batch: bool) -> OutputError:
    examples = examples_with_targets(_as_returned(outputs, is_batch), targets)
    pairs = [pair for example in examples for pair in example]
    return _of_pairs(outputs, [((t - y) ** 2, 2.0 * (y - t)) for y, t in pairs])


def _hinge(outputs: Rows, targets: Any, is_batch: bool) -> OutputError:
    pairs = _single_outputs(outputs, targets, is_batch, "scores")
    for place, (_, t) in enumerate(pairs):
        if t not in (-1.0, 1.0):
            raise ValueError(f"targets[{place}] must be -1 or +1, got {t}")
    return _of_pairs(
        outputs, [(max(0.0, 1.0 - t * s), -t if 1.0 - t * s > 0.0 else 0.0) for s, t in pairs]
    )


def _bce(outputs: Rows, targets: Any, is_batch: bool) -> OutputError:
    pairs = _single_outputs(outputs, targets, is_batch, "probabilities")
    for place, (p, t) in enumerate(pairs):
        if not 0.0 <= p <= 1.0 or not 0.0 <= t <= 1.0:
            raise ValueError(
                f"probabilities[{place}] = {p:g} and targets[{place}] = {t:g} must be between 0 "
                "and 1; for net inputs take bce_with_logits"
            )
        if (p == 0.0 and t > 0.0) or (p == 1.0 and t < 1.0):
            raise ValueError(
                f"the loss is infinite: probabilities[{place}] is {p:g} where targets[{place}] is "
                f"{t:g}; use bce_with_logits with a linear output"
            )
    return _of_pairs(outputs, [_binary(p, t) for p, t in pairs])


def _binary(p: float, t: float) -> tuple[float, float]:
    value = slope = 0.0
    if t > 0.0:
        value, slope = -t * math.log(p), -t / p
    if t < 1.0:
        value, slope = value - (1.0 - t) * math.log1p(-p), slope + (1.0 - t) / (1.0 - p)
    return value, slope


def _bce_with_logits(outputs: Rows, targets: Any, is_batch: bool) -> OutputError:
    pairs = _single_outputs(outputs, targets, is_batch, "logits")
    for place, (_, t) in enumerate(pairs):
        if not 0.0 <= t <= 1.0:
            raise ValueError(f"targets[{place}] must be between 0 and 1, got {t}")
    return _of_pairs(
        outputs,
        [
            (
                t * softplus(-z) + (1.0 - t) * softplus(z),
                # σ(z) − t, put so that no digit is lost where σ(z) is almost 1.
                (1.0 - t) * sigmoid(z) - t * sigmoid(-z),
            )
            for z, t in pairs
        ],
    )


def _nll(outputs: Rows, targets: Any, is_batch: bool) -> OutputError:
    examples = _with_labels(outputs, targets, is_batch, "probabilities", shares=False)
    n, values, slopes = len(examples), [], []
    for place, (p, y) in enumerate(examples):
        certainty = math.fsum(p)
        if min(p) < 0.0 or abs(certainty - 1.0) > 1e-6:
            raise ValueError(
                f"the outputs of example {place + 1} must be probabilities that add up to 1, they "
                f"add up to {certainty:g}; for net inputs take cross_entropy"
            )
        if p[y] == 0.0:
            raise ValueError(
                f"the loss is infinite: in example {place + 1} the true class {y} has probability "
                "0; use cross_entropy with a linear output"
            )
        values.append(-math.log(p[y]))
        slopes.append([-1.0 / (p_k * n) if k == y else 0.0 for k, p_k in enumerate(p)])
    return OutputError(math.fsum(values) / n, slopes)


def _cross_entropy(outputs: Rows, targets: Any, is_batch: bool) -> OutputError:
    examples = _with_labels(outputs, targets, is_batch, "logits", shares=True)
    n, values, slopes = len(examples), [], []
    for z, label in examples:
        t = label if isinstance(label, list) else [float(k == label) for k in range(len(z))]
        largest, a = max(z), softmax(z)
        whole = largest + math.log(math.fsum(math.exp(z_k - largest) for z_k in z))
        values.append(math.fsum(t_k * (whole - z_k) for t_k, z_k in zip(t, z, strict=True)))
        slopes.append([(a_k - t_k) / n for a_k, t_k in zip(a, t, strict=True)])
    return OutputError(math.fsum(values) / n, slopes)


def _of_pairs(outputs: Rows, found: Sequence[tuple[float, float]]) -> OutputError:
    """Return the mean of losses and their slopes."""
    n = len(found)
    slopes = _in_rows(outputs, [slope / n for _, slope in found])
    return OutputError(math.fsum(value for value, _ in found) / n, slopes)


def _in_rows(outputs: Rows, slopes: Sequence[float]) -> Rows:
    """Return the slopes where the outputs stand."""
    each = iter(slopes)
    return [[next(each) for _ in row] for row in outputs]


def _single_outputs(
    outputs: Rows, targets: Any, is_batch: bool, name: str
) -> list[tuple[float, float]]:
    if is_batch and len(outputs[0]) > 1:
        raise ValueError(
            f"this loss takes one output per example, the model has {len(outputs[0])}; for "
            "classes take cross_entropy, for numbers squared_error"
        )
    return paired(_as_returned(outputs, is_batch), targets, name, "targets")


def _with_labels(
    outputs: Rows, targets: Any, is_batch: bool, name: str, shares: bool
) -> list[tuple[list[float], Any]]:
    given = _as_returned(outputs, is_batch)
    return [(values, label) for values, label, _ in labelled(given, targets, name, shares)]


def _as_returned(outputs: Rows, is_batch: bool) -> Any:
    """Return the outputs as a model does: of a single unit the number, of one example its row."""
    rows = [row[0] if len(row) == 1 else row for row in outputs]
    return rows if is_batch else rows[0]


LOSSES = {
    "squared_error": Loss(_squared_error, "a − t"),
    "mse": Loss(_mse, "2 (a − t) / n"),
    "hinge": Loss(_hinge, "−t where t a < 1, else 0"),
    "bce": Loss(_bce, "(a − t) / (a (1 − a))"),
    "bce_with_logits": Loss(_bce_with_logits, "σ(z) − t"),
    "nll": Loss(_nll, "−1/a_y for the true class y"),
    "cross_entropy": Loss(_cross_entropy, "softmax(z)_k − t_k"),
}
