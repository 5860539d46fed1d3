"""Module: anything that owns parameters, and finds them by itself.

A module's parameters are the leaf Values in its attributes: directly, in other modules, and in
nested lists, tuples, dicts and object arrays of them. Nothing has to be registered. It knows no
particular layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from reprlib import recursive_repr
from typing import Any

from autograd import Value
from nn.validation import counted


class Module:
    """Base class of everything that has parameters; subclasses assign them to attributes.

    Example:
        >>> class Line(Module):
        ...     def __init__(self):
        ...         self.slope = Value(2.0)
        ...         self.intercept = Value(1.0)
        ...     def __call__(self, x):
        ...         return self.slope * x + self.intercept
        >>> line = Line()
        >>> [name for name, value in line.named_parameters()]
        ['slope', 'intercept']
        >>> line
        Line(2 parameters)
    """

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return the parameters with their names, e.g. `layers.0.neurons.1.weights.0`.

        The order is that in which attributes were assigned. A shared parameter is listed once,
        under its first name. Computed Values and constants are not parameters and are left out.

        Raises:
            TypeError: If an attribute is a set that holds parameters: a set has no order.
        """
        return list(_walk(self))

    def parameters(self) -> list[Value]:
        """Return the parameters, in the order of `named_parameters`, each once."""
        return [parameter for _, parameter in _walk(self)]

    @property
    def parameter_count(self) -> int:
        """The number of parameters; shared ones count once."""
        return sum(1 for _ in _walk(self))

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    @recursive_repr()
    def __repr__(self) -> str:
        parts = [
            f"{name}={child!r}" for name, child in _attributes(self) if isinstance(child, Module)
        ]
        parts.append(counted(self.parameter_count, "parameter"))
        return f"{type(self).__name__}({', '.join(parts)})"


def _walk(module: Module) -> Iterator[tuple[str, Value]]:
    """Yield (name, parameter) depth first, in order of assignment, each parameter once."""
    seen: set[int] = set()
    pending: list[tuple[str, Any]] = [("", module)]
    while pending:
        name, owner = pending.pop()
        if id(owner) in seen:
            continue
        if type(owner) is Value:
            seen.add(id(owner))
            if owner.is_leaf and not owner.is_constant:
                yield name, owner
            continue
        members = _members(owner, name)
        if members:
            seen.add(id(owner))
            prefix = f"{name}." if name else ""
            pending.extend([(f"{prefix}{key}", member) for key, member in reversed(members)])


def _members(owner: Any, name: str) -> Sequence[tuple[Any, Any]]:
    """Return what a module or container holds, with keys; nothing for anything else."""
    if type(owner) in _HOLDS_NOTHING:
        return ()
    if isinstance(owner, (list, tuple)):
        return list(enumerate(owner))
    if isinstance(owner, Module):
        return _attributes(owner)
    if isinstance(owner, Mapping):
        return list(owner.items())
    if isinstance(owner, Sequence) and not isinstance(owner, (str, bytes, bytearray)):
        return list(enumerate(owner))
    if isinstance(owner, AbstractSet) and any(isinstance(x, (Value, Module)) for x in owner):
        raise TypeError(
            f"attribute {name} is a {type(owner).__name__} that holds parameters; a set has no "
            "order, keep them in a list, tuple or dict"
        )
    if getattr(getattr(owner, "dtype", None), "kind", "") == "O":
        return _members(owner.tolist(), name)
    return ()


_HOLDS_NOTHING = frozenset((str, int, float, bool, type(None)))


def _attributes(module: Module) -> list[tuple[str, Any]]:
    """Return a module's attributes in order: its `__slots__`, base class first, then its dict."""
    slotted = [
        (name, getattr(module, name)) for name in _slots(type(module)) if hasattr(module, name)
    ]
    return slotted + list(vars(module).items())


def _slots(owner: type) -> tuple[str, ...]:
    names: list[str] = []
    for base in reversed(owner.__mro__):
        declared: str | Sequence[str] = vars(base).get("__slots__", ())
        names += (declared,) if isinstance(declared, str) else declared
    return tuple(name for name in names if name not in ("__dict__", "__weakref__"))
