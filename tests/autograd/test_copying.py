"""copy, deepcopy and pickle of graphs: sharing stays sharing, nothing recurses."""

from __future__ import annotations

import base64
import copy
import io
import math
import pickle
import sys
import types
from array import array

import pytest

import autograd
from autograd import Value, copying
from autograd.primitive import Primitive
from autograd.primitives import RULES

ROUND_TRIPS = {
    "deepcopy": copy.deepcopy,
    **{
        f"pickle protocol {protocol}": lambda thing, protocol=protocol: pickle.loads(
            pickle.dumps(thing, protocol)
        )
        for protocol in (2, pickle.HIGHEST_PROTOCOL)
    },
}


@pytest.fixture(params=ROUND_TRIPS.values(), ids=ROUND_TRIPS.keys())
def copied(request):
    return request.param


def _chain(size: int) -> Value:
    node = Value(1.0, label="start")
    for _ in range(size):
        node = node + 1e-3
    return node


def test_every_field_comes_back(copied):
    x = Value(3.0, label="x")
    with autograd.record_locations():
        y = autograd.leaky_relu(x * 2.0, slope=0.1)
    y.label = "y"
    y.backward()
    twin = copied(y)
    pairs = zip(
        autograd.graph.topological_order(y), autograd.graph.topological_order(twin), strict=True
    )
    for old, new in pairs:
        assert old is not new
        for field in (
            "data",
            "grad",
            "label",
            "op",
            "primitive",
            "is_constant",
            "is_leaf",
            "location",
        ):
            assert getattr(old, field) == getattr(new, field)
    assert twin.primitive is y.primitive


def test_a_copy_lives_its_own_life(copied):
    x = Value(3.0)
    y = x * x
    twin = copied(y)
    twin.backward()
    assert (twin.parents[0].grad, x.grad) == (6.0, 0.0)
    assert twin.parents[0] is twin.parents[1]
    twin.parents[0].data = 1.0
    assert x.data == 3.0


def test_identity_is_kept_across_several_roots(copied):
    x, y = Value(2.0, label="x"), Value(5.0, label="y")
    shared = x * y
    roots = {"first": shared.exp(), "both": [shared, shared + x], "leaves": (x, y), "again": shared}
    new = copied(roots)
    product = new["again"]
    assert new["both"][0] is product
    assert new["first"].parents[0] is product
    assert new["both"][1].parents == (product, new["leaves"][0])
    assert product.parents == new["leaves"]
    assert new["leaves"][0] is product.parents[0]


def test_models_that_share_nodes_keep_sharing(copied):
    class Model:
        def __init__(self, weight):
            self.weight = weight

    if copied is not copy.deepcopy:
        models = [{"w": w} for w in [Value(2.0)] * 2]
        first, second = copied(models)
        assert first["w"] is second["w"]
    else:
        tied = Value(2.0)
        first, second = copied([Model(tied), Model(tied)])
        assert first.weight is second.weight is not tied


def test_a_graph_deeper_than_the_recursion_limit(copied):
    twin = copied([_chain(5_000), _chain(5_000)])
    assert [node.data for node in twin] == [_chain(5_000).data] * 2
    twin[0].backward()


def test_a_shallow_copy_is_a_new_node_over_the_same_parents():
    x = Value(3.0)
    y = x * x
    twin = copy.copy(y)
    assert twin is not y
    assert twin.parents == (x, x)
    assert all(a is b for a, b in zip(twin.parents, y.parents, strict=True))
    twin.backward()
    assert x.grad == 6.0


def test_a_failed_dump_does_not_spoil_the_next():
    class Full:
        def write(self, text):
            raise OSError("disk full")

    deep = _chain(5_000)
    with pytest.raises(OSError, match="disk full"):
        pickle.dump(deep, Full())
    assert pickle.loads(pickle.dumps(deep)).data == deep.data
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps([deep + 1.0, lambda: None])
    assert pickle.loads(pickle.dumps(deep)).data == deep.data


def test_constants_and_no_grad_results_come_back_as_constants(copied):
    x = Value(2.0)
    twin = copied([x.detach(), x * 3.0])
    assert twin[0].is_constant
    assert twin[1].parents[1].is_constant
    assert not twin[1].parents[0].is_constant


def test_primitives_are_themselves_after_copying_and_pickling(copied):
    assert copied(autograd.primitives.tanh) is autograd.primitives.tanh


def _square(x):
    return x * x


def test_an_operation_of_the_users_own_is_copied_and_never_mistaken_for_a_built_in():
    impostor = Primitive("tanh", _square, (lambda out, x: 2.0 * x,))
    node = impostor(Value(3.0))
    assert copy.deepcopy(node).primitive is impostor
    try:
        text = pickle.dumps(node)
    except (pickle.PicklingError, TypeError, AttributeError):
        return  # refusing is honest
    assert pickle.loads(text).primitive.forward is _square


cube = Primitive("cube", lambda x: x * x * x, (lambda out, x: 3.0 * x * x,))
another_name = cube.replace(name="third power")


@pytest.mark.parametrize("operation", [cube, another_name, *RULES.values()], ids=repr)
@pytest.mark.parametrize("protocol", [0, 2, pickle.HIGHEST_PROTOCOL])
def test_an_operation_is_pickled_as_a_function_is(operation, protocol, monkeypatch):
    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__, _this_module()))
    assert pickle.loads(pickle.dumps(operation, protocol)) is operation
    assert copy.copy(operation) is operation
    assert copy.deepcopy([operation])[0] is operation


def _this_module():
    module = types.ModuleType(__name__)
    vars(module).update(globals())
    return module


def test_an_operation_that_no_module_has_is_refused():
    local = Primitive("local", lambda x: x, (lambda out, x: 1.0,))
    for thing in (local, cube.replace(), local(Value(2.0)), [1.0, local]):
        with pytest.raises(TypeError, match="has no name at the top level of the module"):
            pickle.dumps(thing)


def test_a_pickle_written_before_operations_were_pickled_as_functions_are():
    written = (
        "gASV/gAAAAAAAABdlCiMEGF1dG9ncmFkLmNvcHlpbmeUjAlfcmVzdG9yZWSUk5QoR0AAAAAAAAAARz91+FrVELaSjAF4"
        "lE6JTksAKXSUhZRSlGgBjAZfYWZ0ZXKUk5RoB2gDKEdAEAAAAAAAAEc/Vfha1RC2kk6MEmF1dG9ncmFkLnByaW1pdGl2"
        "ZZSME19mcm9tX3RoZV9ydWxlX2Jvb2uUk5SMA211bJSFlFKUiU5LAGgHaAeGlHSUhZRSlIwIYnVpbHRpbnOUjAV0dXBs"
        "ZZSTlClSlIeUKEc/7/qBcIoLQkc/8AAAAAAAAE5oDIwEdGFuaJSFlFKUiU5LAGgThZR0lIaUUpRlLg=="
    )
    x, y = pickle.loads(base64.b64decode(written))
    assert (x.label, y.data, y.primitive) == ("x", math.tanh(4.0), RULES["tanh"])
    assert y.parents[0].parents == (x, x)


def test_a_copy_of_a_graph_whose_leaf_was_edited_is_as_old_as_the_original(copied):
    x = Value(2.0)
    y = x * x
    x.data = 3.0
    other = copied(y)
    with pytest.raises(ValueError, match="edited"):
        y.backward()
    with pytest.raises(ValueError, match="edited"):
        other.backward()


def test_a_copy_is_edited_by_itself(copied):
    y = Value(2.0) * 3.0
    other = copied(y)
    y.parents[0].data = 5.0
    other.backward()
    assert other.parents[0].grad == 3.0
    other.parents[0].data = 1.0
    with pytest.raises(ValueError, match="edited"):
        other.backward()


# --- Graphs as columns ----------------------------------------------------------------------------


def test_graphs_that_grow_share_what_was_written_before():
    x = node = Value(1.0, label="x")
    roots = []
    for k in range(40):
        node = (node + x * 0.5) if k % 3 else node.tanh()
        roots.append(node)
    for order in (roots, roots[::-1], [roots[7], *roots, x]):
        twins = pickle.loads(pickle.dumps(order))
        below = autograd.graph.topological_order(*twins)
        assert len(below) == len(autograd.graph.topological_order(*order))
        assert [twin.data for twin in twins] == [root.data for root in order]


def test_a_pickler_that_goes_on_remembers_what_it_wrote():
    file = io.BytesIO()
    pickler = pickle.Pickler(file)
    x = Value(2.0)
    y = x * 3.0
    pickler.dump(y)
    assert pickle.loads(pickle.dumps([y + x, y])).pop().data == 6.0  # another one meanwhile
    pickler.dump([y.exp(), x])
    unpickler = pickle.Unpickler(io.BytesIO(file.getvalue()))
    first, (second, leaf) = unpickler.load(), unpickler.load()
    assert second.parents == (first,)
    assert second.parents[0] is first
    assert first.parents[0] is leaf


def _columns():
    x, y = Value(2.0, label="x"), Value(3.0)
    z = x * y + 1.0
    z.label = "z"
    function, (nodes, place) = z.__reduce__()
    graph_nodes, columns = nodes.__reduce__()
    assert (function, graph_nodes, place) == (copying.member, copying.graph_nodes, 1)
    return columns


def _array(code, numbers):
    return array(code, numbers).tobytes()


KINDS, COUNTS, PLACES = _array("I", [0, 1]), _array("I", [2, 2]), _array("q", [2, 3, 0, -1])


def test_columns_are_what_they_are_said_to_be():
    order, operations, others, labels, origins, kinds, counts, places, *numbers = _columns()
    assert order == sys.byteorder
    assert (operations, labels, origins) == ([RULES["mul"], RULES["add"]], {1: "z"}, [None])
    assert [node.data for node in others[:2]] == [2.0, 3.0]
    assert (kinds, counts) == (KINDS, COUNTS)
    if autograd.engine == "native":
        assert (places, numbers[0]) == (PLACES, _array("d", [1.0]))
    assert numbers[1] == _array("d", [6.0, 7.0])


@pytest.mark.parametrize("byteorder", ["little", "big"])
def test_columns_of_another_machine(byteorder):
    order, *lists = _columns()
    columns = []
    for code, text in zip(copying._CODES, lists[4:], strict=True):
        column = array(code)
        column.frombytes(text)
        if byteorder != order:
            column.byteswap()
        columns.append(column.tobytes())
    found = copying.graph_nodes(byteorder, *lists[:4], *columns)
    assert [node.data for node in found] == [6.0, 7.0]
    assert found[1].parents[1].is_constant
    found[1].backward()
    assert [leaf.grad for leaf in found[0].parents] == [3.0, 2.0]


@pytest.mark.parametrize(
    ("place", "thing", "said"),
    [
        (1, [RULES["mul"]], "missing"), (1, [1, 2], "Primitives"), (1, (), "begin with lists"),
        (1, [RULES["sin"], RULES["add"]], "2 parents"), (2, [1.0, 2.0], "are Values"),
        (2, [Value(2.0)], "missing"), (3, {5: "z"}, "label"), (3, {0: 1}, "label"),
        (4, [7], "location"), (4, [], "missing"), (5, _array("I", [0, 9]), "missing"),
        (5, _array("I", [0]), "different lengths"), (5, b"", "different lengths"),
        (5, b"123", "not a multiple"), (6, _array("I", [2, 3]), "parents"),
        (6, _array("I", [2, 0]), "0 parents"), (7, _array("q", [2, 3, 1, 0]), "comes later"),
        (7, _array("q", [2, 3, 0, 99]), "missing"), (7, _array("q", [2, 3, 0, -9]), "missing"),
        (7, _array("q", [2, 3, 0]), "operands"), (7, _array("q", [-1, -1, 0, -1]), "constants"),
        (7, None, "bytes-like"), (11, _array("q", [0, -1]), "stamp"),
        (11, _array("q", [0, 1 << 62]), "stamp"), (12, _array("I", [0, 1]), "missing"),
    ],
)  # fmt: skip
def test_columns_that_do_not_fit_are_refused(place, thing, said):
    columns = list(_columns())
    columns[7], columns[8] = PLACES, _array("d", [1.0])
    columns[2] = columns[2][:2]
    assert copying.graph_nodes(*columns)[1].data == 7.0
    columns[place] = thing
    with pytest.raises((TypeError, ValueError), match=said):
        copying.graph_nodes(*columns)


def test_a_place_that_is_none_is_refused():
    for nodes, place in (([], 0), ([Value(1.0)], -1), ([Value(1.0)], 1.0), ((Value(1.0),), 0)):
        with pytest.raises(ValueError, match="no node"):
            copying.member(nodes, place)
    for own in ((1, 0.0, None, False, None, 0), (1.0, 0.0, None, False, None, -1)):
        with pytest.raises((TypeError, ValueError), match="cannot be restored"):
            copying.leaf(*own)


def test_groups_and_operations_of_many_operands_are_copied(copied):
    xs = [Value(float(k), label=f"x{k}") for k in range(80)]
    with autograd.group("all"):
        total = autograd.sum([*xs, 5.0])
        twice = autograd.dot(xs[:40], [2.0] * 40)
    pair = copied([total * twice, total])
    product, other = pair
    assert product.parents[0] is other
    assert other.group.name == product.parents[1].group.name == "all"
    assert product.parents[1].group is other.group
    product.backward()
    (total * twice).backward()
    twins = {leaf.label: leaf.grad for leaf in product.leaves()}
    assert twins == {x.label: x.grad for x in xs}
