"""Exported files, run on rows with the tools that they are made for: every stage, and the whole."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from autograd.files import read_file
from autograd.installing import install
from nn.export.carried import Carried
from nn.export.languages.labels import javascript_labels, one_kind
from nn.export.proof.running_c import compiler, run_c
from nn.export.proof.runs import (
    MOST_BYTES,
    ExportedRun,
    Rows,
    answer_sizes,
    as_bytes,
    put,
    result_of,
    stage_sizes,
    taken_apart,
    text_of,
)

_JAVASCRIPT_MAIN = """
import { readFileSync, writeSync } from "node:fs";
import * as exported from "./exported.mjs";
const { layers, predict, probabilities, label } = exported;
const bytes = readFileSync(0), width = WIDTH, count = COUNT, labels = [LABELS];
const end = bytes.byteOffset + bytes.length;
const given = new Float64Array(bytes.buffer.slice(bytes.byteOffset, end));
const found = [];
for (let start = 0; start < given.length; start += width) {
    const x = given.slice(start, start + width);
    layers.reduce((a, layer) => { const b = layer(a); found.push(...b); return b; }, x);
    found.push(...predict(x));
    if (count) found.push(...probabilities(x));
    if (labels.length) found.push(labels.indexOf(label(x)));
}
const out = Buffer.from(new Float64Array(found).buffer);
for (let sent = 0; sent < out.length;) sent += writeSync(1, out, sent);
"""
# A row that Python's floats refuse has no results: they are written as NaN.
_PYTHON_MAIN = """
import ast, runpy, sys
from array import array
sizes, count, labels = ast.literal_eval(sys.argv[2])
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
        answer = [*exported["predict"](row)]
        answer += exported["probabilities"](row) if count else []
        if labels:
            label = exported["label"](row)
            answer.append(labels.index(label) if label in labels else -1)
    except ArithmeticError:
        answer = [float("nan")] * (sizes[-1] + count + bool(labels))
    found.extend(answer)
sys.stdout.buffer.write(found.tobytes())
"""


class Toolchain(NamedTuple):
    """A kind of exported file.

    Attributes:
        require: Raises an error if what runs such files is not there; returns what is.
        run: Runs a file on rows: of the path, the model, and the rows.
    """

    require: Callable[[], str]
    run: Callable[[str, Carried, Rows], ExportedRun]


def _labels(carried: Carried) -> list[Any]:
    answers = carried.answers
    return list(answers.classes or ()) if answers is not None else []


def _node() -> str:
    found = shutil.which("node")
    if not found:
        raise RuntimeError("to verify JavaScript Node is needed: no program 'node' was found")
    return found


def _run_javascript(path: str, carried: Carried, rows: Rows) -> ExportedRun:
    text = text_of(path)
    dtype = "float" if "new Float32Array(" in text else "double"
    main = _JAVASCRIPT_MAIN.replace("WIDTH", str(carried.inputs))
    main = main.replace("COUNT", str(answer_sizes(carried)[0]))
    main = main.replace("LABELS", ", ".join(javascript_labels(_labels(carried))))
    with tempfile.TemporaryDirectory() as folder:
        put(folder, "exported.mjs", text)
        data = result_of([_node(), put(folder, "main.mjs", main)], as_bytes(rows), path)
    version = result_of([_node(), "--version"], b"", path).decode().strip()
    return taken_apart(f"Node {version}", dtype, data, carried, rows)


def _python() -> str:
    if not sys.executable:
        raise RuntimeError("to verify Python its program is needed; sys.executable names none")
    return sys.executable


def _run_python(path: str, carried: Carried, rows: Rows) -> ExportedRun:
    plan = ascii((stage_sizes(carried), answer_sizes(carried)[0], _labels(carried)))
    with tempfile.TemporaryDirectory() as folder:
        exported = put(folder, "exported.py", text_of(path))
        command = [_python(), "-I", "-c", _PYTHON_MAIN, exported, plan]
        data = result_of(command, as_bytes(rows), path)
    return taken_apart(f"Python {sys.version.split()[0]}", "double", data, carried, rows)


def _onnx_runtime() -> str:
    try:
        import onnx

        onnxruntime: Any = import_module("onnxruntime")
    except ImportError as error:
        raise ImportError(f"to verify ONNX {error.name} is needed: {install('onnx')}") from None
    return f"ONNX Runtime {onnxruntime.__version__}, onnx {onnx.__version__}"


def _run_onnx(path: str, carried: Carried, rows: Rows) -> ExportedRun:
    tool, data = _onnx_runtime(), read_file(path, MOST_BYTES)
    try:
        return _onnx_answers(tool, data, carried, rows)
    except Exception as error:  # the errors of these packages have no class in common
        raise ValueError(f"{path!r} does not run: {tool} says {error}") from error


def _onnx_answers(tool: str, data: bytes, carried: Carried, rows: Rows) -> ExportedRun:
    import numpy
    import onnx

    onnxruntime = import_module("onnxruntime")
    model = onnx.load_model_from_string(data)
    (given,) = model.graph.input
    kind = given.type.tensor_type.elem_type
    dtype = "double" if kind == onnx.TensorProto.DOUBLE else "float"
    x = numpy.array(rows, dtype="float64" if dtype == "double" else "float32")
    count, labels = answer_sizes(carried)
    whole = ["y", *["probabilities"] * (count > 0), *["label"] * labels]
    found = dict(zip(whole, _session(onnxruntime, model).run(whole, {"x": x}), strict=True))
    hidden = ["a_0"] * (carried.scaler is not None)
    hidden += [f"a_{place}" for place in range(1, len(carried.layers))]
    for name in hidden:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, kind, None))
    activations = _session(onnxruntime, model).run([*hidden, "y"], {"x": x})
    known = one_kind(_labels(carried)) if labels else []
    return ExportedRun(
        tool,
        dtype,
        [a.tolist() for a in activations],
        found["y"].tolist(),
        found["probabilities"].tolist() if count else None,
        [float(known.index(x)) if x in known else -1.0 for x in found["label"].tolist()]
        if labels
        else None,
    )


def _session(onnxruntime: Any, model: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


TOOLCHAINS = {
    ".h": Toolchain(compiler, run_c),
    ".c": Toolchain(compiler, run_c),
    ".mjs": Toolchain(_node, _run_javascript),
    ".js": Toolchain(_node, _run_javascript),
    ".py": Toolchain(_python, _run_python),
    ".onnx": Toolchain(_onnx_runtime, _run_onnx),
}
