"""A model as an ONNX graph: a Gemm for each layer, and its activation in operators of ONNX.

Numbers in formulas are asked of the activations themselves: the slope of a leaky relu is what it
makes of -1. Some operators of ONNX Runtime lose the digits of small results (Sigmoid below -10, Elu
and Selu near 0), or take floats only (Softplus); there others are written that keep them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.installing import install
from nn.activations import BY_NAME
from nn.export.carried import Carried
from nn.export.dense import Dense
from nn.export.languages.headings import title, told_of, written_by
from nn.export.languages.labels import one_kind

_OPSET, _IR_VERSION = 20, 9  # Gelu came with 20; ONNX Runtime reads both since 1.17


def onnx_bytes(carried: Carried, name: str, dtype: str = "double") -> bytes:
    """Return a model as the bytes of an ONNX file: from "x", rows × inputs, to "y".

    Of a model that tells classes apart there are "probabilities" and "label", too.

    Args:
        carried: The model.
        name: Of the graph.
        dtype: "double" or "float", of weights, inputs and outputs.

    Raises:
        ImportError: If onnx is not installed.
        ValueError: If an activation has no operators in ONNX: functions of the user's own, and gelu
            for doubles.
    """
    try:
        import onnx
        from onnx import helper, numpy_helper
    except ImportError:
        raise ImportError(f"ONNX files need the package: {install('onnx')}") from None
    import numpy

    layers, answers = carried.layers, carried.answers
    kind = onnx.TensorProto.DOUBLE if dtype == "double" else onnx.TensorProto.FLOAT
    writer = _Writer(helper.make_node, dtype)
    constants = [
        numpy_helper.from_array(_array(numbers, dtype), called)
        for called, numbers in carried.scales()
    ]
    below = "x"
    if carried.scaler is not None:
        writer.node("Div", writer.node("Sub", "x", "means"), "deviations")
        below = writer.last_as("a_0")
    for place, layer in enumerate(layers, start=1):
        operands = [below, f"weights_{place}"]
        constants.append(numpy_helper.from_array(_array(layer.weights, dtype), operands[1]))
        if layer.biases is not None:
            operands.append(f"biases_{place}")
            constants.append(numpy_helper.from_array(_array(layer.biases, dtype), operands[2]))
        writer.place = place
        z = f"z_{place}"
        writer.nodes.append(helper.make_node("Gemm", operands, [z], name=z, transB=1))
        below = "y" if place == len(layers) else f"a_{place}"
        writer.activation(layer, z, below)
    outputs = [helper.make_tensor_value_info("y", kind, ["rows", carried.outputs])]
    if answers is not None and answers.probabilities:
        writer.probabilities(answers.way)
        shape = ["rows", answers.probabilities]
        outputs.append(helper.make_tensor_value_info("probabilities", kind, shape))
    if answers is not None and answers.classes is not None:
        labels = one_kind(answers.classes)
        is_text = type(labels[0]) is str
        array = numpy.array(
            [x.encode() for x in labels] if is_text else labels, dtype=object if is_text else None
        )
        constants.append(numpy_helper.from_array(array, "labels"))
        writer.label(answers.threshold)
        type_of = {str: onnx.TensorProto.STRING, int: onnx.TensorProto.INT64}
        label_kind = type_of.get(type(labels[0]), onnx.TensorProto.DOUBLE)
        outputs.append(helper.make_tensor_value_info("label", label_kind, ["rows"]))
    constants += [
        numpy_helper.from_array(numpy.array(number, dtype=_TYPES[dtype]), called)
        for number, called in writer.numbers.items()
    ]
    constants += [
        numpy_helper.from_array(numpy.array([number], dtype="int64"), called)
        for number, called in writer.places.items()
    ]
    graph = helper.make_graph(
        writer.nodes,
        name,
        [helper.make_tensor_value_info("x", kind, ["rows", carried.inputs])],
        outputs,
        constants,
    )
    told = " ".join([f"{title(layers)}, {written_by()}.", *told_of(carried)])
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="chainrule",
        doc_string=told,
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
        self.places: dict[int, str] = {}
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
        self.last_as(a)  # be it the net input

    def probabilities(self, way: str) -> None:
        """Write the probabilities that outputs answer."""
        if way == "softmax":
            self._softmax("y")
        elif way in ("logit", "share"):
            first = (
                self._sigmoid(self.node("Neg", "y"))
                if way == "logit"
                else self.node("Sub", 1.0, "y")
            )
            second = self._sigmoid("y") if way == "logit" else "y"
            self.node("Concat", first, second, axis=1)
        elif way == "sigmoid":
            self._sigmoid("y")
        else:
            self.node("Identity", "y")
        self.last_as("probabilities")

    def label(self, threshold: float | None) -> None:
        """Write the label of the class that outputs tell."""
        if threshold is None:
            code = self.node("ArgMax", "y", axis=1, keepdims=0)
        else:
            above = self.node("Squeeze", self.node("Greater", "y", threshold), self._place(1))
            code = self.node("Where", above, self._place(1), self._place(0))
        self.node("Gather", "labels", code)
        self.last_as("label")

    def last_as(self, name: str) -> str:
        """Give what was written last a name."""
        self.nodes[-1].output[0] = self.nodes[-1].name = name
        return name

    def _place(self, place: int) -> str:
        return self.places.setdefault(place, f"k_{place}")

    def node(self, operator: str, *operands: str | float, **attributes: Any) -> str:
        """Write a node and return its name."""
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
        return self.node("Where", self.node("Greater", z, 0.0), 1.0, 0.0)

    def _sigmoid(self, z: str) -> str:
        u = self.node("Exp", self.node("Neg", self.node("Abs", z)))
        above = self.node("Where", self.node("Less", z, 0.0), u, 1.0)
        return self.node("Div", above, self.node("Add", u, 1.0))

    def _tanh(self, z: str) -> str:
        return self.node("Tanh", z)

    def _relu(self, z: str) -> str:
        return self.node("Relu", z)

    def _leaky_relu(self, z: str) -> str:
        slope = -BY_NAME["leaky_relu"](-1.0)
        if not self.exact:
            return self.node("LeakyRelu", z, alpha=slope)
        return self.node("Where", self.node("Greater", z, 0.0), z, self.node("Mul", z, slope))

    def _elu(self, z: str) -> str:
        depth = -BY_NAME["elu"](-1000.0)
        return self._exponential(z, 1.0, depth)

    def _selu(self, z: str) -> str:
        slope, depth = BY_NAME["selu"](1.0), -BY_NAME["selu"](-1000.0)
        return self._exponential(z, slope, depth)

    def _exponential(self, z: str, slope: float, depth: float) -> str:
        """Write slope z above zero, and depth (e^z - 1) below."""
        # e^z - 1 = tanh(z / 2) (e^z + 1) loses no digits near zero.
        below = self.node("Min", z, 0.0)
        half = self.node("Tanh", self.node("Mul", below, 0.5))
        less = self.node("Mul", half, self.node("Add", self.node("Exp", below), 1.0))
        above = self.node("Mul", z, slope)
        left = self.node("Mul", less, depth)
        return self.node("Where", self.node("Greater", z, 0.0), above, left)

    def _gelu(self, z: str) -> str:
        return self.node("Gelu", z)

    def _silu(self, z: str) -> str:
        return self.node("Mul", z, self._sigmoid(z))

    def _softplus(self, z: str) -> str:
        if not self.exact:
            return self.node("Softplus", z)
        # log(1 + u) with all digits, after Kahan: u log(w) / (w - 1), where w = 1 + u is rounded.
        u = self.node("Exp", self.node("Neg", self.node("Abs", z)))
        w = self.node("Add", u, 1.0)
        is_one = self.node("Equal", w, 1.0)
        less = self.node("Where", is_one, 1.0, self.node("Sub", w, 1.0))
        ratio = self.node("Div", self.node("Mul", u, self.node("Log", w)), less)
        log = self.node("Where", is_one, u, ratio)
        return self.node("Add", self.node("Max", z, 0.0), log)

    def _softmax(self, z: str) -> str:
        return self.node("Softmax", z, axis=1)
