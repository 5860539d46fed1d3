"""After any edit the page computes what Python computes: the same bits, or two ulp a call.

Where an operation is arithmetic the page's numbers are Python's, bit for bit. Where it calls a
function of a library (exp, pow, hypot), the browser's is another than Python's, and rounds
otherwise: each operation is held against Python at the operands that the page has, so that errors
are not blurred by those before. What the sweep makes of the partials is the same, bit for bit.
"""

import functools
import math
import random
import re

import pytest

from autograd import path_sum, primitives
from autograd.graph import topological_order
from autograd.page.graph_table import GraphTable
from autograd.page.operation_script import operation_script
from autograd.page.sources import script
from tests.autograd.page.checked_script import OPERATIONS
from tests.autograd.page.rule_book_graphs import graph_of
from tests.autograd.page.test_edits_in_a_browser import recorded_again

GRAPHS, EDITS = 50, 40
LIBRARY = re.compile(r"Math\.(?!abs\b|floor\b|sign\b|sqrt\b)\w+")
# Calls one after the other, where a value or partial has more than one.
CALLS = {
    "asinh": 2, "atan2": 4, "cbrt": 2, "elu": 2, "erfc": 2, "expm1": 2, "selu": 2,
    "sigmoid": 2, "silu": 3, "softmax_component": 2, "softmax_complement": 2, "tanh": 2,
    "xlogy": 2,
}  # fmt: skip
# Terms that cancel: two ulp a call of the largest.
CANCELLING = {
    "entropy": 2, "gelu": 3, "logaddexp": 4, "logsumexp": 4, "power_derivative": 9, "softplus": 2,
    "softmax_cross_entropy": 6, "softmax_entropy": 6,
}  # fmt: skip
# Series on both sides; Python's own are off by so much.
SERIES = {"digamma": 1e-13, "polygamma": 1e-12, "lgamma": 1e-14}

SCRIPTS = f"""() => {{
    window.Tape = (() => {{ {script("tape")} return Tape; }})();
    window.pathsFrom = (() => {{ {script("paths")} return pathsFrom; }})();
}}"""
OPEN = """([nodes, output]) => {{
    {rules}
    window.tape = new Tape(nodes, RULES, output);
}}"""
PANEL = """(source) => {
    const {paths, remainder} = pathsFrom(window.tape, source);
    return [...paths.map((path) => path.product), remainder];
}"""
AFTER_EDITS = """(edits) => edits.map(([leaf, number]) => {
    const {tape} = window;
    tape.edit([[leaf, number]]);
    const written = (numbers) => [...numbers].map((x) => (Object.is(x, -0) ? "-0.0" : String(x)));
    const columns = [tape.values, tape.partials, tape.adjoints].map(written);
    return [...columns, tape.fault()?.node ?? null];
})"""


class Computed:
    """A graph as a page computes it, without what it draws."""

    def __init__(self, page, output):
        self.page = page
        self.order = topological_order(output)
        self.table = GraphTable(output, self.order)
        self.columns = self.table.columns()
        text = OPEN.format(rules=operation_script(self.table.kinds))
        # What JSON makes of it: keys of objects are texts.
        page.evaluate(text, [self.columns, self.table.place[output]])

    def panel(self, node):
        return self.page.evaluate(PANEL, self.table.place[node])

    def after(self, seed):
        """Yield an edit, all values, partials and adjoints after it, and where these go wrong."""
        generator = random.Random(seed)
        edits = [
            (
                generator.choice(self.columns["editable"]),
                round(generator.uniform(-2.0, 2.0), generator.choice((0, 3))),
            )
            for _ in range(EDITS)
        ]
        found = self.page.evaluate(AFTER_EDITS, edits)
        for edit, (*columns, fault) in zip(edits, found, strict=True):
            yield edit, *[[float(text) for text in column] for column in columns], fault


@pytest.fixture(scope="module")
def blank(usual):
    page = usual.new_page()
    page.evaluate(SCRIPTS)
    yield page
    page.close()


@functools.cache
def is_arithmetic(primitive):
    """Whether no function of a library is called, neither for the value nor for the partials."""
    (kind,) = [kind for kind in OPERATIONS if kind[0] is primitive]
    return primitive.same_bits_in_c and not LIBRARY.search(operation_script([kind]))


ALL = list(primitives.RULES.values())
ARITHMETIC = [one for one in ALL if is_arithmetic(one)]


def test_arithmetic_is_what_it_says():
    names = {one.name for one in ARITHMETIC}
    assert {"add", "sub", "mul", "div", "sqrt", "relu", "dot", "mean", "where", "abs"} <= names
    assert not names & {"pow", "exp", "tanh", "hypot", "norm", "erf", "logsumexp", "sigmoid"}


@pytest.mark.parametrize("seed", range(GRAPHS))
def test_arithmetic_has_the_bits_of_eager_python(seed, blank):
    computed = Computed(blank, graph_of(seed, ARITHMETIC))
    order = computed.order
    leaves = {place: node.data for place, node in enumerate(order) if not node.parents}
    compared = 0
    for (leaf, number), values, _, adjoints, fault in computed.after(seed):
        leaves[leaf] = number
        try:
            again = recorded_again(order, leaves)
            nodes = [node for node in again if not isinstance(node, float)]
            gradients = dict(zip(nodes, again[-1].adjoints_of(nodes), strict=True))
        except (ArithmeticError, ValueError):
            assert fault is not None
            continue
        assert fault is None
        compared += 1
        for place, node in enumerate(again):
            assert same(values[place], getattr(node, "data", node))
            if place in leaves or node in gradients:
                assert same(adjoints[place], gradients.get(node, 0.0))
    assert compared > 0


@pytest.mark.parametrize("seed", range(GRAPHS))
def test_every_operation_of_the_rule_book(seed, blank):
    computed = Computed(blank, graph_of(seed, ALL))
    compare_panels(computed)
    order, place_of = computed.order, computed.table.place
    for _, values, partials, adjoints, fault in computed.after(seed):
        edge, first = 0, []
        for place, node in enumerate(order):
            first.append(edge)
            operands = [values[place_of[parent]] for parent in node.parents]
            if node.parents and all(map(math.isfinite, operands)):
                compare_value(node.primitive, operands, values[place])
                if math.isfinite(values[place]):
                    found = partials[edge : edge + len(operands)]
                    compare_partials(node, operands, values[place], found)
            edge += len(operands)
        if fault is None:
            assert all(map(math.isfinite, values))
            assert all(map(same, adjoints, swept(order, place_of, first, partials)))


def compare_panels(computed):
    output = computed.order[-1]
    for node in computed.order:
        if not node.parents and not node.is_constant:
            right = path_sum(node, output)
            scale = max([abs(path.product) for path in right.paths], default=1.0)
            total = math.fsum(computed.panel(node))
            assert math.isclose(total, right.gradient, rel_tol=1e-12, abs_tol=1e-12 * scale)


def compare_value(primitive, operands, got):
    try:
        wanted = primitive.value(operands)
    except (ArithmeticError, ValueError):
        assert not math.isfinite(got), (primitive.name, operands)
        return
    compare(primitive, operands, got, wanted)


def compare_partials(node, operands, out, found):
    for position, got in enumerate(found):
        is_wanted = [place == position for place in range(len(operands))]
        if node.parents[position].is_constant:
            continue
        try:
            wanted = node.primitive.derivatives(out, operands, is_wanted)[position]
        except (ArithmeticError, ValueError):
            assert not math.isfinite(got), (node.primitive.name, operands, position)
            continue
        compare(node.primitive, operands, got, wanted)


def compare(primitive, operands, got, wanted):
    told = (primitive.name, operands, got, wanted)
    if primitive.name in SERIES:
        scale = max(1.0, abs(wanted))
        assert abs(got - wanted) <= SERIES[primitive.name] * scale, told
    elif is_arithmetic(primitive) or not math.isfinite(wanted):
        assert same(got, wanted), told
    else:
        terms = [1.0, *operands] if primitive.name in CANCELLING else []
        size = math.ulp(max(map(abs, [wanted, *terms])))
        calls = {**CALLS, **CANCELLING}.get(primitive.name, 1)
        assert abs(got - wanted) <= 2.0 * calls * size, told


def swept(order, place_of, first, partials):
    """The adjoints that follow from the partials, added in the order of Python's sweep."""
    found = [0.0] * len(order)
    found[-1] = 1.0
    for place in range(len(order) - 1, -1, -1):
        node = order[place]
        if node.is_constant:
            continue
        for operand, parent in enumerate(node.parents):
            if not parent.is_constant:
                found[place_of[parent]] += partials[first[place] + operand] * found[place]
    return found


def same(one, other):
    return (one == other and math.copysign(1.0, one) == math.copysign(1.0, other)) or (
        one != one and other != other
    )
