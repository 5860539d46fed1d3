"""Heights of boxes and arrows: each layer's least-squares problem is solved exactly, in sweeps.

Under constraints of order and distance that problem is an isotonic regression, which pooling
adjacent violators solves in linear time. At the end, long arrows are drawn level.
"""

from __future__ import annotations

from itertools import pairwise
from math import inf

from autograd.render.crossings import Mesh

SETTLING_SWEEPS = 14


class Placement:
    """The middle `y` of every item, and the port of every edge as an offset from its head's."""

    def __init__(self, mesh: Mesh, row_gap: float, rooms: list[float]) -> None:
        self.mesh = mesh
        self.y = [0.0] * len(mesh.layer_of)
        self.port = [0.0] * len(mesh.chains)
        self._set_ports(rooms)
        self._sweep(row_gap)
        self._straighten(row_gap)

    def _sweep(self, row_gap: float) -> None:
        """Alternating sweeps in which every layer is solved exactly."""
        offsets = [self._offsets(row, row_gap) for row in self.mesh.rows]
        for row, offset in zip(self.mesh.rows, offsets, strict=True):
            for item, down in zip(row, offset, strict=True):
                self.y[item] = down - offset[-1] / 2
        pulls = self._pulls()
        last = len(self.mesh.rows) - 1
        for sweep in range(SETTLING_SWEEPS):
            forward = sweep % 2 == 0
            for layer in range(last + 1) if forward else range(last, -1, -1):
                side = (-1 if forward else 1) if sweep < 4 else 0
                self._settle(self.mesh.rows[layer], offsets[layer], pulls, side)

    def _set_ports(self, rooms: list[float]) -> None:
        """Give every edge its port: the height at its head, relative to the middle of the head."""
        arriving: list[list[tuple[int, int]]] = [[] for _ in range(self.mesh.boxes)]
        for edge, chain in enumerate(self.mesh.chains):
            arriving[chain[-1]].append((self.mesh.index[chain[-2]], edge))
        for entries in arriving:
            down = -sum(rooms[edge] for _, edge in entries) / 2
            for _, edge in sorted(entries):
                self.port[edge] = down + rooms[edge] / 2
                down += rooms[edge]

    def _offsets(self, row: list[int], row_gap: float) -> list[float]:
        offset = [0.0]
        for upper, lower in pairwise(row):
            offset.append(offset[-1] + self._distance(upper, lower, row_gap))
        return offset

    def _distance(self, upper: int, lower: int, row_gap: float) -> float:
        """The least distance between the middles of two neighbours in a layer."""
        mesh = self.mesh
        only_arrows = upper >= mesh.boxes and lower >= mesh.boxes
        gap = row_gap * 0.7 if only_arrows else row_gap
        return (mesh.heights[upper] + mesh.heights[lower]) / 2 + gap

    def _pulls(self) -> list[list[tuple[int, float, float, int]]]:
        """For each item (neighbour, offset, weight, side); long arrows are pulled straightest."""
        pulls: list[list[tuple[int, float, float, int]]] = [[] for _ in self.mesh.layer_of]
        for edge, chain in enumerate(self.mesh.chains):
            for left, right in pairwise(chain):
                dummies = (left >= self.mesh.boxes) + (right >= self.mesh.boxes)
                weight = (1.0, 2.0, 8.0)[dummies]
                port = self.port[edge] if right < self.mesh.boxes else 0.0
                pulls[right].append((left, -port, weight, -1))
                pulls[left].append((right, port, weight, 1))
        return pulls

    def _settle(
        self,
        row: list[int],
        offset: list[float],
        pulls: list[list[tuple[int, float, float, int]]],
        side: int,
    ) -> None:
        blocks: list[tuple[float, float, int]] = []
        for item, down in zip(row, offset, strict=True):
            weight, moment = 1e-3, 1e-3 * self.y[item]
            for other, shift, strength, where in pulls[item]:
                if side in (0, where):
                    weight += strength
                    moment += strength * (self.y[other] + shift)
            moment, size = moment - weight * down, 1
            while blocks and blocks[-1][1] * weight >= moment * blocks[-1][0]:
                earlier = blocks.pop()
                weight, moment, size = (weight + earlier[0], moment + earlier[1], size + earlier[2])
            blocks.append((weight, moment, size))
        position = 0
        for weight, moment, size in blocks:
            for _ in range(size):
                self.y[row[position]] = moment / weight + offset[position]
                position += 1

    def _straighten(self, row_gap: float) -> None:
        """Draws long arrows level where their neighbours leave room, so that they bend but once."""
        for edge, chain in enumerate(self.mesh.chains):
            start, end = self.y[chain[0]], self.y[chain[-1]] + self.port[edge]
            run: list[int] = []
            low, high = -inf, inf
            for dummy in chain[1:-1]:
                above, below = self._freedom(dummy, row_gap)
                if max(low, above) > min(high, below):
                    self._level(run, low, high, start, end)
                    run, low, high = [], -inf, inf
                run.append(dummy)
                low, high = max(low, above), min(high, below)
            self._level(run, low, high, start, end)

    def _freedom(self, dummy: int, row_gap: float) -> tuple[float, float]:
        """How far up and down a dummy can go between its neighbours."""
        row = self.mesh.rows[self.mesh.layer_of[dummy]]
        place = self.mesh.index[dummy]
        low, high = -inf, inf
        if place > 0:
            low = self.y[row[place - 1]] + self._distance(row[place - 1], dummy, row_gap)
        if place < len(row) - 1:
            high = self.y[row[place + 1]] - self._distance(dummy, row[place + 1], row_gap)
        # Sweeps leave rounding errors; a dummy is always free to stay where it is.
        return min(low, self.y[dummy]), max(high, self.y[dummy])

    def _level(self, run: list[int], low: float, high: float, start: float, end: float) -> None:
        if not run:
            return
        mean = sum(self.y[dummy] for dummy in run) / len(run)
        fitting = [y for y in (end, start) if low <= y <= high]
        level = fitting[0] if fitting else min(max(mean, low), high)
        for dummy in run:
            self.y[dummy] = level
