"""A strict user's program is clean under mypy and pyright, its typos are found, and it runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from inspect import signature
from pathlib import Path
from typing import get_args

import pytest

from autograd import Value
from nn import activations, choices, initializers
from nn.reading import loss_table
from nn.training import settings
from nn.training.runs import Training
from tests.project import two_moons

HERE = Path(__file__).parents[1]
PROJECT = Path(two_moons.__file__).parent
NAMES = ("two_moons.py", "typos.py")

pytestmark = pytest.mark.any_engine


def wrong_lines() -> set[tuple[str, int]]:
    lines = (PROJECT / "typos.py").read_text(encoding="utf-8").splitlines()
    return {("typos.py", number) for number, line in enumerate(lines, 1) if "  # " in line}


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        shutil.copy(PROJECT / name, tmp_path)
    return tmp_path


def said(command, folder, **environment):
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", cwd=folder, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip


def test_mypy_finds_the_typos_and_nothing_else(folder):
    pytest.importorskip("mypy")
    options = ["--strict", "--config-file=", "--no-error-summary", "--follow-imports=silent"]
    options += ["--hide-error-context", "--cache-dir", str(HERE / ".mypy_cache" / "user")]
    done = said([sys.executable, "-m", "mypy", *options, *NAMES], folder, MYPYPATH=str(HERE))
    assert done.stderr == ""
    errors = [line.split(":") for line in done.stdout.splitlines() if ": error:" in line]
    assert {(name, int(number)) for name, number, *_ in errors} == wrong_lines(), done.stdout


def test_pyright_finds_the_typos_and_nothing_else(folder):
    pytest.importorskip("pyright")
    config = {"include": list(NAMES), "typeCheckingMode": "strict", "extraPaths": [str(HERE)]}
    (folder / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    done = said(["pyright", "--outputjson", "--pythonpath", sys.executable], folder)
    told = json.loads(done.stdout)["generalDiagnostics"]
    found = {(Path(one["file"]).name, one["range"]["start"]["line"] + 1) for one in told}
    assert found == wrong_lines(), told


def test_the_program_runs(tmp_path, capsys):
    found = two_moons.main(tmp_path)
    assert found["last"] < found["first"]
    assert found["right"] > 0.85
    assert (found["slope"], found["again"], found["value"]) == (151.0, 151.0, 6.5)
    assert abs(found["line"] - 7.0) < 0.5
    assert (tmp_path / "y.svg").exists()
    assert "sum: " in capsys.readouterr().out


@pytest.mark.parametrize(("names", "table"), [
    (choices.ActivationName, {*activations.BY_NAME, *activations.ALIASES}),
    (choices.InitializerName, {*initializers.BY_NAME, "auto"}),
    (choices.LossName, {*loss_table.LOSSES, *loss_table.ALIASES}),
    (choices.OptimizerName, set(settings.OPTIMIZERS)),
])  # fmt: skip
def test_the_names_that_type_checkers_know_are_those_there_are(names, table):
    assert sorted(get_args(names)) == sorted(table)


def test_the_options_of_fit_are_those_of_a_training():
    options = list(signature(Training).parameters)
    assert options[:3] == ["model", "X", "y"]
    assert list(choices.FitOptions.__annotations__) == options[3:]


def test_editors_are_told_of_names():
    jedi = pytest.importorskip("jedi")
    source = "from autograd import Value, tanh, grad\nx = Value(0.5)\nx.tanh\ntanh\ngrad\n"
    script = jedi.Script(source, project=jedi.Project(HERE))
    told = [script.help(line, column)[0].docstring() for line, column in ((3, 3), (4, 1), (5, 1))]
    for text in told[:2]:
        assert "Return tanh(x) of a number or Value." in text
        assert "∂/∂x = sech_squared(x)" in text
    assert ">>> tanh(0.5)" in told[1]
    assert "Return the function that computes the gradient of f." in told[2]
    assert Value.tanh.__doc__
