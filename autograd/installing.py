"""How this package is installed: commands for errors that ask for something to be installed.

Needs nothing of the package, so that it can be asked where another one took the package's place.
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1]
_DISTRIBUTION = "chainrule"


def install(extra: str) -> str:
    """Return the command that installs what an extra needs, in a checkout as elsewhere.

    Example:
        >>> install("plot")
        "pip install ...[plot]..."
    """
    if not (_FOLDER / "setup.cfg").is_file():
        return f"pip install {_quoted(f'{_DISTRIBUTION}[{extra}]')}"
    here = "." if Path.cwd() == _FOLDER else _FOLDER
    return f"pip install -e {_quoted(f'{here}[{extra}]')}"


def repair() -> str:
    """Return the commands that undo another `autograd`: it goes, and what it wrote over is back.

    Example:
        >>> repair()
        'pip uninstall autograd...
    """
    return f"pip uninstall autograd && pip install --force-reinstall --no-deps {_source()}"


def not_ours(found: object, whose: str) -> str:
    """Return what an error says where another package was imported as `autograd`.

    Args:
        found: The file that was imported.
        whose: What belongs to this distribution, and the verb.

    Example:
        >>> not_ours("autograd/__init__.py", "Value is a name of")
        "Value is a name of the distribution 'chainrule', but another package that is also imported
        as 'autograd' was found in autograd/__init__.py; repair it with: pip uninstall autograd...
    """
    return (
        f"{whose} the distribution {_DISTRIBUTION!r}, but another package that is also imported as "
        f"'autograd' was found in {found}; repair it with: {repair()}"
    )


def _source() -> str:
    """Return what pip is given to install it once more: where it came from."""
    metadata = import_module("importlib.metadata")  # slow to import, and seldom asked
    try:
        told = metadata.distribution(_DISTRIBUTION).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        told = None
    came = json.loads(told) if told else {}
    is_editable = came.get("dir_info", {}).get("editable", False)
    url = str(came.get("url", ""))
    if not url.startswith("file:"):
        return _DISTRIBUTION
    return ("-e " if is_editable else "") + _quoted(url)


def _quoted(text: str) -> str:
    """Return the text as shells take it; Windows' knows no single quotes."""
    return f'"{text}"' if os.name == "nt" else f"'{text}'"
