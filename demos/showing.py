"""What the demonstrations share, so that each can keep to its subject.

A demonstration tells its story in `main()`, and draws it in `picture()`. Its other functions return
what the story claims, for tests to compare with numbers found in other ways.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
# From a checkout that is not installed; an installed package comes first.
sys.path.append(str(HERE.parent))

# Only now can they be found.
from autograd.streams import for_stream  # noqa: E402
from nn.charts import INK, SERIES  # noqa: E402

NAMES = sorted(path.stem for path in HERE.glob("[0-9][0-9]_*.py"))


def run(
    main: Callable[..., object], picture: Callable[[], Any], arguments: Sequence[str] | None = None
) -> None:
    """Tell a demonstration on the command line, and save its picture.

    Args:
        main: Tells the story; one that writes files takes the folder for them.
        picture: Returns a drawing or a chart.
        arguments: Of the command line; those of this process, if not given.
    """
    module = sys.modules[main.__module__]
    told, _, rest = (module.__doc__ or "").partition("\n\n")
    name = Path(module.__file__ or "").stem
    parser = argparse.ArgumentParser(description=told)
    parser.add_argument("--output", type=Path, default=HERE / "output", help="folder for files")
    folder: Path = parser.parse_args(arguments).output
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # any console will do

    print(for_stream(f"{told}\n\n{rest.partition('    python')[0]}".strip()))
    folder.mkdir(parents=True, exist_ok=True)
    main(*[folder][: len(signature(main).parameters)])
    drawn = picture()
    try:
        drawn.save(folder / f"{name}.svg")
    except ImportError as error:
        print(f"\nno picture: {error}")
    else:
        print(f"\nwrote {folder / name}.svg")


def heading(text: str) -> None:
    """Print a line, and a line under it."""
    print(f"\n{for_stream(text)}\n{for_stream('─') * len(text)}")


def say(text: object) -> None:
    """Print a paragraph, a table, or anything that has words."""
    print("\n".join(f"  {line}".rstrip() for line in for_stream(str(text)).splitlines()))


def plane(axes: Any, probabilities: Callable[[list[list[float]]], Any], data: Any) -> None:
    """Draw what a model says of two classes over a plane, and the points that it learned from.

    Args:
        axes: Of matplotlib.
        probabilities: Returns for rows of two numbers the probability of the second class.
        data: The points, with their classes.
    """
    from matplotlib.colors import LinearSegmentedColormap

    margin, steps = 0.5, 40
    sides = [[min(c) - margin, max(c) + margin] for c in zip(*data.X, strict=True)]
    first, second = (
        [low + (high - low) * k / steps for k in range(steps + 1)] for low, high in sides
    )
    found = probabilities([[x, y] for y in second for x in first])
    grid = [found[start : start + steps + 1] for start in range(0, len(found), steps + 1)]
    colours = LinearSegmentedColormap.from_list("classes", [SERIES[0], "#B0B0B0", SERIES[1]])
    levels = [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0]
    axes.contourf(first, second, grid, levels, cmap=colours, alpha=0.45)
    axes.contour(first, second, grid, [0.5], colors=[INK], linewidths=1.2)
    for label in (0, 1):
        own = [row for row, y in zip(data.X, data.y, strict=True) if y == label]
        style = {"color": SERIES[label], "markeredgecolor": "white", "markeredgewidth": 0.6}
        axes.plot(*zip(*own, strict=True), "os"[label], markersize=5, **style)
    axes.grid(visible=False)
    axes.set(xlim=sides[0], ylim=sides[1], xlabel="x₁", ylabel="x₂")


def symbol(name: str) -> str:
    """Return the name of a weight as matplotlib sets it: w_11^(1) with its indices."""
    return f"${name.replace('_', '_{').replace('^', '}^{')}}}$"


def load(name: str) -> ModuleType:
    """Return a demonstration as a module; names that begin with a digit need this."""
    if str(HERE) not in sys.path:
        sys.path.append(str(HERE))
    return import_module(name)
