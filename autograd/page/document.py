"""The HTML file: what it may do, what it carries, what it shows before its script has run.

Its Content-Security-Policy allows its own script and style sheet, told by their hashes, and nothing
else: no request, no other code, whatever stands in a label.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from html import escape
from typing import Any

from autograd.render import palette
from autograd.render.palette import Colour

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {script_hash}; \
style-src {style_hash}; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<noscript><p>This page computes: it needs JavaScript, which is switched off here.</p></noscript>
<div id="page"></div>
<script type="application/json" id="model">{model}</script>
<script type="module">{script}</script>
</body>
</html>
"""
_COLOURS = [*palette.PATHS] + [
    colour for name, colour in sorted(vars(palette).items())
    if isinstance(colour, Colour) and name not in ("MANY_PATHS", "COMPUTED_FILL")
]  # fmt: skip


def document(title: str, model: Any, script: str, style: str) -> str:
    """Return the page.

    Args:
        title: Of the window.
        model: What the script reads: anything that JSON can hold.
        script: One ES module.
        style: A style sheet that takes colours from variables.

    Example:
        >>> page = document("a < b", {"label": "</script>"}, "1;", "")
        >>> page.count("</script>"), "a &lt; b" in page
        (2, True)
    """
    style = _variables(_COLOURS) + style
    return _PAGE.format(
        title=escape(title),
        script_hash=_hash_of(script),
        style_hash=_hash_of(style),
        style=style,
        model=inert_json(model),
        script=script,
    )


def inert_json(thing: Any) -> str:
    r"""Return JSON that stays text wherever in a page it stands.

    Example:
        >>> inert_json({"label": "</script><!--"})
        '{"label":"\\u003c/script>\\u003c!--"}'
    """
    text = json.dumps(thing, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in ("<", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode("utf-8", "replace").decode("utf-8")


def _hash_of(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _variables(colours: Iterable[Colour]) -> str:
    """The palette as variables; what is dark follows the reader's system."""
    known = {colour.name: colour for colour in colours}.values()
    light = "".join(f"--{colour.name}:{colour};" for colour in known)
    dark = "".join(f"--{colour.name}:{colour.dark};" for colour in known)
    return (
        f":root{{color-scheme:light dark;{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    )
