"""Builds the compiled engine where there is a C compiler; everything else is in setup.cfg."""

import sys
from pathlib import Path

from setuptools import Extension, setup

sys.path.insert(0, str(Path(__file__).parent))


def extensions() -> list[Extension]:
    """Return the compiled engine, its rules freshly written from the rule book."""
    try:
        from Cython.Build import cythonize
    except ImportError:
        print("Cython is missing: the engine in plain Python will be used", file=sys.stderr)
        return []
    from autograd.native import generate

    generate.write()
    engine = Extension(
        "autograd.native.engine",
        ["autograd/native/engine.pyx"],
        include_dirs=["autograd/native"],
        depends=["autograd/native/nodes.h", "autograd/native/rules.h"],
        # One rounding per operation, as in Python: no fused multiply-add.
        extra_compile_args=[] if sys.platform == "win32" else ["-O3", "-ffp-contract=off"],
        optional=True,  # without a compiler the engine in plain Python is used
    )
    return cythonize([engine], language_level=3)


setup(ext_modules=extensions())
