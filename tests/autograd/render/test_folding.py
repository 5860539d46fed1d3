"""Folding a wide layout: nothing is torn off, nothing leaves the picture, nothing overlaps."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.render.folding import folded
from autograd.render.layered import layered_layout


@st.composite
def graphs(draw):
    count = draw(st.integers(2, 40))
    edges = [(max(0, head - draw(st.integers(1, 3))), head) for head in range(1, count)]
    edges += draw(
        st.lists(
            st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(
                lambda pair: pair[0] < pair[1]
            ),
            max_size=6,
        )
    )
    sizes = [(draw(st.integers(20, 120)), draw(st.integers(20, 90))) for _ in range(count)]
    return [(float(w), float(h)) for w, h in sizes], edges


@settings(max_examples=150, deadline=None)
@given(graphs(), st.sampled_from([300.0, 500.0, 900.0]))
def test_every_arrow_stays_connected_and_everything_inside(graph, widest):
    sizes, edges = graph
    layout = layered_layout(sizes, edges)
    after = folded(layout, widest)
    assert after.width <= max(widest, layout.width)
    if layout.width <= widest:
        assert after is layout
    for (x, y), (width, height) in zip(after.corners, sizes, strict=True):
        assert min(x, y) >= -1e-6
        assert x + width <= after.width + 1e-6
        assert y + height <= after.height + 1e-6
    boxes = list(zip(after.corners, sizes, strict=True))
    for place, ((x, y), (width, height)) in enumerate(boxes):
        for (left, top), (wide, high) in boxes[:place]:
            apart = x >= left + wide or left >= x + width or y >= top + high or top >= y + height
            assert apart
    for (tail, head), route, before in zip(edges, after.routes, layout.routes, strict=True):
        for end, box in ((0, tail), (-1, head)):
            moved = [after.corners[box][axis] - layout.corners[box][axis] for axis in (0, 1)]
            for axis in (0, 1):
                assert abs(route[end][axis] - before[end][axis] - moved[axis]) < 1e-6
        for x, y in route:
            assert -1e-6 <= x <= after.width + 1e-6
            assert -1e-6 <= y <= after.height + 1e-6


def test_a_long_chain_is_read_row_by_row():
    chain = layered_layout([(40.0, 20.0)] * 60, [(k, k + 1) for k in range(59)])
    after = folded(chain, 500.0)
    assert after.width <= 500.0
    rows = sorted({y for _, y in after.corners})
    assert len(rows) > 3
    places = [(rows.index(y), x) for x, y in after.corners]
    assert places == sorted(places)
