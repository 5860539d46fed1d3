"""The `graphviz.Digraph` that a drawing is: its statements, and the ways by which Graphviz writes.

`source`, `render`, `pipe` and `view` are Graphviz's, for those who know them. They use Graphviz's
layout where `dot` is installed. No way writes one format into a file whose name tells of another.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import graphviz

from autograd import files
from autograd.render import dot_source
from autograd.render.formats import DOT_SUFFIXES, refuse_another_format, suffix_of
from autograd.render.graphviz_tools import (
    BUILT_IN,
    DOT,
    GRAPHVIZ_PURE,
    HURRY_SECONDS,
    DotMissing,
    find_program,
    run_program,
)
from autograd.render.images import SCALE, ImagesMissing, pdf_bytes, png_bytes
from autograd.render.levels import scene_of
from autograd.render.picture import Picture
from autograd.render.scene import Scene
from autograd.render.writers import written


class PictureDigraph(graphviz.Digraph):  # type: ignore[misc]
    """A picture as statements in DOT, and as drawn by the layout of our own or by a program."""

    def __init__(
        self, picture: Picture, *, drawn_by: str | None = None, **graphviz_options: Any
    ) -> None:
        fresh = "body" not in graphviz_options
        super().__init__(**graphviz_options)
        self._picture = picture
        self._wanted = drawn_by
        self._drawn: tuple[str, str, str] | None = None
        self._laid_out: Scene | None = None
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

    @property
    def drawn_by(self) -> str:
        """What draws the SVG here: `"dot"`, `"graphviz-pure"` or `"built-in"`."""
        return self._draw()[0]

    def svg(self) -> str:
        """Return the picture as SVG; the built-in layout draws it where Graphviz cannot.

        It is as wide as what it stands in, at most, and dark on a dark page. Its colours are
        variables of CSS, `--chainrule-ink` and its like, which a page may set.

        Raises:
            DotMissing: If `drawn_by` named a program that is not installed.
        """
        return self._draw()[1]

    def png(self, *, scale: float = SCALE) -> bytes:
        """Return the picture of `svg()`, in its light colours, as a PNG.

        Args:
            scale: How many pixels of the PNG are one of the picture, in each direction.

        Raises:
            ImportError: If the extra `image` is not installed; it says how to.
            TypeError: If the scale is no number.
            ValueError: If the scale is not positive, or makes more than 268 million pixels.
        """
        return png_bytes(self.svg(), scale, self._picture.title)

    def pdf(self) -> bytes:
        """Return the picture of `svg()`, in its light colours, as a PDF of one page.

        Raises:
            ImportError: If the extra `image` is not installed; it says how to.
        """
        return pdf_bytes(self.svg(), self._picture.title)

    def _scene(self) -> Scene:
        """The layout of our own."""
        if self._laid_out is None:
            self._laid_out = scene_of(self._picture)
        return self._laid_out

    def _is_added_to(self) -> bool:
        """Whether the reader has added to the statements, which only Graphviz can draw."""
        return bool(self.source != PictureDigraph(self._picture).source)

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
        added_to = self._wanted is None and self._is_added_to()
        for name in (DOT, GRAPHVIZ_PURE) if added_to else ():
            program = find_program(name)
            if program is not None:
                # A program that fails here must not cost the reader the picture.
                with suppress(RuntimeError, UnicodeDecodeError):
                    drawn = run_program(program, layout, "svg", source, HURRY_SECONDS)
                    return name, drawn.decode("utf-8")
        return BUILT_IN, written(self._scene(), "svg")

    def save(
        self, filename: Any = None, directory: Any = None, *, skip_existing: bool | None = None
    ) -> str:
        """Write the DOT text, as `graphviz.Digraph.save`, all at once or not at all."""
        if filename is not None:
            self.filename = os.fsdecode(filename)
        if directory is not None:
            self.directory = os.fsdecode(directory)
        path: str = self.filepath
        refuse_another_format(path, DOT)
        if not (skip_existing and os.path.exists(path)):
            self._mkdirs(path)
            files.replace_file(path, "".join(self).encode(self.encoding))
        return path

    def pipe(self, format: str | None = None, **options: Any) -> Any:  # noqa: A002
        """As `graphviz.Digraph.pipe`, with the layout of Graphviz where `dot` is installed.

        Without it, SVG has the layout of our own, and with the extra `image` PNG and PDF too.

        Raises:
            DotMissing: If there is nothing that makes the format.
        """
        if find_program(DOT) is not None:
            return super().pipe(format, **options)
        encoding = options.get("encoding")
        drawn = self._without_dot(format or self.format)
        return drawn if encoding is None else drawn.decode(encoding)

    def render(self, filename: Any = None, directory: Any = None, **options: Any) -> str:
        """As `graphviz.Digraph.render`, with the layout of Graphviz where `dot` is installed.

        It writes the DOT text to `filename` and the picture to `filename` and a suffix, or to
        `outfile`. `save` writes a picture alone, with the same layout everywhere.

        Raises:
            DotMissing: If there is nothing that makes the format.
            ValueError: If the name of a file to be written tells of another format.
        """
        outfile = options.get("outfile")
        form = options.get("format")
        if outfile is None:
            refuse_another_format(self.filename if filename is None else filename, DOT)
        else:
            refuse_another_format(outfile, form or suffix_of(outfile)[1:] or self.format, True)
        if find_program(DOT) is not None:
            return str(super().render(filename, directory=directory, **options))
        form = form or (suffix_of(outfile)[1:] if outfile is not None else "") or self.format
        drawn = self._without_dot(form)
        if outfile is not None:
            target = Path(directory or self.directory or "", outfile)
            target.parent.mkdir(parents=True, exist_ok=True)
        else:
            source = PictureDigraph.save(self, filename, directory=directory)
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
        if f".{form}" in DOT_SUFFIXES:
            return str(self.source).encode("utf-8")
        program = find_program(GRAPHVIZ_PURE)
        if program is not None:
            return run_program(program, self.engine or DOT, form, self.source)
        make = {"png": self.png, "pdf": self.pdf}.get(form)
        if make is None:
            raise DotMissing(form)
        try:
            return make()
        except ImagesMissing as error:
            raise DotMissing(form) from error
