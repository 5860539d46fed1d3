"""Train a small transformer on names, one scalar at a time, and let it invent new ones.

Everything of a language model is here and nothing else: token and position embeddings, attention
with four heads, RMSNorm, an MLP, residual connections, softmax cross-entropy, Adam. Every number is
a `Value`; every sum of products is one node (`dot`). In the spirit of Andrej Karpathy's microgpt.

    python demos/microgpt.py
    python demos/microgpt.py --steps 3000 --temperature 0.6 --seed 7
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

# From a checkout that is not installed; an installed package comes first.
sys.path.append(str(Path(__file__).resolve().parents[1]))

from autograd import Value, dot, engine, logsumexp, mean, no_grad, relu, softmax, values

NAMES = Path(__file__).resolve().parent / "data" / "names.txt"
END = 0  # the token before the first letter and after the last
EMBEDDING = 16
CONTEXT = 16
HEADS = 4
SCALE = (EMBEDDING / HEADS) ** -0.5  # keeps scores near 1 (Vaswani et al., 2017)
Vector = list[Any]
Matrix = list[list[Value]]


def main(arguments: Sequence[str] | None = None) -> list[float]:
    """Train, sample, and return the loss of every step."""
    options = parse(arguments)
    source = random.Random(options.seed)
    names = read_names(NAMES)
    letters = sorted(set("".join(names)))
    model = Transformer(len(letters) + 1, source)
    optimizer = Adam(model.parameters(), options.lr)
    print(
        f"{len(names)} names of {len(letters)} letters; {len(optimizer.parameters)} parameters; "
        f"engine: {engine}"
    )

    losses = []
    began = time.perf_counter()
    for step in range(1, options.steps + 1):
        batch = [encoded(name, letters) for name in source.choices(names, k=options.batch)]
        losses.append(train_step(model, optimizer, batch, 1.0 - (step - 1) / options.steps))
        if step in (1, options.steps) or step % max(1, options.steps // 10) == 0:
            recent = losses[-max(1, options.steps // 10) :]
            pace = (time.perf_counter() - began) / step * 1000.0
            average = math.fsum(recent) / len(recent)
            print(f"step {step:5d}   loss {average:.4f}   {pace:.1f} ms a step", flush=True)

    print(f"\n{options.samples} new names:")
    for _ in range(options.samples):
        print("  " + sample(model, letters, options.temperature, source))
    return losses


def train_step(
    model: Transformer, optimizer: Adam, batch: Sequence[Sequence[int]], rate: float = 1.0
) -> float:
    """Make one step of Adam on a few names, at a share of the learning rate; return the loss."""
    loss = loss_of(model, batch)
    loss.backward()
    optimizer.step(rate)
    return loss.data


def loss_of(model: Transformer, batch: Sequence[Sequence[int]]) -> Value:
    """Return the cross-entropy of every next token, averaged: mean of -log softmax(z)_target."""
    surprises = []
    for tokens in batch:
        for logits, target in zip(model(tokens[:-1]), tokens[1:], strict=True):
            surprises.append(logsumexp(logits) - logits[target])
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
        states = [
            normalised(plus(self.matrices["token"][token], self.matrices["position"][place]))
            for place, token in enumerate(tokens)
        ]
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


class Adam:
    """Adam (Kingma and Ba, 2015): steps of a size that does not depend on the gradient's scale.

    m ← β₁ m + (1 - β₁) g,   v ← β₂ v + (1 - β₂) g²,   p ← p - lr m̂ / (sqrt(v̂) + ε)
    """

    def __init__(self, parameters: list[Value], lr: float) -> None:
        self.parameters = parameters
        self.lr = lr
        self.steps = 0
        self.first = [0.0] * len(parameters)
        self.second = [0.0] * len(parameters)

    def step(self, rate: float = 1.0) -> None:
        """Move every parameter once, and set its gradient back to zero."""
        self.steps += 1
        beta1, beta2 = 0.9, 0.95
        lr = self.lr * rate / (1.0 - beta1**self.steps)
        correction = 1.0 / (1.0 - beta2**self.steps)
        for place, p in enumerate(self.parameters):
            g = p.grad
            self.first[place] = m = beta1 * self.first[place] + (1.0 - beta1) * g
            self.second[place] = v = beta2 * self.second[place] + (1.0 - beta2) * g * g
            p.data -= lr * m / (math.sqrt(v * correction) + 1e-8)
            p.grad = 0.0


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
    parser.add_argument("--steps", type=positive_int, default=1000, help="training steps (1000)")
    parser.add_argument("--batch", type=positive_int, default=3, help="names a step (3)")
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
