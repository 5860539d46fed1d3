"""Heights: each layer solved exactly, boxes apart, long arrows level, trees symmetric."""

from __future__ import annotations

import itertools
import random
from math import inf

import pytest

from autograd.render.crossings import Mesh
from autograd.render.layered import layered_layout
from autograd.render.placement import Placement

GAP = 14.0


def random_mesh(seed, count=14):
    source = random.Random(seed)
    layers = sorted(source.randrange(5) for _ in range(count))
    layers = [layer - layers[0] for layer in layers]
    present = sorted(set(layers))
    layers = [present.index(layer) for layer in layers]
    edges = [
        (tail, head)
        for tail, head in itertools.combinations(range(count), 2)
        if layers[tail] < layers[head] and source.random() < 0.25
    ]
    sizes = [(source.uniform(20, 80), source.uniform(20, 60)) for _ in range(count)]
    mesh = Mesh(sizes, edges, layers)
    mesh.order()
    return mesh


def placed(seed):
    mesh = random_mesh(seed)
    return mesh, Placement(mesh, GAP, [15.0] * len(mesh.chains))


def least_distances(mesh, row):
    for upper, lower in itertools.pairwise(row):
        only_arrows = upper >= mesh.boxes and lower >= mesh.boxes
        gap = GAP * 0.7 if only_arrows else GAP
        yield (mesh.heights[upper] + mesh.heights[lower]) / 2 + gap


SEEDS = pytest.mark.parametrize("seed", range(30))


@SEEDS
def test_neighbours_in_a_layer_keep_their_distance(seed):
    mesh, placement = placed(seed)
    for row in mesh.rows:
        for (upper, lower), least in zip(
            itertools.pairwise(row), least_distances(mesh, row), strict=True
        ):
            assert placement.y[lower] - placement.y[upper] >= least - 1e-6


def pull(mesh, placement, row, y, side):
    """What a layer's heights cost: squared slopes of its links, stiffer along long arrows."""
    total = sum(1e-3 * (y[item] - placement.y[item]) ** 2 for item in row)
    for edge, chain in enumerate(mesh.chains):
        for left, right in itertools.pairwise(chain):
            stiffness = {0: 1.0, 1: 2.0, 2: 8.0}[(left >= mesh.boxes) + (right >= mesh.boxes)]
            port = placement.port[edge] if right < mesh.boxes else 0.0
            if right in row and side <= 0:
                total += stiffness * (placement.y[left] - (y[right] + port)) ** 2
            if left in row and side >= 0:
                total += stiffness * (placement.y[right] + port - y[left]) ** 2
    return total


@SEEDS
@pytest.mark.parametrize("side", [-1, 0, 1])
def test_a_layer_is_solved_exactly(seed, side):
    # No other heights with the same order and distances cost less: tried in many directions.
    mesh, placement = placed(seed)
    source = random.Random(seed)
    for item in range(len(placement.y)):
        placement.y[item] += source.uniform(-60.0, 60.0)
    offsets = [placement._offsets(row, GAP) for row in mesh.rows]
    for row, offset in zip(mesh.rows, offsets, strict=True):
        before = Placement.__new__(Placement)
        before.y, before.port, before.mesh = list(placement.y), placement.port, mesh
        placement._settle(row, offset, placement._pulls(), side)
        settled = {item: placement.y[item] for item in row}
        cost = pull(mesh, before, row, settled, side)
        least = list(least_distances(mesh, row))
        for low, high in itertools.combinations(range(len(row) + 1), 2):
            for step in (0.5, -0.5, 1e-2, -1e-2):
                moved = dict(settled)
                for item in row[low:high]:
                    moved[item] += step
                apart = [moved[b] - moved[a] for a, b in itertools.pairwise(row)]
                if all(gap >= need - 1e-9 for gap, need in zip(apart, least, strict=True)):
                    assert pull(mesh, before, row, moved, side) >= cost - 1e-9 * max(cost, 1.0)


@SEEDS
def test_ports_stand_in_the_order_of_the_tails_around_the_middle(seed):
    mesh = random_mesh(seed)
    source = random.Random(seed)
    rooms = [source.uniform(10.0, 30.0) for _ in mesh.chains]
    placement = Placement(mesh, GAP, rooms)
    for head in range(mesh.boxes):
        arriving = [edge for edge, chain in enumerate(mesh.chains) if chain[-1] == head]
        arriving.sort(key=lambda edge: (mesh.index[mesh.chains[edge][-2]], edge))
        down = -sum(rooms[edge] for edge in arriving) / 2
        for edge in arriving:
            assert placement.port[edge] == pytest.approx(down + rooms[edge] / 2)
            down += rooms[edge]


@pytest.mark.parametrize(
    ("room", "start", "end", "level"),
    [
        ((-inf, inf), 3.0, 8.0, 8.0),  # level with the arrow's head, if it can be
        ((0.0, 8.0), 3.0, 8.0, 8.0),
        ((0.0, 7.9), 3.0, 8.0, 3.0),  # else with its tail
        ((3.0, 7.9), 3.0, 8.0, 3.0),
        ((3.5, 7.5), 3.0, 8.0, 5.0),  # else where the stretch is, on average
        ((5.5, 7.5), 3.0, 8.0, 5.5),  # as near as there is room
        ((3.5, 4.5), 3.0, 8.0, 4.5),
    ],
)
def test_a_stretch_is_level_with_an_end_if_it_can_be(room, start, end, level):
    placement = Placement.__new__(Placement)
    placement.y = [4.0, 6.0, 99.0, 5.0]
    placement._level([0, 1, 3], *room, start, end)
    assert placement.y == [level, level, 99.0, level]


def test_how_far_a_dummy_can_go():
    # A row of box, dummy, dummy: 6 high dummies, 20 high boxes.
    mesh = Mesh([(40.0, 20.0)] * 4, [(0, 2), (0, 3), (0, 3), (0, 1), (1, 2)], [0, 1, 2, 2])
    row = mesh.rows[1]
    placement = Placement(mesh, GAP, [15.0] * 5)
    box, dummies = 1, [item for item in row if item >= 4]
    assert len(dummies) == 3
    for place, item in enumerate(row):
        placement.y[item] = 100.0 * place
    for place, item in enumerate(row):
        if item == box:
            continue
        low, high = placement._freedom(item, GAP)
        above, below = row[place - 1 : place], row[place + 1 : place + 2]
        reach = lambda other: 6.0 + 9.8 if other >= 4 else (6.0 + 20.0) / 2 + 14.0
        assert low == (100.0 * (place - 1) + reach(above[0]) if above else -inf)
        assert high == (100.0 * (place + 1) - reach(below[0]) if below else inf)


def test_what_is_read_from_above_and_below_stands_in_the_middle():
    layout = layered_layout([(40.0, 30.0)] * 3, [(0, 2), (1, 2)])
    upper, lower, reader = (y + 15.0 for _, y in layout.corners)
    assert (upper, lower) == (15.0, 59.0)
    assert reader == pytest.approx(37.0)
    assert layout.height == 74.0


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_columns_stand_as_far_apart_as_their_steepest_arrow_needs(seed, turned):
    source = random.Random(seed)
    edges = []
    for head in range(1, 18):
        for _ in range(source.choice([1, 1, 2, 4])):
            edges.append((source.randrange(max(0, head - 7), head), head))
    sizes = [(source.uniform(20, 90), 70.0 if turned else 40.0) for _ in range(18)]
    layout = layered_layout(sizes, edges)
    rows = [[] for _ in range(max(layout.layers) + 1)]
    for box, layer in enumerate(layout.layers):
        rows[layer].append(box)
    widths = [max(sizes[box][0] for box in row) for row in rows]
    right = [max(layout.corners[box][0] + sizes[box][0] for box in row) for row in rows]
    for layer, row in enumerate(rows):
        assert [layout.corners[box][0] + sizes[box][0] for box in row] == pytest.approx(
            [right[layer]] * len(row)
        )
    assert right[0] == pytest.approx(widths[0])
    assert right[-1] == pytest.approx(layout.width)
    for layer in range(len(rows) - 1):
        climbs = [
            abs(y1 - y0)
            for route in layout.routes
            for (x0, y0), (x1, y1) in itertools.pairwise(route)
            if abs(x0 - right[layer]) < 1e-6 and x1 > x0 + 1e-6
        ]
        gap = right[layer + 1] - widths[layer + 1] - right[layer]
        assert gap == pytest.approx(min(44.0 + 0.16 * max(climbs), 150.0))


def longest_ways(count, edges):
    length = [0] * count
    for head in range(count):  # boxes come in topological order
        for tail in (tail for tail, other in edges if other == head):
            length[head] = max(length[head], length[tail] + 1)
    return length


@pytest.mark.parametrize("seed", range(40))
def test_layers_are_longest_ways_and_sources_stand_beside_their_readers(seed):
    source = random.Random(seed)
    count = 12
    pairs = itertools.combinations(range(count), 2)
    edges = [pair for pair in pairs if source.random() < 0.2]
    edges += [edges[0]] if edges else []  # a parallel pair
    layout = layered_layout([(40.0, 90.0)] * count, edges)
    way = longest_ways(count, edges)
    for box in reversed(range(count)):
        readers = [layout.layers[head] for tail, head in edges if tail == box]
        fan_in = sum(head == box for _, head in edges)
        moves = readers and len(readers) > fan_in
        assert layout.layers[box] == (min(readers) - 1 if moves else way[box])
