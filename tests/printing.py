"""Prints one of everything, for `tests/test_printing.py`: on streams that know few signs.

The table of leaks has a call for each public name. What such a call returns or raises is printed,
with all it holds; and so is what has labels of a reader's own, in any script.
"""

from __future__ import annotations

import autograd
import nn
from autograd import Value
from tests.autograd import leak_rooms, leak_table

# Minutes, pictures, or work of others; what they return is printed by the other calls, too.
LONG = {
    "selftest", "Program: copy", "Drawing", "Drawing.pipe", "Drawing.render", "fit: kept",
    "restarts", "watch_weights", "activation_chart", "output_gradients", "loss_surface",
    "export.verify_export", "data.Dataset.chart", "History.chart", "Program.rows: in threads",
    "initializers", "check_parameters", "fit: diverging", "check_grads", "descent_paths",
    "fit_shards", "data.iris",
    *leak_rooms.NEEDS,
}  # fmt: skip
OWN = ["θ₁", "損失", "é", "w₁₁⁽¹⁾", "\ud800", "Ångström → ∞"]


def print_everything(folder) -> None:
    """Print what each call of the table of leaks returns or raises, and what calls are made on."""
    things = leak_table.Things(folder)
    for thing in vars(things).values():
        printed(thing)
    for name, call in leak_table.calls(things).items():
        if name not in LONG and not name.startswith(("Drawing.", "Chart.")):
            printed_error(call)


def own_labels():
    """Return calls that return or raise something with labels of a reader's own."""
    leaves = [Value(0.5 + place, name) for place, name in enumerate(OWN)]
    y = autograd.tanh(autograd.sum(leaves)) * leaves[0]
    y.backward()
    model = nn.MLP(2, [2, 2], "tanh", seed=1)
    for parameter, name in zip(model.parameters(), OWN, strict=False):
        parameter.label = name
    rows, labels = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], ["損", "é", "損"]
    program = autograd.compile(lambda x: x * leaves[0] + leaves[3], name="f")
    program(1.0)
    return [
        lambda: leaves,
        lambda: f"{y} {leaves[0]}",
        lambda: autograd.draw(y, highlight=leaves[0]),
        lambda: autograd.draw(y, highlight=leaves[0]).caption,
        lambda: autograd.path_sum(leaves[0], y),
        lambda: autograd.explain(y, leaves[0]),
        lambda: autograd.explain(y, leaves[0]).text,
        lambda: autograd.backward_steps(y),
        lambda: autograd.check_connections(y, [*leaves, Value(1.0, "損")]),
        lambda: autograd.blame(leaves[1] * 1e200 * 1e200),
        lambda: program.listing(gradient=True),
        lambda: [program.source(language) for language in ("c", "javascript", "python")],
        lambda: autograd.find(y, "失"),
        lambda: autograd.find("失", y),
        lambda: autograd.path_sum(y, leaves[0]),
        lambda: autograd.explain(leaves[0], y),
        lambda: program("失"),
        lambda: autograd.grad(lambda x: x)({"損": ["→"]}),
        lambda: autograd.jvp(lambda x: x, ({"損": 1.0},), ({"é": 1.0},)),
        lambda: autograd.log(leaves[1] - 9.0),
        lambda: float(leaves[3]),
        lambda: setattr(y, "data", 1.0),
        lambda: Value("損"),
        lambda: nn.MLP(2, [1], "σ"),
        lambda: model.fit(rows, labels, epochs=1, progress=False),
        lambda: nn.report(model, rows, labels),
        lambda: nn.confusion_matrix(labels, ["損", "損", "é"]),
        lambda: nn.confusion_matrix(labels, ["損", "損"]),
        lambda: model.fit(rows, ["損", "é", "à"], epochs=1),
        lambda: model.summary(),
        lambda: model.trace(rows),
        lambda: model.trace("損"),
        lambda: nn.data.Dataset(rows, labels, features=["θ", "失"]),
        lambda: autograd.Primitive("σ", float, (lambda out, x: 1.0,))(leaves[0]),
        lambda: autograd.check_grads(lambda x: x.detach() * leaves[1], 1.0),
        lambda: autograd.group("層")(lambda x: x * 1.0)(leaves[0]).group,
    ]


def held_by(thing, name: str):
    """Return what an object holds under a name, unless that is a method or a text."""
    held = getattr(thing, name, None)
    return None if callable(held) or isinstance(held, str) else held


def printed_error(call, depth: int = 1, seen: set[int] | None = None) -> None:
    """Print what a call returns, or raises."""
    try:
        printed(call(), depth, seen)
    except UnicodeEncodeError:
        raise
    except Exception as error:
        print(error, repr(error))


def printed(thing, depth: int = 1, seen: set[int] | None = None) -> None:
    """Print a thing and what it holds, as `print` and as an interpreter does."""
    seen = set() if seen is None else seen
    if isinstance(thing, str):
        if thing[:1] != "<" and depth == 1:  # pages and pictures are written to files
            print(thing)
        return
    if id(thing) in seen:
        return
    seen.add(id(thing))
    items = list(thing.values()) if isinstance(thing, dict) else thing
    if isinstance(items, (list, tuple)):
        for item in items:
            printed(item, depth, seen)
    elif type(thing).__module__.partition(".")[0] in ("autograd", "nn"):
        try:
            print(thing, repr(thing))
        except UnicodeEncodeError as error:
            error.reason += f", in {type(thing)}"
            raise
        for name in dir(thing) if depth else ():
            if name[0] != "_":
                printed_error(lambda: held_by(thing, name), depth - 1, seen)  # noqa: B023
