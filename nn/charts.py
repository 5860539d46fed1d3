"""Charts: pictures of numbers, drawn by matplotlib when somebody asks to see them.

One look for all: ink on transparent ground, in colours that keep a contrast of 3 to 1 on white and
on dark pages; in SVG, text follows the page. A chart also says in words what it shows, which needs
no matplotlib. It knows nothing of what is drawn.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from html import escape
from typing import Any

from autograd.files import Path, replace_file
from autograd.installing import install
from autograd.streams import printed_anywhere
from nn.chart_svg import INK, for_pages
from nn.validation import describe, finite, row

# The hues of drawings (Okabe and Ito, 2008), at a lightness that light and dark pages share.
SERIES = ("#1C7FC0", "#CF5A14", "#0F8F68", "#A65C9B", "#94760A", "#75808C")
QUIET = "#9AA4AF"  # lines that may be overlooked: grids, axes, what is compared with

FORMATS = ("svg", "png", "pdf")


@printed_anywhere
class Chart:
    """A picture of numbers: drawn when it is shown or saved, and told in words by `print`.

    Args:
        draw: Draws on the empty `matplotlib.figure.Figure` that it is given.
        size: Width and height in inches.
        title: The line above it.
        text: What the picture says, in words and numbers.

    Raises:
        TypeError: If draw is not callable, or size not two numbers.
        ValueError: If size is not two positive numbers.

    Example:
        >>> chart = Chart(lambda figure: figure.add_subplot().plot([3, 1, 2]), text="3, 1, 2")
        >>> chart
        3, 1, 2
        >>> len(chart.figure.axes), chart.svg()[:5]  # doctest: +SKIP
        (1, '<svg ')
        >>> chart.save("numbers.png")  # doctest: +SKIP
    """

    def __init__(
        self,
        draw: Callable[[Any], Any],
        size: Sequence[float] = (6.4, 4.0),
        title: str | None = None,
        text: str = "",
    ) -> None:
        if not callable(draw):
            raise TypeError(f"draw must be a function of a figure, got {describe(draw)}")
        inches = [finite(side, f"size[{place}]") for place, side in enumerate(row(size, "size"))]
        if len(inches) != 2 or min(inches) <= 0:
            raise ValueError(f"size must be width and height in inches, got {size!r}")
        self.size = (inches[0], inches[1])
        self.title = title
        self.text = text
        self._draw = draw
        self._figure: Any = None

    @property
    def figure(self) -> Any:
        """The `matplotlib.figure.Figure`, drawn once; what is added to it is saved with it.

        It belongs to no window and no backend: `pyplot` does not know of it.

        Raises:
            ImportError: If matplotlib is not installed.
        """
        if self._figure is None:
            self._figure = self._drawn()
        return self._figure

    def save(self, path: Path, dpi: float = 200) -> None:
        """Write the picture in the format of the suffix, all at once or not at all.

        Args:
            path: The file: .svg, .png or .pdf.
            dpi: Of a PNG, the pixels per inch.

        Raises:
            ValueError: If the suffix is none of these.
            ImportError: If matplotlib is not installed.
            OSError: If the file cannot be written; what was there is still there.
        """
        name = os.fsdecode(path)
        suffix = os.path.splitext(name)[1].lower().lstrip(".")
        if suffix not in FORMATS:
            known = ", ".join(f".{known}" for known in FORMATS)
            raise ValueError(f"a chart is saved as one of {known}, got {name!r}")
        content = self.svg().encode() if suffix == "svg" else self._rendered(suffix, dpi)
        replace_file(name, content)

    def svg(self) -> str:
        """Return the picture as SVG: the same text every time, in colours that follow the page.

        Raises:
            ImportError: If matplotlib is not installed.
        """
        return for_pages(self._rendered("svg", 72).decode(), self.title or "chart", self.text)

    def _drawn(self) -> Any:
        matplotlib = _matplotlib()
        from matplotlib.figure import Figure

        with matplotlib.rc_context(_LOOK):
            figure = Figure(figsize=self.size, layout="constrained")
            if self.title:
                figure.suptitle(self.title, x=0.01, ha="left", fontsize=12, weight="bold")
            self._draw(figure)
        return figure

    def _rendered(self, suffix: str, dpi: float) -> bytes:
        # Every drawing of a figure moves its layout by a hair: what nobody has is drawn afresh.
        figure = self._drawn() if self._figure is None else self._figure
        metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(suffix)
        buffer = io.BytesIO()
        with _matplotlib().rc_context(_LOOK):
            figure.savefig(buffer, format=suffix, dpi=dpi, facecolor="none", metadata=metadata)
        return buffer.getvalue()

    def _repr_svg_(self) -> str | None:
        # A notebook without matplotlib shows the words.
        with suppress(ImportError):
            return self.svg()
        return None

    def _repr_html_(self) -> str:
        picture = self._repr_svg_()
        return f"<pre>{escape(repr(self))}</pre>" if picture is None else picture

    def __repr__(self) -> str:
        return "\n".join(filter(None, [self.title, self.text])) or "<Chart>"


def label_ends(axes: Any, ends: Iterable[tuple[float, float, str, str]]) -> None:
    """Write names beside the right ends of lines, in their colours, apart from each other.

    Args:
        axes: The `matplotlib.axes.Axes` with the lines, once nothing else is added to them.
        ends: For each line x and y of its end, the name and the colour.
    """
    figure, gap = axes.figure, 12.5  # points from one line of text to the next
    figure.draw_without_rendering()  # which settles where the axes are
    pixels = gap * figure.dpi / 72.0
    placed = sorted(
        (axes.transData.transform((x, y))[1], x, y, text, colour) for x, y, text, colour in ends
    )
    heights = _apart([height for height, *_ in placed], pixels)
    for height, (wanted, x, y, text, colour) in zip(heights, placed, strict=True):
        axes.annotate(
            text,
            (x, y),
            xytext=(5.0, (height - wanted) * 72.0 / figure.dpi),
            textcoords="offset points",
            color=colour,
            va="center",
            annotation_clip=False,
        )


def _apart(heights: Sequence[float], gap: float) -> list[float]:
    """Return sorted heights moved as little as it takes to be a gap apart: groups keep their means.

    Example:
        >>> _apart([0.0, 1.0, 9.0], 4.0)
        [-1.5, 2.5, 9.0]
    """
    groups: list[list[float]] = []  # of each the heights wanted
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and _bottom(groups[-1], gap) - _top(groups[-2], gap) < gap:
            last = groups.pop()
            groups[-1] += last
    return [_bottom(group, gap) + place * gap for group in groups for place in range(len(group))]


def _bottom(group: Sequence[float], gap: float) -> float:
    return sum(group) / len(group) - gap * (len(group) - 1) / 2.0


def _top(group: Sequence[float], gap: float) -> float:
    return _bottom(group, gap) + gap * (len(group) - 1)


def _matplotlib() -> Any:
    try:
        import matplotlib
    except ImportError as error:
        raise ImportError(
            "charts are drawn by matplotlib, which is not installed; to have it: "
            f"{install('plot')}; print(chart) says what the chart shows without it"
        ) from error
    return matplotlib


_LOOK: dict[str, Any] = {
    "figure.dpi": 72,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "font.family": ["DejaVu Sans"],  # comes with matplotlib, and has every sign of our formulas
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": "cycler('color', [{}])".format(", ".join(map(repr, SERIES))),
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": QUIET,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "svg.fonttype": "path",
    "svg.hashsalt": "chainrule",  # the same picture is the same text
}
