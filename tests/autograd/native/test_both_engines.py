"""The compiled Value against the reference, side by side in one process, bit for bit.

Whatever one of them answers, the other has to answer: the same float, or the same exception with
the same message.
"""

from __future__ import annotations

import array
import copy
import ctypes
import gc
import itertools
import math
import pickle
import random
import struct
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd  # with AUTOGRAD_ENGINE=native a missing extension is an error, not a skip
from autograd import primitives, reverse, value
from autograd.graph import topological_order
from autograd.primitive import Primitive
from autograd.primitives import RULES

engine = pytest.importorskip(
    "autograd.native.engine", reason="the compiled engine is not built (setup.py build_ext)"
)

ENGINES = (value, engine)
TINY, HUGE = 5e-324, 1.7976931348623157e308
EXTREMES = [
    *(0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, math.pi, -1e-3, 1e-8, -1e-17),
    *(TINY, -TINY, 2.2250738585072014e-308, 1e154, -1e155, 1e300, 1e308, HUGE, -HUGE),
    *(math.inf, -math.inf, math.nan, 709.78, -745.2, 37.5, -38.0, 1000.0, 171.7),
]
FEW = [0.0, -0.0, 1.0, -1.5, 2.0, 3.0, 1e308, -TINY, math.inf, -math.inf, math.nan]


def same(left, right):
    """Whether two answers are the same: floats in their bits (any NaN is NaN), all else equal."""
    if type(left) is not type(right):
        return False
    if type(left) is float:
        both_nan = math.isnan(left) and math.isnan(right)
        return both_nan or struct.pack("d", left) == struct.pack("d", right)
    if type(left) in (list, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def answer(function, *operands):
    """Return what a call returns or raises."""
    try:
        return function(*operands)
    except Exception as error:  # whatever it is, the other engine has to raise it too
        return type(error), str(error)


def answers(question):
    """Ask both engines and demand the same answer."""
    reference, compiled = (answer(question, module) for module in ENGINES)
    assert same(reference, compiled), f"reference: {reference!r}\ncompiled:  {compiled!r}"
    return reference


def shown(node):
    """Return everything a user can see of one node, and of nothing below it."""
    if not hasattr(node, "carrier_level"):
        return node
    return (
        *(node.data, node.grad, node.label, node.op, node.is_leaf, node.is_constant),
        *(node.primitive, node.location, len(node.parents), node.describe(), repr(node)),
        *(str(node), f"{node:.3f}", bool(node), node._op, len(node._prev)),
    )


def seen(output):
    """Return the whole graph below a node: every node, and how nodes are joined."""
    order = topological_order(output)
    places = {node: place for place, node in enumerate(order)}
    return [(shown(node), [places[parent] for parent in node.parents]) for node in order]


# --- Every operation by itself --------------------------------------------------------------------


def points(primitive):
    """Return lists of operands: extremes in all combinations, ties, ordinary numbers."""
    found = list(_points(primitive))
    if primitive.name == "polygamma":  # its order is a small whole number or an error
        return [[n, x] for n in (0.0, 1.0, 2.0, 3.0, 0.5, -1.0, math.nan) for _, x in found[::9]]
    if primitive.name == "power_derivative":
        orders = [
            (0.0, 0.0),
            (1.0, 0.0),
            (0.0, 1.0),
            (2.0, 1.0),
            (3.0, 2.0),
            (0.5, 0.0),
            (1.0, -1.0),
        ]
        pairs = [point[:2] for point in found[::3]]
        return [[*pair, *order] for pair in pairs for order in orders]
    return found


def _points(primitive):
    source = random.Random(primitive.name)

    def anywhere():
        return source.choice([source.gauss(0, 1), source.uniform(-30, 30), source.gauss(0, 1e3)])

    if primitive.is_variadic:
        for size in (1, 2, 3, 4, 5, 6, 7, 40, 64, 65, 150):
            for _ in range(12):
                yield [anywhere() for _ in range(size)]
                yield [source.choice(EXTREMES) for _ in range(size)]
                yield [source.choice([0.0, 1.0, anywhere()]) for _ in range(size)]
        return
    if primitive.arity == 1:
        yield from ([x] for x in EXTREMES)
    elif primitive.arity == 2:
        yield from itertools.product(EXTREMES, repeat=2)
    else:
        yield from itertools.product(FEW, repeat=primitive.arity)
    for _ in range(400):
        yield [anywhere() for _ in range(primitive.arity)]
        tied = anywhere()
        yield [source.choice([tied, source.uniform(0, 3)]) for _ in range(primitive.arity)]


def value_and_partials(module, primitive, operands, given_as_numbers=()):
    inputs = [
        x if position in given_as_numbers else module.Value(x)
        for position, x in enumerate(operands)
    ]
    node = inputs[0] if len(given_as_numbers) < len(inputs) else module.Value(0.0)
    node = next((x for x in inputs if type(x) is module.Value), node)
    out = node.apply_primitive(primitive, inputs)
    leaves = [x for x in inputs if type(x) is module.Value]
    return out.data, answer(out.adjoints_of, leaves), answer(out.backward), out.grad


@pytest.mark.parametrize("name", RULES)
def test_value_and_all_partials_are_the_same_bits(name):
    primitive = RULES[name]
    for operands in points(primitive):
        answers(lambda module, at=operands: value_and_partials(module, primitive, at))


@pytest.mark.parametrize("name", [name for name in RULES if RULES[name].arity != 1])
def test_each_partial_alone_with_plain_numbers_around_it(name):
    primitive = RULES[name]
    for operands in points(primitive)[::3]:
        size = len(operands)
        for kept in {0, size // 2, size - 1}:
            others = set(range(size)) - {kept}
            answers(
                lambda module, at=operands, o=others: value_and_partials(module, primitive, at, o)
            )


def test_where_c_cannot_follow_both_engines_ask_python():
    met = set()
    for name in ("exp", "log", "sqrt", "div", "pow", "cosh", "lgamma", "asin"):
        for operands in points(RULES[name]):
            found = answers(
                lambda module, n=name, at=operands: value_and_partials(module, RULES[n], at)
            )
            if isinstance(found[0], type):
                met.add(found[0])
    assert met == {OverflowError, ValueError, ZeroDivisionError}


# --- Random graphs --------------------------------------------------------------------------------

_numbers = st.one_of(
    st.sampled_from(EXTREMES),
    st.floats(min_value=-3.0, max_value=3.0),
    st.floats(),
    st.integers(min_value=-3, max_value=3),
    st.booleans(),
)
_tame = st.one_of(
    st.floats(min_value=0.25, max_value=2.0), st.sampled_from([0.0, 0.5, 1.0, -1.0, 1, 2])
)
_operators = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "x ** y": lambda x, y: x**y,
    "-x": lambda x, _: -x,
    "+x": lambda x, _: +x,
    "abs(x)": lambda x, _: abs(x),
    "x * x": lambda x, _: x * x,
    "x += y": lambda x, y: x.__add__(y),
}
_everything = [*RULES, "softmax", *_operators]


@st.composite
def programs(draw, numbers=_numbers):
    """Leaves, steps (an operation of earlier results and plain numbers), and what is then done."""
    leaves = draw(st.lists(numbers, min_size=1, max_size=4))
    operand = st.one_of(st.integers(min_value=0, max_value=30), st.tuples(numbers))
    step = st.tuples(st.sampled_from(_everything), st.lists(operand, min_size=1, max_size=9))
    act = st.tuples(
        st.sampled_from(["backward", "backward", "backward", "edit", "zero", "label", "no grad"]),
        st.integers(min_value=0, max_value=30),
        numbers,
    )
    return leaves, draw(st.lists(step, max_size=14)), draw(st.lists(act, min_size=1, max_size=5))


def call(module, name, operands):
    """Apply an operation as a user would: operators, functions of this engine, methods."""
    functions = getattr(module, "FUNCTIONS", None)
    if name in _operators:
        return _operators[name](operands[0], operands[-1])
    function = functions[name] if functions else RULES.get(name, primitives.softmax)
    if name == "dot":
        size = len(operands) // 2
        bias = operands[-1] if len(operands) % 2 else None
        return function(operands[:size], operands[size : 2 * size], bias)
    if name == "softmax_cross_entropy":
        return function(operands, [0.25] * len(operands))
    if name == "softmax_excess":
        return function(operands, operands[0])
    if name == "softmax" or RULES[name].is_variadic:
        return function(operands if len(operands) % 2 else tuple(operands))
    padded = list(itertools.islice(itertools.cycle(operands), RULES[name].arity))
    if name == "polygamma":
        return function(len(operands) % 4, padded[1])
    if name == "power_derivative":
        return function(*padded[:2], len(operands) % 3, len(operands) % 2)
    if hasattr(padded[0], "carrier_level") and len(operands) % 2:
        return getattr(padded[0], name)(*padded[1:])
    return function(*padded)


def leaf_places(node, nodes):
    """Return which of the nodes are the leaves below one of them, in order."""
    places = {id(x): place for place, x in enumerate(nodes)}
    return [places[id(leaf)] for leaf in node.leaves()]


def wired(module, nodes):
    """Return how the last nodes are computed, with nodes as their places among all."""
    places = {id(x): place for place, x in enumerate(nodes)}
    outputs = [x for x in nodes[-3:] if not x.is_constant]
    find = engine.wiring if module is engine else reverse.wiring
    found, operands, at = find(outputs)
    return [places.get(id(x)) for x in found], operands, at


def run(module, program):
    """Run a program and return all that can be seen of it, step by step."""
    leaves, steps, acts = program
    nodes = [module.Value(x, label=f"x{place}") for place, x in enumerate(leaves)]
    log = []
    for name, operands in steps:
        chosen = [x[0] if type(x) is tuple else nodes[x % len(nodes)] for x in operands]
        made = answer(call, module, name, chosen)
        log.append([shown(node) for node in made] if type(made) is list else shown(made))
        nodes += [x for x in (made if type(made) is list else [made]) if type(x) is module.Value]
    for what, which, number in acts:
        node = nodes[-1 - which % len(nodes)]
        if what == "backward":
            log.append(answer(node.backward))
            log.append(answer(node.adjoints_of, nodes))
            log.append(answer(leaf_places, node, nodes))
        elif what == "edit":
            log.append(answer(setattr, nodes[which % len(nodes)], "data", number))
        elif what == "zero":
            node.zero_grad()
        elif what == "label":
            node.label = "renamed"
        else:
            with autograd.no_grad():
                nodes.append(node + number)
            log.append(shown(nodes[-1]))
        log += [node.grad for node in nodes]
    log.append(answer(wired, module, nodes))
    return log, [seen(node) for node in nodes[-2:]]


@settings(max_examples=300)
@given(programs())
def test_random_graphs_at_any_numbers(program):
    answers(lambda module: run(module, program))


@settings(max_examples=300)
@given(programs(numbers=_tame))
def test_random_graphs_at_tame_numbers(program):
    answers(lambda module: run(module, program))


@given(programs(numbers=_tame))
def test_random_graphs_with_recorded_locations(program):
    with autograd.record_locations():
        answers(lambda module: run(module, program))


def test_most_tame_random_graphs_reach_a_gradient():
    """The strategy above is no good if everything in it ends in an error."""
    found = []

    @settings(max_examples=100)
    @given(programs(numbers=_tame))
    def collect(program):
        log, _ = run(engine, (*program[:2], [("backward", 0, 0.0)]))
        found.append(any(type(x) is float and x not in (0.0, 1.0) for x in log))

    collect()
    assert sum(found) > len(found) / 4


# --- What a user does with a graph ----------------------------------------------------------------


def shared_graph(module):
    x, y = module.Value(0.7, "x"), module.Value(-1.3, "y")
    hidden = primitives.tanh(primitives.dot([x, y], [2.0, x], y))
    hidden.label = "h"
    return x, y, primitives.mean([hidden * hidden, x / 2 + hidden, 3, primitives.gelu(y)])


def test_a_second_backward_accumulates_in_leaves_and_overwrites_above():
    def question(module):
        x, y, out = shared_graph(module)
        log = []
        for seed in (1.0, 2, -0.5, True):
            out.backward(seed)
            log.append(seen(out))
        x.zero_grad()
        out.backward()
        return log, x.grad, y.grad

    log, x, _ = answers(question)
    assert log[1] != log[0]
    assert x != 0.0


@pytest.mark.parametrize("seed", ["1", None, [1.0], 1j, math.inf, math.nan, 10**400])
def test_seeds(seed):
    answers(lambda module: shared_graph(module)[2].backward(seed))


def test_a_failing_sweep_changes_nothing():
    def question(module):
        x, y, out = shared_graph(module)
        out.backward()
        bad = out + primitives.sqrt(x - x) + primitives.hypot(y - y, 0.0)
        return answer(bad.backward), seen(bad)

    assert answers(question)[0][0] is ArithmeticError


@pytest.mark.parametrize("where", ["below first", "above first"])
def test_of_several_stale_edges_both_name_the_same(where):
    def question(module):
        x = module.Value(2.0, "x")
        middle = x * 3.0
        middle.label = "middle"
        out = primitives.add(*((middle, x) if where == "below first" else (x, middle)))
        x.data = 5.0
        return answer(out.backward), x.grad, answer(out.adjoints_of, [x])

    assert answers(question)[0][0] is ValueError


def test_an_edited_constant_is_stale_too():
    def question(module):
        x = module.Value(2.0)
        out = x * 3.0
        out.parents[1].data = 4.0
        return answer(out.backward)

    assert "was edited after" in answers(question)[1]


def test_an_operation_that_is_not_in_the_rule_book():
    square = Primitive("square", lambda x: x * x, (lambda out, x: 2.0 * x,))
    halves = Primitive(
        "halves", lambda *xs: xs[0] / 2, lambda out, *xs: [0.5] + [0.0] * len(xs[1:])
    )

    def question(module):
        x = module.Value(3.0, "x")
        out = square(halves.apply((square(x) * 2, x, x, 1.0)))
        out.backward()
        return seen(out)

    assert answers(question)[0][0][1] == 108.0


@pytest.mark.parametrize(
    "doing",
    [
        lambda value: value("1"),
        lambda value: value(None),
        lambda value: value([1.0]),
        lambda value: value(1j),
        lambda value: value(1.0, label=3),
        lambda value: value(10**400),
        lambda value: value(1.0) + "1",
        lambda value: [1.0] * value(1.0),
        lambda value: value(1.0) ** None,
        lambda value: value(1.0) - 10**400,
        lambda value: value(0.0) ** -1,
        lambda value: value(-8.0) ** (1 / 3),
        lambda value: (-8.0) ** value(1 / 3),
        lambda value: value(1.0) / 0,
        lambda value: 10.0 ** value(400.0),
        lambda value: float(value(1.0)),
        lambda value: int(value(1.0)),
        lambda value: math.sin(value(1.0, "angle")),
        lambda value: (value(1.0) + 1.0).__setattr__("data", 3.0),
        lambda value: value(1.0).__setattr__("grad", "3"),
        lambda value: value(1.0).__setattr__("label", 3),
        lambda value: value(1.0).detach().backward(),
        lambda value: value(1.0).__lt__("1"),
        lambda value: [
            value(1.0) == 1,
            value(1.0) == "1",
            value(1.0) != 1,
            value(2.0) > value(1.0),
        ],
        lambda value: [value(math.nan) == value(1.0), value(math.nan) != math.nan],
        lambda value: value(1.0).clip(2.0, 1.0),
        lambda value: primitives.dot([value(1.0)], [2.0, 3.0]),
        lambda value: primitives.dot(value(1.0), [2.0]),
        lambda value: primitives.sum([value(1.0), "2"]),
        lambda value: primitives.mean([value(1.0), None, 2.0]),
        lambda value: primitives.logsumexp([]),
        lambda value: primitives.polygamma(value(1.0), 2.0).backward(),
        lambda value: primitives.norm([value(0.0), value(0.0)]).backward(),
        lambda value: primitives.sum([value(float(i)) for i in range(9)] + [10**400]),
        lambda value: primitives.norm([value(1.0), 2.0, value(3.0), 4, value(5.0), value("six")]),
    ],
)
def test_mistakes_get_the_same_answer(doing):
    answers(lambda module: shown(answer(doing, module.Value)))


@pytest.mark.parametrize("name", engine.FUNCTIONS)
def test_the_compiled_functions_refuse_what_the_rule_book_refuses(name):
    rule, function = RULES.get(name, primitives.softmax), engine.FUNCTIONS[name]
    for mistake in (None, ["2"], object(), 1j):
        for operands in ([mistake], [1.0, mistake], [[1.0, mistake]], [1.0, 2.0, mistake]):
            refused, found = answer(rule, *operands), answer(function, *operands)
            assert refused[0] is TypeError
            if "takes" not in refused[1] and "argument" not in refused[1]:
                assert found == refused


@pytest.mark.parametrize("name", [name for name in RULES if not RULES[name].is_variadic])
def test_a_wrong_number_of_operands_is_refused_by_name_of_the_operation(name):
    function = engine.FUNCTIONS[name]
    for operands in ([], [0.5] * (RULES[name].arity + 1), [engine.Value(0.5)] * 5):
        with pytest.raises(TypeError, match=name):
            function(*operands)
    with pytest.raises(TypeError, match=name):
        getattr(engine.Value(0.5), name)(nonsense=1.0)


def test_both_classes_have_the_same_public_names():
    public = [{name for name in dir(m.Value) if not name.startswith("_")} for m in ENGINES]
    assert public[0] == public[1]


# --- Copies ---------------------------------------------------------------------------------------


def test_deep_copies_stay_in_their_engine():
    def question(module):
        x, _, out = shared_graph(module)
        out.backward()
        twin = copy.deepcopy(out)
        assert type(twin) is module.Value
        x.zero_grad()
        twin.backward()
        return seen(twin), seen(copy.copy(out)), x.grad

    assert answers(question)[2] == 0.0


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_of_either_engine_is_read_by_the_one_in_use(protocol):
    def question(module):
        x, _, out = shared_graph(module)
        out.backward()
        twin = pickle.loads(pickle.dumps(out, protocol))
        assert type(twin) is autograd.Value
        before = seen(twin)
        twin.backward()
        x.data = 0.0
        return seen(out)[0], before, seen(twin)

    answers(question)


def test_the_pickles_are_the_same_bytes():
    # Of graphs of Values: plain numbers are operands of the compiled engine, and nodes in Python.
    def question(module):
        # A node carries the number of the latest edit; let both engines count from the same.
        module.restored((0.0, 0.0, None, None, False, None, 10**9, ()))
        x, y = module.Value(0.7, "x"), module.Value(-1.3, "y")
        shared = (x * y).tanh()
        return pickle.dumps(primitives.mean([shared / x + shared, y.gelu(), x]))

    answers(question)


# --- Data of many leaves --------------------------------------------------------------------------


@pytest.mark.parametrize("module", ENGINES)
@pytest.mark.parametrize(
    "numbers",
    [
        array.array("d", [3.0, 4.0]),
        (ctypes.c_double * 2)(3.0, 4.0),
        memoryview(array.array("d", [3.0, 4.0])),
        memoryview(bytearray(struct.pack("dd", 3.0, 4.0))).cast("@d"),
    ],
)
def test_the_data_of_leaves_is_set_from_any_buffer_of_doubles(module, numbers):
    leaves = module.values([1.0, 2.0])
    before = module.edits()
    module.set_numbers(leaves, numbers)
    assert [leaf.data for leaf in leaves] == [3.0, 4.0]
    assert module.edits() > before
    module.set_numbers(tuple(leaves), array.array("d", [5.0, 6.0]))
    assert module.numbers_of(leaves).tolist() == [5.0, 6.0]


@pytest.mark.parametrize("module", ENGINES)
def test_data_that_cannot_be_set_is_refused(module):
    leaves = module.values([1.0, 2.0])
    for values, numbers, error in [
        (leaves, [3.0], ValueError),
        ([*leaves, leaves[0] * 2.0], [3.0, 4.0, 5.0], ValueError),
        ([leaves[0], "2"], [3.0, 4.0], (TypeError, AttributeError)),
    ]:
        with pytest.raises(error):
            module.set_numbers(values, array.array("d", numbers))
    assert leaves[1].data == 2.0


def test_numbers_of_another_format_are_refused():
    leaves = engine.values([1.0, 2.0])
    wrong = [array.array("f", [3.0, 4.0]), array.array("q", [3, 4]), bytes(16)]
    for numbers in [*wrong, memoryview(bytes(16)).cast("d", (1, 2))]:
        with pytest.raises(TypeError, match="needs an array of doubles"):
            engine.set_numbers(leaves, numbers)
    with pytest.raises(TypeError):
        engine.set_numbers(leaves, [3.0, 4.0])
    assert [leaf.data for leaf in leaves] == [1.0, 2.0]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="buffers written in Python")
def test_a_list_that_changes_while_its_numbers_are_fetched_is_read_as_it_is_then():
    leaves = engine.values([1.0] * 1000)

    class Numbers:
        def __buffer__(self, flags):
            leaves.clear()
            gc.collect()
            self.others = [bytes(64) for _ in range(2000)]
            return memoryview(array.array("d", range(1000)))

    with pytest.raises(ValueError, match="0 Values, but 1000 numbers"):
        engine.set_numbers(leaves, Numbers())
