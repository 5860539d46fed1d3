"""Nested structures: taken apart, put together, and wrong places named."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from autograd.structure import flatten, flatten_like

NUMBERS = st.floats(allow_nan=False)
TREES = st.recursive(
    NUMBERS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


class Point(NamedTuple):
    x: float
    y: float


def _count(tree) -> int:
    if isinstance(tree, dict):
        return sum(map(_count, tree.values()))
    return sum(map(_count, tree)) if isinstance(tree, (list, tuple)) else 1


@given(TREES)
def test_taking_apart_and_putting_together_changes_nothing(tree):
    leaves, rebuild = flatten(tree, "it")
    assert len(leaves) == _count(tree)
    assert rebuild(leaves) == tree
    assert repr(rebuild(leaves)) == repr(tree)


@given(TREES)
def test_other_things_go_where_the_numbers_were(tree):
    leaves, rebuild = flatten(tree, "it")
    places = [f"place {i}" for i in range(len(leaves))]
    replaced = rebuild(places)
    assert _count(replaced) == len(leaves)
    assert rebuild(leaves) == tree  # a second rebuild starts afresh


def test_leaves_come_in_order_of_writing():
    assert flatten({"b": [1, (2, 3)], "a": 4}, "it")[0] == [1, 2, 3, 4]
    assert flatten([], "it")[0] == []
    assert flatten(5.0, "it")[0] == [5.0]


def test_kinds_of_containers_are_kept():
    Pair = namedtuple("Pair", "left right")  # noqa: PYI024
    for tree in (Point(1.0, 2.0), Pair([1.0], Point(2.0, 3.0)), (Point(1.0, 2.0),)):
        leaves, rebuild = flatten(tree, "it")
        assert rebuild(leaves) == tree
        assert type(rebuild(leaves)) is type(tree)
    ordered = OrderedDict(b=1.0, a=2.0)
    leaves, rebuild = flatten(ordered, "it")
    assert list(rebuild(leaves)) == ["b", "a"]


@pytest.mark.parametrize("wrong", ["text", b"bytes", None, {1.0, 2.0}])
def test_the_place_of_a_wrong_thing_is_named(wrong):
    with pytest.raises(TypeError, match=r"params\['layers'\]\[1\]\['w'\] is "):
        flatten({"layers": [1.0, {"w": wrong}]}, "params")
    with pytest.raises(TypeError, match=r"^params is "):
        flatten(wrong, "params")


def test_the_advice_fits_what_came():
    with pytest.raises(TypeError, match=r"numbers: give it as \.tolist\(\)$"):
        flatten({"w": np.zeros(2)}, "params")
    with pytest.raises(TypeError, match=r"tuples and dicts of numbers$"):
        flatten({"w": "text"}, "params")


def test_numbers_become_floats_and_what_carries_derivatives_stays():
    x = Value(2.0)
    leaves, _ = flatten([1, True, x], "it")
    assert [type(leaf) for leaf in leaves] == [float, float, type(x)]
    assert leaves[2] is x


@given(TREES)
def test_a_structure_is_like_itself(tree):
    assert flatten_like(tree, tree, "it") == flatten(tree, "it")[0]


def test_dicts_are_matched_by_key_and_sequences_by_position():
    like = {"a": [0.0, (0.0, 0.0)], "b": 0.0}
    assert flatten_like({"b": 4.0, "a": (1.0, [2.0, 3.0])}, like, "it") == [
        1.0, 2.0, 3.0, 4.0,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({"a": [1.0], "b": 2.0}, r"it\['a'\]"),
        ({"a": [1.0, 2.0]}, "it"),
        ({"a": [1.0, 2.0], "c": 2.0}, "it"),
        ({"a": {"x": 1.0}, "b": 2.0}, r"it\['a'\]"),
        ({"a": [1.0, [2.0]], "b": 2.0}, r"it\['a'\]\[1\]"),
        ([1.0, 2.0, 3.0], "it"),
        (1.0, "it"),
    ],
)
def test_another_structure_is_refused_at_its_place(tree, place):
    with pytest.raises(TypeError, match=rf"^{place} is .* has not the structure of"):
        flatten_like(tree, {"a": [0.0, 0.0], "b": 0.0}, "it")
