"""The notebooks: what is committed is what is written, and every cell runs."""

import json
import sys
from importlib import import_module
from pathlib import Path

import pytest

from autograd import Drawing
from nn import Chart

pytestmark = pytest.mark.any_engine
FOLDER = Path(__file__).resolve().parents[2] / "demos" / "notebooks"
NAMES = ["micrograd_lecture", "tour", "verification"]


@pytest.fixture(scope="module")
def notebooks():
    return import_module("notebooks")


def test_they_are_what_the_demonstrations_say(notebooks, capsys):
    assert notebooks.main(["--check"]) == 0, "run: python demos/notebooks.py"
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_runs_and_the_pictures_show(name, monkeypatch, capsys):
    monkeypatch.chdir(FOLDER)
    monkeypatch.setattr(sys, "path", list(sys.path))
    cells = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    names, shown = {"__name__": "__main__"}, []
    for cell in cells:
        text = "".join(cell["source"])
        if cell["cell_type"] != "code":
            assert text.startswith("#")
        elif text == "picture()":
            shown.append(eval(text, names))
        else:
            exec(compile(text, f"{name}, {cell['id']}", "exec"), names)
    assert len(shown) == {"micrograd_lecture": 0, "tour": 8, "verification": 3}[name]
    # A chart says in words what it shows, where there is no matplotlib.
    assert all(picture._repr_mimebundle_() for picture in shown if isinstance(picture, Drawing))
    assert all(len(picture.text) > 20 for picture in shown if isinstance(picture, Chart))


def test_a_story_is_cut_at_its_headings(notebooks):
    cells = list(notebooks.cells(FOLDER.parent / "01_first_graph.py"))
    titles = [text for kind, text in cells if kind == "markdown"]
    assert titles[0].startswith("## A first graph")
    assert "python demos/" not in titles[0]
    assert titles[1] == "### Compute"
    assert cells[-1] == ("code", "picture()")
    assert not any("heading(" in text for kind, text in cells if kind == "code")
