"""Copying and pickling of graphs of any depth, without recursion.

`copy` and `pickle` walk an object by recursion, which ends at about a thousand nodes. Here the
graph is handed over in topological order, so that every node finds its parents already done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

from autograd import recording
from autograd.graph import topological_order

Restore = Callable[..., Any]


def fields(node: Any) -> tuple[Any, ...]:
    """Return what makes up a node; the last field is its parents."""
    if recording.watchers:
        recording.tell_frozen(node)
    return (
        node.data,
        node.grad,
        node.label,
        node.primitive,
        node.is_constant,
        node.location,
        node.stamp,
        node.parents,
    )


def deep_copy(output: Any, memo: dict[int, Any], restore: Restore) -> Any:
    """Return a copy of `output` and of everything below it; sharing stays sharing."""
    for node in topological_order(output):
        if id(node) not in memo:
            parents = tuple([memo[id(parent)] for parent in node.parents])
            memo[id(node)] = restore((*fields(node)[:-1], parents))
    return memo[id(output)]


class _Announced(threading.local):
    """The nodes that the pickle now being written will meet in topological order."""

    nodes: frozenset[int] = frozenset()


_announced = _Announced()


class _End:
    """Pickled after the announced nodes: takes the announcement back."""

    def __reduce__(self) -> tuple[Any, ...]:
        _announced.nodes = frozenset()
        return tuple, ()


def reduce(output: Any) -> tuple[Any, ...]:
    """Return the pickled form of a node (see `object.__reduce__`).

    The first computed node that a pickle meets announces its graph and is written as the last of a
    list in topological order; the pickler then reaches every node after its parents, so identity is
    kept across the whole pickle and nothing recurses.
    """
    if not output.parents or id(output) in _announced.nodes:
        return _restored, (fields(output),)
    order = topological_order(output)[:-1]
    _announced.nodes = frozenset(map(id, order))
    return _after, ((*order, _End()), fields(output))


def _after(_: Any, last: tuple[Any, ...]) -> Any:
    return _restored(last)


def _restored(node: tuple[Any, ...]) -> Any:
    # By name, so that a pickle written with one engine can be read with the other.
    return import_module("autograd.selection").restored(node)
