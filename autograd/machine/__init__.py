"""The machine: an interpreter in C of compiled programs, where it is built and wanted.

`words.h` describes the words of a program and `verify.h` refuses every word that could reach
outside the machine's memory; `run.h`, `threads.h` and `train.h` run verified programs on points,
rows and trainings by what is in `kernels/`. `interpreter.pyx` and its parts (`*.pxi`) are the
doors from Python.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from autograd.selection import engine


def native_machine() -> Any:
    """Return the module of the machine, or None where it is not built or not wanted."""
    if engine != "native":
        return None
    try:
        return import_module("autograd.machine.interpreter")
    except ModuleNotFoundError:
        return None
