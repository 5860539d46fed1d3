"""NumPy, where somebody loaded it: nothing here loads it."""

from __future__ import annotations

import sys
from typing import Any


def loaded_numpy() -> Any:
    """Return NumPy if it is loaded; None if not, or if another thread is still loading it."""
    numpy = sys.modules.get("numpy")
    spec = getattr(numpy, "__spec__", None)
    return None if getattr(spec, "_initializing", False) else numpy


def require_real(array: Any, name: str) -> None:
    """Refuse an array that does not hold real numbers alone.

    Raises:
        TypeError: If its type is not a real one, or some of its numbers are masked.
    """
    if not callable(getattr(array, "mask", callable)):  # that of a column of pandas is a method
        instead = "fill or drop what is masked: .filled(0.0), .compressed()"
        raise TypeError(f"{name} is a masked array; {instead}")
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} is an array of {array.dtype}; only real numbers will do")
