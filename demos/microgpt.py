"""A small transformer, one scalar at a time, in the spirit of Andrej Karpathy's microgpt.

Token and position embeddings, attention with four heads, RMSNorm, an MLP, residual connections and
softmax cross-entropy. Every number is a `Value`; every sum of products is one node (`dot`). It is
trained in `17_names.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from autograd import Value, dot, mean, no_grad, relu, softmax, softmax_cross_entropy, values

NAMES = Path(__file__).resolve().parent / "data" / "names.txt"
END = 0  # the token before the first letter and after the last
EMBEDDING = 16
CONTEXT = 16
HEADS = 4
SCALE = (EMBEDDING / HEADS) ** -0.5  # keeps scores near 1 (Vaswani et al., 2017)
Vector = list[Any]
Matrix = list[list[Value]]


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


def loss_of(model: Transformer, batch: Sequence[Sequence[int]]) -> Value:
    """Return the cross-entropy of every next token, averaged: mean of -log softmax(z)_target."""
    surprises = []
    for tokens in batch:
        for logits, target in zip(model(tokens[:-1]), tokens[1:], strict=True):
            hot = [float(token == target) for token in range(len(logits))]
            surprises.append(softmax_cross_entropy(logits, hot))
    loss: Value = mean(surprises)
    return loss


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
