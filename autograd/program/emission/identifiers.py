"""Names that a language accepts, made of names that people gave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from itertools import chain, count
from string import ascii_lowercase

from autograd.streams import for_stream


class Names:
    """Hands out identifiers, each once.

    Args:
        reserved: Keywords of the language and whatever else must not be hidden.
        ascii_only: Whether letters outside ASCII are to be spelled out.
        kept_back: A pattern of names that belong to the language.
        longest: So many characters tell names apart.

    Example:
        >>> names = Names(["double"], ascii_only=True)
        >>> names.take("double"), names.take("θ"), names.take("w 1"), names.take("w_1")
        ('double_', 'theta', 'w_1', 'w_1_')
    """

    def __init__(
        self,
        reserved: Iterable[str],
        ascii_only: bool,
        kept_back: str = "(?!)",
        longest: int | None = None,
    ) -> None:
        self._taken = set(reserved)
        self._ascii_only = ascii_only
        self._kept_back = re.compile(kept_back)
        self._longest = longest

    def take(self, wanted: str, avoided: Collection[str] = ()) -> str:
        """Return `wanted`, changed as little as possible to be legal and new.

        Args:
            wanted: Any text.
            avoided: Names that are refused this time.
        """
        legal = self._legal(wanted)
        ends = chain(["", "_", "__"], (f"_{number}" for number in count(2)))
        name = next(
            name
            for name in (self._with_end(legal, end) for end in ends)
            if name not in self._taken and name not in avoided
        )
        self._taken.add(name)
        return name

    def prefix(self) -> str:
        """Return letters for numbered names that collide with none handed out."""
        letters = chain("tvsu", (a + b for a in ascii_lowercase for b in ascii_lowercase))
        used = {match[1] for match in map(_NUMBERED.match, self._taken) if match}
        return next(letter for letter in letters if letter not in used)

    def _with_end(self, name: str, end: str) -> str:
        return (name if self._longest is None else name[: self._longest - len(end)]) + end

    def _legal(self, wanted: str) -> str:
        name = unicodedata.normalize("NFKC", wanted)
        if self._ascii_only:
            name = "".join([c if c.isascii() else _spelled_out(c) for c in name])
        name = re.sub(r"\W", "_", name).strip("_") if not name.isidentifier() else name
        name = name or "f"
        name = name if name.isidentifier() else f"_{name}"
        return f"x{name}" if self._kept_back.fullmatch(name) else name


_NUMBERED = re.compile(r"([a-z]{1,2})\d")


def _spelled_out(character: str) -> str:
    """Return a letter in ASCII: without its accents, or by the last word of its name.

    Example:
        >>> [_spelled_out(c) for c in "éθΘ中"]
        ['e', 'theta', 'Theta', 'ideograph_4e2d']
    """
    plain = "".join([c for c in unicodedata.normalize("NFKD", character) if c.isascii()])
    if plain.isalnum():
        return plain
    name = re.sub(r"\W", "_", unicodedata.name(character, "_").rpartition(" ")[2].lower())
    return name.capitalize() if character.isupper() else name


def comment_text(label: str) -> str:
    r"""Return a label that can stand in a comment of any language and cannot end it.

    Example:
        >>> comment_text("a*/b\nc")
        'a* /b c'
    """
    text = "".join([c if c.isprintable() else " " for c in label])
    text = text.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")
    text = text.replace('"""', "'''")
    return for_stream(text.replace("\\", "∖"))  # a backslash at its end would join the next line
