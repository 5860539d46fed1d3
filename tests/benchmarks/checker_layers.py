"""How often the gradient checker is wrong on arrays: layers of NumPy, right and broken.

    python tests/benchmarks/checker_layers.py --cases 200
    python tests/benchmarks/checker_layers.py --cases 200 --single

Case k is drawn from seed k alone: a layer, its size, and one of the ways to break its gradient.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from autograd import GradientError, check_gradient

Array = Any
Layer = tuple[Callable[[Array], Any], Callable[[Array], Array]]


def _cross_entropy(x: Array, labels: Array, kind: Any) -> Layer:
    x = x.astype(kind)
    rows = np.arange(len(x))

    def loss(w: Array) -> Any:
        z = x @ w.astype(kind)
        z = z - z.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(z).sum(axis=1)) - z[rows, labels])

    def gradient(w: Array) -> Array:
        z = x @ w.astype(kind)
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[rows, labels] -= 1
        return x.T @ p / kind(len(x))

    return loss, gradient


def _relu(x: Array, labels: Array, kind: Any) -> Layer:
    x = x.astype(kind)

    def loss(w: Array) -> Any:
        return np.square(np.maximum(x @ w.astype(kind), 0)).sum(axis=1).mean()

    def gradient(w: Array) -> Array:
        return x.T @ (2 * np.maximum(x @ w.astype(kind), 0)) / kind(len(x))

    return loss, gradient


def _tanh(x: Array, labels: Array, kind: Any) -> Layer:
    x = x.astype(kind)

    def loss(w: Array) -> Any:
        return np.tanh(x @ w.astype(kind)).sum()

    def gradient(w: Array) -> Array:
        return x.T @ (1 - np.tanh(x @ w.astype(kind)) ** 2)

    return loss, gradient


def _one(g: Array, rng: Any) -> Array:
    g = g.copy()
    i, j = rng.integers(g.shape[0]), rng.integers(g.shape[1])
    g[i, j] += rng.choice([-1.0, 1.0]) * np.abs(g).mean()
    return g


def _row(g: Array, rng: Any) -> Array:
    g = g.copy()
    g[rng.integers(g.shape[0])] *= 1.5
    return g


def _block(g: Array, rng: Any) -> Array:
    g = g.copy()
    i, j = rng.integers(g.shape[0] // 2), rng.integers(g.shape[1] // 2)
    g[i : i + g.shape[0] // 3 + 1, j : j + g.shape[1] // 3 + 1] = 0
    return g


LAYERS = (_cross_entropy, _relu, _tanh)
WAYS: dict[str, tuple[Callable[[Array, Any], Array], str]] = {
    "one entry": (_one, "only w["),
    "one row": (_row, "only w["),
    "a block of zeros": (_block, "where 0 is claimed"),
    "a factor": (lambda g, rng: g * rng.choice([0.5, 1.1, 2.0, 32.0]), "all claims are"),
    "the sign": (lambda g, rng: -g, "the sign"),
    "the transpose": (lambda g, rng: np.ascontiguousarray(g.T).reshape(g.shape), "the transpose"),
    "shifted": (lambda g, rng: np.roll(g, 1, axis=0), "shifted by one row"),
}


def tried(seed: int, is_single: bool) -> list[tuple[str, str, bool]]:
    """Return for the right claim and for a broken one the way, the verdict, and if it is named."""
    rng = np.random.default_rng(seed)
    kind = np.float32 if is_single else np.float64
    most = 12 if is_single else 60
    rows, columns = (int(n) for n in rng.integers(4, most, size=2))
    x = rng.normal(size=(int(rng.integers(4, 24)), rows))
    labels = rng.integers(columns, size=len(x))
    loss, gradient = LAYERS[seed % len(LAYERS)](x, labels, kind)
    w = rng.normal(size=(rows, columns)) * rng.choice([0.1, 1.0])
    way = list(WAYS)[int(rng.integers(len(WAYS)))]
    broken, said = WAYS[way]
    right = gradient(w)
    wrong = broken(right, rng)
    found = []
    for name, claim in (("right", right), (way, wrong)):
        try:
            report = check_gradient(loss, claim, w, seed=seed)
        except GradientError as error:
            report = error.report
        found.append((name, report.verdict, said in report.diagnosis))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print the table; 1 if there is a false verdict."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=100, help="how many seeds")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--single", action="store_true", help="in single precision")
    options = parser.parse_args(arguments)
    verdicts: dict[str, Counter[str]] = {way: Counter() for way in ("right", *WAYS)}
    named: Counter[str] = Counter()
    started = time.process_time()
    for seed in range(options.first, options.first + options.cases):
        for way, verdict, is_named in tried(seed, options.single):
            verdicts[way][verdict] += 1
            named[way] += is_named
            is_false = verdict == "FAIL" if way == "right" else verdict in ("PASS", "KINK")
            if is_false:
                print(f"false {verdict}: seed {seed}, {way}")
    print("| claim | cases | PASS or KINK | FAIL | INCONCLUSIVE | named |")
    print("|---|---:|---:|---:|---:|---:|")
    for way, count in verdicts.items():
        confirmed = count["PASS"] + count["KINK"]
        cells = (way, count.total(), confirmed, count["FAIL"], count["INCONCLUSIVE"], named[way])
        print(f"| {' | '.join(map(str, cells))} |")
    print(f"{time.process_time() - started:.0f} s")
    false = verdicts["right"]["FAIL"]
    false += sum(verdicts[way]["PASS"] + verdicts[way]["KINK"] for way in WAYS)
    return int(bool(false))


if __name__ == "__main__":
    sys.exit(main())
