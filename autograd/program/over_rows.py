"""Programs over rows: batches, and training on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograd.optimizers.optimizer import Optimizer
from autograd.program.batch import calls
from autograd.program.batch.asked import Asked
from autograd.program.record.arguments import Handed
from autograd.program.train.steering import Schedule, Steering
from autograd.program.train.trainer import Trainer
from autograd.program.variants.recorder import Recorder


class OverRows:
    """What a program does with many rows."""

    _recorder: Recorder

    def _given(self, args: tuple[Any, ...], by_name: Mapping[str, Any]) -> Handed:
        return self._recorder.arguments.given(args, by_name, self._recorder.name)

    def _remembered(self, args: tuple[Any, ...], way: Any, threads: Any, out: Any) -> Any:
        """Return what the machine gives for a call like an earlier one; None for any other."""
        calls = self._recorder.row_calls
        known = calls.get(way)
        if known is None:
            return None
        found = known.call(args, out, threads)
        if found is None:
            calls.pop(way, None)
        elif known.finish is not None:
            return known.finish(self._recorder, found)
        return found

    def rows(
        self,
        *args: Any,
        reduce: str | None = None,
        not_finite: str = "raise",
        threads: int | None = None,
        out: Any = None,
        **by_name: Any,
    ) -> Any:
        """Return the results for many rows, or their sum or mean over the rows.

        Args:
            args: Uniform and static arguments as in a single call; every other one with an axis of
                rows in front. For a number x a column (a list, `array.array`, one-dimensional array
                or buffer), for a list of k numbers rows × k, and so on; for a dict a dict of
                columns.
                One plain number stands for all rows.
            reduce: None, or "sum" or "mean" over the rows.
            not_finite: "raise": where something overflows or leaves its domain the row is run again
                eagerly, to give eager code's result or error. "keep": IEEE results, infinities and
                NaN, instead.
            threads: How many threads share the rows; as many as are found to pay, if not given. The
                results do not depend on it.
            out: Writable buffers of doubles (arrays of NumPy, `array.array`) in the structure of
                the results, which are written there; `out` is then what is returned. They hold
                anything if there is an error.
            by_name: Arguments given by name.

        Returns:
            A column for a number, rows × k for a list of k numbers, and these within tuples and
            dicts as the function returns them: NumPy arrays if an argument is one; else lists, but
            columns as `array.array` if an argument is that or another buffer. Reduced, what a
            single call returns.

        Raises:
            TypeError: If an argument holds something else than real numbers, naming it, or `out`
                takes no results.
            ValueError: If arguments differ in their number of rows, have none, or hold NaN, or if
                `out` has another shape than the results.

        Example:
            >>> from autograd.program.compiling import compile
            >>> program = compile(lambda x, y: x * y if x > 0 else y)
            >>> program.rows([1.0, -2.0, 3.0], [4.0, 5.0, 6.0])
            [4.0, 5.0, 18.0]
            >>> program.rows([1.0, -2.0, 3.0], 10.0, reduce="sum")
            50.0
        """
        way = reduce, not_finite, None  # of `Asked`
        found = None if by_name else self._remembered(args, way, threads, out)
        if found is None:
            asked = Asked(reduce, not_finite, threads)
            return calls.rows(self._recorder, self._given(args, by_name), asked, out)
        return found

    def rows_value_and_grad(
        self,
        *args: Any,
        reduce: str | None = None,
        not_finite: str = "raise",
        threads: int | None = None,
        by: str = "rows",
        out: Any = None,
        **by_name: Any,
    ) -> tuple[Any, Any]:
        """Return the result, one number, for many rows, and its derivatives; see `rows`.

        Args:
            args, reduce, not_finite, threads, out, by_name: As for `rows`.
            by: What the derivatives of every row are by: "rows", the arguments that are not
                uniform; or "uniform", those that are: the Jacobian that fits of curves need.

        Returns:
            A column, and for every row the derivatives with the structure of the argument; of
            several a tuple. Reduced, a number, and its derivatives by what is the same for all
            rows: by the uniform arguments (one, or a tuple), by the Values from outside (a list, in
            the order of `parameters`), or the pair of both.

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
            >>> program.rows_value_and_grad([1.0, 2.0], [3.0, 4.0], by="uniform")
            ([49.0, 100.0], [[14.0, 14.0], [40.0, 20.0]])
        """
        way = reduce, not_finite, by
        found: tuple[Any, Any] | None = None
        if not by_name:
            found = self._remembered(args, way, threads, out)
        if found is None:
            given, asked = self._given(args, by_name), Asked(reduce, not_finite, threads, by)
            return calls.value_and_gradient(self._recorder, given, asked, out)
        return found

    def rows_backward(
        self,
        *args: Any,
        reduce: str = "mean",
        not_finite: str = "raise",
        threads: int | None = None,
        **by_name: Any,
    ) -> float:
        """Return the mean or sum over rows, and add its derivatives to the parameters' `.grad`.

        Example:
            >>> from autograd import Value
            >>> from autograd.program.compiling import compile
            >>> w = Value(3.0)
            >>> program = compile(lambda x, y: (w * x - y) ** 2)
            >>> program.rows_backward([1.0, 2.0], [3.0, 4.0]), w.grad
            (2.0, 4.0)
        """
        asked = Asked(reduce, not_finite, threads, "rows")
        return calls.backward(self._recorder, self._given(args, by_name), asked)

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
        **by_name: Any,
    ) -> Trainer:
        """Return what trains the Values that the function uses from outside.

        Args:
            args, by_name: The rows, as for `rows`.
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
            >>> from autograd import SGD, Value
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
            self._recorder,
            self._given(args, by_name),
            optimizer,
            batch_size,
            shuffle,
            seed,
            reduce,
            steering,
            eager,
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
        **by_name: Any,
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
            **by_name,
        )
        return trainer.run(steps, epochs, callback, every)
