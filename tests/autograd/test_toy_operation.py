"""An operation is added in one place: a copy of the package gets one more entry, and has it all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograd

PACKAGE = Path(autograd.__file__).parent
ENTRY = """
bump = Primitive(
    "bump", lambda x, w: w / (1.0 + x * x) if x > 0.0 else w,
    (lambda out, x, w: -2.0 * x * step(x) * out * out / w, lambda out, x, w: out / w),
    c="({x} > 0 ? {w} / (1.0 + {x} * {x}) : {w})", domain="w != 0", defaults=(1.0,),
)
soft_sign = Primitive(
    "soft_sign", lambda x: x / (1.0 + math.fabs(x)),
    (lambda out, x: 1.0 / ((1.0 + abs(x)) * (1.0 + abs(x))),),
    c="({x} / (1.0 + fabs({x})))",
)
"""
SCRIPT = """
import ctypes, subprocess, sys, tempfile
from pathlib import Path
import autograd
from array import array
from autograd import Value, bump, formula, jvp, primitives, soft_sign

def f(x, w):
    return bump(x, w) * soft_sign(x)

def number(x, w):
    return (w / (1.0 + x * x) if x > 0.0 else w) * (x / (1.0 + abs(x)))

def slope(x, w, h=1e-6):
    return (number(x + h, w) - number(x - h, w)) / (2.0 * h)

def near(a, b, tolerance=1e-9):
    assert abs(a - b) <= tolerance * (1.0 + abs(b)), (a, b)

x, w = Value(0.7, "x"), Value(1.5, "w")
y = f(x, w)
y.backward()
near(y.data, number(0.7, 1.5)), near(x.grad, slope(0.7, 1.5), 1e-8)   # eager, backward
assert x.bump(2.0).op == "bump" and bump(0.5) == 1.0 / 1.25           # a method; a default
near(jvp(lambda t: f(t, 1.5), (0.7,), (1.0,))[1], slope(0.7, 1.5), 1e-8)  # forward
program = autograd.compile(f)
near(program(0.7, 1.5), number(0.7, 1.5), 1e-15)                      # compiled
assert "bump(x, w)" in str(program)
xs = [-1.0, -0.3, 0.0, 0.2, 0.7, 3.0]
for rows in (xs, array("d", xs)):
    for found, t in zip(program.rows(rows, 1.5), xs):
        near(found, number(t, 1.5), 1e-14)                            # over rows
value, (dx, dw) = program.value_and_grad(0.7, 1.5)
near(dx, slope(0.7, 1.5), 1e-8)
namespace = {}
exec(program.source("python"), namespace)
near(namespace["f"](0.7, 1.5), number(0.7, 1.5), 1e-15)               # emitted Python
assert "bump" in program.source("c") and "bump" in program.source("javascript")
with tempfile.TemporaryDirectory() as folder:
    if sys.argv[1]:
        text, library = Path(folder, "f.c"), Path(folder, "f.so")
        text.write_text(program.source("c"))
        subprocess.run([sys.argv[1], "-shared", "-fPIC", "-o", library, text, "-lm"], check=True)
        in_c = ctypes.CDLL(str(library)).f
        in_c.restype, in_c.argtypes = ctypes.c_double, [ctypes.c_double] * 2
        near(in_c(0.7, 1.5), number(0.7, 1.5), 1e-15)                 # emitted C
    if sys.argv[2]:
        text = Path(folder, "f.mjs")
        text.write_text(program.source("javascript") + "\\nconsole.log(f(0.7, 1.5))\\n")
        shown = subprocess.run([sys.argv[2], text], check=True, capture_output=True, text=True)
        near(float(shown.stdout), number(0.7, 1.5), 1e-15)            # emitted JavaScript
assert formula.text(formula.partial_formulas(primitives.bump)["w"]) == "out / w"
drawn = autograd.draw(y)
assert all("soft_sign" in text for text in (drawn.svg(), drawn.tree()))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The package in a folder of its own, with two more entries in its rule book."""
    folder = tmp_path_factory.mktemp("toy")
    shutil.copytree(PACKAGE, folder / "autograd", ignore=shutil.ignore_patterns("__pycache__"))
    rules = folder / "autograd" / "primitives.py"
    before, mark, after = rules.read_text(encoding="utf-8").partition("# fmt: on\n")
    rules.write_text(before + ENTRY + mark + after, encoding="utf-8")
    return folder


@pytest.mark.any_engine
@pytest.mark.parametrize("numpy", ["with numpy", "without"])
def test_an_entry_is_all_that_an_operation_takes(copy, numpy):
    hidden = "" if numpy == "with numpy" else "import sys; sys.modules['numpy'] = None\n"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            hidden + SCRIPT,
            shutil.which("cc") or "",
            shutil.which("node") or "",
        ],
        cwd=copy,
        env={**os.environ, "AUTOGRAD_ENGINE": "python", "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_an_engine_built_before_says_that_it_does_not_know_the_operation(copy):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import autograd; print(autograd.engine)"],
        cwd=copy,
        env={**os.environ, "AUTOGRAD_ENGINE": "", "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "python\n", done.stderr
