"""A model as a C99 header or file: weights as arrays, layers as loops, no memory allocated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from nn.export.dense import Dense
from nn.export.languages.formulas import SOFTMAX, Formulas, formulas, in_float
from nn.export.languages.headings import class_line, title, wrapped, written_by
from nn.export.languages.numerals import numbers_on_lines, numeral

_DENSE = """
/* z = W x + b: sums begin with the bias and go on in the order of the inputs. */
static inline void {name}_dense(const {T} *weights, const {T} *biases, const {T} *x, {T} *z,
    size_t inputs, size_t units)
{{
    for (size_t j = 0; j < units; j++) {{
        {T} total = biases ? biases[j] : {zero};
        for (size_t i = 0; i < inputs; i++) total += weights[j * inputs + i] * x[i];
        z[j] = total;
    }}
}}
"""
_BACKWARD = """
/* From the derivatives by the net inputs of a layer those by its parameters and by its inputs. */
static inline void {name}_backward(const {T} *weights, const {T} *x, const {T} *delta,
    {T} *parameters_bar, {T} *x_bar, size_t inputs, size_t units, size_t stride)
{{
    for (size_t i = 0; i < inputs; i++) x_bar[i] = {zero};
    for (size_t j = 0; j < units; j++) {{
        {T} *unit_bar = parameters_bar + j * stride;
        for (size_t i = 0; i < inputs; i++) {{
            unit_bar[i] = delta[j] * x[i];
            x_bar[i] += delta[j] * weights[j * inputs + i];
        }}
        if (stride > inputs) unit_bar[inputs] = delta[j];
    }}
}}
"""


def c_text(
    layers: Sequence[Dense],
    name: str,
    dtype: str = "double",
    gradient: bool = False,
    header: bool = True,
    classes: Sequence[Any] | None = None,
) -> str:
    """Return a model as the text of a C99 header, or of a C file.

    Args:
        layers: Of the model.
        name: What its functions begin with.
        dtype: "double" or "float", of weights and arithmetic.
        gradient: Whether there is a function for the derivatives, too.
        header: Whether functions are `static inline`, for a header, or have external linkage.
        classes: The labels of the outputs, for the comment.

    Raises:
        ValueError: If an activation, or a number in it, cannot be written in C; see `formulas`.
    """
    found = formulas([layer.activation for layer in layers], "c", gradient)
    writer = _Writer(layers, name, dtype, found, "static inline void" if header else "void")
    parts = [writer.heading(gradient, header, class_line(classes)), writer.constants()]
    parts += [*writer.functions(), _DENSE.strip("\n").format(**writer.words)]
    parts += [writer.layer(place) for place in range(1, len(layers) + 1)]
    parts.append(writer.predict())
    if gradient:
        parts += [_BACKWARD.strip("\n").format(**writer.words), writer.gradient()]
    if header:
        parts.append("#endif")
    return "\n\n".join(parts) + "\n"


class _Writer:
    def __init__(
        self, layers: Sequence[Dense], name: str, dtype: str, found: Formulas, public: str
    ) -> None:
        self.layers, self.name, self.dtype, self.public = layers, name, dtype, public
        self.formulas = found
        self.zero = "0.0f" if dtype == "float" else "0.0"
        self.words = {"name": name, "T": dtype, "zero": self.zero}

    def heading(self, gradient: bool, header: bool, classes: str) -> str:
        """Return the comment, the guard, what is included, and the sizes."""
        name, upper, kind = self.name, self.name.upper(), self.dtype
        called = [f"void {name}_predict(const {kind} *x, {kind} *y);"]
        if gradient:
            called.append(
                f"void {name}_gradient(const {kind} *x, const {kind} *y_bar, {kind} *y,\n"
                f"           {kind} *x_bar, {kind} *parameters_bar);"
            )
        first, *more = wrapped(f"{name}: {title(self.layers)}, {written_by()}.")
        lines = [f"/* {first}", *[f"   {line}" for line in more], ""]
        lines += [f"       {function}" for function in called]
        lines += [""]
        lines += [f"   {line}" for line in wrapped(classes)]
        lines += [
            f"   x has {upper}_INPUTS numbers, y {upper}_OUTPUTS. Needs <math.h> only (link with",
            "   -lm); allocates nothing. Where Python would raise an error the result is infinite",
            "   or NaN. With -ffp-contract=off a double has the bits of the model's. */",
        ]
        if gradient:
            lines[-1] = lines[-1].removesuffix(" */")
            lines += [
                "   From y_bar, derivatives of some number by the outputs, the gradient has those",
                f"   by the inputs, x_bar, and by the {upper}_PARAMETERS parameters: layer after",
                "   layer, unit after unit, its weights, then its bias. */",
            ]
        sizes = [
            ("NUMBER", kind),
            ("INPUTS", self.layers[0].inputs),
            ("OUTPUTS", self.layers[-1].units),
            ("LAYERS", len(self.layers)),
            ("PARAMETERS", sum(layer.parameter_count for layer in self.layers)),
        ]
        guard = [f"#ifndef {upper}_H", f"#define {upper}_H", ""] if header else []
        lines += [*guard, "#include <math.h>", "#include <stddef.h>", ""]
        lines += [f"#define {upper}_{size} {number}" for size, number in sizes]
        if not header:
            plain = [" ".join(function.split()) for function in called]
            lines += ["", *plain]
        return "\n".join(lines)

    def constants(self) -> str:
        """Return the arrays of weights and biases."""
        arrays = []
        for place, layer in enumerate(self.layers, start=1):
            weights = [number for row in layer.weights for number in row]
            size = f"{layer.units} * {layer.inputs}"
            arrays.append(self._array(f"weights_{place}", size, weights))
            if layer.biases is not None:
                arrays.append(self._array(f"biases_{place}", str(layer.units), layer.biases))
        return "\n\n".join(arrays)

    def _array(self, name: str, size: str, numbers: Sequence[float]) -> str:
        suffix = "f" if self.dtype == "float" else ""
        texts = [numeral(number, self.dtype) + suffix for number in numbers]
        lines = numbers_on_lines(texts, "    ")
        head = f"static const {self.dtype} {self.name}_{name}[{size}] = {{"
        return "\n".join([head, *lines, "};"])

    def functions(self) -> Iterator[str]:
        """Yield the functions of the activations, by names that begin with the model's."""
        blocks = self.formulas.blocks
        own = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, blocks))})(?=\()")
        for block in blocks.values():
            text = in_float(block, blocks) if self.dtype == "float" else block
            text = own.sub(rf"{self.name}_\1", text)
            yield re.sub(rf"^(static )?(?={self.dtype} )", "static inline ", text, flags=re.M)

    def layer(self, place: int) -> str:
        """Return the function of one layer, counted from 1."""
        layer, name, kind = self.layers[place - 1], self.name, self.dtype
        function = self.formulas.names.get(layer.activation.name)
        head = f"static inline void {name}_layer_{place}(const {kind} *x, {kind} *y)\n{{\n"
        each = f"    for (size_t j = 0; j < {layer.units}; j++) y[j] = "
        if function:
            return head + self._dense(place, "x", "y") + each + f"{name}_{function}(y[j]);\n}}"
        if not layer.activation.whole_layer:
            return head + self._dense(place, "x", "y") + "}"
        shift, excess, component = (f"{name}_{function}" for function in SOFTMAX)
        units = layer.units
        return (
            f"{head}    {kind} z[{units + 1}], excess;\n{self._dense(place, 'x', 'z')}"
            f"    z[{units}] = {shift}(z, {units});\n"
            f"    excess = {excess}(z, {units + 1});\n"
            f"{each}{component}(z[j], z[{units}], excess);\n}}"
        )

    def _dense(self, place: int, x: str, z: str) -> str:
        layer = self.layers[place - 1]
        biases = f"{self.name}_biases_{place}" if layer.biases is not None else "NULL"
        return (
            f"    {self.name}_dense({self.name}_weights_{place}, {biases}, {x}, {z}, "
            f"{layer.inputs}, {layer.units});\n"
        )

    def predict(self) -> str:
        """Return the function of the whole model."""
        lines = [f"{self.public} {self.name}_predict(const {self.dtype} *x, {self.dtype} *y)", "{"]
        lines += [
            f"    {self.dtype} a_{place}[{layer.units}];"
            for place, layer in enumerate(self.layers[:-1], start=1)
        ]
        for place in range(1, len(self.layers) + 1):
            lines.append(f"    {self.name}_layer_{place}({self._a(place - 1)}, {self._a(place)});")
        return "\n".join([*lines, "}"])

    def _a(self, place: int) -> str:
        return "x" if place == 0 else "y" if place == len(self.layers) else f"a_{place}"

    def gradient(self) -> str:
        """Return the function of the derivatives: the chain rule backwards, layer after layer."""
        name, kind, depth = self.name, self.dtype, len(self.layers)
        widest = max(layer.units for layer in self.layers)
        lines = [
            f"{self.public} {name}_gradient(const {kind} *x, const {kind} *y_bar, {kind} *y,",
            f"    {kind} *x_bar, {kind} *parameters_bar)",
            "{",
            f"    {kind} bar_0[{widest}]{f', bar_1[{widest}]' if depth > 1 else ''};",
        ]
        forward, backward = [], []
        for place, layer in enumerate(self.layers, start=1):
            function = self.formulas.names.get(layer.activation.name)
            before, after, units = self._a(place - 1), self._a(place), layer.units
            if place < depth:
                lines.append(f"    {kind} a_{place}[{units}];")
            if not function:
                forward.append(f"    {name}_layer_{place}({before}, {after});")
                continue
            lines.append(f"    {kind} slope_{place}[{units}];")
            forward.append(self._dense(place, before, after).rstrip("\n"))
            forward.append(
                f"    for (size_t j = 0; j < {units}; j++) {after}[j] = "
                f"{name}_{function}_gradient({after}[j], &slope_{place}[j]);"
            )
        offset = sum(layer.parameter_count for layer in self.layers)
        for place in range(depth, 0, -1):
            layer = self.layers[place - 1]
            offset -= layer.parameter_count
            own, other = f"bar_{(depth - place) % 2}", f"bar_{(depth - place + 1) % 2}"
            backward += self._through_activation(place, own)
            stride = layer.parameter_count // layer.units
            backward.append(
                f"    {name}_backward({name}_weights_{place}, {self._a(place - 1)}, {own}, "
                f"parameters_bar + {offset}, {'x_bar' if place == 1 else other},\n"
                f"        {layer.inputs}, {layer.units}, {stride});"
            )
        start = f"    for (size_t j = 0; j < {self.layers[-1].units}; j++) bar_0[j] = y_bar[j];"
        return "\n".join([*lines, *forward, start, *backward, "}"])

    def _through_activation(self, place: int, bar: str) -> list[str]:
        layer = self.layers[place - 1]
        each = f"for (size_t j = 0; j < {layer.units}; j++)"
        if self.formulas.names.get(layer.activation.name):
            return [f"    {each} {bar}[j] *= slope_{place}[j];"]
        if not layer.activation.whole_layer:
            return []
        a = self._a(place)
        return [
            "    {",
            f"        {self.dtype} mean = {self.zero};",
            f"        {each} mean += {bar}[j] * {a}[j];",
            f"        {each} {bar}[j] = {a}[j] * ({bar}[j] - mean);",
            "    }",
        ]
