"""One HTML file around a drawing: opens anywhere, asks nothing of any server."""

from __future__ import annotations

from html import escape

from autograd.render import palette
from autograd.render.theme import style_sheet, variable

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{sheet}
body {{ margin: 1.5rem; font: 16px/1.5 system-ui, Helvetica, Arial, sans-serif; }}
h1 {{ font-size: 1.1rem; font-weight: 600; }}
figure {{ margin: 0; overflow-x: auto; }}
figure svg {{ display: block; }}
#fit:not(:checked) ~ figure svg {{ max-width: none !important; }}
#fit:checked ~ figure svg {{ max-width: 100%; height: auto; }}
pre {{ overflow-x: auto; font-size: 0.85rem; line-height: 1.35; }}
</style>
</head>
<body class="{name}">
<h1>{title}</h1>
<input type="checkbox" id="fit" checked> <label for="fit">fit to the width of the window</label>
<figure>
{svg}
</figure>
<details>
<summary>as text</summary>
<pre>{tree}</pre>
</details>
</body>
</html>
"""


def page(title: str, svg: str, tree: str) -> str:
    """Return an HTML document with the picture inline and the tree below it.

    Example:
        >>> page("a < b", "<svg></svg>", "a").count("a &lt; b")
        2
    """
    # A document type inside a page is an error, and names an address.
    inline = svg[svg.index("<svg") :]
    ground = f"&{{color:{variable(palette.INK)};background:{variable(palette.PAPER)}}}"
    name, sheet = style_sheet((palette.INK, palette.PAPER), [ground])
    return _PAGE.format(title=escape(title), svg=inline, tree=escape(tree), name=name, sheet=sheet)
