"""`draw`: the graph of a value as a picture, in a notebook, in a file, with or without Graphviz."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import graphviz  # type: ignore[import-untyped]

from autograd import files
from autograd.render import dot_source
from autograd.render.graphviz_tools import (
    BUILT_IN,
    DOT,
    GRAPHVIZ_PURE,
    HURRY_SECONDS,
    DotMissing,
    find_program,
    run_program,
)
from autograd.render.levels import AUTO, picture_of, scene_of
from autograd.render.page import page
from autograd.render.picture import Picture
from autograd.render.stepping import sweep_picture
from autograd.render.svg import svg_text
from autograd.render.text_tree import text_tree
from autograd.selection import Value
from autograd.sweeps import BackwardSteps

MAX_NODES = 500


def draw(
    output: Any,
    highlight: Any = None,
    *,
    level: str = AUTO,
    example: int | None = None,
    show: str = "numbers",
    step: int | None = None,
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
        highlight: A value, or several: the paths from it to the output are coloured, a colour for
            each of the largest contributions, as wide as they are large, hollow where negative and
            dashed where nothing gets through; what several share says by how many.
        level: "operation", "neuron", "layer", or "auto": the finest that stays within 500 boxes and
            1,000 pixels.
        example: At the level of neurons, the example whose numbers are shown, counted from 0;
            means over all examples otherwise.
        show: How the products below a figure of neurons are written: "numbers", "symbols", "both".
        step: Show the reverse sweep after so many steps: which gradients are complete, which have
            arrived in part, and what is handed on now. 0 is the beginning, -1 the last step.
        max_nodes: The largest graph to draw at the level of operations.
        drawn_by: `"dot"`, `"graphviz-pure"` or `"built-in"`. By default the built-in layout, which
            gives the same picture everywhere, unless you add statements of your own.
        format: What `render()` writes unless told otherwise; anything but svg needs Graphviz.

    Returns:
        A `graphviz.Digraph` with `svg()`, `html()`, `tree()`, `save_svg()` and `save_html()`, which
        need no program to be installed.

    Raises:
        TypeError: If output or highlight is not a Value.
        ValueError: If `level`, `show` or `drawn_by` is unknown, or the graph cannot be drawn at the
            level: it has no units, or more than `max_nodes` nodes; if there is no such example.
            With `step`, also what `backward()` raises, and for a `highlight`.
        IndexError: If there is no such step.

    Example:
        >>> from autograd import Value
        >>> from autograd.render import draw
        >>> x = Value(3.0, label="x")
        >>> y = x * x; y.label = "y"; y.backward()
        >>> print(draw(y).tree())
        y = *  data 9, grad 1
        ├─ n0: x  data 3, grad 6
        └─ x (see n0)
    """
    _require_value("output", output.output if isinstance(output, BackwardSteps) else output)
    sources: Sequence[Any] | None = None
    if highlight is not None:
        listed = isinstance(highlight, Iterable) and not isinstance(highlight, Value)
        sources = list(highlight) if listed else [highlight]
        for source in sources:
            _require_value("highlight", source)
        sources = list(dict.fromkeys(sources))
    if drawn_by not in (None, DOT, GRAPHVIZ_PURE, BUILT_IN):
        raise ValueError(
            f"drawn_by must be {DOT!r}, {GRAPHVIZ_PURE!r}, {BUILT_IN!r} or None, not {drawn_by!r}"
        )
    if step is not None or isinstance(output, BackwardSteps):
        picture = sweep_picture(output, step, sources, level, max_nodes)
    else:
        picture = picture_of(output, sources or None, level, example, max_nodes, show)
    return Drawing(picture, drawn_by=drawn_by, format=format)


class Drawing(graphviz.Digraph):  # type: ignore[misc]
    """A picture of a graph: a `graphviz.Digraph` that is also drawn without Graphviz.

    The layout of our own was made for these graphs: an arrow for every operand, no label on an
    arrow. Statements added by the reader (`node`, `edge`, `attr`) are drawn by Graphviz only.
    """

    def __init__(
        self, picture: Picture, *, drawn_by: str | None = None, **graphviz_options: Any
    ) -> None:
        fresh = "body" not in graphviz_options
        super().__init__(**graphviz_options)
        self._picture = picture
        self._wanted = drawn_by
        self._drawn: tuple[str, str, str] | None = None
        if fresh:
            self._write_statements()

    def _write_statements(self) -> None:
        self.graph_attr |= dot_source.GRAPH_ATTRIBUTES
        self.graph_attr["tooltip"] = dot_source.escape_label(self._picture.title)
        if self._picture.caption:
            self.graph_attr["label"] = dot_source.caption_label(self._picture.caption)
        self.node_attr |= dot_source.NODE_ATTRIBUTES
        self.edge_attr |= dot_source.EDGE_ATTRIBUTES
        for name, attributes in dot_source.node_statements(self._picture):
            self.node(name, **attributes)
        for tail, head, attributes in dot_source.edge_statements(self._picture):
            self.edge(tail, head, **attributes)

    def _copy_kwargs(self, **options: Any) -> dict[str, Any]:
        copied: dict[str, Any] = super()._copy_kwargs(**options)
        return {**copied, "picture": self._picture, "drawn_by": self._wanted}

    def __repr__(self) -> str:
        return f"<Drawing: {self._picture.title}>"

    @property
    def drawn_by(self) -> str:
        """What draws the SVG here: `"dot"`, `"graphviz-pure"` or `"built-in"`."""
        return self._draw()[0]

    @property
    def caption(self) -> tuple[str, ...]:
        """The lines below the picture."""
        return tuple(line.text for line in self._picture.caption)

    def svg(self) -> str:
        """Return the picture as SVG; the built-in layout draws it where Graphviz cannot.

        Raises:
            DotMissing: If `drawn_by` named a program that is not installed.
        """
        return self._draw()[1]

    def _draw(self) -> tuple[str, str]:
        source = self.source
        if self._drawn is None or self._drawn[0] != source:
            self._drawn = (source, *self._draw_afresh(source))
        return self._drawn[1:]

    def _draw_afresh(self, source: str) -> tuple[str, str]:
        layout = self.engine or DOT
        if self._wanted in (DOT, GRAPHVIZ_PURE):
            program = find_program(self._wanted)
            if program is None:
                raise DotMissing("svg", self._wanted)
            return self._wanted, run_program(program, layout, "svg", source).decode("utf-8")
        # Only Graphviz can draw what the reader has added to the statements.
        added_to = self._wanted is None and source != Drawing(self._picture).source
        for name in (DOT, GRAPHVIZ_PURE) if added_to else ():
            program = find_program(name)
            if program is not None:
                # A program that fails here must not cost the reader the picture.
                with suppress(RuntimeError, UnicodeDecodeError):
                    drawn = run_program(program, layout, "svg", source, HURRY_SECONDS)
                    return name, drawn.decode("utf-8")
        return BUILT_IN, svg_text(scene_of(self._picture))

    def save_svg(self, path: files.Path) -> Path:
        """Write `svg()` to a file, all at once or not at all, and return its path.

        Raises:
            OSError: If the file cannot be written, or there is a folder, a pipe or a device; what
                was there is still there.
            ValueError: If the path is empty.
        """
        return _written(path, self.svg())

    def html(self) -> str:
        """Return one self-contained HTML page with the picture and the text tree."""
        return page(self._picture.title, self.svg(), self.tree())

    def save_html(self, path: files.Path) -> Path:
        """Write `html()` to a file, all at once or not at all, and return its path.

        Raises:
            OSError: As `save_svg`.
            ValueError: As `save_svg`.
        """
        return _written(path, self.html())

    def save(
        self, filename: Any = None, directory: Any = None, *, skip_existing: bool | None = False
    ) -> str:
        """As `graphviz.Digraph.save`, all at once or not at all."""
        if filename is not None:
            self.filename = os.fsdecode(filename)
        if directory is not None:
            self.directory = os.fsdecode(directory)
        path: str = self.filepath
        if not (skip_existing and os.path.exists(path)):
            self._mkdirs(path)
            files.replace_file(path, "".join(self).encode(self.encoding))
        return path

    def tree(self) -> str:
        """Return the graph as a tree of text; what is used twice is printed once."""
        return text_tree(self._picture)

    def pipe(self, format: str | None = None, **options: Any) -> Any:  # noqa: A002
        """As `graphviz.Digraph.pipe`; SVG also without Graphviz.

        Raises:
            DotMissing: If another format than SVG is asked for and Graphviz is not installed.
        """
        if find_program(DOT) is not None:
            return super().pipe(format, **options)
        encoding = options.get("encoding")
        drawn = self._without_dot(format or self.format)
        return drawn if encoding is None else drawn.decode(encoding)

    def render(self, filename: Any = None, directory: Any = None, **options: Any) -> str:
        """As `graphviz.Digraph.render`; SVG also without Graphviz.

        Raises:
            DotMissing: If another format than SVG is asked for and Graphviz is not installed.
        """
        if find_program(DOT) is not None:
            return str(super().render(filename, directory=directory, **options))
        outfile = options.get("outfile")
        suffix = Path(outfile).suffix.lstrip(".") if outfile is not None else None
        form = options.get("format") or suffix or self.format
        drawn = self._without_dot(form)
        if outfile is not None:
            target = Path(directory or self.directory or "", outfile)
            target.parent.mkdir(parents=True, exist_ok=True)
        else:
            source = self.save(filename, directory=directory)
            target = Path(f"{source}.{form}")
            if options.get("cleanup"):
                os.remove(source)
        files.replace_file(target, drawn)
        if options.get("view") or options.get("quiet_view"):
            self._view(str(target), format=form, quiet=bool(options.get("quiet_view")))
        return str(target)

    def _render(self, engine: str, form: str, source: Any, **options: Any) -> str:
        """As graphviz does it, but what was there stays until all is drawn."""
        outfile = options.pop("outfile", None)
        ends = [options.get("formatter"), options.get("renderer"), form]
        target = Path(outfile or f"{source}.{'.'.join([end for end in ends if end])}")
        if options.pop("raise_if_result_exists", False) and target.exists():
            raise graphviz.FileExistsError(f"output file exists: {str(target)!r}")
        is_source = os.path.realpath(target) == os.path.realpath(source)
        if not options.pop("overwrite_filepath", False) and is_source:
            raise ValueError(f"outfile {target.name!r} must be different from the source file")
        with files.replacing(target, f".part.{form}") as temporary:
            super()._render(engine, form, source, outfile=temporary, **options)
        return str(target)

    def _without_dot(self, form: str) -> bytes:
        if form == "svg":
            return self.svg().encode("utf-8")
        program = find_program(GRAPHVIZ_PURE)
        if program is None:
            raise DotMissing(form)
        return run_program(program, self.engine or DOT, form, self.source)

    def _repr_image_svg_xml(self) -> str:
        return self.svg()

    def _repr_mimebundle_(
        self,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        **_: Any,
    ) -> dict[str, str]:
        wanted = {"image/svg+xml", "text/plain"} if include is None else set(include)
        wanted -= set(exclude or ())
        shows = {"image/svg+xml": self._picture_or_fallback, "text/plain": self.tree}
        return {kind: show() for kind, show in shows.items() if kind in wanted}

    def _picture_or_fallback(self) -> str:
        try:
            return self.svg()
        except (RuntimeError, UnicodeDecodeError):
            # A display hook must show something, whatever program the reader asked for.
            return svg_text(scene_of(self._picture))


def _written(path: files.Path, text: str) -> Path:
    files.replace_file(path, text.encode("utf-8"))
    return Path(os.fsdecode(path))


def _require_value(name: str, value: Any) -> None:
    if not isinstance(value, Value):
        raise TypeError(
            f"{name} must be a Value, not {type(value).__name__} {value!r:.80}; "
            "to draw several outputs, draw their sum or one of them"
        )
