"""Overviews of datasets: a table of what each feature is like."""

from __future__ import annotations

from statistics import fmean, pstdev

from nn.data.columns import Labelled
from nn.tables import MOST_ROWS, Table, short_number


def overview(data: Labelled) -> Table:
    """Return mean, deviation, lowest and highest number of each feature; see `Dataset.summary`."""
    columns = list(zip(*data.X, strict=True))[:MOST_ROWS]
    rows = [
        [name, *map(short_number, (fmean(column), pstdev(column), min(column), max(column)))]
        for name, column in zip(data.features, columns, strict=False)
    ]
    hidden = len(data.features) - len(rows)
    notes = [f"... and {hidden} more"] * (hidden > 0)
    notes += [f"source: {line}" for line in data.source.splitlines()[:1]]
    header = ["feature", "mean", "deviation", "lowest", "highest"]
    return Table(repr(data), header, rows, 1, notes)
