"""A model as a C99 header or file: weights as arrays, layers as loops, no memory allocated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nn.export.carried import Carried
from nn.export.languages.c_answers import answer_parts, declarations, scale_text
from nn.export.languages.formulas import SOFTMAX, Formulas, formulas, in_float
from nn.export.languages.headings import title, told_of, wrapped, written_by
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
    carried: Carried, name: str, dtype: str = "double", gradient: bool = False, header: bool = True
) -> str:
    """Return a model as the text of a C99 header, or of a C file.

    Args:
        carried: The model.
        name: What its functions begin with.
        dtype: "double" or "float", of weights and arithmetic.
        gradient: Whether there is a function for the derivatives, too.
        header: Whether functions are `static inline`, for a header, or have external linkage.

    Raises:
        ValueError: If an activation, or a number in it, cannot be written in C; see `formulas`.
    """
    found = formulas(carried.activations, "c", gradient)
    public = "static inline " if header else ""
    writer = _Writer(carried, name, dtype, found, public)
    parts = [writer.heading(gradient, header), writer.constants()]
    parts += [*writer.functions(), _DENSE.strip("\n").format(**writer.words)]
    if carried.scaler is not None:
        parts.append(scale_text(carried, writer.words))
    parts += [writer.layer(place) for place in range(1, len(carried.layers) + 1)]
    parts.append(writer.predict())
    parts += answer_parts(carried, writer.words, found.names, public)
    if gradient:
        parts += [_BACKWARD.strip("\n").format(**writer.words), writer.gradient()]
    if header:
        parts.append("#endif")
    return "\n\n".join(parts) + "\n"


class _Writer:
    def __init__(
        self, carried: Carried, name: str, dtype: str, found: Formulas, public: str
    ) -> None:
        self.carried, self.layers = carried, carried.layers
        self.name, self.dtype, self.public = name, dtype, public
        self.formulas = found
        self.suffix = "f" if dtype == "float" else ""
        self.zero = f"0.0{self.suffix}"
        self.words = {"name": name, "T": dtype, "zero": self.zero, "f": self.suffix}

    def heading(self, gradient: bool, header: bool) -> str:
        """Return the comment, the guard, what is included, and the sizes."""
        name, upper, kind = self.name, self.name.upper(), self.dtype
        answers = self.carried.answers
        called = [f"void {name}_predict(const {kind} *x, {kind} *y);"]
        called += declarations(answers, name, kind)
        if gradient:
            called.append(
                f"void {name}_gradient(const {kind} *x, const {kind} *y_bar, {kind} *y,\n"
                f"           {kind} *x_bar, {kind} *parameters_bar);"
            )
        first, *more = wrapped(f"{name}: {title(self.layers)}, {written_by()}.")
        lines = [f"/* {first}", *[f"   {line}" for line in more], ""]
        lines += [f"       {function}" for function in called]
        lines += [""]
        lines += [f"   {line}" for told in told_of(self.carried) for line in wrapped(told)]
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
            ("INPUTS", self.carried.inputs),
            ("OUTPUTS", self.carried.outputs),
            ("LAYERS", len(self.layers)),
            ("PARAMETERS", self.carried.parameter_count),
        ]
        if answers is not None:
            sizes.append(("CLASSES", len(answers.classes or ()) or answers.probabilities))
        guard = [f"#ifndef {upper}_H", f"#define {upper}_H", ""] if header else []
        lines += [*guard, "#include <math.h>", "#include <stddef.h>", ""]
        lines += [f"#define {upper}_{size} {number}" for size, number in sizes]
        if not header:
            plain = [" ".join(function.split()) for function in called]
            lines += ["", *plain]
        return "\n".join(lines)

    def constants(self) -> str:
        """Return the arrays of weights and biases."""
        arrays = [
            self._array(called, str(len(numbers)), numbers)
            for called, numbers in self.carried.scales()
        ]
        for place, layer in enumerate(self.layers, start=1):
            weights = [number for row in layer.weights for number in row]
            size = f"{layer.units} * {layer.inputs}"
            arrays.append(self._array(f"weights_{place}", size, weights))
            if layer.biases is not None:
                arrays.append(self._array(f"biases_{place}", str(layer.units), layer.biases))
        return "\n\n".join(arrays)

    def _array(self, name: str, size: str, numbers: Sequence[float]) -> str:
        texts = [numeral(number, self.dtype) + self.suffix for number in numbers]
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
        lines = [
            f"{self.public}void {self.name}_predict(const {self.dtype} *x, {self.dtype} *y)",
            "{",
        ]
        lines += self._scaled()
        lines[2:2] = [
            f"    {self.dtype} a_{place}[{layer.units}];"
            for place, layer in enumerate(self.layers[:-1], start=1)
        ]
        for place in range(1, len(self.layers) + 1):
            lines.append(f"    {self.name}_layer_{place}({self._a(place - 1)}, {self._a(place)});")
        return "\n".join([*lines, "}"])

    def _scaled(self) -> list[str]:
        if self.carried.scaler is None:
            return []
        return [f"    {self.dtype} a_0[{self.carried.inputs}];", f"    {self.name}_scale(x, a_0);"]

    def _a(self, place: int) -> str:
        if place == 0:
            return "x" if self.carried.scaler is None else "a_0"
        return "y" if place == len(self.layers) else f"a_{place}"

    def gradient(self) -> str:
        """Return the function of the derivatives: the chain rule backwards, layer after layer."""
        name, kind, depth = self.name, self.dtype, len(self.layers)
        widest = max(layer.units for layer in self.layers)
        lines = [
            f"{self.public}void {name}_gradient(const {kind} *x, const {kind} *y_bar, {kind} *y,",
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
        offset = self.carried.parameter_count
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
        start = f"    for (size_t j = 0; j < {self.carried.outputs}; j++) bar_0[j] = y_bar[j];"
        if self.carried.scaler is not None:
            each = f"for (size_t i = 0; i < {self.carried.inputs}; i++)"
            backward.append(f"    {each} x_bar[i] /= {name}_deviations[i];")
        return "\n".join([*lines, *self._scaled(), *forward, start, *backward, "}"])

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
