"""One contestant, one kind of work, in a process of its own.

    python run.py CONTESTANT works                what it can do
    python run.py CONTESTANT time WORK SECONDS    the seconds of each repeat, and processor time
    python run.py CONTESTANT check WORK CALLS     the numbers that it computes, in small
    python run.py CONTESTANT once WORK            the whole of it once
    python run.py CONTESTANT graph NODES          the seconds to build and run a graph, per node

CONTESTANT is a module beside this file. Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time
from timeit import Timer
from typing import Any

from cases import ONCE, SMALL, Amount, Job

SAMPLES = 9


def main() -> None:
    """Run what the command line asks for and print its JSON."""
    contestant, mode, *rest = sys.argv[1:]
    sys.path.append(str(Path(__file__).resolve().parents[3]))
    module = import_module(contestant)
    if mode == "works":
        found: dict[str, Any] = {"works": [n for n in dir(module) if not n.startswith("_")]}
    elif mode == "time":
        found = timed(getattr(module, rest[0])(Amount()), float(rest[1]))
    elif mode == "check":
        found = {"numbers": numbers(getattr(module, rest[0])(SMALL), int(rest[1]))}
    elif mode == "once":
        found = {"numbers": numbers(getattr(module, rest[0])(ONCE), 1)[:1]}
    else:
        found = graph(module.graph, int(rest[0]))
    version = getattr(module, "VERSION", "")
    print(json.dumps({**found, "threads": threads(), "version": version}))


def timed(job: Job, seconds: float) -> dict[str, Any]:
    """Return the seconds per unit of each of nine samples, and processor time over wall time."""
    timer = Timer(job.statement, globals=job.names)
    timer.timeit(1)
    count, spent = 1, timer.timeit(1)
    while spent < seconds / SAMPLES / 4:
        count *= 4
        spent = timer.timeit(count)
    count = max(1, round(count * seconds / SAMPLES / spent))
    began, busy = perf_counter(), process_time()
    samples = [timer.timeit(count) / count / job.units for _ in range(SAMPLES)]
    share = (process_time() - busy) / (perf_counter() - began)
    return {"seconds": samples, "processors": share}


def numbers(job: Job, calls: int) -> list[float]:
    """Return what the statement has computed after some runs."""
    names = dict(job.names)
    for _ in range(calls):
        exec(job.statement, names)
    return [float(number) for number in job.flat(names["out"])]


def graph(prepare: Callable[[Amount], Job], nodes: int) -> dict[str, Any]:
    """Return the seconds from nothing to a first value and gradient of a graph, per node."""
    numbers(prepare(replace(SMALL, nodes=40)), 1)  # what a process sets up once does not count
    seconds: list[float] = []
    while len(seconds) < 5 and sum(seconds) * nodes < 2.0:
        job = prepare(replace(SMALL, nodes=nodes))
        began = perf_counter()
        exec(job.statement, dict(job.names))
        seconds.append((perf_counter() - began) / nodes)
    return {"seconds": seconds}


def threads() -> int:
    """Return how many threads this process has now (0 where that is not known)."""
    tasks = Path("/proc/self/task")
    return len(os.listdir(tasks)) if tasks.exists() else 0


if __name__ == "__main__":
    main()
