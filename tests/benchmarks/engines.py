"""Measure the engines side by side: plain floats, reference, native, and micrograd if installed.

    python tests/benchmarks/engines.py
    python tests/benchmarks/engines.py --quick --json results.json

Every measurement runs in a process of its own; rounds go through all engines in turn, so that a
slow minute of the machine falls on all of them. The table gives the best time (and the median), and
ratios of best times. Nothing is asserted: a number here is a fact about one machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ALL = ("floats", "native", "reference", "micrograd")
OURS = ("native", "reference")
SIZED = ("floats", *OURS)  # micrograd ends in a RecursionError at a thousand nodes already


@dataclass(frozen=True)
class Measurement:
    """A row group of the table: one kind of work on several engines."""

    title: str
    work: str
    size: int = 0
    engines: Sequence[str] = ALL
    quick: bool = True

    def repeats(self, engine: str) -> int:
        """Return how often a process repeats this work: a second or two."""
        if engine == "micrograd" and self.work == "moons":
            return 2
        if engine == "reference" and self.size >= 1_000_000:
            return 1
        few = {"chain": 5, "wide": 5, "moons": 12, "moons_idiom": 12, "microgpt": 15}
        count = few.get(self.work, 10)
        return max(2, count // 3) if engine in ("reference", "micrograd") else count


MEASUREMENTS = (
    Measurement("(a) micrograd's README: record", "expression", 0),
    Measurement("(a) micrograd's README: record + backward", "expression", 1),
    Measurement("(b) chain of 1e5 nodes", "chain", 100_000),
    Measurement("(b) chain of 1e6 nodes", "chain", 1_000_000, SIZED, quick=False),
    Measurement("(b) wide sum, 1e5 nodes", "wide", 100_000),
    Measurement("(b) wide sum, 1e6 nodes", "wide", 1_000_000, SIZED, quick=False),
    Measurement("(c) two moons, micrograd's code", "moons", 0, (*OURS, "micrograd")),
    Measurement("(c) two moons, in the idiom of nn", "moons_idiom", 0, OURS),
    Measurement("(d) microgpt: one training step", "microgpt", 0, OURS),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, and write the JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one round, no graphs of 1e6 nodes")
    parser.add_argument("--rounds", type=int, default=3, help="rounds through all engines (3)")
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    options = parser.parse_args(arguments)
    available = installed()
    machine = described()
    print(", ".join(f"{key}: {value}" for key, value in machine.items()))
    print(f"engines: {', '.join(available)}\n")
    chosen = [m for m in MEASUREMENTS if m.quick or not options.quick]
    results = measure(chosen, available, 1 if options.quick else options.rounds)
    print("\n".join(table(results)))
    if options.json:
        text = json.dumps({"machine": machine, "results": results}, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")


def measure(
    measurements: Sequence[Measurement], available: Sequence[str], rounds: int
) -> list[dict[str, Any]]:
    """Return one record per measurement and engine, its times gathered over the rounds."""
    gathered: dict[tuple[str, str], dict[str, Any]] = {}
    total = rounds * len(measurements)
    for turn in range(rounds):
        for place, measurement in enumerate(measurements):
            progress(turn * len(measurements) + place + 1, total, measurement.title)
            for engine in measurement.engines:
                if engine in available:
                    found = run(measurement, engine)
                    key = (measurement.title, engine)
                    gathered[key] = merged(gathered.get(key), found)
    progress(total, total, "")
    records = []
    for (title, engine), found in gathered.items():
        record = {"work": title, "engine": engine, **found}
        if "seconds" in found:
            record["best"] = min(found["seconds"])
            record["median"] = statistics.median(found["seconds"])
        records.append(record)
    order = [measurement.title for measurement in measurements]
    return sorted(records, key=lambda r: (order.index(r["work"]), ALL.index(r["engine"])))


def run(measurement: Measurement, engine: str) -> dict[str, Any]:
    """Return what one process measured."""
    repeats = measurement.repeats(engine)
    command = [sys.executable, str(HERE / "workloads.py"), engine, measurement.work]
    finished = subprocess.run(
        [*command, str(measurement.size), str(repeats)],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise RuntimeError(f"{measurement.title} on {engine} failed:\n{finished.stderr}")
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


def merged(earlier: dict[str, Any] | None, found: dict[str, Any]) -> dict[str, Any]:
    """Return two rounds as one: all times, the better of the parts."""
    if earlier is None or "seconds" not in found:
        return found
    parts: dict[str, Any] = {
        key: min(earlier[key], found[key]) for key in ("record", "backward") if key in found
    }
    return {**found, **parts, "seconds": earlier["seconds"] + found["seconds"]}


def table(results: Sequence[dict[str, Any]]) -> list[str]:
    """Return the results as lines of an aligned table."""
    ratios = ("/ floats", "micrograd /", "reference /")
    head = ["work", "engine", "best", "median", *ratios, "per node"]
    rows = [head]
    before = ""
    for record in results:
        same = {r["engine"]: r for r in results if r["work"] == record["work"]}
        title = record["work"] if record["work"] != before else ""
        before = record["work"]
        if "failure" in record:
            rows.append([title, record["engine"], record["failure"], *[""] * 5])
            continue
        rows.append(
            [
                title,
                record["engine"],
                readable(record["best"]),
                readable(record["median"]),
                ratio(record, same.get("floats")),
                ratio(same.get("micrograd"), record),
                ratio(same.get("reference"), record),
                per_node(record),
            ]
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def ratio(above: dict[str, Any] | None, below: dict[str, Any] | None) -> str:
    """Return how many times the one takes longer than the other."""
    if above is None or below is None or above is below:
        return ""
    if "best" not in above or "best" not in below:
        return ""
    return f"{above['best'] / below['best']:.2f}"


def per_node(record: dict[str, Any]) -> str:
    """Return nanoseconds to record and to differentiate, and bytes, of one node."""
    size = next(m.size for m in MEASUREMENTS if m.title == record["work"])
    if "record" not in record:
        return f"{record['nodes']} nodes" if "nodes" in record else ""
    if record["bytes"] is None:
        return f"{record['best'] / size * 1e9:.0f} ns"
    times = "{:.0f} + {:.0f} ns".format(*(record[k] / size * 1e9 for k in ("record", "backward")))
    return f"{times}, {record['bytes']:.0f} bytes"


def readable(seconds: float) -> str:
    """Return a time with its unit."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1.0:
            return f"{seconds * factor:.2f} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def installed() -> list[str]:
    """Return the engines that can be measured here."""
    names = ["floats", "reference"]
    if list((HERE.parents[1] / "autograd" / "native").glob("engine.*" + _suffix())):
        names.append("native")
    if find_spec("micrograd") is not None:
        names.append("micrograd")
    return [name for name in ALL if name in names]


def _suffix() -> str:
    return str(sysconfig.get_config_var("EXT_SUFFIX")).rpartition(".")[2]


def described() -> dict[str, Any]:
    """Return the machine in general terms."""
    return {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "compiler": platform.python_compiler(),
    }


def progress(done: int, total: int, title: str) -> None:
    """Show on a terminal how far the measuring is."""
    if sys.stderr.isatty():
        end = "\n" if done == total and not title else ""
        print(f"\r{done}/{total} {title:<50}", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
