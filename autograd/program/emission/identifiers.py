"""Names that a language accepts, made of names that people gave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable


class Names:
    """Hands out identifiers, each once.

    Args:
        reserved: Keywords of the language and whatever else must not be hidden.
        ascii_only: Whether letters outside ASCII are to be spelled out.

    Example:
        >>> names = Names(["double"], ascii_only=True)
        >>> names.take("double"), names.take("θ"), names.take("w 1"), names.take("w_1")
        ('double_', 'theta', 'w_1', 'w_1_')
    """

    def __init__(self, reserved: Iterable[str], ascii_only: bool) -> None:
        self._taken = set(reserved)
        self._ascii_only = ascii_only

    def take(self, wanted: str) -> str:
        """Return `wanted`, changed as little as possible to be legal and new."""
        name = self._legal(wanted)
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def prefix(self) -> str:
        """Return a letter for numbered names that collide with none handed out."""
        longest = max(map(len, self._taken), default=0)
        letters = ("t", "v", "s", "u", "t" * (longest + 1))
        return next(
            letter
            for letter in letters
            if not any(re.match(rf"{letter}\d", name) for name in self._taken)
        )

    def _legal(self, wanted: str) -> str:
        name = unicodedata.normalize("NFKC", wanted)
        if self._ascii_only:
            name = "".join([c if c.isascii() else _spelled_out(c) for c in name])
        name = re.sub(r"\W", "_", name).strip("_") if not name.isidentifier() else name
        name = name or "f"
        return name if name.isidentifier() else f"_{name}"


def _spelled_out(character: str) -> str:
    return re.sub(r"\W", "_", unicodedata.name(character, "_").rpartition(" ")[2].lower())


def comment_text(label: str) -> str:
    r"""Return a label that can stand in a comment of any language and cannot end it.

    Example:
        >>> comment_text("a*/b\nc")
        'a* /b c'
    """
    text = "".join([c if c.isprintable() else " " for c in label])
    text = text.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")
    text = text.replace('"""', "'''")
    return text.replace("\\", "∖")  # a backslash at its end would join the next line
