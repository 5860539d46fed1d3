"""One engine, one kind of work, timed in a process of its own.

    python workloads.py ENGINE WORK SIZE REPEATS

ENGINE is floats, reference, native or micrograd; prints one line of JSON: the seconds of each
repeat, and what else the work has to say. `engines.py` starts these and compares.
"""

from __future__ import annotations

import gc
import json
import math
import os
import random
import resource
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CALLS = 2000  # of the small expression, in one timing


class Floats:
    """Plain floats under the names that the workloads ask an engine for."""

    def __call__(self, number: float) -> float:
        return number

    @staticmethod
    def relu(x: float) -> float:
        return x if x > 0.0 else 0.0

    @staticmethod
    def backward(_: float) -> None:
        return None


def relu(x: Any) -> Any:
    """Return relu by method, as micrograd spells it."""
    return x.relu()


def readme_expression(a: Any, b: Any, relu: Callable[[Any], Any]) -> Any:
    """Return g of the README of micrograd."""
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


def expression(engine: str, size: int, repeats: int) -> dict[str, Any]:
    """Record the README's expression; `size` 1: and differentiate it."""
    Value = value_of(engine)

    def floats() -> None:
        readme_expression(-4.0, 2.0, Floats.relu)

    def record() -> None:
        readme_expression(Value(-4.0), Value(2.0), relu)

    def both() -> None:
        readme_expression(Value(-4.0), Value(2.0), relu).backward()

    work = floats if engine == "floats" else both if size else record
    calls = CALLS if engine in ("floats", "native") else CALLS // 10
    return {"seconds": [s / calls for s in timed(lambda: many(work, calls), repeats)]}


def many(work: Callable[[], None], calls: int) -> None:
    """Call something many times."""
    for _ in range(calls):
        work()


def chain(engine: str, size: int, repeats: int) -> dict[str, Any]:
    """Record a chain of `size` multiplications and additions in turn, and differentiate it."""
    Value = value_of(engine)

    def record() -> Any:
        x = Value(1.0)
        for _ in range(size // 2):
            x = x * 0.999 + 0.001
        return x

    return record_and_differentiate(record, engine, size, repeats)


def wide(engine: str, size: int, repeats: int) -> dict[str, Any]:
    """Sum products of a leaf and a number, `size` nodes, with an n-ary sum where there is one."""
    Value = value_of(engine)
    add_up = sum if engine in ("floats", "micrograd") else import_module("autograd").sum
    numbers = [0.001 * i for i in range(size // 2)]

    def record() -> Any:
        return add_up([Value(number) * 0.5 for number in numbers])

    def record_floats() -> Any:
        return sum([number * 0.5 for number in numbers])

    return record_and_differentiate(
        record_floats if engine == "floats" else record, engine, size, repeats, lists=4 * size
    )


def record_and_differentiate(
    record: Callable[[], Any], engine: str, size: int, repeats: int, lists: int = 0
) -> dict[str, Any]:
    """Time recording and backward apart; measure the memory of the graph."""
    backward = Floats.backward if engine == "floats" else lambda out: out.backward()
    before = resident()
    kept = record()
    taken = resident() - before - lists
    del kept
    recording, sweeping, both = [], [], []
    for _ in range(repeats):
        gc.collect()
        began = perf_counter()
        out = record()
        middle = perf_counter()
        backward(out)
        ended = perf_counter()
        del out
        recording.append(middle - began)
        sweeping.append(ended - middle)
        both.append(ended - began)
    return {
        "seconds": both,
        "record": min(recording),
        "backward": min(sweeping),
        "bytes": taken / size if engine != "floats" else None,
    }


def moons(engine: str, size: int, repeats: int) -> dict[str, Any]:
    """Make full-batch steps of micrograd's demo: 100 points, MLP(2, [16, 16, 1]), hinge, L2."""
    Value, MLP = value_of(engine), import_module(nn_of(engine)).MLP
    random.seed(1337)
    model = MLP(2, [16, 16, 1])
    points, classes = two_moons(100)

    def step() -> None:
        inputs = [list(map(Value, row)) for row in points]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(classes, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        reg_loss = 1e-4 * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        model.zero_grad()
        total_loss.backward()
        for p in model.parameters():
            p.data -= 0.01 * p.grad

    return {"seconds": timed(step, repeats)}


def moons_idiom(engine: str, size: int, repeats: int) -> dict[str, Any]:
    """Make the same step as a user of nn writes it: floats in, a loss, an optimizer."""
    nn = import_module(nn_of(engine))
    dot = import_module("autograd").dot
    model = nn.MLP(2, [16, 16, 1], seed=1337)
    parameters = model.parameters()
    optimizer = nn.SGD(parameters, lr=0.01)
    points, classes = two_moons(100)

    def step() -> None:
        loss = nn.hinge([model(point) for point in points], classes)
        total = loss + 1e-4 * dot(parameters, parameters)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()

    return {"seconds": timed(step, repeats)}


def two_moons(size: int) -> tuple[list[list[float]], list[int]]:
    """Return points on two half circles with noise, and their classes -1 and +1."""
    source = random.Random(1)
    points, classes = [], []
    for place in range(size):
        angle, upper = math.pi * source.random(), place % 2 == 0
        x, y = math.cos(angle), math.sin(angle)
        if not upper:
            x, y = 1.0 - x, 0.5 - y
        points.append([x + source.gauss(0.0, 0.1), y + source.gauss(0.0, 0.1)])
        classes.append(-1 if upper else 1)
    return points, classes


def microgpt(engine: str, size: int, repeats: int) -> dict[str, Any]:
    """Make training steps of demos/microgpt.py on two names of seven letters: 16 positions."""
    sys.path.insert(0, str(ROOT / "demos"))
    demo = import_module("microgpt")
    letters = "abcdefghijklmnopqrstuvwxyz"
    model = demo.Transformer(27, random.Random(0))
    optimizer = import_module("autograd").Adam(model.parameters(), 0.01)
    batch = [demo.encoded(name, letters) for name in ("solveig", "melinda")]
    loss = demo.loss_of(model, batch)
    order = import_module("autograd.graph").topological_order(loss)
    work = [len(node.parents) // 2 for node in order if node.op == "dot"]
    found = {
        "parameters": len(model.parameters()),
        "nodes": sum(not node.is_leaf for node in order),
        "multiply-adds in dot": sum(work),
    }
    del loss, order

    def step() -> None:
        demo.loss_of(model, batch).backward()
        optimizer.step()
        optimizer.zero_grad()

    return {"seconds": timed(step, repeats), **found}


def timed(work: Callable[[], None], repeats: int) -> list[float]:
    """Return the seconds that each of `repeats` calls takes, after one that does not count."""
    work()
    seconds = []
    for _ in range(repeats):
        began = perf_counter()
        work()
        seconds.append(perf_counter() - began)
    return seconds


def value_of(engine: str) -> Any:
    """Return what makes a number of an engine."""
    if engine == "floats":
        return Floats()
    return import_module("micrograd.engine" if engine == "micrograd" else "autograd").Value


def nn_of(engine: str) -> str:
    """Return the module that has the MLP of an engine."""
    return "micrograd.nn" if engine == "micrograd" else "nn"


def resident() -> int:
    """Return the bytes of memory this process occupies (0 where that is not known)."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * resource.getpagesize() if statm.exists() else 0


def main() -> None:
    """Run what the command line asks for and print its JSON."""
    engine, work, size, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    sys.path.insert(0, str(ROOT))
    if engine in ("reference", "native"):
        os.environ["AUTOGRAD_ENGINE"] = "python" if engine == "reference" else "native"
    workloads = (expression, chain, wide, moons, moons_idiom, microgpt)
    chosen = {workload.__name__: workload for workload in workloads}[work]
    try:
        result = chosen(engine, size, repeats)
    except RecursionError:
        result = {"failure": "RecursionError"}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
