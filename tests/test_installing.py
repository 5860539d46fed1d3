"""What errors say of installing, and what another package of the same import name meets."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograd import installing

HERE = Path(__file__).parents[1]


def test_a_checkout_is_named_by_its_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(installing, "_FOLDER", HERE)
    monkeypatch.chdir(HERE)
    assert installing.install("plot") == "pip install -e '.[plot]'"
    monkeypatch.chdir(tmp_path)
    assert installing.install("plot") == f"pip install -e '{HERE}[plot]'"


def test_what_is_installed_is_named_by_its_name(monkeypatch, tmp_path):
    monkeypatch.setattr(installing, "_FOLDER", tmp_path)
    assert installing.install("plot") == "pip install 'chainrule[plot]'"
    monkeypatch.setattr(installing.os, "name", "nt")
    assert installing._quoted("chainrule[plot]") == '"chainrule[plot]"'


def test_every_extra_that_is_asked_for_is_there():
    named = set()
    for package in ("autograd", "nn"):
        for path in (HERE / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            named |= {part.split("'")[0] for part in text.split("install('")[1:]}
            assert "pip install 'chainrule[" not in text or path.name == "installing.py", path
    extras = (HERE / "setup.cfg").read_text(encoding="utf-8").split("[options.extras_require]")[1]
    assert {"plot", "image", "dot", "scipy"} <= named
    assert named <= {line.partition(" =")[0] for line in extras.splitlines()}


@pytest.mark.parametrize(("came", "source"), [
    (None, "chainrule"),
    ({"url": "https://example.org/chainrule.whl"}, "chainrule"),
    ({"url": "file:///a/b", "dir_info": {}}, "'file:///a/b'"),
    ({"url": "file:///a/b", "dir_info": {"editable": True}}, "-e 'file:///a/b'"),
])  # fmt: skip
def test_it_is_installed_again_from_where_it_came(monkeypatch, came, source):
    class Played:
        def read_text(self, name):
            assert name == "direct_url.json"
            return None if came is None else json.dumps(came)

    monkeypatch.setattr("importlib.metadata.distribution", lambda name: Played())
    wanted = "pip uninstall autograd && pip install --force-reinstall --no-deps "
    assert installing.repair() == wanted + source


# As HIPS's begins.
OTHERS = {
    "__init__.py": "from .tracer import trace\ndef grad(f): return f\n",
    "tracer.py": "from .wrap_util import wraps\ntrace = wraps('trace')\n",
    "util.py": "marks = '<>'\n",
    "wrap_util.py": "from .util import marks\ndef wraps(x): return marks[0] + x + marks[1]\n",
}


@pytest.fixture
def merged(tmp_path):
    """Return a folder where the other package was installed over this one."""
    for name in ("__init__.pyi", "installing.py", "wrap_util/__init__.py"):
        (tmp_path / "autograd" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "autograd" / name, tmp_path / "autograd" / name)
    (tmp_path / "nn").mkdir()
    shutil.copy(HERE / "nn" / "__init__.py", tmp_path / "nn")
    for name, text in OTHERS.items():
        (tmp_path / "autograd" / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_other_package_installed_over_this_one_works_and_tells_of_it(merged):
    program = """
import autograd, sys
from autograd.wrap_util import wraps
assert autograd.trace == "<trace>" and autograd.grad(3) == 3 and wraps("x") == "<x>"
assert autograd.wrap_util.__file__.endswith("wrap_util.py")
assert not hasattr(autograd, "Valu")
for statement in ("from autograd import Value", "autograd.check_grads", "import nn"):
    try:
        exec(statement)
    except ImportError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", program],
        capture_output=True, text=True, cwd=merged, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    told = done.stdout.splitlines()
    assert [line.partition(",")[0] for line in told] == [
        "Value is a name of the distribution 'chainrule'",
        "check_grads is a name of the distribution 'chainrule'",
        "nn belongs to the distribution 'chainrule'",
    ]
    for line in told:
        assert str(merged / "autograd" / "__init__.py") in line
        assert "pip uninstall autograd && pip install --force-reinstall --no-deps chainrule" in line


def test_wheels_are_built_for_the_versions_that_are_promised():
    settings = (HERE / "pyproject.toml").read_text(encoding="utf-8")
    metadata = (HERE / "setup.cfg").read_text(encoding="utf-8")
    job = (HERE / ".github" / "workflows" / "wheels.yml").read_text(encoding="utf-8")
    built = re.findall(r'"cp3(\d+)-\*"', settings)
    assert built == re.findall(r"Python :: 3\.(\d+)", metadata)
    assert built == [str(minor) for minor in range(int(built[0]), int(built[-1]) + 1)]
    assert f"python_requires = >=3.{built[0]}" in metadata
    assert f'target-version = "py3{built[0]}"' in settings
    for system in ("ubuntu", "macos", "windows"):
        assert f"{system}-" in job
    assert 'AUTOGRAD_ENGINE = "native"' in settings  # a wheel without the engine is none
