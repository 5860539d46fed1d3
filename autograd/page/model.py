"""All that a page knows of a graph, in one object ready for JSON."""

from __future__ import annotations

from typing import Any

from autograd.graph import topological_order
from autograd.lettering import printable
from autograd.page.block_level import block_level
from autograd.page.derivations import derivations
from autograd.page.graph_table import GraphTable
from autograd.page.network_level import network_inputs, network_level
from autograd.page.operation_level import operation_level
from autograd.page.operation_script import operation_script, without_javascript
from autograd.render.blocks.reading import block_view
from autograd.render.network.reading import NetworkView, network_view
from autograd.sweeps.orders import NAMED

MOST_OPERATIONS = 2_000
_MOST_UNITS, _MOST_LINES = 500, 5_000  # of a network that is drawn unit by unit
_MANY_LINES = 1_500  # with so many it is first shown layer by layer
_LARGEST_NETWORK = 50_000  # nodes: in a larger graph units are searched for too long
_FEW_BOXES, _AREA = 60, 1_500_000.0
_WRONG_ORDERS = ("breadth-first", "depth-first")


class PageModel:
    """A graph, read for a page.

    Attributes:
        table: Its nodes.
        content: What the page carries.
        rules: The rules of its operations as JavaScript.
        still: Why nothing can be changed in the page; empty if all can.
    """

    def __init__(self, output: Any, title: str, level: str | None) -> None:
        order = topological_order(output)
        self.table = table = GraphTable(output, order)
        view = network_view(output) if len(order) <= _LARGEST_NETWORK else None
        levels = _levels(table, view)
        names = [one["name"] for one in levels]
        if level is not None and level not in names:
            raise ValueError(
                f"level must be one of {', '.join(names)}, which this graph has, not {level!r}"
            )
        self.content: dict[str, Any] = {
            "title": title,
            "output": table.place[output],
            "operations": table.operations(),
            "nodes": table.columns(network_inputs(view) if view is not None else ()),
            "levels": levels,
            "level": level or _first_shown(levels),
            "orders": _wrong_orders(table),
            "derivations": derivations(table),
        }
        self.rules, self.still = _rules(table)
        if self.still:
            self.content["still"] = self.still
            self.content["nodes"]["numbers"] = table.numbers()


def _rules(table: GraphTable) -> tuple[str, str]:
    """The rules as JavaScript; if it cannot compute some operation, none, and why."""
    missing = without_javascript(table.kinds)
    if not missing:
        return operation_script(table.kinds), ""
    names = ", ".join(map(printable, missing))
    return "const RULES = [];", (
        f"These are Python's numbers, and none can be changed here: JavaScript cannot compute "
        f"{names}. It can once the operation states its value with c=… or javascript=…, and its "
        "derivatives with operators and operations."
    )


def _levels(table: GraphTable, view: NetworkView | None) -> list[dict[str, Any]]:
    """The levels at which this graph can be drawn, the finest first."""
    levels = []
    if len(table.order) <= MOST_OPERATIONS:
        levels.append(operation_level(table))
    if view is not None and _is_drawable(view):
        levels.append(network_level(table, view))
    blocks = block_view(table.output)
    if blocks.blocks:
        levels.append(block_level(table, blocks))
    return levels


def _is_drawable(view: NetworkView) -> bool:
    return sum(map(len, view.columns)) <= _MOST_UNITS and len(view.links) <= _MOST_LINES


def _first_shown(levels: list[dict[str, Any]]) -> str:
    """The figure of a network, if there is one; else the finest level that can be read at once."""
    readable = [one for one in levels if len(one["lines"]) <= _MANY_LINES]
    if any(one["name"] == "neuron" for one in readable):
        return "neuron"
    finest = readable[0] if readable else levels[-1]
    is_small = len(finest["boxes"]) <= _FEW_BOXES or finest["width"] * finest["height"] <= _AREA
    return str((finest if is_small else levels[-1])["name"])


def _wrong_orders(table: GraphTable) -> dict[str, list[int]]:
    """Orders in which some node hands on before all its uses have arrived, if there are any."""
    if len(table.order) > MOST_OPERATIONS:
        return {}
    found = {}
    for name in _WRONG_ORDERS:
        order = [table.place[n] for n in NAMED[name](table.output) if not n.is_constant]
        if _is_wrong(table, order):
            found[name] = order
    return found


def _is_wrong(table: GraphTable, order: list[int]) -> bool:
    turn = {place: number for number, place in enumerate(order)}
    return any(
        turn[table.place[node]] > turn[table.place[parent]]
        for node in table.order
        if not node.is_constant
        for parent in node.parents
        if parent.parents and not parent.is_constant
    )
