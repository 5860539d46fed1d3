"""What a gradient does not reach: inputs the output does not depend on, and paths that are cut.

A path from an input to the output is cut where a local derivative on it is exactly 0: at a ReLU
that is off, a clip out of range, a step, a saturated tanh, a factor 0. Paths are counted, not
walked.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.graph import topological_order
from autograd.html_table import html_text
from autograd.reverse import adjoints, local_derivatives
from autograd.selection import Value
from autograd.streams import printed_anywhere

_LISTED = 12


@printed_anywhere
@dataclass(frozen=True)
class Cut:
    """Nodes of one name that pass no gradient down.

    Attributes:
        name: The label, or the operation where there is none.
        dead: How many nodes of this name pass nothing to any operand.
        nodes: How many nodes there are of this name and operation.
        share: The part of all paths from the inputs to the output that is cut there.
        layer: The layer of a network that they are in; empty outside of any.
    """

    name: str
    dead: int
    nodes: int
    share: float
    layer: str = ""

    def __str__(self) -> str:
        often = f" {self.dead} of {self.nodes} times" if self.nodes > 1 else ""
        return f"{self.name} passes no gradient{often}: {self.share:.1%} of all paths are cut there"


@printed_anywhere
@dataclass(frozen=True)
class Connections:
    """How inputs reach an output.

    Attributes:
        inputs: The names of all inputs asked about.
        disconnected: Inputs the output does not depend on.
        without_gradient: Inputs it depends on, whose gradient is exactly 0.
        stale: Inputs that were edited after the graph was recorded.
        cuts: Where paths are cut, by the names of nodes, the largest share first.
        layers: The same by the layers of a network.
        share_cut: The part of all paths that is cut somewhere.

    Example:
        >>> from autograd import Value, check_connections
        >>> w, unused = Value(2.0, label="w"), Value(1.0, label="unused")
        >>> found = check_connections(w * w, {"w": w, "unused": unused})
        >>> found.is_sound, found.inputs, found.disconnected
        (False, ('w', 'unused'), ('unused',))
    """

    inputs: tuple[str, ...]
    disconnected: tuple[str, ...] = ()
    without_gradient: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
    share_cut: float = 0.0
    layers: tuple[Cut, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether every input has a gradient and the graph is up to date."""
        return not (self.disconnected or self.without_gradient or self.stale)

    def __str__(self) -> str:
        lines = [
            f"{len(self.inputs)} inputs: {len(self.disconnected)} disconnected, "
            f"{len(self.without_gradient)} without a gradient, {len(self.stale)} edited since; "
            f"{self.share_cut:.1%} of all paths are cut"
        ]
        for names, what in (
            (self.disconnected, "not connected to the output"),
            (self.without_gradient, "connected, but the gradient is 0"),
            (self.stale, "edited after the graph was recorded"),
        ):
            lines += [f"  {line}" for line in _by_part(names, self.inputs, what)]
        lines += [f"  {cut}{self._always(cut)}" for cut in self.layers]
        lines += [f"  {cut}" for cut in [cut for cut in self.cuts if not cut.layer][:_LISTED]]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_text(str(self))

    def _always(self, layer: Cut) -> str:
        """The nodes of a layer that pass no gradient at any example, where there are several."""
        own = [cut for cut in self.cuts if cut.layer == layer.layer]
        names = [cut.name.partition(" ")[2].strip("'") for cut in own if 1 < cut.nodes == cut.dead]
        more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        return f"; always at {', '.join(sorted(names)[:_LISTED])}{more}" if names else ""


def check_connections(output: Any, inputs: Any) -> Connections:
    """Return which inputs reach the output, which do not, and where paths are cut.

    Args:
        output: The root of a recorded graph.
        inputs: A model; Values, as `model.parameters()`; or Values with names: a dict or a list of
            pairs, as `model.named_parameters()`.

    Raises:
        TypeError: If output or an input is not a Value.
        ArithmeticError: If a local derivative is infinite or undefined.

    Example:
        >>> from autograd import Value, relu
        >>> w, b, unused = Value(2.0, label="w"), Value(-3.0, label="b"), Value(1.0, label="u")
        >>> check_connections(relu(w + b) + w * 0.5, [w, b, unused])
        3 inputs: 1 disconnected, 1 without a gradient, 0 edited since; 66.7% of all paths are cut
          inputs[2] (u): not connected to the output
          inputs[1] (b): connected, but the gradient is 0
          relu passes no gradient: 66.7% of all paths are cut there
    """
    if not _is_value(output):
        raise TypeError(f"check_connections needs a Value as output, got {output!r}")
    names = _named(inputs)
    order = topological_order(output)
    reached = {node for node in order if not node.is_constant}
    edited = {p for node in order for p in node.parents if p.stamp > node.stamp}
    # Adjoints of a stale graph would mix old and new.
    found = {} if edited else adjoints(output)
    arriving = _arriving(order, names, {})
    slopes = {node: local_derivatives(node) for node in order if node in arriving and node.parents}
    layers = {node: layer for node in order if (layer := _layer(node))}
    dead = {node for node, own in slopes.items() if _is_dead(own)}
    all_paths = arriving.get(output, 0)
    alive = _arriving(order, names, slopes).get(output, 0)
    return Connections(
        tuple(names.values()),
        tuple([name for node, name in names.items() if node not in reached]),
        tuple([name for node, name in names.items() if found.get(node) == 0.0]),
        tuple([name for node, name in names.items() if node in edited]),
        _cuts(order, names, dead, arriving, all_paths, _name),
        (all_paths - alive) / all_paths if all_paths else 0.0,
        _cuts(order, names, dead & set(layers), arriving, all_paths, _name_in_layer),
    )


def _by_part(names: Sequence[str], inputs: Sequence[str], what: str) -> Iterator[str]:
    """Say something of names: of many in a layer of a model (layers.1.…) once, with its units."""
    parts: dict[str, list[str]] = {}
    for name in names:
        parts.setdefault(_beginning(name, 2) if len(names) > _LISTED // 2 else name, []).append(
            name
        )
    for part, own in [*parts.items()][:_LISTED]:
        if len(own) == 1:
            yield f"{own[0]}: {what}"
            continue
        among = [name for name in inputs if _beginning(name, 2) == part]
        units = list(dict.fromkeys(_beginning(name, 4) for name in own))
        whole = [u for u in units if _count(u, own) == _count(u, among)]
        told = [u[len(part) + 1 :] + ("" if u in whole else " (in part)") for u in units]
        more = f" and {len(told) - _LISTED} more" if len(told) > _LISTED else ""
        yield f"{part}: {len(own)} of {len(among)} {what}: {', '.join(told[:_LISTED])}{more}"
    if len(parts) > _LISTED:
        yield f"... and {len(parts) - _LISTED} more"


def _beginning(name: str, steps: int) -> str:
    return ".".join(name.split(".")[:steps])


def _count(unit: str, names: Iterable[str]) -> int:
    return sum(_beginning(name, 4) == unit for name in names)


def _named(inputs: Any) -> dict[Any, str]:
    if hasattr(inputs, "named_parameters"):
        inputs = inputs.named_parameters()
    if isinstance(inputs, Mapping):
        inputs = inputs.items()
    if _is_value(inputs) or not isinstance(inputs, Iterable):
        raise TypeError(f"check_connections needs a model or a list of Values, got {inputs!r}")
    names = {}
    for position, entry in enumerate(inputs):
        name, node = entry if isinstance(entry, tuple) and len(entry) == 2 else (None, entry)
        if not _is_value(node):
            raise TypeError(f"input {name or position} must be a Value, got {node!r}")
        place = f"inputs[{position}]" + (f" ({node.label})" if node.label else "")
        names[node] = place if name is None else str(name)
    return names


def _is_value(thing: Any) -> bool:
    return isinstance(thing, Value)


def _is_dead(slopes: Sequence[float | None]) -> bool:
    wanted = [derivative for derivative in slopes if derivative is not None]
    return bool(wanted) and not any(wanted)


def _arriving(
    order: list[Any],
    sources: Mapping[Any, str],
    slopes: Mapping[Any, Sequence[float | None]],
    without: Container[Any] = (),
) -> dict[Any, int]:
    # The number of paths from any source to each node, along no edge of derivative 0, and through
    # none of the nodes to go without.
    arriving: dict[Any, int] = {}
    for node in order:
        if node in without:
            continue
        count = 1 if node in sources and not node.is_constant else 0
        own = slopes.get(node)
        for place, parent in enumerate(node.parents):
            if own is None or own[place]:
                count += arriving.get(parent, 0)
        if count:
            arriving[node] = count
    return arriving


def _cuts(
    order: list[Any],
    names: Mapping[Any, str],
    dead: Container[Any],
    arriving: dict[Any, int],
    all_paths: int,
    name_of: Callable[[Any], str],
) -> tuple[Cut, ...]:
    groups: dict[str, list[Any]] = {}
    for node in order:
        if node in arriving and node.parents:
            groups.setdefault(name_of(node), []).append(node)
    cuts = []
    for name, nodes in groups.items():
        cut = {node for node in nodes if node in dead}
        if cut:
            # A path may pass through several of them.
            around = _arriving(order, names, {}, cut).get(order[-1], 0)
            share = (all_paths - around) / all_paths
            cuts.append(Cut(name, len(cut), len(nodes), share, _layer(nodes[0])))
    return tuple(sorted(cuts, key=lambda one: -one.share))


def _name(node: Any) -> str:
    operation = node.primitive.name
    if node.label:
        return f"{operation} {node.label!r}"
    return f"{operation} at {node.location}" if node.location else operation


def _layer(node: Any) -> str:
    layer = None if node.group is None else node.group.around("layer")
    return "" if layer is None else layer.name


def _name_in_layer(node: Any) -> str:
    return f"{node.primitive.name} in {_layer(node)}"
