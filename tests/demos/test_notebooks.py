"""The notebooks: what is committed is what is written, and every cell runs."""

import ast
import json
import re
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
LECTURE = FOLDER / "micrograd_lecture.ipynb"
# What the lecture prints, shows or draws, by the cell's last line: its own numbers.
SAID = {
    "f(3.0)": 20.0,
    "(f(x + h) - f(x)) / h": 2.999378523327323e-06,
    'print("slope", (d2 - d1) / h)': "d1 4.0\nd2 4.0001\nslope 0.9999999999976694\n",
    "L": -8.0,
    "print(L.data)": "-7.286496\n",
    "lol()": "-3.9999999999995595\n",
    "1 - o.data**2": pytest.approx(0.4999999999999999, rel=1e-15),  # by exp there, by tanh here
    "topo": 10,
}
DRAWN = {
    "draw_dot(L)": {"a": 6.0, "b": -4.0, "c": -2.0, "d": -2.0, "e": -2.0, "f": 4.0, "L": 1.0},
    "draw_dot(o)": {"x1": -1.5, "w1": 1.0, "x2": 0.5, "w2": 0.0, "b": 0.5, "n": 0.5, "o": 1.0},
    "draw_dot(b)": {"a": 2.0, "b": 1.0},
    "draw_dot(f)": {"a": -3.0, "b": -8.0, "d": 1.0, "e": -6.0, "f": 1.0},
}


@pytest.fixture(scope="module")
def notebooks():
    return import_module("notebooks")


def test_they_are_what_the_demonstrations_say(notebooks, capsys):
    assert notebooks.main(["--check"]) == 0, "run: python demos/notebooks.py"
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES


def test_the_lecture_is_ported_cell_by_cell_and_says_what_it_says(monkeypatch, capsys):
    for module in ("graphviz", "matplotlib", "numpy"):
        pytest.importorskip(module)
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(FOLDER)
    monkeypatch.setattr(sys, "path", list(sys.path))
    names, said, drawn, losses = {"__name__": "__main__"}, {}, {}, []
    for cell in json.loads(LECTURE.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            *lines, last = ast.parse("".join(cell["source"])).body
            value = _run(lines, last, names)
            printed, last_line = capsys.readouterr().out, ast.unparse(last)
            if hasattr(value, "source"):
                drawn[last_line] = value.source
            said[cell["source"][-1]] = printed or value
            losses += re.findall(r"^\d+ (\S+)$", printed, re.MULTILINE)
    said["L"], said["topo"] = said["L"].data, len(said["topo"])
    assert {line: said[line] for line in SAID} == SAID
    for line, gradients in DRAWN.items():
        for label, gradient in gradients.items():
            assert re.search(rf"{{ {label} \| data \S+ \| grad {gradient:.4f} }}", drawn[line])
    assert len(losses) == 20
    assert float(losses[-1]) < 0.05 < 1.0 < float(losses[0])
    assert [round(y.data) for y in said["ypred"]] == [1, -1, -1, 1]


def _run(lines, last, names):
    """Run a cell as Jupyter does: its value is that of the expression it ends with."""
    exec(compile(ast.Module(lines, []), "cell", "exec"), names)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return exec(compile(ast.Module([last], []), "cell", "exec"), names)


@pytest.mark.parametrize("name", [name for name in NAMES if PICTURES[name]])
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
    for module in ("nbclient", "ipykernel", "matplotlib", "graphviz"):
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
