"""Emitted text beside eager code: many programs at once, in one library, one script, one module."""

from __future__ import annotations

import ctypes
import json
import math
import shutil
import subprocess
from pathlib import Path

from autograd import Value
from autograd.program.compiling import compile

from .judging import tolerances
from .modes import ERRORS, numbers, outcome

COMPILER = next(filter(shutil.which, ("cc", "gcc", "clang")), None)
NODE = shutil.which("node")
# C has the functions of Python's `math`, JavaScript has its own; both have ours.
LAST_DIGITS = {"C": 16.0, "JavaScript": 16.0}

_JAVASCRIPT = """
const shown = (x) => Object.is(x, -0) ? "-0.0" : String(x);
const flat = (x) => Array.isArray(x) ? x.flatMap(flat) : [shown(x)];
const tried = (f) => { try { return f(); } catch (error) { return error.constructor.name; } };
const found = cases.map(([f, point]) => {
    const given = point.map(Number);
    return [tried(() => flat(f[0](...given))),
            tried(() => Object.values(f[1](...given)).flatMap(flat))];
});
console.log(JSON.stringify(found));
"""


class Emitted:
    """One case as text, with the points that go the way that was recorded."""

    def __init__(self, case, name):
        self.case = case
        self.name = name
        self.program = compile(case.f, name=name)
        self.points = []
        self.variant = None
        for point in case.points:
            try:
                self.program(*point)
            except ERRORS:  # perhaps on another way: the emitted code may meet the error
                if self.variant is None:
                    continue
            if self.variant is None:
                self.variant = self.program.variants[0]
                languages = ("python", "c", "javascript")
                self.texts = {language: self.program.source(language) for language in languages}
            if self.program.variants[0] is self.variant:
                self.points.append(point)

    def expected(self, point):
        """The value, and the value with all derivatives, by the weights too."""
        captured = self.variant.captured
        return self.case.value(point), outcome(_all_derivatives, self.case.f, point, captured)

    def tolerances(self, point, language):
        """How far off the value, and value and derivatives, may be."""
        inputs, own = self.variant.signature.split(list(point))
        parameters = self.variant.current_parameters(own)
        found = []
        for derived in (self.variant.value, self.variant.full_gradient):
            try:
                found.append(tolerances(derived.code, inputs, parameters, LAST_DIGITS[language]))
            except ERRORS:
                found.append([math.inf] * len(derived.code.outputs))
        return found


def _all_derivatives(f, point, weights):
    given = list(map(Value, point))
    output = f(*given)
    for weight in weights:
        weight.zero_grad()
    if not isinstance(output, Value) or output.is_constant:
        return [*numbers(output), *[0.0] * (len(given) + len(weights))]
    output.backward()
    return [output.data, *[x.grad for x in given], *[w.grad for w in weights]]


def modes_of_python(everything):
    """Run all in this process."""
    for emitted in everything:
        namespace = {}
        exec(emitted.texts["python"], namespace)
        for point in emitted.points:
            value = outcome(namespace[emitted.name], *point)
            derivatives = outcome(namespace[f"{emitted.name}_gradient"], *point)
            yield emitted, point, "Python", (value, derivatives)


def modes_of_c(everything, folder: Path):
    """Compile all into one library and run it."""
    files = []
    for emitted in everything:
        files.append(folder / f"{emitted.name}.c")
        files[-1].write_text(emitted.texts["c"], encoding="utf-8")
    target = folder / "fuzzed.so"
    subprocess.run(
        [COMPILER, "-O1", "-std=c99", "-ffp-contract=off", "-shared", "-fPIC", *map(str, files),
         "-o", str(target), "-lm"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    library = ctypes.CDLL(str(target))
    for emitted in everything:
        for point in emitted.points:
            yield emitted, point, "C", _in_c(library, emitted, point)


def _in_c(library, emitted, point):
    value = library[emitted.name]
    gradient = library[f"{emitted.name}_gradient"]
    value.restype = gradient.restype = ctypes.c_double
    given = [ctypes.c_double(x) for x in point]
    captured = [v.data for v in emitted.variant.captured]
    array = (ctypes.c_double * len(captured))(*captured)
    given += [array] * bool(captured)
    derivatives = [ctypes.c_double(math.nan) for _ in point]
    by_weights = (ctypes.c_double * len(captured))()
    wanted = [ctypes.byref(x) for x in derivatives] + [by_weights] * bool(captured)
    found = value(*given)
    again = gradient(*given, *wanted)
    return [found], [again, *[x.value for x in derivatives], *by_weights]


def modes_of_javascript(everything, folder: Path):
    """Run all in one script."""
    imports, cases, order = [], [], []
    for emitted in everything:
        file = folder / f"{emitted.name}.mjs"
        file.write_text(emitted.texts["javascript"], encoding="utf-8")
        name = emitted.name
        imports.append(f'import {{ {name}, {name}_gradient }} from "./{name}.mjs";')
        for point in emitted.points:
            shown = json.dumps(
                [
                    "Infinity" if x == math.inf else "-Infinity" if x == -math.inf else repr(x)
                    for x in point
                ]
            )
            cases.append(f"[[{name}, {name}_gradient], {shown}],")
            order.append((emitted, point))
    script = folder / "fuzzed.mjs"
    text = [*imports, "const cases = [", *cases, "];", _JAVASCRIPT]
    script.write_text("\n".join(text), encoding="utf-8")
    done = subprocess.run([NODE, str(script)], check=True, capture_output=True, text=True)
    for (emitted, point), found in zip(order, json.loads(done.stdout), strict=True):
        yield (
            emitted,
            point,
            "JavaScript",
            [RuntimeError if isinstance(part, str) else [float(x) for x in part] for part in found],
        )
