"""The structure of arguments and results in program files.

"number"; {"list": 3} or {"tuple": 3}, of so many numbers; {"list": [structure, …]};
{"dict": [[key, structure], …]}.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from autograd.program.code.checking import MOST_GIVEN
from autograd.program.record.signature import in_lists
from autograd.strict_json import count_in, list_in, shown
from autograd.structure import NUMBER, Structure, container

_DEEPEST = 64  # lists in lists
_MOST_CHARACTERS = 1 << 25  # of the names of all inputs
_KINDS: dict[str, Any] = {"list": list, "tuple": tuple}


class Budget:
    """How many numbers the shapes of a file stand for, and how long their names are.

    A file says in a few bytes that an argument is a list of a billion numbers.
    """

    def __init__(self) -> None:
        self.numbers = 0
        self.characters = 0

    def take(self, numbers: int, name_length: int, where: str) -> None:
        """Note numbers with names of this length."""
        self.numbers += numbers
        self.characters += numbers * name_length
        if self.numbers > MOST_GIVEN:
            raise ValueError(f"{where}: more than {MOST_GIVEN} numbers among arguments and results")
        if self.characters > _MOST_CHARACTERS:
            raise ValueError(f"{where}: the names of the inputs are too long")


def shape_text(structure: Structure, name: str, budget: Budget) -> Any:
    """Return a structure as JSON holds it.

    Args:
        structure: The structure.
        name: What it is called.
        budget: That of the file.

    Raises:
        TypeError: If a key of a dict is neither text nor a finite number within 64 bits.
        ValueError: If it is nested too deeply, or stands for too many numbers.

    Example:
        >>> from autograd.structure import structure_of
        >>> shape_text(structure_of({"w": [1.0, 2.0], "b": 0.0}), "p", Budget())
        {'dict': [['w', {'list': 2}], ['b', 'number']]}
    """
    written = _written(in_lists(structure), name, 1)
    shape_in(written, name or "the result", budget, len(name))  # as the reader will
    return written


def _written(structure: Structure, name: str, depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError(f"{name}: lists and dicts are nested more than {_DEEPEST} deep")
    if structure.is_number:
        return "number"
    if structure.kind is dict:
        for key in structure.keys:
            if not _is_key(key):
                raise TypeError(
                    f"the key {key!r} of a dict in {name or 'the result'} cannot be saved; use "
                    "text, or finite numbers within 64 bits, as keys"
                )
        pairs = zip(structure.keys, structure.parts, strict=True)
        return {"dict": [[key, _written(part, name, depth + 1)] for key, part in pairs]}
    (kind,) = [word for word, kind in _KINDS.items() if kind is structure.plain().kind]
    if structure.is_flat:
        return {kind: structure.items}
    return {kind: [_written(part, name, depth + 1) for part in structure.parts]}


def _is_key(key: Any) -> bool:
    if type(key) is int:
        return abs(key) < 1 << 63
    return isfinite(key) if type(key) is float else type(key) in (str, bool, type(None))


def shape_in(thing: Any, where: str, budget: Budget, name_length: int, depth: int = 1) -> Structure:
    """Return the structure that JSON holds.

    Raises:
        ValueError: If it is none, is nested too deeply, or stands for too many numbers.
    """
    if depth > _DEEPEST:
        raise ValueError(f"{where}: nested more than {_DEEPEST} deep")
    if thing == "number":
        budget.take(1, name_length, where)
        return NUMBER
    if not isinstance(thing, dict) or len(thing) != 1:
        raise ValueError(f"{where} has to be a structure of numbers, got {shown(thing)}")
    ((kind, parts),) = thing.items()
    if kind == "dict":
        return _dict_shape_in(parts, where, budget, name_length, depth)
    if kind not in _KINDS:
        raise ValueError(f"{where}: {shown(kind)} is no kind of container")
    if not isinstance(parts, list):
        count = count_in(parts, where)
        budget.take(count, name_length + 2 + len(str(count)), where)
        return Structure(_KINDS[kind], count)
    longer = name_length + 2 + len(str(len(parts)))
    found = [
        shape_in(part, f"{where}[{position}]", budget, longer, depth + 1)
        for position, part in enumerate(parts)
    ]
    return container(_KINDS[kind], found)


def _dict_shape_in(
    pairs: Any, where: str, budget: Budget, name_length: int, depth: int
) -> Structure:
    keys, parts = [], []
    for position, pair in enumerate(list_in(pairs, where)):
        if len(list_in(pair, f"{where}[{position}]")) != 2:
            raise ValueError(f"{where}[{position}] has to be a key and its structure")
        key, part = pair
        if isinstance(key, (list, dict)):
            raise ValueError(f"{where}[{position}]: a key is text or a number, got {shown(key)}")
        longer = name_length + 2 + len(repr(key))
        keys.append(key)
        parts.append(shape_in(part, f"{where}[{shown(key)}]", budget, longer, depth + 1))
    if len(set(keys)) < len(keys):
        raise ValueError(f"{where} has a key twice")
    return Structure(dict, tuple(parts), tuple(keys))
