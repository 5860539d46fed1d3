"""Audits: steps of the machine, recomputed by nodes and compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import Optimizer, Value, clip_gradients

# Rounding of a row's derivative and of their sum, with room: relative to the sizes of the terms.
_ROUNDING = 1e-9


class AuditError(ArithmeticError):
    """A step of the machine is not the one that the nodes give.

    Example:
        >>> from nn import MLP
        >>> model, X, y = MLP(1, [1], seed=1), [[1.0], [2.0]], [1.0, 2.0]
        >>> model.fit(X, y, loss="mse", epochs=2, audit=1.0).stopped
        'epochs'
    """


def audit(
    step: int,
    loss: float,
    expected: Any,
    parameters: Sequence[Value],
    before: Sequence[float],
    optimizer: Optimizer,
    state: dict[str, Any],
    factor: float,
    clips: tuple[float | None, float | None],
) -> None:
    """Raise an AuditError if parameters are not where eager code would have them.

    Each has to lie between the places to which the optimizer takes it by the least and the largest
    derivative that rounding allows. The parameters stay as they are.

    Args:
        step: The number of the step, for the message.
        loss: The loss that the machine gave.
        expected: The `Gradient` by nodes, before the step.
        parameters: As the machine left them.
        before: What they were.
        optimizer: Which kind.
        state: What `state_dict` of the optimizer was before.
        factor: Of the learning rate, for this step.
        clips: The largest norm and component of the gradient.
    """
    scale = 1.0 + abs(expected.loss)
    if not abs(loss - expected.loss) <= _ROUNDING * scale:
        raise AuditError(
            f"step {step}: the machine's loss is {loss!r}, that of the nodes {expected.loss!r}"
        )
    after = [parameter.data for parameter in parameters]
    places = []
    try:
        for shift in (-_ROUNDING, 0.0, _ROUNDING):
            for parameter, number in zip(parameters, before, strict=True):
                parameter.data = number
            places.append(_moved(shift, expected, parameters, optimizer, state, factor, clips))
    finally:
        for parameter, number in zip(parameters, after, strict=True):
            parameter.data = number
    for place, (parameter, number) in enumerate(zip(parameters, after, strict=True)):
        wanted = [column[place] for column in places]
        room = _ROUNDING * (abs(number) + abs(before[place]))
        if not min(wanted) - room <= number <= max(wanted) + room:
            name = parameter.label or f"parameter {place}"
            raise AuditError(
                f"step {step}: the machine takes {name} from {before[place]!r} to {number!r}, the "
                f"nodes to {wanted[1]!r}"
            )


def _moved(
    shift: float,
    expected: Any,
    parameters: Sequence[Value],
    optimizer: Optimizer,
    state: dict[str, Any],
    factor: float,
    clips: tuple[float | None, float | None],
) -> list[float]:
    kept = [parameter.grad for parameter in parameters]
    try:
        terms = zip(parameters, expected.numbers, expected.sizes, strict=True)
        for parameter, derivative, size in terms:
            parameter.grad = derivative + shift * size
        clip_gradients(parameters, norm=clips[0], value=clips[1])
        stand_in = type(optimizer)(parameters=list(parameters))
        stand_in.load_state_dict(state)
        stand_in.lr = stand_in.lr * factor
        stand_in.step()
    finally:
        for parameter, derivative in zip(parameters, kept, strict=True):
            parameter.grad = derivative
    return [parameter.data for parameter in parameters]
