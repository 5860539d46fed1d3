"""Which inputs are behind a direction that is not clean: found by halving.

What a direction cannot certify (a wrong claim, a kink, noise, an error bar too wide for a single
input) is searched, inputs of like effect together, until the inputs behind it can be compared one
at a time: the same comparisons that all inputs would get one by one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from autograd.verification.comparing import Bench
from autograd.verification.directions import (
    MANY_INPUTS,
    Projection,
    is_rough,
    project,
    random_direction,
)
from autograd.verification.verdicts import Comparison

# So few inputs are compared one at a time.
FEW = 4
# After so many inputs that are not confirmed the search stops; the rest is reported in groups.
_ENOUGH = 32
# Of more inputs than this, after fewer: each of them takes as many evaluations as halvings.
_LARGE, _ENOUGH_OF_LARGE = 4096, 8
NEGLIGIBLE = 1e-3


def explain(
    projection: Projection,
    bench: Bench,
    source: random.Random,
    locate: Callable[[], Sequence[int]] | None = None,
) -> list[Comparison]:
    """Return comparisons that say which inputs are behind a projection that is not clean.

    A direction that is still contradicted stays among the comparisons: right along every axis and
    wrong between them is wrong.
    """
    moves = projection.direction
    row = projection.comparison
    moved = [position for position, move in enumerate(moves) if move]
    # Inputs of like effect together: a small one is not lost beside a large one.
    moved.sort(key=lambda place: -bench.effects[place])
    search = _Search(bench, source, moves, row.measured.error)
    if locate and len(moved) > MANY_INPUTS and row.verdict == "FAIL" and not row.measured.is_kink:
        wrong = set(locate())
        if wrong:
            search.take(sorted(wrong & set(moved)))
            moved = [place for place in moved if place not in wrong]
    halve(moved, search.certified)
    found = search.found()
    off = max([abs(claim - row.measured.value) for claim in row.claimed.values()])
    is_contradicted = row.verdict == "FAIL" and not row.measured.is_kink and off > search.room
    if is_rough(bench.how, bench.point):
        is_contradicted = row.verdict == "FAIL"
        found = [one for one in found if one.verdict != "INCONCLUSIVE"]
    if is_contradicted and all(one.verdict == "PASS" for one in found):
        found.append(row)
    return found


class _Search:
    """Compares single inputs, and certifies groups of them."""

    def __init__(
        self, bench: Bench, source: random.Random, moves: Sequence[float], room: float
    ) -> None:
        self.room = room  # what error bars allow the direction to be off
        self._bench, self._source, self._moves = bench, source, moves
        self._singles: dict[int, Comparison] = {}
        self._groups: list[Comparison] = []
        self._enough = _ENOUGH if len(bench.point) <= _LARGE else _ENOUGH_OF_LARGE

    def found(self) -> list[Comparison]:
        """Return all comparisons: the single inputs in their order, then groups."""
        return [self._singles[position] for position in sorted(self._singles)] + self._groups

    def take(self, places: Sequence[int]) -> None:
        """Compare the first of these, and the others together."""
        for position in places[: self._enough]:
            self._compare(position)
        if len(places) > self._enough:
            self._groups.append(self._project(places[self._enough :]).comparison)

    def certified(self, group: Sequence[int]) -> bool:
        """Return whether a group needs no further search."""
        wrong = sum(not row.is_confirmed for row in self._singles.values())
        if len(group) <= FEW and wrong < self._enough:
            for position in group:
                self._compare(position)
            return True
        part = self._project(group)
        bench = self._bench
        if is_rough(bench.how, bench.point) and part.comparison.verdict == "INCONCLUSIVE":
            return True
        if part.is_clean or wrong >= self._enough:
            # The other moves may be three times as large.
            self.room += 3.0 * part.comparison.measured.error
            self._groups.append(part.comparison)
            return True
        return False

    def _compare(self, position: int) -> None:
        self._singles[position] = self._bench.compare(position)
        self.room += self._singles[position].measured.error * abs(self._moves[position])

    def _project(self, group: Sequence[int]) -> Projection:
        bench = self._bench
        first = bench.paths[min(group)]
        path = f"{first} and {len(group) - 1} others" if len(group) > 1 else first
        direction = random_direction(self._source, bench.point, group)
        least = max(
            min(bench.effects[position] for position in group),
            NEGLIGIBLE * (bench.largest_effect or 1.0),
        )
        settings = bench.how, least, bench.order, bench.vectors
        return project(bench.subject, bench.point, path, direction, *settings)


def halve(group: Sequence[int], certified: Callable[[Sequence[int]], bool]) -> None:
    """Halve the group until every part is certified; the first ones first."""
    pending = [list(group)]
    while pending:
        part = pending.pop()
        if part and not certified(part):
            middle = (len(part) + 1) // 2
            pending += [part[middle:], part[:middle]]
