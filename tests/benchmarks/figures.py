"""How large, how legible and how quick pictures are, and where more arrows cross than before.

`python tests/benchmarks/figures.py` measures, in processor time; `--before COMMIT` lays out ten
graphs of operations with the code of that commit, too, and counts where arrows cross.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
from itertools import combinations, pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, os.environ.get("FIGURES_OF", str(ROOT)))

import autograd
from autograd import Value
from nn import MLP, Layer, cross_entropy, mse, nll, squared_error


def readme():
    a, b = Value(-4.0, label="a"), Value(2.0, label="b")
    c, d = a + b, a * b + b**3
    c = c + c + 1.0
    c = c + 1.0 + c + (-a)
    d = d + d * 2.0 + (b + a).relu()
    d = d + 3.0 * d + (b - a).relu()
    f = (c - d) ** 2
    return f / 2.0 + 10.0 / f


def random_graph(seed, count):
    source = random.Random(seed)
    values = [Value(source.uniform(-1, 1)) for _ in range(4)]
    for _ in range(count):
        left, right = source.choice(values[-8:]), source.choice(values[-8:])
        values.append(left * right if source.random() < 0.5 else (left + right).tanh())
    return autograd.sum(values[-4:])


def recurrent():
    cell, state = Layer(3, 2, activation="tanh", seed=1), [Value(0.3), Value(0.1)]
    for x in (0.5, -0.3, 0.8):
        state = cell([Value(x), *state])
    return state[0] * state[1]


GRAPHS = {
    "micrograd's README": readme,
    "2-2-2-1, squared error": lambda: squared_error(
        MLP(2, [2, 2, 1], "tanh", seed=3)([0.5, -1.0]), 1.0
    ),
    "2-4-4-1, relu": lambda: squared_error(MLP(2, [4, 4, 1], "relu", seed=3)([0.5, -1.0]), 1.0),
    "4-4-3, softmax": lambda: nll(
        MLP(4, [4, 3], "tanh", "softmax", seed=3)([0.5, -1.0, 0.2, 2.0]), 1
    ),
    "4-4-3, logits": lambda: cross_entropy(
        MLP(4, [4, 3], "tanh", "linear", seed=3)([0.5, -1.0, 0.2, 2.0]), 1
    ),
    "three steps of a recurrent layer": recurrent,
    "a 100-step chain": lambda: _chain(100),
    **{f"random, seed {seed}": lambda seed=seed: random_graph(seed, 30) for seed in (1, 2, 3)},
}


def _chain(count):
    y = Value(0.5, label="x")
    for _ in range(count):
        y = (y * 1.1).tanh()
    return y


def crossings(svg: str) -> int:
    """How often two arrows of a picture cross, their ways taken in short straight pieces.

    Arrows that leave the same value fan out from one point, where rounded places seem to cross.
    """
    ways = []
    for _, way in re.findall(r'<g id="(e\d+)"[^>]*>.*?<path d="([^"]*)"', svg, re.DOTALL):
        ways.append(_points(way))
    return sum(
        _cross(*one, *other)
        for first, second in combinations(ways, 2)
        if first[0] != second[0]
        for one in pairwise(first)
        for other in pairwise(second)
    )


def _points(way: str) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for letter, text in re.findall(r"([MLCHV])([^MLCHVZ]*)", way):
        numbers = [float(number) for number in re.findall(r"-?\d+\.?\d*", text)]
        if letter == "H":
            numbers = [numbers[0], points[-1][1]]
        elif letter == "V":
            numbers = [points[-1][0], numbers[0]]
        corners = list(zip(numbers[::2], numbers[1::2], strict=True))
        if letter != "C":
            points += corners
            continue
        start = points[-1]
        for step in range(1, 13):
            share = step / 12
            left = 1 - share
            weights = left**3, 3 * left**2 * share, 3 * left * share**2, share**3
            whole = zip(weights, (start, *corners), strict=True)
            x, y = (
                sum(values)
                for values in zip(*[(w * p[0], w * p[1]) for w, p in whole], strict=True)
            )
            points.append((x, y))
    return points


def _cross(a, b, c, d) -> bool:
    def side(p, q, r):
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    if max(a[0], b[0]) < min(c[0], d[0]) or max(c[0], d[0]) < min(a[0], b[0]):
        return False
    return side(a, b, c) * side(a, b, d) < 0.0 and side(c, d, a) * side(c, d, b) < 0.0


def drawn(output, **options) -> str:
    return autograd.draw(output, max_nodes=1000, drawn_by="built-in", **options).svg()


def count_all(options) -> dict[str, int]:
    return {name: crossings(drawn(make(), **options)) for name, make in GRAPHS.items()}


def count_before(commit: str) -> dict[str, int]:
    """The crossings of the same graphs as another commit lays them out."""
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "archive", commit, "autograd", "nn"], cwd=ROOT, capture_output=True, check=True
        )
        subprocess.run(["tar", "x", "-C", folder], input=archive.stdout, check=True)
        environment = {**os.environ, "FIGURES_OF": folder, "AUTOGRAD_ENGINE": "python"}
        counted = subprocess.run(
            [sys.executable, __file__, "--count"],
            env=environment, capture_output=True, check=True, text=True,
        )  # fmt: skip
    return {name: int(count) for name, _, count in
            (line.rpartition("\t") for line in counted.stdout.splitlines())}  # fmt: skip


def timed(work):
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def measure() -> None:
    model = MLP(2, [2, 2, 1], "tanh", seed=3)
    loss = squared_error(model([0.5, -1.0]), 1.0)
    loss.backward()
    svg = drawn(loss, highlight=model.layers[0].neurons[0].weights[0])
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', svg)]
    width = re.search(r'width="([\d.]+)"', svg)
    print(f"| 2-2-2-1 with two paths | {width[1]} px wide, letters of {min(sizes):g} px and more |")

    source = random.Random(1)
    model = MLP(2, [16, 16, 1], "tanh", seed=3)
    points = [[source.uniform(-1, 1), source.uniform(-1, 1)] for _ in range(100)]
    loss = mse([model(x) for x in points], [x * y for x, y in points])
    loss.backward()
    for words, options in (
        ("", {}), (", paths of a weight", {"highlight": model.layers[0].neurons[0].weights[0]})
    ):  # fmt: skip
        seconds, svg = min(timed(lambda options=options: drawn(loss, **options)) for _ in range(5))
        size = len(svg.encode()) / 1000
        print(f"| 2-16-16-1 over 100 points{words} | {seconds:.2f} s, {size:.0f} kB |")

    long = _chain(500_000)
    long.backward()
    seconds, svg = timed(lambda: drawn(long))
    print(f"| a chain of 1,000,000 nodes | {seconds:.1f} s, {len(svg) / 1000:.0f} kB |")
    many = [model(x) for x in points for _ in range(130)]
    wide = mse(many, [0.0] * len(many))
    wide.backward()
    nodes = autograd.graph.topological_order(wide)
    seconds, svg = timed(lambda: drawn(wide))
    words = f"{len(nodes):,} nodes: 2-16-16-1 over {len(many):,} points"
    print(f"| {words} | {seconds:.1f} s, {len(svg) / 1000:.0f} kB |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", metavar="COMMIT", help="whose crossings to count, too")
    parser.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.count:
        for name, count in count_all({}).items():
            print(f"{name}\t{count}")
        return
    print(
        f"Python {platform.python_version()}, {autograd.engine} engine\n\n"
        "| what | measured |\n|---|---|"
    )
    measure()
    now = count_all({"level": "operation"})
    before = count_before(chosen.before) if chosen.before else {}
    print("\n| crossings | now | before |\n|---|---:|---:|")
    for name, count in now.items():
        print(f"| {name} | {count} | {before.get(name, '')} |")


if __name__ == "__main__":
    main()
