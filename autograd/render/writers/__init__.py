"""Writers: every file here writes the marks of a scene in the format that it is named after.

A file is all that a format takes: a drawing is saved under its name as a suffix. It knows no other
one, and its `source` returns the text.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from autograd.render.scene import Scene

FORMATS = tuple(module.name for module in iter_modules(__path__))


def written(scene: Scene, form: str) -> str:
    """Return the text of a scene in a format.

    Example:
        >>> FORMATS
        ('svg', 'tex')
        >>> written(Scene("nothing", 10.0, 10.0, ()), "svg").startswith("<svg ")
        True
    """
    text: str = import_module(f"{__name__}.{form}").source(scene)
    return text
