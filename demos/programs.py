"""Compile a function, read it, train inside the machine, and carry the result to C and a web page.

Two half moons of points lie in each other; a network of 337 parameters learns to tell them apart.
Its program is printed, trained, written as C and as JavaScript and run from both, drawn, and put
into one HTML file that computes it, with its gradient, wherever the mouse is.

    python demos/programs.py
    python demos/programs.py --steps 1000 --seed 3 --output somewhere
"""

from __future__ import annotations

import argparse
import json
import math
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

# From a checkout that is not installed; an installed package comes first.
sys.path.append(str(Path(__file__).resolve().parents[1]))

from autograd import Program, Value, compile, engine, load_program, tanh
from autograd.streams import for_stream
from nn import MLP, Adam, bce_with_logits

HERE = Path(__file__).resolve().parent
Points = list[list[float]]
NOISE = 0.18

LEFT, RIGHT, BOTTOM, TOP = -1.6, 2.6, -1.1, 1.6
SCALE = 160  # pixels of a unit
CELL = 0.025  # of the coloured grid
SHADES = 8  # of each colour
COLOURS = ((43, 108, 176), (214, 94, 22))  # of label 0 and of label 1


def main(arguments: Sequence[str] | None = None) -> None:
    """Show what a program is, in four parts."""
    options = parse(arguments)
    folder: Path = options.output
    folder.mkdir(parents=True, exist_ok=True)

    heading("Read it")
    read_programs()

    heading("Train it")
    points, labels = two_moons(200, random.Random(options.seed))
    model = MLP(2, [16, 16, 1], "tanh", initializer="xavier_uniform", seed=options.seed)
    train(model, points, labels, options.steps)

    heading("Carry it away")
    score = compile(lambda x: model(x), parameters=[], name="moons")
    scores = [score(point) for point in points]
    right = sum((z > 0.0) == (label == 1.0) for z, label in zip(scores, labels, strict=True))
    print(f"  {right} of {len(points)} points are on the right side; the program of the score:\n")
    print(indented(score.listing(lines=9)))
    print()
    carry_away(score, points, scores, folder)

    heading("Look at it")
    for name, text in {
        "moons.svg": picture(score, points, labels),
        "moons.html": page(score, points, labels),
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
        print(f"  wrote {folder / name}")
    print("  open the HTML file and move the mouse: the arrow is the gradient")


# --- Reading --------------------------------------------------------------------------------------


def f(x: float, y: float) -> float:
    """Return tanh(x y) + x²."""
    return tanh(x * y) + x**2


def huber(x: float) -> float:
    """Return x²/2 near zero, |x| - 1/2 farther away."""
    return 0.5 * x * x if abs(x) < 1.0 else abs(x) - 0.5


def read_programs() -> None:
    """Print a value with its gradient, and the two ways through a branch."""
    program = compile(f)
    value, gradient = program.value_and_grad(0.5, 3.0)
    print(f"  f(x, y) = tanh(x*y) + x**2 at (0.5, 3) is {value:.6f}, its gradient")
    print(f"  ({gradient[0]:.6f}, {gradient[1]:.6f}). Its code, value first, then gradient:\n")
    print(indented(program.listing(gradient=True)))

    program = compile(huber)
    print("\n  A branch is recorded the way it goes; where it would go otherwise, once more:")
    for x in (0.5, 3.0):
        print(f"\n  huber({x}) = {program(x)}")
        print(indented(str(program)))
    print(f"\n  rows are sorted by branch: {program.rows([-2.0, -0.5, 0.0, 0.5, 2.0])}")


# --- Training -------------------------------------------------------------------------------------


def two_moons(count: int, source: random.Random) -> tuple[Points, list[float]]:
    """Return points on two half circles, not quite, and the number of the half circle."""
    points, labels = [], []
    for number in range(count):
        angle, label = math.pi * source.random(), float(number % 2)
        x, y = math.cos(angle), math.sin(angle)
        if label:
            x, y = 1.0 - x, 0.5 - y
        points.append([x + source.gauss(0.0, NOISE), y + source.gauss(0.0, NOISE)])
        labels.append(label)
    return points, labels


def train(model: MLP, points: Points, labels: list[float], steps: int) -> list[float]:
    """Train the network inside the machine, on all points at each step; print and return losses."""

    def loss(x: list[Value], label: Value) -> Value:
        return bce_with_logits(model(x), label)

    program = compile(loss)
    began = time.perf_counter()
    trainer = program.trainer(points, labels, optimizer=Adam(lr=0.03, weight_decay=1e-3))
    compiled = time.perf_counter()
    losses = trainer.run(steps)
    done = time.perf_counter()

    shown = {round(steps ** (share / 9)) for share in range(10)}  # evenly on a log scale
    for step in sorted(shown):
        bar = for_stream("█") * max(1, round(50 * losses[step - 1] / losses[0]))
        print(f"  step {step:5d}  loss {losses[step - 1]:.4f}  {bar}")
    print(
        f"  {model}: recorded and compiled in {(compiled - began) * 1e3:.0f} ms,\n"
        f"  {steps} steps on {len(points)} points in {(done - compiled) * 1e3:.0f} ms: "
        f"{(done - compiled) / steps * 1e6:.0f} {for_stream('µs')} a step (engine: {engine})"
    )
    return losses


# --- Carrying away --------------------------------------------------------------------------------


def carry_away(score: Program, points: Points, scores: list[float], folder: Path) -> None:
    """Write the program as C, as JavaScript and as a file; run what can be run here."""
    (folder / "moons.c").write_text(score.source("c"), encoding="utf-8")
    (folder / "moons.mjs").write_text(score.source("javascript"), encoding="utf-8")
    score.save(folder / "moons.json")
    again = load_program(folder / "moons.json")
    report("moons.json", "loaded", [again(point) for point in points], scores)

    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        print("  moons.c     written (there is no C compiler here to run it)")
    else:
        report("moons.c", "by a C compiler", run_c(compiler, points, folder), scores)

    node = shutil.which("node")
    if node is None:
        print("  moons.mjs   written (there is no Node here to run it)")
    else:
        report("moons.mjs", "by Node", run_javascript(node, points, folder), scores)


C_MAIN = """#include <stdio.h>

double moons(const double x[2], const double parameters[337]);
extern const double moons_parameters[337];

int main(void)
{
    double x[2];
    while (scanf("%lf %lf", &x[0], &x[1]) == 2)
        printf("%.17g\\n", moons(x, moons_parameters));
    return 0;
}
"""


def run_c(compiler: str, points: Points, folder: Path) -> list[float]:
    """Return the scores that the C source gives."""
    (folder / "main.c").write_text(C_MAIN, encoding="utf-8")
    build = [compiler, "-O2", "-ffp-contract=off", "main.c", "moons.c", "-o", "moons", "-lm"]
    subprocess.run(build, cwd=folder, check=True)
    given = "\n".join(f"{x!r} {y!r}" for x, y in points)
    return [float(line) for line in said_by([str(folder.resolve() / "moons")], given).split()]


def run_javascript(node: str, points: Points, folder: Path) -> list[float]:
    """Return the scores that the JavaScript source gives."""
    (folder / "main.mjs").write_text(
        'import { moons } from "./moons.mjs";\n'
        'import { readFileSync } from "node:fs";\n'
        'const points = JSON.parse(readFileSync(0, "utf8"));\n'
        "console.log(JSON.stringify(points.map((point) => moons(point))));\n",
        encoding="utf-8",
    )
    found: list[float] = json.loads(said_by([node, str(folder / "main.mjs")], json.dumps(points)))
    return found


def said_by(command: list[str], given: str) -> str:
    return subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout


def report(name: str, how: str, found: list[float], truth: list[float]) -> None:
    difference = max(abs(a - b) for a, b in zip(found, truth, strict=True))
    verdict = f"the largest difference is {difference:.0e}" if difference else "the same bits"
    print(f"  {name:11s} {how}: {len(found)} scores, {verdict}")


# --- Looking --------------------------------------------------------------------------------------


def picture(score: Program, points: Points, labels: list[float]) -> str:
    """Return an SVG: the plane in the colours of the answer, the boundary, and the points."""
    columns, rows = round((RIGHT - LEFT) / CELL), round((TOP - BOTTOM) / CELL)
    corners = [
        [LEFT + CELL * column, TOP - CELL * row]
        for row in range(rows + 1)
        for column in range(columns + 1)
    ]
    found = score.rows(corners)
    grid = [found[start : start + columns + 1] for start in range(0, len(found), columns + 1)]
    width, height = round((RIGHT - LEFT) * SCALE), round((TOP - BOTTOM) * SCALE)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height + 40}" '
        f'width="{width}" height="{height + 40}" font-family="sans-serif" font-size="15">',
        f'<rect width="{width}" height="{height + 40}" fill="#fff"/>',
        '<g shape-rendering="crispEdges">',
        *cells(grid),
        "</g>",
        f'<path d="{boundary(grid)}" fill="none" stroke="#222" stroke-width="2.5" '
        'stroke-linecap="round"/>',
    ]
    for (x, y), label in zip(points, labels, strict=True):
        parts.append(
            f'<circle cx="{(x - LEFT) * SCALE:.1f}" cy="{(TOP - y) * SCALE:.1f}" r="4.5" '
            f'fill="{colour(label, 1.0)}" stroke="#fff"/>'
        )
    parts.append(
        f'<text x="12" y="{height + 26}">Two moons: where the network says orange, where blue; '
        "on the line it does not know</text>\n</svg>\n"
    )
    return "\n".join(parts)


def cells(grid: list[list[float]]) -> list[str]:
    """Return a rectangle for every run of cells of one shade."""
    side, parts = CELL * SCALE, []
    for row, (above, below) in enumerate(pairwise(grid)):
        corners = zip(pairwise(above), pairwise(below), strict=True)
        shades = [shade((sum(upper) + sum(lower)) / 4.0) for upper, lower in corners]
        first = 0
        for column in range(1, len(shades) + 1):
            if column == len(shades) or shades[column] != shades[first]:
                parts.append(
                    f'<rect x="{side * first:.0f}" y="{side * row:.0f}" fill="{shades[first]}" '
                    f'width="{side * (column - first):.0f}" height="{side:.0f}"/>'
                )
                first = column
    return parts


def boundary(grid: list[list[float]]) -> str:
    """Return the line of score 0 as an SVG path, straight within each cell (marching squares)."""
    side, pieces = CELL * SCALE, []
    for row in range(len(grid) - 1):
        for column in range(len(grid[0]) - 1):
            around = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]
            crossings = []
            for start, end in zip(around, around[1:] + around[:1], strict=True):
                a, b = grid[start[0]][start[1]], grid[end[0]][end[1]]
                if (a > 0.0) != (b > 0.0):
                    y, x = (
                        side * (p + (q - p) * a / (a - b)) for p, q in zip(start, end, strict=True)
                    )
                    crossings.append(f"{x:.1f} {y:.1f}")
            for start_text, end_text in zip(crossings[::2], crossings[1::2], strict=True):
                pieces.append(f"M{start_text}L{end_text}")
    return "".join(pieces)


def shade(score: float) -> str:
    """Return the colour of the answer, paler where it is less certain."""
    certainty = math.tanh(abs(score) / 2.0)  # |2 p - 1| for the probability p = sigmoid(score)
    level = min(SHADES - 1, int(certainty * SHADES))
    return colour(float(score > 0.0), 0.08 + 0.42 * level / (SHADES - 1))


def colour(label: float, strength: float) -> str:
    channels = [round(255 + (channel - 255) * strength) for channel in COLOURS[int(label)]]
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def page(score: Program, points: Points, labels: list[float]) -> str:
    """Return one HTML file with the emitted JavaScript in it, which computes as the mouse moves."""
    template = (HERE / "data" / "moons_page.html").read_text(encoding="utf-8")
    rounded = [[round(x, 4), round(y, 4)] for x, y in points]
    settings = {
        "points": rounded,
        "labels": labels,
        "view": [LEFT, RIGHT, BOTTOM, TOP],
        "colours": COLOURS,
    }
    return template.replace("/*SETTINGS*/", json.dumps(settings)).replace(
        "/*PROGRAM*/", score.source("javascript")
    )


# --- The command line -----------------------------------------------------------------------------


def heading(text: str) -> None:
    print(f"\n{text}\n{for_stream('─') * len(text)}")


def indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=positive_int, default=300, help="training steps (300)")
    parser.add_argument("--seed", type=int, default=1, help="seed of everything random (1)")
    parser.add_argument("--output", type=Path, default=HERE / "output", help="folder for files")
    return parser.parse_args(arguments)


def positive_int(text: str) -> int:
    """Return a whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number of at least 1")
    return int(text)


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # whatever a path or a label holds
    main()
