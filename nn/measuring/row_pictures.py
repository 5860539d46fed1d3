"""Small pictures of rows whose numbers are the pixels of an image: as text, and for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.validation import describe, size

_SHADES = " ░▒▓█"


def image_shape(shape: Any, columns: int) -> tuple[int, int] | None:
    """Return the height and width of images, checked against the number of pixels.

    Raises:
        TypeError: If it is not a pair of whole numbers.
        ValueError: If they do not multiply to the number of columns.

    Example:
        >>> image_shape((8, 8), 64)
        (8, 8)
    """
    if shape is None:
        return None
    if not isinstance(shape, (tuple, list)) or len(shape) != 2:
        raise TypeError(
            f"shape must be a height and a width, such as (8, 8), got {describe(shape)}"
        )
    height, width = size(shape[0], "shape[0]"), size(shape[1], "shape[1]")
    if height * width != columns:
        raise ValueError(f"shape is {height} x {width}, but rows have {columns} numbers")
    return height, width


def text_pictures(rows: Sequence[Sequence[float]], width: int, captions: Sequence[str]) -> str:
    """Return pictures side by side, each below its caption: the larger a number, the darker.

    Example:
        >>> print(text_pictures([[0.0, 1.0, 1.0, 0.5]], 2, ["row 3"]))
        row 3
          ██
        ██▒▒
    """
    drawn = []
    for row, caption in zip(rows, captions, strict=True):
        lines = [
            "".join(_SHADES[shade] * 2 for shade in _shades(row)[first : first + width])
            for first in range(0, len(row), width)
        ]
        wide = max(2 * width, len(caption))
        drawn.append([caption.ljust(wide), *[line.ljust(wide) for line in lines]])
    return "\n".join("   ".join(lines).rstrip() for lines in zip(*drawn, strict=True))


def svg_picture(row: Sequence[float], width: int, pixel: int = 6) -> str:
    """Return a picture as SVG, in the colour of the page's text: the larger, the more of it.

    Example:
        >>> svg_picture([0.0, 1.0], 2)
        '<svg width="12" height="6" fill="currentColor"><rect x="6" y="0" width="6" height="6" \
opacity="1"/></svg>'
    """
    rects = "".join(
        f'<rect x="{place % width * pixel}" y="{place // width * pixel}" width="{pixel}" '
        f'height="{pixel}" opacity="{part:.2g}"/>'
        for place, part in enumerate(_parts(row))
        if part > 0.005
    )
    height = len(row) // width * pixel
    return f'<svg width="{width * pixel}" height="{height}" fill="currentColor">{rects}</svg>'


def _parts(row: Sequence[float]) -> list[float]:
    """Return where every number lies between the smallest and the largest."""
    low, high = min(row), max(row)
    span = high - low
    if not 0.0 < span < float("inf"):
        return [0.0] * len(row)
    return [(number - low) / span for number in row]


def _shades(row: Sequence[float]) -> list[int]:
    return [round(part * (len(_SHADES) - 1)) for part in _parts(row)]
