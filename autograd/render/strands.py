"""The strands of a line: one for each of the largest routes that run there, and one for the others.

A strand is as wide as its contribution is large, hollow where it is negative, dashed where nothing
gets through.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from autograd.path_finding.routes import Route, Routes
from autograd.render import palette
from autograd.render.picture import Stroke
from autograd.render.typography import CIRCLED

COLOURED = 6
WIDTHS = "width: size of a contribution, hollow: negative, dashed: 0"
_THINNEST, _THICKEST = 1.4, 13.0
Place = Hashable


class Strands:
    """What the routes of one or several sources send along the lines of a picture.

    Args:
        found: The routes of each source.
        places: Given the number of a source and two stops that follow each other, or None and the
            first stop, returns the lines that lead from one to the other.

    Attributes:
        count: The number of all routes.
        flows: For each line the sum of |product| over the paths that run there.
        uses: For each line, and for each stop, how many routes run there.
        shown: For each source the number of its first coloured route, and those routes.
    """

    def __init__(
        self, found: Sequence[Routes], places: Callable[[int, Any, Any], Sequence[Place]]
    ) -> None:
        self.count = sum(one.route_count for one in found)
        self.flows: dict[Place, float] = {}
        self.uses: dict[Place, int] = {}
        self.shown: list[tuple[int, tuple[Route, ...]]] = []
        self._coloured: list[Route] = []
        self._strands: dict[Place, list[tuple[int, float]]] = {}
        self._total = sum(one.magnitude for one in found) or 1.0
        for number, one in enumerate(found):
            first = len(self._coloured)
            routes = one.routes[: COLOURED - first]
            self.shown.append((first, routes))
            self._add(one, routes, partial(places, number))

    def _add(
        self, found: Routes, shown: Sequence[Route], places: Callable[[Any, Any], Sequence[Place]]
    ) -> None:
        for (tail, head), flow in found.flows.items():
            for place in places(tail, head):
                self.flows[place] = self.flows.get(place, 0.0) + flow
                uses = found.uses.get((tail, head), 0)
                self.uses[place] = self.uses.get(place, 0) + uses
        for stop, uses in found.uses.items():
            if not (type(stop) is tuple and stop in found.flows):
                self.uses[stop] = self.uses.get(stop, 0) + uses
        for route in shown:
            number = len(self._coloured)
            self._coloured.append(route)
            size = route.share * found.magnitude
            for tail, head in pairwise([None, *route.stops]):
                for place in places(tail, head):
                    self._strands.setdefault(place, []).append((number, size))

    @property
    def is_few(self) -> bool:
        """Whether every route has a colour."""
        return self.count <= len(self._coloured)

    def stroke(self, place: Place) -> Stroke:
        """The strands of a line on which something flows."""
        strands = self._strands.get(place, [])
        colours = [palette.PATHS[number] for number, _ in strands]
        widths = [self._width(size) for _, size in strands]
        hollow = [self._coloured[number].contribution < 0.0 for number, _ in strands]
        dashed = [size == 0.0 for _, size in strands]
        flow = self.flows.get(place, 0.0)
        rest = flow - sum(size for _, size in strands)
        if not strands or (not self.is_few and rest > 1e-9 * self._total):
            colours.append(palette.LINE)
            widths.append(self._width(max(rest, 0.0)))
            hollow.append(False)
            dashed.append(flow == 0.0)
        return Stroke(tuple(colours), tuple(widths), tuple(hollow), tuple(dashed))

    def mark(self, place: Place) -> str:
        """The number of the only route that runs along a line, if all have colours."""
        strands = self._strands.get(place, [])
        alone = self.is_few and self.count > 1 and len(strands) == 1
        return CIRCLED[strands[0][0]] if alone else ""

    def share(self, place: Place) -> float:
        """The part of Σ |product| that flows along a line."""
        return self.flows.get(place, 0.0) / self._total

    def _width(self, size: float) -> float:
        share = size / self._total
        if not math.isfinite(share):
            return _THINNEST
        return _THINNEST + (_THICKEST - _THINNEST * min(self.count, COLOURED)) * share
