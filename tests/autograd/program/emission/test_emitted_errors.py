"""Emitted text where eager code raises for what no result needs: NaN in C and JavaScript."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess

import pytest

import autograd
from autograd import grad
from autograd.program.compiling import compile

COMPILER = next(filter(shutil.which, ("cc", "gcc", "clang")), None)
NODE = shutil.which("node")
# A function, a point where it and its derivative exist, and one where either fails.
CASES = [
    (grad(autograd.log), 2.0, -1.0),
    (grad(autograd.acosh), 2.0, -3.0),
    (lambda x: x + autograd.sign(autograd.sqrt(x)), 4.0, 0.0),
    (lambda x: x * autograd.step(autograd.cbrt(x)), 1.0, 0.0),
    (lambda x: autograd.where(1.0, x, 1.0 / x), 2.0, 0.0),
    (lambda x: autograd.where(0.0, autograd.log(x), x) if x > -2.0 else x, 2.0, -1.0),
]


@pytest.fixture(scope="module")
def programs():
    made = []
    for number, (f, good, _) in enumerate(CASES):
        made.append(compile(f, name=f"f{number}"))
        made[-1](good)
    return made


def test_python_raises(programs):
    for program, (_, good, bad) in zip(programs, CASES, strict=True):
        module = {}
        exec(program.source("python"), module)
        gradient = module[f"{program.name}_gradient"]
        assert gradient(good) == program.value_and_grad(good)
        with pytest.raises((ArithmeticError, ValueError)):
            gradient(bad)


@pytest.mark.skipif(COMPILER is None, reason="no C compiler here")
def test_c_gives_nan(programs, tmp_path):
    files = [tmp_path / f"{program.name}.c" for program in programs]
    for file, program in zip(files, programs, strict=True):
        file.write_text(program.source("c"), encoding="utf-8")
    target = tmp_path / "all.so"
    strict = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-std=c99", "-O1", "-ffp-contract=off"]
    names = list(map(str, files))
    subprocess.run([COMPILER, *strict, "-shared", "-fPIC", *names, "-o", target, "-lm"], check=True)
    library = ctypes.CDLL(str(target))
    for program, (_, good, bad) in zip(programs, CASES, strict=True):
        gradient = library[f"{program.name}_gradient"]
        gradient.restype = ctypes.c_double
        derivative = ctypes.c_double()
        value = gradient(ctypes.c_double(good), ctypes.byref(derivative))
        assert (value, derivative.value) == program.value_and_grad(good)
        assert math.isnan(gradient(ctypes.c_double(bad), ctypes.byref(derivative)))
        assert math.isnan(derivative.value)


@pytest.mark.skipif(NODE is None, reason="no Node here")
def test_javascript_gives_nan(programs, tmp_path):
    lines = []
    for program, (_, good, bad) in zip(programs, CASES, strict=True):
        name = program.name
        file = tmp_path / f"{name}.mjs"
        file.write_text(program.source("javascript"), encoding="utf-8")
        lines.append(f'import {{ {name}_gradient }} from "./{name}.mjs";')
        lines.append(f"console.log(Object.values({name}_gradient({good})).join());")
        lines.append(f"console.log(Object.values({name}_gradient({bad})).join());")
    script = tmp_path / "all.mjs"
    script.write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run([NODE, str(script)], check=True, capture_output=True, text=True)
    found = [tuple(map(float, line.split(","))) for line in done.stdout.split()]
    for program, (_, good, _), there, nan in zip(
        programs, CASES, found[::2], found[1::2], strict=True
    ):
        assert there == pytest.approx(program.value_and_grad(good), rel=1e-15)
        assert all(map(math.isnan, nan))
