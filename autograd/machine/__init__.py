"""The machine: an interpreter in C of compiled programs, where it is built and wanted.

`words.h` describes the words of a program and `verify.h` refuses every word that could reach
outside the machine's memory. Verified programs run on points (`run.h`), on rows (`rows.h`, which
has the one place where a block of rows is run; `jobs.h`, `threads.h`) and in trainings (`train.h`)
by what is in `kernels/`, and by machine code that `emitter/` writes for programs that run often
(AUTOGRAD_MACHINE_CODE: `always` at once, `never` not at all). `interpreter.pyx` and its parts
(`*.pxi`) are the doors from Python.

From the bottom up:

    words                 what Python and C call by the same numbers
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, TypeVar

from autograd.selection import engine

C = TypeVar("C", bound=type)
in_python: dict[str, type] = {}  # the classes with a compiled twin, as they are in Python


@cache
def native_machine() -> Any:
    """Return the module of the machine, or None where it is not built or not wanted.

    It is imported once: an interrupt in the midst of an import leaves locks of Python 3.10 shut.
    """
    if engine != "native":
        return None
    try:
        return import_module("autograd.machine.interpreter")
    except ModuleNotFoundError:
        return None


def compiled(reference: C) -> C:
    """Return the machine's class of the same name in place of one in Python, where it is built.

    The class in Python is complete in itself; tests hold its twin against it.
    """
    in_python[reference.__name__] = reference
    machine = native_machine()
    return reference if machine is None else getattr(machine, reference.__name__)
