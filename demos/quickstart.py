"""Learn three species of iris from 120 flowers, check every gradient, and look inside.

A small network is trained on Fisher's measurements. Before its first step, all of its gradients are
held against finite differences; after its last, the flower it finds hardest is drawn: every number
between its petals and the loss, with all paths from one weight coloured.

    python demos/quickstart.py
    python demos/quickstart.py --epochs 100 --seed 3 --output pictures
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# From a checkout that is not installed; an installed package comes first.
sys.path.append(str(Path(__file__).resolve().parents[1]))

from autograd import Value, count_paths, no_grad, path_sum
from autograd.render import draw
from autograd.streams import for_stream
from autograd.verification.gradcheck import check_parameters
from nn import MLP, SGD, cross_entropy
from nn.data import Dataset, Scaler, iris

HERE = Path(__file__).resolve().parent
SPECIES = ("setosa", "versicolor", "virginica")
MEASURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
TESTED = 30
HIDDEN = 4
BATCH = 12
LEARNING_RATE = 0.05


@dataclass(frozen=True)
class Flower:
    """One iris: its four measures, and the index of its species."""

    measures: list[float]
    species: int


def main(arguments: Sequence[str] | None = None) -> float:
    """Run the demonstration and return the accuracy on the test flowers."""
    options = parse(arguments)
    began = time.perf_counter()

    train, test = prepared(*iris().split(TESTED / 150, options.seed))
    model = MLP(len(MEASURES), [HIDDEN, len(SPECIES)], "tanh", seed=options.seed)
    heading("Fisher's irises")
    print(
        f"  {len(train)} flowers to learn from, {len(test)} kept for the test, seed {options.seed}"
    )
    print(f"  {model}")

    heading("The gradients of the first step, against finite differences")
    verify(model, next(batches(train, random.Random(options.seed))))

    heading("Training")
    learn(model, train, options.epochs, options.seed)

    heading(f"The {len(test)} flowers it has never seen")
    accuracy = examine(model, test)

    heading("Inside the flower it finds hardest")
    look_inside(model, test, options.output)
    print(f"\n{time.perf_counter() - began:.1f} seconds in all.")
    return accuracy


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=natural, default=60, help="passes over the flowers")
    parser.add_argument("--seed", type=int, default=1, help="of the split and of the weights")
    parser.add_argument(
        "--output", type=Path, default=HERE / "output", help="folder for the pictures"
    )
    return parser.parse_args(arguments)


def natural(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


# --- The flowers ----------------------------------------------------------------------------------


def prepared(train: Dataset, test: Dataset) -> tuple[list[Flower], list[Flower]]:
    # With the statistics of the training flowers: the test has to stay unseen.
    scaler = Scaler().fit(train)
    found = [
        [
            Flower(measures, species)
            for measures, species in zip(*scaler.transform(rows), strict=True)
        ]
        for rows in (train, test)
    ]
    return found[0], found[1]


def batches(flowers: list[Flower], source: random.Random) -> Iterator[list[Flower]]:
    shuffled = source.sample(flowers, len(flowers))
    for start in range(0, len(shuffled), BATCH):
        yield shuffled[start : start + BATCH]


# --- Learning -------------------------------------------------------------------------------------


def loss_of(model: MLP, flowers: Sequence[Flower]) -> Value:
    logits = [model(flower.measures) for flower in flowers]
    return cross_entropy(logits, [flower.species for flower in flowers])


def verify(model: MLP, batch: list[Flower]) -> None:
    named = [(parameter.label, parameter) for parameter in model.parameters()]
    report = check_parameters(lambda: loss_of(model, batch), named, order=1)
    print("  parameter       backward    differences  error bar")
    for row in (*report.comparisons[:2], *report.comparisons[-2:]):
        claimed, found = row.claimed["reverse"], row.measured
        bar = for_stream(f"± {found.error:.0e}")
        print(f"  {row.path:10s} {claimed:+.9f}  {found.value:+.9f}    {bar}")
    tally = ", ".join(f"{count} {verdict}" for verdict, count in report.counts.items())
    print(f"  all {len(report.comparisons)} parameters: {tally}")


def learn(model: MLP, flowers: list[Flower], epochs: int, seed: int) -> None:
    optimizer = SGD(model.parameters(), LEARNING_RATE, momentum=0.9)
    source = random.Random(seed)
    for epoch in range(1, epochs + 1):
        total = 0.0
        for batch in batches(flowers, source):
            loss = loss_of(model, batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.data * len(batch)
        show_progress(epoch, epochs, total / len(flowers))


def show_progress(epoch: int, epochs: int, loss: float) -> None:
    text = f"epoch {epoch:{len(str(epochs))}d}/{epochs}   mean loss {loss:.4f}"
    if sys.stdout.isatty():
        done = round(30 * epoch / epochs)
        end = "\n" if epoch == epochs else ""
        bar = for_stream("█" * done + "░" * (30 - done))
        print(f"\r  {bar}  {text}", end=end, flush=True)
    elif epoch == 1 or epoch == epochs or epoch * 6 // epochs > (epoch - 1) * 6 // epochs:
        print(f"  {text}", flush=True)


def examine(model: MLP, flowers: list[Flower]) -> float:
    table = [[0] * len(SPECIES) for _ in SPECIES]
    with no_grad():
        for flower in flowers:
            logits = [logit.data for logit in model(flower.measures)]
            table[flower.species][logits.index(max(logits))] += 1
    right = sum(table[species][species] for species in range(len(SPECIES)))
    print("  taken for    " + "".join(f"{name:>12s}" for name in SPECIES))
    for name, counts in zip(SPECIES, table, strict=True):
        print(f"  {name:13s}" + "".join(f"{count or for_stream('·'):>12}" for count in counts))
    accuracy = right / len(flowers)
    print(f"  test accuracy {right}/{len(flowers)} = {accuracy:.1%} (guessing: about 33%)")
    return accuracy


# --- Looking inside -------------------------------------------------------------------------------


def look_inside(model: MLP, flowers: list[Flower], folder: Path) -> None:
    losses = [(loss_of(model, [flower]).data, place) for place, flower in enumerate(flowers)]
    flower = flowers[max(losses)[1]]
    for parameter in model.parameters():
        parameter.zero_grad()
    logits = model(named_inputs(flower))
    loss = cross_entropy(logits, flower.species)
    loss.label = "loss"
    loss.backward()
    first_layer = [weight for neuron in model.layers[0].neurons for weight in neuron.weights]
    weight = max(first_layer, key=lambda weight: abs(weight.grad))

    odds = [logit.data for logit in logits]
    answer = odds.index(max(odds))
    verdict = "recognised" if answer == flower.species else f"taken for a {SPECIES[answer]}"
    print(f"  a {SPECIES[flower.species]}, {verdict}: loss {loss.data:.4f}")
    print(f"  {count_paths(weight, loss)} paths lead from {weight.label} to the loss:")
    for line in str(path_sum(weight, loss)).splitlines():
        print(f"    {line}")
    print(f"  the same number by backward(): {weight.grad:.6g}")

    folder.mkdir(parents=True, exist_ok=True)
    drawing = draw(loss, highlight=weight)
    for name in ("quickstart.svg", "quickstart.html"):
        print(f"  wrote {drawing.save(folder / name)}")


def named_inputs(flower: Flower) -> list[Value]:
    inputs = [Value(x).detach() for x in flower.measures]
    for node, name in zip(inputs, MEASURES, strict=True):
        node.label = name.replace("_", " ")
    return inputs


def heading(text: str) -> None:
    print(f"\n{text}\n{for_stream('─') * len(text)}")


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # whatever a path or a label holds
    main()
