"""The notebooks: what is committed is what is written, and every cell runs."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from autograd import Drawing
from nn import Chart

pytestmark = pytest.mark.any_engine
FOLDER = Path(__file__).resolve().parents[2] / "demos" / "notebooks"
PICTURES = {"micrograd_lecture": 0, "tour": 8, "verification": 3}
NAMES = list(PICTURES)


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
    assert len(shown) == PICTURES[name]
    # A chart says in words what it shows, where there is no matplotlib.
    assert all(picture._repr_mimebundle_() for picture in shown if isinstance(picture, Drawing))
    assert all(len(picture.text) > 20 for picture in shown if isinstance(picture, Chart))


# In a process of its own, since warnings are errors here, and those of Jupyter are Jupyter's.
_EXECUTE = """
import sys
import nbclient, nbformat
source, target, folder = sys.argv[1:]
book = nbformat.read(source, as_version=4)
nbformat.validate(book)
nbclient.NotebookClient(book, timeout=300, resources={"metadata": {"path": folder}}).execute()
nbformat.write(book, target)
"""


@pytest.mark.parametrize("name", NAMES)
def test_jupyter_executes_it_and_shows_its_pictures(name, tmp_path):
    for module in ("nbclient", "ipykernel", "matplotlib"):
        pytest.importorskip(module)
    source, target = FOLDER / f"{name}.ipynb", tmp_path / "executed.ipynb"
    subprocess.run(
        [sys.executable, "-c", _EXECUTE, str(source), str(target), str(FOLDER)], check=True
    )
    cells = json.loads(target.read_text(encoding="utf-8"))["cells"]
    shown = [cell["outputs"][-1] for cell in cells if cell["source"] == ["picture()"]]
    assert len(shown) == PICTURES[name]
    for output in shown:
        assert output["output_type"] == "execute_result"
        assert {"text/html", "image/svg+xml"} & set(output["data"])


def test_a_story_is_cut_at_its_headings(notebooks):
    cells = list(notebooks.cells(FOLDER.parent / "01_first_graph.py"))
    titles = [text for kind, text in cells if kind == "markdown"]
    assert titles[0].startswith("## A first graph")
    assert "python demos/" not in titles[0]
    assert titles[1] == "### Compute"
    assert cells[-1] == ("code", "picture()")
    assert not any("heading(" in text for kind, text in cells if kind == "code")
