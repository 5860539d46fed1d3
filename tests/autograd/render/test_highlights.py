"""Which paths are coloured, numbered and counted: at six, the border, and on both sides of it."""

from __future__ import annotations

import math
import random

import pytest

import autograd
from autograd import Value, path_sum, paths, use_counts
from autograd.render import palette
from autograd.render.highlights import WIDTHS, Highlight, highlight_paths
from autograd.render.typography import CIRCLED


def fan(count, label="x"):
    """A leaf with so many paths to its output, the k-th of contribution k + 1."""
    x = Value(1.0, label=label)
    output = autograd.sum([x * float(k + 1) for k in range(count)])
    output.label = "y"
    return x, output


def found_in(sources, output, weighed=True):
    names = {node: node.label for node in (*sources, output)}
    return highlight_paths(sources, output, names, weighed)


def first_edge(path):
    return path.nodes[1], path.operands[0]


def texts(found):
    return [line.text for line in found.caption]


@pytest.mark.parametrize("count", [1, 2, 5, 6, 7, 12])
def test_up_to_six_paths_have_a_colour_and_a_number_of_their_own(count):
    x, output = fan(count)
    found = found_in([x], output)
    assert found.count == count
    for number, path in enumerate(paths(x, output)):
        node, edge = path.nodes[1], (path.nodes[1], path.operands[0])
        if number < 6:
            assert found.tracks[node] == [number]
            assert found.stroke(edge).colours == (palette.PATHS[number],)
            assert found.mark(edge) == (CIRCLED[number] if count > 1 else "")
            assert found.outline(node).colours == (palette.PATHS[number],)
        else:
            assert node not in found.tracks
            assert found.stroke(edge).colours == (palette.LINE,)
            assert found.mark(edge) == ""
            assert found.outline(node).colours == (palette.INK,)
    shown = min(count, 6)
    assert found.tracks[x] == found.tracks[output] == list(range(shown))
    assert len(found.tracks) == 2 + shown + 2 * shown  # ends, products, and their edges


@pytest.mark.parametrize("count", [1, 2, 5, 6, 7, 12])
def test_the_caption_shows_six_products_and_adds_up_the_others(count):
    x, output = fan(count)
    found = found_in([x], output)
    lines = texts(found)
    total = count * (count + 1) // 2
    shown = min(count, 6)
    plural = "1 path" if count == 1 else f"{count} paths"
    rule = "multiply along it" if count == 1 else "multiply along a path, add over paths"
    assert lines[0] == f"{plural} from x to y: {rule}"
    for place in range(shown):
        mark = f"{CIRCLED[place]} " if count > 1 else ""
        assert lines[1 + place] == f"{mark}{count - place} × 1 = {count - place}"
        assert found.caption[1 + place].colour == palette.PATHS[place]
    rest = lines[1 + shown :]
    if count > 6:
        left = sum(range(1, count - 5))
        assert rest.pop(0) == f"… and {count - 6} more, adding {left}"
    if count > 1:
        terms = [str(count - place) for place in range(count)]
        terms = terms if count <= 6 else [*terms[:3], "…"]
        assert rest.pop(0) == f"∂y/∂x = {' + '.join(terms)} = {total}"
        assert rest.pop(0) == WIDTHS
    assert rest == []


def test_negative_terms_are_subtracted_and_unnamed_ends_have_a_gradient():
    x, y = Value(1.0, label="x"), Value(2.0)
    output = x * 3.0 - x * 2.0
    output.label = "y"
    assert "∂y/∂x = 3 − 2 = 1" in texts(found_in([x], output))
    output = y * 3.0 + y * 2.0
    lines = texts(highlight_paths([y], output, {output: "the output"}, True))
    assert lines[0].startswith("2 paths from the marked value to the output: ")
    assert "gradient = 3 + 2 = 5" in lines


@pytest.mark.parametrize("factors", [13, 14, 15, 16, 40])
def test_fourteen_factors_are_shown(factors):
    x = node = Value(1.0, label="x")
    for place in range(factors):
        node = node * float(place + 2)
    node.label = "y"
    (line,) = texts(found_in([x], node))[1:]
    last_first = [str(place + 2) for place in range(factors)]
    shown = last_first if factors <= 14 else [*last_first[:7], "…", *last_first[-7:]]
    assert line.split(" = ")[0] == " × ".join(shown)
    assert float(line.split(" = ")[1]) == pytest.approx(math.factorial(factors + 1), rel=1e-3)


def test_one_factor_is_a_product_of_its_own():
    x = Value(1.0, label="x")
    y = x.exp()
    y.label = "y"
    assert texts(found_in([x], y))[1:] == ["2.718"]


def test_a_graph_without_a_gradient_has_paths_but_no_products():
    x, output = fan(3)
    found = found_in([x], output, weighed=False)
    assert texts(found) == [
        "3 paths from x to y: multiply along a path, add over paths",
        WIDTHS,
    ]
    assert found.tracks == {}
    (path, *_) = paths(x, output)
    edge = path.nodes[1], path.operands[0]
    assert found.stroke(edge).colours == (palette.MANY_PATHS,)


def test_several_sources_number_their_paths_on():
    (x, of_x), (z, of_z) = fan(2), fan(3, "z")
    output = of_x + of_z
    output.label = "y"
    found = found_in([x, z], output)
    assert found.count == 5
    assert [found.mark(first_edge(path)) for path in paths(x, output)] == list(CIRCLED[:2])
    assert [found.mark(first_edge(path)) for path in paths(z, output)] == list(CIRCLED[2:5])
    assert found.tracks[output] == [0, 1, 2, 3, 4]
    lines = texts(found)
    assert [line[0] for line in lines if line[0] in CIRCLED] == list(CIRCLED[:5])
    lines = texts(found_in([x, z, x], output))  # 7 paths: six have a number
    assert [line[0] for line in lines if line[0] in CIRCLED] == list(CIRCLED)


@pytest.mark.parametrize("seed", range(10))
def test_counts_are_those_of_all_sources_together(seed):
    source = random.Random(seed)
    leaves = [Value(source.uniform(0.5, 2.0), label=name) for name in "abc"]
    nodes = list(leaves)
    for _ in range(6):
        nodes.append(source.choice(nodes) * source.choice(nodes[-3:]))
    output = nodes[-1]
    output.label = "y"
    found = found_in(leaves, output)
    each = [use_counts(leaf, output) for leaf in leaves]
    assert found.count == sum(uses.count for uses in each)
    for node in nodes:
        assert found.nodes.get(node, 0) == sum(uses.nodes.get(node, 0) for uses in each)
        for operand in range(len(node.parents)):
            edge = node, operand
            assert found.edges.get(edge, 0) == sum(uses.edges.get(edge, 0) for uses in each)
    says_shared = WIDTHS in texts(found)
    assert says_shared == (max(found.nodes.values(), default=0) > 1)
    for leaf in leaves:
        if use_counts(leaf, output).count > 1:
            assert any(f"= {path_sum(leaf, output).gradient:.4g}" in line for line in texts(found))


def test_a_strand_is_as_wide_as_its_contribution_is_large_and_hollow_if_negative():
    x = Value(1.0, label="x")
    output = autograd.sum([x * 4.0, x * -2.0, x * 0.0])
    output.label = "y"
    found = found_in([x], output)
    assert found.magnitude == 6.0
    strands = [found.stroke(first_edge(path)).strands() for path in paths(x, output)]
    assert [(hollow, dashed) for ((_, _, hollow, dashed),) in strands] == [
        (False, False), (True, False), (False, True),
    ]  # fmt: skip
    widths = [width for ((_, width, _, _),) in strands]
    least = widths[2]
    assert (widths[0] - least) / (widths[1] - least) == pytest.approx(2.0)
    assert found.stroke((output, 0)).strands() == strands[0]


@pytest.mark.parametrize("seed", range(10))
def test_what_flows_along_an_edge_is_what_its_paths_contribute(seed):
    source = random.Random(seed)
    x = Value(source.uniform(0.5, 2.0), label="x")
    nodes = [x]
    for _ in range(7):
        left, right = source.choice(nodes), source.choice(nodes[-2:])
        nodes.append(left * right if source.random() < 0.5 else left - right * 0.5)
    output = nodes[-1]
    output.label = "y"
    found = found_in([x], output)
    flows = {}
    for path in paths(x, output):
        for node, operand in zip(path.nodes[1:], path.operands, strict=True):
            flows[node, operand] = flows.get((node, operand), 0.0) + abs(path.product)
    assert set(found.flows) == set(flows)
    for edge, flow in flows.items():
        assert found.flows[edge] == pytest.approx(flow, rel=1e-12)
        # The strands of an edge are those of its coloured paths, and one for all others.
        coloured = len(found.tracks.get(edge, []))
        rest = found.edges[edge] > coloured
        assert len(found.stroke(edge).colours) in {coloured, coloured + 1} if rest else {coloured}


def test_paths_beyond_all_floats_are_lines():
    x = total = Value(1.0, label="x")
    for _ in range(2000):
        total = total + total
    uses = use_counts(x, total)
    found = Highlight(count=uses.count, edges=uses.edges, flows=dict.fromkeys(uses.edges, math.inf))
    found.magnitude = math.inf
    assert found.stroke((total, 0)).colours == (palette.MANY_PATHS,)


@pytest.mark.parametrize(("uses", "badge"), [(0, ""), (1, ""), (2, "×2"), (10**6, "×1.00e6")])
def test_a_badge_tells_what_is_shared(uses, badge):
    assert Highlight(count=uses).badge(uses) == badge


def test_a_constant_and_a_stranger_say_so_in_bold():
    _, output = fan(2)
    stranger = Value(1.0, label="s")
    for source, words in (
        (stranger, "no path leads from s to y: the gradient is 0"),
        (output.parents[0].parents[1], "the marked value is a constant: no gradient flows to it"),
    ):
        names = {output: "y", stranger: "s"}
        found = highlight_paths([source], output, names, True)
        assert texts(found) == [words]
        assert found.count == 0
