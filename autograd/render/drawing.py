"""`draw`: the graph of a value as a picture, in a notebook, in a file, with or without Graphviz."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograd import files
from autograd.name_search import resolved
from autograd.render.digraph import PictureDigraph
from autograd.render.formats import DOT_SUFFIXES, known_suffix, refuse_another_format
from autograd.render.graphviz_tools import BUILT_IN, DOT, GRAPHVIZ_PURE
from autograd.render.images import SCALE, ImagesMissing, pixels, png_bytes
from autograd.render.levels import AUTO, picture_of
from autograd.render.notebook import notebook_html
from autograd.render.page import page
from autograd.render.picture import Picture
from autograd.render.stepping import sweep_picture
from autograd.render.text_tree import text_tree
from autograd.render.trimming import checked_font_size, only_lit, with_costs
from autograd.render.writers import written
from autograd.selection import Value
from autograd.streams import for_stream, printed_anywhere
from autograd.sweeps import BackwardSteps

MAX_NODES = 500
# Of a PNG in a notebook, in pixels: larger ones take long, at every display.
_MOST_SHOWN = 2**22


def draw(
    output: Any,
    highlight: Any = None,
    *,
    level: str = AUTO,
    example: int | None = None,
    show: str = "numbers",
    only_paths: bool = False,
    costs: bool = False,
    step: int | None = None,
    font_size: float = Picture.font_size,
    narrow: bool = False,
    max_nodes: int = MAX_NODES,
    drawn_by: str | None = None,
    format: str = "svg",  # noqa: A002  (the name that graphviz.Digraph has)
) -> Drawing:
    """Draw the graph that computed `output`, from left to right.

    At the level of operations every value is a record `label | data | grad`, and every arrow
    carries its local derivative: the numbers multiply along a path and add over paths to exactly
    the gradient shown. At the level of neurons a network of `nn` is the textbook's figure: a circle
    for each unit with z, a and δ = ∂output/∂z, weights on the lines, one box for the loss; the
    examples of a batch are one figure. At the level of layers it is a box for each layer, loss or
    `group`, or for each stage of a graph without.

    Gradients are those of this output, computed afresh; they appear once `backward()` was called. A
    leaf whose `.grad` differs, since it keeps adding until `zero_grad()`, shows both.

    Args:
        output: The value on the right; or the steps of a sweep from it, as `backward_steps` returns
            them, perhaps in a wrong order, for the picture at one of them.
        highlight: A value or its name, or several: the paths from it to the output are coloured, a
            colour for each of the largest contributions, as wide as they are large, hollow where
            negative and dashed where nothing gets through; what several share says by how many.
        level: "operation", "neuron", "layer", or "auto": the finest that stays within 500 boxes and
            1,000 pixels, but for a network of `nn` its figure rather than its operations.
        example: At the level of neurons, the example whose numbers are shown, as its nodes have it
            in brackets: counted from 1; means over all examples otherwise.
        show: How the products below a figure of neurons are written: "numbers", "symbols", "both".
        only_paths: Leave out what is on no path of the highlight.
        costs: Say below how many multiplications the gradients of the highlight cost path by path,
            in forward mode and in reverse mode; without a highlight those of all parameters.
        step: Show the reverse sweep after so many steps: which gradients are complete, which have
            arrived in part, and what is handed on now. 0 is the beginning, -1 the last step.
        font_size: Of the text, in pixels; everything else grows with it.
        narrow: Lay it out for a column of 400 pixels: in more rows, and a circle holds only a.
        max_nodes: The largest graph to draw at the level of operations.
        drawn_by: `"dot"`, `"graphviz-pure"` or `"built-in"`. By default the built-in layout, which
            gives the same picture everywhere, unless you add statements of your own.
        format: What `render()` writes unless told otherwise; anything but svg, and with the extra
            `image` png and pdf, needs Graphviz.

    Returns:
        A picture in a notebook, and a tree of text in `print`. `save("x.svg")` writes it, by suffix
        also as png, pdf, tex, html, txt or dot. It is a `graphviz.Digraph` too: `render`, `pipe`
        and `view` use Graphviz.

    Raises:
        TypeError: If output or highlight is not a Value.
        LookupError: If the highlight is a name that no node has; see `find`.
        ValueError: If `level`, `show` or `drawn_by` is unknown, or the last does not go with
            `narrow`; if the graph cannot be drawn at the level: it has no units, or more than
            `max_nodes` nodes; if there is no such example. With `step`, also what `backward()`
            raises, and for a `highlight`.
        IndexError: If there is no such step.

    Example:
        >>> from autograd import Value
        >>> from autograd.render import draw
        >>> x = Value(3.0, label="x")
        >>> y = x * x; y.label = "y"; y.backward()
        >>> print(draw(y))
        y = *  data 9, grad 1
        ├─ n0: x  data 3, grad 6
        └─ x (see n0)
    """
    root = output.output if isinstance(output, BackwardSteps) else output
    _require_value("output", root)
    sources: Sequence[Any] | None = None
    if highlight is not None:
        listed = isinstance(highlight, Iterable) and not isinstance(highlight, (str, Value))
        sources = [resolved(root, one) for one in (highlight if listed else [highlight])]
        for source in sources:
            _require_value("highlight", source)
        sources = list(dict.fromkeys(sources))
    if drawn_by not in (None, DOT, GRAPHVIZ_PURE, BUILT_IN):
        raise ValueError(
            f"drawn_by must be {DOT!r}, {GRAPHVIZ_PURE!r}, {BUILT_IN!r} or None, not {drawn_by!r}"
        )
    if narrow and drawn_by not in (None, BUILT_IN):
        raise ValueError(f"narrow=True goes with the built-in layout, not with {drawn_by!r}")
    if step is not None or isinstance(output, BackwardSteps):
        if only_paths or costs or example is not None:
            raise ValueError("only_paths=, costs= and example= do not go with steps of a sweep")
        picture = sweep_picture(output, step, sources, level, max_nodes)
    else:
        picture = picture_of(output, sources or None, level, example, max_nodes, show, bool(narrow))
        if only_paths and not sources:
            raise ValueError("only_paths=True needs a highlight: whose paths are to be drawn?")
        picture = only_lit(picture) if only_paths else picture
        picture = with_costs(picture, output, sources or ()) if costs else picture
    picture = replace(picture, font_size=checked_font_size(font_size), narrow=bool(narrow))
    return Drawing(picture, drawn_by=drawn_by, format=format)


@printed_anywhere
class Drawing(PictureDigraph):
    """A picture of a graph: a `graphviz.Digraph` that is also drawn without Graphviz.

    The layout of our own was made for these graphs: an arrow for every operand, no label on an
    arrow. `save` writes it in any format. Statements added by the reader (`node`, `edge`, `attr`)
    are drawn by Graphviz only.

    Example:
        >>> import os, tempfile
        >>> from autograd import Value, draw
        >>> x = Value(3.0, label="x")
        >>> picture = draw(x * x, highlight=x)
        >>> print(picture.tree())
        *  data 9
        ├─ n0: x  data 3
        └─ x (see n0)
        >>> picture.caption[1]
        '2 paths from x to the output: multiply along a path, add over paths'
        >>> picture.svg()[:4], "<svg" in picture.html(), "tikzpicture" in picture.tex()
        ('<svg', True, True)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = picture.save(os.path.join(folder, "square.tex"))
        ...     _ = picture.save_svg(os.path.join(folder, "square.svg"))
        ...     _ = picture.save_html(os.path.join(folder, "square.html"))
        ...     sorted(os.listdir(folder))
        ['square.html', 'square.svg', 'square.tex']
    """

    _shown: tuple[str, bytes | None] | None = None  # an SVG, and its PNG for notebooks

    def __repr__(self) -> str:
        return f"<Drawing: {self._picture.title}>"

    def __str__(self) -> str:
        return self.tree()

    @property
    def caption(self) -> tuple[str, ...]:
        """The lines below the picture."""
        return tuple(for_stream(line.text) for line in self._picture.caption)

    def save(
        self,
        filename: Any = None,
        directory: Any = None,
        *,
        skip_existing: bool | None = False,
        scale: float = SCALE,
    ) -> str:
        """Write the picture in the format that the suffix tells, all at once or not at all.

        Every format shows the same layout: `.svg`, `.png` and `.pdf` (with the extra `image`),
        `.tex` (TikZ), `.html`, `.txt` (the tree) and `.dot` or `.gv` (the statements); and whatever
        a file in `render/writers` is named after.

        Args:
            filename: The file; without it the DOT text is written, as `graphviz.Digraph.save` does.
            directory: Where it is, if not here; made if it is not there.
            skip_existing: Leave a file that is there as it is.
            scale: How many pixels of a PNG are one of the picture, in each direction.

        Returns:
            The path written.

        Raises:
            DotMissing: If `drawn_by` named a program that is not installed.
            ImportError: If the extra `image` is needed and not installed.
            OSError: If the file cannot be written, or there is a folder, a pipe or a device; what
                was there is still there.
            ValueError: If the suffix is unknown, or the picture cannot be written so.
        """
        if filename is None and self.filename is None:
            return super().save(directory=directory, skip_existing=skip_existing)
        name = os.fsdecode(self.filename if filename is None else filename)
        # None is how `render` asks for its DOT text, which may have a name without a suffix.
        if skip_existing is None or known_suffix(name) in DOT_SUFFIXES:
            return super().save(filename, directory, skip_existing=skip_existing)
        path = os.path.join(os.fsdecode(directory or self.directory or ""), name)
        if not (skip_existing and os.path.exists(path)):
            content = self._content(known_suffix(name), scale)
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            files.replace_file(path, content)
        return path

    def _content(self, suffix: str, scale: float) -> bytes:
        if suffix == ".png":
            return self.png(scale=scale)
        if suffix == ".pdf":
            return self.pdf()
        if suffix == ".txt":
            return f"{text_tree(self._picture)}\n".encode()
        made = {".svg": self.svg, ".html": self.html, ".htm": self.html}.get(suffix)
        return (made() if made else self._written(suffix[1:])).encode("utf-8")

    def save_svg(self, path: files.Path) -> Path:
        """Write `svg()` to a file, all at once or not at all, and return its path.

        Raises:
            OSError: If the file cannot be written, or there is a folder, a pipe or a device; what
                was there is still there.
            ValueError: If the path is empty, or tells of another format.
        """
        return _written(path, self.svg(), "svg")

    def html(self) -> str:
        """Return one self-contained HTML page with the picture and the text tree."""
        return page(self._picture.title, self.svg(), text_tree(self._picture))

    def save_html(self, path: files.Path) -> Path:
        """Write `html()` to a file, all at once or not at all, and return its path.

        Raises:
            OSError, ValueError: As `save_svg`.
        """
        return _written(path, self.html(), "html")

    def tex(self) -> str:
        """Return the picture as a LaTeX document, drawn in TikZ with the layout of our own.

        Raises:
            ValueError: If it is larger than TeX can count, or has statements of the reader, which
                only Graphviz can draw.
        """
        return self._written("tex")

    def _written(self, form: str) -> str:
        if self._is_added_to():
            raise ValueError(
                "this drawing has statements of your own, which only Graphviz can draw; "
                "save it as svg, png or pdf"
            )
        return written(self._scene(), form)

    def tree(self) -> str:
        """Return the graph as a tree of text; what is used twice is printed once."""
        return for_stream(text_tree(self._picture))

    def _repr_image_svg_xml(self) -> str:
        return self.svg()

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, str]:
        shows: dict[str, Callable[[], str]] = {
            "text/html": self._in_a_notebook,
            "image/svg+xml": self._picture_or_fallback,
            "image/png": lambda: base64.b64encode(self._small_png() or b"").decode("ascii"),
            "text/plain": self.tree,
        }
        wanted = set(shows) if include is None else set(include)
        wanted -= set(exclude or ())
        return {kind: made for kind, show in shows.items() if kind in wanted and (made := show())}

    def _in_a_notebook(self) -> str:
        svg = self._picture_or_fallback()
        return notebook_html(svg, self._small_png(), text_tree(self._picture), self._picture.title)

    def _picture_or_fallback(self) -> str:
        try:
            return self.svg()
        except (RuntimeError, UnicodeDecodeError):
            # A display hook must show something, whatever program the reader asked for.
            return written(self._scene(), "svg")

    def _small_png(self) -> bytes | None:
        """A PNG for where SVG is not shown; none if the extra is missing or it would be large."""
        svg = self._picture_or_fallback()
        if self._shown is None or self._shown[0] != svg:
            self._shown = (svg, _png_to_show(svg))
        return self._shown[1]


def _png_to_show(svg: str) -> bytes | None:
    width, height = pixels(svg)
    if width * height > _MOST_SHOWN:
        return None
    try:
        return png_bytes(svg, 1.0 if 4.0 * width * height > _MOST_SHOWN else SCALE)
    except (ImagesMissing, RuntimeError):
        return None


def _written(path: files.Path, text: str, form: str) -> Path:
    refuse_another_format(path, form)
    files.replace_file(path, text.encode("utf-8"))
    return Path(os.fsdecode(path))


def _require_value(name: str, value: Any) -> None:
    if not isinstance(value, Value):
        raise TypeError(
            f"{name} must be a Value, not {type(value).__name__} {value!r:.80}; "
            "to draw several outputs, draw their sum or one of them"
        )
