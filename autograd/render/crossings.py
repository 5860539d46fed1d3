"""Order within the layers: long arrows are cut into short ones, then crossings are swept away."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise
from random import Random

ORDER_SWEEPS = 24
PATIENCE = 6
DUMMY_HEIGHT = 6.0
SMALL, SHUFFLES = 200, 6  # boxes and dummies of a mesh that is worth more beginnings


class Mesh:
    """Boxes and dummies, where every link joins neighbouring layers."""

    def __init__(
        self,
        sizes: Sequence[tuple[float, float]],
        edges: Sequence[tuple[int, int]],
        layers: list[int],
    ) -> None:
        self.boxes = len(sizes)
        self.box_layers = layers
        self.widths = [width for width, _ in sizes]
        self.heights = [height for _, height in sizes]
        self.layer_of = list(layers)
        self.before: list[list[int]] = [[] for _ in sizes]
        self.after: list[list[int]] = [[] for _ in sizes]
        self.chains: list[list[int]] = []
        for tail, head in edges:
            chain = [tail]
            for layer in range(layers[tail] + 1, layers[head]):
                chain.append(len(self.layer_of))
                self.layer_of.append(layer)
                self.widths.append(0.0)
                self.heights.append(DUMMY_HEIGHT)
                self.before.append([])
                self.after.append([])
            chain.append(head)
            for left, right in pairwise(chain):
                self.after[left].append(right)
                self.before[right].append(left)
            self.chains.append(chain)
        self.rows = self._first_rows()
        self.index = [0] * len(self.layer_of)
        self._renumber(self.rows)

    def _first_rows(self) -> list[list[int]]:
        """Rows in the order of a depth-first walk from the sinks along the edges as given."""
        rows: list[list[int]] = [[] for _ in range(max(self.layer_of) + 1)]
        seen = [False] * len(self.layer_of)
        for sink in range(self.boxes):
            if self.after[sink]:
                continue
            stack = [sink]
            while stack:
                item = stack.pop()
                if seen[item]:
                    continue
                seen[item] = True
                rows[self.layer_of[item]].append(item)
                stack.extend(reversed(self.before[item]))
        return rows

    def _renumber(self, rows: list[list[int]]) -> None:
        for row in rows:
            for position, item in enumerate(row):
                self.index[item] = position

    def order(self) -> None:
        """Order the layers so that few links cross: the best of several beginnings wins.

        The shuffled ones are the same every time, so that equal input gives an equal order.
        """
        first = [list(row) for row in self.rows]
        starts = [first, [row[::-1] for row in first]]
        if len(self.layer_of) <= SMALL:
            source = Random(0)
            starts += [[source.sample(row, len(row)) for row in first] for _ in range(SHUFFLES)]
        best, fewest = first, self._crossings()
        for start in starts:
            for begins in (0, 1):
                if not fewest:
                    break
                self.rows = [list(row) for row in start]
                self._renumber(self.rows)
                self._sweep(begins)
                crossings = self._crossings()
                if crossings < fewest:
                    best, fewest = [list(row) for row in self.rows], crossings
        self.rows = best
        self._renumber(self.rows)

    def _sweep(self, begins: int) -> None:
        """Barycentre sweeps to and fro; the best order seen wins, then neighbours are exchanged.

        Args:
            begins: 0 to begin forwards, 1 to begin backwards.
        """
        best, fewest, idle = [list(row) for row in self.rows], self._crossings(), 0
        for sweep in range(begins, ORDER_SWEEPS + begins):
            if fewest == 0 or idle == PATIENCE:
                break
            forward = sweep % 2 == 0
            neighbours = self.before if forward else self.after
            for row in self.rows if forward else reversed(self.rows):
                self._sort(row, neighbours)
            crossings = self._crossings()
            idle += 1
            if crossings < fewest:
                best, fewest, idle = [list(row) for row in self.rows], crossings, 0
        self.rows = best
        self._renumber(self.rows)
        if fewest:
            self._exchange()

    def _sort(self, row: list[int], neighbours: list[list[int]]) -> None:
        centre = {}
        for position, item in enumerate(row):
            near = neighbours[item]
            centre[item] = (
                sum([self.index[other] for other in near]) / len(near) if near else float(position)
            )
        row.sort(key=centre.__getitem__)
        for position, item in enumerate(row):
            self.index[item] = position

    def _crossings(self) -> int:
        total = 0
        for row in self.rows:
            arrived: list[int] = []
            for item in row:
                targets = sorted(self.index[other] for other in self.after[item])
                for target in targets:
                    total += len(arrived) - bisect_right(arrived, target)
                for target in targets:
                    insort(arrived, target)
        return total

    def _exchange(self) -> None:
        for _ in range(4):
            improved = False
            for row in self.rows:
                for position in range(len(row) - 1):
                    upper, lower = row[position], row[position + 1]
                    if self._is_better_exchanged(upper, lower):
                        row[position], row[position + 1] = lower, upper
                        self.index[lower], self.index[upper] = position, position + 1
                        improved = True
            if not improved:
                return

    def _is_better_exchanged(self, upper: int, lower: int) -> bool:
        """Whether the links of two neighbours cross each other more often than if exchanged."""
        more = 0
        for links in (self.before, self.after):
            if links[upper] and links[lower]:
                below = sorted([self.index[other] for other in links[lower]])
                for other in links[upper]:
                    position = self.index[other]
                    now, then = bisect_left(below, position), bisect_right(below, position)
                    more += now - (len(below) - then)
        return more > 0
