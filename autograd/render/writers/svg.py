"""Writes a scene as SVG: needs no program and no font file.

The picture is at most as wide as what it stands in, and dark on a dark page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html import escape

from autograd.lettering import index_runs
from autograd.render import palette
from autograd.render.palette import Colour
from autograd.render.scene import Circle, Cluster, Mark, Rectangle, Scene, Segment, Words
from autograd.render.theme import painted, style_sheet
from autograd.render.typography import CIRCLED, FONTS, text_width

HALO = 3.0
_MARK = re.compile(f"([{CIRCLED}])")
# Of indices: their size, and how far they stand above the line, in heights of a letter.
_INDEX_SIZE = "74%"
_HEIGHTS = {"": 0.0, "_": -0.2, "^": 0.36}


def source(scene: Scene) -> str:
    """Return the scene as the text of an SVG document, the same on every machine.

    Example:
        >>> from autograd.render.scene import Scene
        >>> source(Scene("nothing", 10.0, 10.0, ())).startswith("<svg ")
        True
    """
    width, height = _n(scene.width), _n(scene.height)
    drawn = [f'<rect width="100%" height="100%" fill="{palette.PAPER}"/>']
    for cluster in scene.clusters:
        drawn += _cluster(cluster)
    body = "\n".join(drawn)
    colours = {palette.PAPER, *scene.colours()}
    name, sheet = style_sheet(colours, painted(colours, body))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" class="{name}" font-family="{FONTS}" '
        'style="max-width:100%;height:auto">\n'
        f"<title>{escape(scene.title)}</title>\n<style>{sheet}</style>\n{body}\n</svg>\n"
    )


def _cluster(cluster: Cluster) -> list[str]:
    marks = [_mark(mark) for mark in cluster.marks]
    if not cluster.id and not cluster.hint:
        return marks
    name = f' id="{escape(cluster.id)}"' if cluster.id else ""
    hint = f"<title>{escape(cluster.hint)}</title>" if cluster.hint else ""
    return [f"<g{name}>{hint}", *marks, "</g>"]


def _mark(mark: Mark) -> str:
    if isinstance(mark, Words):
        return "".join(map(_words, _apart(mark)))
    if isinstance(mark, Rectangle):
        place = (
            f'rect x="{_n(mark.x)}" y="{_n(mark.y)}" width="{_n(mark.width)}" '
            f'height="{_n(mark.height)}" rx="{_n(mark.radius)}"'
        )
        look = _look(mark.fill, mark.stroke, mark.stroke_width, opacity=mark.opacity)
    elif isinstance(mark, Circle):
        place = f'circle cx="{_n(mark.x)}" cy="{_n(mark.y)}" r="{_n(mark.radius)}"'
        look = _look(mark.fill, mark.stroke, mark.stroke_width, mark.dash)
    else:
        place = f'path d="{_way(mark.segments)}"'
        look = _look(mark.fill, mark.stroke, mark.width, mark.dash, mark.opacity)
        look += ' stroke-linecap="round"' if mark.cap == "round" else ""
    return f"<{place}{look}/>"


def _look(
    fill: Colour | None,
    stroke: Colour | None,
    width: float,
    dash: Sequence[float] = (),
    opacity: float = 1.0,
) -> str:
    look = f' fill="{fill or "none"}"'
    if stroke is not None:
        look += f' stroke="{stroke}" stroke-width="{_n(width)}"'
    if dash:
        look += f' stroke-dasharray="{" ".join(map(_n, dash))}"'
    if opacity != 1.0:
        look += f' opacity="{opacity:g}"'
    return look


def _way(segments: Sequence[Segment]) -> str:
    parts, last = [], ("", "")
    for letter, *numbers in segments:
        there = [_n(number) for number in numbers]
        here = (there[-2], there[-1]) if there else ("", "")
        if letter == "L" and here[1] == last[1]:
            parts.append(f"H{here[0]}")
        elif letter == "L" and here[0] == last[0]:
            parts.append(f"V{here[1]}")
        else:
            parts.append(letter + " ".join(there))
        last = here
    return "".join(parts)


def _apart(words: Words) -> list[Words]:
    """A text with the marks of paths, ① and the like, as texts of their own.

    A program may set a whole text in another font for the sake of one sign.
    """
    parts = [part.strip() for part in _MARK.split(words.text) if part.strip()]
    if len(parts) < 2 or words.must_fit:
        return [words]
    x, found = words.left, []
    for part in parts:
        piece = replace(words, x=x, text=part, anchor="start")
        end = x + piece.room
        is_loose = words.anchor != "start" and not _MARK.fullmatch(part)  # beside what follows
        found.append(replace(piece, x=end, anchor="end") if is_loose else piece)
        x = end + text_width(" ", words.size)
    return found


def _words(words: Words) -> str:
    look = f' text-anchor="{words.anchor}"' if words.anchor != "start" else ""
    if words.must_fit:
        look += f' textLength="{_n(words.room)}" lengthAdjust="spacingAndGlyphs"'
    shown = _with_indices(words.text, words.size)
    if "<tspan" in shown:  # as it is read aloud, and found
        look += f' aria-label="{escape(words.text)}"'
    look += ' font-weight="bold"' if words.bold else ""
    look += ' font-style="italic"' if words.italic else ""
    if words.halo:
        look += (
            f' stroke="{palette.PAPER}" stroke-width="{_n(HALO)}" stroke-linejoin="round" '
            'paint-order="stroke"'
        )
    return (
        f'<text x="{_n(words.x)}" y="{_n(words.y)}" fill="{words.colour}" '
        f'font-size="{_n(words.size)}"{look}>{shown}</text>'
    )


def _with_indices(text: str, size: float) -> str:
    """A text in which indices are the letters of its font, smaller, below or above the line.

    Few fonts have the signs of Unicode for them, and those of another font are hardly legible.
    """
    parts, height = [], 0.0
    for kind, run in index_runs(text):
        there = _HEIGHTS[kind] * size
        move = f' dy="{_n(height - there)}"' if there != height else ""
        move += f' font-size="{_INDEX_SIZE}"' if kind else ""
        shown = escape(run, quote=False)
        parts.append(f"<tspan{move}>{shown}</tspan>" if move else shown)
        height = there
    return "".join(parts)


def _n(number: float) -> str:
    """A coordinate: one decimal, and no minus zero, so that pictures are equal byte for byte."""
    return f"{round(number, 1) + 0.0:g}" if abs(number) < 1e5 else f"{number:.1f}"
