"""NumPy, where somebody loaded it: nothing here loads it."""

from __future__ import annotations

import sys
from typing import Any


def loaded_numpy() -> Any:
    """Return NumPy if it is loaded; None if not, or if another thread is still loading it."""
    numpy = sys.modules.get("numpy")
    spec = getattr(numpy, "__spec__", None)
    return None if getattr(spec, "_initializing", False) else numpy
