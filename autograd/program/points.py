"""Programs at single points: calls, gradients, and the short way to the machine."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

from autograd.machine import native_machine
from autograd.program.columns.into import poured
from autograd.program.columns.layout import as_arrays
from autograd.program.record.signature import Call
from autograd.program.run.calling import Calling
from autograd.program.run.point_runner import Points
from autograd.program.variants.on_values import as_constant, carries, lifted, settled
from autograd.program.variants.recorder import Recorder
from autograd.program.variants.variant import Variant
from autograd.selection import Value, add_to_gradients
from autograd.structure import flatten


class AtPoints(Calling):
    """What a program does at one point."""

    _recorder: Recorder
    _connected: Variant | None

    def _call_slowly(self, *args: Any, **by_name: Any) -> Any:
        """Return the results for any arguments: records, changes variants, re-runs eagerly."""
        call = self._recorder.call_of(args, by_name)
        if carries(call.numbers):
            return self._recorder.eagerly(call)
        variant, status, outputs = self._run(call, lambda variant: variant.value_points)
        if status:
            result = settled(self._recorder.eagerly(lifted(call, variant)))
        else:
            result = variant.result.build(outputs)
        return as_arrays(result) if call.from_arrays else result

    def _value_and_grad_slowly(self, *args: Any, **by_name: Any) -> tuple[Any, Any]:
        """Return the result and its gradient for any arguments."""
        call = self._recorder.call_of(args, by_name)
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
        found = call.structure.build(placed)
        return value, found[0] if len(found) == 1 else found

    def _poured(self, found: Any, out: Any) -> Any:
        """Return what a call found, written into a buffer if there is one."""
        if out is None:
            return found
        name = self._recorder.name
        if carries(flatten(found, f"the result of {name}")[0]):
            raise TypeError(f"out takes plain numbers, but {name} was called with Values")
        return poured(found, out, name)

    def backward(self, *args: Any, **by_name: Any) -> float:
        """Return the result, one number, and add its derivatives to the parameters' `.grad`.

        Example:
            >>> from autograd.program.compiling import compile
            >>> w = Value(3.0)
            >>> program = compile(lambda x: (w * x) ** 2)
            >>> program.backward(2.0), w.grad
            (36.0, 24.0)
        """
        call = self._recorder.call_of(args, by_name)
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
        self._connect_outside(self._recorder.steps_of(variant))
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
