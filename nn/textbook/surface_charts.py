"""Drawings of a loss over two weights: from above, and as a relief. Knows numbers only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

from nn.chart_svg import INK
from nn.charts import QUIET, SERIES

_LINES = 14
_TRACES = (SERIES[1], SERIES[2], SERIES[3], SERIES[4], SERIES[5], SERIES[0])


class Surface(Protocol):
    """What is drawn: see `LossSurface`."""

    names: tuple[str, str]
    w1: list[float]
    w2: list[float]
    values: list[list[float]]
    present: tuple[float, float, float]
    trajectories: dict[str, list[tuple[float, float]]]


def contour_drawing(surface: Any, figure: Any) -> None:
    """Draw the surface from above: the paler, the lower."""
    levels, axes = contour_levels(surface.values), figure.add_subplot()
    colours, norm = _colours(levels)
    bands = axes.contourf(
        surface.w1, surface.w2, surface.values, levels, cmap=colours, norm=norm, extend="both"
    )
    axes.contour(surface.w1, surface.w2, surface.values, levels, colors=[INK], linewidths=0.4)
    axes.grid(visible=False)
    bar = figure.colorbar(bands, ax=axes, ticks=levels[::3], format="%.3g", pad=0.02)
    bar.outline.set_visible(False)
    bar.set_label("L")
    axes.set_xlabel(_math(surface.names[0]))
    axes.set_ylabel(_math(surface.names[1]))
    axes.set_xlim(surface.w1[0], surface.w1[-1])
    axes.set_ylim(surface.w2[0], surface.w2[-1])
    if not surface.trajectories:
        axes.plot(*surface.present[:2], marker="o", color=SERIES[1], markeredgecolor="white")
    for (name, way), colour in zip(surface.trajectories.items(), _TRACES * 9, strict=False):
        axes.plot(*_columns(way), color=colour, marker=".", markersize=3, linewidth=1.6)
        axes.plot(*way[0], marker="o", color=INK, markersize=5)
        axes.plot(*way[-1], marker="*", color=colour, markersize=11, markeredgecolor="white")
        axes.plot([], [], color=colour, marker="*", label=name)
    if surface.trajectories:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=4, fontsize=9)


def height_drawing(surface: Any, figure: Any) -> None:
    """Draw the surface as a relief."""
    import numpy

    levels = contour_levels(surface.values)
    colours, norm = _colours(levels)
    axes = figure.add_subplot(projection="3d", computed_zorder=False)
    heights = numpy.clip(numpy.array(surface.values), None, levels[-1])
    grid: list[Any] = list(numpy.meshgrid(surface.w1, surface.w2))
    axes.plot_surface(
        *grid, heights, cmap=colours, norm=norm, edgecolor=INK, linewidth=0.15, rcount=31, ccount=31
    )
    for way, colour in zip(surface.trajectories.values(), _TRACES * 9, strict=False):
        on_it = [(*point, _height(surface, heights, point)) for point in way]
        axes.plot(*_columns(on_it), color=colour, linewidth=1.8)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color((0.0, 0.0, 0.0, 0.0))
        axis.line.set_color(QUIET)
    axes.grid(visible=False)
    axes.tick_params(labelsize=8, pad=-1)
    axes.set_xlabel(_math(surface.names[0]), labelpad=-2)
    axes.set_ylabel(_math(surface.names[1]), labelpad=-2)
    axes.set_zlabel("L", labelpad=-2)
    axes.view_init(elev=38, azim=-60)
    axes.set_box_aspect(None, zoom=0.92)


def contour_levels(values: Sequence[Sequence[float]]) -> list[float]:
    """Return the heights of contour lines, at equal distances or, over a wide range, ratios.

    The highest twentieth of the grid does not count: one steep corner would leave no line below.

    Example:
        >>> contour_levels([[0.0, 13.0]])[:3]
        [0.0, 1.0, 2.0]
    """
    known = sorted(number for line in values for number in line if math.isfinite(number))
    low, high = known[0], known[-1 - len(known) // 20]
    if not high > low:
        low, high = low - 0.5, low + 0.5
    shares = [place / (_LINES - 1) for place in range(_LINES)]
    if low > 0.0 and high > 20.0 * low:
        return [low * (high / low) ** share for share in shares]
    return [low + (high - low) * share for share in shares]


def _colours(levels: Sequence[float]) -> tuple[Any, Any]:
    from matplotlib import colormaps
    from matplotlib.colors import BoundaryNorm, ListedColormap

    shades = colormaps["Blues"]
    count = len(levels) + 1
    listed = ListedColormap([shades(0.04 + 0.66 * place / count) for place in range(count)])
    return listed, BoundaryNorm(levels, count, extend="both")


def _height(surface: Any, heights: Any, point: Sequence[float]) -> float:
    """Return the height of the grid point that is nearest, a little above it to be seen."""
    i, j = (
        min(range(len(values)), key=lambda place: abs(values[place] - number))
        for values, number in zip((surface.w1, surface.w2), point, strict=True)
    )
    return float(heights[j][i])


def _columns(points: Sequence[Sequence[float]]) -> list[list[float]]:
    return [list(column) for column in zip(*points, strict=True)]


def _math(name: str) -> str:
    """Return a label in the notation of `nn` as matplotlib sets it: w_11^(1) with its indices."""
    head, _, layer = name.partition("^")
    symbol, _, index = head.partition("_")
    if not symbol.isalpha():
        return name
    return f"${symbol}{f'_{{{index}}}' if index else ''}{f'^{{{layer}}}' if layer else ''}$"
