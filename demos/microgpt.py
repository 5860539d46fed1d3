"""Train a small transformer on names, one scalar at a time, and let it invent new ones.

Everything of a language model is here and nothing else: token and position embeddings, attention
with four heads, RMSNorm, an MLP, residual connections, softmax cross-entropy, Adam. Every number is
a `Value`; every sum of products is one node (`dot`). In the spirit of Andrej Karpathy's microgpt.

The loss is compiled: recorded once for each length of names, it learns without recording again.
With --eager every step is the text of the lecture: record, `loss.backward()`, Adam, in Python. Both
learn the same from the same names.

    python demos/microgpt.py
    python demos/microgpt.py --eager
    python demos/microgpt.py --steps 5000 --batch 8 --temperature 0.6
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

# From a checkout that is not installed; an installed package comes first.
sys.path.append(str(Path(__file__).resolve().parents[1]))

import autograd
from autograd import (
    Adam,
    Value,
    dot,
    engine,
    mean,
    no_grad,
    relu,
    softmax,
    softmax_cross_entropy,
    values,
)

NAMES = Path(__file__).resolve().parent / "data" / "names.txt"
END = 0  # the token before the first letter and after the last
EMBEDDING = 16
CONTEXT = 16
HEADS = 4
SCALE = (EMBEDDING / HEADS) ** -0.5  # keeps scores near 1 (Vaswani et al., 2017)
BETAS = (0.9, 0.95)
Vector = list[Any]
Matrix = list[list[Value]]


def main(arguments: Sequence[str] | None = None) -> list[float]:
    """Train, sample, and return the loss of every step."""
    options = parse(arguments)
    source = random.Random(options.seed)
    names = read_names(NAMES)
    letters = sorted(set("".join(names)))
    model = Transformer(len(letters) + 1, source)
    parameters = model.parameters()
    lengths = by_length(names, letters, source)
    way = "eager" if options.eager else "compiled"
    print(
        f"{len(names)} names of {len(letters)} letters; {len(parameters)} parameters; "
        f"engine: {engine}, {way}"
    )

    learner = (Eager if options.eager else Compiled)(model, lengths, options.batch, options.lr)
    shares = [len(lengths[length]) for length in lengths]
    losses = []
    began = time.perf_counter()
    for step in range(1, options.steps + 1):
        (length,) = source.choices(list(lengths), shares)
        losses.append(learner.step(length, rate=1.0 - (step - 1) / options.steps))
        if step in (1, options.steps) or step % max(1, options.steps // 10) == 0:
            recent = losses[-max(1, options.steps // 10) :]
            pace = (time.perf_counter() - began - learner.compile_time) / step * 1000.0
            average = math.fsum(recent) / len(recent)
            print(f"step {step:5d}   loss {average:.4f}   {pace:.2f} ms a step", flush=True)
    print(learner)

    print(f"\n{options.samples} new names:")
    for _ in range(options.samples):
        print("  " + sample(model, letters, options.temperature, source))
    return losses


class Eager:
    """Steps as in the lecture: record the loss, sweep backward, move every parameter in Python."""

    compile_time = 0.0

    def __init__(
        self, model: Transformer, lengths: dict[int, list[list[int]]], size: int, lr: float
    ) -> None:
        self.model = model
        self.batches = {
            length: cycle([names[start : start + size] for start in range(0, len(names), size)])
            for length, names in lengths.items()
        }
        self.optimizer = Adam(model.parameters(), lr, BETAS)
        self.lr = lr

    def step(self, length: int, rate: float = 1.0) -> float:
        """Learn from the next names of a length; rate is a share of lr. Return the loss."""
        loss = loss_of(self.model, next(self.batches[length]))
        loss.backward()
        self.optimizer.lr = self.lr * rate
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.data

    def __str__(self) -> str:
        return "nothing was compiled: every step recorded its graph"


class Compiled:
    """The same steps inside the machine, one trainer for each length; all share one Adam.

    A row is one name: its tokens, and the tokens to predict, each as a vector with a single 1, so
    that picking a row of the embedding table is a sum of products, and what is computed does not
    depend on the name.
    """

    def __init__(
        self, model: Transformer, lengths: dict[int, list[list[int]]], size: int, lr: float
    ) -> None:
        table = list(zip(*model.matrices["token"], strict=True))

        def loss(inputs: Matrix, targets: Matrix) -> Value:
            embeddings = [[dot(column, hot) for column in table] for hot in inputs]
            predicted = model.logits(embeddings)
            return mean(
                [softmax_cross_entropy(z, hot) for z, hot in zip(predicted, targets, strict=True)]
            )

        self.program = autograd.compile(loss, parameters=model.parameters())
        self.optimizer = Adam(model.parameters(), lr, BETAS)
        self.lr = lr
        self.lengths = lengths
        self.size = size
        self.vocabulary = len(model.matrices["token"])
        self.trainers: dict[int, Any] = {}
        self.compile_time = 0.0

    def step(self, length: int, rate: float = 1.0) -> float:
        """Learn from the next names of a length; rate is a share of lr. Return the loss."""
        if length not in self.trainers:
            began = time.perf_counter()
            self.trainers[length] = self.trainer(self.lengths[length])
            self.compile_time += time.perf_counter() - began
        self.optimizer.lr = self.lr * rate
        loss: float = self.trainers[length].step()
        return loss

    def trainer(self, names: list[list[int]]) -> Any:
        """Record and compile the loss for names of one length; return what learns from them."""
        tokens = range(self.vocabulary)
        hot = [[float(token == other) for other in tokens] for token in tokens]
        return self.program.trainer(
            [[hot[token] for token in name[:-1]] for name in names],
            [[hot[token] for token in name[1:]] for name in names],
            optimizer=self.optimizer,
            batch_size=min(self.size, len(names)),
            shuffle=False,
        )

    def __str__(self) -> str:
        lengths = ", ".join(str(length) for length in sorted(self.trainers))
        return f"compiled once each, for {lengths} tokens: {self.compile_time:.1f} s in all"


def loss_of(model: Transformer, batch: Sequence[Sequence[int]]) -> Value:
    """Return the cross-entropy of every next token, averaged: mean of -log softmax(z)_target."""
    surprises = []
    for tokens in batch:
        for logits, target in zip(model(tokens[:-1]), tokens[1:], strict=True):
            hot = [float(token == target) for token in range(len(logits))]
            surprises.append(softmax_cross_entropy(logits, hot))
    loss: Value = mean(surprises)
    return loss


class Transformer:
    """A transformer of one layer that reads tokens and predicts, at each, the next."""

    def __init__(self, vocabulary: int, source: random.Random) -> None:
        def matrix(rows: int, columns: int) -> Matrix:
            return [values([source.gauss(0.0, 0.08) for _ in range(columns)]) for _ in range(rows)]

        self.matrices = {
            "token": matrix(vocabulary, EMBEDDING),
            "position": matrix(CONTEXT, EMBEDDING),
            "query": matrix(EMBEDDING, EMBEDDING),
            "key": matrix(EMBEDDING, EMBEDDING),
            "value": matrix(EMBEDDING, EMBEDDING),
            "attended": matrix(EMBEDDING, EMBEDDING),
            "widen": matrix(4 * EMBEDDING, EMBEDDING),
            "narrow": matrix(EMBEDDING, 4 * EMBEDDING),
            "logits": matrix(vocabulary, EMBEDDING),
        }

    def parameters(self) -> list[Value]:
        """Return all weights."""
        return [w for matrix in self.matrices.values() for row in matrix for w in row]

    def __call__(self, tokens: Sequence[int]) -> list[Vector]:
        """Return the logits of the token that follows each of up to 16 tokens."""
        return self.logits([self.matrices["token"][token] for token in tokens])

    def logits(self, embeddings: Sequence[Vector]) -> list[Vector]:
        """Return the logits of the next token at each position, from the tokens' embeddings."""
        places = self.matrices["position"][: len(embeddings)]
        states = [normalised(plus(x, p)) for x, p in zip(embeddings, places, strict=True)]
        states = [plus(x, y) for x, y in zip(states, self.attention(states), strict=True)]
        states = [plus(x, self.mlp(x)) for x in states]
        return [self.linear("logits", x) for x in states]

    def attention(self, states: list[Vector]) -> list[Vector]:
        """Return what each position gathers from itself and from those before it."""
        inputs = [normalised(x) for x in states]
        queries, keys, offers = (
            [heads(self.linear(name, x)) for x in inputs] for name in ("query", "key", "value")
        )
        gathered = []
        for place, query in enumerate(queries):
            found: Vector = []
            for head in range(HEADS):
                scores = [dot(query[head], key[head]) * SCALE for key in keys[: place + 1]]
                weights = softmax(scores)
                offered = [offer[head] for offer in offers[: place + 1]]
                found += [dot(weights, column) for column in map(list, zip(*offered, strict=True))]
            gathered.append(self.linear("attended", found))
        return gathered

    def mlp(self, x: Vector) -> Vector:
        """Return W₂ relu(W₁ x), each position by itself."""
        return self.linear("narrow", [relu(z) for z in self.linear("widen", normalised(x))])

    def linear(self, name: str, x: Vector) -> Vector:
        """Return W x: one `dot`, one node, per row."""
        return [dot(row, x) for row in self.matrices[name]]


def plus(x: Vector, y: Vector) -> Vector:
    """Return x + y: the residual connection."""
    return [a + b for a, b in zip(x, y, strict=True)]


def normalised(x: Vector) -> Vector:
    """Return x / sqrt(mean(x²) + 1e-5): RMSNorm (Zhang and Sennrich, 2019)."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [a * scale for a in x]


def heads(x: Vector) -> list[Vector]:
    """Return x cut into four equal parts."""
    size = len(x) // HEADS
    return [x[size * head : size * (head + 1)] for head in range(HEADS)]


def sample(
    model: Transformer, letters: Sequence[str], temperature: float, source: random.Random
) -> str:
    """Return a name drawn letter by letter from the model."""
    tokens = [END]
    with no_grad():
        while len(tokens) <= CONTEXT:
            chances = softmax([z / temperature for z in model(tokens)[-1]])
            token = source.choices(range(len(chances)), [chance.data for chance in chances])[0]
            if token == END:
                break
            tokens.append(token)
    return "".join(letters[token - 1] for token in tokens[1:])


def by_length(
    names: Sequence[str], letters: Sequence[str], source: random.Random
) -> dict[int, list[list[int]]]:
    """Return names as tokens, in a random order, under the number of tokens they predict."""
    found: dict[int, list[list[int]]] = {}
    for name in source.sample(names, len(names)):
        tokens = encoded(name, letters)
        found.setdefault(len(tokens) - 1, []).append(tokens)
    return found


def encoded(name: str, letters: Sequence[str]) -> list[int]:
    """Return a name as tokens, with END on both sides, at most 16 of them predicted."""
    return [END, *(letters.index(letter) + 1 for letter in name), END][: CONTEXT + 1]


def read_names(path: Path) -> list[str]:
    """Return the names of a file, one a line; lines with # are notes."""

    def lines() -> Iterator[str]:
        with path.open(encoding="utf-8") as file:
            for line in file:
                if line.strip() and not line.startswith("#"):
                    yield line.strip()

    return list(lines())


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--eager", action="store_true", help="record every step anew")
    parser.add_argument("--steps", type=positive_int, default=1000, help="training steps (1000)")
    parser.add_argument("--batch", type=positive_int, default=4, help="names a step (4)")
    parser.add_argument("--lr", type=positive, default=0.01, help="learning rate at first (0.01)")
    parser.add_argument("--samples", type=positive_int, default=20, help="names to invent (20)")
    parser.add_argument("--temperature", type=positive, default=0.7, help="daring of samples (0.7)")
    parser.add_argument("--seed", type=int, default=0, help="seed of everything random (0)")
    return parser.parse_args(arguments)


def positive_int(text: str) -> int:
    """Return a whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number of at least 1")
    return int(text)


def positive(text: str) -> float:
    """Return a number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0.0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number above 0")
    return number


if __name__ == "__main__":
    main()
