"""Where `setup.py` builds: beside the sources, or in a copy of a tree that may not be written.

Cython and setuptools are played here: neither is needed to run tests. CI installs for real.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
GENERATED = ("autograd/native/rules.h", "autograd/machine/operation_lists.h")
# The root user may write everywhere, unless it gives that right away.
AS_A_USER = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
if not hasattr(os, "geteuid") or os.geteuid() != 0:
    AS_A_USER = []

pytestmark = [
    pytest.mark.any_engine,
    pytest.mark.skipif(os.name == "nt", reason="permissions as on Unix"),
    pytest.mark.skipif(AS_A_USER != [] and not shutil.which("setpriv"), reason="needs setpriv"),
]

_SETUPTOOLS = f"""
import os
Extension = lambda name, sources, **options: name
def setup(ext_modules, options):
    print(os.getcwd(), *map(os.path.exists, {GENERATED!r}))
"""
_CYTHON = """
class Module: pass
def cythonize(extensions, **options): return [Module() for _ in extensions]
"""


@pytest.fixture
def tree(tmp_path):
    """Return a copy of what a build needs, all of it writable."""
    found = tmp_path / "tree"
    nothing_made = shutil.ignore_patterns(
        "__pycache__", "*.so", "*.c", *map(os.path.basename, GENERATED)
    )
    for package in ("autograd", "nn"):
        shutil.copytree(HERE / package, found / package, ignore=nothing_made)
    for name in ("setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(HERE / name, found)
    (found / "build" / "lib").mkdir(parents=True)
    played = tmp_path / "played"
    (played / "Cython").mkdir(parents=True)
    (played / "setuptools.py").write_text(_SETUPTOOLS)
    (played / "Cython" / "__init__.py").touch()
    (played / "Cython" / "Build.py").write_text(_CYTHON)
    yield found
    for folder in (found, *[path for path in found.rglob("*") if path.is_dir()]):
        folder.chmod(0o755)


def ran(tree, *command):
    """Run `setup.py` as an ordinary user does, from another folder."""
    return subprocess.run(
        [*AS_A_USER, sys.executable, str(tree / "setup.py"), *command],
        env={**os.environ, "PYTHONPATH": str(tree.parent / "played")},
        cwd=tree.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "command", [("egg_info",), ("editable_wheel",), ("build_ext", "--inplace")]
)
def test_a_tree_that_may_be_written_is_built_in(tree, command):
    done = ran(tree, *command)
    assert (done.stdout, done.stderr) == (f"{tree} True True\n", "")


@pytest.mark.parametrize("barred", [".", "autograd/native", "build/lib", "autograd/machine"])
@pytest.mark.parametrize("command", [("egg_info",), ("bdist_wheel", "--dist-dir", "there")])
def test_one_that_may_not_is_copied(tree, barred, command):
    (tree / barred).chmod(0o555)
    before = sorted(tree.rglob("*"))
    done = ran(tree, *command)
    assert done.stderr == ""
    folder, *written = done.stdout.split()
    assert written == ["True", "True"]
    assert folder != str(tree)
    assert not os.path.exists(folder)  # deleted at the end
    assert [path for path in sorted(tree.rglob("*")) if "__pycache__" not in path.parts] == before


@pytest.mark.parametrize("command", [("editable_wheel", "--dist-dir", "there"), ("build_ext",), ()])
def test_one_that_may_not_be_written_is_not_built_in(tree, command):
    (tree / "autograd/native").chmod(0o555)
    done = ran(tree, *command)
    assert done.returncode == 1
    assert done.stderr.startswith(f"this builds in {tree}, where {tree}/autograd/native may not be")
    assert "install without -e" in done.stderr
