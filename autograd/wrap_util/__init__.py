"""Explains itself where another distribution that is imported as `autograd` was installed over it.

pip merges the two into one folder, and the `__init__.py` that was written last is the one that is
imported. HIPS's then imports its module `wrap_util`, for which a folder goes before a file: this
one. It hands on the file's own contents, so that HIPS's autograd works as ever, and lets its
package answer for names that only this one has.
"""

from __future__ import annotations

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from runpy import run_path
from types import ModuleType
from typing import NoReturn

_PACKAGE = Path(__file__).resolve().parents[1]
_THEIRS = _PACKAGE / "wrap_util.py"


def _hand_on() -> None:
    """Put their module in this one's place, and its package on its guard."""
    spec = spec_from_file_location(__name__, _THEIRS)
    if spec is None or spec.loader is None:
        return
    theirs = sys.modules[__name__] = module_from_spec(spec)
    spec.loader.exec_module(theirs)
    package = sys.modules[__name__.partition(".")[0]]
    if not hasattr(package, "__distribution__") and not hasattr(package, "__getattr__"):
        vars(package)["__getattr__"] = lambda name: _missing(package, name)


def _missing(package: ModuleType, name: str) -> NoReturn:
    stub = (_PACKAGE / "__init__.pyi").read_text(encoding="utf-8")
    if name.startswith("_") or not re.search(rf" as {name}\b", stub):
        raise AttributeError(f"module {package.__name__!r} has no attribute {name!r}")
    not_ours = run_path(str(_PACKAGE / "installing.py"))["not_ours"]
    raise ImportError(not_ours(package.__file__, f"{name} is a name of"), name=package.__name__)


if _THEIRS.exists():
    _hand_on()
