"""Groups: which part of a model recorded a node, on both engines."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Group, Value, group, no_grad, record_locations
from autograd.groups import KINDS, is_origin, origin_of


def test_a_block_marks_what_is_recorded_in_it():
    x = Value(2.0)
    with group("outer"):
        a = x * x
        with group("inner"):
            b = a + 1.0
        c = b * a
    after = c * c
    assert [node.group and node.group.name for node in (x, a, b, c, after)] == [
        None, "outer", "inner", "outer", None,
    ]  # fmt: skip
    assert b.group.parent is a.group is c.group


def test_each_entry_is_a_group_of_its_own():
    @group("block")
    def double(x):
        return x + x

    block = group("again")
    found = [double(Value(1.0)).group for _ in range(2)]
    for _ in range(2):
        with block:
            found.append(Value(1.0).exp().group)
    assert len(set(found)) == 4
    assert [one.name for one in found] == ["block", "block", "again", "again"]


def test_an_operation_of_any_kind_is_marked():
    x, y = Value(0.5), Value(0.25)
    import autograd

    with group("here"):
        nodes = [
            -x, x * y, x + 1.0, 1.0 - x, x**2, autograd.dot([x], [y]), autograd.sum([x, y]),
            autograd.softmax([x, y])[0], autograd.where(x > y, x, y),
        ]  # fmt: skip
    assert {node.group.name for node in nodes if node.parents} == {"here"}


def test_what_is_not_recorded_has_no_group():
    with group("here"), no_grad():
        assert (Value(1.0) * 2.0).group is None


@given(st.booleans(), st.booleans(), st.booleans())
def test_line_and_group_do_not_disturb_each_other(locations, grouped, set_after):
    x = Value(1.0)
    mine = Group("mine")
    if locations:
        with record_locations():
            if grouped:
                with group("g"):
                    y = x * x
            else:
                y = x * x
    elif grouped:
        with group("g"):
            y = x * x
    else:
        y = x * x
    if set_after:
        y.group = mine
        assert y.group is mine
    else:
        assert (y.group is not None) == grouped
    assert (y.location is not None) == locations
    y.group = None
    assert y.group is None
    assert (y.location is not None) == locations


@pytest.mark.parametrize("made", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_have_groups_of_their_own(made):
    with record_locations(), group("outer"):
        with group("inner"):
            y = Value(2.0) * 3.0
        z = y * y
    copied = made(z)
    inner = copied.parents[0].group
    assert repr(copied.group) == repr(z.group)
    assert copied.group is not z.group
    assert inner.parent is copied.group
    assert copied.location == z.location


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": 3}, TypeError),
        ({"name": "x", "kind": "room"}, ValueError),
        ({"name": "x", "kind": []}, ValueError),
        ({"name": "x", "detail": None}, TypeError),
        ({"name": "x", "parent": "y"}, TypeError),
    ],
)
def test_what_is_no_group_is_refused(given, error):
    with pytest.raises(error, match="group"):
        Group(**given)


def test_what_is_no_name_is_refused_before_the_block():
    with pytest.raises(TypeError, match="name of a group"):
        group(3)


@pytest.mark.parametrize("wrong", ["g", 3, object()])
def test_a_node_takes_groups_only(wrong):
    with pytest.raises(TypeError, match="a Group or None"):
        Value(1.0).group = wrong
    assert not is_origin(("line", wrong))


def test_a_group_cannot_be_changed():
    mine = Group("mine")
    with pytest.raises(AttributeError, match="cannot be changed"):
        mine.parent = mine


def test_kinds_are_found_outwards():
    chain = None
    for kind in KINDS:
        chain = Group(kind, kind, parent=chain)
    assert [chain.around(kind).name for kind in KINDS] == list(KINDS)
    assert origin_of("line", chain) == ("line", chain)
