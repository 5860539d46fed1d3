"""The demonstration of programs: what it prints is true, and what it writes opens and runs."""

import math
import os
import random
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "demos" / "programs.py"
STEPS = 120


@pytest.fixture(scope="module")
def demo():
    specification = spec_from_file_location("programs_demo", DEMO)
    module = module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """The demonstration as a reader runs it: from another folder, its output piped."""
    folder = tmp_path_factory.mktemp("elsewhere")
    finished = subprocess.run(
        [sys.executable, str(DEMO), "--output", "moons", "--steps", str(STEPS)],
        cwd=folder,
        env=dict(os.environ, PYTHONIOENCODING="utf-8"),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    return finished.stdout, folder / "moons"


def test_the_gradient_it_prints_is_that_of_calculus(outcome):
    said, _ = outcome
    x, y = 0.5, 3.0
    slope = 1.0 - math.tanh(x * y) ** 2
    truth = [math.tanh(x * y) + x * x, y * slope + 2.0 * x, x * slope]
    text = said.partition("Its code")[0].partition("at (0.5, 3) is")[2]
    found = [float(number) for number in re.findall(r"-?\d+\.\d+", text)]
    assert found == pytest.approx(truth, abs=1e-6)


def test_the_listing_it_prints_computes_that_gradient(outcome):
    said, _ = outcome
    listing = said.partition("then gradient:")[2].partition("A branch")[0]
    names = {"x": 0.5, "y": 3.0, "tanh": math.tanh, "sech_squared": lambda x: math.cosh(x) ** -2}
    names["dot"] = lambda a, b: sum(p * q for p, q in zip(a, b, strict=True))
    for line in listing.splitlines():
        name, equals, expression = line.partition(" = ")
        if equals:
            names[name.strip()] = eval(expression, dict(names))
    outputs = [names[name] for name in re.search(r"-> (.*)", listing)[1].split(", ")]
    slope = 1.0 - math.tanh(1.5) ** 2
    assert outputs == pytest.approx([math.tanh(1.5) + 0.25, 3.0 * slope + 1.0, 0.5 * slope])


def test_both_ways_through_the_branch_are_shown(outcome):
    said, _ = outcome
    assert "is True" in said.partition("huber(0.5) = 0.125")[2].partition("huber(3.0)")[0]
    assert "is False" in said.partition("huber(3.0) = 2.5")[2].partition("rows are")[0]
    assert "[1.5, 0.125, 0.0, 0.125, 1.5]" in said


def test_it_learns(outcome):
    said, _ = outcome
    losses = [float(text) for text in re.findall(r"loss (\d\.\d+)  █", said)]
    assert len(losses) >= 8
    assert losses[-1] < 0.2 < losses[0]
    assert int(re.search(r"(\d+) of 200 points are on the right side", said)[1]) >= 190


def test_what_was_carried_away_computes_the_same(outcome):
    said, folder = outcome
    assert "moons.json  loaded: 200 scores, the same bits" in said
    for name, command in {"moons.c": "cc", "moons.mjs": "node"}.items():
        assert (folder / name).stat().st_size > 10_000
        if shutil.which(command) is None:
            continue
        (line,) = [line for line in said.splitlines() if line.strip().startswith(f"{name} ")]
        different = re.search(r"200 scores, the (?:same bits|largest difference is (\S+))", line)
        assert float(different[1] or 0.0) < 1e-12


def test_the_picture(outcome):
    _, folder = outcome
    svg = ElementTree.parse(folder / "moons.svg").getroot()
    name = "{http://www.w3.org/2000/svg}"
    assert len(svg.findall(f"{name}circle")) == 200
    cells = svg.findall(f"{name}g/{name}rect")
    area = sum(int(cell.get("width")) * int(cell.get("height")) for cell in cells)
    assert area == 672 * 432
    assert len(svg.find(f"{name}path").get("d")) > 1000


def test_the_page_has_all_it_needs_in_it(outcome):
    _, folder = outcome
    text = (folder / "moons.html").read_text(encoding="utf-8")
    assert (folder / "moons.mjs").read_text(encoding="utf-8") in text
    assert "/*" not in text.partition("const { points")[2].partition("\n")[0]
    assert "src=" not in text
    assert "http" not in text


def test_the_page_s_script_runs_and_says_what_the_program_says(outcome, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node here")
    _, folder = outcome
    text = (folder / "moons.html").read_text(encoding="utf-8")
    script = text.partition('<script type="module">')[2].partition("</script>")[0]
    anything = "new Proxy(function () {}, {get: (_, k) => k === 'data' ? [] : anything, set: "
    anything += "() => true, apply: () => anything})"
    page = f"""
const anything = {anything};
const said = {{}};
const canvas = {{width: 1008, height: 648, getContext: () => anything, addEventListener() {{}}}};
globalThis.document = {{
    getElementById: (name) => name === "said" ? said : canvas,
    createElement: () => canvas,
}};
"""
    end = "\nconsole.log(said.textContent); console.log(moons([0.5, 0.6]).toFixed(2));\n"
    (tmp_path / "page.mjs").write_text(page + "{\n" + body_of(script) + end + "}\n", "utf-8")
    finished = subprocess.run(
        [node, str(tmp_path / "page.mjs")], capture_output=True, encoding="utf-8", check=False
    )
    assert finished.returncode == 0, finished.stderr
    first, plane, score = finished.stdout.splitlines()
    assert f"at (0.50, 0.60)   score {score}   gradient (" in first
    assert "40,824 evaluations" in plane


def body_of(script):
    """Return a module's text so that it stands in a block: without the word export."""
    return re.sub(r"^export ", "", script, flags=re.MULTILINE)


def test_the_boundary_is_where_the_score_is_zero(demo):
    def score(column, row):
        return 0.7 * column - 0.4 * row - 1.3

    grid = [[score(column, row) for column in range(7)] for row in range(5)]
    path = demo.boundary(grid)
    numbers = [float(text) for text in re.findall(r"-?\d+\.\d", path)]
    side = demo.CELL * demo.SCALE
    ends = list(zip(numbers[::2], numbers[1::2], strict=True))
    assert len(ends) >= 8
    for x, y in ends:
        assert score(x / side, y / side) == pytest.approx(0.0, abs=0.02)
    assert min(y for _, y in ends) == 0.0
    assert max(y for _, y in ends) == 4 * side


def test_cells_of_one_shade_are_one_rectangle(demo):
    cells = demo.cells([[-9.0, -9.0, -9.0, 9.0, 9.0], [-9.0, -9.0, -9.0, 9.0, 9.0]])
    assert len(cells) == 3
    assert [demo.shade(9.0) in cells[2], demo.shade(-9.0) in cells[0]] == [True, True]
    assert demo.shade(-9.0) != demo.shade(9.0)


def test_the_moons_are_half_circles_each_with_its_own_number(demo, monkeypatch):
    monkeypatch.setattr(demo, "NOISE", 0.0)
    points, labels = demo.two_moons(50, random.Random(0))
    assert labels.count(0.0) == labels.count(1.0) == 25
    for (x, y), label in zip(points, labels, strict=True):
        assert math.hypot(x - label, y - 0.5 * label) == pytest.approx(1.0)
        assert y <= 0.5 if label else y >= 0.0


def test_without_compiler_and_node_it_says_so(demo, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    demo.main(["--steps", "3", "--output", str(tmp_path / "out")])
    said = capsys.readouterr().out
    assert "there is no C compiler here" in said
    assert "there is no Node here" in said
    assert (tmp_path / "out" / "moons.html").exists()


def test_steps_must_be_positive(demo, capsys):
    with pytest.raises(SystemExit):
        demo.parse(["--steps", "0"])
    assert "whole number of at least 1" in capsys.readouterr().err
