"""Groups: which part of a model recorded a node, for pictures and explanations to tell.

A group is a block of the user's own (`with group("attention"):`), a loss, or a part of a network: a
network holds layers, a layer holds units, a unit holds its net input. A node remembers the
innermost one. Groups are told apart by identity: two networks of the same shape have different
ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, final

from autograd.streams import printed_anywhere
from autograd.switches import Switched, caller, current

Kind = Literal["network", "layer", "unit", "net input", "loss", "block"]
KINDS = ("network", "layer", "unit", "net input", "loss", "block")


@printed_anywhere
@final
class Group:
    """A part of a model.

    Args:
        name: What it is called, such as "attention" or "layer (1)".
        kind: "network", "layer", "unit" and "net input" are nested in this order; "loss" marks the
            result of a loss function; "block" is everything else.
        index: The number of a layer or unit, counted from 1; None outside of a network.
        detail: What more there is to say: an activation function, the formula of a loss.
        parent: The group around it.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If the kind is unknown.

    Example:
        >>> layer = Group("layer (1)", "layer", index=1, detail="tanh")
        >>> unit = Group("unit 2", "unit", index=2, parent=layer)
        >>> unit
        <Group layer (1) / unit 2>
        >>> unit.around("layer") is layer, unit.around("network")
        (True, None)
    """

    __slots__ = ("__weakref__", "detail", "index", "kind", "name", "parent")

    name: str
    kind: Kind
    index: int | None
    detail: str
    parent: Group | None

    def __init__(
        self,
        name: str,
        kind: Kind = "block",
        *,
        index: int | None = None,
        detail: str = "",
        parent: Group | None = None,
    ) -> None:
        for field, value in (("name", name), ("detail", detail)):
            if not isinstance(value, str):
                raise TypeError(f"the {field} of a group is a str, got {value!r:.60}")
        if kind not in KINDS:
            raise ValueError(f"the kind of a group is one of {', '.join(KINDS)}, got {kind!r:.60}")
        if parent is not None and type(parent) is not Group:
            raise TypeError(f"the parent of a group is a Group or None, got {parent!r:.60}")
        fields = name, kind, index, detail, parent
        for field, given in zip(("name", "kind", "index", "detail", "parent"), fields, strict=True):
            object.__setattr__(self, field, given)

    def __setattr__(self, field: str, value: Any) -> None:
        raise AttributeError(f"a group cannot be changed: {field}")

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self.name, self.kind, self.index, self.detail, self.parent)

    def __repr__(self) -> str:
        return f"<Group {' / '.join(group.name for group in reversed(list(self.outwards())))}>"

    def outwards(self) -> Iterator[Group]:
        """Yield this group, the one around it, and so on.

        Example:
            >>> layer = Group("layer (1)", "layer", index=1)
            >>> [group.name for group in Group("unit 2", "unit", parent=layer).outwards()]
            ['unit 2', 'layer (1)']
        """
        here: Group | None = self
        while here is not None:
            yield here
            here = here.parent

    def around(self, kind: Kind) -> Group | None:
        """Return the innermost group of a kind that this one is or lies in."""
        return next((group for group in self.outwards() if group.kind == kind), None)


def _made(name: str, kind: Kind, index: int | None, detail: str, parent: Group | None) -> Group:
    return Group(name, kind, index=index, detail=detail, parent=parent)


def group(name: str) -> Switched:
    """Record the nodes of this block or function as a group of this name.

    Groups may be nested. Each time the block is entered is a group of its own; pictures fold those
    that repeat.

    Raises:
        TypeError: If the name is not a str.

    Example:
        >>> from autograd import Value, group
        >>> x = Value(2.0)
        >>> with group("square"):
        ...     y = x * x
        >>> y.group
        <Group square>
    """
    Group(name)  # refuses what cannot be a name here, not in the block
    return _Entered(name)


@printed_anywhere
class _Entered(Switched):
    """Sets a new group each time it is entered."""

    def __init__(self, name: str) -> None:
        super().__init__("group", None)
        self._group_name = name

    def __repr__(self) -> str:
        return f"<group {self._group_name!r} of what a with block records>"

    def _recreate_cm(self) -> _Entered:
        return _Entered(self._group_name)

    def _setting(self) -> Group:
        return Group(self._group_name, parent=current.group)


# Where a node was recorded: a source line, a group, both, or nothing. One field of the node keeps
# it, since hardly any node has either.
Origin = str | Group | tuple[str, Group] | None


def origin_of(location: str | None, group: Group | None) -> Origin:
    """Return both as one thing, as nodes keep it."""
    if group is None or location is None:
        return location or group
    return location, group


def origin_now() -> Origin:
    """Return where a node recorded now is recorded."""
    return origin_of(caller() if current.locations else None, current.group)


def location_in(origin: Origin) -> str | None:
    """Return the source line."""
    origin = origin[0] if type(origin) is tuple else origin
    return origin if isinstance(origin, str) else None


def group_in(origin: Origin) -> Group | None:
    """Return the group."""
    origin = origin[1] if type(origin) is tuple else origin
    return origin if type(origin) is Group else None


def is_origin(thing: Any) -> bool:
    """Whether a node can have been recorded there."""
    if type(thing) is tuple and len(thing) == 2:
        return isinstance(thing[0], str) and type(thing[1]) is Group
    return thing is None or isinstance(thing, str) or type(thing) is Group


def checked_group(group: Any) -> Group | None:
    """Return what a node's group is set to.

    Raises:
        TypeError: If it is neither a Group nor None.
    """
    if group is not None and type(group) is not Group:
        raise TypeError(f"the group of a node is a Group or None, got {group!r:.60}")
    return group
