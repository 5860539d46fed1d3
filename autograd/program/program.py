"""Program: what `compile` returns."""

from __future__ import annotations

import copy
import copyreg
from array import array
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

from autograd.files import Path
from autograd.html_table import html_text
from autograd.machine import native_machine
from autograd.optimizers.optimizer import Optimizer
from autograd.program.batch import calls
from autograd.program.code.instructions import Code
from autograd.program.code.listing import listing
from autograd.program.columns.layout import as_arrays
from autograd.program.emission.languages import emitter
from autograd.program.record.signature import Arguments, Call
from autograd.program.run.calling import Calling
from autograd.program.run.point_runner import Points
from autograd.program.storage.description import Description, description_in, text_of
from autograd.program.storage.files import is_found_by_name, read, write
from autograd.program.train.steering import Schedule, Steering
from autograd.program.train.trainer import Trainer
from autograd.program.variants.recorder import Recorder, as_constant, carries, lifted, settled
from autograd.program.variants.variant import Variant
from autograd.selection import Value, add_to_gradients
from autograd.streams import for_stream, printed_anywhere


@printed_anywhere
class Program(Calling):
    """A function, recorded and compiled; see `compile`."""

    def __init__(
        self,
        f: Callable[..., Any] | None,
        name: str,
        arguments: Arguments,
        uniform: Sequence[int] = (),
        variants: Sequence[Variant] = (),
        parameters: Sequence[Value] | None = None,
    ) -> None:
        super().__init__()
        # The function, and what was recorded of it.
        self._recorder = Recorder(f, name, arguments, uniform, variants, parameters)
        self._connected: Variant | None = None

    @property
    def name(self) -> str:
        """The function's name."""
        return self._recorder.name

    @property
    def variants(self) -> list[Variant]:
        """One for each structure of arguments and each way through the function's branches."""
        return self._recorder.variants

    # --- Calls ------------------------------------------------------------------------------------

    def _call_slowly(self, *args: Any) -> Any:
        """Return the results for any arguments: records, changes variants, re-runs eagerly."""
        call = self._recorder.call_of(args)
        if carries(call.numbers):
            return self._recorder.eagerly(call)
        variant, status, outputs = self._run(call, lambda variant: variant.value_points)
        if status:
            result = settled(self._recorder.eagerly(lifted(call, variant)))
        else:
            result = variant.result.build(outputs)
        return as_arrays(result) if call.from_arrays else result

    def _value_and_grad_slowly(self, *args: Any) -> tuple[Any, Any]:
        """Return the result and its gradient for any arguments."""
        call = self._recorder.call_of(args)
        if carries(call.numbers):
            raise TypeError(
                "value_and_grad of a program takes plain numbers; differentiate "
                "autograd.value_and_grad(f) instead, or compile it"
            )
        variant, status, outputs = self._run(call, _gradient_points)
        if status:
            value, gradient = self._recorder.eager_gradient(call)
        else:
            value, gradient = outputs[0], outputs[1:]
        order = [*variant.signature.inputs, *variant.signature.parameters]
        placed = [0.0] * len(gradient)
        for position, derivative in zip(order, gradient, strict=True):
            placed[position] = derivative
        found = _alone(call.structure.build(placed))
        return value, as_arrays(found) if call.from_arrays else found

    def backward(self, *args: Any) -> float:
        """Return the result, one number, and add its derivatives to the parameters' `.grad`.

        Example:
            >>> from autograd.program.compiling import compile
            >>> w = Value(3.0)
            >>> program = compile(lambda x: (w * x) ** 2)
            >>> program.backward(2.0), w.grad
            (36.0, 24.0)
        """
        call = self._recorder.call_of(args)
        if carries(call.numbers):
            raise TypeError("backward of a program takes plain numbers")
        variant, status, outputs = self._run(call, _parameter_gradient_points)
        if status:
            given = map(as_constant, call.numbers, variant.signature.names)
            output = self._recorder.eagerly(call._replace(numbers=list(given)))
            if isinstance(output, Value) and not output.is_constant:
                output.backward()
            return float(settled(output))
        add_to_gradients(variant.trained, array("d", outputs[1:]))
        return outputs[0]

    # --- Batches ----------------------------------------------------------------------------------

    def rows(
        self,
        *args: Any,
        reduce: str | None = None,
        not_finite: str = "raise",
        threads: int | None = None,
    ) -> Any:
        """Return the results for many rows, or their sum or mean over the rows.

        Args:
            args: Uniform arguments as in a single call; every other one with an axis of rows in
                front. For a number x a column (a list, `array.array`, one-dimensional array or
                buffer), for a list of k numbers rows × k, and so on; for a dict a dict of columns.
                One plain number stands for all rows.
            reduce: None, or "sum" or "mean" over the rows.
            not_finite: "raise": where something overflows or leaves its domain the row is run again
                eagerly, to give eager code's result or error. "keep": IEEE results, infinities and
                NaN, instead.
            threads: How many threads share the rows; as many as pay off, if not given. The results
                do not depend on it.

        Returns:
            A column for a number, rows × k for a list of k numbers, and these within tuples and
            dicts as the function returns them; NumPy arrays if an argument is one, else lists.
            Reduced, what a single call returns.

        Raises:
            TypeError: If an argument holds something else than real numbers, naming it.
            ValueError: If arguments differ in their number of rows, have none, or hold NaN.

        Example:
            >>> from autograd.program.compiling import compile
            >>> program = compile(lambda x, y: x * y if x > 0 else y)
            >>> program.rows([1.0, -2.0, 3.0], [4.0, 5.0, 6.0])
            [4.0, 5.0, 18.0]
            >>> program.rows([1.0, -2.0, 3.0], 10.0, reduce="sum")
            50.0
        """
        return calls.rows(self._recorder, args, reduce, not_finite, threads)

    def rows_value_and_grad(
        self,
        *args: Any,
        reduce: str | None = None,
        not_finite: str = "raise",
        threads: int | None = None,
    ) -> tuple[Any, Any]:
        """Return the result, one number, for many rows, and its derivatives; see `rows`.

        Returns:
            A column, and for every row the derivatives by the arguments that are not uniform, with
            the structure of the argument; of several a tuple. Reduced, a number, and its
            derivatives by what is the same for all rows: by the uniform arguments (one, or a
            tuple), by the Values from outside (a list, in the order of `parameters`), or the pair
            of both.

        Raises:
            TypeError: If the result is not one number, or if there is nothing to differentiate by.
            ArithmeticError: If a derivative is infinite or undefined, naming the row.

        Example:
            >>> from autograd.program.compiling import compile
            >>> program = compile(lambda x, w: (w[0] * x + w[1]) ** 2, uniform=1)
            >>> program.rows_value_and_grad([1.0, 2.0], [3.0, 4.0])
            ([49.0, 100.0], [42.0, 60.0])
            >>> program.rows_value_and_grad([1.0, 2.0], [3.0, 4.0], reduce="mean")
            (74.5, [27.0, 17.0])
        """
        return calls.value_and_gradient(self._recorder, args, reduce, not_finite, threads)

    def rows_backward(
        self,
        *args: Any,
        reduce: str = "mean",
        not_finite: str = "raise",
        threads: int | None = None,
    ) -> float:
        """Return the mean or sum over rows, and add its derivatives to the parameters' `.grad`.

        Example:
            >>> from autograd.program.compiling import compile
            >>> w = Value(3.0)
            >>> program = compile(lambda x, y: (w * x - y) ** 2)
            >>> program.rows_backward([1.0, 2.0], [3.0, 4.0]), w.grad
            (2.0, 4.0)
        """
        return calls.backward(self._recorder, args, reduce, not_finite, threads)

    def trainer(
        self,
        *args: Any,
        optimizer: Optimizer,
        batch_size: int | None = None,
        shuffle: bool = True,
        seed: int | None = 0,
        reduce: str = "mean",
        schedule: Schedule | None = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        norms: bool = False,
        eager: bool = False,
    ) -> Trainer:
        """Return what trains the Values that the function uses from outside.

        Args:
            args: The rows, as for `rows`.
            optimizer: One of `autograd.optimizers`, such as `SGD(lr=0.1)`.
            batch_size: How many rows a step takes; all of them, if not given.
            shuffle: Whether each epoch takes the rows in another order:
                `sorted(range(rows), key=lambda row: source.random())`.
            seed: Of that source, `random.Random(seed)`. The optimizer remembers how far it was
                used: other calls with this seed go on from there.
            reduce: "mean" or "sum" of a batch's losses.
            schedule: A function of the number of steps the optimizer took before, 0 at first: by
                what its learning rate is multiplied in this step. Asked before steps are taken, and
                of as many as a call is to take.
            clip_norm: The largest norm ‖g‖ of a batch's gradient: it is multiplied by
                min(1, clip_norm / ‖g‖) before the optimizer's rule, as by `clip_gradients`.
            clip_value: The largest size of each of its numbers, applied before that.
            norms: Whether `gradient_norms` are wanted; with `clip_norm` they always are.
            eager: Whether the function itself is run and differentiated for every row of every
                step, slowly and open to a debugger. The numbers are the same but for rounding.

        Raises:
            TypeError: If the result is not one number.
            ValueError: If there is nothing to train, the rows do not fit together, or a limit is
                not above 0.

        Example:
            >>> from autograd import SGD
            >>> from autograd.program.compiling import compile
            >>> w = Value(0.0, "w")
            >>> program = compile(lambda x, y: (w * x - y) ** 2)
            >>> trainer = program.trainer([1.0, 2.0], [3.0, 6.0], optimizer=SGD(lr=0.1))
            >>> losses = trainer.run(steps=100)
            >>> losses[0], round(w.data, 9)
            (22.5, 3.0)
        """
        steering = Steering(schedule, clip_norm, clip_value, norms)
        return Trainer(
            self._recorder, args, optimizer, batch_size, shuffle, seed, reduce, steering, eager
        )

    def train(
        self,
        *args: Any,
        optimizer: Optimizer,
        steps: int | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        shuffle: bool = True,
        seed: int | None = 0,
        reduce: str = "mean",
        schedule: Schedule | None = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        callback: Callable[[int, float], Any] | None = None,
        every: int | None = None,
    ) -> list[float]:
        """Train the Values that the function uses from outside; return the loss of every step.

        See `trainer` for the rows and the optimizer, `Trainer.run` for the rest. Two calls with the
        same optimizer are one and its continuation, bit for bit.
        """
        trainer = self.trainer(
            *args,
            optimizer=optimizer,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            reduce=reduce,
            schedule=schedule,
            clip_norm=clip_norm,
            clip_value=clip_value,
        )
        return trainer.run(steps, epochs, callback, every)

    @property
    def parameters(self) -> list[Value]:
        """The Values from outside by which the result is differentiated."""
        return self._recorder.parameters

    # --- To be read and carried away --------------------------------------------------------------

    @property
    def code(self) -> Code:
        """The simplified code of the results, of the variant used last."""
        return self._recorder.latest().value.code

    @property
    def instructions(self) -> int:
        """How many instructions the value takes."""
        return len(self.code.instructions)

    @property
    def removed(self) -> dict[str, int]:
        """How many instructions simplification removed from the value, by what it did."""
        return {how: count for how, count in self._recorder.latest().value.removed.items() if count}

    def listing(self, gradient: bool = False, lines: int | None = 40) -> str:
        """Return the code of the value, or of value and gradient, as text.

        Args:
            gradient: Whether all derivatives, of the parameters too, are computed.
            lines: The most lines to show; None shows all.

        Example:
            >>> from autograd.program.compiling import compile
            >>> program = compile(lambda x, y: x * y + 1.0)
            >>> value = program(3.0, 4.0)
            >>> print(program.listing())
            inputs  x, y
            t1 = x * y
            t2 = t1 + 1
            -> t2
            2 instructions
        """
        variant = self._recorder.latest()
        derived = variant.full_gradient if gradient else variant.value
        return for_stream(listing(derived.code, variant.names, derived.removed, lines))

    def source(self, language: str = "python") -> str:
        """Return the program as source text that depends on nothing: value and gradient functions.

        Args:
            language: "python", "c" (C99) or "javascript" (an ES module).

        Raises:
            ValueError: If the language is another, or an operation has no text in it.
        """
        return emitter(language)(self._recorder.latest().unit(self.name))

    def __str__(self) -> str:
        return self.listing() if self.variants else repr(self)

    def __repr__(self) -> str:
        called = f"program {self.name}({self._recorder.arguments})"
        if not self.variants:
            return f"<{called}, not recorded yet>"
        count = len(self.variants)
        variants = f", {count} variants" if count > 1 else ""
        size = f"{self.instructions} instruction" + "s" * (self.instructions != 1)
        return f"<{called}, {size}{variants}>"

    def _repr_html_(self) -> str:
        title = repr(self).strip("<>")
        if not self.variants:
            return html_text(title)
        return html_text(f"{title}\n{self.listing()}")

    def record(self, *args: Any) -> Variant:
        """Record the function on these arguments and return the variant."""
        return self._recorder.recorded(self._recorder.call_of(args))

    # --- Files, pickles, copies -------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Write the program to a file, which `load_program` reads back.

        The file is text (JSON) and holds what was recorded and the numbers of the parameters; the
        function itself is not in it. It is written all at once or not at all.

        Raises:
            OSError: If the file cannot be written; what was there is still there.
            TypeError: If an operation is not in the rule book.
            ValueError: If the program was never called, or is too large for a file.

        Example:
            >>> import os, tempfile
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
        return Description(
            self.name, self._recorder.arguments, self._recorder.uniform, list(self.variants)
        )

    def __reduce__(self) -> tuple[Any, ...]:
        f = self._recorder.f if is_found_by_name(self._recorder.f) else None
        return copyreg.__newobj__, (type(self),), self._state(f)  # type: ignore[attr-defined]

    def __deepcopy__(self, memo: dict[int, Any]) -> Program:
        copied = memo[id(self)] = type(self).__new__(type(self))
        copied.__setstate__(copy.deepcopy(self._state(self._recorder.f), memo))
        return copied

    def _state(self, f: Any) -> tuple[Any, ...]:
        # A function of Values from outside would be recorded again with others than the copies.
        if isinstance(f, FunctionType) and self.parameters:
            f = None
        description = self._description()
        if f is None and not description.variants:
            raise TypeError(
                f"{self.name} is not recorded yet, and its function cannot be taken along; call "
                "the program once first"
            )
        return f, text_of(description), description.parameters

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        f, text, parameters = state
        self.__init__(f, *description_in(text, parameters))  # type: ignore[misc]

    def _run(
        self, call: Call, points_of: Callable[[Variant], Points]
    ) -> tuple[Variant, int, list[float]]:
        found = self._recorder.run(call, points_of)
        self._connect(found[0])
        return found

    def _connect(self, variant: Variant) -> None:
        """Let the next call with such arguments go straight to the machine."""
        shape = variant.plain_shape
        if native_machine() is None or (self._connected is variant and not variant.has_news):
            return
        self._connected = variant
        self._captured = variant.captured
        self._connect_value(None, None, None)
        self._connect_gradient(None, None, None)
        result, argument = variant.result_structure, variant.argument_structure
        if shape is not None and result is not None and "value_points" in vars(variant):
            self._connect_value(shape, variant.value_points.machine, result)
        if shape is not None and argument is not None and "gradient_points" in vars(variant):
            self._connect_gradient(shape, variant.gradient_points.machine, (-1, argument))
        variant.has_news = False

    def _refresh(self) -> bool:
        """Give the connected machines the captured Values as they are now: are all finite?"""
        assert self._connected is not None
        return self._connected.refresh()


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
    return Program(None, *read(path))


def _gradient_points(variant: Variant) -> Points:
    _refuse_several(variant)
    return variant.gradient_points


def _parameter_gradient_points(variant: Variant) -> Points:
    _refuse_several(variant)
    return variant.parameter_gradient_points


def _refuse_several(variant: Variant) -> None:
    if not variant.is_single:
        raise TypeError(
            "a gradient needs one number as the result; compile jacobian(f) for several"
        )


def _alone(arguments: tuple[Any, ...]) -> Any:
    return arguments[0] if len(arguments) == 1 else arguments
