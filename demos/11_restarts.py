"""Restarts: ten seeds, the best three, mean and deviation.

A loss that is not convex has many minima, and the first weights decide which one is found. A single
run says little: of ten some fail, some are lucky. So run five or ten, keep the best three, and
report their mean and standard deviation.

    python demos/11_restarts.py
"""

from __future__ import annotations

from showing import heading, run, say

from nn import MLP, Adam, Chart, restarts
from nn.data import xor
from nn.training.restarting import Restarts


def main() -> None:
    heading("Noisy XOR with two hidden units, from ten seeds")
    found = ten_runs()
    say(found)
    heading("What each run has found: its scores at the four corners, negative for equal")
    for seed in range(10):
        say(f"seed {seed}: " + "  ".join(f"{z:+6.1f}" for z in corners(found, seed)))
    say("A run with one corner on the wrong side sits in a poor minimum, and stays there.")


def network(seed: int) -> MLP:
    """Return the network of a seed."""
    return MLP(2, [2, 1], "tanh", seed=seed)


def ten_runs() -> Restarts:
    """Return ten trainings; the same every time."""
    return restarts(
        network, *xor(60, noise=0.2, seed=1), seeds=10, keep=3, loss="bce_with_logits",
        optimizer=Adam(0.05), epochs=120, batch_size=60,
    )  # fmt: skip


def corners(found: Restarts, seed: int) -> list[float]:
    """Return the scores that the network of a seed gives at the corners in the end."""
    model = network(seed)
    ended = found.runs[seed].parameters
    for parameter, number in zip(model.parameters(), ended, strict=True):
        parameter.data = number
    return [z.data for z in model(xor().X)]


def picture() -> Chart:
    """Return the loss of each run, the best three in colour."""
    chart = ten_runs().chart()
    chart.size, chart.title = (6.2, 3.2), "Ten seeds, the best three kept"
    return chart


if __name__ == "__main__":
    run(main, picture)
