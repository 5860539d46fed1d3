"""Order and reachability, on nodes of our own: the graph knows nothing of Values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.graph import dependents, topological_order


class Node:
    def __init__(self, *parents: Node) -> None:
        self.parents = parents


@st.composite
def graphs(draw):
    nodes: list[Node] = []
    for size in range(draw(st.integers(1, 12))):
        parents = draw(st.lists(st.integers(0, size - 1), max_size=3)) if size else []
        nodes.append(Node(*[nodes[i] for i in parents]))
    return nodes


def _ancestors(node: Node) -> set[Node]:
    return {node}.union(*[_ancestors(parent) for parent in node.parents])


@given(graphs())
def test_every_node_comes_once_and_after_its_parents(nodes):
    order = topological_order(nodes[-1])
    assert len(order) == len(set(order))
    assert set(order) == _ancestors(nodes[-1])
    place = {node: position for position, node in enumerate(order)}
    assert all(place[parent] < place[node] for node in order for parent in node.parents)


@given(graphs())
def test_several_outputs_share_one_order(nodes):
    outputs = nodes[::2]
    order = topological_order(*outputs)
    assert set(order) == set().union(*[_ancestors(output) for output in outputs])
    assert len(order) == len(set(order))
    place = {node: position for position, node in enumerate(order)}
    assert all(place[parent] < place[node] for node in order for parent in node.parents)


@given(graphs(), st.data())
def test_dependents_are_the_nodes_that_have_a_source_below_them(nodes, data):
    sources = set(data.draw(st.lists(st.sampled_from(nodes), max_size=3)))
    found = dependents(nodes, sources)
    assert found == {node for node in nodes if not sources.isdisjoint(_ancestors(node))} | sources


def test_the_order_is_that_of_the_operands():
    a, b = Node(), Node()
    left, right = Node(a), Node(b)
    output = Node(left, right)
    assert topological_order(output) == [a, left, b, right, output]
    assert topological_order(right, left) == [b, right, a, left]
    assert topological_order() == []


def test_depth_needs_no_recursion():
    node = Node()
    for _ in range(50_000):
        node = Node(node, node)
    order = topological_order(node)
    assert len(order) == 50_001
    while node.parents:  # taken apart from the top, as plain objects would recurse when freed
        node = node.parents[0]


def test_what_is_no_node_is_refused():
    with pytest.raises(TypeError, match=r"of several give topological_order\(\*outputs\)"):
        topological_order([Node()])
