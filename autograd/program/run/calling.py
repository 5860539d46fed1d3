"""The way from a call in Python to the machine; compiled where the native machine is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.machine import native_machine


class _Calling:
    """A call that takes the long way; the native one has a short way for plain floats."""

    def __call__(self, *args: Any) -> Any:
        return self.call_slowly(*args)

    def value_and_grad(self, *args: Any) -> tuple[Any, Any]:
        """Return the result, one number, and its derivatives by all arguments.

        Returns:
            The number, and the gradient with the structure of the argument; of several arguments,
            a tuple.

        Raises:
            TypeError: If the result is not one number.
            ArithmeticError: If a derivative is infinite or undefined, as in eager code.

        Example:
            >>> from autograd.program.compiling import compile
            >>> compile(lambda x, y: x * y).value_and_grad(3.0, 4.0)
            (12.0, (4.0, 3.0))
        """
        return self.value_and_grad_slowly(*args)

    def connect(self, shape: Any, machine: Any, structure: Any) -> None:
        """Let calls with arguments of this shape run on a machine; None: no longer."""

    def connect_gradient(self, shape: Any, machine: Any, structure: Any) -> None:
        """The same for `value_and_grad`."""

    def value_and_grad_slowly(self, *args: Any) -> tuple[Any, Any]:
        """Return the result and its gradient for any arguments."""
        raise NotImplementedError

    def call_slowly(self, *args: Any) -> Any:
        """Return the results for any arguments."""
        raise NotImplementedError


if TYPE_CHECKING:
    Calling = _Calling
else:
    _module = native_machine()
    Calling = _Calling if _module is None else _module.Calling
