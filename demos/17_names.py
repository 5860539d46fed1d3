"""A small transformer on names: every number a node, trained until it invents names of its own.

Everything of a language model is in `microgpt.py` and nothing else: 4,192 parameters that read the
letters of a name and predict, at each, the next. The loss of guessing is log 27. A step may record
its graph anew, as in the lecture; or the loss is recorded once for each length of names, and all
steps run inside the machine. Both learn the same from the same names.

    python demos/17_names.py
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from functools import cache
from itertools import cycle
from typing import Any

from microgpt import NAMES, Matrix, Transformer, by_length, loss_of, read_names, sample
from showing import heading, run, say

import autograd
from autograd import Adam, Value, dot, engine, mean, softmax_cross_entropy
from nn.charts import QUIET, SERIES, Chart

STEPS, BATCH, RATE, BETAS = 80, 16, 0.02, (0.9, 0.95)
Names = dict[int, list[list[int]]]


def main() -> None:
    names = read_names(NAMES)
    heading("Before it has learned anything")
    say(f"{len(names)} names, such as {', '.join(names[::60])}")
    say("it says " + ", ".join(invented(0, count=5)))
    heading("The same steps, eager and compiled")
    for way in (Eager, Compiled):
        began = time.perf_counter()
        losses, _ = train(way, 3)
        taken = time.perf_counter() - began
        say(f"{way.__name__:10s}loss {losses[-1]:.12f} after 3 steps: {taken:.1f} s ({engine})")
    heading(f"{STEPS} steps, compiled")
    losses, _ = train(Compiled, STEPS)
    for start in range(0, STEPS, STEPS // 8):
        say(f"step {start + 1:4d}   loss {average(losses, start):.4f}")
    heading("After that")
    say("it says " + ", ".join(invented(STEPS)))


class Eager:
    """Steps as in the lecture: record the loss, sweep backward, move every parameter in Python."""

    def __init__(self, model: Transformer, lengths: Names) -> None:
        self.model, self.optimizer = model, Adam(model.parameters(), RATE, BETAS)
        self.batches = {
            length: cycle([names[start : start + BATCH] for start in range(0, len(names), BATCH)])
            for length, names in lengths.items()
        }

    def step(self, length: int, rate: float) -> float:
        """Learn from the next names of a length, at a share of the rate. Return the loss."""
        loss = loss_of(self.model, next(self.batches[length]))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.lr = RATE * rate
        self.optimizer.step()
        return loss.data


class Compiled:
    """The same steps inside the machine, one trainer for each length; all share one Adam.

    A row is one name: its tokens, and the tokens to predict, each as a vector with a single 1, so
    that what is computed does not depend on the name.
    """

    def __init__(self, model: Transformer, lengths: Names) -> None:
        table = list(zip(*model.matrices["token"], strict=True))

        def loss(inputs: Matrix, targets: Matrix) -> Value:
            predicted = model.logits([[dot(column, hot) for column in table] for hot in inputs])
            pairs = zip(predicted, targets, strict=True)
            return mean([softmax_cross_entropy(z, hot) for z, hot in pairs])

        self.program = autograd.compile(loss, parameters=model.parameters())
        self.optimizer = Adam(model.parameters(), RATE, BETAS)
        self.lengths, self.tokens = lengths, range(len(model.matrices["token"]))
        self.trainers: dict[int, Any] = {}

    def step(self, length: int, rate: float) -> float:
        """Learn from the next names of a length, at a share of the rate. Return the loss."""
        if length not in self.trainers:
            hot = [[float(token == other) for other in self.tokens] for token in self.tokens]
            names = self.lengths[length]
            self.trainers[length] = self.program.trainer(
                [[hot[token] for token in name[:-1]] for name in names],
                [[hot[token] for token in name[1:]] for name in names],
                optimizer=self.optimizer, batch_size=min(BATCH, len(names)), shuffle=False,
            )  # fmt: skip
        self.optimizer.lr = RATE * rate
        return self.trainers[length].step()


@cache
def train(way: type, steps: int, seed: int = 0) -> tuple[list[float], Transformer]:
    """Return the losses of some steps, and the model after them; the rate falls to zero."""
    source = random.Random(seed)
    names = read_names(NAMES)
    letters = sorted(set("".join(names)))
    model = Transformer(len(letters) + 1, source)
    lengths = by_length(names, letters, source)
    learner = way(model, lengths)
    chosen = source.choices(list(lengths), [len(lengths[length]) for length in lengths], k=steps)
    losses = [learner.step(length, rate=1.0 - place / STEPS) for place, length in enumerate(chosen)]
    return losses, model


def invented(steps: int, count: int = 10) -> list[str]:
    """Return names that the model invents after some steps."""
    _, model = train(Compiled, steps)
    letters, source = sorted(set("".join(read_names(NAMES)))), random.Random(1)
    return [sample(model, letters, 0.7, source) for _ in range(count)]


def average(losses: Sequence[float], start: int, width: int = STEPS // 8) -> float:
    """Return the mean of some losses: names differ, and so do the losses of single steps."""
    return math.fsum(losses[start : start + width]) / width


def picture() -> Chart:
    """Return the loss over the steps, beside that of guessing."""
    losses, _ = train(Compiled, STEPS)
    smooth = [average(losses, start) for start in range(STEPS - STEPS // 8)]

    def draw(figure) -> None:
        axes = figure.add_subplot()
        axes.plot(losses, ".", color=QUIET, markersize=2, label="each step")
        axes.plot(*zip(*enumerate(smooth, STEPS // 16), strict=True), label=f"mean of {STEPS // 8}")
        axes.axhline(math.log(27), color=SERIES[1], linestyle="--", label="guessing: log 27")
        axes.set_xlabel("step")
        axes.set_ylabel("loss of a letter")
        axes.legend(loc="center right", bbox_to_anchor=(1.0, 0.65))

    text = f"mean loss from {smooth[0]:.2f} to {smooth[-1]:.2f}; guessing {math.log(27):.3f}"
    return Chart(draw, (5.4, 3.0), "A transformer learns names, scalar by scalar", text)


if __name__ == "__main__":
    run(main, picture)
