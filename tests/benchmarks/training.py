"""How long trainings take: fit against the bare trainer and against scikit-learn, in one run.

    python tests/benchmarks/training.py

Needs scikit-learn. Each figure is the best of some rounds, taken in turns; ratios are of
neighbours.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sklearn.neural_network import MLPClassifier

from autograd import Adam
from nn import MLP, Training, data, fit, restarts

ROUNDS = 7
(TRAIN, Y), (TEST, YT) = data.digits(scaled=True).split(0.25, seed=0)


def network(seed=0):
    """Return digits' 64-32-10."""
    return MLP(64, [32, 10], "relu", seed=seed)


def timed(work):
    """Return how long it takes, and what it returns."""
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def ours_to_the_accuracy():
    """Build, compile and train until 96 % of the test rows are right."""
    model = network()

    def is_good(_):
        return model.evaluate(TEST, YT, metrics=["accuracy"])["accuracy"] >= 0.96

    history = fit(model, TRAIN, Y, optimizer=Adam(0.01), epochs=100, callbacks=is_good)
    return len(history)


def theirs_to_the_accuracy():
    """Do the same with scikit-learn, by warm starts of an epoch."""
    model = MLPClassifier(
        (32,), learning_rate_init=0.01, batch_size=32, max_iter=1, warm_start=True, random_state=0
    )
    for epoch in range(1, 101):
        model.fit(TRAIN, Y)
        if model.score(TEST, YT) >= 0.96:
            return epoch
    return None


def trainer(epochs):
    """Return a training, the bare trainer of the same steps, and what keeps its model alive."""
    training = Training(network(), TRAIN, Y, optimizer=Adam(0.01), epochs=epochs, progress=False)
    problem = Training(network(), TRAIN, Y, optimizer=Adam(0.01), epochs=1).problem
    bare = problem.row_loss.program.trainer(
        *problem.examples.columns, optimizer=Adam(0.01), batch_size=32
    )
    return training, bare, problem


def main():
    """Measure and print."""
    warnings.simplefilter("ignore")
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(timed(ours_to_the_accuracy))
        theirs.append(timed(theirs_to_the_accuracy))
    (a, epochs), (b, others) = min(ours), min(theirs)
    print(
        f"digits 64-32-10 to 96 %: {a:.3f} s ({epochs} epochs); scikit-learn {b:.3f} s ({others})"
    )

    ratios, kept = [], []
    with tempfile.TemporaryDirectory() as folder:
        for k in range(ROUNDS):
            training, bare, _problem = trainer(300)
            alone, _ = timed(lambda bare=bare: bare.run(epochs=300))
            whole, _ = timed(training.run)
            saved = Training(
                network(), TRAIN, Y, optimizer=Adam(0.01), epochs=300, progress=False,
                checkpoint=os.path.join(folder, f"{k}.ckpt"),
            )  # fmt: skip
            kept.append(timed(saved.run)[0] / whole)
            ratios.append(whole / alone)
    print(
        f"300 epochs: fit / bare trainer {statistics.median(ratios):.2f} ({min(ratios):.2f} best)"
    )
    print(
        f"            with a checkpoint / without {statistics.median(kept):.2f} ({min(kept):.2f})"
    )

    options = {"seeds": 10, "keep": 3, "epochs": 10, "metrics": ["accuracy"], "optimizer": "adam"}
    alone, found = timed(lambda: restarts(network, TRAIN, Y, validation=(TEST, YT), **options))
    with ProcessPoolExecutor(2) as executor:
        list(executor.map(network, range(2)))
        shared, _ = timed(
            lambda: restarts(network, TRAIN, Y, validation=(TEST, YT), executor=executor, **options)
        )
    mean, deviation = found.metric("accuracy")
    print(
        f"ten restarts of 10 epochs: {alone:.2f} s here, {shared:.2f} s on two processes; ", end=""
    )
    print(f"best three {mean:.4f} ± {deviation:.4f}")
    began = time.perf_counter()
    for seed in range(10):
        MLPClassifier(
            (32,), learning_rate_init=0.01, batch_size=32, max_iter=10, random_state=seed
        ).fit(TRAIN, Y)
    print(f"scikit-learn, ten times 10 epochs: {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
