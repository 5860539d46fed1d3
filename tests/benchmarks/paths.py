"""How long questions about paths take: a network of 2-16-16-1 neurons over many examples.

    python tests/benchmarks/paths.py
    AUTOGRAD_ENGINE=python python tests/benchmarks/paths.py --examples 100

The source is the first weight. The shortest processor time of some repeats is printed; nothing is
asserted.
"""

from __future__ import annotations

import argparse
import random
import time

import autograd
from autograd import count_paths, multiplications, path_sum, use_counts
from autograd.graph import topological_order
from nn import MLP


def loss_of(examples, activation):
    generator = random.Random(0)
    model = MLP(2, [16, 16, 1], activation=activation, seed=1)
    rows = [[generator.uniform(-1, 1), generator.uniform(-1, 1)] for _ in range(examples)]
    return model.parameters()[0], autograd.mean([(model(row) - 1.0) ** 2 for row in rows])


QUESTIONS = {
    "count_paths": count_paths,
    "use_counts": use_counts,
    "multiplications": lambda weight, loss: multiplications(loss, weight),
    "path_sum": path_sum,
    "path_sum by unit": lambda weight, loss: path_sum(weight, loss, by="unit"),
    "path_sum by layer": lambda weight, loss: path_sum(weight, loss, by="layer"),
    "path_sum by example": lambda weight, loss: path_sum(weight, loss, by="example"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=1500)
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    for activation in ("tanh", "relu"):
        weight, loss = loss_of(chosen.examples, activation)
        operations = sum(bool(node.parents) for node in topological_order(loss))
        print(f"{activation}: {operations:,} operations, engine {autograd.engine}")
        for name, ask in QUESTIONS.items():
            times = []
            for _ in range(chosen.repeats):
                start = time.process_time()
                ask(weight, loss)
                times.append(time.process_time() - start)
            print(f"  {name:20} {min(times):6.2f} s")


if __name__ == "__main__":
    main()
