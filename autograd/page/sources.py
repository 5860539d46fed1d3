"""The files of the script and the style sheets, as one text each.

The script's files are ES modules: each imports from files above its own, and can be read, checked
and run alone. In a page they are one module, so that it needs no address: the imports go, and the
word `export`.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_IMPORT = re.compile(r'^import (?:\{[^}]*\} from )?"\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const |function |class |async )", re.MULTILINE)
_COMMENT = re.compile(r"^ *(//.*|/\*\*(?s:.)*?\*/)\n", re.MULTILINE)
_BEHIND = re.compile(r"(?<=[;{,]) // [^\n\"'`]*$", re.MULTILINE)
_INDENT = re.compile(r"^\s+", re.MULTILINE)


@cache
def script(first: str) -> str:
    """Return a file of the script, below all files that it imports from.

    Example:
        >>> "import " in script("numbers") or "export " in script("numbers")
        False
    """
    done: dict[str, str] = {}
    _add(first, done)
    return "\n".join(done.values())


@cache
def style(name: str) -> str:
    """Return a style sheet, without the colours."""
    return _short(_read(f"{name}.css"))


def script_file(name: str) -> str:
    """Return a file of the script as it is.

    Example:
        >>> script_file("numbers").startswith("/**")
        True
    """
    return _read("script", f"{name}.js")


def _add(name: str, done: dict[str, str]) -> None:
    if name in done:
        return
    text = script_file(name)
    for imported in _IMPORT.finditer(text):
        _add(imported[1], done)
    done[name] = _short(_EXPORT.sub("", _IMPORT.sub("", text)))


def _short(text: str) -> str:
    """The text without comments, indentation and empty lines."""
    return _INDENT.sub("", _BEHIND.sub("", _COMMENT.sub("", text))).strip()


def _read(*path: str) -> str:
    place = files(__package__)
    for part in path:
        place = place.joinpath(part)
    return place.read_text(encoding="utf-8")
