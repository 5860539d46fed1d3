"""Light and dark: the style sheet that lets a picture or table follow the page that shows it.

Every mark carries its light colour, which any renderer understands; in browsers each colour is
also a variable, `--chainrule-ink` and its like, that is another on dark ground. What a page says of
itself comes before what the reader's system prefers. On paper everything is light.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from autograd.render.palette import Colour

# How pages say it: JupyterLab, VS Code, documentation (Sphinx, Bootstrap) and Colab.
_DARK = (
    '[data-jp-theme-light="false"]',
    ".vscode-dark",
    ".vscode-high-contrast",
    '[data-theme="dark"]',
    '[data-bs-theme="dark"]',
    '[theme="dark"]',
)
_LIGHT = (
    '[data-jp-theme-light="true"]',
    ".vscode-light",
    ".vscode-high-contrast-light",
    '[data-theme="light"]',
    '[data-bs-theme="light"]',
    '[theme="light"]',
)


def variable(colour: Colour) -> str:
    """The colour as CSS.

    Example:
        >>> from autograd.render.palette import INK
        >>> variable(INK)
        'var(--chainrule-ink,#1F2933)'
    """
    return f"var(--chainrule-{colour.name},{colour})"


def style_sheet(colours: Iterable[Colour], rules: Iterable[str] = ()) -> tuple[str, str]:
    """Return a class, and a style sheet that touches nothing but what has this class.

    The class follows from the sheet: pictures on one page share it where they agree.

    Args:
        colours: Those used.
        rules: More of the sheet; `&` stands for the class.
    """
    known = sorted({(colour.name, str(colour), colour.dark): colour for colour in colours}.values())
    dark = "".join(f"--chainrule-{colour.name}:{colour.dark};" for colour in known)
    light = "".join(f"--chainrule-{colour.name}:initial;" for colour in known)
    # Renderers that know no variables skip what is for the screen.
    sheet = "\n".join(
        [
            f"@media screen and (prefers-color-scheme:dark){{&{{{dark}}}}}",
            f"@media screen{{{_within(_DARK)}{{{dark}}}",
            f"{_within(_LIGHT)}{{{light}}}",
            *rules,
            "}",
        ]
    )
    name = "chainrule-" + hashlib.sha256(sheet.encode()).hexdigest()[:8]
    return name, sheet.replace("&", f".{name}")


def painted(colours: Iterable[Colour], marks: str) -> list[str]:
    """Rules for marks of SVG: what has a colour as an attribute takes its variable instead."""
    return [
        f'& [{how}="{colour}"]{{{how}:{variable(colour)}}}'
        for colour in sorted(set(colours))
        for how in ("fill", "stroke")
        if f'{how}="{colour}"' in marks
    ]


def _within(pages: Iterable[str]) -> str:
    return f":is({','.join(pages)}) &"
