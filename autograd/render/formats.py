"""Which format the name of a file tells of, so that none is written under the name of another."""

from __future__ import annotations

import os
from typing import Any

import graphviz

from autograd.render.writers import FORMATS as WRITTEN

DOT_SUFFIXES = (".dot", ".gv")
KNOWN = (
    *[f".{form}" for form in WRITTEN], ".png", ".pdf", *DOT_SUFFIXES, ".html", ".htm", ".txt",
)  # fmt: skip
# Names that Graphviz has for what is one format to a reader.
_SAME = {
    "gv": "dot", "canon": "dot", "xdot": "dot", "xdot1.2": "dot", "xdot1.4": "dot",
    "plain": "txt", "plain-ext": "txt", "svg_inline": "svg",
    "json0": "json", "dot_json": "json", "xdot_json": "json",
    "jpe": "jpeg", "jpg": "jpeg", "tif": "tiff", "htm": "html", "ps2": "ps",
}  # fmt: skip
_TOLD = {suffix[1:] for suffix in KNOWN} | set(graphviz.FORMATS) | set(_SAME)


def suffix_of(path: Any) -> str:
    """The end of a file's name from its last dot, in small letters; empty if there is none.

    Example:
        >>> suffix_of("net.2.SVG"), suffix_of(b"graph"), suffix_of(".hidden")
        ('.svg', '', '')
    """
    return os.path.splitext(os.fsdecode(path))[1].lower()


def known_suffix(path: Any) -> str:
    """The suffix, of those that a picture can be saved under.

    Raises:
        ValueError: If it is another one, or there is none.

    Example:
        >>> known_suffix("graph.jpg")
        Traceback (most recent call last):
          ...
        ValueError: 'graph.jpg' does not end in the suffix of a format to save; known are .svg,
        .tex, .png, .pdf, .dot, .gv, .html, .htm, .txt; render(outfile=...) asks Graphviz for others
    """
    suffix = suffix_of(path)
    if suffix not in KNOWN:
        raise ValueError(
            f"{os.fsdecode(path)!r} does not end in the suffix of a format to save; known are "
            f"{', '.join(KNOWN)}; render(outfile=...) asks Graphviz for others"
        )
    return suffix


def refuse_another_format(path: Any, form: str, by_graphviz: bool = False) -> None:
    """Refuse to write a format under a name that tells of another; other names are free.

    Args:
        path: The file to be written.
        form: What would be in it.
        by_graphviz: Whether Graphviz chooses the format, which knows neither LaTeX nor HTML.

    Raises:
        ValueError: If the name tells of another format.

    Example:
        >>> refuse_another_format("x.svg", "dot")
        Traceback (most recent call last):
          ...
        ValueError: 'x.svg' would be written as dot; save('x.svg') writes what the name tells
    """
    told = suffix_of(path)[1:]
    same = _SAME.get(told, told) == _SAME.get(form, form)
    foreign = by_graphviz and told not in graphviz.FORMATS
    if told in _TOLD and (foreign or not same):
        form = "another format" if same else form
        name = os.fsdecode(path)
        hint = f"save({name!r}) writes" if f".{told}" in KNOWN else "choose"
        raise ValueError(f"{name!r} would be written as {form}; {hint} what the name tells")
