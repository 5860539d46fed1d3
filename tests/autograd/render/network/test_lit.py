"""Paths in a figure of a network: colours, widths, signs and sums against the paths themselves."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest

from autograd import Value, paths
from autograd.lettering import format_number, typeset
from autograd.path_finding.routes import routes
from autograd.render import palette
from autograd.render.levels import picture_of
from autograd.render.network.reading import network_view
from autograd.render.typography import CIRCLED
from nn import MLP, squared_error
from tests.autograd.render.network.nets import NETS, lecture, weight

FINITE = sorted(set(NETS) - {"undefined"})


def lit(output, *sources, **options):
    """By (stop, stop): the arrow; and the whole picture."""
    view = network_view(output)
    stops = [stop for column in view.columns for stop in column]
    picture = picture_of(output, list(sources), "neuron", **options)
    return view, {(stops[a.tail], stops[a.head]): a for a in picture.arrows}, picture


def ways_of(view, source, route):
    """The lines that a route passes, its first one from the source's weight lines or disc."""
    own = view.stop_of.get(source)
    found = list(pairwise(route.stops))
    if own is None:
        starts = [pair for pair, link in view.links.items() if source in link.weights]
        found += [pair for pair in starts if pair[1] == route.stops[0]]
    return found


@pytest.mark.parametrize("name", FINITE)
def test_each_strand_is_a_route_as_wide_as_its_contribution(name):
    output, sources = NETS[name]()
    for source in sources:
        view, arrows, _ = lit(output, source)
        found = routes(source, output, view.stop_of.get, 6)
        expected: dict = {}
        for number, route in enumerate(found.routes):
            for pair in ways_of(view, source, route):
                expected.setdefault(pair, []).append((number, route))
        for pair, arrow in arrows.items():
            strands = arrow.stroke.strands()
            if pair not in expected:
                assert arrow.emphasis == "dim" or strands[0][0] == palette.LINE
                continue
            assert arrow.emphasis == "lit"
            for (colour, width, hollow, dashed), (number, route) in zip(
                strands, expected[pair], strict=False
            ):
                assert colour == palette.PATHS[number]
                assert hollow == (route.contribution < 0.0)
                assert dashed == (route.share == 0.0)
                thinnest = 1.4
                room = 13.0 - thinnest * min(found.route_count, 6)
                assert width == pytest.approx(thinnest + room * route.share, abs=1e-9)
            rest = strands[len(expected[pair]) :]
            assert [colour for colour, *_ in rest] in ([], [palette.LINE])
            assert arrow.stroke.thickness <= 13.0 + 1.4 + 1e-6


@pytest.mark.parametrize("name", FINITE)
def test_badges_count_the_routes_that_share_a_line(name):
    output, sources = NETS[name]()
    source = sources[0]
    view, arrows, _ = lit(output, source)
    found = routes(source, output, view.stop_of.get, 1000)
    if found.route_count > 6:
        return  # tested below: badges stand where it is asked
    for pair, arrow in arrows.items():
        count = sum(ways_of(view, source, route).count(pair) for route in found.routes)
        assert arrow.badge == (f"×{count}" if count > 1 else "")
        alone = count == 1 and found.route_count > 1
        assert (arrow.mark in CIRCLED and bool(arrow.mark)) == alone


def numbers_in(text):
    found = re.findall(r"[−-]?(?:\d+\.?\d*(?:e[+−-]?\d+)?|inf|nan)", text)
    return [float(number.replace("−", "-")) for number in found]


@pytest.mark.parametrize("name", FINITE)
def test_what_is_written_below_adds_up_to_the_gradient(name):
    output, sources = NETS[name]()
    for source in sources:
        _, _, picture = lit(output, source)
        found = routes(source, output, network_view(output).stop_of.get, 6)
        texts = [line.text for line in picture.caption]
        gradient = output.adjoints_of([source])[0]
        assert math.isclose(found.gradient, gradient, rel_tol=1e-12)
        if found.route_count > 1:
            total = next(text for text in texts if text.startswith(("∂", "gradient =")))
            assert total.endswith(f" = {typeset(format_number(gradient))}")
            shown = found.routes if found.route_count <= 6 else found.routes[:3]
            terms = total.split(" = ")[1].replace(" − ", " + −").split(" + ")
            expected = [typeset(format_number(route.contribution)) for route in shown]
            assert terms == expected + ["…"] * (found.route_count > 6)


def test_products_of_single_paths_have_the_numbers_of_paths():
    output, (first, last, bias) = lecture()
    for source in (first, last, bias):
        _, _, picture = lit(output, source)
        for place, path in enumerate(paths(source, output)):
            mark = CIRCLED[place] if len(list(paths(source, output))) > 1 else ""
            line = next(x for x in picture.caption
                        if x.text.startswith(mark) and " × " in x.text)  # fmt: skip
            if mark:
                assert line.colour == palette.PATHS[place]
            factors, product = line.text.lstrip(mark + " ").split(" = ")
            assert numbers_in(product)[0] == pytest.approx(path.product, rel=1e-3)
            assert [numbers_in(factor)[0] for factor in factors.split(" × ")] == pytest.approx(
                list(path.local_derivatives), rel=1e-3
            )
            assert "× −" not in line.text  # negative factors stand in parentheses


def test_symbols_are_those_of_the_textbook():
    output, (first, *_) = lecture()
    _, _, picture = lit(output, first, show="symbols")
    assert picture.caption[1].text == (
        "① x₁ · tanh′(z₁⁽¹⁾) · w₁₂⁽²⁾ · tanh′(z₂⁽²⁾) · w₂₁⁽³⁾ · ∂L/∂z₁⁽³⁾ = −0.4793"
    )
    _, _, picture = lit(output, first, show="both")
    assert picture.caption[1].text.startswith("① x₁ · ")
    assert picture.caption[2].text.startswith("= 0.5 × ")


def test_a_dead_unit_cuts_every_path_with_a_zero():
    output, (first, _) = NETS["dead_units"]()
    _, arrows, picture = lit(output, first)
    on_the_way = [arrow for arrow in arrows.values() if arrow.emphasis == "lit"]
    assert on_the_way
    assert all(all(arrow.stroke.dashed) for arrow in on_the_way)
    assert "∂L/∂w₁₁⁽¹⁾ = 0 + 0 + 0 + 0 = 0" in [line.text for line in picture.caption]
    dead = [box for box in picture.boxes if box.stroke.dashed]
    assert {dict(box.rows)["a"] for box in dead} == {"0"}
    assert len(dead) == 3


def test_several_values_share_six_colours():
    model = MLP(2, [3, 3, 1], "tanh", seed=3)
    loss = squared_error(model([0.5, -1.0]), 1.0)
    loss.backward()
    sources = [weight(model), weight(model, 0, 1), weight(model, 0, 2)]
    _, arrows, picture = lit(loss, *sources)
    coloured = {line.colour for line in picture.caption if line.colour in palette.PATHS}
    assert coloured == set(palette.PATHS)
    colours = {colour for arrow in arrows.values() for colour in arrow.stroke.colours}
    assert set(palette.PATHS) <= colours
    labels = [arrow.label for arrow in arrows.values() if arrow.label]
    assert labels == ["w₁₁⁽¹⁾", "w₁₂⁽¹⁾", "w₁₃⁽¹⁾"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Value(1.0, "v"), "no path leads from v to L: the gradient is 0"),
        (Value(1.0, "c").detach(), "no path leads from"),
    ],
)
def test_what_is_not_in_the_graph_is_said_to_be_nowhere(source, words):
    output, _ = lecture()
    _, arrows, picture = lit(output, source)
    text = picture.caption[0].text
    assert text.startswith(words) or "is a constant: no gradient flows to it" in text
    assert {arrow.emphasis for arrow in arrows.values()} == {"dim"}


def test_a_number_that_is_undefined_has_lines_that_can_be_drawn():
    output, sources = NETS["undefined"]()
    for source in sources:
        _, arrows, _ = lit(output, source)
        assert all(math.isfinite(arrow.stroke.thickness) for arrow in arrows.values())
