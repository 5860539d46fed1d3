"""How long the live page takes, in Chromium: to write, to open, to answer.

    python tests/benchmarks/pages.py

Times are processor time of the page's main thread, so that other work on the machine counts little:
script, style, layout and paint; not what other threads draw meanwhile.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import autograd
from autograd import explore
from autograd.graph import topological_order
from nn import MLP

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
TURNS = 24
READY = "() => window.page.tape !== undefined"
FRAME = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
POINT = f"""async (turn) => {{
    const {{stations, store}} = window.page;
    store.set({{pointed: stations[(turn * 337) % stations.length].pick}});
    await {FRAME};
}}"""
PAN = f"async (turn) => {{ window.page.view.pan(turn % 2 ? 40 : -30, 7); await {FRAME}; }}"
EDIT = f"""async (turn) => {{
    window.page.edit(window.page.model.nodes.editable[0], 0.1 * turn);
    await {FRAME};
}}"""


def one_point(*widths: int) -> Any:
    """The loss of a network at one point: few nodes have many operands."""
    return (MLP(2, [*widths, 1], "tanh", seed=1)([0.5, -1.0]) - 1.0) ** 2


def many_points(count: int) -> Any:
    """The mean loss of 2-8-8-1 over some points: arrows cross everywhere."""
    model, source = MLP(2, [8, 8, 1], "tanh", seed=1), random.Random(1)
    points = [[source.uniform(-1.0, 1.0) for _ in range(2)] for _ in range(count)]
    return autograd.mean([(model(point) - 1.0) ** 2 for point in points])


GRAPHS: dict[str, Callable[[], Any]] = {
    "2-4-4-1 at a point": lambda: one_point(4, 4),
    "2-40-40-1 at a point": lambda: one_point(40, 40),
    "2-8-8-1 over points": lambda: many_points(49),
    "2-135-140-1 at a point": lambda: one_point(135, 140),
}


class Clock:
    """Processor time of the main thread of a page, in milliseconds."""

    def __init__(self, page: Any) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def __call__(self) -> float:
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return 1000.0 * float({one["name"]: one["value"] for one in metrics}["TaskDuration"])


def rows(browser: Any, name: str, folder: Path) -> Iterator[tuple[str, str]]:
    output = GRAPHS[name]()
    start = time.process_time()
    exploration = explore(output)
    yield "nodes", f"{len(topological_order(output)):,}"
    yield "`explore`, s", f"{time.process_time() - start:.2f}"
    path = exploration.save(folder / "page.html")
    yield "file, kB", f"{path.stat().st_size / 1000:.0f}"
    page = browser.new_page(viewport={"width": 1240, "height": 780})
    clock = Clock(page)
    before = clock()
    page.goto(path.as_uri())
    page.wait_for_function(READY)
    page.evaluate(f"() => {FRAME}")
    yield "open, ms", f"{clock() - before:.0f}"
    levels = page.evaluate("() => window.page.model.levels.map((level) => level.name)")
    level = levels[0]  # the finest
    page.evaluate(f"async (level) => {{ window.page.store.set({{level}}); await {FRAME}; }}", level)
    page.wait_for_timeout(500)
    for what, action in (("point at a value, ms", POINT), ("pan, ms", PAN), ("edit, ms", EDIT)):
        page.evaluate(action, 0)
        before = clock()
        for turn in range(TURNS):
            page.evaluate(action, turn)
        yield f"{what}", f"{(clock() - before) / TURNS:.0f}"
    yield "at the level of", level
    page.close()


def main() -> None:
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        for place, name in enumerate(sys.argv[1:] or GRAPHS):
            found = dict(rows(browser, name, Path(folder)))
            if not place:
                print("| graph | " + " | ".join(found) + " |")
                print("|---|" + "---:|" * len(found))
            print(f"| {name} | " + " | ".join(found.values()) + " |", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
