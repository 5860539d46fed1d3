"""The range of learning rates: one short training through all of them, and what it tells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from autograd.streams import printed_anywhere
from nn.charts import Chart
from nn.training.fitting import require_known
from nn.training.history import sparkline
from nn.training.problem import tell, told_of
from nn.training.runs import Training
from nn.training.settings import like
from nn.validation import finite, size

_LOST = 4.0  # times the best loss, from where on the rest tells nothing


@printed_anywhere
@dataclass(frozen=True)
class RateRange:
    """Learning rates with the losses that a training met at them.

    Attributes:
        rates: The learning rates, rising.
        losses: The loss before each step, smoothed over the latest ones.
        suggested: The rate of the steepest fall: a good one to start with.
        highest: The rate of the lowest loss: from there on it rises.
    """

    rates: list[float]
    losses: list[float]
    suggested: float
    highest: float

    def __str__(self) -> str:
        return (
            f"lr {self.rates[0]:.2g} to {self.rates[-1]:.2g}: loss {sparkline(self.losses)}\\n"
            f"steepest at {self.suggested:.2g}, lowest at {self.highest:.2g}"
        ).replace("\\n", "\n")

    __repr__ = __str__

    def chart(self) -> Chart:
        """Return a picture: the loss against the learning rate."""
        return Chart(self._draw, size=(6.0, 3.5), title="learning rates", text=str(self))

    def _draw(self, figure: Any) -> None:
        axes = figure.subplots()
        axes.plot(self.rates, self.losses)
        axes.axvline(self.suggested, linewidth=0.8, linestyle=":")
        axes.annotate(
            f"steepest: {self.suggested:.2g}",
            (self.suggested, max(self.losses)),
            xytext=(4, -4),
            textcoords="offset points",
            va="top",
        )
        axes.set_xscale("log")
        axes.set_xlabel("learning rate")
        axes.set_ylabel("loss")


def lr_range(
    model: Any,
    X: Any,
    y: Any,
    *,
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 100,
    smoothing: float = 0.9,
    **fit_options: Any,
) -> RateRange:
    """Train with learning rates that rise from low to high, and return the loss at each.

    The model and the optimizer stay as they were. Smith 2017, section 3.3.

    Args:
        model: What would be fitted.
        X: The rows, as for `fit`.
        y: Their targets.
        low: The first learning rate.
        high: The last one.
        steps: How many there are, in equal ratios.
        smoothing: How much of the running mean of the losses is kept.
        fit_options: loss, optimizer, batch_size, clip, seed, as for `fit`.

    Raises:
        ValueError: If low is not below high, or every rate is too large.

    Example:
        >>> from nn import MLP
        >>> X, y = [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]
        >>> found = lr_range(MLP(1, [1], seed=1), X, y, loss="mse", optimizer="sgd", low=1e-4)
        >>> found.rates[0] < found.suggested < found.highest < found.rates[-1]
        True
    """
    if not 0.0 < finite(low, "low") < finite(high, "high"):
        raise ValueError(f"low must be above 0 and below high, got {low} and {high}")
    count = size(steps, "steps")
    if count < 3:
        raise ValueError(f"steps must be at least 3 for a slope, got {steps}")
    for name in ("epochs", "schedule", "progress", "checkpoint", "validation", "patience"):
        if name in fit_options:
            raise ValueError(f"{name} has no meaning for lr_range, which takes its own steps")
    require_known(fit_options, "lr_range")
    ratio = (high / low) ** (1.0 / max(1, count - 1))
    parameters = model.parameters()
    before = [parameter.data for parameter in parameters]
    told = told_of(model)
    optimizer = like(fit_options.pop("optimizer", "adam"))
    optimizer.lr = low
    training = Training(
        model, X, y, epochs=count, progress=False, optimizer=optimizer,
        schedule=lambda step: ratio**step, **fit_options,
    )  # fmt: skip
    try:
        losses = training.stepper.probe(count)
    finally:
        for parameter, number in zip(parameters, before, strict=True):
            parameter.data = number
        tell(model, told)
    return _read(losses, [low * ratio**step for step in range(count)], smoothing)


def _read(losses: list[float], rates: list[float], smoothing: float) -> RateRange:
    smooth: list[float] = []
    mean = 0.0
    for step, loss in enumerate(losses, 1):
        mean = smoothing * mean + (1.0 - smoothing) * loss
        smooth.append(mean / (1.0 - smoothing**step))
        if not math.isfinite(mean) or (step > 5 and smooth[-1] > _LOST * min(smooth)):
            smooth.pop()
            break
    if len(smooth) < 3:
        raise ValueError(
            f"the loss leaves all bounds at the first learning rates, {rates[0]:.2g} and above; "
            "give a lower one as low"
        )
    slopes = [smooth[k + 1] - smooth[k - 1] for k in range(1, len(smooth) - 1)]
    steepest = 1 + min(range(len(slopes)), key=slopes.__getitem__)
    lowest = min(range(len(smooth)), key=smooth.__getitem__)
    return RateRange(rates[: len(smooth)], smooth, rates[steepest], rates[lowest])
