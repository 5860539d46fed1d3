"""Stepping: the steps of a training, audited, and explained where they lead away."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd import Optimizer, engine
from nn.training.audits import AuditError, audit
from nn.training.divergence import HOPELESS, DivergenceError, culprit_of, largest_rate
from nn.training.problem import Problem
from nn.training.schedules import Curve
from nn.training.settings import FitSettings
from nn.training.standing import Standing, numbers_of, set_numbers

# How long a search for a learning rate tries each: rows, times what a row costs (a hundred
# parameters for the call of it), inside the machine and outside.
_TRIED, _TRIED_SLOWLY = 50_000_000, 1_000_000
_CALL = 100


class Stepper:
    """What takes the steps of a training.

    Args:
        problem: What is fitted to what.
        settings: How.
        schedule: Of the learning rate, for the whole run; None for none.
        batch_size: How many rows a step takes.
        optimizer: What steps.
        standing: Where the training stands.
    """

    def __init__(
        self,
        problem: Problem,
        settings: FitSettings,
        schedule: Curve | None,
        batch_size: int,
        optimizer: Optimizer,
        standing: Standing,
    ) -> None:
        self._problem, self._settings, self._standing = problem, settings, standing
        self._schedule, self._batch_size = schedule, batch_size
        self.optimizer = optimizer
        self._lr = optimizer.lr
        self._spread = problem.examples.targets.spread
        self._error_of_schedule: Exception | None = None  # a fault of the user's, no divergence
        done = standing.steps_done + len(standing.losses)
        self._first_step = optimizer.steps - done  # those of trainings before
        self.trainer = self._trainer_of(optimizer)
        if not done:
            standing.start = optimizer.state_dict(), numbers_of(problem.parameters)

    def _trainer_of(self, optimizer: Optimizer) -> Any:
        problem, settings = self._problem, self._settings
        return problem.row_loss.program.trainer(
            *problem.examples.columns,
            optimizer=optimizer,
            batch_size=self._batch_size,
            seed=settings.seed,
            schedule=None if self._schedule is None else self._factor,
            clip_norm=settings.clip_norm,
            clip_value=settings.clip_value,
            norms=True,
            eager=not settings.compiled,
        )

    def _factor(self, step: int) -> float:
        if self._schedule is None:
            return 1.0
        try:
            return self._schedule(step - self._first_step)
        except (ArithmeticError, ValueError) as error:
            self._error_of_schedule = error
            raise

    def rate(self, step: int) -> float:
        """Return the learning rate of a step of this training, counted from 0."""
        factor = 1.0 if self._schedule is None else self._schedule(step)
        return float(self.optimizer.lr * factor)

    def run(self, steps: int, ahead: int = 0) -> list[float]:
        """Take steps; keep the loss before each, and the norm of its gradient.

        Args:
            steps: How many.
            ahead: How many will follow.

        Raises:
            DivergenceError: If a number leaves all bounds.
            AuditError: If a step of the machine is not that of the nodes.
        """
        standing, share = self._standing, self._settings.audit
        try:
            if share and steps == 1 and standing.audits.random() < share:
                losses = self._audited()
            else:
                losses = self.trainer.run(steps=steps, ahead=ahead)
        except AuditError:
            raise
        except (ArithmeticError, ValueError) as error:
            if error is self._error_of_schedule:
                raise
            found = self._divergence(str(error).removeprefix(f"step {self.trainer.steps + 1}: "))
            # A loss that is asked for what it does not take is no divergence.
            if isinstance(error, ValueError) and found.example is None:
                raise
            raise found from error
        standing.losses += losses
        standing.norms += self.trainer.gradient_norms
        if standing.reference is None:
            standing.reference = losses[0]
        return losses

    def probe(self, steps: int) -> list[float]:
        """Take steps until one fails, and return the loss before each; nothing else is kept."""
        losses: list[float] = []
        try:
            while len(losses) < steps:
                losses += self.trainer.run(steps=1)
        except (ArithmeticError, ValueError):  # what comes then tells nothing
            if not losses:
                raise
        return losses

    def require_hope(self, loss: float) -> None:
        """Raise a DivergenceError if a loss is beyond all hope."""
        if self._is_hopeless(loss):
            first = self._standing.reference or 0.0
            raise self._divergence(f"the loss has grown from {first:.3g} to {loss:.3g}")

    def _is_hopeless(self, loss: float) -> bool:
        first = self._standing.reference or 0.0
        return abs(loss) > HOPELESS * max(abs(first), self._spread)

    def _batch(self) -> tuple[list[int], list[tuple[Any, ...]]]:
        """Return the examples of the next step, after the numbers of their rows."""
        numbers = self.trainer.next_rows()
        return numbers, [self._problem.examples.at(number) for number in numbers]

    def _audited(self) -> list[float]:
        """Take a step, and compare it with the one that the nodes give."""
        optimizer, parameters = self.optimizer, self._problem.parameters
        _, examples = self._batch()
        expected = self._problem.row_loss.gradient(examples)
        state, before, steps = optimizer.state_dict(), numbers_of(parameters), optimizer.steps
        losses: list[float] = self.trainer.run(steps=1)
        audit(
            steps - self._first_step + 1,
            losses[0],
            expected,
            parameters,
            before,
            optimizer,
            state,
            self._factor(steps),
            (self._settings.clip_norm, self._settings.clip_value),
        )
        return losses

    def _divergence(self, what: str) -> DivergenceError:
        """Return the error that tells of it."""
        step = self.optimizer.steps - self._first_step + 1
        numbers, examples = self._batch()
        limit = math.sqrt(HOPELESS) * (1.0 + max(abs(x) for row, *_ in examples for x in row))
        culprit = culprit_of(self._problem.row_loss, examples, limit)
        tried = self._steps_to_try(step)
        survivor = largest_rate(lambda lower: self._survives(lower, tried), self._lr)
        self._standing.history.stopped = "diverged"
        words = [f"step {step}: {what}"]
        if culprit is not None:
            at = f"step {step}, example {numbers[culprit.example]}: {culprit.text}"
            words = [at] if culprit.is_all else [at, what]
        if survivor is not None:
            part = "all" if tried == self._steps_in_all else "the first"
            words.append(
                f"with lr={survivor:.3g} in place of {self._lr:g} {part} {tried} steps go well"
            )
        words.append("the model is left with the last finite parameters")
        return DivergenceError(
            "; ".join(words),
            step,
            None if culprit is None else numbers[culprit.example],
            None if culprit is None else culprit.node,
            survivor,
            self._standing.history,
        )

    @property
    def _steps_in_all(self) -> int:
        return self._settings.epochs * int(self.trainer.epoch_steps)

    def _steps_to_try(self, step: int) -> int:
        """Return how many steps a learning rate has to survive in place of one that failed."""
        is_quick = engine == "native" and self._settings.compiled
        cost = self._batch_size * (len(self._problem.parameters) + _CALL)
        enough = (_TRIED if is_quick else _TRIED_SLOWLY) // cost
        epoch = int(self.trainer.epoch_steps)
        return min(self._steps_in_all, max(enough, 2 * max(step, epoch)))

    def _survives(self, rate: float, steps: int) -> bool:
        """Return whether so many steps lead to no higher loss at another learning rate."""
        parameters = self._problem.parameters
        here = numbers_of(parameters)
        state, numbers = self._standing.start
        try:
            other = type(self.optimizer)(parameters=parameters)
            other.load_state_dict(state)
            other.lr = rate
            set_numbers(parameters, numbers)
            losses = self._trainer_of(other).run(steps=steps)
        except (ArithmeticError, ValueError):
            return False
        finally:
            set_numbers(parameters, here)
        quarter = max(1, len(losses) // 4)
        first, last = mean_of(losses[:quarter]), mean_of(losses[-quarter:])
        highest = max(map(abs, losses))
        return abs(last) <= max(abs(first), self._spread) and not self._is_hopeless(highest)


def mean_of(numbers: Sequence[float]) -> float:
    """Return the mean; 0 of nothing."""
    return math.fsum(numbers) / len(numbers) if numbers else 0.0
