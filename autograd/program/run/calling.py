"""The way from a call in Python to the machine; compiled where the native machine is built."""

from __future__ import annotations

from typing import Any, TypeVar, overload

from autograd.machine import compiled
from autograd.sparse_matrices import SparseMatrix
from autograd.structure import Array, Structure

Out = TypeVar("Out")


@compiled
class Calling:
    """A call that takes the long way; the native one has a short way for plain floats."""

    _takes_out = False  # whether the argument `out` is a buffer, and not the function's

    def __call__(self, *args: Any, **by_name: Any) -> Any:
        """Return the results for these arguments.

        Args:
            *args: Those of the function.
            **by_name: Likewise. `out`, unless the function has an argument of that name: a buffer
                of doubles, such as `array("d")` or an array of NumPy, that takes the numbers of the
                result, in order, and is returned.

        Raises:
            TypeError: If `out` is no buffer of doubles.
            ValueError: If it is read-only or has another size than the result.

        Example:
            >>> from array import array
            >>> from autograd.program.compiling import compile
            >>> compile(lambda x: [x, x**2])(3.0, out=array("d", [0.0, 0.0]))
            array('d', [3.0, 9.0])
        """
        out = by_name.pop("out", None) if self._takes_out else None
        return self._poured(self._call_slowly(*args, **by_name), out)

    @overload
    def value_and_grad(self, *args: Any, out: None = None, **by_name: Any) -> tuple[Any, Any]: ...
    @overload
    def value_and_grad(self, *args: Any, out: Out, **by_name: Any) -> Out: ...
    def value_and_grad(self, *args: Any, **by_name: Any) -> Any:
        """Return the result, one number, and its derivatives by all arguments.

        `out` is that of calls: the number comes first, the derivatives follow.

        Returns:
            The number, and the gradient with the structure of the argument; of several arguments,
            a tuple.

        Raises:
            TypeError: If the result is not one number, or `out` no buffer of doubles.
            ValueError: If `out` is read-only or has another size.
            ArithmeticError: If a derivative is infinite or undefined, as in eager code.

        Example:
            >>> from autograd.program.compiling import compile
            >>> compile(lambda x, y: x * y).value_and_grad(3.0, 4.0)
            (12.0, (4.0, 3.0))
        """
        out = by_name.pop("out", None) if self._takes_out else None
        return self._poured(self._value_and_grad_slowly(*args, **by_name), out)

    def _poured(self, found: Any, out: Any) -> Any:
        """Return what a call found, written into a buffer if there is one."""
        raise NotImplementedError

    def _connect_value(self, shape: Any, machine: Any, structure: Any) -> None:
        """Let calls with arguments of this shape run on a machine; None: no longer."""

    def _connect_outside(self, steps: Any) -> None:
        """Let calls take the long way where these steps do not hold; None: look at nothing."""

    def _connect_gradient(self, shape: Any, machine: Any, structure: Any) -> None:
        """The same for `value_and_grad`."""

    def _value_and_grad_slowly(self, *args: Any, **by_name: Any) -> tuple[Any, Any]:
        """Return the result and its gradient for any arguments."""
        raise NotImplementedError

    def _call_slowly(self, *args: Any, **by_name: Any) -> Any:
        """Return the results for any arguments."""
        raise NotImplementedError


def form_of(structure: Structure) -> Any:
    """Return a structure as calls of the machine have it, or None if it has no such form.

    A number is -1, a list of n numbers n, an array (..., axes); a sparse matrix is (what makes it
    of its entries, their form); a tuple and any other list are themselves, of such.

    Example:
        >>> from autograd.structure import structure_of
        >>> form_of(structure_of((1.0, [2.0, 3.0], [[4.0], [5.0]])))
        (-1, 2, [1, 1])
    """
    if structure.is_number:
        return -1
    if structure.kind is Array:
        return (..., *structure.keys)
    if structure.kind is list and structure.is_flat:
        return structure.items
    if structure.kind is SparseMatrix:
        return structure.keys[0].matrix, form_of(structure.parts[0])
    if structure.kind not in (list, tuple):
        return None
    parts = [form_of(part) for part in structure.parts]
    return None if None in parts else structure.joined(parts)


def in_arrays(structure: Structure) -> Structure:
    """Return a structure with arrays in place of lists of numbers, as results of arrays have it.

    Example:
        >>> from autograd.structure import structure_of
        >>> form_of(in_arrays(structure_of((1.0, [[4.0, 3.0], [5.0, 2.0]]))))
        (-1, (Ellipsis, 2, 2))
    """
    axes = structure.axes
    if structure.kind is list and axes is not None:
        return Structure(Array, structure.size, axes)
    if isinstance(structure.items, int):
        return structure
    return Structure(structure.kind, tuple(map(in_arrays, structure.items)), structure.keys)
