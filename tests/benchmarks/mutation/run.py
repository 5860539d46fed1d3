"""Plant small faults in the sources, one at a time, and count those that the tests notice.

    python tests/benchmarks/mutation/run.py                       # all rooms, about an hour
    python tests/benchmarks/mutation/run.py paths nn --sample 100
    python tests/benchmarks/mutation/run.py forward --json run.json --write SCORES.md
    python tests/benchmarks/mutation/run.py forward --again run.json    # after new tests

Runs in a copy, on the engine in plain Python, so that nothing has to be built. Every fault meets
the doctest of its module and the tests of its room, in a process of its own. A fault that makes
the tests run longer than `--patience` seconds and twice their time without it counts as noticed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest
from equivalent import EQUIVALENT
from faults import Fault, faults
from rooms import ROOMS, Room
from scores import judged, table

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("hypothesis", "mpmath", "numpy")
QUIETLY = ("-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
SAID = "said.txt"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rooms asked for; print every fault that nobody noticed, and the table."""
    options = parsed(arguments)
    for name in HEAVY:  # once, for all the processes that are forked from this one
        __import__(name)
    records: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        copied(copy)
        for name in options.rooms or ROOMS:
            records += measured(name, ROOMS[name], copy, options)
            if options.json:
                options.json.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    text = table(records, options.sample)
    print(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    return 0


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rooms", nargs="*", choices=[*ROOMS, []], help="default: all")
    parser.add_argument("--sample", type=int, default=40, help="faults per room, drawn by chance")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=30.0)
    parser.add_argument(
        "--again", type=Path, nargs="+", help="files of --json: only what they say nobody noticed"
    )
    parser.add_argument("--json", type=Path, help="keep every fault and what became of it")
    parser.add_argument("--write", type=Path, help="write the table to this file")
    return parser.parse_args(arguments)


def copied(copy: Path) -> None:
    """Copy the tracked and new files; compiled modules of the untouched ones come along."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    subprocess.run([sys.executable, "-m", "compileall", "-q", "autograd", "nn"], cwd=copy)


def measured(
    name: str, room: Room, copy: Path, options: argparse.Namespace
) -> list[dict[str, object]]:
    """Plant a sample of the faults of a room, one after the other."""
    everything: list[tuple[str, Fault]] = []
    for pattern in room.modules:
        for path in sorted(copy.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            everything += [(str(path.relative_to(copy)), fault) for fault in faults(text)]
    known: dict[tuple[str, Fault], object] = {}
    if options.again:
        sample = remembered(name, everything, options.again, known)
    else:
        size = min(options.sample, len(everything))
        sample = random.Random(options.seed).sample(everything, size)
    modules = sorted({module for module, _ in sample})
    began = time.monotonic()
    if tested(copy, [*modules, *room.tests], patience=3600.0):
        said = copy.with_name(SAID).read_text(encoding="utf-8")
        raise SystemExit(f"{name}: the tests fail without a fault\n{said}")
    patience = max(options.patience, 2.0 * (time.monotonic() - began))
    records: list[dict[str, object]] = []
    for module, fault in sorted(sample, key=lambda pair: (pair[0], pair[1].start)):
        noticed = known.get((module, fault))
        if not noticed and (module, fault.before, fault.after) not in EQUIVALENT:
            noticed = planted(copy, module, fault, room, patience)
        records.append(
            {
                "room": name, "module": module, "kind": fault.kind, "line": fault.line,
                "before": fault.before, "after": fault.after, "noticed": noticed,
                "of": len(everything),
            }
        )  # fmt: skip
        if not noticed:
            place = f"{module}:{fault.line}"
            print(f"{place}: {fault.kind}: {fault.before} → {fault.after}", flush=True)
    print(f"{name}: {judged(records)}", flush=True)
    return records


def remembered(
    name: str,
    everything: Sequence[tuple[str, Fault]],
    earlier: Sequence[Path],
    known: dict[tuple[str, Fault], object],
) -> list[tuple[str, Fault]]:
    """Return the faults of earlier runs that are still possible, and note which were noticed."""
    found = []
    for path in earlier:
        for record in json.loads(path.read_text(encoding="utf-8")):
            same = [
                (module, fault)
                for module, fault in everything
                if record["room"] == name
                and (module, fault.kind) == (record["module"], record["kind"])
                and (fault.before, fault.after) == (record["before"], record["after"])
                and (module, fault) not in known
            ]
            if same:
                nearest = min(same, key=lambda pair: abs(pair[1].line - record["line"]))
                known[nearest] = record["noticed"]
                found.append(nearest)
    return found


def planted(copy: Path, module: str, fault: Fault, room: Room, patience: float) -> str:
    """Plant one fault, run the tests, take it out again; return how it was noticed, or nothing."""
    path = copy / module
    sound = path.read_text(encoding="utf-8")
    path.write_text(fault.planted(sound), encoding="utf-8")
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        compiled.unlink()
    mirror = f"/test_{path.stem}.py"  # the likeliest to notice it, so that it comes first
    tests = sorted(room.tests, key=lambda name: not name.endswith(mirror))
    noticed = tested(copy, [module, *tests], patience)
    path.write_text(sound, encoding="utf-8")
    return noticed


def tested(copy: Path, tests: Sequence[str], patience: float) -> str:
    """Run tests in a child of this process: how they failed, or nothing if they passed."""
    child = os.fork()
    if child == 0:
        _test(copy, tests)
    ends = time.monotonic() + patience
    while time.monotonic() < ends:
        finished, status = os.waitpid(child, os.WNOHANG)
        if finished:
            return "" if status == 0 else "failed"
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "too slow"


def _test(copy: Path, tests: Sequence[str]) -> NoReturn:
    os.setsid()  # so that whatever the tests start ends with them
    os.chdir(copy)
    os.environ |= {
        "AUTOGRAD_ENGINE": "python", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy),
    }  # fmt: skip
    sys.dont_write_bytecode = True
    sys.path[0] = str(copy)
    said = os.open(copy.with_name(SAID), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    status = 1
    try:
        for name in ("autograd", "nn"):  # before a module of it is read for doctests
            package = importlib.import_module(name)
            assert str(package.__file__).startswith(str(copy)), package.__file__
        status = int(pytest.main([*QUIETLY, *tests]))
    finally:
        sys.stdout.flush()
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
