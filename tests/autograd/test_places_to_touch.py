"""What is added in one place works everywhere: tried in a copy of the package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograd

PACKAGE = Path(autograd.__file__).parent
EMITTER = """
'''Programs as the terms of Lisp.'''

from autograd.program.emission.unit import Unit


def source(unit: Unit) -> str:
    names = [x for argument in unit.arguments for x in argument.structure.names(argument.name)]
    names += [repr(number) for number in unit.value.constants]
    for operation, operands in unit.value.instructions:
        names.append(f"({operation.name} {' '.join(names[operand] for operand in operands)})")
    return names[unit.value.outputs[0]]
"""


@pytest.fixture
def copy_of_the_package(tmp_path):
    shutil.copytree(
        PACKAGE, tmp_path / "autograd", ignore=shutil.ignore_patterns("*.so", "*.c", "__pycache__")
    )
    return tmp_path


def said(folder, script):
    environment = {**os.environ, "AUTOGRAD_ENGINE": "python", "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def test_an_emitter_is_one_file(copy_of_the_package):
    folder = copy_of_the_package
    path = folder / "autograd" / "program" / "emission" / "languages" / "lisp.py"
    path.write_text(EMITTER, encoding="utf-8")
    script = """
import autograd
program = autograd.compile(lambda x, ys: (x * ys[1]).tanh() + 2.0)
program(1.0, [2.0, 3.0])
print(autograd.__file__)
print(program.source("lisp"))
try:
    program.source("cobol")
except ValueError as error:
    print(error)
"""
    where, text, known = said(folder, script)
    assert Path(where).is_relative_to(folder)
    assert text == "(add (tanh (mul x ys[1])) 2.0)"
    assert known == "source is written in c, javascript, lisp, python; got 'cobol'"
