"""CasADi: the same functions as C that it generates, built with the compiler of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import casadi
import casadi_peer
from casadi_peer import (
    VERSION,
    expression,
    expression_gradient,
    moons_single,
    options,
    rosenbrock_array,
    rosenbrock_both,
    rosenbrock_hessian,
    rosenbrock_hvp,
    rosenbrock_list,
    rosenbrock_sparse_hessian,
    rosenbrock_sparse_jacobian,
)

__all__ = [
    "VERSION",
    "expression",
    "expression_gradient",
    "moons_single",
    "options",
    "rosenbrock_array",
    "rosenbrock_both",
    "rosenbrock_hessian",
    "rosenbrock_hvp",
    "rosenbrock_list",
    "rosenbrock_sparse_hessian",
    "rosenbrock_sparse_jacobian",
]


def generated(function: Any) -> Any:
    """Return the function from a library of generated C."""
    compiler = os.environ.get("CC") or shutil.which("cc")
    if compiler is None:
        raise RuntimeError("no C compiler")
    folder = Path(tempfile.mkdtemp())
    try:
        generator = casadi.CodeGenerator("generated.c")
        generator.add(function)
        generator.generate(f"{folder}/")
        library = folder / "generated.so"
        flags = ["-O3", "-march=native", "-shared", "-fPIC"]
        subprocess.run(
            [compiler, *flags, str(folder / "generated.c"), "-o", str(library), "-lm"], check=True
        )
        return casadi.external(function.name(), str(library))
    finally:
        shutil.rmtree(folder)


casadi_peer.prepared = generated
