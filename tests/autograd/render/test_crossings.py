"""The order within the layers: crossings are counted, kept few, compared with the least of all."""

from __future__ import annotations

import itertools
import random

import pytest

from autograd.render.crossings import Mesh


def meshes(seed, layers=4, most=4, density=0.5):
    """A mesh of some layers whose links join neighbouring layers, with a link for every box."""
    source = random.Random(seed)
    rows = []
    edges = []
    count = 0
    for layer in range(layers):
        row = list(range(count, count + source.randint(1, most)))
        count += len(row)
        for box in row if layer else ():
            tails = [tail for tail in rows[-1] if source.random() < density]
            edges += [(tail, box) for tail in tails or [source.choice(rows[-1])]]
        rows.append(row)
    layer_of = [layer for layer, row in enumerate(rows) for _ in row]
    return Mesh([(40.0, 20.0)] * count, edges, layer_of), rows, edges


def crossings(rows, links):
    """Pairs of links between the same two rows whose ends lie the other way round, one by one."""
    place = {item: position for row in rows for position, item in enumerate(row)}
    layer = {item: number for number, row in enumerate(rows) for item in row}
    return sum(
        layer[a] == layer[c] and (place[a] - place[c]) * (place[b] - place[d]) < 0
        for (a, b), (c, d) in itertools.combinations(links, 2)
    )


def links_of(mesh):
    return [link for chain in mesh.chains for link in itertools.pairwise(chain)]


def fewest(rows, links):
    """The least number of crossings of any order, by trying all: layer after layer."""
    totals = dict.fromkeys(itertools.permutations(rows[0]), 0)
    for before, after in itertools.pairwise(rows):
        between = [(tail, head) for tail, head in links if tail in before and head in after]
        totals = {
            order: min(
                total + crossings([earlier, order], between) for earlier, total in totals.items()
            )
            for order in itertools.permutations(after)
        }
    return min(totals.values())


@pytest.mark.parametrize("seed", range(40))
def test_crossings_are_counted_as_they_are_seen(seed):
    mesh, _, _ = meshes(seed, most=6)
    links = links_of(mesh)
    source = random.Random(seed)
    for _ in range(5):
        for row in mesh.rows:
            source.shuffle(row)
        mesh._renumber(mesh.rows)
        assert mesh._crossings() == crossings(mesh.rows, links)
        for row in mesh.rows:
            for upper, lower in itertools.pairwise(row):
                of_two = [
                    (a, b) for a, b in links if {a, b} & {upper, lower}
                ]  # both links of a crossing touch one of the two
                mine = [link for link in of_two if upper in link]
                others = [link for link in of_two if lower in link]
                pairs = list(itertools.product(mine, others))
                now = sum(crossings(mesh.rows, pair) for pair in pairs)
                exchanged = [
                    [{upper: lower, lower: upper}.get(item, item) for item in each]
                    for each in mesh.rows
                ]
                then = sum(crossings(exchanged, pair) for pair in pairs)
                assert mesh._is_better_exchanged(upper, lower) == (now > then)


def test_the_order_has_nearly_as_few_crossings_as_any():
    found = least = exact = graphs = 0
    for seed in range(120):
        mesh, rows, _ = meshes(seed)
        links = links_of(mesh)
        mesh.order()
        ours, best = crossings(mesh.rows, links), fewest(rows, links)
        assert best <= ours <= best + 4
        graphs += 1
        exact += ours == best
        found += ours
        least += best
    assert exact >= 0.9 * graphs
    assert found <= 1.085 * least


@pytest.mark.parametrize("seed", range(60))
def test_no_exchange_of_two_neighbours_saves_a_crossing(seed):
    mesh, _, _ = meshes(seed, layers=5, most=9, density=0.35)
    links = links_of(mesh)
    before = crossings(mesh.rows, links)
    mesh.order()
    ours = crossings(mesh.rows, links)
    assert ours <= before
    for row in mesh.rows:
        assert sorted(mesh.index[item] for item in row) == list(range(len(row)))
        assert [mesh.index[item] for item in row] == list(range(len(row)))
        for position in range(len(row) - 1):
            row[position : position + 2] = row[position : position + 2][::-1]
            assert crossings(mesh.rows, links) >= ours
            row[position : position + 2] = row[position : position + 2][::-1]


@pytest.mark.parametrize("seed", range(40))
def test_a_tree_has_no_crossings(seed):
    # Every box has one reader, so the rows can be ordered by readers from the right.
    source = random.Random(seed)
    count = source.randint(5, 30)
    reader = [source.randrange(box + 1, min(box + 9, count)) for box in range(count - 1)]
    depth = [0] * count
    for box in reversed(range(count - 1)):
        depth[box] = depth[reader[box]] + 1
    layers = [max(depth) - of_box for of_box in depth]
    mesh = Mesh([(40.0, 20.0)] * count, list(enumerate(reader)), layers)
    mesh.order()
    assert crossings(mesh.rows, links_of(mesh)) == 0


@pytest.mark.parametrize("seed", range(20))
def test_long_arrows_are_cut_at_every_layer(seed):
    source = random.Random(seed)
    layers = sorted(source.randrange(7) for _ in range(12))
    edges = [
        (tail, head)
        for tail, head in itertools.combinations(range(12), 2)
        if layers[tail] < layers[head] and source.random() < 0.3
    ]
    mesh = Mesh([(30.0, 20.0)] * 12, edges, layers)
    assert len(mesh.chains) == len(edges)
    for (tail, head), chain in zip(edges, mesh.chains, strict=True):
        assert (chain[0], chain[-1]) == (tail, head)
        assert [mesh.layer_of[item] for item in chain] == list(
            range(layers[tail], layers[head] + 1)
        )
        assert all(item >= mesh.boxes for item in chain[1:-1])
        for left, right in itertools.pairwise(chain):
            assert right in mesh.after[left]
            assert left in mesh.before[right]
    dummies = [item for chain in mesh.chains for item in chain[1:-1]]
    assert sorted(dummies) == list(range(12, len(mesh.layer_of)))
    assert {(mesh.widths[item], mesh.heights[item]) for item in dummies} <= {(0.0, 6.0)}


def test_the_first_order_is_that_of_a_walk_along_the_edges_as_given():
    # Readers first, then what they read in the order in which they read it.
    mesh = Mesh([(40.0, 20.0)] * 6, [(1, 4), (0, 4), (3, 5), (2, 5)], [0, 0, 0, 0, 1, 1])
    assert mesh.rows == [[1, 0, 3, 2], [4, 5]]
    assert [mesh.index[item] for item in (1, 0, 3, 2, 4, 5)] == [0, 1, 2, 3, 0, 1]
    mesh.order()  # nothing crosses, so nothing moves
    assert mesh.rows == [[1, 0, 3, 2], [4, 5]]
