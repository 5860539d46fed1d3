"""Tables: columns line up whatever stands in them, and HTML shows text as text."""

import html.parser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn.tables import Table, on_one_line, short_number

CELLS = st.text(max_size=8)


# None of it asks a node for anything.
pytestmark = pytest.mark.any_engine


class Cells(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self.tags = [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


@settings(max_examples=30)
@given(st.text(max_size=8), st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=4), st.integers(0, 3))
def test_html_holds_the_cells_and_nothing_else(title, rows, words):
    cells = Cells()
    cells.feed(Table(title, ("a", "b < c", "d"), rows, words).html())
    assert cells.rows == [["a", "b < c", "d"], *[list(map(on_one_line, row)) for row in rows]]
    assert cells.tags <= {"table", "caption", "thead", "tbody", "tr", "th", "td"}


@settings(max_examples=30)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4))
def test_text_is_one_line_a_row(rows):
    lines = str(Table("t", ("a", "b"), rows, 1, ("below",))).split("\n")
    assert len(lines) == 3 + len(rows)
    assert all(line.isprintable() or "\ufffd" in line for line in lines)
    assert lines[-1] == "  below"


def test_columns_line_up_also_under_wide_letters_and_accents():
    rows = (("損失", "1"), ("e\u0301", "-10"), ("plain", "2.5"))
    assert str(Table("t", ("name", "number"), rows, 1)).split("\n")[1:] == [
        "  name   number",
        "  損失        1",
        "  e\u0301         -10",
        "  plain     2.5",
    ]


def test_numbers_are_short():
    shown = [
        short_number(x) for x in (0.1 + 0.2, 1e-7, 123456.0, -0.0, float("nan"), -float("inf"))
    ]
    assert shown == ["0.3", "1e-07", "1.235e+05", "0", "nan", "-inf"]
