"""Copying and pickling of graphs of any depth, without recursion.

`copy` and `pickle` walk an object by recursion, which ends at about a thousand nodes. Here the
graph is handed over in topological order, so that every node finds its parents already done.

A pickle is a program that `pickle.loads` runs: read only what you wrote or trust. The fields of a
node in it are checked, so a damaged one is an error; one that somebody wrote to do harm need not
come this way at all. Programs and models have files of their own, which execute nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import deepcopy
from typing import Any
from weakref import ref

from autograd import switches
from autograd.graph import topological_order
from autograd.groups import is_origin, origin_of
from autograd.primitive import Primitive

Restore = Callable[..., Any]
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
        node.label,
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
    if not parents or (not primitive.is_variadic and len(parents) != primitive.arity):
        raise ValueError(f"a Value with {len(parents)} parents computed by {primitive!r}")
    if is_constant or all(parent.is_constant for parent in parents):
        raise ValueError(f"a Value computed by {primitive!r} of constants alone is a constant leaf")
    return fields


def deep_copy(output: Any, memo: dict[int, Any], restore: Restore) -> Any:
    """Return a copy of `output` and of everything below it; sharing stays sharing."""
    for node in topological_order(output):
        if id(node) not in memo:
            *plain, origin, stamp, parents = fields(node)
            parents = tuple([memo[id(parent)] for parent in parents])
            # The copy of a model has groups of its own, and its nodes have those.
            memo[id(node)] = restore((*plain, deepcopy(origin, memo), stamp, parents))
    return memo[id(output)]


class _Announced(threading.local):
    """The nodes that the pickle now being written will meet in topological order.

    The pickler holds their end; once that is gone, it is done with them, however it ended.
    """

    end: Callable[[], Any] = staticmethod(lambda: None)
    nodes: frozenset[int] = frozenset()


_announced = _Announced()


class _End:
    """Pickled after the announced nodes: takes the announcement back."""

    def __reduce__(self) -> tuple[Any, ...]:
        _announced.end = _Announced.end
        return tuple, ()


def reduce(output: Any) -> tuple[Any, ...]:
    """Return the pickled form of a node (see `object.__reduce__`).

    The first computed node that a pickle meets announces its graph and is written as the last of a
    list in topological order; the pickler then reaches every node after its parents, so identity is
    kept across the whole pickle and nothing recurses.
    """
    if not output.parents or (_announced.end() and id(output) in _announced.nodes):
        return _restored, (fields(output),)
    order, end = topological_order(output)[:-1], _End()
    _announced.end = _Announced.end
    _announced.nodes = frozenset(map(id, order))
    _announced.end = ref(end)
    return _after, ((*order, end), fields(output))


def _after(_: Any, last: tuple[Any, ...]) -> Any:
    return _restored(last)


def _restored(node: tuple[Any, ...]) -> Any:
    return engine.restored(node)
