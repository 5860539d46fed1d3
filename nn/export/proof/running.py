"""Exported files, run on rows with the tools that they are made for: every layer, and the whole.

Rows go in and results come out as 64-bit floats, so that no digit is lost on the way.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

Rows = list[list[float]]

_SECONDS = 300
_C_FLAGS = ("-std=c99", "-O2", "-Wall", "-Wextra", "-pedantic", "-Werror", "-ffp-contract=off")
_C_MAIN = """
#include <stdio.h>
#include "exported.h"
#if NAME_INPUTS != {inputs} || NAME_OUTPUTS != {outputs} || NAME_LAYERS != {layers}
#error "the file has other sizes than the model"
#endif
typedef NAME_NUMBER number;
static void put(const number *a, size_t n)
{{
    for (size_t j = 0; j < n; j++) {{
        double one = (double)a[j];
        fwrite(&one, sizeof one, 1, stdout);
    }}
}}
static double given[{inputs}];
static number a[{widest}], b[{widest}];
{arrays}
int main(void)
{{
    while (fread(given, sizeof(double), {inputs}, stdin) == {inputs}) {{
        for (size_t i = 0; i < {inputs}; i++) a[i] = (number)given[i];
        {calls}
        for (size_t i = 0; i < {inputs}; i++) a[i] = (number)given[i];
        name_predict(a, b);
        put(b, {outputs});
        {gradient}
    }}
    return 0;
}}
"""
_GRADIENT_ARRAYS = """
static const double weighting[] = {{{weighting}}};
static number y_bar[{outputs}], x_bar[{inputs}], parameters_bar[NAME_PARAMETERS];
"""
_GRADIENT = """
        for (size_t j = 0; j < {outputs}; j++) y_bar[j] = (number)weighting[j];
        name_gradient(a, y_bar, b, x_bar, parameters_bar);
        put(x_bar, {inputs});
        put(parameters_bar, NAME_PARAMETERS);
"""
_JAVASCRIPT_MAIN = """
import { readFileSync, writeSync } from "node:fs";
import { layers, predict } from "./exported.mjs";
const bytes = readFileSync(0), width = Number(process.argv[2]);
const end = bytes.byteOffset + bytes.length;
const given = new Float64Array(bytes.buffer.slice(bytes.byteOffset, end));
const found = [];
for (let start = 0; start < given.length; start += width) {
    const x = given.slice(start, start + width);
    layers.reduce((a, layer) => { const b = layer(a); found.push(...b); return b; }, x);
    found.push(...predict(x));
}
const out = Buffer.from(new Float64Array(found).buffer);
for (let sent = 0; sent < out.length;) sent += writeSync(1, out, sent);
"""
# A row that Python's floats refuse has no results: they are written as NaN.
_PYTHON_MAIN = """
import runpy, sys
from array import array
sizes = list(map(int, sys.argv[2:]))
exported = runpy.run_path(sys.argv[1])
given, found = array("d", sys.stdin.buffer.read()), array("d")
for start in range(0, len(given), sizes[0]):
    a = row = list(given[start : start + sizes[0]])
    for layer, units in zip(exported["LAYERS"], sizes[1:]):
        try:
            a = layer(a)
        except ArithmeticError:
            a = [float("nan")] * units
        found.extend(a)
    try:
        found.extend(exported["predict"](row))
    except ArithmeticError:
        found.extend([float("nan")] * sizes[-1])
sys.stdout.buffer.write(found.tobytes())
"""


class ExportedRun(NamedTuple):
    """What an exported file computed.

    Attributes:
        tool: What ran it.
        dtype: The type of its numbers.
        activations: Of every layer, computed from those of the one before: layers × rows × units.
        outputs: Of the whole: rows × units.
        gradients: Where the file has them: the derivatives of the outputs, each times its number in
            `weighting`, by the inputs and all parameters; one list per row.
    """

    tool: str
    dtype: str
    activations: list[Rows]
    outputs: Rows
    gradients: Rows | None = None


class Toolchain(NamedTuple):
    """A kind of exported file.

    Attributes:
        require: Raises an error if what runs such files is not there; returns what is.
        run: Runs a file on rows: of the path, the sizes of inputs and layers, and the rows.
    """

    require: Callable[[], str]
    run: Callable[[str, Sequence[int], Rows], ExportedRun]


def _compiler() -> str:
    for name in ("gcc", "cc", "clang"):
        found = shutil.which(name)
        if found:
            return found
    raise RuntimeError("to verify C a compiler is needed: gcc, cc or clang; none was found")


def _run_c(path: str, sizes: Sequence[int], rows: Rows) -> ExportedRun:
    text = _text(path)
    named = re.search(r"^#define (\w+)_NUMBER (double|float)$", text, re.MULTILINE)
    function = re.search(r"^(?:static inline )?void (\w+)_predict\(", text, re.MULTILINE)
    if not named or not function:
        raise ValueError(f"{path!r} is not C that chainrule wrote")
    upper, name, compiler = named[1], function[1], _compiler()
    words = {
        "inputs": sizes[0],
        "outputs": sizes[-1],
        "weighting": ", ".join(map(repr, weighting(sizes[-1]))),
    }
    counted = re.search(rf"^#define {upper}_PARAMETERS (\d+)$", text, re.MULTILINE)
    differentiates = counted and f"void {name}_gradient(" in text
    derivatives = sizes[0] + int(counted[1]) if counted and differentiates else 0
    calls = []
    for place, units in enumerate(sizes[1:], start=1):
        x, y = ("a", "b") if place % 2 else ("b", "a")
        calls.append(f"name_layer_{place}({x}, {y}); put({y}, {units});")
    main = _C_MAIN.format(
        inputs=sizes[0],
        outputs=sizes[-1],
        layers=len(sizes) - 1,
        widest=max(sizes),
        calls="\n        ".join(calls),
        arrays=_GRADIENT_ARRAYS.format(**words) if derivatives else "",
        gradient=_GRADIENT.format(**words) if derivatives else "",
    )
    main = main.replace("NAME_", f"{upper}_").replace("name_", f"{name}_")
    with tempfile.TemporaryDirectory() as folder:
        _put(folder, "exported.h", text)
        _put(folder, "main.c", main)
        program = os.path.join(folder, "main")
        source = os.path.join(folder, "main.c")
        _result([compiler, *_C_FLAGS, source, "-o", program, "-lm"], b"", path)
        data = _result([program], _bytes(rows), path)
    version = _result([compiler, "--version"], b"", path).decode().splitlines()[0]
    return _taken_apart(version, named[2], data, sizes, rows, derivatives)


def _node() -> str:
    found = shutil.which("node")
    if not found:
        raise RuntimeError("to verify JavaScript Node is needed: no program 'node' was found")
    return found


def _run_javascript(path: str, sizes: Sequence[int], rows: Rows) -> ExportedRun:
    text = _text(path)
    dtype = "float" if "new Float32Array(" in text else "double"
    with tempfile.TemporaryDirectory() as folder:
        _put(folder, "exported.mjs", text)
        _put(folder, "main.mjs", _JAVASCRIPT_MAIN)
        script = os.path.join(folder, "main.mjs")
        data = _result([_node(), script, str(sizes[0])], _bytes(rows), path)
    version = _result([_node(), "--version"], b"", path).decode().strip()
    return _taken_apart(f"Node {version}", dtype, data, sizes, rows)


def _python() -> str:
    if not sys.executable:
        raise RuntimeError("to verify Python its program is needed; sys.executable names none")
    return sys.executable


def _run_python(path: str, sizes: Sequence[int], rows: Rows) -> ExportedRun:
    with tempfile.TemporaryDirectory() as folder:
        _put(folder, "exported.py", _text(path))
        exported = os.path.join(folder, "exported.py")
        command = [_python(), "-I", "-c", _PYTHON_MAIN, exported, *map(str, sizes)]
        data = _result(command, _bytes(rows), path)
    version = f"Python {sys.version.split()[0]}"
    return _taken_apart(version, "double", data, sizes, rows)


def _onnx_runtime() -> str:
    try:
        import onnx

        onnxruntime: Any = import_module("onnxruntime")
    except ImportError as error:
        raise ImportError(
            f"to verify ONNX {error.name} is needed: pip install onnx onnxruntime"
        ) from None
    return f"ONNX Runtime {onnxruntime.__version__}, onnx {onnx.__version__}"


def _run_onnx(path: str, sizes: Sequence[int], rows: Rows) -> ExportedRun:
    tool = _onnx_runtime()
    import numpy
    import onnx

    onnxruntime = import_module("onnxruntime")
    model = onnx.load(path)
    (given,) = model.graph.input
    kind = given.type.tensor_type.elem_type
    dtype = "double" if kind == onnx.TensorProto.DOUBLE else "float"
    x = numpy.array(rows, dtype="float64" if dtype == "double" else "float32")
    outputs = _session(onnxruntime, model).run(["y"], {"x": x})[0]
    hidden = [f"a_{place}" for place in range(1, len(sizes) - 1)]
    for name in hidden:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, kind, None))
    activations = _session(onnxruntime, model).run([*hidden, "y"], {"x": x})
    return ExportedRun(tool, dtype, [a.tolist() for a in activations], outputs.tolist())


def _session(onnxruntime: Any, model: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


TOOLCHAINS = {
    ".h": Toolchain(_compiler, _run_c),
    ".c": Toolchain(_compiler, _run_c),
    ".mjs": Toolchain(_node, _run_javascript),
    ".js": Toolchain(_node, _run_javascript),
    ".py": Toolchain(_python, _run_python),
    ".onnx": Toolchain(_onnx_runtime, _run_onnx),
}


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _put(folder: str, name: str, text: str) -> None:
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def _bytes(rows: Rows) -> bytes:
    return b"".join(array("d", row).tobytes() for row in rows)


def _result(command: Sequence[str], data: bytes, path: str) -> bytes:
    tool = os.path.basename(command[0])
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        raise ValueError(f"{path!r} does not end: {tool} ran for {_SECONDS} s") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()[-1500:]
        raise ValueError(f"{path!r} does not run: {tool} ended with {done.returncode}: {said}")
    return done.stdout


def _taken_apart(
    tool: str,
    dtype: str,
    data: bytes,
    sizes: Sequence[int],
    rows: Rows,
    derivatives: int = 0,
) -> ExportedRun:
    width = sum(sizes[1:]) + sizes[-1] + derivatives
    if len(data) != 8 * len(rows) * width:
        raise ValueError(f"{tool} gave {len(data)} bytes for {len(rows)} rows: other sizes")
    numbers = array("d", data)
    parts: list[Rows] = []
    begin = 0
    for size in (*sizes[1:], sizes[-1], derivatives):
        starts = range(begin, len(numbers), width)
        parts.append([numbers[start : start + size].tolist() for start in starts])
        begin += size
    *activations, outputs, gradients = parts
    return ExportedRun(tool, dtype, activations, outputs, gradients if derivatives else None)


def weighting(outputs: int) -> list[float]:
    """Return the numbers that outputs are multiplied with where derivatives of one are compared.

    Example:
        >>> weighting(4)
        [-0.625, -0.375, -0.125, 0.125]
    """
    return [(place % 7 - 2.5) / 4.0 for place in range(outputs)]
