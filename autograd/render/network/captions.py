"""What a figure of a network says of each route: its product in numbers or in symbols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from autograd.path_finding.routes import Route, Routes
from autograd.path_finding.search import Path, paths
from autograd.render.network.reading import NetworkView, Stop, layer_of, wide_layers
from autograd.render.products import in_numbers
from autograd.render.route_lines import summary
from autograd.render.typography import format_number, shown_label

SHOWS = ("numbers", "symbols", "both")


def told_of(
    view: NetworkView, source: Any, found: Routes, shown: Sequence[Route], show: str
) -> Callable[[Route], Sequence[str]]:
    """Return what tells of each coloured route: its product, or in short if it is several paths.

    Args:
        show: "numbers", "symbols" or "both".
    """
    one_each = found.count == found.route_count <= len(shown)
    products = _by_route(view, source, shown) if one_each else {}

    def told(route: Route) -> Sequence[str]:
        path = products.get(route)
        return _product(view, path, show) if path else [_summary(view, route, found)]

    return told


def function_name(detail: str) -> str:
    """What an activation function is called; f, if it has no name of its own."""
    return detail if detail.isidentifier() else "f"


def _by_route(view: NetworkView, source: Any, shown: Sequence[Route]) -> dict[Route, Path]:
    """The path of each route that is a single one."""
    stops = {route.stops: route for route in shown}
    return {stops[_stops(view, path)]: path for path in paths(source, view.output)}


def _stops(view: NetworkView, path: Path) -> tuple[Any, ...]:
    stops: list[Any] = []
    for node in path.nodes:
        stop = view.stop_of.get(node)
        if stop is not None and stops[-1:] != [stop]:
            stops.append(stop)
    return tuple(stops)


def _summary(view: NetworkView, route: Route, found: Routes) -> str:
    """A route in one line: the units it passes, its contribution, how many paths it is."""
    stops = [stop for stop in route.stops if isinstance(stop, Stop)]
    wide = wide_layers(view)
    via = [_name(view, stop, wide) for stop in stops if stop.kind == "unit"]
    return summary(route, found, via, "in the loss alone")


def _name(view: NetworkView, stop: Stop, wide: set[Any]) -> str:
    """What a unit on the way is called; by its z, if its activation needs the others' z, too."""
    at = view.at[stop][0]
    named = at.net_input if layer_of(at.unit) in wide else at.activation
    label = named.label or "unit"
    name = shown_label(label.partition("[")[0] or label)
    return (
        f"{name}⟨{stop.turn + 1}⟩" if stop._replace(turn=1 - min(stop.turn, 1)) in view.at else name
    )


def _product(view: NetworkView, path: Path, show: str) -> list[str]:
    """The product of a path, in numbers, symbols or both."""
    found = in_numbers(path)
    if show == "numbers":
        return [found]
    in_symbols = " · ".join(_symbols(view, path))
    if show == "symbols":
        return [f"{in_symbols} = {format_number(path.product)}"]
    return [in_symbols, f"= {found}"]


def _symbols(view: NetworkView, path: Path) -> list[str]:
    """The factors of a path in the symbols of the textbook; those of the loss are one."""
    output = shown_label(view.output.label) if view.output.label else "L"
    factors: list[str] = []
    for (node, after), operand in zip(pairwise(path.nodes), path.operands, strict=True):
        at = view.units.of_node.get(after)
        if at is None:
            name = shown_label(node.label) if node.label else "y"
            return [*factors, f"∂{output}/∂{name}"]
        if after is at.net_input:
            half = len(at.weights)
            if operand >= 2 * half:
                continue  # of a bias: 1
            other = at.inputs[operand] if operand < half else at.weights[operand - half]
            factors.append(shown_label(other.label) if other.label else format_number(other.data))
        else:
            z = at.net_input
            factors.append(
                f"{function_name(at.unit.detail)}′({shown_label(z.label) if z.label else 'z'})"
            )
    return factors
