"""Builds the compiled engine where there is a C compiler; everything else is in setup.cfg."""

import atexit
import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

HERE = Path(__file__).resolve().parent


def settle() -> None:
    """Go where building may write: here, or to a copy of this folder that is deleted at the end.

    The generated sources, `build` and `*.egg-info` are written beside the sources.

    Raises:
        SystemExit: If something is to be built in this very folder, which may not be written.
    """
    written = [HERE, *HERE.glob("*.egg-info/**/*"), *HERE.glob("build/**/*")]
    written += [path for path in HERE.glob("autograd/**/*") if path.is_dir()]
    barred = next((path for path in written if not os.access(path, os.W_OK)), None)
    if barred is None:
        os.chdir(HERE)
        return
    elsewhere = {"egg_info", "--dist-dir", "--output-dir"}  # as pip and build ask for it
    if "editable_wheel" in sys.argv or not elsewhere & set(sys.argv):
        raise SystemExit(
            f"this builds in {HERE}, where {barred} may not be written; install without -e "
            "(pip install FOLDER), or copy the folder to a place of your own"
        )
    copy = tempfile.mkdtemp(prefix="chainrule-")
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    for name in ("setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(HERE / name, Path(copy, name))
    for package in ("autograd", "nn"):
        for path in HERE.glob(f"{package}/**/*"):
            if path.is_file() and path.suffix not in (".c", ".so", ".pyd", ".pyc"):
                to = Path(copy, path.relative_to(HERE))
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, to)
    os.chdir(copy)


settle()
sys.path.insert(0, os.getcwd())
os.environ["AUTOGRAD_ENGINE"] = "python"  # an engine built earlier must not take part

from autograd.generate import engine_rules, machine_rules, update_rules

# One rounding per operation, as in Python: no fused multiply-add.
FLAGS = [] if sys.platform == "win32" else ["-O3", "-ffp-contract=off"]
# Nobody reads errno, so a square root is one instruction; vectors are passed between static
# functions only, so their calling convention is nobody's business.
MACHINE_FLAGS = [*FLAGS, "-fno-math-errno", "-Wno-psabi"] if FLAGS else []
# Folders of C: the machine computes at points what the engine does.
ENGINE = ["autograd/native"]
MACHINE = ["autograd/machine", "autograd/machine/emitter", "autograd/machine/kernels", *ENGINE]


def extension(name: str, folders: list[str], flags: list[str]) -> Extension:
    """Return the extension of this name in the first of its folders."""
    return Extension(
        f"{folders[0].replace('/', '.')}.{name}",
        [f"{folders[0]}/{name}.pyx"],
        include_dirs=folders,
        depends=[
            str(path)
            for folder in folders
            for path in Path(folder).iterdir()
            if path.suffix in (".h", ".pxi")
        ],
        extra_compile_args=flags,
    )


engine_rules.write()
machine_rules.write()
update_rules.write()
translated = cythonize(
    [extension("engine", ENGINE, FLAGS), extension("interpreter", MACHINE, MACHINE_FLAGS)],
    language_level=3,
    # Side by side, where a process can be split in two; elsewhere this file would run again.
    nthreads=2 if multiprocessing.get_start_method() == "fork" else 0,
)
for module in translated:
    # Without a compiler (for the machine: GCC or Clang) plain Python is used.
    module.optional = True
# One takes as long as the other: both are compiled at the same time.
setup(ext_modules=translated, options={"build_ext": {"parallel": len(translated)}})
