"""Measure compiled programs beside C by hand, NumPy by hand, numba, CasADi, JAX and PyTorch.

    python tests/benchmarks/programs.py
    python tests/benchmarks/programs.py --quick --only moons --json results.json
    python tests/benchmarks/programs.py --check
    python tests/benchmarks/programs.py --python torch=/another/environment/bin/python

First every contestant must compute the same numbers as this project's eager engine, to 1e-9; one
that does not is not timed. Every measurement runs in a process of its own, on one thread where the
contestant lets itself be told so; rounds go through all contestants in turn, so that a slow minute
of the machine falls on all of them. What is not installed is left out and listed. No time is
asserted: a number here is a fact about one machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().with_name("program_peers")))

from contestants import CONTESTANTS, Key, Runner
from table import TITLES, aims, table

REPEATED = ("moons_call",)  # checked after three calls, since a call is one step of many


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, measure, print the table and the aims, and write the JSON if asked."""
    options = parsed(arguments)
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(dict(pair.split("=", 1) for pair in options.python), Path(folder))
        missing = runner.find([key for key in CONTESTANTS if key not in options.without])
        machine = described(runner, missing)
        print("\n".join(f"{key}: {value}" for key, value in machine.items()))
        works = [work for work in TITLES if any(part in work for part in options.only)]
        wrong = set() if options.unchecked else check(runner, works)
        if options.check:
            return 1 if wrong else 0
        seconds, rounds = (0.2, 1) if options.quick else (options.seconds, options.rounds)
        records = measure(runner, works, wrong, seconds, rounds)
    lines = [*table(records), "", *aims(records)]
    print("\n" + "\n".join(lines))
    if options.json:
        text = json.dumps({"machine": machine, "results": records}, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 1 if wrong else 0


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare the numbers, measure nothing")
    parser.add_argument("--unchecked", action="store_true", help="do not compare the numbers first")
    parser.add_argument("--quick", action="store_true", help="one round of 0.2 s")
    parser.add_argument("--rounds", type=int, default=3, help="rounds through all contestants (3)")
    parser.add_argument("--seconds", type=float, default=1.0, help="time of a measurement (1.0)")
    parser.add_argument(
        "--only", nargs="+", default=[""], help="works that have this in their name"
    )
    parser.add_argument("--without", nargs="+", default=[], choices=CONTESTANTS, help="leave out")
    parser.add_argument(
        "--python", nargs="+", default=[], metavar="NAME=PATH", help="the Python of a contestant"
    )
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    return parser.parse_args(arguments)


def check(runner: Runner, works: Sequence[str]) -> set[Key]:
    """Compare every contestant's numbers with the eager engine's; return who is wrong where."""
    wrong, rows, truth = set(), [], {}
    turns = {(work.partition("_2")[0], key): None for work, key in runner.turns(works)}
    for place, (work, key) in enumerate(turns):
        if work in ("process", "import"):
            continue
        progress(place + 1, len(turns), f"check {work}, {key}")
        calls = "3" if work in REPEATED else "1"
        if work not in truth:
            truth[work] = runner.ask("eager", "check", work, calls)["numbers"]
        try:
            verdict = difference(truth[work], runner.ask(key, "check", work, calls)["numbers"])
        except RuntimeError as error:
            verdict = "fails: " + str(error).strip().rpartition("\n")[2]
        if verdict:
            same = {"moons_inside": ["moons_inside", "process"]}.get(work, [work])
            wrong |= {(name, key) for name in TITLES if name.partition("_2")[0] in same}
            rows.append(f"WRONG  {work}, {CONTESTANTS[key].title}: {verdict}")
    progress(1, 1, "")
    print("\n".join(rows) or f"checked: {len(truth)} kinds of work agree with the eager engine")
    return wrong


def difference(expected: Sequence[float], got: Sequence[float]) -> str:
    """Return how two lists of numbers differ by more than 1e-9, or nothing."""
    if len(expected) != len(got):
        return f"{len(got)} numbers instead of {len(expected)}"
    floor = 1e-12 * max(map(abs, expected))
    for place, (right, number) in enumerate(zip(expected, got, strict=True)):
        if not abs(number - right) <= 1e-9 * abs(right) + floor:
            return f"number {place} is {number!r} instead of {right!r}"
    return ""


def measure(
    runner: Runner, works: Sequence[str], wrong: set[Key], seconds: float, rounds: int
) -> list[dict[str, Any]]:
    """Return one record per work and contestant, its times gathered over the rounds."""
    turns = [turn for turn in runner.turns(works) if turn not in wrong]
    records: dict[Key, dict[str, Any]] = {}
    for number in range(rounds):
        for place, (work, key) in enumerate(turns):
            progress(number * len(turns) + place + 1, rounds * len(turns), f"{work}, {key}")
            record = records.setdefault((work, key), {"work": work, "contestant": key})
            if "failure" in record:
                continue
            try:
                found = runner.measured(key, work, seconds)
            except RuntimeError as error:
                record["failure"] = str(error).strip().rpartition("\n")[2]
                continue
            record["seconds"] = [*record.get("seconds", []), *found["seconds"]]
            for name in ("processors", "threads"):
                if name in found:
                    record[name] = max(record.get(name, 0.0), found[name])
    progress(1, 1, "")
    for record in records.values():
        if "failure" not in record:
            record["best"] = min(record["seconds"])
            record["median"] = statistics.median(record["seconds"])
            record["worst"] = max(record["seconds"])
    return list(records.values())


def described(runner: Runner, missing: dict[str, str]) -> dict[str, Any]:
    """Return the machine in general terms, who takes part and who does not."""
    taking = [f"{CONTESTANTS[key].title} {runner.versions[key]}".strip() for key in runner.works]
    return {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load before": f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "",
        "contestants": ", ".join(taking),
        "missing": ", ".join(f"{key} ({why})" for key, why in missing.items()) or "none",
    }


def progress(done: int, total: int, title: str) -> None:
    """Show on a terminal how far the measuring is."""
    if sys.stderr.isatty():
        end = "\r" if not title else ""
        print(f"\r{done}/{total} {title:<60}", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
