"""What notebooks show of values, sums, programs and models: facts, and every text as a text."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser

import pytest

import autograd
import nn
from autograd import Value

HOSTILE = [
    "w", "<b>bold</b>", "</td></table><script>alert(1)</script>", 'a "quoted" & b', "two\nlines",
    "\x00\x1b[31m", "損失 🎉", "$x$", "\ud800",
]  # fmt: skip
HARMLESS = {"table", "caption", "thead", "tbody", "tr", "th", "td", "p", "pre"}


class Read(HTMLParser):
    """A table as a browser reads it: rows of cells, and everything else that is said."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.rows, self.words = [], [], ""
        self.feed(html)
        self.close()
        assert set(self.tags) <= HARMLESS
        html.encode("utf-8")

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data):
        self.words += data
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def read(shown):
    return Read(shown._repr_html_())


def product(label="w"):
    w, x = Value(0.5, label=label), Value(-3.0, label="x")
    y = (w * x).tanh() * w
    y.label = label
    y.backward()
    return y, w


def test_a_value_is_a_row():
    y, w = product()
    assert read(w).rows == [["label", "data", "grad", "op"], ["w", "0.5", repr(w.grad), "leaf"]]
    assert read(y).rows[1] == ["w", repr(y.data), "1.0", "*"]
    assert read(Value(2.0).detach()).rows[1] == ["", "2.0", "", "constant"]
    assert read(Value(float("nan"))).rows[1][1] == "nan"


def test_a_sum_of_paths_is_a_row_for_each_and_the_sum():
    y, w = product()
    rows = read(autograd.path_sum(w, y)).rows
    assert rows[0] == ["path", "local derivatives", "product"]
    assert len(rows) == 4
    assert rows[-1][0] == "sum"
    assert float(rows[-1][2]) == pytest.approx(w.grad, rel=1e-3)
    assert sum(float(row[2]) for row in rows[1:-1]) == pytest.approx(w.grad, rel=1e-2)
    short = read(autograd.path_sum(w, y, limit=1)).rows
    assert short[2][0] == "1 more path"
    assert "no path leads" in read(autograd.path_sum(Value(1.0), y)).words


def test_multiplications_are_a_row_for_each_way():
    y, _ = product()
    costs = autograd.multiplications(y)
    rows = read(costs).rows
    assert [row[0] for row in rows[1:]] == ["path by path", "forward mode", "reverse mode"]
    assert [int(row[1]) for row in rows[1:]] == [costs.path_by_path, costs.forward, costs.reverse]
    total = Value(1.0)
    for _ in range(20_000):
        total = total + total
    assert "e6" in read(autograd.multiplications(total)).rows[1][1]


def test_a_model_is_a_row_for_each_layer():
    model = nn.MLP(2, [3, 1], activation="tanh", seed=1)
    rows = read(model).rows
    assert rows[0][:4] == ["layer", "inputs → units", "activation", "parameters"]
    assert [row[2] for row in rows[1:3]] == ["tanh", "linear"]
    assert [int(row[3]) for row in rows[1:]] == [9, 4, 13]


def test_a_program_is_its_listing():
    program = autograd.compile(lambda x, y: x * y + 1.0)
    assert "not recorded yet" in read(program).words
    program(2.0, 3.0)
    words = read(program).words
    assert program.listing() in words
    assert "2 instructions" in words


def test_blame_says_when_a_graph_is_sound():
    y, _ = product()
    assert "nothing to blame" in read(autograd.blame(y)).words
    x = Value(1e200, label="<x>")
    found = autograd.blame(x * x)
    assert found
    assert "leaf '<x>'" in read(found).words


@pytest.mark.parametrize("label", HOSTILE)
def test_a_label_is_a_text_in_every_table(label):
    y, w = product(label)
    infinite = Value(1e200, label=label) * Value(1e200, label=label)
    program = autograd.compile(lambda v: v * Value(2.0, label=label))
    program(1.0)
    shown = [y, w, autograd.path_sum(w, y), autograd.multiplications(y), autograd.blame(y),
             autograd.blame(infinite), program]  # fmt: skip
    for thing in shown:
        read(thing)
    seen = read(w).rows[1][0]
    assert "\n" not in seen
    if label.isprintable() and label.isascii():
        assert seen == label


def test_a_program_without_a_table_pays_nothing_for_tables():
    script = (
        "import sys; from autograd import Value; Value(2.0)._repr_html_(); "
        "assert not {'html', 'autograd.lettering'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
