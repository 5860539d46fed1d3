"""Short programs, one for each kind of user, written as they write: they run as they stand."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCRIPTS = {path.stem: path for path in sorted(HERE.glob("*.py")) if path != Path(__file__)}
NEEDS = {"notebook_reader": "IPython", "scipy_user": "scipy"}
CONSOLES = ["cp1252", "cp437", "ascii"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_it_runs(name, tmp_path, monkeypatch):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(SCRIPTS[name]), run_name="__main__")


@pytest.mark.any_engine
@pytest.mark.parametrize("encoding", CONSOLES)
def test_it_runs_in_other_consoles(encoding, tmp_path):
    environment = {
        **os.environ, "PYTHONIOENCODING": f"{encoding}:strict", "PYTHONUTF8": "0",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE.parents[1]), *sys.path])),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(SCRIPTS["windows_user"])],
        cwd=tmp_path, env=environment, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert done.stdout.decode(encoding)
