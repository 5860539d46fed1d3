"""Carry it away: a trained network as C, JavaScript, Python and ONNX, and as a page that is alive.

What was learned is numbers, and what a network does is arithmetic: a file of a few kilobytes does
it anywhere, without this library. Each file is run here, by a compiler, by Node, by another Python
or by ONNX Runtime, and compared with the network. The page computes the answer and its gradient
under the mouse, in JavaScript that a program wrote.

    python demos/16_carry_away.py
"""

from __future__ import annotations

import json
import runpy
import shutil
import tempfile
from functools import cache
from pathlib import Path

from showing import HERE, heading, load, plane, run, say

from autograd import Program, compile, explore, load_program
from nn import MLP, Adam, Chart, export_model, verify_export
from nn.data import moons

MOONS = moons(100, noise=0.18, seed=1)
FILES = {
    "moons.h": "C",
    "moons.mjs": "JavaScript",
    "moons.py": "Python",
    "moons.onnx": "ONNX",
}


def main(folder: Path) -> None:
    heading("A network, as files that need nothing")
    for name, (size, verdict) in carried(folder).items():
        say(f"{name:12s}{FILES[name]:12s}{size:7d} bytes   {verdict}")
    heading("Its first lines in C")
    say("\n".join((folder / "moons.h").read_text(encoding="utf-8").splitlines()[:12]))
    heading("A program, saved and loaded: the same bits")
    program = score()
    program.save(folder / "moons.json")
    again = load_program(folder / "moons.json")
    same = [again(point) for point in MOONS.X] == [program(point) for point in MOONS.X]
    say(f"{len(MOONS)} scores, all the same: {same}")
    heading("A page that computes, wherever the mouse is")
    (folder / "moons.html").write_text(page(), encoding="utf-8")
    say(f"open {folder / 'moons.html'}: the arrow is the gradient")
    heading("A graph as a live page: every path, every step, and what if")
    written = explore(load("02_two_paths").lecture_network()[0]).save(folder / "two_paths.html")
    say(f"open {written}: point at a weight, and its paths light up")


@cache
def network() -> MLP:
    """Return a network that tells two moons apart."""
    model = MLP(2, [16, 16, 1], "tanh", seed=1)
    model.fit(
        *MOONS, loss="bce_with_logits", optimizer=Adam(0.03), epochs=200, batch_size=100,
        progress=False,
    )  # fmt: skip
    return model


def score() -> Program:
    """Return the network's output as a program with fixed numbers."""
    model = network()
    program = compile(lambda x: model(x), parameters=[], name="moons")
    program(MOONS.X[0])
    return program


def carried(folder: Path) -> dict[str, tuple[int, str]]:
    """Write a file in each language, run it, and return its size and what the comparison said."""
    found = {}
    for name in FILES:
        try:
            export_model(network(), folder / name)
            verdict = str(verify_export(network(), folder / name, rows=MOONS.X)).splitlines()[0]
        except ImportError as error:
            found[name] = (0, f"not written: {error}")
            continue
        except RuntimeError as error:
            verdict = f"not run: {error}"
        found[name] = ((folder / name).stat().st_size, verdict)
    return found


def page() -> str:
    """Return one HTML file with the program's JavaScript in it."""
    settings = {
        "points": [[round(x, 4), round(y, 4)] for x, y in MOONS.X],
        "labels": MOONS.y,
        "view": [-1.6, 2.6, -1.1, 1.6],
        "colours": [[28, 127, 192], [207, 90, 20]],
    }
    template = (HERE / "data" / "moons_page.html").read_text(encoding="utf-8")
    return template.replace("/*SETTINGS*/", json.dumps(settings)).replace(
        "/*PROGRAM*/", score().source("javascript")
    )


def by_exported_file(rows: list[list[float]]) -> list[float]:
    """Return the probabilities that the exported Python file gives: nothing of ours computes."""
    folder = Path(tempfile.mkdtemp())
    try:
        export_model(network(), folder / "moons.py")
        names = runpy.run_path(str(folder / "moons.py"))
        return [names["probabilities"](row)[1] for row in rows]
    finally:
        shutil.rmtree(folder)


def picture() -> Chart:
    """Return what the exported Python file says over the plane."""
    right = [(p > 0.5) == bool(y) for p, y in zip(by_exported_file(MOONS.X), MOONS.y, strict=True)]

    def draw(figure) -> None:
        plane(figure.add_subplot(), by_exported_file, MOONS)

    text = f"{sum(right)} of {len(right)} points are on the right side"
    return Chart(draw, (4.6, 3.4), "Two moons, by the exported Python file", text)


if __name__ == "__main__":
    run(main, picture)
