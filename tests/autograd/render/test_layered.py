"""The built-in layout: no box on another, no arrow through a box, the same every time."""

import itertools
import random

import pytest

from autograd.render.layered import layered_layout


def random_boxes(seed, count=40):
    generator = random.Random(seed)
    edges = []
    for head in range(1, count):
        for _ in range(generator.choice([0, 1, 1, 2, 2, 5])):
            edges.append((generator.randrange(max(0, head - 15), head), head))
    sizes = []
    for box in range(count):
        ports = sum(head == box for _, head in edges)
        sizes.append((generator.uniform(20, 160), max(generator.uniform(20, 60), 15 * ports)))
    return sizes, edges


def curve_points(route, steps=24):
    """Points on the curves that the drawing puts through a route."""
    for (x0, y0), (x1, y1) in itertools.pairwise(route):
        turn = (x0 + x1) / 2
        for step in range(steps + 1):
            t = step / steps
            a, b, c, d = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3
            yield a * x0 + (b + c) * turn + d * x1, (a + b) * y0 + (c + d) * y1


@pytest.mark.parametrize("seed", range(40))
def test_boxes_do_not_overlap_and_arrows_keep_clear_of_boxes(seed):
    sizes, edges = random_boxes(seed)
    layout = layered_layout(sizes, edges)
    frames = [
        (x, y, x + width, y + height)
        for (x, y), (width, height) in zip(layout.corners, sizes, strict=True)
    ]
    for (left, top, right, bottom), other in itertools.combinations(frames, 2):
        apart = right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
        assert apart
    for left, top, right, bottom in frames:
        assert left >= -1e-6
        assert top >= -1e-6
        assert right <= layout.width + 1e-6
        assert bottom <= layout.height + 1e-6
    for route in layout.routes:
        for x, y in curve_points(route):
            for left, top, right, bottom in frames:
                inside = left + 0.1 < x < right - 0.1 and top + 0.1 < y < bottom - 0.1
                assert not inside


@pytest.mark.parametrize("seed", range(10))
def test_arrows_run_right_from_tail_to_a_port_of_their_own(seed):
    sizes, edges = random_boxes(seed)
    layout = layered_layout(sizes, edges, port_gap=15.0)
    arrivals = {}
    for (tail, head), route in zip(edges, layout.routes, strict=True):
        assert layout.layers[tail] < layout.layers[head]
        assert all(before[0] <= after[0] for before, after in itertools.pairwise(route))
        (x, y), (width, height) = layout.corners[tail], sizes[tail]
        assert route[0] == pytest.approx((x + width, y + height / 2))
        assert route[-1][0] == pytest.approx(layout.corners[head][0])
        arrivals.setdefault(head, []).append(route[-1][1])
    for head, heights in arrivals.items():
        heights.sort()
        assert all(lower - upper > 14.9 for upper, lower in itertools.pairwise(heights))
        top, height = layout.corners[head][1], sizes[head][1]
        assert top <= heights[0]
        assert heights[-1] <= top + height


def test_parallel_edges_stay_two():
    layout = layered_layout([(40, 20), (40, 40)], [(0, 1), (0, 1)])
    assert layout.routes[0][-1] != layout.routes[1][-1]


def test_a_crossing_that_can_be_avoided_is_avoided():
    # Drawn in the order given, 0-3 and 1-2 would cross.
    layout = layered_layout([(40, 20)] * 4, [(0, 3), (1, 2)])
    starts = layout.routes[0][0][1] - layout.routes[1][0][1]
    ends = layout.routes[0][-1][1] - layout.routes[1][-1][1]
    assert starts * ends > 0


def test_a_chain_is_straight_and_a_leaf_stands_beside_its_reader():
    layout = layered_layout([(40, 20)] * 5, [(0, 1), (1, 2), (2, 4), (3, 4)])
    assert layout.layers == [0, 1, 2, 2, 3]
    heights = {round(layout.corners[box][1], 3) for box in (0, 1, 2)}
    assert len(heights) == 1


@pytest.mark.parametrize("seed", range(5))
def test_equal_input_gives_an_equal_layout(seed):
    assert layered_layout(*random_boxes(seed)) == layered_layout(*random_boxes(seed))


def test_an_empty_graph_has_an_empty_layout():
    layout = layered_layout([], [])
    assert (layout.width, layout.height, layout.corners) == (0.0, 0.0, [])


@pytest.mark.parametrize("edge", [(1, 0), (0, 0), (0, 5), (-1, 1)])
def test_edges_that_do_not_run_forward_are_refused(edge):
    with pytest.raises(ValueError, match="topological order"):
        layered_layout([(40, 20)] * 3, [edge])


def test_thick_edges_get_more_room():
    layout = layered_layout(
        [(40, 20), (40, 20), (40, 90)], [(0, 2), (1, 2), (1, 2)], thickness=[10.0, 0.0, 4.0]
    )
    heights = sorted(route[-1][1] for route in layout.routes)
    assert heights[1] - heights[0] == pytest.approx(15 + (10 + 0) / 2)
    assert heights[2] - heights[1] == pytest.approx(15 + (0 + 4) / 2)


def test_a_long_arrow_with_room_around_it_is_level():
    # By least squares alone its three stretches would lie at three heights.
    edges = [(0, 1), (0, 2), (1, 3), (3, 4), (3, 5), (4, 6), (0, 6)]
    layout = layered_layout([(40, 30)] * 7, edges)
    passing = layout.routes[-1][1:-2]
    assert len(passing) == 6
    assert len({round(y, 6) for _, y in passing}) == 1
