"""What a training tells: a record for each epoch, which prints and draws itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from autograd.streams import for_stream, printed_anywhere
from nn.charts import Chart
from nn.tables import Table
from nn.validation import counted

_SHOWN = 12
_WORDS = {
    "lr": "learning rate",
    "validation_loss": "validation loss",
    "gradient_norm": "norm of the gradient",
}
_BARS = "▁▂▃▄▅▆▇█"


@printed_anywhere
@dataclass(frozen=True)
class Epoch:
    """One pass over the rows.

    Attributes:
        number: Counted from 1.
        steps: How many steps were taken so far.
        loss: The mean over all rows, each as it was before the step that took it.
        validation_loss: After its last step, over the validation rows; None without them.
        metrics: After its last step, over the validation rows, or all rows without them.
        lr: The learning rate of its last step.
        gradient_norm: The mean of ‖∂L/∂w‖, over all parameters, before each of its steps.
        dead_units: How many relu units let nothing through for a hundred of the rows, as counted
            after epochs 1, 2, 4, 8, … and the last.
        seconds: Since the training began, over all its runs.
    """

    number: int
    steps: int
    loss: float
    validation_loss: float | None
    metrics: dict[str, float] = field(default_factory=dict)
    lr: float = 0.0
    gradient_norm: float = 0.0
    dead_units: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        parts = [f"epoch {self.number}", f"loss {self.loss:.4g}"]
        if self.validation_loss is not None:
            parts.append(f"validation loss {self.validation_loss:.4g}")
        parts += [f"{name} {value:.4g}" for name, value in self.metrics.items()]
        return ", ".join(parts)


@printed_anywhere
@dataclass
class History:
    """The epochs of a training, first to last; a list of them with columns by name.

    Attributes:
        epochs: A record for each.
        best: The number of the epoch whose parameters the model has now: the one of the lowest
            validation loss; None without validation.
        stopped: Why it ended: "epochs", "patience", "callback", "interrupt", "diverged".
        held_out: The numbers of the rows that a part such as validation=0.2 held out, in order: of
            an array, `X[history.held_out]`; None if no part was.

    Example:
        >>> history = History([Epoch(1, 10, 0.5, 0.6, {"accuracy": 0.9}), Epoch(2, 20, 0.25, 0.5)])
        >>> history["loss"], len(history), history[-1].number
        ([0.5, 0.25], 2, 2)
        >>> history.columns()["accuracy"], history.best_loss, history.seconds
        ([0.9, None], 0.5, 0.0)
        >>> history.summary(), history.cause
        ('2 epochs in 0 s; epoch 2, loss 0.25, validation loss 0.5', 'epochs')
        >>> print(str(history.table()).splitlines()[-1])
          2 epochs in 0 s; epoch 2, loss 0.25, validation loss 0.5
        >>> history.chart().title
        'training'
    """

    epochs: list[Epoch] = field(default_factory=list)
    best: int | None = None
    stopped: str = "epochs"
    held_out: list[int] | None = None

    def __len__(self) -> int:
        return len(self.epochs)

    def __iter__(self) -> Iterator[Epoch]:
        return iter(self.epochs)

    def __getitem__(self, key: Any) -> Any:
        """Return an epoch by its place, or a column by its name.

        Raises:
            KeyError: If no column has this name.
        """
        if not isinstance(key, str):
            return self.epochs[key]
        columns = self.columns()
        if key not in columns:
            names = ", ".join(columns)
            raise KeyError(for_stream(f"there is no column {key!r}; there are {names}"))
        return columns[key]

    def columns(self) -> dict[str, list[Any]]:
        """Return every column by its name: as pandas, `DataFrame(history.columns())`, takes it."""
        columns: dict[str, list[Any]] = {}
        for column in fields(Epoch):
            if column.name != "metrics":
                columns[column.name] = [getattr(epoch, column.name) for epoch in self.epochs]
            else:
                for name in dict.fromkeys(name for epoch in self.epochs for name in epoch.metrics):
                    columns[name] = [epoch.metrics.get(name) for epoch in self.epochs]
        if all(loss is None for loss in columns["validation_loss"]):
            del columns["validation_loss"]
        return columns

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.epochs[-1].seconds if self.epochs else 0.0

    @property
    def best_loss(self) -> float:
        """The lowest validation loss; infinite without any."""
        found = [each.validation_loss for each in self.epochs if each.validation_loss is not None]
        return min(found, default=math.inf)

    def summary(self) -> str:
        """Return one line: how long, how good, and why it ended."""
        if not self.epochs:
            return "no epoch was finished" + (
                "" if self.stopped == "epochs" else f" ({self.cause})"
            )
        chosen = self.epochs[-1 if self.best is None else self._place(self.best)]
        took = f"{counted(len(self), 'epoch')} in {self.seconds:.2g} s"
        why = "" if self.stopped == "epochs" else f", ended by {self.cause}"
        kept = "" if self.best is None else "best: "
        return f"{took}{why}; {kept}{chosen}"

    @property
    def cause(self) -> str:
        """Why it ended, in words."""
        return {
            "callback": "a callback",
            "diverged": "divergence",
            "interrupt": "an interrupt",
        }.get(self.stopped, self.stopped)

    def _place(self, number: int) -> int:
        return next(k for k, epoch in enumerate(self.epochs) if epoch.number == number)

    def table(self) -> Table:
        """Return a table: all epochs if they are few, else some with the best."""
        columns = self.columns()
        chosen = _spread(len(self), _SHOWN)
        if self.best is not None:
            chosen = sorted({*chosen, self._place(self.best)})
        hidden = {"steps", *["dead_units"] * (not any(columns["dead_units"]))}
        names = [name for name in columns if name not in hidden]
        rows = []
        for place in chosen:
            row = [_text(columns[name][place], 2 if name == "seconds" else 4) for name in names]
            row[0] += " *" if columns["number"][place] == self.best else ""
            rows.append(row)
        heads = ["epoch", *[name.replace("_", " ") for name in names[1:]]]
        return Table("training", heads, rows, notes=[self.summary()])

    def __str__(self) -> str:
        if not self.epochs:
            return self.summary()
        lines = [str(self.table())]
        for name in ("loss", "validation_loss"):
            column = self.columns().get(name)
            if column and len(column) > 2:
                lines.append(f"{name.replace('_', ' '):>16} {sparkline(column)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"History({self.summary()})"

    def _repr_html_(self) -> str:
        return self.table().html()

    def chart(self) -> Chart:
        """Return a picture: losses, metrics, learning rate and gradient norm over the epochs."""
        return Chart(self._draw, size=(8.0, 5.0), title="training", text=str(self))

    def _draw(self, figure: Any) -> None:
        columns = self.columns()
        metrics = [
            name for name in columns if name not in {column.name for column in fields(Epoch)}
        ]
        panels = [
            ["loss", "validation_loss"],
            *([metrics] if metrics else []),
            ["lr"],
            ["gradient_norm"],
        ]
        axes = figure.subplots(len(panels) // 2 + len(panels) % 2, 2, squeeze=False).ravel()
        for axis, names in zip(axes, panels, strict=False):
            for name in names:
                if name in columns:
                    axis.plot(columns["number"], columns[name], label=_WORDS.get(name, name))
            if self.best is not None:
                axis.axvline(self.best, linewidth=0.8, linestyle=":")
            if names[0] in ("loss", "lr", "gradient_norm") and _positive(columns, names):
                axis.set_yscale("log")
            axis.set_xlabel("epoch")
            axis.legend(frameon=False)
        for axis in axes[len(panels) :]:
            axis.set_axis_off()


def sparkline(numbers: Sequence[float], width: int = 40) -> str:
    """Return numbers as a line of bars, the logarithm of them where all are above 0.

    Example:
        >>> sparkline([1.0, 10.0, 100.0])
        '▁▄█'
    """
    chosen = [numbers[k] for k in _spread(len(numbers), width)]
    heights = [math.log(n) for n in chosen] if min(chosen) > 0.0 else chosen
    low, high = min(heights), max(heights)
    scale = (len(_BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(_BARS[int((height - low) * scale)] for height in heights)


def _spread(count: int, most: int) -> list[int]:
    """Return places out of so many, first and last among them."""
    if count <= most:
        return list(range(count))
    return sorted({round(k * (count - 1) / (most - 1)) for k in range(most)})


def _positive(columns: dict[str, list[Any]], names: list[str]) -> bool:
    numbers = [number for name in names for number in columns.get(name, [])]
    return bool(numbers) and all(number is not None and number > 0.0 for number in numbers)


def _text(number: Any, digits: int) -> str:
    if number is None:
        return ""
    return str(number) if isinstance(number, int) else f"{number:.{digits}g}"
