"""Programs as methods: each object of a class has one of its own, as long as it lives."""

from __future__ import annotations

import weakref
from types import FunctionType
from typing import Any

from autograd.program.outside.methods import OfObject
from autograd.program.variants.recorder import Recorder
from autograd.streams import printed_anywhere


class Method:
    """What a program does as an attribute of a class: as a function does, it takes the object."""

    _recorder: Recorder

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        """Return the program of an object; of the class, this one."""
        f = self._recorder.f
        if owner is None or not isinstance(f, FunctionType) or not self._recorder.arguments.names:
            return self
        known: dict[int, Any] = vars(self).setdefault("_of_objects", {})
        found = known.get(id(owner))
        if found is None or found[0]() is not owner:
            key = id(owner)
            program = self._of(OfObject(f, owner))
            known[key] = found = weakref.ref(owner, lambda _: known.pop(key, None)), program
        return BoundProgram(owner, found[1])

    def _of(self, f: OfObject) -> Any:
        recorder = self._recorder
        arguments = recorder.arguments.without_first()
        kind: Any = type(self)
        listed, checked = recorder.listed, recorder.checked
        return kind(f, recorder.name, arguments, recorder.uniform, (), listed, checked)


@printed_anywhere
class BoundProgram:
    """The program of an object, which it keeps alive; all else is the program's."""

    __slots__ = ("__self__", "_program")

    def __init__(self, owner: Any, program: Any) -> None:
        self.__self__ = owner
        self._program = program

    def __call__(self, *args: Any, **by_name: Any) -> Any:
        """Return the results for these arguments."""
        return self._program(*args, **by_name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._program, name)

    def __repr__(self) -> str:
        return repr(self._program)

    def __str__(self) -> str:
        return str(self._program)
