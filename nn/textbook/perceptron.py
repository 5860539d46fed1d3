"""Rosenblatt's perceptron: a unit with the step function, and the rule that learns from mistakes.

For every example that it gets wrong, w + η (t − y) x: with the classes 0 and 1 the example is added
to the weights or taken from them. If a plane separates the classes the mistakes come to an end
(Rosenblatt, 1958; Novikoff, 1962); otherwise they never do.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from autograd.streams import printed_anywhere
from nn.charts import SERIES, Chart
from nn.choices import InitializerName
from nn.initializers import Initializer
from nn.inputs import checked_inputs, checked_rows, holds_rows, listed
from nn.neurons import Neuron
from nn.tables import MOST_ROWS, Table, Tabled
from nn.textbook.separability import Separability, linear_separability
from nn.textbook.two_classes import rows_of_two_classes
from nn.validation import counted, finite, size

# Up to so many numbers the verdict is computed without being asked for: a second's work, or less.
_MOST_NUMBERS = 20_000


@printed_anywhere
class Perceptron:
    """A unit that fires past a threshold, trained by Rosenblatt's rule.

    Args:
        nin: The number of inputs.
        seed: As for `Neuron`; without one the weights start at zero, as usual for the rule.
        initializer: As for `Neuron`.
        learning_rate: η, by which weights and bias move at a mistake.
        bias: Whether there is a bias; without one, an input that is always 1 can take its place.

    Attributes:
        neuron: The unit, a `Neuron` with the step function.
        classes: The classes for which it gives 0 and 1, once it has learned.

    Raises:
        TypeError: For an argument of the wrong type.
        ValueError: For nin below 1, or a learning rate that is not positive.

    Example:
        >>> corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
        >>> perceptron = Perceptron(2)
        >>> run = perceptron.fit(corners, [0, 0, 0, 1])
        >>> run.converged, run.mistakes, perceptron.predict(corners)
        (True, [1, 3, 3, 2, 1, 0], [0, 0, 0, 1])
        >>> run = perceptron.fit(corners, [0, 1, 1, 0])
        >>> run.converged, run.separability.separable
        (False, False)
    """

    def __init__(
        self,
        nin: int,
        seed: Any = None,
        *,
        initializer: InitializerName | Initializer | None = None,
        learning_rate: float = 1.0,
        bias: bool = True,
    ) -> None:
        self.learning_rate = finite(learning_rate, "learning_rate")
        if self.learning_rate <= 0.0:
            raise ValueError(f"learning_rate must be positive, got {learning_rate}")
        draw = initializer or ("zeros" if seed is None else "uniform")
        self.neuron = Neuron(
            size(nin, "nin"), activation="step", initializer=draw, seed=seed, bias=bias
        )
        self.classes: tuple[Any, Any] = (0, 1)

    def fit(self, X: Any, y: Any, epochs: int = 100) -> PerceptronRun:
        """Learn from the mistakes on some examples, in their order, until there are none.

        Args:
            X: The rows of inputs.
            y: Their classes: two different ones, of any kind.
            epochs: How often at most it goes through all of them.

        Returns:
            The mistakes of every epoch, and whether they came to an end.

        Raises:
            TypeError: If X is not made of rows of numbers.
            ValueError: If lengths do not fit, a number is not finite, or there are not two classes.
        """
        rows, sides, self.classes = rows_of_two_classes(X, y)
        checked_rows(rows, self.neuron.nin, "Perceptron")
        examples = [(row, float(side)) for row, side in zip(rows, sides, strict=True)]
        bias = self.neuron.bias
        weights = [0.0 if bias is None else bias.data, *(w.data for w in self.neuron.weights)]
        history = [tuple(weights)]
        mistakes: list[int] = []
        for _ in range(size(epochs, "epochs")):
            wrong = 0
            for row, target in examples:
                error = target - _fires(weights, row)
                if error:
                    wrong += 1
                    step = self.learning_rate * error
                    weights[0] += step * (bias is not None)
                    for i, x in enumerate(row, start=1):
                        weights[i] += step * x
            mistakes.append(wrong)
            history.append(tuple(weights))
            if not wrong:
                break
        if bias is not None:
            bias.data = weights[0]
        for w, number in zip(self.neuron.weights, weights[1:], strict=True):
            w.data = number
        return PerceptronRun(repr(self), mistakes, history, rows, sides, self.classes, bias is None)

    def predict(self, X: Any) -> Any:
        """Return the class of every row, or of one example.

        Raises:
            TypeError: If X holds no numbers.
            ValueError: If lengths do not fit, or a number is not finite.
        """
        given = listed(X)
        bias = self.neuron.bias
        weights = [0.0 if bias is None else bias.data, *(w.data for w in self.neuron.weights)]
        is_batch = holds_rows(given)
        check: Any = checked_rows if is_batch else checked_inputs
        nodes = check(given, self.neuron.nin, "Perceptron")
        found = [
            self.classes[int(_fires(weights, [node.data for node in row]))]
            for row in (nodes if is_batch else [nodes])
        ]
        return found if is_batch else found[0]

    def __call__(self, inputs: Any) -> Any:
        """Return 1 or 0 as the unit fires or not: a Value, or one for each row of a batch."""
        return self.neuron(inputs)

    def __repr__(self) -> str:
        count = counted(self.neuron.parameter_count, "parameter")
        return f"Perceptron({self.neuron.nin} → step, {count})"


class PerceptronRun(Tabled):
    """How the rule went.

    Attributes:
        mistakes: How many examples it got wrong, for every epoch.
        weights: The bias, or 0 without one, and the weights: at first, and after every epoch.
        converged: Whether the mistakes came to an end.
    """

    def __init__(
        self,
        title: str,
        mistakes: list[int],
        weights: list[tuple[float, ...]],
        rows: Sequence[Sequence[float]],
        sides: Sequence[bool],
        classes: tuple[Any, Any],
        through_origin: bool,
    ) -> None:
        self.mistakes = mistakes
        self.weights = weights
        self.converged = mistakes[-1] == 0
        self._title = title
        self._rows, self._sides, self._classes = rows, sides, classes
        self._through_origin = through_origin

    @cached_property
    def separability(self) -> Separability:
        """Whether any plane separates the classes, with the proof: see `linear_separability`."""
        return linear_separability(self._rows, [self._classes[side] for side in self._sides])

    @property
    def cycle(self) -> tuple[int, int] | None:
        """Two epochs after which the weights were the same: from there on they go round in circles.

        None as long as no weights have come back.
        """
        if self.converged:
            return None
        first: dict[tuple[float, ...], int] = {}
        for epoch, weights in enumerate(self.weights):
            if weights in first:
                return first[weights], epoch
            first[weights] = epoch
        return None

    @property
    def verdict(self) -> str:
        """What is known of the outcome, and why."""
        epochs = counted(len(self.mistakes), "epoch")
        if self.converged:
            return f"converged: no mistake in epoch {len(self.mistakes)}"
        told = [f"not converged in {epochs}"]
        if self.cycle:
            told.append("the weights after epoch {1} are those after epoch {0}".format(*self.cycle))
        known = len(set(self._sides)) == 2
        if known and len(self._rows) * (len(self._rows[0]) + 2) <= _MOST_NUMBERS:
            told.append(repr(self.separability))
            if self.separability.separable:
                told.append(
                    "without a bias only planes through the origin are found"
                    if self._through_origin
                    else "more epochs will do"
                )
        return "; ".join(told)

    def chart(self) -> Chart:
        """Return the mistakes of every epoch as a picture."""

        def draw(figure: Any) -> None:
            axes = figure.add_subplot()
            epochs = range(1, len(self.mistakes) + 1)
            axes.plot(epochs, self.mistakes, color=SERIES[0], marker="o", markersize=4)
            axes.set_ylim(bottom=-0.03 * max(1, *self.mistakes))
            axes.set_xlabel("epoch")
            axes.set_ylabel(f"mistakes, of {counted(len(self._rows), 'example')}")
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.yaxis.get_major_locator().set_params(integer=True)

        title = f"The mistakes {'came' if self.converged else 'did not come'} to an end"
        return Chart(draw, (6.4, 3.2), title, repr(self))

    def _table(self) -> Table:
        numbered = [[str(n), str(m)] for n, m in enumerate(self.mistakes, start=1)]
        hidden = len(numbered) - MOST_ROWS
        notes = [f"... and {counted(hidden, 'epoch')} more"] if hidden > 0 else []
        title = f"{self._title}, {counted(len(self._rows), 'example')}"
        notes += self.verdict.splitlines()
        return Table(title, ["epoch", "mistakes"], numbered[:MOST_ROWS], notes=notes)


def _fires(weights: Sequence[float], row: Sequence[float]) -> float:
    """Return step(b + w·x), added up in the order of `Neuron`."""
    net_input = weights[0]
    for w, x in zip(weights[1:], row, strict=True):
        net_input += w * x
    return float(net_input > 0.0)
