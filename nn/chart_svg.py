"""The SVG that matplotlib writes, made fit for pages: named, light or dark as they are, and small.

It knows nothing of charts.
"""

from __future__ import annotations

import re
from html import escape

INK = "#727C87"  # of text and axes, where nobody says whether the page is light or dark

# What pages say of themselves comes before what the reader's system prefers.
_DARK_PAGES = (
    '[data-jp-theme-light="false"]',
    ".vscode-dark",
    '[data-theme="dark"]',
    '[data-bs-theme="dark"]',
    '[theme="dark"]',
)
_LIGHT_PAGES = (
    '[data-jp-theme-light="true"]',
    ".vscode-light",
    '[data-theme="light"]',
    '[data-bs-theme="light"]',
    '[theme="light"]',
)
_INK_ON_LIGHT, _INK_ON_DARK = "#1F2933", "#E6EAF0"

# Shapes and places; the scale of a font, which is small and exact, is none of them.
_COORDINATES = re.compile(r'(?<= d=")[^"]*|(?<=translate\()[^)]*|(?<= [xy]=")[^"]*')
_UNSEEN = re.compile(r"\s*<!--.*?-->|\s*<metadata>.*?</metadata>|(?<=\n) +", re.DOTALL)
_DECIMALS = re.compile(r"-?\d+\.\d{3,}")


def for_pages(svg: str, title: str, text: str) -> str:
    """Return matplotlib's SVG without its preamble, named for screen readers, with ink to match."""
    opening, _, rest = svg[svg.index("<svg ") :].partition(">")
    opening = re.sub(r'(?<=width=")[^"]*(?=")', _in_pixels, opening)
    opening = re.sub(r'(?<=height=")[^"]*(?=")', _in_pixels, opening)
    told = f"<title>{escape(title)}</title>\n <desc>{escape(text)}</desc>"
    rest = _COORDINATES.sub(_rounded, _UNSEEN.sub("", rest))
    rest = rest.replace(">*{", ">.chainrule-chart *{", 1)  # a rule for this picture, not the page
    return (
        f'{opening} class="chainrule-chart" role="img" style="max-width: 100%; height: auto">\n '
        f"{told}\n <style>{_style_sheet()}</style>{rest}"
    )


def _in_pixels(points: re.Match[str]) -> str:
    return f"{float(points[0].removesuffix('pt')) * 4.0 / 3.0:g}"


def _style_sheet() -> str:
    """Let ink be dark on light pages and light on dark ones; other programs keep its grey."""
    dark = f"--chainrule-chart-ink:{_INK_ON_DARK}"
    marks = "".join(
        f'.chainrule-chart [style*="{how}: {INK.lower()}"]'
        f"{{{how}:var(--chainrule-chart-ink,{_INK_ON_LIGHT})!important}}"
        for how in ("fill", "stroke")
    )
    return (
        f"@media screen and (prefers-color-scheme:dark){{.chainrule-chart{{{dark}}}}}"
        f"@media screen{{:is({','.join(_DARK_PAGES)}) .chainrule-chart{{{dark}}}"
        f":is({','.join(_LIGHT_PAGES)}) .chainrule-chart{{--chainrule-chart-ink:initial}}{marks}}}"
    )


def _rounded(coordinates: re.Match[str]) -> str:
    """Return coordinates to a hundredth of a point, on one line."""
    text = _DECIMALS.sub(lambda number: f"{float(number[0]):.2f}", coordinates[0])
    return " ".join(text.split())
