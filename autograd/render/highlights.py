"""Which lines of a picture belong to which path: colours, thickness, use counts and the sum below.

Few paths get a colour each, as in a lecture; many paths share one colour and differ in thickness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.path_counts import use_counts
from autograd.path_search import Path, path_sum, paths
from autograd.render import palette
from autograd.render.picture import CaptionLine, Stroke
from autograd.render.typography import CIRCLED, format_count, format_number

COLOURED_PATHS = 6
_FACTORS_SHOWN = 14
_STRAND = 2.2
_THICKEST = 7.0


@dataclass
class Highlight:
    """The paths from one or several sources to an output.

    Attributes:
        nodes: How many paths run through each node that is on one.
        edges: The same for edges, which are pairs (node, operand index).
        tracks: For each node and edge the numbers of the coloured paths; empty with many paths.
    """

    count: int = 0
    nodes: dict[Any, int] = field(default_factory=dict)
    edges: dict[tuple[Any, int], int] = field(default_factory=dict)
    tracks: dict[Any, list[int]] = field(default_factory=dict)
    caption: list[CaptionLine] = field(default_factory=list)

    def stroke(self, place: Any, uses: int) -> Stroke:
        """The line for a node or edge that `uses` of the paths run through."""
        numbers = self.tracks.get(place)
        if numbers:
            return Stroke(tuple(palette.PATHS[number] for number in numbers), (_STRAND,))
        # Integer division first: the counts may be beyond any float.
        share = (1000 * uses // self.count) / 1000
        return Stroke((palette.MANY_PATHS,), (_STRAND + (_THICKEST - _STRAND) * share,))

    def badge(self, uses: int) -> str:
        """The use count of what several paths share."""
        return f"×{format_count(uses)}" if uses > 1 else ""

    def mark(self, place: Any) -> str:
        """The number of the only path that runs through a node or edge."""
        numbers = self.tracks.get(place, [])
        return CIRCLED[numbers[0]] if len(numbers) == 1 and self.count > 1 else ""


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
        uses = use_counts(source, output)
        found.count += uses.count
        for node, count in uses.nodes.items():
            found.nodes[node] = found.nodes.get(node, 0) + count
        for edge, count in uses.edges.items():
            found.edges[edge] = found.edges.get(edge, 0) + count
    coloured = weighed and 0 < found.count <= COLOURED_PATHS
    number = 0
    for source in sources:
        first = number
        if coloured:
            for path in paths(source, output):
                _add_track(found, path, number)
                number += 1
        numbered = first if coloured else None
        found.caption += _caption(source, output, names, weighed, numbered, found.count > 1)
    if max(found.nodes.values(), default=0) > 1:
        found.caption.append(CaptionLine("×n: shared by n paths, computed once"))
    return found


def _add_track(found: Highlight, path: Path, number: int) -> None:
    for node in path.nodes:
        found.tracks.setdefault(node, []).append(number)
    for node, operand in zip(path.nodes[1:], path.operands, strict=True):
        found.tracks.setdefault((node, operand), []).append(number)


def _caption(
    source: Any,
    output: Any,
    names: dict[Any, str],
    weighed: bool,
    first: int | None,
    several: bool,
) -> list[CaptionLine]:
    start, end = names.get(source, "the marked value"), names[output]
    if source.is_constant:
        return [CaptionLine(f"{start} is a constant: no gradient flows to it", palette.INK, True)]
    count = use_counts(source, output).count
    if not count:
        text = f"no path leads from {start} to {end}: the gradient is 0"
        return [CaptionLine(text, palette.INK, True)]
    plural = "1 path" if count == 1 else f"{format_count(count)} paths"
    rule = "multiply along it" if count == 1 else "multiply along a path, add over paths"
    lines = [CaptionLine(f"{plural} from {start} to {end}: {rule}", palette.INK, True)]
    if not weighed:
        return lines
    summed = path_sum(source, output, limit=COLOURED_PATHS)
    for place, path in enumerate(summed.paths):
        colour = palette.MANY_PATHS if first is None else palette.PATHS[first + place]
        mark = f"{CIRCLED[first + place]} " if first is not None and several else ""
        lines.append(CaptionLine(f"{mark}{_product(path)}", colour))
    terms = [format_number(path.product) for path in summed.paths]
    if count > len(summed.paths):
        unseen = format_count(count - len(summed.paths))
        lines.append(CaptionLine(f"… and {unseen} more, adding {format_number(summed.remainder)}"))
        terms = [*terms[:3], "…"]
    total = format_number(summed.gradient)
    sides = [f"∂{end}/∂{start}", " + ".join(terms), total] if count > 1 else ["", "", total]
    if source.label is None or output.label is None:
        sides[0] = "gradient"
    if count > 1:
        lines.append(CaptionLine(" = ".join(sides).replace("+ -", "− "), palette.INK, True))
    return lines


def _product(path: Path) -> str:
    factors = [format_number(factor) for factor in path.local_derivatives]
    if len(factors) > _FACTORS_SHOWN:
        half = _FACTORS_SHOWN // 2
        factors = [*factors[:half], "…", *factors[-half:]]
    product = format_number(path.product)
    return f"{' × '.join(factors)} = {product}" if len(factors) > 1 else product
