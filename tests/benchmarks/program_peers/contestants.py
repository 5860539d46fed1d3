"""Who takes part in the benchmark of programs, and the processes that measure them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

PEERS = Path(__file__).resolve().parent
ROOT = PEERS.parents[2]
Key = tuple[str, str]  # work, contestant
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "PYTHONHASHSEED": "0",
}


@dataclass(frozen=True)
class Contestant:
    """One who computes.

    Attributes:
        title: Its name in the table.
        module: Its module in program_peers.
        package: What is imported to use it.
        without: Works that would take it minutes.
    """

    title: str
    module: str
    package: str = ""
    without: tuple[str, ...] = ()


CONTESTANTS = {
    "c": Contestant("C by hand", "by_hand"),
    "ours": Contestant("ours", "ours", "autograd"),
    "numba": Contestant("numba by hand", "numba_peer", "numba"),
    "casadi_c": Contestant("CasADi, its C", "casadi_c_peer"),
    "casadi": Contestant("CasADi", "casadi_peer", "casadi"),
    "jax": Contestant("JAX jit", "jax_peer", "jax", ("graph_20000", "graph_200000")),
    "numpy": Contestant("NumPy by hand", "numpy_peer", "numpy"),
    "torch": Contestant("PyTorch eager", "torch_peer", "torch"),
}


class Runner:
    """Starts the processes that measure.

    Args:
        pythons: The interpreters of contestants that are not to use this one.
        folder: Where the C is built.
    """

    def __init__(self, pythons: dict[str, str], folder: Path) -> None:
        unknown = set(pythons) - {*CONTESTANTS, "eager"}
        if unknown:
            raise ValueError(f"--python: {', '.join(unknown)}: know {', '.join(CONTESTANTS)}")
        self.pythons, self.folder = pythons, folder
        self.environment = {**os.environ, **ONE_THREAD}
        # An installed package has its bytecode; that of a checkout is written at the first run.
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.works: dict[str, list[str]] = {}
        self.versions: dict[str, str] = {}

    def find(self, keys: Sequence[str]) -> dict[str, str]:
        """Learn what each contestant can do; return why some are missing."""
        missing = {}
        compiler = os.environ.get("CC") or shutil.which("cc")
        for key in keys:
            if key in ("c", "casadi_c") and compiler is None:
                missing[key] = "no C compiler"
                continue
            try:
                found = self.ask(key, "works")
            except RuntimeError as error:
                missing[key] = str(error).strip().rpartition("\n")[2]
                continue
            self.works[key] = [*found["works"], *(["import"] if CONTESTANTS[key].package else [])]
            self.versions[key] = found["version"]
        if "c" in self.works:
            code = "import by_hand, pathlib, sys; by_hand.build(pathlib.Path(sys.argv[1]))"
            subprocess.run([self.python("c"), "-c", code, str(self.folder)], cwd=PEERS, check=True)
        return missing

    def python(self, key: str) -> str:
        """Return the interpreter of a contestant."""
        return self.pythons.get(key) or self.pythons.get(key.partition("_")[0]) or sys.executable

    def ask(self, key: str, *arguments: str, fresh: bool = False) -> dict[str, Any]:
        """Return what a contestant's process answers."""
        module = "eager" if key == "eager" else CONTESTANTS[key].module
        environment = dict(self.environment)
        if not fresh and key == "c":
            environment["BENCHMARK_BY_HAND"] = str(self.folder / "by_hand.so")
        command = [self.python(key), str(PEERS / "run.py"), module, *arguments]
        return self.answer(command, environment)

    def answer(self, command: list[str], environment: dict[str, str]) -> dict[str, Any]:
        """Return the JSON that a process prints last."""
        finished = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, cwd=self.folder
        )
        if finished.returncode != 0:
            raise RuntimeError(f"{' '.join(command[1:])}:\n{finished.stderr}")
        found: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
        return found

    def measured(self, key: str, work: str, seconds: float) -> dict[str, Any]:
        """Return the seconds that one process measured."""
        if work == "import":
            code = "from time import perf_counter as t; b = t(); import {}; print(t() - b)"
            command = [self.python(key), "-c", code.format(CONTESTANTS[key].package)]
            paths = [self.environment.get("PYTHONPATH", ""), str(ROOT) if key == "ours" else ""]
            environment = {**self.environment, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
            return {"seconds": [self.answer(command, environment)]}
        if work == "process":
            began = perf_counter()
            self.ask(key, "once", "moons_inside", fresh=True)
            return {"seconds": [perf_counter() - began]}
        if work.startswith("graph_"):
            return self.ask(key, "graph", work.partition("_")[2])
        return self.ask(key, "time", work, str(seconds))

    def turns(self, works: Sequence[str]) -> Iterator[Key]:
        """Yield each work with each contestant that can do it."""
        for work in works:
            needed = "moons_inside" if work == "process" else work.partition("_2")[0]
            for key, able in self.works.items():
                if needed in able and work not in CONTESTANTS[key].without:
                    yield work, key
