import pytest


def test_only_the_topological_order_with_accumulation_is_right(demo):
    found = demo.outcomes()
    assert list(found.values()) == [8.0, 2.0, 2.0, 10.0, 6.0]
    h = 1e-6
    slope = (demo.graph(1.0 + h)[0].data - demo.graph(1.0 - h)[0].data) / (2.0 * h)
    assert pytest.approx(slope) == demo.TRUTH
    output, leaf = demo.graph()
    output.backward()
    assert leaf.grad == demo.TRUTH


def test_on_a_tree_all_ways_are_right(demo):
    assert set(demo.outcomes(demo.tree).values()) == {8.0}


def test_the_picture_is_the_moment_at_which_it_goes_wrong(demo):
    steps = demo.sweep("each node as soon as it is met")
    assert not steps.is_right
    assert steps.first_wrong.number == 3
    assert "hands on too early" in " ".join(demo.picture().caption)
