"""Datasets: rows of numbers with what is to be learned of them, named, and told where from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.streams import for_stream, printed_anywhere
from nn.charts import Chart
from nn.data.overviews import overview
from nn.data.pictures import picture
from nn.data.shuffling import shuffled
from nn.reading.splitting import split_rows
from nn.reading.tables import read_features
from nn.validation import counted, describe, finite, integer, row


@printed_anywhere
@dataclass(frozen=True, repr=False)
class Dataset:
    """A table of rows and targets; it unpacks as `X, y`, and its length is its number of rows.

    Args:
        X: The rows: lists, an array, a table. Kept as lists of floats.
        y: For each row its target: the number of its class, counted from 0; any other label; or,
            as a float, what is to be predicted.
        features: The names of the columns; those of a table, or x_1, x_2, ... if there are none.
        classes: The names of the classes that y counts; None if it counts none.
        source: Where the rows come from.

    Raises:
        TypeError: If an entry of X is not a number.
        ValueError: If there are no rows, lengths do not match, a number is NaN or infinite, or y
            has a class that classes does not name.

    Example:
        >>> data = Dataset([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [0, 1, 1], classes=["no", "yes"])
        >>> data
        Dataset(3 rows × 2 features; no 1, yes 2)
        >>> X, y = data
        >>> data.features, X[2], y[2]
        (['x_1', 'x_2'], [5.0, 6.0], 1)
        >>> data.counts
        {'no': 1, 'yes': 2}
    """

    X: list[list[float]]
    y: list[Any]
    features: list[str] = field(default_factory=list)
    classes: list[str] | None = None
    source: str = ""

    def __post_init__(self) -> None:
        table = read_features(self.X, None)
        names = row(self.features, "features", of="names") or table.names
        names = list(map(str, names or counted_names(table.columns)))
        if len(names) != table.columns:
            raise ValueError(
                f"features has {counted(len(names), 'name')}, but a row {table.columns} numbers"
            )
        targets = row(getattr(self.y, "tolist", lambda: self.y)(), "y")
        for place, target in enumerate(targets):
            if isinstance(target, float):
                finite(target, f"y[{place}]")
        if len(targets) != table.rows:
            raise ValueError(
                f"X has {counted(table.rows, 'row')}, but y {counted(len(targets), 'target')}"
            )
        classes = None if self.classes is None else list(map(str, self.classes))
        if classes is not None:
            targets = [_code(target, place, classes) for place, target in enumerate(targets)]
        chosen = {"X": table.lists(), "y": targets, "features": names, "classes": classes}
        for name, value in chosen.items():
            object.__setattr__(self, name, value)

    @property
    def counts(self) -> dict[str, int] | None:
        """How many rows each class has, by its name; None where the targets are numbers."""
        if self.classes is not None:
            found = Counter(self.y)
            return {name: found[code] for code, name in enumerate(self.classes)}
        if any(isinstance(target, (float, list, tuple)) for target in self.y):
            return None
        found = Counter(map(str, _in_order(self.y)))
        return dict(found)

    def take(self, places: Sequence[int]) -> Dataset:
        """Return the rows at these places, in this order.

        Raises:
            ValueError: If there are none.
            IndexError: If there is no such row.

        Example:
            >>> from nn.data import iris
            >>> iris().take([0, 50, 149]).y
            [0, 1, 2]
        """
        chosen = row(places, "places", of="row numbers")
        for place in chosen:
            if integer(place) is None or isinstance(place, bool):
                raise TypeError(f"places must be row numbers, got {describe(place)}")
            if not -len(self) <= place < len(self):
                raise IndexError(f"there is no row {place}; there are {counted(len(self), 'row')}")
        rows, targets = [self.X[k] for k in chosen], [self.y[k] for k in chosen]
        return Dataset(rows, targets, self.features, self.classes, self.source)

    def split(
        self, part: float = 0.2, seed: int = 0, stratify: bool = True
    ) -> tuple[Dataset, Dataset]:
        """Return the rows to train by and those to test by, both shuffled.

        Args:
            part: Which part is for the test, between 0 and 1.
            seed: Of the choice and of the order.
            stratify: Whether each class is divided in proportion, where there are classes.

        Raises:
            TypeError: If the part is not a number, or the seed not an integer.
            ValueError: If the part leaves nothing on one side.

        Example:
            >>> from nn.data import iris
            >>> train, test = iris().split(0.2)
            >>> test
            Dataset(30 rows × 4 features; setosa 10, versicolor 10, virginica 10)
        """
        number = None if isinstance(seed, bool) else integer(seed)
        if number is None:
            raise TypeError(f"seed must be an integer, got {describe(seed)}")
        count = round(len(self) * finite(part, "part"))
        if not (0.0 < part < 1.0 and 0 < count < len(self)):
            raise ValueError(
                f"the part for the test is between 0 and 1 and leaves rows on both sides, got "
                f"{part} of {counted(len(self), 'row')}"
            )
        classes = self.y if stratify and self.counts is not None else None
        train, test = split_rows(len(self), part, classes, number)
        return self.take(shuffled(train, number)), self.take(shuffled(test, number))

    def summary(self) -> str:
        """Return a table of the features: where their numbers lie, and so whether to scale them.

        Example:
            >>> from nn.data import xor
            >>> print(xor().summary())
            Dataset(4 rows × 2 features; equal 2, different 2)
              feature  mean  deviation  lowest  highest
              x_1       0.5        0.5       0        1
              x_2       0.5        0.5       0        1
              source: drawn by chainrule: XOR, noise 0
        """
        return str(overview(self))

    def chart(self, x: str | int | None = None, y: str | int | None = None) -> Chart:
        """Return a picture of all rows: two features, classes apart; or a feature and the targets.

        Args:
            x: The feature to the right, by its name or its place, counted from 0.
            y: The feature upwards; the targets, where they are numbers and no feature is named, or
                where there is no other. What is not named is chosen by how well it tells classes
                apart, or follows the targets.

        Raises:
            ValueError: If no feature has this name, or y has several numbers a row.
            IndexError: If there is no such place.

        Example:
            >>> from nn.data import iris
            >>> print(iris().chart())
            150 rows × 4 features
            petal_length and petal_width:
            setosa      50 rows, means 1.462 and 0.246
            versicolor  50 rows, means 4.26 and 1.326
            virginica   50 rows, means 5.552 and 2.026
        """
        return picture(self, x, y)

    @property
    def shape_text(self) -> str:
        """How many rows and features there are, in words.

        Example:
            >>> from nn.data import xor
            >>> xor().shape_text
            '4 rows × 2 features'
        """
        return for_stream(f"{counted(len(self), 'row')} × {counted(len(self.features), 'feature')}")

    def _repr_html_(self) -> str:
        return overview(self).html()

    def __iter__(self) -> Iterator[Any]:
        yield self.X
        yield self.y

    def __len__(self) -> int:
        return len(self.X)

    def __repr__(self) -> str:
        if self.counts is None and not isinstance(self.y[0], float):
            told = "y of several numbers"
        elif self.counts is None:
            told = f"y from {min(self.y):g} to {max(self.y):g}"
        else:
            told = ", ".join(f"{name} {count}" for name, count in self.counts.items())
        return f"Dataset({self.shape_text}; {told})"


def counted_names(columns: int) -> tuple[str, ...]:
    """Return the names of columns that have none.

    Example:
        >>> counted_names(2)
        ('x_1', 'x_2')
    """
    return tuple([f"x_{k + 1}" for k in range(columns)])


def _in_order(labels: Sequence[Any]) -> Sequence[Any]:
    try:
        return sorted(labels)
    except TypeError:  # of several kinds
        return sorted(labels, key=lambda label: (type(label).__name__, str(label)))


def _code(target: Any, place: int, classes: list[str]) -> int:
    """Return the number of a class, which may have come as a float of an array."""
    whole = isinstance(target, float) and target.is_integer()
    code = integer(int(target) if whole else target)
    if code is None or not 0 <= code < len(classes):
        raise ValueError(
            f"y[{place}] is {target!r:.60}, but must be the number of a class, counted from 0, "
            f"below {len(classes)}: {', '.join(classes):.60}"
        )
    return code
