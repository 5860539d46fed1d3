"""Builds the compiled engine where there is a C compiler; everything else is in setup.cfg."""

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

sys.path.insert(0, str(Path(__file__).parent))
os.environ["AUTOGRAD_ENGINE"] = "python"  # an engine built earlier must not take part

from autograd.native import generate

generate.write()
engine = Extension(
    "autograd.native.engine",
    ["autograd/native/engine.pyx"],
    include_dirs=["autograd/native"],
    depends=[
        str(path) for path in Path("autograd/native").iterdir() if path.suffix in (".h", ".pxi")
    ],
    # One rounding per operation, as in Python: no fused multiply-add.
    extra_compile_args=[] if sys.platform == "win32" else ["-O3", "-ffp-contract=off"],
)
(translated,) = cythonize([engine], language_level=3)
translated.optional = True  # without a compiler the engine in plain Python is used
setup(ext_modules=[translated])
