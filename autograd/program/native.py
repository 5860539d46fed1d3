"""The native machine, where it is built and wanted."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from autograd.selection import engine


def native_machine() -> Any:
    """Return the module of the native machine, or None where it is not built or not wanted."""
    if engine != "native":
        return None
    try:
        return import_module("autograd.native.machine")
    except ModuleNotFoundError:
        return None
