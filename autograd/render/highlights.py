"""Which lines of a picture of operations belong to which path: colours, widths, and the sum below.

The largest contributions have a colour each, all others one together; a strand is as wide as its
contribution is large, hollow where it is negative, dashed where nothing gets through.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.path_finding.cone import Cone, cone_of
from autograd.path_finding.counts import uses_between
from autograd.path_finding.search import Path, largest_paths, paths
from autograd.render import palette
from autograd.render.picture import CaptionLine, Stroke
from autograd.render.products import in_numbers
from autograd.render.typography import CIRCLED, format_count, format_number, typeset

COLOURED_PATHS = 6
_THINNEST, _THICKEST = 1.4, 9.0
WIDTHS = "width: size of a contribution; hollow: negative; ×n: shared by n paths, computed once"


@dataclass
class Highlight:
    """The paths from one or several sources to an output.

    Attributes:
        nodes: How many paths run through each node that is on one.
        edges: The same for edges, which are pairs (node, operand index).
        flows: The sum of |product| over the paths that run through each edge; empty if there are no
            derivatives.
        tracks: For each node and edge the numbers of the coloured paths through it.
        coloured: The paths with a colour of their own.
    """

    count: int = 0
    nodes: dict[Any, int] = field(default_factory=dict)
    edges: dict[tuple[Any, int], int] = field(default_factory=dict)
    flows: dict[tuple[Any, int], float] = field(default_factory=dict)
    magnitude: float = 0.0
    tracks: dict[Any, list[int]] = field(default_factory=dict)
    coloured: list[Path] = field(default_factory=list)
    caption: list[CaptionLine] = field(default_factory=list)

    def stroke(self, edge: tuple[Any, int]) -> Stroke:
        """The line of an edge that paths run through."""
        flow = self.flows.get(edge)
        if flow is None or not math.isfinite(self.magnitude):
            return Stroke((palette.MANY_PATHS,), (2.2,))
        numbers = self.tracks.get(edge, [])
        sizes = [abs(self.coloured[number].product) for number in numbers]
        colours = [palette.PATHS[number] for number in numbers]
        hollow = [self.coloured[number].product < 0.0 for number in numbers]
        rest = max(flow - math.fsum(sizes), 0.0)
        if not numbers or (self.edges[edge] > len(numbers) and rest > 1e-9 * flow):
            colours.append(palette.LINE)
            sizes.append(rest)
            hollow.append(False)
        widths = [self._width(size) for size in sizes]
        dashed = [size == 0.0 for size in sizes]
        return Stroke(tuple(colours), tuple(widths), tuple(hollow), tuple(dashed))

    def outline(self, node: Any) -> Stroke:
        """The outline of a node that paths run through: that of the only one, or dark."""
        numbers = self.tracks.get(node, [])
        alone = len(numbers) == 1 == self.nodes[node]
        return Stroke((palette.PATHS[numbers[0]] if alone else palette.INK,), (2.0,))

    def _width(self, size: float) -> float:
        share = size / self.magnitude if self.magnitude else 0.0
        return _THINNEST + (_THICKEST - _THINNEST) * share

    def badge(self, uses: int) -> str:
        """The use count of what several paths share."""
        return f"×{format_count(uses)}" if uses > 1 else ""

    def mark(self, edge: tuple[Any, int]) -> str:
        """The number of the only path that runs through an edge."""
        numbers = self.tracks.get(edge, [])
        return CIRCLED[numbers[0]] if len(numbers) == 1 == self.edges[edge] < self.count else ""


def highlight_paths(
    sources: Sequence[Any], output: Any, names: dict[Any, str], weighed: bool
) -> Highlight:
    """Collect the paths from every source to the output.

    Args:
        names: What to call each node in the caption.
        weighed: False if the graph has no gradient, so that there are paths but no products.
    """
    found = Highlight()
    for source in sources:
        uses = uses_between(source, output)
        found.count += uses.count
        for node, count in uses.nodes.items():
            found.nodes[node] = found.nodes.get(node, 0) + count
        for edge, count in uses.edges.items():
            found.edges[edge] = found.edges.get(edge, 0) + count
        cone = cone_of(source, output) if weighed else None
        if cone is not None:
            _add_flows(found, cone)
    for source in sources:
        first = len(found.coloured)
        if weighed and found.count:
            room = COLOURED_PATHS - first
            for path in paths(source, output, room):
                _add_track(found, path)
        found.caption += _caption(source, output, names, weighed, first, found)
    if max(found.nodes.values(), default=0) > 1:
        found.caption.append(CaptionLine(WIDTHS))
    return found


def _add_flows(found: Highlight, cone: Cone) -> None:
    """Add what one source sends along each edge: Σ |product| over the paths that run there."""
    edges = list(zip(cone.heads, cone.tails, cone.operands, cone.derivatives, strict=True))
    arriving = [0.0] * len(cone.nodes)
    arriving[0] = 1.0
    for head, tail, _, derivative in edges:
        arriving[head] += arriving[tail] * abs(derivative)
    onward = [0.0] * len(cone.nodes)
    onward[-1] = 1.0
    for head, tail, operand, derivative in reversed(edges):
        passed = abs(derivative) * onward[head]
        onward[tail] += passed
        edge = cone.nodes[head], operand
        found.flows[edge] = found.flows.get(edge, 0.0) + arriving[tail] * passed
    found.magnitude += onward[0]


def _add_track(found: Highlight, path: Path) -> None:
    number = len(found.coloured)
    found.coloured.append(path)
    for node in path.nodes:
        found.tracks.setdefault(node, []).append(number)
    for node, operand in zip(path.nodes[1:], path.operands, strict=True):
        found.tracks.setdefault((node, operand), []).append(number)


def _caption(
    source: Any, output: Any, names: dict[Any, str], weighed: bool, first: int, found: Highlight
) -> list[CaptionLine]:
    start, end = names.get(source, "the marked value"), names[output]
    if source.is_constant:
        return [CaptionLine(f"{start} is a constant: no gradient flows to it", palette.INK, True)]
    count = uses_between(source, output).count
    if not count:
        text = f"no path leads from {start} to {end}: the gradient is 0"
        return [CaptionLine(text, palette.INK, True)]
    plural = "1 path" if count == 1 else f"{format_count(count)} paths"
    rule = "multiply along it" if count == 1 else "multiply along a path, add over paths"
    lines = [CaptionLine(f"{plural} from {start} to {end}: {rule}", palette.INK, True)]
    if not weighed:
        return lines
    summed = largest_paths(source, output, limit=COLOURED_PATHS)
    for place, path in enumerate(summed.paths, start=first):
        colour = palette.PATHS[place] if place < len(found.coloured) else palette.QUIET_INK
        mark = f"{CIRCLED[place]} " if found.count > 1 and place < len(found.coloured) else ""
        lines.append(CaptionLine(typeset(f"{mark}{in_numbers(path)}"), colour))
    terms = [format_number(path.product) for path in summed.paths]
    if count > len(summed.paths):
        unseen = format_count(count - len(summed.paths))
        text = f"… and {unseen} more, adding {format_number(summed.remainder)}"
        lines.append(CaptionLine(typeset(text)))
        terms = [*terms[:3], "…"]
    total = format_number(summed.gradient)
    sides = [f"∂{end}/∂{start}", " + ".join(terms), total] if count > 1 else ["", "", total]
    if not (source.label and output.label):
        sides[0] = "gradient"
    if count > 1:
        text = typeset(" = ".join(sides)).replace("+ −", "− ")
        lines.append(CaptionLine(text, palette.INK, True))
    return lines
