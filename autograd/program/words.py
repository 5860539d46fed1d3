"""Words: what the machine reads, as `native/machine.h` says.

Slots that lie a step apart are written as the first and the step; others are listed behind all
packs, each list once.
"""

from __future__ import annotations

from collections.abc import Sequence

COPY, TOTALS, OUTER = -1, -2, -3  # packs that are no operation of the rule book
NONE = -1  # in place of an operand's mode
_IN_U, _LISTED, _IN_V = 0, 1, 2


class Words:
    """Words being written.

    Attributes:
        words: Those of the packs so far.

    Example:
        >>> words = Words()
        >>> words.operand([3, 5, 7], in_v=False)
        >>> words.operand([3, 5, 6], in_v=True)
        >>> words.finished()
        [0, 3, 2, 3, 6, 0, 3, 5, 6]
    """

    def __init__(self) -> None:
        self.words: list[int] = []
        self._lists: list[int] = []
        self._known: dict[tuple[int, ...], int] = {}
        self._pointers: list[int] = []  # words that are to point into the lists

    def finished(self) -> list[int]:
        """Return all words, the lists behind those of the packs."""
        for word in self._pointers:
            self.words[word] += len(self.words)
        self._pointers = []
        return self.words + self._lists

    def operand(self, addresses: Sequence[int], in_v: bool) -> None:
        """Write where the elements of an operand are, in U or in V."""
        mode = _IN_V if in_v else _IN_U
        if is_regular(addresses):
            self.words += [mode, addresses[0], step_of(addresses)]
        else:
            self.words += [mode | _LISTED, self._listed(addresses), 0]

    def grid(self, rows: Sequence[Sequence[int]], in_v: bool) -> None:
        """Write where the terms of all elements are: a row of places for each."""
        mode = _IN_V if in_v else _IN_U
        first = rows[0]
        shared = len(rows) == 1 or all([row == first for row in rows])
        if shared and is_regular(first):
            self.words += [mode, first[0] if first else 0, 0, step_of(first)]
        elif shared:
            self.words += [mode | _LISTED, self._listed(first), 0, 0]
        elif is_regular([row[0] for row in rows]) and _are_alike(rows):
            self.words += [mode, first[0], rows[1][0] - first[0], step_of(first)]
        else:
            self.words += [mode | _LISTED, self._listed([x for row in rows for x in row]), 1, 0]

    def _listed(self, addresses: Sequence[int]) -> int:
        """Put addresses in the lists; the word about to be written will point to them."""
        key = tuple(addresses)
        at = self._known.get(key)
        if at is None:
            at = self._known[key] = len(self._lists)
            self._lists += key
        self._pointers.append(len(self.words) + 1)
        return at


def step_of(addresses: Sequence[int]) -> int:
    """Return how far the second address is from the first; 0 if there is none."""
    return addresses[1] - addresses[0] if len(addresses) > 1 else 0


def is_regular(addresses: Sequence[int]) -> bool:
    """Return whether addresses lie a step apart."""
    count = len(addresses)
    if count < 3:
        return True
    step = addresses[1] - addresses[0]
    if step == 0:
        return all([address == addresses[0] for address in addresses])
    first = addresses[0]
    return list(addresses) == list(range(first, first + step * count, step))


def _are_alike(rows: Sequence[Sequence[int]]) -> bool:
    """Return whether in all rows the addresses lie as far apart as in the first."""
    size, step = len(rows[0]), step_of(rows[0])
    if size == 1:
        return True
    if step == 0:
        return all([row.count(row[0]) == size for row in rows])
    return all([row == tuple(range(row[0], row[0] + step * size, step)) for row in rows])
