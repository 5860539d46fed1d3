"""How errors name a node: the same words from every engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.primitive import Primitive, in_operation
from autograd.streams import for_stream
from autograd.switches import caller, current


def describe(node: Any) -> str:
    """Return a node's operation or kind, label, data and, if recorded, source line."""
    if node.is_constant and not node.label:
        return f"the constant {node.data!r}"
    what = "leaf" if node.primitive is None else node.primitive.name
    name = f"{what} {node.label!r}" if node.label else what
    place = f", recorded at {node.location}" if node.location else ""
    return for_stream(f"{name} (data={node.data!r}{place})")


def operand_of(primitive: Primitive | None) -> str:
    """Return how errors name the place of an operand."""
    return "a constant" if primitive is None else f"an operand of {primitive.name}"


def with_operands(error: Exception, primitive: Primitive, parents: Sequence[Any]) -> Exception:
    """Return an error that says which operation of which nodes failed (see `in_operation`)."""
    place = f" at {caller()}" if current.locations else ""
    return in_operation(error, primitive, parents, describe, place)
