"""PNG and PDF of an SVG picture, without Graphviz, by two converters from the extra `image`.

Neither asks a network. Letters are those of the fonts on this machine; where there is none, as in
many containers, the fonts that one converter carries stand in.
"""

from __future__ import annotations

import math
import os
import re
from functools import cache
from typing import Literal

from autograd.installing import install
from autograd.render.typography import FONTS

SCALE = 2.0
MOST_PIXELS = 2**28
# A pixel of the web is 1/96 inch, as wide as 0.75 of the points that pages are measured in.
_DPI = 96
# What the usual fonts all have, beside Latin letters and Greek.
_USUAL = frozenset("−×÷±≈≤≥≠∂√∑∏∞→…–—‘’“”†•€")
# The processes where `typst` has begun threads, which a fork does not take along.
_typesetting: set[int] = set()
_PAGE = """#set document(title: sys.inputs.title, date: none)
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg", alt: sys.inputs.title)
"""


class ImagesMissing(ImportError):  # noqa: N818 - as DotMissing
    """A PNG or PDF was asked for, and what makes it is not installed."""

    def __init__(self, form: str, package: str) -> None:
        super().__init__(
            f"a picture as {form} needs the package {package}: {install('image')}; "
            "svg, html, tex, txt and dot need nothing"
        )


def png_bytes(svg: str, scale: float = SCALE, title: str = "") -> bytes:
    """Return the picture as a PNG.

    Args:
        svg: The picture.
        scale: How many pixels of the PNG are one of the picture, in each direction.
        title: What the picture is.

    Raises:
        ImagesMissing: If the extra `image` is not installed.
        TypeError: If the scale is no number.
        ValueError: If the scale is not positive, or makes more than 268 million pixels.
    """
    _check_scale(pixels(svg), scale)
    if not _has_fonts():
        return _typeset(svg, title, "png", scale)
    try:
        import resvg_py
    except ImportError as error:
        raise ImagesMissing("PNG", "resvg-py") from error
    return bytes(resvg_py.svg_to_bytes(svg_string=_with_fonts(svg), zoom=float(scale), dpi=_DPI))


def pdf_bytes(svg: str, title: str = "") -> bytes:
    """Return the picture as a PDF of one page, of lines and letters: sharp at any size.

    Raises:
        ImagesMissing: If the extra `image` is not installed.
        RuntimeError: In a process that was forked from one where such a picture was made.
    """
    return _typeset(svg, title, "pdf", 1.0)


def pixels(svg: str) -> tuple[float, float]:
    """Width and height of a picture, of ours or of Graphviz, which measures in points.

    Example:
        >>> pixels('<svg width="90" height="12.5">'), pixels('<svg width="30pt" height="60pt">')
        ((90.0, 12.5), (40.0, 80.0))
    """
    (head,) = re.findall("<svg[^>]*>", svg)[:1]
    sides = re.findall(r'\b(?:width|height)="([0-9.]+)(pt)?"', head)
    width, height = (float(number) * (4 / 3 if points else 1.0) for number, points in sides)
    return width, height


def _check_scale(size: tuple[float, float], scale: float) -> None:
    if isinstance(scale, bool) or not isinstance(scale, (int, float)):
        raise TypeError(f"scale must be a number, not {type(scale).__name__} {scale!r:.80}")
    if not (scale > 0.0 and math.isfinite(scale)):
        raise ValueError(f"scale must be a positive number, not {scale!r}")
    width, height = size
    if width * scale * height * scale > MOST_PIXELS:
        raise ValueError(
            f"the picture is {width:.0f} x {height:.0f} pixels; at scale {scale:g} that is more "
            f"than the {MOST_PIXELS:,} that a PNG may have; pass a smaller scale="
        )


@cache
def _has_fonts() -> bool:
    """Whether the converter to PNG finds a font: a letter leaves a trace."""
    try:
        import resvg_py
    except ImportError as error:
        raise ImagesMissing("PNG", "resvg-py") from error
    drawn = []
    for letter in ("", "M"):
        probe = f'<text y="9" font-size="9" font-family="sans-serif">{letter}</text>'
        head = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        drawn.append(bytes(resvg_py.svg_to_bytes(svg_string=f"{head}{probe}</svg>")))
    return drawn[0] != drawn[1]


def _with_fonts(svg: str) -> str:
    """Set texts with indices and the like in a font that has them.

    Where a font lacks one sign, a converter takes any other font that has it for the whole text,
    with serifs or not bold; browsers look for the sign alone.
    """
    return re.sub("<text ([^>]*)>(.*?)</text>", _with_font, svg, flags=re.DOTALL)


def _with_font(text: re.Match[str]) -> str:
    look, words = text.groups()
    if all(sign <= "\xff" or "Α" <= sign <= "ω" or sign in _USUAL for sign in words):
        return text[0]
    look = re.sub(' font-family="[^"]*"', "", look)
    return f"<text {look} font-family=\"'DejaVu Sans', {FONTS}\">{words}</text>"


def _typeset(svg: str, title: str, form: Literal["png", "pdf"], scale: float) -> bytes:
    try:
        import typst
    except ImportError as error:
        raise ImagesMissing(form.upper(), "typst") from error
    if _typesetting and os.getpid() not in _typesetting:
        raise RuntimeError(
            f"a picture as {form} is made by threads, which began in the process that this one was "
            "forked from: make it there, or start processes by 'spawn'"
        )
    _typesetting.add(os.getpid())
    made = typst.compile(
        _PAGE.encode(),
        format=form,
        ppi=_DPI * scale,
        sys_inputs={"svg": _with_fonts(svg), "title": title},
    )
    return bytes(made)
