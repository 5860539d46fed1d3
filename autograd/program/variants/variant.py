"""Variant: one way through a function, recorded, and everything that is made of it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from operator import is_
from typing import Any

from autograd.program.code.computed_once import computed_once
from autograd.program.code.instructions import Code
from autograd.program.columns.layout import Layout, layout_of
from autograd.program.emission.unit import Argument, Unit
from autograd.program.passes.derived import Derived, RowsCode, gradient_code, rows_code, value_code
from autograd.program.record.signature import Signature, in_lists
from autograd.program.run.calling import form_of, in_arrays
from autograd.program.run.point_runner import Points
from autograd.program.run.row_runner import Rows, rows_of
from autograd.selection import Value, numbers_of
from autograd.structure import Array, Structure


class Variant:
    """Recorded code with the structure of its arguments and results.

    Attributes:
        recorded: One instruction per node, as the function was run.
        signature: The arguments it was recorded with.
        captured: The Values from outside, which are read at every call: the last parameters.
        trained: Those of them, the first, by which the result is differentiated.
        result: The structure of the results.
    """

    def __init__(
        self,
        recorded: Code,
        signature: Signature,
        captured: Sequence[Value],
        result: Structure,
        trained: int | None = None,
    ) -> None:
        self.recorded = recorded
        self.signature = signature
        self.captured = list(captured)
        self.trained = self.captured[:trained]
        self.has_news = True  # since a program last connected its calls
        self.result = result
        self._runners: dict[tuple[bool, str | None], Rows] = {}
        self.machinery: Any = None  # of training, once there was some

    def of(self, signature: Signature) -> Variant:
        """Return the same code under another signature."""
        return Variant(self.recorded, signature, self.captured, self.result, len(self.trained))

    def is_like(self, other: Variant) -> bool:
        """Return whether another one is the same code, on the same Values from outside."""
        return self.recorded.is_like(other.recorded) and (
            len(self.captured) == len(other.captured)
            and all(map(is_, self.captured, other.captured))
        )

    @property
    def is_single(self) -> bool:
        """Whether the result is one number."""
        return self.result.is_number

    @computed_once
    def value(self) -> Derived:
        """The simplified code of the results."""
        return value_code(self.recorded)

    @computed_once
    def gradient(self) -> Derived:
        """The code of the result and its derivatives by the numbers of all arguments."""
        own = self.recorded.inputs + len(self.signature.parameters)
        return gradient_code(self.recorded, range(own))

    @computed_once
    def full_gradient(self) -> Derived:
        """The code of the result and its derivatives by all inputs and parameters, to be read."""
        return gradient_code(self.recorded, range(self.recorded.first_constant), to_read=True)

    @computed_once
    def parameter_gradient(self) -> Derived:
        """The code of the result and its derivatives by the Values that are trained."""
        return gradient_code(self.recorded, self.trained_slots)

    @property
    def first_captured(self) -> int:
        """The slot of the first Value from outside."""
        return self.recorded.first_constant - len(self.captured)

    @property
    def trained_slots(self) -> range:
        """The slots of the Values that are trained."""
        return range(self.first_captured, self.first_captured + len(self.trained))

    @computed_once
    def value_points(self) -> Points:
        """The results, ready to run on points."""
        self.has_news = True
        return Points(self.value.code)

    @computed_once
    def gradient_points(self) -> Points:
        """The result and its derivatives by the arguments, ready to run on points."""
        self.has_news = True
        return Points(self.gradient.code)

    @computed_once
    def parameter_gradient_points(self) -> Points:
        """The result and its derivatives by the Values from outside, ready to run on points."""
        return Points(self.parameter_gradient.code)

    @computed_once
    def plain_shape(self) -> tuple[Any, ...] | None:
        """The forms of numbers, lists of numbers and arrays; None if an argument is another."""
        parts = self.signature.structure.parts
        if self.signature.parameters or self.signature.key:
            return None
        plain = all(x.kind in (None, Array) or (x.kind is list and x.is_flat) for x in parts)
        return tuple(map(form_of, parts)) if plain else None

    @computed_once
    def result_structure(self) -> Any:
        """The structure of the results as the machine's calls have it; None if they cannot."""
        from_arrays = self.signature.structure.has_arrays
        return form_of(in_arrays(self.result) if from_arrays else self.result)

    @computed_once
    def argument_structure(self) -> Any:
        """The structure of the gradient by the arguments, likewise."""
        arguments = self.signature.structure
        return form_of(arguments.parts[0] if len(arguments.parts) == 1 else arguments)

    def refresh(self) -> bool:
        """Give the machines that exist the captured Values as they are now.

        Returns:
            Whether all are finite: see `Points.run`.
        """
        numbers = self.current_parameters([])
        is_finite = True
        for name in ("value_points", "gradient_points"):
            if name in vars(self):
                is_finite = getattr(self, name).machine.set_parameters(numbers)
        return is_finite

    @property
    def names(self) -> list[str]:
        """The names of all inputs and parameters, in the order of their slots."""
        signature = self.signature
        own = [signature.names[i] for i in (*signature.inputs, *signature.parameters)]
        return [*own, *[v.label or f"p{i + 1}" for i, v in enumerate(self.captured)]]

    def unit(self, name: str) -> Unit:
        """Return what is needed to write the code as source text."""
        signature = self.signature
        arguments = [
            Argument(argument, in_lists(part), position in signature.uniform)
            for position, (argument, part) in enumerate(
                zip(signature.arguments, signature.structure.parts, strict=True)
            )
        ]
        parameters = zip(self.names[-len(self.captured) :], self.captured, strict=False)
        return Unit(
            name if name.isidentifier() else "f",
            tuple(arguments),
            tuple([(label, value.data) for label, value in parameters]),
            self.value.code,
            self._gradient_to_write(name) if self.is_single else None,
        )

    def _gradient_to_write(self, name: str) -> Code:
        try:
            return self.full_gradient.code
        except TypeError as error:
            raise TypeError(
                f"the source of {name} has a function of its gradient, but {error} in {name}, so "
                "that it is no argument"
            ) from error

    def rows(self, reduced: bool, by: str | None) -> RowsCode:
        """Return the code for batches: see `rows_code`.

        Args:
            reduced: Whether the sum or mean over the rows is wanted.
            by: What to differentiate by: "rows", the inputs of a row; "uniform", the parameters
                among the arguments; None, nothing. Reduced, by these parameters and the Values
                that are trained.
        """
        code = self.recorded
        wanted = range(code.inputs)
        if reduced:
            wanted = range(code.inputs, self.trained_slots.stop)
        elif by == "uniform":
            wanted = range(code.inputs, self.first_captured)
        differentiated = by is not None
        return rows_code(code, reduced, wanted if differentiated else (), differentiated)

    def runner(self, reduced: bool, by: str | None) -> Rows:
        """Return the code for batches, ready to run."""
        found = self._runners.get((reduced, by))
        if found is None:
            found = rows_of(self.rows(reduced, by))
            self._runners[reduced, by] = found
        return found

    @computed_once
    def layout(self) -> Layout:
        """How the results of a batch lie side by side in a row."""
        return layout_of(self.result)

    def current_parameters(self, own: Sequence[float]) -> array[float]:
        """Return the parameters of a call: those among its arguments, and the captured Values."""
        captured = numbers_of(self.captured)
        return array("d", own) + captured if own else captured
