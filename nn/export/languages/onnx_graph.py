"""A model as an ONNX graph: a Gemm for each layer, and its activation in operators of ONNX.

Numbers in formulas are asked of the activations themselves: the slope of a leaky relu is what it
makes of -1. Some operators of ONNX Runtime lose the digits of small results (Sigmoid below -10, Elu
and Selu near 0), or take floats only (Softplus); there others are written that keep them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nn.activations import BY_NAME
from nn.export.dense import Dense
from nn.export.languages.headings import class_line, title, written_by

_OPSET, _IR_VERSION = 20, 9  # Gelu came with 20; ONNX Runtime reads both since 1.17


def onnx_bytes(
    layers: Sequence[Dense],
    name: str,
    dtype: str = "double",
    classes: Sequence[Any] | None = None,
) -> bytes:
    """Return a model as the bytes of an ONNX file: from "x", rows × inputs, to "y".

    Args:
        layers: Of the model.
        name: Of the graph.
        dtype: "double" or "float", of weights, inputs and outputs.
        classes: The labels of the outputs, for the description.

    Raises:
        ImportError: If onnx is not installed.
        ValueError: If an activation has no operators in ONNX: functions of the user's own, and gelu
            for doubles.
    """
    try:
        import onnx
        from onnx import helper, numpy_helper
    except ImportError:
        raise ImportError("ONNX files need the package: pip install 'chainrule[onnx]'") from None
    import numpy

    kind = onnx.TensorProto.DOUBLE if dtype == "double" else onnx.TensorProto.FLOAT
    writer = _Writer(helper.make_node, dtype)
    constants = []
    for place, layer in enumerate(layers, start=1):
        operands = [f"a_{place - 1}" if place > 1 else "x", f"weights_{place}"]
        constants.append(numpy_helper.from_array(_array(layer.weights, dtype), operands[1]))
        if layer.biases is not None:
            operands.append(f"biases_{place}")
            constants.append(numpy_helper.from_array(_array(layer.biases, dtype), operands[2]))
        writer.place = place
        z = f"z_{place}"
        writer.nodes.append(helper.make_node("Gemm", operands, [z], name=z, transB=1))
        last = place == len(layers)
        writer.activation(layer, z, "y" if last else f"a_{place}")
    constants += [
        numpy_helper.from_array(numpy.array(number, dtype=_TYPES[dtype]), called)
        for number, called in writer.numbers.items()
    ]
    graph = helper.make_graph(
        writer.nodes,
        name,
        [helper.make_tensor_value_info("x", kind, ["rows", layers[0].inputs])],
        [helper.make_tensor_value_info("y", kind, ["rows", layers[-1].units])],
        constants,
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="chainrule",
        doc_string=f"{title(layers)}, {written_by()}. {class_line(classes)}".strip(),
    )
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString()
    return data


_TYPES = {"double": "float64", "float": "float32"}


def _array(numbers: Any, dtype: str) -> Any:
    import numpy

    return numpy.array(numbers, dtype=_TYPES[dtype])


class _Writer:
    """Nodes of a graph, one after the other, and the numbers that they use."""

    def __init__(self, make_node: Callable[..., Any], dtype: str) -> None:
        self.nodes: list[Any] = []
        self.numbers: dict[float, str] = {}
        self.place = 0
        self.exact = dtype == "double"
        self._make_node = make_node
        self._count = 0

    def activation(self, layer: Dense, z: str, a: str) -> None:
        """Write a = f(z)."""
        name = layer.activation.name
        writes = getattr(self, f"_{name}", None)
        if BY_NAME.get(name) != layer.activation or writes is None:
            known = ", ".join([name for name in BY_NAME if hasattr(self, f"_{name}")])
            raise ValueError(
                f"layer {self.place} has the activation {name!r}, which has no operators in ONNX; "
                f"known are {known}"
            )
        if self.exact and name == "gelu":
            raise ValueError(
                f"layer {self.place} has the activation 'gelu', which ONNX Runtime does not "
                "compute for doubles; export with dtype='float'"
            )
        writes(z)
        # Whatever was written last is the activation, be it the net input.
        self.nodes[-1].output[0] = self.nodes[-1].name = a

    def _node(self, operator: str, *operands: str | float, **attributes: Any) -> str:
        self._count += 1
        result = f"t_{self.place}_{self._count}"
        names = [x if isinstance(x, str) else self._number(x) for x in operands]
        self.nodes.append(self._make_node(operator, names, [result], name=result, **attributes))
        return result

    def _number(self, number: float) -> str:
        return self.numbers.setdefault(number, f"c_{len(self.numbers) + 1}")

    def _linear(self, z: str) -> str:
        return z

    def _step(self, z: str) -> str:
        return self._node("Where", self._node("Greater", z, 0.0), 1.0, 0.0)

    def _sigmoid(self, z: str) -> str:
        u = self._node("Exp", self._node("Neg", self._node("Abs", z)))
        above = self._node("Where", self._node("Less", z, 0.0), u, 1.0)
        return self._node("Div", above, self._node("Add", u, 1.0))

    def _tanh(self, z: str) -> str:
        return self._node("Tanh", z)

    def _relu(self, z: str) -> str:
        return self._node("Relu", z)

    def _leaky_relu(self, z: str) -> str:
        slope = -BY_NAME["leaky_relu"](-1.0)
        if not self.exact:
            return self._node("LeakyRelu", z, alpha=slope)
        return self._node("Where", self._node("Greater", z, 0.0), z, self._node("Mul", z, slope))

    def _elu(self, z: str) -> str:
        depth = -BY_NAME["elu"](-1000.0)
        return self._exponential(z, 1.0, depth)

    def _selu(self, z: str) -> str:
        slope, depth = BY_NAME["selu"](1.0), -BY_NAME["selu"](-1000.0)
        return self._exponential(z, slope, depth)

    def _exponential(self, z: str, slope: float, depth: float) -> str:
        """Write slope z above zero, and depth (e^z - 1) below."""
        # e^z - 1 = tanh(z / 2) (e^z + 1) loses no digits near zero.
        below = self._node("Min", z, 0.0)
        half = self._node("Tanh", self._node("Mul", below, 0.5))
        less = self._node("Mul", half, self._node("Add", self._node("Exp", below), 1.0))
        above = self._node("Mul", z, slope)
        left = self._node("Mul", less, depth)
        return self._node("Where", self._node("Greater", z, 0.0), above, left)

    def _gelu(self, z: str) -> str:
        return self._node("Gelu", z)

    def _silu(self, z: str) -> str:
        return self._node("Mul", z, self._sigmoid(z))

    def _softplus(self, z: str) -> str:
        if not self.exact:
            return self._node("Softplus", z)
        # log(1 + u) with all digits, after Kahan: u log(w) / (w - 1), where w = 1 + u is rounded.
        u = self._node("Exp", self._node("Neg", self._node("Abs", z)))
        w = self._node("Add", u, 1.0)
        is_one = self._node("Equal", w, 1.0)
        less = self._node("Where", is_one, 1.0, self._node("Sub", w, 1.0))
        ratio = self._node("Div", self._node("Mul", u, self._node("Log", w)), less)
        log = self._node("Where", is_one, u, ratio)
        return self._node("Add", self._node("Max", z, 0.0), log)

    def _softmax(self, z: str) -> str:
        return self._node("Softmax", z, axis=1)
