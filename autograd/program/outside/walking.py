"""A function, taken apart into all that it reads from outside: steps, and facts with names."""

from __future__ import annotations

import builtins
import random
import sys
import weakref
from collections import UserList, deque
from collections.abc import Callable, Hashable, Mapping
from functools import _lru_cache_wrapper, partial
from numbers import Number
from types import BuiltinFunctionType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

from autograd.arrays import is_array
from autograd.carriers import is_carrier
from autograd.loaded_numpy import loaded_numpy
from autograd.primitive import Primitive
from autograd.program.outside import libraries, steps
from autograd.program.outside.fixed import Same, key_of
from autograd.program.outside.reads import reads_of
from autograd.program.outside.steps import Reach

_MOST_THINGS = 20_000  # that are looked at
_MOST_BYTES = 1 << 25  # of arrays
_NUMBERS_A_STEP = 32  # numbers that are compared in the time of a step
ITEMS = " (its items)"  # behind the name of a list, whose fact is that of each item
_HOLDING = (list, tuple, dict, set, frozenset, MethodType, partial, _lru_cache_wrapper)
_NOT_CALLED = frozenset({
    "__repr__", "__str__", "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__dir__",
    "__init_subclass__", "__class_getitem__", "__set_name__", "__del__", "__copy__", "__sizeof__",
    "__deepcopy__", "__getnewargs__", "__getnewargs_ex__", "__setattr__", "__delattr__",
})  # fmt: skip
_SHOT = frozenset({"array", "bytearray", "memoryview", "ContextVar"})
_PLAIN = (str, bytes, type(None), type(...), range, slice, Number)


class Walk:
    """What a function reads, as it is now.

    Attributes:
        facts: By the name of each thing what it is, equal as long as a function gives the same.
        steps: The way to each.
        kept: What has to live for the steps to mean something.
        size: How much there is to compare, in steps, or in numbers that take as long.
        is_repeatable: Whether nothing was met that may answer differently each time.
        generators: Of random numbers, that it can reach.
    """

    def __init__(self, roots: Mapping[str, Any]) -> None:
        self._attributes: set[str] = set()
        self._everything = False
        self._roots = roots
        known = -1
        while known < len(self._attributes):  # code found later may read more of what was seen
            known = len(self._attributes)
            self._walk()

    def _walk(self) -> None:
        self.facts: dict[str, Hashable] = {}
        self.steps: list[Reach] = []
        self.kept: list[Any] = []
        self.size = 0
        self.is_repeatable = True
        self.generators: list[Any] = []
        self._bytes = 0
        self._owners: set[Any] = set()
        self._seen: dict[int, str] = {}
        self._alive: list[Any] = []  # while identities are compared
        self._pending: deque[tuple[Any, int, str]] = deque()
        for name, root in self._roots.items():
            if isinstance(root, weakref.ref):
                at = self._step(steps.ROOT, -1, root)
                self._reach(root(), steps.DEREF, at, None, name)
            else:
                self._pending.append((root, self._step(steps.ROOT, -1, root), name))
        while self._pending and len(self._seen) < _MOST_THINGS:
            thing, at, name = self._pending.popleft()
            if id(thing) not in self._seen:
                self._seen[id(thing)] = name
                self._alive.append(thing)
                self._look(thing, at, name)

    def _step(self, access: int, start: int, key: Any, identity: int | None = None) -> int:
        self.steps.append(Reach(access, start, key, identity))
        self.size += 1
        return len(self.steps) - 1

    def _reach(self, thing: Any, access: int, start: int, key: Any, name: str) -> None:
        """Note a thing where it was found, to be looked at if it holds others."""
        self.facts[name] = self._fact(thing)
        at = self._step(access, start, key, id(thing))
        self._follow(thing, at, name)

    def _follow(self, thing: Any, at: int, name: str) -> None:
        if _is_leaf(thing):
            self.kept.append(thing)
        elif id(thing) not in self._seen:
            self._pending.append((thing, at, name))

    def _fact(self, thing: Any) -> Hashable:
        if is_carrier(thing):
            return Same(thing)
        if type(thing) is float:
            return thing.hex()
        if isinstance(thing, FunctionType):
            return Same(thing.__code__)
        if isinstance(thing, _HOLDING) or _has_shot(thing):
            return type(thing).__qualname__  # what it holds has facts of its own
        if isinstance(thing, Number):
            return type(thing), repr(thing)
        return key_of(thing)

    # --- What holds others ------------------------------------------------------------------------

    def _look(self, thing: Any, at: int, name: str) -> None:
        module = libraries.module_of(thing)
        if isinstance(thing, FunctionType):
            self._function(thing, at, name, module)
        elif isinstance(thing, MethodType):
            self._parts(thing, at, name, __func__="", __self__="")
        elif isinstance(thing, partial):
            self._parts(thing, at, name, func="", args=".args", keywords=".keywords")
        elif isinstance(thing, _lru_cache_wrapper):
            self._parts(thing, at, name, __wrapped__="")
        elif isinstance(thing, BuiltinFunctionType):
            self._builtin(thing, at, name, module)
        elif isinstance(thing, weakref.ref):
            self._reach(thing(), steps.DEREF, at, None, name)
        elif isinstance(thing, ModuleType):
            self._module(thing, at, name)
        elif isinstance(thing, type):
            self._class(thing)
        elif isinstance(thing, (list, tuple)):
            self._items(thing, at, name)
            self._object(thing, at, name)
        elif isinstance(thing, dict):
            self._pairs(thing, at, name)
            self._object(thing, at, name)
        elif isinstance(thing, (set, frozenset)) or _has_shot(thing):
            self._shot(thing, at, name)
        else:
            self._object(thing, at, name)

    def _parts(self, thing: Any, at: int, name: str, **parts: str) -> None:
        for part, more in parts.items():
            found = getattr(thing, part)
            self.facts[f"{name}{more or '.' + part}"] = self._fact(found)
            self._follow(found, self._step(steps.ATTRIBUTE, at, part, id(found)), name + more)

    def _function(self, f: FunctionType, at: int, name: str, module: str) -> None:
        reads = reads_of(f.__code__)
        is_library = libraries.is_library(module)
        if not is_library:
            self._attributes |= reads.attributes
            self._everything |= reads.everything
            for imported in reads.modules:
                self.is_repeatable &= libraries.is_repeatable(imported)
                there = sys.modules.get(imported)
                if there is not None:
                    self._pending.append((there, self._step(steps.ROOT, -1, there), imported))
        elif not libraries.is_repeatable(module):
            self.is_repeatable = False
            for variable in sorted(reads.globals & f.__globals__.keys()):
                found = f.__globals__[variable]
                if _is_container(found):
                    self._reach(found, steps.GLOBAL, at, variable, f"{variable} of {module}")
        self._step(steps.ATTRIBUTE, at, "__code__", id(f.__code__))
        self.kept.append(f.__code__)
        within = "" if name in self._roots else f" of {f.__qualname__}"
        for i, variable in enumerate(f.__code__.co_freevars):
            try:
                self._reach(f.__closure__[i].cell_contents, steps.CELL, at, i, variable + within)  # type: ignore[index]
            except ValueError:  # not assigned yet
                self._step(steps.CELL, at, i, 0)
        if is_library:
            return
        for part, words in (("__defaults__", "the defaults"), ("__kwdefaults__", "the keywords")):
            found = getattr(f, part)
            self._reach(found, steps.ATTRIBUTE, at, part, f"{words} of {f.__qualname__}")
        self._globals(f, at, within, reads.globals | (reads.texts & f.__globals__.keys()))

    def _globals(self, f: Any, at: int, within: str, names: Any) -> None:
        space = f.__globals__
        for variable in sorted(names):
            if variable in space:
                self._reach(space[variable], steps.GLOBAL, at, variable, variable + within)
            elif libraries.is_drawn(variable):
                self.is_repeatable = False
            elif not hasattr(builtins, variable):
                self._step(steps.GLOBAL, at, variable, 0)

    def _builtin(self, thing: Any, at: int, name: str, module: str) -> None:
        owner = thing.__self__
        self.kept.append(thing if owner is None or isinstance(owner, ModuleType) else None)
        if owner is None or isinstance(owner, (ModuleType, type)):
            known = module or getattr(owner, "__name__", "")
            self.is_repeatable &= libraries.is_repeatable(known)
        else:
            self._parts(thing, at, name, __self__="")

    def _module(self, module: Any, at: int, name: str) -> None:
        self.kept.append(module)
        if libraries.is_library(module.__name__):
            self.is_repeatable &= libraries.is_repeatable(module.__name__)
            drawn = sys.modules.get("numpy.random")  # which nobody loads by looking for it
            if module is random:
                self.generators.append(random._inst)
            elif module is drawn or (module is loaded_numpy() and "random" in self._attributes):
                self.generators += [] if drawn is None else [drawn.mtrand._rand]
                self.is_repeatable &= module is drawn
            may_differ = not libraries.is_repeatable(module.__name__)
            for attribute in sorted(self._attributes & vars(module).keys()):
                found = vars(module)[attribute]
                if _is_container(found) or (may_differ and isinstance(found, FunctionType)):
                    self._reach(found, steps.ATTRIBUTE, at, attribute, f"{name}.{attribute}")
            return
        for attribute in sorted(self._attributes & vars(module).keys()):
            found = vars(module)[attribute]
            self._reach(found, steps.ATTRIBUTE, at, attribute, f"{name}.{attribute}")

    def _class(self, kind: Any) -> None:
        self.kept.append(kind)
        for owner in kind.__mro__:
            if owner in self._owners:
                continue
            self._owners.add(owner)
            module = owner.__module__
            if libraries.is_library(module):
                self.is_repeatable &= libraries.is_repeatable(module)
                continue
            at = self._step(steps.ROOT, -1, owner)
            for attribute, raw in list(vars(owner).items()):
                if isinstance(raw, (classmethod, staticmethod)):
                    raw = raw.__func__
                elif isinstance(raw, property):
                    raw = raw.fget
                elif type(raw).__name__ in ("cached_property", "computed_once"):
                    raw = getattr(raw, "func", None) or getattr(raw, "_compute", None)
                is_code = isinstance(raw, FunctionType)
                if attribute not in self._attributes and not (
                    is_code and attribute[:2] == "__" and attribute not in _NOT_CALLED
                ):
                    continue
                there = f"{owner.__name__}.{attribute}"
                if raw is not vars(owner)[attribute]:
                    self._pending.append((raw, self._step(steps.ROOT, -1, raw), there))
                elif is_code or not hasattr(type(raw), "__get__"):
                    self._reach(raw, steps.ATTRIBUTE, at, attribute, there)

    def _items(self, things: Any, at: int, name: str) -> None:
        self._step(steps.BLOCK, at, tuple(map(id, things)))
        self.size += len(things) // _NUMBERS_A_STEP
        leaves = [thing for thing in things if _is_leaf(thing)]
        self.kept.append(leaves)
        if len(leaves) == len(things):
            self.facts[f"{name}{ITEMS}"] = tuple(map(self._fact, things))
            return
        self.facts[f"{name} (its length)"] = len(things)
        for i, thing in enumerate(things):
            self.facts[f"{name}[{i}]"] = self._fact(thing)
            if not _is_leaf(thing):
                self._follow(thing, self._step(steps.ITEM, at, i), f"{name}[{i}]")

    def _pairs(self, things: Any, at: int, name: str) -> None:
        self._step(steps.PAIRS, at, (tuple(map(id, things)), tuple(map(id, things.values()))))
        self.size += 2 * len(things) // _NUMBERS_A_STEP
        self.kept.append([*things, *[thing for thing in things.values() if _is_leaf(thing)]])
        self.facts[f"{name} (its keys)"] = tuple(map(key_of, things))
        for key, thing in things.items():
            self.facts[f"{name}[{key!r:.80}]"] = self._fact(thing)
            if not _is_leaf(thing):
                self._follow(thing, self._step(steps.VALUE, at, key), f"{name}[{key!r:.80}]")

    def _shot(self, thing: Any, at: int, name: str) -> None:
        look: Callable[[Any], Any] = contents
        if isinstance(thing, (set, frozenset)):
            look = _members
            self.kept.append(list(thing))
        elif isinstance(thing, deque):
            look = _in_order
            self.kept.append(list(thing))
            for i, item in enumerate(thing):
                if not _is_leaf(item):
                    self._follow(item, self._step(steps.ROOT, -1, item), f"{name}[{i}]")
        elif type(thing).__name__ == "ContextVar":
            look = _in_context
        elif _holds_objects(thing):
            self.kept.append(thing.ravel().tolist())
        self._bytes += getattr(thing, "nbytes", 0)
        if self._bytes > _MOST_BYTES:
            return
        found = look(thing)
        self.size += self._bytes // (8 * _NUMBERS_A_STEP) + 1
        self._step(steps.SHOT, at, (look, found))
        self.facts[f"{name} (its contents)"] = found

    def _object(self, thing: Any, at: int, name: str) -> None:
        kind = type(thing)
        home = kind.__module__
        if isinstance(thing, random.Random) or home.startswith("numpy.random"):
            self.generators.append(thing)
            self.is_repeatable = False
            return
        if isinstance(thing, Primitive):
            return
        if hasattr(kind, "__next__") or not libraries.is_repeatable(home):
            self.is_repeatable &= not libraries.is_library(home) and not hasattr(kind, "__next__")
        self._step(steps.TYPE, at, None, id(kind))
        self.kept.append(kind)
        if libraries.is_library(home) and not hasattr(thing, "__dict__"):
            self.kept.append(thing)
        if home == "autograd.program.program":
            f = thing._recorder.f
            start = self._step(steps.ATTRIBUTE, at, "_recorder", id(thing._recorder))
            self._follow(f, self._step(steps.ATTRIBUTE, start, "f", id(f)), name)
            return
        if home.startswith("autograd.program"):
            return  # a trainer, which holds worlds itself
        if not libraries.is_library(home):
            self._pending.append((kind, at, kind.__name__))
        for attribute, found in self._read_of(thing):
            self._reach(found, steps.ATTRIBUTE, at, attribute, f"{name}.{attribute}")

    def _read_of(self, thing: Any) -> list[tuple[str, Any]]:
        """Return the attributes of an object that code reads, as they are there: nothing is run."""
        own = getattr(thing, "__dict__", {})
        if libraries.is_library(type(thing).__module__):  # no code of the user's reads its insides
            is_network = libraries.is_network(type(thing))
            is_container = _is_container(thing)
            return [
                (name, own[name])
                for name in own
                if is_container or (name[:1] != "_" and (is_network or name in self._attributes))
            ]
        is_network = libraries.is_network(type(thing))
        found = [
            (name, own[name])
            for name in own
            if self._everything or name in self._attributes or (is_network and name[:1] != "_")
        ]
        for owner in type(thing).__mro__:
            if libraries.is_library(owner.__module__):
                continue
            for name, raw in vars(owner).items():
                if name in own or not (self._everything or name in self._attributes):
                    continue
                is_slot = isinstance(raw, MemberDescriptorType)
                if is_slot or not (hasattr(type(raw), "__get__") or name[:2] == "__"):
                    try:
                        found.append((name, getattr(thing, name)))
                    except AttributeError:
                        continue
        return found


def _is_leaf(thing: Any) -> bool:
    """Whether it holds nothing that can change."""
    return is_carrier(thing) or isinstance(thing, (*_PLAIN, Primitive))


def _is_container(thing: Any) -> bool:
    """Whether it holds what code reads by indices and keys: a list, a dict, the environment."""
    return issubclass(type(thing), (list, deque, Mapping, UserList))


def _has_shot(thing: Any) -> bool:
    return is_array(thing) or isinstance(thing, deque) or type(thing).__name__ in _SHOT


def _holds_objects(thing: Any) -> bool:
    return getattr(getattr(thing, "dtype", None), "kind", "") == "O" and hasattr(thing, "ravel")


def _members(things: Any) -> frozenset[int]:
    return frozenset(map(id, things))


def _in_order(things: Any) -> tuple[int, ...]:
    return tuple(map(id, things))


def _in_context(variable: Any) -> Hashable:
    return key_of(variable.get(None))


def contents(thing: Any) -> Hashable:
    """Return what an array holds: its bytes, or the identities of its objects."""
    if not is_array(thing):
        return bytes(thing)
    numpy = loaded_numpy()
    array = numpy.asarray(thing)
    if array.dtype.kind == "O":
        return array.shape, tuple(map(id, array.ravel().tolist()))
    return array.shape, array.dtype.str, array.tobytes()
