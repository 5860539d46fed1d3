"""copy, deepcopy and pickle of graphs: sharing stays sharing, nothing recurses."""

from __future__ import annotations

import base64
import copy
import math
import pickle
import sys
import types

import pytest

import autograd
from autograd import Value
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
