"""The table of steps: what it says, what it leaves out, and labels that would break it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from autograd import Primitive, Value, backward_steps
from autograd.node_names import NodeNames
from tests.random_graphs import random_graph


class Cells(HTMLParser):
    """The texts of a page's cells, by row; any other tag than a table's is an error."""

    KNOWN = ("table", "caption", "thead", "tbody", "tr", "th", "td", "p")

    def __init__(self, page):
        super().__init__()
        self.rows, self.open = [], []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        assert tag in self.KNOWN
        assert [name for name, _ in attrs] in ([], ["colspan"], ["style"])
        self.open.append(tag)
        if tag in ("tr", "p", "caption"):
            self.rows.append([])
        if tag in ("td", "th", "p", "caption"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.rows[-1][-1] += data


def columns(line):
    return re.split(r"  +", line.strip())


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("manner", [{}, {"order": "depth-first"}, {"operands": "set"}])
def test_a_row_says_what_its_step_says(seed, manner):
    _, output = random_graph(seed, steps=5)
    steps = backward_steps(output, **manner)
    names = NodeNames(steps.gradients)
    title, header, first, *rows = str(steps).splitlines()
    assert title.startswith(f"backward() from {names[output]}")
    assert columns(header) == [
        "step", "from", "to", "upstream × local = contribution", "total so far",
        "still waiting for",
    ]  # fmt: skip
    assert columns(first) == ["0", names[output], "seed", "1", "complete"]
    for step, row in zip(steps, rows[: len(steps)], strict=True):
        number, node, target, product, total, left, *flaw = columns(row)
        assert int(number) == step.number
        assert (node, target) == (names[step.node], f"{step.operand}: {names[step.target]}")
        upstream, local, contribution = re.split(" × | = ", product)
        assert upstream == f"{step.upstream + 0.0:.4g}"
        assert float(local.strip("()")) == pytest.approx(step.local_derivative, rel=1e-3)
        assert local.startswith("(") == (step.local_derivative < 0.0)
        assert contribution == f"{step.contribution + 0.0:.4g}"
        assert total == f"{step.total + 0.0:.4g}"
        assert left == ("complete" if not step.pending else
                        "1 use" if step.pending == 1 else f"{step.pending} uses")  # fmt: skip
        assert flaw == ([f"✗ {step.flaw}"] if step.flaw else [])
    page = Cells(steps._repr_html_())
    cells = [row for row in page.rows if len(row) == 7 and row[0] != "step"]
    assert [[c.strip() for c in row if c.strip()] for row in cells] == [
        columns(row) for row in [first, *rows[: len(steps)]]
    ]


def chain(links):
    x = total = Value(1.0, label="x")
    for _ in range(links):
        total = total + x
    return total


@pytest.mark.parametrize("links", [19, 20, 21, 22, 200])
def test_a_long_table_is_cut_and_says_by_how_much(links):
    steps = backward_steps(chain(links))
    count = 2 * links
    rows = str(steps).splitlines()[3:]
    if count <= 40:
        assert len(rows) == count
        return
    assert len(rows) == 41
    left_out = int(re.search(r"… (\d+) steps left out", rows[32])[1])
    assert left_out == count - 40
    start, stop = map(int, re.search(r"\[(\d+):(\d+)\]", rows[32]).groups())
    shown = [int(columns(row)[0]) - 1 for row in rows if "…" not in row]
    assert sorted([*shown, *range(start, stop)]) == list(range(count))
    assert rows[32] in "\n".join(" ".join(row) for row in Cells(steps._repr_html_()).rows)


def test_a_part_prints_as_a_part():
    steps = backward_steps(chain(5))
    lines = str(steps[3:5]).splitlines()
    assert lines[0].endswith(": 2 of 10 steps")
    assert [columns(line)[0] for line in lines[2:]] == ["4", "5"]
    assert "seed" not in str(steps[3:5])


def test_of_many_leaves_the_wrong_ones_are_shown_and_the_others_counted():
    leaves = [Value(1.0, label=f"w{place}") for place in range(50)]
    a = leaves[0] * 2.0
    output = a + sum(leaves[1:], a * 3.0)
    steps = backward_steps(output, order="depth-first")
    lines = str(steps).splitlines()
    verdict = next(place for place, line in enumerate(lines) if line.startswith("wrong"))
    assert lines[verdict].startswith("wrong for 1 of 50 leaves, first at step ")
    assert [columns(line) for line in lines[verdict + 1 :]] == [
        ["leaf", "this sweep", "right"],
        ["w0", "2", "8", "✗ wrong"],
        ["… 49 leaves left out, 0 of them wrong"],
    ]
    many = backward_steps(sum([leaf * leaf for leaf in leaves], 0.0), accumulate=False)
    lines = str(many).splitlines()
    assert lines[-1] == "  … 38 leaves left out, 38 of them wrong"
    assert sum("✗ wrong" in line for line in lines) == 12
    assert [columns(row[0])[0] for row in Cells(many._repr_html_()).rows[-2:]] == [
        "w11", "… 38 leaves left out, 38 of them wrong",
    ]  # fmt: skip


def test_numbers_that_round_to_the_same_four_digits_are_shown_in_full():
    x = Value(1.0, label="x")
    a = x * 1.0
    steps = backward_steps(a + a * 1e-9, order="depth-first")
    assert ["x", "1.0", "1.000000001", "✗ wrong"] in [
        columns(row) for row in str(steps).split("\n")
    ]


@pytest.mark.parametrize(("manner", "why"), [
    ({"order": "depth-first"}, "every node handed on once, after all its uses had arrived"),
    ({"accumulate": False}, "no node has more than one use"),
    ({"operands": "set"}, "no node has an operand twice"),
    ({"accumulate": False, "operands": "set"},
     "no node has more than one use, and no node has an operand twice"),
])  # fmt: skip
def test_a_graph_in_which_it_does_no_harm_says_why(manner, why):
    x, y = Value(2.0), Value(3.0)
    steps = backward_steps((x * y).tanh(), **manner)
    assert str(steps).splitlines()[-1] == f"right: {why}"
    assert Cells(steps._repr_html_()).rows[-1] == [f"right: {why}"]


HOSTILE = [
    "<script>alert(1)</script>", "a\nb\tc", '"quoted" & \'so\'', "x | y {z}", "\x00\x1b[31m",
    "\ud800", "損失" * 3, "e\u0301" * 9, "🎉", "w" * 5000, " ", "", "+", "x #1", "…", "%s {0}",
]  # fmt: skip


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_stay_text_on_one_line(label):
    x, twin = Value(2.0, label=label), Value(3.0, label=label)
    output = (x * twin + x) * 1.0
    output.label = label
    for manner in ({}, {"order": "breadth-first"}, {"accumulate": False}):
        steps = backward_steps(output, **manner)
        text, page = str(steps), steps._repr_html_()
        text.encode("utf-8")
        assert len([line for line in text.split("\n") if " × " in line]) == 1 + len(steps)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
        assert max(map(len, text.split("\n"))) < 300
        rows = [row for row in Cells(page).rows if len(row) == 7 or len(row) == 6]
        assert len(rows) == 2 + len(steps)
        repr(list(steps)).encode("utf-8")
    names = NodeNames(steps.gradients)
    assert len({names[node] for node in steps.gradients}) == len(steps.gradients)


@pytest.mark.parametrize("seed", range(20))
def test_names_tell_nodes_apart(seed):
    _, output = random_graph(seed)
    labels = ["w_1", "w_1", "+", "* #1", "x", None, "a" * 100, "a" * 50 + "b" + "a" * 49]
    nodes = list(backward_steps(output).gradients)
    for place, node in enumerate(nodes):
        node.label = labels[(place * seed) % len(labels)]
    names = NodeNames(nodes)
    assert len({names[node] for node in nodes}) == len(nodes)
    assert max(len(names[node]) for node in nodes) < 32


def test_a_blank_label_is_none_and_an_operation_may_be_called_anything():
    strange = Primitive("strange", lambda x: x, (lambda out, x: 1.0,), symbol="two\nlines" * 9)
    x = Value(1.0, label=" \n")
    y = strange(x)
    names = NodeNames([x, y])
    assert names[x] == "leaf"
    assert names[y].startswith("two lines")
    assert len(names[y]) < 30


@pytest.mark.parametrize(("label", "shown"), [
    ("a" * 12 + "b" * 12, "a" * 12 + "b" * 12),
    ("a" * 12 + "b" * 13, "a" * 11 + "…" + "b" * 11),
    ("w_10,3^(12)[1234567]", "w₁₀,₃⁽¹²⁾[1234567]"),
])  # fmt: skip
def test_a_long_name_is_cut_in_the_middle(label, shown):
    assert NodeNames([x := Value(1.0, label=label)])[x] == shown


def test_names_are_labels_and_operations():
    w, x = Value(1.0, label="w_12^(3)"), Value(2.0)
    y = (w * x).tanh()
    z = y * y + Value(0.5)
    names = NodeNames(backward_steps(z).gradients)
    assert [names[node] for node in backward_steps(z).gradients] == [
        "w₁₂⁽³⁾", "leaf #1", "* #1", "tanh", "* #2", "leaf #2", "+",
    ]  # fmt: skip
