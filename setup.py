"""Builds the compiled engine where there is a C compiler; everything else is in setup.cfg."""

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

sys.path.insert(0, str(Path(__file__).parent))
os.environ["AUTOGRAD_ENGINE"] = "python"  # an engine built earlier must not take part

from autograd.generate import engine_rules, machine_rules, update_rules

# One rounding per operation, as in Python: no fused multiply-add.
FLAGS = [] if sys.platform == "win32" else ["-O3", "-ffp-contract=off"]
# Nobody reads errno, so a square root is one instruction; vectors are passed between static
# functions only, so their calling convention is nobody's business.
MACHINE_FLAGS = [*FLAGS, "-fno-math-errno", "-Wno-psabi"] if FLAGS else []
# Folders of C: the machine computes at points what the engine does.
ENGINE = ["autograd/native"]
MACHINE = ["autograd/machine", "autograd/machine/kernels", *ENGINE]


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
)
for module in translated:
    # Without a compiler (for the machine: GCC or Clang) plain Python is used.
    module.optional = True
setup(ext_modules=translated)
