"""Products of matrices: sums of products that are the elements of one product of matrices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

# A sum of products: factors on the left, on the right, what the sum starts from.
Factors: TypeAlias = tuple[Sequence[int], Sequence[int], int | None]


# Terms of a group, up to which it is left alone: machine code may compute it as it is.
_FEW = 32


def families(groups: Iterable[list[int]], factors: Mapping[int, Factors]) -> list[list[list[int]]]:
    """Return groups of sums, those together that have the same factors on the left.

    Args:
        groups: Sums, of which those of a group have the same factors on the right.
        factors: Those of every sum.

    Example:
        >>> left, right, other = range(40), range(40, 80), range(80, 120)
        >>> families([[0], [1]], {0: (left, right, None), 1: (left, other, None)})
        [[[0], [1]]]
        >>> families([[0], [1]], {0: ([1], [2], None), 1: ([1], [3], None)})
        [[[0]], [[1]]]
    """
    found: dict[object, list[list[int]]] = {}
    for group in groups:
        key: object = group[0]
        if len(group) * len(factors[group[0]][0]) > _FEW:
            key = tuple([(tuple(factors[slot][0]), factors[slot][2]) for slot in group])
        found.setdefault(key, []).append(group)
    return list(found.values())


class MatrixProduct(NamedTuple):
    """Sums of the products of every left side with every right side.

    Attributes:
        lefts: The factors of every left side.
        rights: The factors of every right side.
        slots: The sums: for every right side, one for each left side.
    """

    lefts: tuple[tuple[int, ...], ...]
    rights: list[tuple[int, ...]]
    slots: list[list[int]]


def matrix_products(
    sums: Iterable[tuple[int, Sequence[int], Sequence[int]]], ranks: Mapping[int, int]
) -> list[MatrixProduct]:
    """Return sums of products as products of matrices.

    Args:
        sums: Their slots, and the factors on the left and on the right.
        ranks: The order in which sums are wanted, of those that have one.

    Example:
        >>> sums = [(0, [7], [5]), (1, [7], [4]), (2, [8], [4]), (3, [8], [5])]
        >>> outer = matrix_products(sums, {})
        >>> outer[0].lefts, outer[0].rights, outer[0].slots
        (((7,), (8,)), [(5,), (4,)], [[0, 3], [1, 2]])
    """
    by_right: dict[tuple[int, ...], list[tuple[int, tuple[int, ...], int]]] = {}
    for slot, left, right in sums:
        by_right.setdefault(tuple(right), []).append((ranks.get(slot, -1), tuple(left), slot))
    alike: dict[tuple[tuple[int, ...], ...], list[tuple[int, ...]]] = {}
    for factor, others in by_right.items():
        others.sort()
        alike.setdefault(tuple([left for _, left, _ in others]), []).append(factor)
    for factors in alike.values():
        factors.sort(key=lambda factor: by_right[factor][0][0])
    return [
        MatrixProduct(lefts, rights, [[slot for *_, slot in by_right[right]] for right in rights])
        for lefts, rights in alike.items()
    ]
