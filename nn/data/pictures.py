"""Pictures of datasets: two features against each other, or one against what it predicts."""

from __future__ import annotations

import math
from operator import mul
from statistics import fmean
from typing import Any

from nn.charts import SERIES, Chart
from nn.data.columns import Labelled, mean_and_deviation
from nn.tables import short_number
from nn.validation import describe, integer

_MARKS = "os^Dvph*X"  # classes differ by shape, too
_SMALLEST, _LARGEST = 8.0, 28.0  # area of a mark, in square points


def picture(data: Labelled, x: str | int | None, y: str | int | None) -> Chart:
    """Return a chart of a dataset; see `Dataset.chart`."""
    if isinstance(data.y[0], (list, tuple)):
        raise ValueError("y has several numbers a row; draw a dataset with one of them")
    right, up = _chosen(data, x, y)
    names = [data.features[right], "y" if up is None else data.features[up]]
    text = [f"{names[0]} and {names[1]}:"]
    groups = _groups(data)
    width = max(map(len, groups), default=0)
    for name, rows in groups.items():
        means = [fmean(_column(data, place, rows)) for place in (right, up)]
        told = " and ".join(map(short_number, means))
        plural = "row " if len(rows) == 1 else "rows"
        text.append(f"{name:{width}}  {len(rows)} {plural}, means {told}".lstrip())

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        area = min(_LARGEST, max(_SMALLEST, 4000.0 / len(data)))
        for number, (name, rows) in enumerate(groups.items()):
            columns = _column(data, right, rows), _column(data, up, rows)
            look = {"s": area, "marker": _MARKS[number % len(_MARKS)], "linewidths": 0.0}
            if data.counts is None and up is not None:
                dots = axes.scatter(*columns, c=data.y, cmap="viridis", **look)
                figure.colorbar(dots, ax=axes, label="y")
            else:
                axes.scatter(*columns, color=SERIES[number % len(SERIES)], label=name, **look)
        axes.set_xlabel(names[0])
        axes.set_ylabel(names[1])
        if up is not None and len(data.features) == 2:
            axes.set_aspect("equal", adjustable="datalim")
        if len(groups) > 1:
            figure.legend(loc="outside right center", frameon=False)

    return Chart(draw, title=data.shape_text, text="\n".join(text))


def _chosen(data: Labelled, x: str | int | None, y: str | int | None) -> tuple[int, int | None]:
    """The features to the right and upwards; None stands for the targets."""
    right, up = (None if name is None else _place(data, name) for name in (x, y))
    others = [place for place in _by_relevance(data) if place not in (right, up)]
    if right is None and up is None and len(others) > 1 and data.counts is not None:
        right, up = sorted(others[:2])
    if right is None:
        return (others[0], up) if others else (up or 0, None)
    return right, others[0] if up is None and others and data.counts is not None else up


def _place(data: Labelled, name: str | int) -> int:
    if isinstance(name, str):
        if name not in data.features:
            raise ValueError(f"no feature is called {name!r}; there are {data.features}")
        return data.features.index(name)
    place, count = integer(name), len(data.features)
    if place is None or isinstance(name, bool):
        raise TypeError(f"a feature is named by a str or its place, got {describe(name)}")
    if not -count <= place < count:
        raise IndexError(f"there is no feature {place}; there are {count}, counted from 0")
    return place % count


def _groups(data: Labelled) -> dict[str, list[int]]:
    """The rows of each class, by its name; all of them if there are none."""
    counts = data.counts
    if counts is None:
        return {"": list(range(len(data)))}
    groups: dict[str, list[int]] = {name: [] for name in counts}
    for place, target in enumerate(data.y):
        groups[str(target) if data.classes is None else data.classes[target]].append(place)
    return {name: rows for name, rows in groups.items() if rows}


def _column(data: Labelled, feature: int | None, rows: list[int]) -> list[float]:
    return [data.y[k] if feature is None else data.X[k][feature] for k in rows]


def _by_relevance(data: Labelled) -> list[int]:
    """The features, those first whose mean differs most between classes, or that follow y most."""
    every = list(range(len(data)))
    if data.counts is None:
        targets = _standard(_column(data, None, every))
        scores = [
            abs(math.fsum(map(mul, _standard(_column(data, place, every)), targets)))
            for place in range(len(data.features))
        ]
    else:
        groups = list(_groups(data).values())
        scores = []
        for place in range(len(data.features)):
            numbers = _standard(_column(data, place, every))
            means = [(len(rows), fmean(numbers[k] for k in rows)) for rows in groups]
            scores.append(math.fsum(count * mean * mean for count, mean in means))
    return sorted(range(len(scores)), key=lambda place: -scores[place])


def _standard(numbers: list[float]) -> list[float]:
    mean, deviation = mean_and_deviation(numbers, "y")
    return [(x - mean) / deviation for x in numbers]
