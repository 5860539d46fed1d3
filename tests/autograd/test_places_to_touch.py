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

WRITER = """
'''Scenes as a table: every mark, and where it begins.'''

from autograd.render.scene import Scene, Words


def source(scene: Scene) -> str:
    marks = [mark for cluster in scene.clusters for mark in cluster.marks]
    return "".join(f"text,{mark.text},{mark.x}\\n" for mark in marks if isinstance(mark, Words))
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


def test_a_file_format_of_pictures_is_one_file(copy_of_the_package):
    folder = copy_of_the_package
    path = folder / "autograd" / "render" / "writers" / "csv.py"
    path.write_text(WRITER, encoding="utf-8")
    script = """
import autograd
from autograd import Value, draw
x = Value(3.0, label="x")
drawing = draw(x * x)
print(autograd.__file__)
with open(drawing.save("folder/square.csv"), encoding="utf-8") as file:
    print(next(line for line in file if line.startswith("text,x,"))[:7])
for attempt in (
    lambda: drawing.save("square.xls"),
    lambda: drawing.save_svg("square.csv"),
    lambda: (drawing.node("y"), drawing.save("square.csv")),
):
    try:
        attempt()
    except ValueError as error:
        print(str(error).partition(";")[0])
"""
    where, text, unknown, foreign, added_to = said(folder, script)
    assert Path(where).is_relative_to(folder)
    assert text == "text,x,"
    assert unknown == "'square.xls' does not end in the suffix of a format to save"
    assert foreign == "'square.csv' would be written as svg"
    assert added_to == "this drawing has statements of your own, which only Graphviz can draw"
