"""Copying and pickling of graphs of any size, without recursion.

`copy` and `pickle` walk an object by recursion, which ends at about a thousand nodes, and ask every
node what it is made of. Here the computed nodes of a graph are handed over together, as columns of
numbers, and each of them is a place in these; leaves are pickled one by one, since any object may
hold one.

A pickle is a program that `pickle.loads` runs: read only what you wrote or trust. The fields of a
node in it are checked, so a damaged one is an error; one that somebody wrote to do harm need not
come this way at all. Programs and models have files of their own, which execute nothing.
"""

from __future__ import annotations

import sys
import threading
from array import array
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from itertools import islice
from typing import Any
from weakref import ref

from autograd import switches
from autograd.collector import collector_paused
from autograd.groups import is_origin, origin_of
from autograd.primitive import Primitive

# The engine that computes in this process, from `selection`: a pickle that was written with one
# engine can be read with the other.
engine: Any = None


def fields(node: Any) -> tuple[Any, ...]:
    """Return what makes up a node; the last field is its parents."""
    if switches.watchers:
        switches.tell_frozen(node)
    return (
        node.data,
        node.grad,
        node.label or None,
        node.primitive,
        node.is_constant,
        origin_of(node.location, node.group),
        node.stamp,
        node.parents,
    )


_NAMES = ("data", "grad", "label", "primitive", "is_constant", "origin", "stamp", "parents")
_KINDS: tuple[type | tuple[type, ...], ...] = (
    float, float, (str, type(None)), (Primitive, type(None)), bool, object, int, tuple,
)  # fmt: skip
_MOST_EDITS = 1 << 62  # nobody counts so far; from a later stamp on, the count would run over


def checked(fields: Any, kind: type) -> tuple[Any, ...]:
    """Return the fields of a node of this class, if there could be one with them.

    Raises:
        TypeError: If one of them is of another type, naming it.
        ValueError: If they do not fit together.
    """
    if type(fields) is not tuple or len(fields) != len(_KINDS):
        raise TypeError(f"the fields of a Value are a tuple of {len(_KINDS)}, got {fields!r:.60}")
    for name, field, wanted in zip(_NAMES, fields, _KINDS, strict=True):
        if not isinstance(field, wanted):
            raise TypeError(f"a Value whose {name} is {field!r:.60} cannot be restored")
    *_, primitive, is_constant, origin, stamp, parents = fields
    if not is_origin(origin):
        raise TypeError(f"a Value whose location is {origin!r:.60} cannot be restored")
    if not 0 <= stamp < _MOST_EDITS:
        raise ValueError(f"a Value whose stamp is {stamp} cannot be restored")
    if primitive is None:
        if parents:
            raise ValueError(f"a Value with {len(parents)} parents and no operation")
        return fields
    if any(type(parent) is not kind for parent in parents):
        raise TypeError(f"the parents of a Value are Values, got {parents!r:.60}")
    _check_count(primitive, len(parents))
    if is_constant or all(parent.is_constant for parent in parents):
        raise ValueError(of_constants(primitive))
    return fields


def _check_count(primitive: Primitive, count: int) -> None:
    if not count or (not primitive.is_variadic and count != primitive.arity):
        raise ValueError(f"a Value with {count} parents computed by {primitive!r}")


def of_constants(primitive: Primitive) -> str:
    """Return the message about a computed node of which no parent has a gradient."""
    return f"a Value computed by {primitive!r} of constants alone is a constant leaf"


# --- Copies ---------------------------------------------------------------------------------------


@collector_paused()
def deep_copy(output: Any, memo: dict[int, Any], remade: Callable[..., Any]) -> Any:
    """Return a copy of `output` and of everything below it; sharing stays sharing."""
    for node in _below(output, memo):
        if switches.watchers:
            switches.tell_frozen(node)
        origin = copied_origin(node._origin, memo)
        operands = tuple([x if type(x) is float else memo[id(x)] for x in node._operands])
        plain = node._data, node._grad, node._label, node._primitive, node._is_constant
        memo[id(node)] = remade((*plain, origin, node._stamp, operands))
    return memo[id(output)]


def copied_origin(origin: Any, memo: dict[int, Any]) -> Any:
    """Return where the copy of a node was recorded: the copy of a model has groups of its own."""
    return origin if origin is None or type(origin) is str else deepcopy(origin, memo)


def _below(output: Any, known: Mapping[int, Any]) -> list[Any]:
    """The nodes below an output, in topological order, as far as they are not known by their id."""
    order: list[Any] = []
    seen: set[Any] = set()
    pending: list[Any] = [output]
    while pending:
        node = pending.pop()
        if node is None:  # everything below the node under it has been placed
            order.append(pending.pop())
        elif node not in seen and id(node) not in known:
            seen.add(node)
            pending.append(node)
            pending.append(None)
            pending.extend([x for x in reversed(node._operands) if type(x) is not float])
    return order


# --- Pickles --------------------------------------------------------------------------------------


class _Graph:
    """The computed nodes of one graph, of those that a pickle has met so far, as columns.

    Graphs met before in the same pickle are written before, and their nodes not again. The pickler
    holds a graph as long as it may write places in it; once the pickler is gone, so is the graph.
    """

    def __init__(self, output: Any, known: dict[int, Any]) -> None:
        below = _of_engine("computed_nodes", output, computed_nodes)
        self.nodes: list[Any] = below(output, known)

    def __reduce__(self) -> tuple[Any, ...]:
        columns = _of_engine("columns_of", self.nodes[0], columns_of)(self.nodes)
        return graph_nodes, (sys.byteorder, *columns)


class _Written:
    """The graphs that picklers of a thread hold, and the place of each node in them."""

    def __init__(self) -> None:
        self.graphs: list[ref[_Graph]] = []
        self.places: dict[int, int] = {}  # the nodes of all graphs, numbered, by id
        self.starts: list[int] = []  # the first numbers of the graphs that are in `places`
        self.size = 0
        self.is_stale = False

    def place_of(self, node: Any) -> tuple[_Graph, int]:
        """Return the graph that a computed node belongs to, perhaps a new one, and where."""
        if self.is_stale:
            self.graphs = [graph for graph in self.graphs if graph() is not None]
            self.places, self.starts, self.size, self.is_stale = {}, [], 0, False
        for graph in self.graphs[len(self.starts) :]:
            own = graph()
            nodes = [] if own is None else own.nodes
            start, end = self.size, self.size + len(nodes)
            self.places.update(zip(map(id, nodes), range(start, end), strict=True))
            self.size = end
            self.starts.append(start)
        number = self.places.get(id(node))
        if number is not None:
            position = bisect_right(self.starts, number) - 1
            written = self.graphs[position]()
            if written is not None:
                return written, number - self.starts[position]
        written = _Graph(node, self.places)
        self.graphs.append(ref(written, self._died))
        return written, len(written.nodes) - 1

    def _died(self, _: Any) -> None:
        self.is_stale = True


class _Threads(threading.local):
    def __init__(self) -> None:
        self.written = _Written()


_threads = _Threads()


def _of_engine(name: str, node: Any, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """What an engine does with its own nodes in one call, or the same in plain Python."""
    own: Callable[..., Any] | None = getattr(engine, name, None)
    return own if own is not None and type(node) is engine.Value else otherwise


def reduce(node: Any) -> tuple[Any, ...]:
    """Return the pickled form of a node (see `object.__reduce__`).

    A leaf is its fields, a computed node a place in its graph: whichever is met first, identity is
    kept across the whole pickle, and nothing recurses.
    """
    if node.is_leaf:
        data, grad, label, _, is_constant, origin, stamp, _ = fields(node)
        return leaf, (data, grad, label, is_constant, origin, stamp)
    if switches.watchers:
        switches.tell_frozen(node)
    return member, _threads.written.place_of(node)


def computed_nodes(output: Any, known: Mapping[int, Any]) -> list[Any]:
    """Return the computed nodes below `output`, itself last, that are not known by their id."""
    return [node for node in _below(output, known) if node._operands]


def columns_of(nodes: Sequence[Any]) -> tuple[Any, ...]:
    """Return what makes up computed nodes that are in topological order.

    Returns:
        Their operations, the other nodes among their operands, labels by position, and origins;
        then as bytes, for each node the place of its operation and the number of its operands, for
        each operand its place (that of a node, after these of other nodes, or ~k for number k),
        the numbers, and for each node data, grad, stamp and the place of its origin.
    """
    place = {node: position for position, node in enumerate(nodes)}
    others: list[Any] = []
    places, numbers = array("q"), array("d")
    for node in nodes:
        for x in node._operands:
            if type(x) is float:
                places.append(~len(numbers))
                numbers.append(x)
            else:
                if x not in place:
                    place[x] = len(place)
                    others.append(x)
                places.append(place[x])
    operations = [*dict.fromkeys([node._primitive for node in nodes])]
    origins = {id(None): None, **{id(node._origin): node._origin for node in nodes}}
    kinds = {primitive: kind for kind, primitive in enumerate(operations)}
    spots = {origin: spot for spot, origin in enumerate(origins)}
    arrays: list[array[Any]] = [
        array("I", [kinds[node._primitive] for node in nodes]),
        array("I", [len(node._operands) for node in nodes]),
        places,
        numbers,
        array("d", [node._data for node in nodes]),
        array("d", [node._grad for node in nodes]),
        array("q", [node._stamp for node in nodes]),
        array("I", [spots[id(node._origin)] for node in nodes]),
    ]
    labels = {position: node._label for position, node in enumerate(nodes) if node._label}
    return (operations, others, labels, [*origins.values()], *[x.tobytes() for x in arrays])


_CODES = "IIqdddqI"


def graph_nodes(byteorder: Any, *columns: Any) -> list[Any]:
    """Return the nodes that columns describe, if there could be such nodes.

    Raises:
        TypeError: If something is of another type.
        ValueError: If the columns do not fit together.
    """
    if len(columns) != 4 + len(_CODES):
        raise ValueError(f"a graph has {4 + len(_CODES)} columns, got {len(columns)}")
    if [type(x) for x in columns[:4]] != [list, list, dict, list]:
        raise TypeError(f"the columns of a graph begin with lists, got {columns[:4]!r:.60}")
    numbers = []
    for code, text in zip(_CODES, columns[4:], strict=True):
        column = array(code)
        column.frombytes(text)
        if byteorder != sys.byteorder:
            column.byteswap()
        numbers.append(column)
    _check_columns(columns[:4], numbers)
    with collector_paused():
        found: list[Any] = getattr(engine, "nodes_of", nodes_of)((*columns[:4], *numbers))
    return found


def _check_columns(lists: tuple[Any, ...], numbers: list[array[Any]]) -> None:
    operations, others, labels, origins = lists
    kinds, counts, places, constants, data, grads, stamps, spots = numbers
    size = len(kinds)
    if not size or {len(column) for column in (counts, data, grads, stamps, spots)} != {size}:
        raise ValueError("the columns of a graph are of different lengths")
    if not all(isinstance(x, Primitive) for x in operations):
        raise TypeError(f"the operations of a graph are Primitives, got {operations!r:.60}")
    if any(type(node) is not engine.Value for node in others):
        raise TypeError(f"the parents of a Value are Values, got {others!r:.60}")
    if not all(map(is_origin, origins)):
        raise TypeError(f"a Value whose location is one of {origins!r:.60} cannot be restored")
    for position, label in labels.items():
        if type(position) is not int or type(label) is not str or not 0 <= position < size:
            raise ValueError(f"a label {label!r:.60} of node {position!r:.60}, of {size}")
    if max(kinds) >= len(operations) or max(spots) >= len(origins):
        raise ValueError("an operation or origin of a graph is missing")
    for kind, count in set(zip(kinds, counts, strict=True)):
        _check_count(operations[kind], count)
    if sum(counts) != len(places):
        raise ValueError(f"the nodes of a graph have {len(places)} operands, not {sum(counts)}")
    if min(places) < -len(constants) or max(places) >= size + len(others):
        raise ValueError("an operand of a graph is missing")
    if not 0 <= min(stamps) <= max(stamps) < _MOST_EDITS:
        raise ValueError(f"a Value whose stamp is {max(stamps)} cannot be restored")


def later(position: int, place: int) -> str:
    """Return the message about a node that is computed from itself or from one after it."""
    return f"node {position} of a graph is computed from node {place}, which comes later"


def nodes_of(columns: tuple[Any, ...]) -> list[Any]:
    """Return the nodes that checked columns describe."""
    operations, others, labels, origins = columns[:4]
    kinds, counts, places, constants, *of_nodes = columns[4:]
    made: list[Any] = []
    size, remade = len(kinds), engine.remade
    places_of_all = iter(places)
    of_node = zip(kinds, counts, *of_nodes, strict=True)
    for position, (kind, arity, data, grad, stamp, spot) in enumerate(of_node):
        operands: list[Any] = []
        flows = False
        for place in islice(places_of_all, arity):
            if place < 0:
                operands.append(constants[~place])
                continue
            if position <= place < size:
                raise ValueError(later(position, place))
            operand = made[place] if place < size else others[place - size]
            operands.append(operand)
            flows = flows or not operand._is_constant
        if not flows:
            raise ValueError(of_constants(operations[kind]))
        label = labels.get(position)
        own = data, grad, label, operations[kind], False, origins[spot], stamp, tuple(operands)
        made.append(remade(own))
    return made


def member(nodes: Any, place: Any) -> Any:
    """Return a node of a graph by its place."""
    if type(nodes) is not list or type(place) is not int or not 0 <= place < len(nodes):
        raise ValueError(f"no node {place!r:.60} in {type(nodes).__name__}")
    return nodes[place]


def leaf(data: Any, grad: Any, label: Any, is_constant: Any, origin: Any, stamp: Any) -> Any:
    """Return the leaf with these fields.

    Raises:
        TypeError: If one of them is of another type, naming it.
        ValueError: If there is no such stamp.
    """
    own = data, grad, label, None, is_constant, origin, stamp, ()
    # There may be a million of them, and most are plain.
    is_plain = type(data) is type(grad) is float and label is origin is None
    is_plain = is_plain and type(is_constant) is bool and type(stamp) is int
    if not is_plain or not 0 <= stamp < _MOST_EDITS:
        checked(own, engine.Value)
    return engine.remade(own)


# --- Pickles that were written before graphs were columns -----------------------------------------


class _End:
    """Stood after the nodes that a pickle announced."""


def _after(_: Any, last: tuple[Any, ...]) -> Any:
    return _restored(last)


def _restored(node: tuple[Any, ...]) -> Any:
    return engine.restored(node)
