"""Partial derivatives of operations of many operands, stated for one operand of a kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Partial = Callable[..., Any]


class Elementwise:
    """The partials of a variadic operation whose operands have the same rule `(out, x, n)`.

    Args:
        partial: The rule; after n it gets the last operand if that has a rule of its own, and what
            is shared.
        shared: Operations whose results all derivatives use: each is applied to the operands,
            and to the results of those before it.
        of_last: The rule `(out, last)` of the last operand where that is not one of n equals.
    """

    def __init__(
        self, partial: Partial, shared: Sequence[Any] = (), of_last: Partial | None = None
    ) -> None:
        self.partial = partial
        self.shared = tuple(shared)
        self.of_last = of_last

    def __call__(self, out: Any, *operands: Any) -> list[Any]:
        """Return the partials of all n operands."""
        return self.wanted(out, operands, [True] * len(operands))

    def wanted(
        self, out: Any, operands: Sequence[Any], wanted: Sequence[bool], n: Any = None
    ) -> list[Any]:
        """Return the partials of the wanted operands, and None for the others.

        Args:
            out: The result.
            operands: All operands.
            wanted: For every operand, whether its derivative is wanted.
            n: Their number, where it has to be of the operands' kind.
        """
        last = operands[-1:] if self.of_last is not None else ()
        alike = operands[: len(operands) - len(last)]
        common = (*last, *shared_results(self.shared, operands))
        count = float(len(alike)) if n is None else n
        found = [
            self.partial(out, x, count, *common) if is_wanted else None
            for x, is_wanted in zip(alike, wanted, strict=False)
        ]
        if self.of_last is not None:
            found.append(self.of_last(out, *last) if wanted[-1] else None)
        return found


class Pairwise:
    """The partials of an operation on x1 … xn, y1 … yn and perhaps an added bias.

    Every pair has the same two rules `(out, x, y)`; the bias has derivative 1.

    Args:
        of_left: The rule of x; after y it gets what is shared, of the left first.
        of_right: The rule of y, likewise.
        shared_left: As in `Elementwise`, applied to x1 … xn.
        shared_right: The same, applied to y1 … yn.
    """

    def __init__(
        self,
        of_left: Partial,
        of_right: Partial,
        shared_left: Sequence[Any] = (),
        shared_right: Sequence[Any] = (),
    ) -> None:
        self.of_left = of_left
        self.of_right = of_right
        self.shared_left = tuple(shared_left)
        self.shared_right = tuple(shared_right)

    def __call__(self, out: Any, *operands: Any) -> list[Any]:
        """Return the partials of all left operands, all right operands, and the bias."""
        return self.wanted(out, operands, [True] * len(operands))

    def wanted(self, out: Any, operands: Sequence[Any], wanted: Sequence[bool]) -> list[Any]:
        """Return the partials of the wanted operands, and None for the others."""
        size = len(operands) // 2
        left, right = operands[:size], operands[size : 2 * size]
        common = shared_results(self.shared_left, left) + shared_results(self.shared_right, right)
        rules = [self.of_left] * size + [self.of_right] * size
        pairs = [*zip(left, right, strict=True)] * 2
        found = [
            rule(out, *pair, *common) if is_wanted else None
            for rule, pair, is_wanted in zip(rules, pairs, wanted, strict=False)
        ]
        return found + [1.0] * (len(operands) % 2)


def shared_results(
    shared: Sequence[Any],
    operands: Sequence[Any],
    apply: Callable[[Any, tuple[Any, ...]], Any] | None = None,
) -> list[Any]:
    """Return what the derivatives by all these operands share.

    Args:
        shared: Operations, each of the operands and the results of those before it.
        operands: The operands.
        apply: Applies one of them, where their kind does not say how.
    """
    found: list[Any] = []
    for primitive in shared:
        given = (*operands, *found)
        found.append(primitive.apply(given) if apply is None else apply(primitive, given))
    return found
