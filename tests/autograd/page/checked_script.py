"""Writes the script of a page as one module, rules and all, for tools that check JavaScript."""

import sys
from pathlib import Path

from autograd import primitives
from autograd.many_operands import Elementwise, Pairwise
from autograd.page.operation_script import operation_script
from autograd.page.sources import script

OPERATIONS = [
    (one, -1 if isinstance(one.partials, (Elementwise, Pairwise)) else max(one.arity, 0) or 4)
    for one in primitives.RULES.values()
]

if __name__ == "__main__":
    text = f"{operation_script(OPERATIONS)}\n{script('learning')}\n"
    Path(sys.argv[1]).write_text(text, encoding="utf-8")
