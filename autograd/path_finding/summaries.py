"""Many paths in few lines: summed over all examples by unit, or by example, or by layer."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, overload

from autograd import switches
from autograd.groups import Group
from autograd.html_table import html_table, html_text
from autograd.lettering import format_number
from autograd.name_search import resolved
from autograd.path_finding.cone import cone_of, require_values
from autograd.path_finding.counts import refuse_swapped
from autograd.path_finding.cuts import DeadUnit, dead_units
from autograd.path_finding.routes import OUTPUT, Routes, check_limit, routes_in
from autograd.path_finding.search import PathSum, largest_paths
from autograd.streams import printed_anywhere
from autograd.units import units_of

By = Literal["unit", "example", "layer"]
_LISTED = 6
_STOPS_SHOWN = 12
_ENTRY = {"unit": "route", "example": "example", "layer": "route"}
_HEADER = {
    "unit": ("units passed", "contribution", "share", "paths"),
    "example": ("example", "contribution", "share", "paths"),
    "layer": ("layers passed", "contribution", "share", "paths"),
}


@printed_anywhere
@dataclass(frozen=True, eq=False)
class PathGroup:
    """All paths that pass the same units, or the same example, or the same layers.

    Attributes:
        name: What they pass, as text.
        stops: What they pass: groups of units or layers, or the example, counted from 0 in the
            order of the graph.
        contribution: The sum of their products.
        count: How many paths these are.
        share: Their part of the sum of |product| over all paths, which is the `magnitude`.

    Example:
        >>> from autograd import path_sum
        >>> from nn import MLP
        >>> y = MLP(1, [1, 2, 1], "linear", initializer="micrograd", seed=1)([1.0])
        >>> groups = path_sum("w_11^(1)", y, by="unit").groups
        >>> sorted((group.name, group.count) for group in groups)
        [('a_1^(1) → a_1^(2) → a_1^(3)', 1), ('a_1^(1) → a_2^(2) → a_1^(3)', 1)]
    """

    name: str
    stops: tuple[Hashable, ...]
    contribution: float
    count: int
    share: float


@printed_anywhere
@dataclass(frozen=True, eq=False)
class PathSummary:
    """The paths from a source to an output, summed in groups.

    Attributes:
        by: "unit", "example" or "layer".
        groups: The groups of largest |contribution|, in that order.
        group_count: The number of all groups.
        count: The number of all paths.
        gradient: ∂output/∂source, from the reverse sweep.
        remainder: What the groups that are not listed add up to: gradient - Σ contributions; 0.0 if
            all are listed.
        magnitude: The sum of |product| over all paths.
        dead: The units that pass no gradient at some examples, the largest share first.
        share_cut: Σ |product| over the paths through any dead unit, as a part of that over all
            paths, where da/dz of every dead unit is replaced by 1.
        numbers: For each example, counted from 0, the number that names have in brackets.

    Example:
        >>> from autograd import path_sum
        >>> from nn import MLP
        >>> model = MLP(1, [1, 2, 1], "linear", initializer="micrograd", seed=1)
        >>> model["w_11^(2)"], model["w_12^(2)"] = 3.0, 1.0
        >>> model["w_11^(3)"], model["w_21^(3)"] = 1.0, -1.0
        >>> found = path_sum("w_11^(1)", model([1.0]), by="unit")
        >>> found.gradient, found.magnitude, found.cancelled
        (2.0, 4.0, 0.5)
        >>> [group.contribution for group in found.groups]
        [3.0, -1.0]
    """

    by: By
    groups: tuple[PathGroup, ...]
    group_count: int
    count: int
    gradient: float
    remainder: float
    magnitude: float
    dead: tuple[DeadUnit, ...]
    share_cut: float
    numbers: Mapping[int, int]

    @property
    def cancelled(self) -> float:
        """The part of the magnitude that cancels in the sum: 1 - |gradient| / magnitude."""
        return 1.0 - abs(self.gradient) / self.magnitude if self.magnitude else 0.0

    def __repr__(self) -> str:
        return (
            f"<PathSummary by {self.by}: {_counted(self.count, 'path')} in "
            f"{_counted(self.group_count, _ENTRY[self.by])}, sum {self.gradient:.4g}>"
        )

    def __str__(self) -> str:
        if not self.count:
            return self._title()
        rows = [_HEADER[self.by], *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        table = []
        for name, *numbers in rows:
            cells = [cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True)]
            table.append("  ".join([name.ljust(widths[0]), *cells]).rstrip())
        return "\n".join([self._title(), *table, *self._notes()])

    def _repr_html_(self) -> str:
        if not self.count:
            return html_text(self._title())
        return html_table(self._title(), _HEADER[self.by], self._rows(), self._notes())

    def _title(self) -> str:
        if not self.count:
            return "no path leads from the source to the output: the gradient is 0"
        groups = _counted(self.group_count, _ENTRY[self.by])
        return f"{_counted(self.count, 'path')} in {groups}"

    def _rows(self) -> list[tuple[str, str, str, str]]:
        rows = [
            (
                group.name,
                format_number(group.contribution),
                f"{group.share:.1%}",
                f"{group.count:,}",
            )
            for group in self.groups
        ]
        unseen = self.group_count - len(self.groups)
        if unseen:
            share = max(0.0, 1.0 - sum([group.share for group in self.groups]))
            count = self.count - sum([group.count for group in self.groups])
            more = f"{_counted(unseen, 'more ' + _ENTRY[self.by])}"
            rows.append((more, format_number(self.remainder), f"{share:.1%}", f"{count:,}"))
        rows.append(("sum", format_number(self.gradient), "", f"{self.count:,}"))
        return rows

    def _notes(self) -> list[str]:
        notes = [f"sum of |contributions| of all paths: {format_number(self.magnitude)}"]
        if self.magnitude:
            notes[0] += f", of which {self.cancelled:.1%} cancels"
        if self.dead:
            notes.append(
                f"dead units cut {self.share_cut:.1%} of what would be with da/dz = 1 in them:"
            )
        names = _names([dead.unit for dead in self.dead], self.numbers)
        for dead in self.dead[:_LISTED]:
            examples = ", ".join(str(self.numbers[k]) for k in dead.examples[:_LISTED])
            more = ", …" if len(dead.examples) > _LISTED else ""
            notes.append(
                f"  {names[dead.unit]} at [{examples}{more}]: {dead.share:.1%}, "
                f"{_counted(dead.count, 'path')}"
            )
        if len(self.dead) > _LISTED:
            notes.append(f"  and {len(self.dead) - _LISTED} more in .dead")
        return notes


@overload
def path_sum(source: Any, output: Any, limit: int = 6, *, by: None = None) -> PathSum: ...


@overload
def path_sum(source: Any, output: Any, limit: int = 6, *, by: By) -> PathSummary: ...


def path_sum(
    source: Any, output: Any, limit: int = 6, *, by: By | None = None
) -> PathSum | PathSummary:
    """Return the `limit` largest contributions to ∂output/∂source and what the others add.

    Args:
        source: The value to differentiate by, or its name: whatever `find` finds.
        output: The value to differentiate.
        limit: How many contributions to list.
        by: What to sum paths by. None: each path is a contribution of its own. "unit": all paths
            that pass the same units of a network, at whichever example, are one. "example": all
            paths of the same example are one. "layer": all paths that pass the same layers are one.

    Raises:
        TypeError: If source or output is not a Value, or limit not a whole number.
        LookupError: If the source is a name that no node has; see `find`.
        ValueError: If limit is negative, or `by` unknown, or there are no units in the graph; if a
            leaf was edited after the graph was recorded; or if a path leads from `output` to
            `source` instead.
        ArithmeticError: If a local derivative is infinite or undefined; the error names the node.

    Example:
        >>> from autograd import Value
        >>> from autograd import path_sum
        >>> w = Value(3.0, label="w")
        >>> print(path_sum(w, 2 * w + w * w, limit=2))
        w → * → +: 3 × 1 = 3
        w → * → +: 3 × 1 = 3
        1 more path: 2
        sum: 8
        >>> from nn import MLP
        >>> model = MLP(1, [2, 2, 1], activation="relu", seed=5)
        >>> loss = sum((model([x]) - 2.0 * x) ** 2 for x in (0.5, 1.0, -1.5))
        >>> print(path_sum(model.parameters()[0], loss, by="unit"))
        6 paths in 2 routes
        units passed                 contribution  share  paths
        a_1^(1) → a_1^(2) → a_1^(3)         18.58  94.4%      3
        a_1^(1) → a_2^(2) → a_1^(3)         1.102   5.6%      3
        sum                                 19.68             6
        sum of |contributions| of all paths: 19.68, of which 0.0% cancels
        dead units cut 39.8% of what would be with da/dz = 1 in them:
          a_1^(1) at [3]: 39.8%, 2 paths
          a_1^(2) at [3]: 37.5%, 1 path
          a_2^(2) at [3]: 2.2%, 1 path
    """
    if switches.watchers:
        switches.tell_swept("path_sum()", __name__)
    source = resolved(output, source)
    if by is None:
        return largest_paths(source, output, limit)
    if by not in (*_ENTRY,):
        raise ValueError(f"by is 'unit', 'example', 'layer' or None, not {by!r:.60}")
    check_limit(limit)
    require_values(source, output)
    (gradient,) = output.adjoints_of([source])
    cone = cone_of(source, output)
    if cone is None:
        refuse_swapped(source, output, "path_sum")
        return PathSummary(by, (), 0, 0, 0.0, 0.0, 0.0, (), 0.0, {})
    # Finding examples takes as long as all else: units are known without.
    units = units_of(output) if by == "example" or 0.0 in cone.derivatives else None
    if by == "example" and units is not None:
        keys: list[Hashable] = [units.example_of.get(node) for node in cone.nodes]
    else:
        keys = _stops(cone.nodes, by)
    if not any(isinstance(key, Group) for key in keys) and not (units or units_of(output)).all:
        raise ValueError(
            f"by={by!r} needs the units of a network, and {output.describe()} was computed without "
            "any: compute it with a model or a layer of nn, or leave out by="
        )
    found = routes_in(cone, keys, gradient, limit)
    dead, share_cut = dead_units(cone, units) if units is not None else ((), 0.0)
    numbers = units.numbers if units is not None else {}
    return PathSummary(
        by,
        _groups(found, by, numbers),
        found.route_count,
        found.count,
        gradient,
        found.remainder,
        found.magnitude,
        dead,
        share_cut,
        numbers,
    )


def _stops(nodes: list[Any], by: By) -> list[Hashable]:
    """For each node the unit or layer whose z or a it is, or None."""
    stop_of: dict[Group | None, Group | None] = {None: None}
    stops: list[Hashable] = []
    for node in nodes:
        group = node.group
        if group not in stop_of:
            is_unit = group.kind in ("unit", "net input")
            unit = group.around("unit") if is_unit else None
            stop_of[group] = unit if unit is None or by == "unit" else unit.around(by) or unit
        stops.append(stop_of[group])
    return stops


def _groups(found: Routes, by: By, numbers: Mapping[int, int]) -> tuple[PathGroup, ...]:
    stops = [tuple([x for x in route.stops if x is not OUTPUT]) for route in found.routes]
    names = _names([stop for passed in stops for stop in passed], numbers)
    return tuple(
        PathGroup(
            " → ".join(_shortened([names[stop] for stop in passed])) or f"no {by}",
            passed,
            route.contribution,
            route.count,
            route.share,
        )
        for passed, route in zip(stops, found.routes, strict=True)
    )


def _names(stops: list[Hashable], numbers: Mapping[int, int]) -> dict[Hashable, str]:
    """How each stop is called; networks are told apart where there are several."""
    groups = [stop for stop in dict.fromkeys(stops) if isinstance(stop, Group)]
    networks = list(dict.fromkeys([group.around("network") for group in groups]))
    names: dict[Hashable, str] = {s: f"[{numbers[s]}]" for s in stops if isinstance(s, int)}
    for group in groups:
        network = group.around("network")
        names[group] = _name(group)
        if len(networks) > 1 and network is not None:
            names[group] = f"{network.name} {networks.index(network) + 1}: {names[group]}"
        names[group] = " ".join(names[group].split())  # one line
    return names


def _shortened(names: list[str]) -> list[str]:
    half = _STOPS_SHOWN // 2
    return names if len(names) <= _STOPS_SHOWN else [*names[:half], "…", *names[-half:]]


def _name(group: Group) -> str:
    layer = group.around("layer")
    number = None if layer is None else layer.index
    if group.kind == "unit" and number is not None and group.index is not None:
        return f"a_{group.index}^({number})"
    inside = [each.name for each in group.outwards() if each.kind in ("unit", "layer")]
    return " / ".join(reversed(inside))


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}" + ("" if count == 1 else "s")
