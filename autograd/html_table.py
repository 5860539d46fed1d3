"""Tables for notebooks, in the colours of the page: light or dark. Knows text only."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any

# By hand, since every program imports this file, and most never show a table: `html.escape` and the
# functions of `lettering` would cost each of them an import.
_SIGNS = {
    **dict.fromkeys([*range(32), *range(127, 160)], "\ufffd"),
    **dict.fromkeys(map(ord, "\t\n\r"), " "),
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
}


def html_table(
    title: str,
    header: Iterable[str],
    rows: Iterable[Sequence[str]],
    notes: Iterable[str] = (),
    *,
    left: Container[int] | None = None,
    colours: Iterable[str] = (),
) -> str:
    """Return a table as HTML; every text is a text, whatever signs are in it.

    Args:
        title: The line above it; may be empty.
        header: The names of the columns; none for a table without a head.
        rows: As many texts each; a single one goes across all columns.
        notes: Lines below it.
        left: The columns of words, aligned on the left, others on the right; as the page does, if
            not given.
        colours: Of the last text of each row, which is bold then.

    Example:
        >>> html_table("", ("a < b",), [("1",)])
        '<table><thead><tr><th>a &lt; b</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>'
    """
    names, lines = list(header), list(rows)
    width = max([len(names), *map(len, lines)], default=0)
    names += [""] * (width - len(names)) if names else []
    caption = f"<caption>{_escaped(title)}</caption>" if title else ""
    head = f"<thead>{_row('th', names, width, left)}</thead>" if names else ""
    marks = [*colours, *[""] * len(lines)]
    body = "".join(
        _row("td", row, width, left, colour) for row, colour in zip(lines, marks, strict=False)
    )
    below = "".join(f"<p>{_escaped(note)}</p>" for note in notes)
    return f"<table>{caption}{head}<tbody>{body}</tbody></table>{below}"


def _row(
    tag: str, cells: Sequence[str], width: int, left: Container[int] | None, colour: str = ""
) -> str:
    if len(cells) == 1 < width:
        return f'<tr><{tag} colspan="{width}">{_escaped(cells[0])}</{tag}></tr>'
    parts = []
    for place, cell in enumerate(cells):
        styles = [] if left is None else [f"text-align: {'left' if place in left else 'right'}"]
        text = _escaped(cell)
        if colour and place == len(cells) - 1:
            styles.append(f"color: {colour}")
            text = f"<b>{text}</b>"
        style = f' style="{"; ".join(styles)}"' if styles else ""
        parts.append(f"<{tag}{style}>{text}</{tag}>")
    return f"<tr>{''.join(parts)}</tr>"


def html_text(text: str) -> str:
    """Return lines of text as HTML, set as they are.

    Example:
        >>> html_text("a < b")
        '<pre>a &lt; b</pre>'
    """
    return f"<pre>{chr(10).join(map(_escaped, text.splitlines()))}</pre>"


def value_html(node: Any) -> str:
    """Return a node as a table: what it is called, its number, its gradient, its operation.

    Example:
        >>> from autograd import Value
        >>> value_html(Value(3.0, label="x")).count("<td>")
        4
    """
    gradient = "" if node.is_constant else repr(node.grad)
    kind = "constant" if node.is_constant and not node.parents else node.op or "leaf"
    cells = (node.label, repr(node.data), gradient, kind)
    return html_table("", ("label", "data", "grad", "op"), [cells])


def _escaped(text: str) -> str:
    # Half a character can be written in no file.
    return text.encode("utf-8", "replace").decode("utf-8").translate(_SIGNS)
