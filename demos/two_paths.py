"""The lecture's picture: one weight of a 2-2-2-1 network reaches the loss along two paths.

Multiply the local derivatives along a path, add over the paths: that sum is the gradient that
backward() leaves in the weight. What the paths share is drawn thick and was computed once.

    python demos/two_paths.py
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

# From a checkout that is not installed; an installed package comes first.
sys.path.append(str(Path(__file__).resolve().parents[1]))

from autograd import Value, draw, multiplications, path_sum
from nn import MLP, squared_error

HERE = Path(__file__).resolve().parent


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both paths with their products, and draw them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=HERE / "output", help="folder for pictures")
    folder: Path = parser.parse_args(arguments).output
    folder.mkdir(parents=True, exist_ok=True)

    write_pictures(folder)
    loss, weight = lecture_network()
    print(f"{weight.label} reaches {loss.label} along two paths:\n")
    print(path_sum(weight, loss))
    print(f"backward() says: {weight.grad:.4g}\n")

    print("Multiplications of local derivatives for the gradients of all parameters:")
    costs = multiplications(loss)
    for way in ("path_by_path", "forward", "reverse"):
        print(f"  {way.replace('_', ' '):13s} {getattr(costs, way):4d}")
    print(f"\nwrote {folder / 'two_paths.svg'} and {folder / 'expression.svg'}")


def write_pictures(folder: Path) -> None:
    """Write both pictures; the layout is our own, so they are the same on every machine."""
    loss, weight = lecture_network()
    draw(loss, highlight=weight, drawn_by="built-in").save_svg(folder / "two_paths.svg")
    output, source = expression()
    draw(output, highlight=source, drawn_by="built-in").save_svg(folder / "expression.svg")


def lecture_network() -> tuple[Value, Value]:
    """Return the loss of a 2-2-2-1 network on one example, and its weight w_11^(1)."""
    model = MLP(2, [2, 2, 1], activation="tanh", seed=3)
    loss = squared_error(model([0.5, -1.0]), 1.0)
    loss.label = "L"
    loss.backward()
    return loss, model.layers[0].neurons[0].weights[0]


def expression() -> tuple[Value, Value]:
    """Return a small expression in which w is used twice, and w."""
    w, x = Value(0.5, label="w"), Value(3.0, label="x")
    y = (w * x).tanh() + w**2
    y.label = "y"
    y.backward()
    return y, w


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")
    main()
