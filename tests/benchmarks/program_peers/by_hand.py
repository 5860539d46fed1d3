"""C by hand (by_hand.c), built with the compiler of this machine and called through ctypes."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cases
from cases import Amount, Job

SOURCE = Path(__file__).with_name("by_hand.c")
LIBRARY = "BENCHMARK_BY_HAND"  # the environment variable with a library that is built already
Doubles = ctypes.POINTER(ctypes.c_double)


def build(folder: Path) -> Path:
    """Compile by_hand.c into a folder and return the library."""
    compiler = os.environ.get("CC") or shutil.which("cc")
    if compiler is None:
        raise RuntimeError("no C compiler")
    library = folder / "by_hand.so"
    flags = ["-O3", "-march=native", "-ffast-math", "-fPIC"]
    compiled = folder / "by_hand.o"
    # In two steps: linking with -ffast-math would set the whole process to flush denormals.
    subprocess.run([compiler, *flags, "-c", str(SOURCE), "-o", str(compiled)], check=True)
    subprocess.run([compiler, "-shared", str(compiled), "-o", str(library), "-lm"], check=True)
    return library


def library() -> ctypes.CDLL:
    """Return the library, built now unless the environment has it."""
    if LIBRARY in os.environ:
        return ctypes.CDLL(os.environ[LIBRARY])
    with tempfile.TemporaryDirectory() as folder:
        return ctypes.CDLL(str(build(Path(folder))))


def doubles(numbers: Iterable[float]) -> Any:
    """Return numbers as a C array."""
    return _pointed(array("d", numbers))


def _pointed(numbers: array[float]) -> Any:
    return (ctypes.c_double * len(numbers)).from_buffer(numbers)


def expression(_: Amount) -> Job:
    """Value of the README's expression."""
    f = library().expression_value
    f.argtypes, f.restype = [ctypes.c_double] * 2, ctypes.c_double
    return Job(f"out = f({cases.A}, {cases.B})", {"f": f}, lambda out: [out])


def expression_gradient(_: Amount) -> Job:
    """Value and gradient of the README's expression."""
    f = library().expression
    f.argtypes, f.restype = [ctypes.c_double, ctypes.c_double, Doubles], None
    out = doubles([0.0] * 3)
    return Job(f"f({cases.A}, {cases.B}, out)", {"f": f, "out": out})


def _moons(steps: int) -> Job:
    f = library().moons
    f.argtypes = [Doubles] * 4 + [ctypes.c_int, ctypes.c_double, ctypes.c_int]
    f.restype = None
    x, y, t = _columns()
    out = doubles(cases.network(cases.LAYERS))
    names = {"f": f, "x": x, "y": y, "t": t, "out": out}
    return Job(f"f(out, x, y, t, {len(t)}, {cases.RATE}, {steps})", names, units=steps)


def _columns() -> tuple[Any, Any, Any]:
    points, classes = cases.moons()
    return doubles(p[0] for p in points), doubles(p[1] for p in points), doubles(classes)


def moons_inside(amount: Amount) -> Job:
    """Full-batch steps in a C loop."""
    return _moons(amount.moons_steps)


def moons_call(_: Amount) -> Job:
    """One full-batch step a call."""
    return _moons(1)


def moons_single(amount: Amount) -> Job:
    """Steps on one point at a time in a C loop."""
    f = library().moons_single
    f.argtypes = [Doubles] * 4 + [ctypes.c_int, ctypes.c_double, ctypes.c_int, ctypes.c_int]
    f.restype = None
    x, y, t = _columns()
    out = doubles(cases.network(cases.LAYERS))
    steps, done = amount.single_steps, 0

    def train() -> Any:
        nonlocal done
        f(out, x, y, t, len(t), cases.RATE, steps, done % len(t))
        done += steps
        return out

    return Job("out = train()", {"train": train}, units=steps)


def digits(amount: Amount) -> Job:
    """Steps of Adam in a C loop."""
    f = library().digits
    c_int, c_double = ctypes.c_int, ctypes.c_double
    f.argtypes = [Doubles] * 4 + [ctypes.POINTER(ctypes.c_longlong), c_int]
    f.argtypes += [c_double] * 4 + [c_int] * 2
    f.restype = None
    pixels, numbers = cases.digits()
    labels = (ctypes.c_longlong * len(numbers)).from_buffer(numbers)
    out = doubles(cases.network(cases.DIGITS))
    m, v = doubles([0.0] * len(out)), doubles([0.0] * len(out))
    batches, steps, done = len(numbers) // cases.BATCH, amount.digits_steps, 0

    def train() -> Any:
        nonlocal done
        f(out, m, v, _pointed(pixels), labels, batches, *cases.ADAM, done, steps)
        done += steps
        return out

    return Job("out = train()", {"train": train}, units=steps)


def rosenbrock_list(_: Amount) -> Job:
    """Gradient from a list to a list."""
    f = _rosenbrock("gradient")
    f.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]

    def gradient(numbers: list[float]) -> list[float]:
        x, out = array("d", numbers), array("d", bytes(8 * len(numbers)))
        f(x.buffer_info()[0], len(numbers), out.buffer_info()[0])
        return out.tolist()

    return Job("out = f(x)", {"f": gradient, "x": cases.rosenbrock_point(1000)})


def rosenbrock_array(_: Amount) -> Job:
    """Gradient from an array into an array."""
    x = doubles(cases.rosenbrock_point(1000))
    names = {"f": _rosenbrock("gradient"), "x": x, "out": doubles([0.0] * 1000)}
    return Job("f(x, 1000, out)", names)


def rosenbrock_hessian(_: Amount) -> Job:
    """Dense Hessian."""
    x = doubles(cases.rosenbrock_point(50))
    names = {"f": _rosenbrock("hessian"), "x": x, "out": doubles([0.0] * 2500)}
    return Job("f(x, 50, out)", names)


def _rosenbrock(name: str) -> Any:
    f = getattr(library(), f"rosenbrock_{name}")
    f.argtypes, f.restype = [Doubles, ctypes.c_int, Doubles], None
    return f


def options(amount: Amount) -> Job:
    """Prices and greeks, columns in, columns out."""
    f = library().options
    f.argtypes, f.restype = [Doubles] * 5 + [ctypes.c_int, Doubles], None
    columns = [_pointed(column) for column in cases.market(amount.options)]
    names = {"f": f, "columns": columns, "out": doubles([0.0] * (6 * amount.options))}
    return Job(f"f(*columns, {amount.options}, out)", names, units=amount.options)
