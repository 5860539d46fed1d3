"""Nothing that is printed is an error, whatever few signs the stream knows."""

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from autograd import Value, draw, path_sum
from autograd.streams import for_stream, in_ascii
from tests import printing

HERE = Path(__file__).parents[1]
ENCODINGS = ["cp1252", "cp437", "ascii"]  # Windows in the West, its old terminals, and the least


def strict(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")


@pytest.mark.parametrize(("encoding", "shown"), [
    ("utf-8", "∂L/∂w₁₁⁽¹⁾ = ½·δ → ±2² ≤ 損 …"),
    ("cp1252", r"dL/dw_11^(1) = ½·delta -> ±2² <= \u640d …"),
    ("cp437", r"dL/dw_11^(1) = ½·δ -> ±2² ≤ \u640d ..."),
    ("ascii", r"dL/dw_11^(1) = 1/2*delta -> +/-2^2 <= \u640d ..."),
])  # fmt: skip
def test_what_stands_in_is_what_the_stream_lacks(encoding, shown):
    text = "∂L/∂w₁₁⁽¹⁾ = ½·δ → ±2² ≤ 損 …"
    with redirect_stdout(strict(encoding)):
        assert for_stream(text) == shown
        assert in_ascii(for_stream(text)) == in_ascii(text)


def test_trees_and_tables_stay_aligned():
    x, w = Value(0.5, "x"), Value(2.0, "w")
    y = (x * w + x).tanh()
    whole = str(draw(y))
    with redirect_stdout(strict("ascii")):
        tree = str(draw(y))
        table = str(printing.nn.tables.Table("t", ("δ → x", "n"), (("a", "1"),), 1))
    assert [line.index("data") for line in tree.splitlines() if "data" in line] == [
        line.index("data") for line in whole.splitlines() if "data" in line
    ]
    assert "|- " in tree
    assert table.splitlines() == ["t", "  delta -> x  n", "  a           1"]


def test_pictures_and_files_are_the_same_whatever_the_stream(tmp_path):
    x = Value(0.5, "x_1^(2)")
    whole = draw(x * x + 1.0, highlight=x)
    names = ("y.svg", "y.txt", "y.html", "y.tex", "y.dot")
    before = [Path(whole.save(tmp_path / name)).read_bytes() for name in names]
    with redirect_stdout(strict("ascii")):
        again = draw(x * x + 1.0, highlight=x)
        assert [Path(again.save(tmp_path / name)).read_bytes() for name in names] == before
    assert "⁽²⁾".encode() in before[1]


def test_a_stream_that_tells_nothing_gets_the_text():
    with redirect_stdout(io.StringIO()):  # as doctest's
        assert for_stream("→") == "→"
    with redirect_stdout(None):  # as under pythonw
        assert for_stream("→") == "→"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_has_labels_in_any_script_is_printed(encoding):
    with redirect_stdout(strict(encoding)) as stream:
        for call in printing.own_labels():
            printing.printed_error(call)
        stream.flush()
        told = stream.buffer.getvalue().decode(encoding)
    assert "\\u640d" in told


@pytest.mark.filterwarnings("ignore")
def test_one_of_everything_is_printed_in_ascii(monkeypatch, tmp_path):
    printed_error = printing.printed_error
    monkeypatch.setattr(printing.leak_table, "refused", printed_error)
    monkeypatch.setattr(printing.leak_rooms, "raised", lambda kind, call: printed_error(call))
    with redirect_stdout(strict("ascii")) as stream:
        printing.print_everything(tmp_path)
        stream.flush()
        assert len(stream.buffer.getvalue()) > 100_000


def test_a_stream_that_can_show_it_shows_it():
    with redirect_stdout(strict("utf-8")):
        x = Value(2.0, "x")
        assert "→" in str(path_sum(x, x * x))


SCRIPT = """
import runpy, sys
from autograd import Value, draw, path_sum
x = Value(0.5, label="损")
y = (x * x).tanh()
y.backward()
print(path_sum(x, y), draw(y), repr(x))
try:
    y.data = 1.0
except ValueError as error:
    print(error)
runpy.run_module("autograd", run_name="__main__")
"""


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_pipe_gets_what_it_can_take(encoding):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT],
        capture_output=True, cwd=HERE, check=False,
        env={**os.environ, "PYTHONIOENCODING": f"{encoding}:strict", "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert done.stderr == b""
    assert "\\u635f ->" in done.stdout.decode(encoding)


# What these are as text goes into files and pictures, too, or is compared; a switch is ASCII.
TEXT_OF_ANOTHER = {
    "Arguments", "Manner", "Name", "Slot", "Structure", "Switched", "Tabled", "TextbookName",
    "_Output",
}  # fmt: skip


def test_every_class_with_a_text_of_its_own_prints_anywhere():
    left_out = set()
    for package in ("autograd", "nn"):
        for path in (HERE / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            has = "def __repr__" in text or "def __str__" in text
            for node in ast.walk(ast.parse(text)) if has else ():
                if isinstance(node, ast.ClassDef):
                    own = {method.name for method in ast.walk(node) if hasattr(method, "name")}
                    marked = [ast.unparse(mark) for mark in node.decorator_list]
                    if own & {"__repr__", "__str__"} and "printed_anywhere" not in marked:
                        left_out.add(node.name)
    assert left_out == TEXT_OF_ANOTHER
