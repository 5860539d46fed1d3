"""HTML for notebooks: a picture whose tooltips work, and what stands in for it if it is stripped.

A notebook that is not trusted keeps images and text and throws out style sheets and the elements of
SVG, but not the words in them. So the picture is hidden, and a style sheet shows it: without style
sheets, the stand-in is seen instead, and no heap of words.
"""

from __future__ import annotations

import base64
from html import escape

_SHEET = (
    ".chainrule-picture{display:block!important}.chainrule-picture+.chainrule-instead"
    "{display:none!important}"
)


def notebook_html(svg: str, png: bytes | None, tree: str, title: str) -> str:
    """Return the picture as HTML, with a PNG to stand in for it, or the tree if there is none.

    Example:
        >>> print(notebook_html("<svg></svg>", None, "a < b", "it"))
        <style>...</style>
        <div class="chainrule-picture" hidden><svg></svg></div>
        <pre class="chainrule-instead">a &lt; b</pre>
    """
    if png is None:
        instead = f'<pre class="chainrule-instead">{escape(tree)}</pre>'
    else:
        address = "data:image/png;base64," + base64.b64encode(png).decode("ascii")
        instead = (
            f'<img class="chainrule-instead" src="{address}" alt="{escape(title)}" '
            'style="max-width:100%">'
        )
    inline = svg[svg.index("<svg") :].rstrip()
    return (
        f'<style>{_SHEET}</style>\n<div class="chainrule-picture" hidden>{inline}</div>\n{instead}'
    )
