"""Languages: every file here is one, and knows no other; its `source` writes a unit as text."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from autograd.program.emission.unit import Unit


def emitter(language: str) -> Callable[[Unit], str]:
    """Return the function that writes a unit in a language.

    Raises:
        ValueError: If there is no such language, naming those there are.

    Example:
        >>> emitter("fortran")
        Traceback (most recent call last):
            ...
        ValueError: source is written in c, javascript, python; got 'fortran'
    """
    known = [module.name for module in iter_modules(__path__)]
    if language not in known:
        raise ValueError(f"source is written in {', '.join(known)}; got {language!r}")
    found: Callable[[Unit], str] = import_module(f"{__name__}.{language}").source
    return found
