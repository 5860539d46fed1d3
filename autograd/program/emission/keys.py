"""Keys of dicts among the arguments, as the languages spell them."""

from __future__ import annotations

import ast
import json
from typing import Any

from autograd.structure import Structure

_MOST_INDEX = 1 << 31  # JavaScript writes larger whole numbers its own way


def python_key(key: Any) -> str:
    """Return a key as Python source.

    Raises:
        ValueError: If no source text is this key.

    Example:
        >>> python_key("b c"), python_key((1, None)), python_key(float("inf"))
        ("'b c'", '(1, None)', '1e999')
    """
    text = {"inf": "1e999", "-inf": "-1e999"}.get(repr(key), repr(key))
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        found = None
    if type(found) is not type(key) or found != key:
        raise ValueError(
            f"the key {key!r:.80} of a dict cannot be written in source text; use text or numbers"
        )
    return text


def javascript_key(key: Any) -> str:
    """Return a key as a JavaScript index: a whole number, or text.

    Raises:
        ValueError: If no source text is this key.

    Example:
        >>> javascript_key(3), javascript_key(-3), javascript_key("a"), javascript_key(True)
        ('3', '"-3"', '"a"', '"True"')
    """
    python_key(key)
    if type(key) is int and 0 <= key < _MOST_INDEX:
        return str(key)
    return json.dumps(str(key))


def javascript_property(key: Any) -> str:
    """Return a key as it stands in an object: the text `__proto__` would be its prototype.

    Example:
        >>> javascript_property("__proto__"), javascript_property(7)
        ('["__proto__"]', '7')
    """
    text = javascript_key(key)
    return f"[{text}]" if key == "__proto__" else text


def refuse_equal_properties(structure: Structure, name: str) -> None:
    """Refuse a dict with keys that are one and the same in JavaScript.

    Raises:
        ValueError: If there are such.

    Example:
        >>> from autograd.structure import structure_of
        >>> refuse_equal_properties(structure_of({True: 1.0, "True": 2.0}), "p")
        Traceback (most recent call last):
          ...
        ValueError: the keys True and 'True' of p are the same property in JavaScript; ...
    """
    if structure.is_flat:
        return
    seen: dict[str, Any] = {}
    for key in structure.keys:
        text = str(key)
        if text in seen:
            raise ValueError(
                f"the keys {seen[text]!r} and {key!r} of {name} are the same property in "
                "JavaScript; use keys that differ as text"
            )
        seen[text] = key
    for part, step in zip(structure.parts, structure.steps, strict=True):
        refuse_equal_properties(part, name + step)
