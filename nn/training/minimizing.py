"""Minimizing by SciPy: the same gradients drive L-BFGS and least squares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from autograd import compile, gradients, sqrt
from autograd.installing import install
from autograd.streams import printed_anywhere
from nn.training.problem import Problem
from nn.validation import bounded, describe

_LEAST_SQUARES = "least_squares"


@printed_anywhere
@dataclass(frozen=True)
class Minimum:
    """Where SciPy ended.

    Attributes:
        loss: The mean loss over all rows.
        start: What it was before.
        evaluations: How often loss and gradient were computed.
        converged: Whether SciPy says that it converged.
        message: What SciPy says.
        result: SciPy's own result.
    """

    loss: float
    start: float
    evaluations: int
    converged: bool
    message: str
    result: Any

    def __repr__(self) -> str:
        how = "converged" if self.converged else "not converged"
        return (
            f"Minimum({how}: loss {self.start:.4g} → {self.loss:.4g} in "
            f"{self.evaluations} evaluations; {self.message})"
        )


def minimize(
    model: Any,
    X: Any,
    y: Any,
    loss: Any = None,
    method: str = "L-BFGS-B",
    penalty: float = 0.0,
    sample_weight: Any = None,
    class_weight: Any = None,
    **options: Any,
) -> Minimum:
    """Fit a model by a method of `scipy.optimize`, over all rows at once.

    The loss and its gradient are computed by the compiled program; the model is left where the
    method ends.

    Args:
        model: What is fitted.
        X: The rows, as for `fit`.
        y: Their targets.
        loss: As for `fit`.
        method: One of `scipy.optimize.minimize` that uses gradients, such as "L-BFGS-B", "BFGS",
            "CG", "TNC", "SLSQP"; or "least_squares", for a loss of squared errors.
        penalty: The factor of penalty/2 Σ w², added to the mean loss: over weights, not biases.
        sample_weight, class_weight: As for `fit`.
        options: Handed on to SciPy, such as `options={"maxiter": 200}`, `tol=1e-9`, `bounds=...`.

    Raises:
        ImportError: If SciPy is not installed.
        ValueError: As `fit`; or if least squares are asked for another loss.

    Example:
        >>> from nn import MLP
        >>> model = MLP(1, [1], "linear", seed=1)
        >>> found = minimize(model, [[0.0], [1.0]], [1.0, 3.0], loss="mse")  # doctest: +SKIP
        >>> found.converged, round(model([2.0]).data, 3)  # doctest: +SKIP
        (True, 5.0)
    """
    if not isinstance(method, str):
        raise TypeError(f"method is the name of one of SciPy's, got {describe(method)}")
    try:
        from scipy import optimize
    except ImportError as error:
        raise ImportError(
            f"minimize uses SciPy, which is not installed; to have it: {install('scipy')}"
        ) from error
    given = Problem(model, X, y, loss, sample_weight=sample_weight, class_weight=class_weight)
    given.require_sense()
    problem = _Total(given, bounded(penalty, "penalty"))
    start = problem(problem.here())[0]
    if method == _LEAST_SQUARES:
        problem.require_squares()
        found = optimize.least_squares(
            problem.residuals, problem.here(), jac=problem.jacobian, **options
        )
    else:
        found = optimize.minimize(problem, problem.here(), jac=True, method=method, **options)
    end = problem(found.x)[0]
    given.tell_model()
    return Minimum(end, start, int(found.nfev), bool(found.success), str(found.message), found)


class _Total:
    """The loss over all rows as a function of the parameters in one array."""

    def __init__(self, problem: Problem, penalty: float) -> None:
        self._problem = problem
        names = problem.model.named_parameters()
        self._decay = [penalty * (name.rpartition(".")[2] != "bias") for name, _ in names]
        self._rows = problem.examples.columns
        self._errors = compile(self._errors_of_row, name="errors")
        self._slopes = compile(self._slopes_of_row, name="slopes")

    def here(self) -> list[float]:
        """Return the parameters as they are."""
        return [parameter.data for parameter in self._problem.parameters]

    def _go(self, numbers: Any) -> None:
        for parameter, number in zip(self._problem.parameters, numbers, strict=True):
            parameter.data = float(number)

    def __call__(self, numbers: Any) -> tuple[float, Any]:
        """Return loss and gradient."""
        self._go(numbers)
        program = self._problem.row_loss.program
        loss, gradient = program.rows_value_and_grad(*self._rows, reduce="mean")
        terms = zip(self._decay, numbers, strict=True)
        loss += 0.5 * math.fsum(decay * number * number for decay, number in terms)
        slopes = zip(gradient, self._decay, numbers, strict=True)
        return float(loss), [slope + decay * number for slope, decay, number in slopes]

    def require_squares(self) -> None:
        """Raise a ValueError if the loss is not one of squared errors."""
        name = self._problem.choice.name
        if any(self._decay):
            raise ValueError("least squares have no penalty; take method='L-BFGS-B'")
        if name not in ("mse", "squared_error"):
            raise ValueError(f"least squares minimize squared errors: loss='mse', not {name!r}")

    def residuals(self, numbers: Any) -> Any:
        """Return the errors of all outputs, row by row."""
        self._go(numbers)
        return [error for row in self._errors.rows(*self._rows) for error in row]

    def jacobian(self, numbers: Any) -> Any:
        """Return the derivatives of the errors by the parameters."""
        self._go(numbers)
        return [slopes for row in self._slopes.rows(*self._rows) for slopes in row]

    def _errors_of_row(self, row: Any, target: Any, weight: Any = 1.0) -> list[Any]:
        outputs = self._problem.model(row)
        single = not isinstance(outputs, (list, tuple))
        pairs = [(outputs, target)] if single else zip(outputs, target, strict=True)
        share = sqrt(weight)  # of an error: what is added is its square
        return [share * (output - wanted) for output, wanted in pairs]

    def _slopes_of_row(self, *example: Any) -> list[list[Any]]:
        errors = self._errors_of_row(*example)
        return [gradients(error, self._problem.parameters) for error in errors]
