"""A model to a file of another language, and the proof that the file computes what it does."""

from __future__ import annotations

import math
import os
from typing import Any

from autograd.files import Path, replace_file
from nn.export.carried import Carried, carried
from nn.export.languages.c_text import c_text
from nn.export.languages.headings import identifier
from nn.export.languages.javascript_text import javascript_text
from nn.export.languages.numerals import DTYPES, rounded
from nn.export.languages.onnx_graph import onnx_bytes
from nn.export.languages.python_text import python_text
from nn.export.proof.comparing import compared, examples
from nn.export.proof.deviations import Deviations
from nn.export.proof.running import TOOLCHAINS
from nn.validation import describe


def export_model(
    model: Any,
    path: Path,
    dtype: str = "double",
    gradient: bool = False,
    verify: bool = False,
    rows: Any = None,
    scaler: Any = None,
) -> Deviations | None:
    """Write a model as a file of the language that the suffix names; it depends on nothing.

    `.h` and `.c` are C99 with `<name>_predict(x, y)`, arrays of weights and loops; `.mjs` and `.js`
    a JavaScript module with `predict(x)`; `.py` a Python file with `predict(x)`; `.onnx` a graph
    from "x" to "y". These are the outputs of the model. If it tells classes apart there are
    `probabilities` and `label`, too: what `model.predict_proba` and `model.predict` give. The file
    is written all at once or not at all.

    Args:
        model: An MLP, a Layer or a Neuron.
        path: Of the file; its name, without suffix, is that of the C functions.
        dtype: "double", whose arithmetic is the model's, or "float", half the size.
        gradient: Of C: whether there is `<name>_gradient` for the derivatives by inputs and
            parameters, too.
        verify: Whether to run the file and compare it with the model; see `verify_export`.
        rows: Examples to compare, too; with them, it is compared in any case.
        scaler: The `Scaler` that the model's inputs went through in training: the file takes them
            as they were before. `model.scaler`, where there is one, if not given.

    Returns:
        With `verify`, or rows, what the comparison found.

    Raises:
        TypeError: If the model computes its outputs in a way of its own, or an argument is of
            another kind.
        ValueError: If the suffix is another, an activation has no text in the language, a
            parameter is NaN or infinite, or beyond the range of a float.
        ImportError: If a package that ONNX files need is not installed.
        RuntimeError: With `verify`, if what runs such a file is not there.
        OSError: If the file cannot be written; what was there is still there.

    Example:
        >>> import os, tempfile
        >>> from nn import MLP
        >>> model = MLP(2, [3, 1], "tanh", seed=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     found = export_model(model, os.path.join(folder, "net.py"), verify=True)
        >>> found.agrees, found.ulp
        (True, 0.0)
    """
    name = os.fsdecode(path)
    suffix = _suffix(name)
    for called, flag in (("gradient", gradient), ("verify", verify)):
        if not isinstance(flag, bool):
            raise TypeError(f"{called} must be True or False, got {describe(flag)}")
    if dtype not in DTYPES:
        raise ValueError(f"dtype has to be 'double' or 'float', got {dtype!r:.60}")
    if gradient and suffix not in (".h", ".c"):
        raise ValueError(f"gradient=True writes C alone, .h or .c, not {suffix}")
    if dtype == "float" and suffix == ".py":
        raise ValueError("Python has no floats of 32 bits; write dtype='double'")
    own = carried(model, scaler)
    if dtype == "float":
        _refuse_beyond_float(own)
    if verify or rows is not None:
        TOOLCHAINS[suffix].require()
        examples(own, rows)
    replace_file(path, _written(own, name, suffix, dtype, gradient))
    return verify_export(model, path, rows, scaler) if verify or rows is not None else None


def verify_export(model: Any, path: Path, rows: Any = None, scaler: Any = None) -> Deviations:
    """Run an exported file and compare it with the model, on random, extreme and given rows.

    Outputs are compared with the model's, probabilities and labels with what the outputs mean. To
    find the first node that is wrong, every layer is compared with what the model's layer makes of
    the same inputs: differences that rounding in the file's type explains (see
    `nn.export.proof.explained`) are none.

    Args:
        model: What was exported.
        path: Of the file: C is compiled with gcc, cc or clang; JavaScript runs in Node, ONNX in
            ONNX Runtime, Python in another process.
        rows: Examples to compare, too.
        scaler: As for `export_model`.

    Raises:
        FileNotFoundError: If there is no such file.
        RuntimeError: If what runs such a file is not there.
        ImportError: If it is a package that is not installed.
        ValueError: If the file does not run, or has other sizes than the model.

    Example:
        >>> import os, tempfile
        >>> from nn import MLP
        >>> model = MLP(2, [3, 1], "tanh", seed=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "net.py")
        ...     _ = export_model(model, path)
        ...     verify_export(model, path).agrees
        True
    """
    name = os.fsdecode(path)
    toolchain = TOOLCHAINS[_suffix(name)]
    toolchain.require()
    own = carried(model, scaler)
    os.stat(name)
    given = examples(own, rows)
    run = toolchain.run(name, own, given)
    if run.dtype == "float":
        given = [[rounded(x, "float") for x in row] for row in given]
    return compared(model, own, name, run, given)


def _suffix(name: str) -> str:
    suffix = os.path.splitext(name)[1].lower()
    if suffix not in TOOLCHAINS:
        raise ValueError(
            f"the name of an exported file ends with {', '.join(TOOLCHAINS)}, got {name!r}; "
            "save_model writes models that are read back"
        )
    return suffix


def _written(own: Carried, path: str, suffix: str, dtype: str, gradient: bool) -> bytes:
    name = identifier(os.path.splitext(os.path.basename(path))[0])
    if suffix == ".onnx":
        return onnx_bytes(own, name, dtype)
    if suffix == ".py":
        text = python_text(own, name)
    elif suffix in (".h", ".c"):
        text = c_text(own, name, dtype, gradient, suffix == ".h")
    else:
        text = javascript_text(own, name, dtype)
    return text.encode("utf-8")


def _refuse_beyond_float(own: Carried) -> None:
    for place, layer in enumerate(own.layers, start=1):
        for unit, (weights, bias) in enumerate(
            zip(layer.weights, layer.biases or [0.0] * layer.units, strict=True), start=1
        ):
            for number in (*weights, bias):
                if not math.isfinite(rounded(number, "float")):
                    raise ValueError(
                        f"layer {place}, unit {unit} has the parameter {number}, which is beyond "
                        "the range of a float"
                    )
    for called, numbers in own.scales():
        for place, number in enumerate(numbers):
            near = rounded(number, "float")
            if not math.isfinite(near) or (called == "deviations" and not near):
                raise ValueError(
                    f"{called}[{place}] of the scaler is {number}, which is beyond the range of a "
                    "float"
                )
