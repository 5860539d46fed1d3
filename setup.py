"""Builds the compiled engine where there is a C compiler; everything else is in setup.cfg."""

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

sys.path.insert(0, str(Path(__file__).parent))
os.environ["AUTOGRAD_ENGINE"] = "python"  # an engine built earlier must not take part

from autograd.native import generate, generate_machine

NATIVE = Path("autograd/native")
# One rounding per operation, as in Python: no fused multiply-add.
FLAGS = [] if sys.platform == "win32" else ["-O3", "-ffp-contract=off"]
# Nobody reads errno, so a square root is one instruction; vectors are passed between static
# functions only, so their calling convention is nobody's business.
MACHINE_FLAGS = [*FLAGS, "-fno-math-errno", "-Wno-psabi"] if FLAGS else []


def extension(name: str, flags: list[str]) -> Extension:
    """Return the extension `autograd.native.name`."""
    return Extension(
        f"autograd.native.{name}",
        [str(NATIVE / f"{name}.pyx")],
        include_dirs=[str(NATIVE)],
        depends=[str(path) for path in NATIVE.iterdir() if path.suffix in (".h", ".pxi")],
        extra_compile_args=flags,
    )


generate.write()
generate_machine.write()
translated = cythonize(
    [extension("engine", FLAGS), extension("machine", MACHINE_FLAGS)], language_level=3
)
for module in translated:
    # Without a compiler (for the machine: GCC or Clang) plain Python is used.
    module.optional = True
setup(ext_modules=translated)
