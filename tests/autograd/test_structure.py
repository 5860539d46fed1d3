"""Nested structures: taken apart, put together, and wrong places named."""

from __future__ import annotations

from array import array
from collections import OrderedDict, namedtuple
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from autograd.structure import (
    NUMBER,
    Array,
    Structure,
    container,
    crossed,
    flatten,
    nested_lists,
    structure_of,
)

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
    leaves, structure = flatten(tree, "it")
    assert len(leaves) == _count(tree)
    assert structure.build(leaves) == tree
    assert repr(structure.build(leaves)) == repr(tree)


@given(TREES)
def test_other_things_go_where_the_numbers_were(tree):
    leaves, structure = flatten(tree, "it")
    places = [f"place {i}" for i in range(len(leaves))]
    replaced = structure.build(places)
    assert _count(replaced) == len(leaves)
    assert structure.build(leaves) == tree  # building again starts afresh


def test_leaves_come_in_order_of_writing():
    assert flatten({"b": [1, (2, 3)], "a": 4}, "it")[0] == [1, 2, 3, 4]
    assert flatten([], "it")[0] == []
    assert flatten(5.0, "it")[0] == [5.0]


def test_kinds_of_containers_are_kept():
    Pair = namedtuple("Pair", "left right")
    for tree in (Point(1.0, 2.0), Pair([1.0], Point(2.0, 3.0)), (Point(1.0, 2.0),)):
        leaves, structure = flatten(tree, "it")
        assert structure.build(leaves) == tree
        assert type(structure.build(leaves)) is type(tree)
    ordered = OrderedDict(b=1.0, a=2.0)
    leaves, structure = flatten(ordered, "it")
    assert list(structure.build(leaves)) == ["b", "a"]


@pytest.mark.parametrize("wrong", ["text", b"bytes", None, {1.0, 2.0}])
def test_the_place_of_a_wrong_thing_is_named(wrong):
    with pytest.raises(TypeError, match=r"params\['layers'\]\[1\]\['w'\] is "):
        flatten({"layers": [1.0, {"w": wrong}]}, "params")
    with pytest.raises(TypeError, match=r"^params is "):
        flatten(wrong, "params")


def test_the_advice_fits_what_came():
    with pytest.raises(TypeError, match=r"numbers: give it as \.tolist\(\)$"):
        flatten({"w": array("d", [1.0])}, "params")
    with pytest.raises(TypeError, match=r"tuples and dicts of numbers$"):
        flatten({"w": "text"}, "params")


def test_numbers_become_floats_and_what_carries_derivatives_stays():
    x = Value(2.0)
    leaves, _ = flatten([1, True, x], "it")
    assert [type(leaf) for leaf in leaves] == [float, float, type(x)]
    assert leaves[2] is x


@given(TREES)
def test_a_structure_is_like_itself(tree):
    assert structure_of(tree).numbers_of(tree, "it") == flatten(tree, "it")[0]


def test_dicts_are_matched_by_key_and_sequences_by_position():
    like = structure_of({"a": [0.0, (0.0, 0.0)], "b": 0.0})
    found = like.numbers_of({"b": 4.0, "a": (1.0, [2.0, 3.0])}, "it")
    assert found == [1.0, 2.0, 3.0, 4.0]


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
    like = structure_of({"a": [0.0, 0.0], "b": 0.0})
    for error in (TypeError, ValueError):
        with pytest.raises(error, match=rf"^{place} is .*, which does not have the structure of a"):
            like.numbers_of(tree, "it", error)


@given(TREES)
def test_names_reach_the_numbers(tree):
    numbers, structure = flatten(tree, "it")
    assert structure.size == len(numbers)
    assert [eval(name, {"it": tree}) for name in structure.names("it")] == numbers


def test_fields_of_named_tuples_are_reached_by_name():
    tree = {"p": [Point(1.0, 2.0)]}
    assert structure_of(tree).names("it") == ["it['p'][0].x", "it['p'][0].y"]
    with pytest.raises(TypeError, match=r"^it\['p'\]\[0\]\.y is "):
        flatten({"p": [Point(1.0, "y")]}, "it")
    with pytest.raises(TypeError, match=r"^it\.x is \[1.0\], which does not .* of a number"):
        structure_of(Point(1.0, 2.0)).numbers_of(([1.0], 2.0), "it")


@given(TREES, TREES)
def test_equal_structures_are_those_that_differ_in_numbers_only(tree, other):
    structure = structure_of(tree)
    again = structure_of(structure.build([1.5] * structure.size))
    assert again == structure
    assert hash(again) == hash(structure)
    alike = repr(structure.build([0] * structure.size)) == repr(
        structure_of(other).build([0] * structure_of(other).size)
    )
    assert (structure_of(other) == structure) == alike


def test_named_tuples_are_tuples_elsewhere_and_rows_are_lists():
    structure = structure_of({"a": (Point(1.0, 2.0), [3.0]), "b": 4.0})
    assert structure.plain() == structure_of({"a": ((1.0, 2.0), [3.0]), "b": 4.0})
    assert structure.with_lists() == structure_of({"a": [[1.0, 2.0], [3.0]], "b": 4.0})
    assert structure.plain() != structure != structure.with_lists()


@pytest.mark.parametrize(
    ("tree", "axes"),
    [
        (1.0, ()), ([], (0,)), ([1.0, 2.0], (2,)), ([[1.0, 2.0]] * 3, (3, 2)), ([[], []], (2, 0)),
        ([[1.0], [2.0, 3.0]], None), ([[1.0], 2.0], None), ((1.0,), None), ([(1.0,)], None),
        ({"a": 1.0}, None), ([[[1.0]], [[2.0]]], (2, 1, 1)),
    ],
)  # fmt: skip
def test_axes_of_nested_lists(tree, axes):
    assert structure_of(tree).axes == axes
    if axes and 0 not in axes:
        assert nested_lists(axes) == structure_of(tree)


def test_one_form_only():
    assert container(tuple, [NUMBER] * 2) == Structure(tuple, 2) == structure_of((1.0, 2.0))
    assert structure_of([1, Value(2.0), 3.0]) == structure_of([1.0, 2.0, 3.0])
    assert structure_of([]) == container(list, []) == nested_lists((0,))
    assert Structure(list, 2).parts == (NUMBER, NUMBER)


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (1.0, "a number"), ([], "a list of 0 numbers"), ((1.0,), "a tuple of 1 number"),
        ([[1.0, 2.0], [3.0, 4.0]], "a list of 2 lists of 2 numbers"),
        (Point(1.0, 2.0), "a tuple of 2 numbers"), ([1.0, [2.0]], "a list of 2 nested structures"),
        ([{"w": 1.0}], "a list of 1 dict of 'w'"),
    ],
)  # fmt: skip
def test_in_words(tree, words):
    assert str(structure_of(tree)) == words


# --- Arrays ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 2), (0,), (2, 0)])
def test_an_array_is_a_structure_too(shape):
    given = np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)
    numbers, structure = flatten([given, 1.0], "it")
    assert all(type(x) is float for x in numbers)
    built, one = structure.build(numbers)
    assert (built.dtype, built.shape, one) == (np.float64, shape, 1.0)
    assert (built == given).all()
    names = structure.names("it")
    assert [eval(name, {"it": [given, 1.0]}) for name in names] == numbers
    assert structure.plain() == structure.with_lists()
    assert structure.plain().build(numbers) == [given.tolist(), 1.0]
    assert hash(structure) == hash(structure_of([given, 2.0]))
    assert structure.parts[0].axes == shape


def test_arrays_of_anything_are_arrays_of_objects():
    x = Value(2.0)
    numbers, structure = flatten(np.array([[1, x]], dtype=object), "it")
    assert numbers == [1.0, x]
    assert structure.build("ab").tolist() == [["a", "b"]]
    assert structure.build([[1.0], [2.0]]).tolist() == [[[1.0], [2.0]]]
    assert str(structure) == "an array of shape (1, 2)"
    assert str(structure_of([np.zeros(2)] * 2)) == "a list of 2 arrays of shape (2,)"


def test_arrays_and_lists_stand_for_each_other():
    array_like, list_like = structure_of(np.zeros((2, 2))), structure_of([[0.0, 0.0]] * 2)
    for tree in (np.eye(2), np.eye(2, dtype=int).tolist(), [np.array([1, 0]), (0.0, 1.0)]):
        assert array_like.numbers_of(tree, "it") == [1.0, 0.0, 0.0, 1.0]
        assert list_like.numbers_of(tree, "it") == [1.0, 0.0, 0.0, 1.0]
    for tree in (np.zeros(4), np.zeros((2, 1)), [1.0, 2.0], [[1.0], [2.0, 3.0]], 1.0):
        with pytest.raises(TypeError, match=r"^it.* is .*does not have the structure of a"):
            array_like.numbers_of(tree, "it")
        with pytest.raises(TypeError, match=r"^it.* is "):
            list_like.numbers_of(tree, "it")


def test_a_structure_in_place_of_the_numbers_of_another():
    rows = [[1.0, 2.0], [3.0, 4.0]]
    pair, vector, named = structure_of((0.0, 0.0)), structure_of(np.zeros(2)), Point(0.0, 0.0)
    assert crossed(pair, pair, rows) == ((1.0, 2.0), (3.0, 4.0))
    assert crossed(vector, pair, rows).tolist() == rows
    assert crossed(vector, vector, rows).tolist() == rows
    assert [row.tolist() for row in crossed(pair, vector, rows)] == rows
    x, y = crossed(vector, structure_of(named), rows)
    assert (x.tolist(), y.tolist()) == ([1.0, 3.0], [2.0, 4.0])
    parts = crossed(vector, structure_of({"w": np.zeros((1, 1)), "b": 0.0}), rows)
    assert (parts["w"].shape, parts["b"].tolist()) == ((2, 1, 1), [2.0, 4.0])
    assert structure_of(np.zeros(2)) == Structure(Array, 2, (2,))
