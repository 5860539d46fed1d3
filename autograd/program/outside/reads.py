"""What the code of a function can read: the globals and attributes that it names."""

from __future__ import annotations

import dis
from functools import lru_cache
from types import CodeType
from typing import NamedTuple

_GLOBALS = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})
_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR", "IMPORT_FROM"})
_BY_TEXT = frozenset({"getattr", "hasattr", "attrgetter"})  # an attribute that a string names
_ALL = frozenset({"vars", "__dict__", "asdict", "astuple", "fields", "globals", "locals"})


class Reads(NamedTuple):
    """The names that code reads, in the functions inside of it too.

    Attributes:
        globals: The names of globals and builtins.
        attributes: Those of attributes, of whatever object.
        modules: Those of modules that are imported in it.
        asked: Attributes that a string names, and that may be missing.
        texts: What strings may name in `globals()`.
        everything: Whether it may read attributes that it does not name.
    """

    globals: frozenset[str]
    attributes: frozenset[str]
    modules: frozenset[str]
    asked: frozenset[str]
    texts: frozenset[str]
    everything: bool


@lru_cache(maxsize=2048)
def reads_of(code: CodeType) -> Reads:
    """Return what code can read.

    Example:
        >>> def f(x):
        ...     return [scale * y for y in x.parts]
        >>> found = reads_of(f.__code__)
        >>> sorted(found.globals), sorted(found.attributes)
        (['scale'], ['parts'])
    """
    names: dict[str, set[str]] = {"globals": set(), "attributes": set(), "modules": set()}
    texts: set[str] = set()
    asks = False
    pending = [code]
    while pending:
        code = pending.pop()
        for step in dis.get_instructions(code):
            name = str(step.argval)
            if step.opname in _GLOBALS:
                names["globals"].add(name)
            elif step.opname in _ATTRIBUTES:
                names["attributes"].add(name)
            elif step.opname == "IMPORT_NAME":
                names["modules"].add(name)
        pending += [x for x in code.co_consts if isinstance(x, CodeType)]
        texts.update(x for x in code.co_consts if isinstance(x, str) and x.isidentifier())
    read = names["globals"] | names["attributes"]
    asks = bool(read & _BY_TEXT)
    asked = frozenset(texts) if asks else frozenset()
    return Reads(
        frozenset(names["globals"]),
        frozenset(names["attributes"] | asked),
        frozenset(names["modules"]),
        asked,
        frozenset(texts) if "globals" in names["globals"] else frozenset(),
        bool(read & _ALL) or (asks and not asked),
    )
