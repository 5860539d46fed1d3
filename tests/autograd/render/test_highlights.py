"""Which paths are coloured, numbered and counted: at six, the border, and on both sides of it."""

from __future__ import annotations

import math
import random

import pytest

import autograd
from autograd import Value, path_sum, paths, use_counts
from autograd.render import palette
from autograd.render.highlights import Highlight, highlight_paths
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


def texts(found):
    return [line.text for line in found.caption]


@pytest.mark.parametrize("count", [1, 2, 5, 6, 7, 12])
def test_up_to_six_paths_have_a_colour_and_a_number_of_their_own(count):
    x, output = fan(count)
    found = found_in([x], output)
    assert found.count == count
    in_order = [path.nodes[1] for path in paths(x, output)]
    for number, node in enumerate(in_order):
        if count <= 6:
            assert found.tracks[node] == [number]
            assert found.stroke(node, 1).colours == (palette.PATHS[number],)
            assert found.mark(node) == (CIRCLED[number] if count > 1 else "")
        else:
            assert found.stroke(node, 1).colours == (palette.MANY_PATHS,)
            assert found.mark(node) == ""
    if count <= 6:
        assert found.tracks[x] == found.tracks[output] == list(range(count))
        assert found.stroke(x, count).colours == palette.PATHS[:count]
        assert len(found.tracks) == 2 + count + 2 * count  # ends, products, and their edges
    else:
        assert found.tracks == {}
    assert found.mark(x) == ""


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
        mark = f"{CIRCLED[place]} " if 1 < count <= 6 else ""
        assert lines[1 + place] == f"{mark}{count - place} × 1 = {count - place}"
        colour = palette.PATHS[place] if count <= 6 else palette.MANY_PATHS
        assert found.caption[1 + place].colour == colour
    rest = lines[1 + shown :]
    if count > 6:
        left = sum(range(1, count - 5))
        assert rest.pop(0) == f"… and {count - 6} more, adding {left}"
    if count > 1:
        terms = [str(count - place) for place in range(count)]
        terms = terms if count <= 6 else [*terms[:3], "…"]
        assert rest.pop(0) == f"∂y/∂x = {' + '.join(terms)} = {total}"
        assert rest.pop(0) == "×n: shared by n paths, computed once"
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
        "×n: shared by n paths, computed once",
    ]
    assert found.tracks == {}
    assert found.stroke(x, 3).colours == (palette.MANY_PATHS,)


def test_several_sources_number_their_paths_on():
    (x, of_x), (z, of_z) = fan(2), fan(3, "z")
    output = of_x + of_z
    output.label = "y"
    found = found_in([x, z], output)
    assert found.count == 5
    assert [found.mark(path.nodes[1]) for path in paths(x, output)] == list(CIRCLED[:2])
    assert [found.mark(path.nodes[1]) for path in paths(z, output)] == list(CIRCLED[2:5])
    assert found.tracks[output] == [0, 1, 2, 3, 4]
    lines = texts(found)
    assert [line[0] for line in lines if line[0] in CIRCLED] == list(CIRCLED[:5])
    assert len(texts(found_in([x, z, x], output))) > len(lines)  # 7 paths: no numbers any more
    assert not any(line[0] in CIRCLED for line in texts(found_in([x, z, x], output)))


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
    says_shared = any(line.startswith("×n") for line in texts(found))
    assert says_shared == (max(found.nodes.values(), default=0) > 1)
    for leaf in leaves:
        if use_counts(leaf, output).count > 1:
            assert any(f"= {path_sum(leaf, output).gradient:.4g}" in line for line in texts(found))


def test_thickness_grows_with_the_share_of_the_paths():
    found = Highlight(count=8)
    widths = [found.stroke("somewhere", uses).thickness for uses in range(9)]
    assert widths[0] == 2.2
    assert widths[8] == 7.0
    assert widths == pytest.approx([2.2 + 4.8 * uses / 8 for uses in range(9)])
    huge = Highlight(count=2**4000)  # beyond every float
    assert huge.stroke("somewhere", 2**3999).thickness == pytest.approx(2.2 + 4.8 / 2)


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
