"""How the gradient of a loss by a net input is seen to be a − t, whatever the target t is.

A loss that knows its target leaves out the terms that are zero; here they come back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.explanation.algebra import final_terms
from autograd.explanation.quantities import Quantity, quantities_in


def slope_of_log_loss(above: Any, a: Any, target_of: Callable[[float], Any]) -> Any:
    """Return the slope of −t log a − (1 − t) log (1 − a) by a, where that is what a formula is.

    For t = 1 that is −log a, and −log (1 − a) for t = 0.

    Args:
        above: The derivative of the loss by a.
        a: The activation.
        target_of: Returns the name t of a target of 1 or 0.
    """
    terms = final_terms(above)
    certain = {
        frozenset({(a.name, -1)}): (-1.0, 1.0),
        frozenset({(f"1 − {a.name}", -1)}): (1.0, 0.0),
    }
    if len(terms) != 1:
        return None
    ((key, number),) = terms.items()
    expected, target = certain.get(key, (0.0, 0.0))
    if number != expected:
        return None
    t = target_of(target)
    return -(t / a) + (1.0 - t) / (1.0 - a)


def less_target(
    formula: Any, is_activation: Callable[[Quantity], bool], target_of: Callable[[float], Any]
) -> Any:
    """Return a − t for a − 1 and a, which are that for the targets 1 and 0; else None."""
    names = quantities_in(formula)
    if len(names) != 1:
        return None
    a = names[0]
    terms = final_terms(formula)
    rest = {key: number for key, number in terms.items() if key != frozenset({(a.name, 1)})}
    if not is_activation(a) or len(rest) == len(terms) or rest not in ({}, {frozenset(): -1.0}):
        return None
    return a - target_of(1.0 if rest else 0.0)
