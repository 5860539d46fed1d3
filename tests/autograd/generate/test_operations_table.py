"""The table of operations in the docs is the one that the rule book gives."""

from pathlib import Path

import autograd
from autograd.generate.operations_table import operations_table
from autograd.primitives import RULES

HERE = Path(autograd.__file__).parent


def test_the_table_is_up_to_date():
    written = (HERE / "OPERATIONS.md").read_text(encoding="utf-8")
    assert written == operations_table(), "run: python -m autograd.generate"


def test_every_operation_has_a_row_with_as_many_cells_as_the_head():
    rows = operations_table().splitlines()
    for name in RULES:
        (row,) = [row for row in rows if row.startswith(f"| `{name}(")]
        assert row.replace("\\|", "").count("|") == 5
