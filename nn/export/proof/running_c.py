"""Exported C, compiled and run on rows."""

from __future__ import annotations

import os
import re
import shutil
import tempfile

from nn.export.carried import Carried
from nn.export.languages.labels import c_labels
from nn.export.proof.runs import (
    ExportedRun,
    Rows,
    answer_sizes,
    as_bytes,
    put,
    result_of,
    stage_sizes,
    taken_apart,
    text_of,
    weighting,
)

_FLAGS = ("-std=c99", "-O2", "-Wall", "-Wextra", "-pedantic", "-Werror", "-ffp-contract=off")
_MAIN = """
#include <stdio.h>
#include <string.h>
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
static number x[{inputs}], a[{widest}], b[{widest}];
{declared}
int main(void)
{{
    while (fread(given, sizeof(double), {inputs}, stdin) == {inputs}) {{
        for (size_t i = 0; i < {inputs}; i++) a[i] = x[i] = (number)given[i];
        {calls}
        name_predict(x, b);
        put(b, {outputs});
        {answers}
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
        name_gradient(x, y_bar, b, x_bar, parameters_bar);
        put(x_bar, {inputs});
        put(parameters_bar, NAME_PARAMETERS);
"""
_CODE = """
static {constant} labels_wanted[] = {{{labels}}};
static double code_of(const number *x)
{{
    size_t code = name_class(x);
    if (code >= {count} || {differs}) return -1.0;
    return (double)code;
}}
"""
_LABEL = "{ double code = code_of(x); fwrite(&code, sizeof code, 1, stdout); }"


def compiler() -> str:
    """Return the path of a C compiler.

    Raises:
        RuntimeError: If there is none.
    """
    for name in ("gcc", "cc", "clang"):
        found = shutil.which(name)
        if found:
            return found
    raise RuntimeError("to verify C a compiler is needed: gcc, cc or clang; none was found")


def run_c(path: str, carried: Carried, rows: Rows) -> ExportedRun:
    """Run a C header or file."""
    text = text_of(path)
    named = re.search(r"^#define (\w+)_NUMBER (double|float)$", text, re.MULTILINE)
    function = re.search(r"^(?:static inline )?void (\w+)_predict\(", text, re.MULTILINE)
    if not named or not function:
        raise ValueError(f"{path!r} is not C that chainrule wrote")
    upper, name, found = named[1], function[1], compiler()
    counted = re.search(rf"^#define {upper}_PARAMETERS (\d+)$", text, re.MULTILINE)
    differentiates = counted and f"void {name}_gradient(" in text
    derivatives = carried.inputs + int(counted[1]) if counted and differentiates else 0
    main = _main(carried, bool(derivatives))
    main = main.replace("NAME_", f"{upper}_").replace("name_", f"{name}_")
    with tempfile.TemporaryDirectory() as folder:
        put(folder, "exported.h", text)
        source, program = put(folder, "main.c", main), os.path.join(folder, "main")
        result_of([found, *_FLAGS, source, "-o", program, "-lm"], b"", path)
        data = result_of([program], as_bytes(rows), path)
    version = result_of([found, "--version"], b"", path).decode().splitlines()[0]
    return taken_apart(version, named[2], data, carried, rows, derivatives)


def _main(carried: Carried, differentiates: bool) -> str:
    inputs, *sizes = stage_sizes(carried)
    count, labels = answer_sizes(carried)
    stages = ["scale"] * (carried.scaler is not None)
    stages += [f"layer_{place}" for place in range(1, len(carried.layers) + 1)]
    calls = []
    for place, (stage, units) in enumerate(zip(stages, sizes, strict=True)):
        source, target = ("b", "a") if place % 2 else ("a", "b")
        calls.append(f"name_{stage}({source}, {target}); put({target}, {units});")
    words = {"inputs": inputs, "outputs": carried.outputs}
    declared, answers = "", ""
    if count:
        answers += f"name_probabilities(x, b);\n        put(b, {count});\n        "
    if labels and carried.answers is not None:
        declared += _code(carried.answers.classes or ())
        answers += _LABEL
    if differentiates:
        numbers = ", ".join(map(repr, weighting(carried.outputs)))
        declared += _GRADIENT_ARRAYS.format(**words, weighting=numbers)
        answers += _GRADIENT.format(**words)
    return _MAIN.format(
        **words,
        layers=len(carried.layers),
        widest=max(inputs, count, *sizes),
        calls="\n        ".join(calls),
        declared=declared,
        answers=answers,
    )


def _code(classes: tuple[object, ...]) -> str:
    kind, labels = c_labels(classes)
    is_text = kind.endswith("*")
    differs = "name_label(x) != labels_wanted[code]"
    return _CODE.format(
        constant="const char *const" if is_text else f"const {kind}",
        labels=", ".join(labels),
        count=len(labels),
        differs="strcmp(name_label(x), labels_wanted[code])" if is_text else differs,
    )
