"""What first weights are worth: the same trainings from micrograd's weights and by activation.

    python tests/benchmarks/initializers.py
    python tests/benchmarks/initializers.py --seeds 3 --only lecture

Trainings that people begin with, from ten seeds each: what they end at, and how many got stuck.
Digits need scikit-learn. Nothing is asserted here; tests/nn/test_first_weights.py asserts what can
be had in no time.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Callable, Sequence
from functools import partial

import autograd
from nn import MLP, SGD, Adam, cross_entropy, hinge
from nn.data import digits, moons

CHOICES = {"micrograd": "uniform, -1 to 1", "auto": "by activation"}
LECTURE_X = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
LECTURE_Y = [1.0, -1.0, -1.0, 1.0]


def lecture(initializer: str, seed: int, lr: float = 0.01) -> float:
    """Return the sum of squares of micrograd's lecture after 100 steps of a 3-4-4-1 network."""
    model = MLP(3, [4, 4, 1], initializer=initializer, seed=seed)
    loss = autograd.compile(lambda x, y: (model(x) - y) ** 2)
    loss.train(LECTURE_X, LECTURE_Y, optimizer=SGD(lr=lr), steps=100, reduce="sum")
    return math.fsum(loss(x, y) for x, y in zip(LECTURE_X, LECTURE_Y, strict=True))


def two_moons(initializer: str, seed: int) -> float:
    """Return the mean hinge loss of 100 points after the 100 steps of micrograd's notebook."""
    points, labels = moons(100, noise=0.1, seed=1)
    signs = [2.0 * label - 1.0 for label in labels]
    model = MLP(2, [16, 16, 1], initializer=initializer, seed=seed)
    loss = autograd.compile(lambda x, y: hinge(model(x), y))
    optimizer = SGD(lr=1.0)
    loss.train(points, signs, optimizer=optimizer, steps=100, schedule=lambda k: 1.0 - 0.009 * k)
    return math.fsum(loss.rows(points, signs)) / len(points)


def ten_digits(initializer: str, seed: int, hidden: Sequence[int] = (32,)) -> float:
    """Return which part of the test digits is wrong after one epoch in batches of 32."""
    train, test = digits(scaled=True).split(0.2, seed=0)
    model = MLP(64, [*hidden, 10], initializer=initializer, seed=seed)
    loss = autograd.compile(lambda x, t: cross_entropy(model(x), t))
    targets = [[float(k == label) for k in range(10)] for label in train.y]
    loss.train(train.X, targets, optimizer=Adam(lr=0.01), epochs=1, batch_size=32, seed=seed)
    with autograd.no_grad():
        scores = [[z.data for z in model(x)] for x in test.X]
    right = sum(z.index(max(z)) == label for z, label in zip(scores, test.y, strict=True))
    return 1.0 - right / len(test)


# What it measures, and above which end a seed counts as stuck.
WORK: dict[str, tuple[Callable[[str, int], float], float]] = {
    "lecture, 3-4-4-1, SGD 0.01": (lecture, 1.0),
    "lecture, 3-4-4-1, SGD 0.05": (partial(lecture, lr=0.05), 1.0),
    "moons, 2-16-16-1, SGD 1.0 to 0.1": (two_moons, 0.1),
    "digits, 64-32-10, Adam 0.01": (ten_digits, 0.15),
    "digits, 64-32-32-32-10, Adam 0.01": (partial(ten_digits, hidden=(32, 32, 32)), 0.15),
}


def measured(name: str, seeds: int) -> dict[str, list[float]]:
    """Return what each initializer's trainings end at, by its name."""
    work, _ = WORK[name]
    return {choice: [work(choice, seed) for seed in range(seeds)] for choice in CHOICES}


def main() -> None:
    """Print a row for each training and initializer."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="how many (10)")
    parser.add_argument("--only", default="", help="trainings that begin with this")
    options = parser.parse_args()
    print("| training | first weights | median | best | worst | stuck |")
    print("|---|---|---:|---:|---:|---:|")
    for name, (_, limit) in WORK.items():
        if not name.startswith(options.only):
            continue
        for choice, ends in measured(name, options.seeds).items():
            numbers = [statistics.median(ends), min(ends), max(ends)]
            told = " | ".join(f"{number:.2g}" for number in numbers)
            stuck = f"{sum(end > limit for end in ends)} of {len(ends)} above {limit:g}"
            print(f"| {name} | {CHOICES[choice]} | {told} | {stuck} |")


if __name__ == "__main__":
    main()
