"""Which lines of the figure of a network belong to which route from a value to the output.

The largest contributions have a colour each, all others one together; the width of a strand is the
size of its contribution, negative ones are hollow, and what is cut off is dashed.
"""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from itertools import pairwise
from typing import Any

from autograd.path_finding.routes import Route, Routes, routes
from autograd.render import palette
from autograd.render.network.captions import route_lines
from autograd.render.network.reading import Link, NetworkView, Stop
from autograd.render.picture import CaptionLine, Emphasis, Stroke
from autograd.render.typography import CIRCLED, format_count, shown_label

COLOURED = 6
_THINNEST, _THICKEST = 1.4, 13.0
WIDTHS = "width: size of a contribution, hollow: negative, dashed: 0"
SHARED = "×n: shared by n {what}s, computed once"


class Lit:
    """The routes from one or several values to the output.

    Args:
        view: The network.
        sources: The values asked about.
        show: "numbers", "symbols" or "both": how products are written below the figure.
    """

    asked: Container[Any]
    caption: Sequence[CaptionLine]

    def __init__(self, view: NetworkView, sources: Sequence[Any], show: str) -> None:
        self.asked = frozenset(sources)
        self._starts: dict[Any, list[tuple[Stop, Stop]]] = {source: [] for source in sources}
        for pair, link in view.links.items():
            for weight in link.weights:
                if weight in self._starts:
                    self._starts[weight].append(pair)
        self._strands: dict[Any, list[tuple[int, float]]] = {}
        self._flows: dict[Any, float] = {}
        self._uses: dict[Any, int] = {}
        self._coloured: list[Route] = []
        found = [routes(source, view.output, view.stop_of.get, COLOURED) for source in sources]
        self._count = sum(one.route_count for one in found)
        self._total = sum(one.magnitude for one in found) or 1.0
        lines: list[CaptionLine] = []
        for source, one in zip(sources, found, strict=True):
            first = len(self._coloured)
            room = COLOURED - first if len(sources) > 1 else COLOURED
            self._add(view, source, one, one.routes[:room])
            lines += route_lines(view, source, one, first, room, show)
        shared = max(self._uses.values(), default=0) > 1
        if shared or self._count > 1:
            what = "path" if self._count == sum(one.count for one in found) else "route"
            words = f"{WIDTHS}; {SHARED.format(what=what)}" if shared else WIDTHS
            lines.append(CaptionLine(words))
        self.caption = lines

    def _add(self, view: NetworkView, source: Any, found: Routes, shown: Sequence[Route]) -> None:
        own = view.stop_of.get(source)
        for place in self._ways(source, own, None, None):
            self._flows.setdefault(place, 0.0)
        for (tail, head), flow in found.flows.items():
            for place in self._ways(source, own, tail, head):
                self._flows[place] = self._flows.get(place, 0.0) + flow
                uses = found.uses.get((tail, head), 0)
                self._uses[place] = self._uses.get(place, 0) + uses
        for stop, uses in found.uses.items():
            if isinstance(stop, Stop):
                self._uses[stop] = self._uses.get(stop, 0) + uses
        for route in shown:
            number = len(self._coloured)
            self._coloured.append(route)
            size = route.share * found.magnitude
            stops = [None, *route.stops]
            for tail, head in pairwise(stops):
                for place in self._ways(source, own, tail, head):
                    self._strands.setdefault(place, []).append((number, size))

    def _ways(self, source: Any, own: Stop | None, tail: Any, head: Any) -> list[tuple[Stop, Stop]]:
        """The lines that lead from one stop to another; from a weight, the line that it is."""
        if tail is not None:
            return [(tail, head)]
        if own is not None:
            return [(own, head)] if head is not None and head != own else []
        return [pair for pair in self._starts.get(source, ()) if head in (None, pair[1])]

    def of_stop(self, stop: Stop) -> tuple[Emphasis, Stroke, str]:
        """Return whether the routes pass a disc or box."""
        on_the_way = stop in self._uses or any(
            pair[0] == stop for pairs in self._starts.values() for pair in pairs
        )
        if not on_the_way:
            return "dim", Stroke((palette.DIM_LINE,)), ""
        return "lit", Stroke((palette.INK,), (2.2,)), ""

    def of_link(self, tail: Stop, head: Stop, link: Link) -> tuple[Emphasis, Stroke, str, str, str]:
        """Return the strands of a line, one for each coloured route."""
        place = tail, head
        if place not in self._flows:
            return "dim", Stroke((palette.DIM_LINE,), (1.0,)), "", "", ""
        strands = self._strands.get(place, [])
        colours = [palette.PATHS[number] for number, _ in strands]
        widths = [self._width(size) for _, size in strands]
        hollow = [self._coloured[number].contribution < 0.0 for number, _ in strands]
        dashed = [size == 0.0 for _, size in strands]
        rest = self._flows[place] - sum(size for _, size in strands)
        if not strands or (self._count > len(self._coloured) and rest > 1e-9 * self._total):
            colours.append(palette.LINE)
            widths.append(self._width(max(rest, 0.0)))
            hollow.append(False)
            dashed.append(self._flows[place] == 0.0)
        stroke = Stroke(tuple(colours), tuple(widths), tuple(hollow), tuple(dashed))
        asked = [weight for weight in link.weights if weight in self.asked]
        label = shown_label(asked[0].label or "w") if asked else ""
        uses = self._uses.get(place, 0)
        few = self._count <= COLOURED
        badge = f"×{format_count(uses)}" if uses > 1 and (few or asked) else ""
        alone = few and self._count > 1 and len(strands) == 1
        mark = CIRCLED[strands[0][0]] if alone else ""
        return "lit", stroke, mark, label, badge

    def _width(self, size: float) -> float:
        share = size / self._total
        if not math.isfinite(share):
            return _THINNEST
        return _THINNEST + (_THICKEST - _THINNEST * min(self._count, COLOURED)) * share
