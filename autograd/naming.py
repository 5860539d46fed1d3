"""How errors name a node: the same words from every engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.primitive import PLAIN_ERRORS, Primitive
from autograd.streams import for_stream
from autograd.switches import caller, current

_OPERANDS_SHOWN = 4


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


def reason(error: Exception) -> str:
    """Return what an error says, without an error number."""
    return str(error.args[-1]) if error.args else type(error).__name__


def with_operands(error: Exception, primitive: Primitive, parents: Sequence[Any]) -> Exception:
    """Return an error of the same type that says which operation of which operands failed.

    An exception of another kind (an operation of the user's own may raise any) is raised as it is.
    """
    if type(error) not in PLAIN_ERRORS:
        raise error
    shown = ", ".join(describe(parent) for parent in parents[:_OPERANDS_SHOWN])
    more = f", ... ({len(parents)} operands)" if len(parents) > _OPERANDS_SHOWN else ""
    place = f" at {caller()}" if current.locations else ""
    return type(error)(f"{reason(error)}: in {primitive.name} of {shown}{more}{place}")
