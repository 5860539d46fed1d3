"""Code of other libraries, as a function of numbers and a gradient that it claims."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from autograd.arrays import is_array
from autograd.real_numbers import as_float
from autograd.verification.forms import Numbers, PointForm, shown
from autograd.verification.points import one_number

# Formats of fewer digits than a float's 53 bits, with the relative error of one rounding.
ROUNDINGS = {"float32": 2.0**-24, "float16": 2.0**-11, "bfloat16": 2.0**-8}


class ForeignCode:
    """A function that somebody else wrote, with the gradient that somebody claims of it.

    Args:
        function: Takes the arguments, returns one real number.
        gradient: A function of the arguments, or the gradient itself: in the form of the only
            argument, or for several a list, a tuple, or a dict by their names.
        arguments: The point; the function is called with new ones of the same kind.

    Attributes:
        form: What the arguments are made of.
        format: The format of the function's results, if it has fewer digits than a float: "float32"
            and the like; "" if not.
        format_of_claims: That of the gradient.

    Raises:
        TypeError: If function is none, or an argument is not made of real numbers.
        ValueError: If a number is not finite, or there is none.
    """

    def __init__(
        self, function: Callable[..., Any], gradient: Any, arguments: Sequence[Any]
    ) -> None:
        if not callable(function):
            raise TypeError(
                "check_gradient needs a function to call, its gradient and a point, in this order; "
                f"the function is {function!r:.80}"
            )
        for position, argument in enumerate(arguments):
            if callable(argument):
                raise TypeError(
                    "check_gradient needs a function, its gradient and a point, in this order; "
                    f"number {position + 1} of the point is {argument!r:.80}"
                )
        self._function, self._gradient = function, gradient
        self._names = _names_of(function, arguments)
        self.form = PointForm(arguments, self._names)
        self.format = self.format_of_claims = ""
        self._dtype: Any = None
        if not self.form.start:
            raise ValueError("check_gradient found no number in the point")

    def evaluate(self, numbers: Numbers) -> float:
        """Return the function of these numbers.

        Raises:
            ArithmeticError: If the result is complex elsewhere than at the point, as Python's
                `(-1.0) ** 0.5`: there the domain ends.
            TypeError: If the result is not one real number.
            ValueError: If the function changed its arguments.
        """
        arguments = self.form.build(numbers)
        kept = numbers.copy()
        found = self._function(*arguments)
        if isinstance(found, complex) and list(numbers) != self.form.start:
            raise ArithmeticError(f"the result of the function is {found!r}")
        result = scalar(found, "the result of the function: a gradient check")
        dtype = getattr(found, "dtype", None)
        if dtype is not None and dtype is not self._dtype:
            self._dtype = dtype
            self.format = _coarser(self.format, dtype)
        if not self.form.holds(arguments, kept):
            raise ValueError(
                "the function changed its argument while it was evaluated; copy it inside first"
            )
        return result

    def claimed(self, numbers: Numbers) -> list[float]:
        """Return the gradient that is claimed at these numbers.

        Raises:
            TypeError: If it is not made of real numbers.
            ValueError: If it does not have the structure of the point.
        """
        found = self._gradient
        if callable(found):
            found = found(*self.form.build(numbers))
        parts = [(found, "the gradient")] if len(self._names) == 1 else self._by_argument(found)
        for part, _ in parts:
            self.format_of_claims = _coarser(self.format_of_claims, getattr(part, "dtype", ""))
        slopes = [
            slope
            for argument, (part, where) in enumerate(parts)
            for slope in self.form.read(part, argument, where)
        ]
        return [x if type(x) is float else as_float(x, "the gradient") for x in slopes]

    def along(self, point: Sequence[float], direction: Sequence[float]) -> Callable[[float], float]:
        """Return the function of t at point + t · direction."""
        start, moves = self.form.vector(point), self.form.vector(direction)
        if self.form.is_array:
            return lambda t: self.evaluate(start + t * moves if t else start.copy())
        both = list(zip(start, moves, strict=True))
        return lambda t: self.evaluate([x + t * move for x, move in both] if t else list(start))

    def along_input(self, point: Sequence[float], position: int) -> Callable[[float], float]:
        """Return the function of one of its numbers, the others as in the point."""
        start = self.form.vector(point)

        def along(x: float) -> float:
            moved = start.copy()
            moved[position] = x
            return self.evaluate(moved)

        return along

    def _by_argument(self, found: Any) -> list[tuple[Any, str]]:
        names, count = self._names, len(self._names)
        wheres = [f"the gradient by {name}" for name in names]
        if isinstance(found, dict) and set(found) == set(names):
            return list(zip([found[name] for name in names], wheres, strict=True))
        if isinstance(found, (list, tuple)) and len(found) == count:
            return list(zip(found, wheres, strict=True))
        raise ValueError(
            f"the gradient is {shown(found)}; of a function of {count} arguments it must be a list "
            f"of {count}, one by each of {', '.join(names)}"
        )


def scalar(result: Any, what: str) -> float:
    """Return the result of foreign code as a float; scalars of any array library count.

    Raises:
        TypeError: If it is not one real number.

    Example:
        >>> scalar(True, "the result")
        1.0
    """
    if getattr(result, "shape", None) == () and hasattr(result, "item"):
        result = result.item()
    return one_number(result, what)


def _names_of(function: Callable[..., Any], arguments: Sequence[Any]) -> list[str]:
    """Return the names of the arguments: of several, or of a matrix, what the function calls them.

    A single number, vector or structure is the point.
    """
    count = len(arguments)
    if count == 1 and not (is_array(arguments[0]) and len(getattr(arguments[0], "shape", ())) > 1):
        return ["point"]
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    places = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [parameter.name for parameter in parameters if parameter.kind in places][:count]
    if len(names) == count:
        return names
    return ["point"] if count == 1 else [f"args[{place}]" for place in range(count)]


def _coarser(known: str, dtype: Any) -> str:
    kind = str(dtype).rpartition(".")[2]  # of PyTorch: torch.bfloat16
    return kind if ROUNDINGS.get(kind, 0.0) > ROUNDINGS.get(known, 0.0) else known
