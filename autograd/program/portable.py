"""Programs to be carried away: files, pickles and copies."""

from __future__ import annotations

import copy
import copyreg
from collections.abc import Sequence
from types import FunctionType
from typing import Any

from autograd.files import Path
from autograd.program.record.arguments import Arguments
from autograd.program.storage.description import Description, description_in, text_of
from autograd.program.storage.files import is_found_by_name, write
from autograd.program.variants.recorder import Recorder


class Portable:
    """What a program leaves of itself in files and pickles."""

    _recorder: Recorder

    def save(self, path: Path) -> None:
        """Write the program to a file, which `load_program` reads back.

        The file is text (JSON) and holds what was recorded and the numbers of the parameters; the
        function itself is not in it. It is written all at once or not at all.

        Raises:
            OSError: If the file cannot be written; what was there is still there.
            TypeError: If an operation is not in the rule book.
            ValueError: If the program was never called, was recorded for several static arguments,
                or is too large for a file.

        Example:
            >>> import os, tempfile
            >>> from autograd import Value, load_program
            >>> from autograd.program.compiling import compile
            >>> w = Value(3.0, "w")
            >>> program = compile(lambda x: w * x)
            >>> program(2.0)
            6.0
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     program.save(os.path.join(folder, "line.json"))
            ...     again = load_program(os.path.join(folder, "line.json"))
            >>> again(5.0), again.parameters
            (15.0, [Value(data=3.0, grad=0.0, label='w')])
        """
        write(path, self._description())

    def _description(self) -> Description:
        recorder = self._recorder
        arguments, variants = recorder.arguments, list(recorder.variants)
        forms = {(v.signature.arguments, v.signature.key) for v in variants if v.signature.key}
        if forms:
            # Of one way to give the arguments a file can tell: those that hold numbers, in order.
            if len(forms) + any(not v.signature.key for v in variants) > 1:
                raise ValueError(
                    f"{recorder.name} was recorded for several static arguments, or ways to name "
                    "arguments, but a file and a copy hold one; compile it for each: "
                    "compile(functools.partial(f, n=3))"
                )
            ((names, _),) = forms
            arguments = Arguments(names, len(names))
            plain = [v.signature._replace(key=()) for v in variants]
            variants = [v.of(signature) for v, signature in zip(variants, plain, strict=True)]
        return Description(recorder.name, arguments, recorder.shared(arguments.names), variants)

    def __reduce__(self) -> tuple[Any, ...]:
        f = self._recorder.f if is_found_by_name(self._recorder.f) else None
        return copyreg.__newobj__, (type(self),), self._state(f)  # type: ignore[attr-defined]

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        copied = memo[id(self)] = type(self).__new__(type(self))
        copied.__setstate__(copy.deepcopy(self._state(self._recorder.f), memo))
        return copied

    def _state(self, f: Any) -> tuple[Any, ...]:
        recorder = self._recorder
        # A function of Values from outside would be recorded again with others than the copies.
        if isinstance(f, FunctionType) and recorder.parameters:
            f = None
        if f is None and not recorder.variants:
            raise TypeError(
                f"{recorder.name} is not recorded yet, and its function cannot be taken along; "
                "call the program once first"
            )
        if f is not None and any(variant.signature.key for variant in recorder.variants):
            description = Description(recorder.name, recorder.arguments, [], [])
        else:
            description = self._description()
        taken = None if f is None else (recorder.arguments, recorder.uniform, recorder.checked)
        return f, text_of(description), description.parameters, taken

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        f, text, parameters, *taken = state
        name, arguments, shared, variants = description_in(text, parameters)
        uniform: Sequence[str] = [arguments.name_at(position) for position in shared]
        checked = None
        if taken and taken[0] is not None:
            arguments, uniform, checked = taken[0]
        self.__init__(f, name, arguments, uniform, variants, None, checked)  # type: ignore[misc]
