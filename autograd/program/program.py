"""Program: what `compile` returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.files import Path
from autograd.program.methods import Method
from autograd.program.over_rows import OverRows
from autograd.program.points import AtPoints
from autograd.program.portable import Portable
from autograd.program.readable import Readable
from autograd.program.record.arguments import Arguments
from autograd.program.storage.files import read
from autograd.program.variants.recorder import Recorder
from autograd.program.variants.variant import Variant
from autograd.selection import Value
from autograd.streams import printed_anywhere


@printed_anywhere
class Program(Method, Portable, OverRows, Readable, AtPoints):
    """A function, recorded and compiled; see `compile`.

    Example:
        >>> from autograd import Value, compile
        >>> w = Value(3.0, label="w")
        >>> program = compile(lambda x: w * x if x > 0.0 else 0.0 * x, parameters=[w])
        >>> program(2.0), program(-2.0)
        (6.0, -0.0)
        >>> len(program.variants), program.parameters, program.name
        (2, [Value(data=3.0, grad=0.0, label='w')], 'lambda')
        >>> program.record(1.0) in program.variants
        True
    """

    def __init__(
        self,
        f: Callable[..., Any] | None,
        name: str,
        arguments: Arguments,
        uniform: Sequence[str] = (),
        variants: Sequence[Variant] = (),
        parameters: Sequence[Value] | None = None,
        checked: bool | None = None,
    ) -> None:
        super().__init__()
        # The function, and what was recorded of it.
        self._recorder = Recorder(f, name, arguments, uniform, variants, parameters, checked)
        self._connected: Variant | None = None
        self._takes_out = not arguments.takes("out")

    @property
    def name(self) -> str:
        """The function's name."""
        return self._recorder.name

    @property
    def variants(self) -> list[Variant]:
        """One for each structure of arguments and each way through the function's branches."""
        return self._recorder.variants

    @property
    def parameters(self) -> list[Value]:
        """The Values from outside by which the result is differentiated."""
        return self._recorder.parameters

    def record(self, *args: Any, **by_name: Any) -> Variant:
        """Record the function on these arguments and return the variant."""
        return self._recorder.recorded(self._recorder.call_of(args, by_name))


def load_program(path: Path) -> Program:
    """Return the program in a file that `Program.save` wrote.

    Nothing in the file is executed. The program gives the same results, bit for bit; its
    `parameters` are new Values with the labels and numbers of the saved ones. It is without its
    function, so its branches are frozen; a named tuple among the results comes back as a tuple.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not a program file, or was damaged, saying what is wrong and where.

    Example:
        >>> load_program(__file__)
        Traceback (most recent call last):
          ...
        ValueError: '...program.py' is not a program file: ...not JSON: ...
    """
    name, arguments, shared, variants = read(path)
    uniform = [arguments.name_at(position) for position in shared]
    return Program(None, name, arguments, uniform, variants)
