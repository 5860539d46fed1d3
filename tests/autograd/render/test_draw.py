"""The drawing: its statements, its numbers, its caption, its engines, its refusals."""

import itertools
import math
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import graphviz
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, paths
from autograd.render import DotMissing, Drawing, draw
from autograd.render.compose import compose
from autograd.render.graphviz_tools import BUILT_IN, DOT
from autograd.render.palette import LINE, PATHS
from autograd.render.typography import BOLDER, has_known_width, text_width
from autograd.reverse import adjoints

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
ENGINES = [BUILT_IN, pytest.param(DOT, marks=needs_dot)]
SVG = "{http://www.w3.org/2000/svg}"
AWKWARD_LABELS = [
    'say "hi"',
    "a<b>c",
    "<b>bold</b>",
    "<<i>x</i>>",
    "p|q",
    "{set}",
    "back\\slash\\",
    "\\N\\G\\l",
    "a & b &lt; c",
    "]]>",
    "größe 損失 ∂ 🎉",
    "two\nlines",
    "null\x00byte",
    "",
    " ",
    "x" * 300,
    "node",
    "a:b:c",
    "%s {0} {title}",
    '"""',
    "'''",
    '"""; import os; """',
    "<!-- -->",
    "</text></svg>",
    "&#0; &amp;",
    "\ud800 alone",
    "\x1b[31m \u202e \x85 \ufffe",
]


def expression():
    """A README-like expression; its gradients are known from micrograd."""
    a, b = Value(-4.0, label="a"), Value(2.0, label="b")
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0 + 10.0 / f
    g.label = "g"
    return g, a, b


def network(sizes=(2, 2, 2, 1), seed=1):
    generator = random.Random(seed)
    layer = [Value(generator.uniform(-1, 1)).detach() for _ in range(sizes[0])]
    for number, constant in enumerate(layer, start=1):
        constant.label = f"x_{number}"
    first = None
    for number, width in enumerate(sizes[1:], start=1):
        following = []
        for unit in range(1, width + 1):
            weights = [
                Value(generator.uniform(-1, 1), label=f"w_{place + 1}{unit}^({number})")
                for place in range(len(layer))
            ]
            first = first or weights[0]
            bias = Value(0.1, label=f"b_{unit}^({number})")
            net_input = autograd.dot(weights, layer, bias)
            net_input.label = f"z_{unit}^({number})"
            following.append(net_input.tanh())
            following[-1].label = f"a_{unit}^({number})"
        layer = following
    loss = (layer[0] - 1.0) ** 2 / 2
    loss.label = "L"
    return loss, first


def parse(svg):
    return ElementTree.fromstring(svg)


def texts(svg):
    """What stands in a picture, indices as they are read aloud."""
    found = parse(svg).iter(f"{SVG}text")
    return [element.get("aria-label") or element.text or "" for element in found]


def identifiers(svg):
    return {element.get("id") for element in parse(svg).iter() if element.get("id")}


@pytest.fixture
def no_programs(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda *args, **kwargs: None)


def test_it_is_the_digraph_that_graphviz_users_know():
    output, *_ = expression()
    output.backward()
    drawing = draw(output)
    assert isinstance(drawing, Drawing)
    assert isinstance(drawing, graphviz.Digraph)
    assert "rankdir=LR" in drawing.source
    assert "shape=record" in drawing.source
    assert '"{g|{data 24.7|grad 1}}"' in drawing.source
    assert '"{a|{data -4|grad 138.8}}"' in drawing.source
    assert '"{b|{data 2|grad 645.6}}"' in drawing.source


@pytest.mark.parametrize("engine", ENGINES)
def test_every_node_and_every_edge_is_drawn_once(engine):
    output, *_ = expression()
    output.backward()
    order = autograd.graph.topological_order(output)
    edges = sum(len(node.parents) for node in order)
    svg = draw(output, drawn_by=engine).svg()
    drawn = re.findall(r'id="([ne]\d+)"', svg)
    wanted = [f"n{place}" for place in range(len(order))] + [f"e{place}" for place in range(edges)]
    if engine == BUILT_IN:  # plain numbers stand in the card of their operation, without an arrow
        arrows = draw(output)._picture.arrows
        wanted = [name for name in wanted if name not in {
            arrow.name for arrow in arrows
            if order[arrow.tail].is_constant and not order[arrow.tail].label
        }]  # fmt: skip
    assert sorted(drawn) == sorted(wanted)


@pytest.mark.parametrize("engine", ENGINES)
def test_equal_operands_are_two_arrows_with_their_local_derivatives(engine):
    x = Value(3.0, label="x")
    square = x * x
    square.backward()
    drawing = draw(square, drawn_by=engine)
    assert drawing.source.count("n0 -> n1_op") == 2
    assert {"e0", "e1"} <= identifiers(drawing.svg())
    assert [text.strip() for text in texts(drawing.svg())].count("3") >= 2


def test_local_derivatives_multiply_along_paths_to_the_gradient_shown():
    output, a, b = expression()
    output.backward()
    drawing = draw(output)
    arrows = {}
    picture = drawing._picture
    for arrow in picture.arrows:
        arrows.setdefault(arrow.head, []).append(arrow)

    def gradients(place, seed):
        found = {place: seed}
        for arrow in arrows.get(place, []):
            if arrow.text:
                exact = float(arrow.hint.rpartition(": ")[2])
                assert f"{exact:.4g}" == arrow.text
                for node, gradient in gradients(arrow.tail, seed * exact).items():
                    found[node] = found.get(node, 0.0) + gradient
        return found

    summed = gradients(len(picture.boxes) - 1, 1.0)
    for leaf in (a, b):
        place = next(i for i, box in enumerate(picture.boxes) if box.label == leaf.label)
        assert summed[place] == pytest.approx(leaf.grad, rel=1e-12)
        assert picture.boxes[place].rows[1] == ("grad", f"{leaf.grad:.4g}")


def test_before_backward_no_zero_poses_as_a_gradient():
    x = Value(3.0, label="x")
    drawing = draw(x * 2.0)
    assert drawing.caption[0] == "no gradients yet: call backward() first"
    assert "grad" not in drawing.source.replace(drawing.caption[0], "").replace("no gradients", "")
    assert "grad" not in drawing.tree()


def test_after_backward_the_note_is_gone():
    x = Value(3.0, label="x")
    output = x * 2.0
    output.backward()
    assert not any("no gradients" in line for line in draw(output).caption)


def test_accumulated_gradients_are_shown_beside_the_gradient():
    x, y = Value(3.0, label="x"), Value(5.0, label="y")
    output = x * y
    output.backward()
    output.backward()
    y.grad = 3.0
    drawing = draw(output)
    assert '"{x|{data 3|grad 5|.grad 10}}"' in drawing.source
    assert '"{y|{data 5|grad 3}}"' in drawing.source
    assert any(line.startswith(".grad differs") for line in drawing.caption)


def test_constants_are_dim_and_parameters_coloured():
    w = Value(3.0, label="w")
    boxes = draw(w * 2.0 + w.detach())._picture.boxes
    kinds = {(box.label or box.rows[0][1]): box.kind for box in boxes}
    assert kinds["2"] == "constant"
    assert kinds["w"] == "parameter"
    assert len({box.fill for box in boxes}) == 3
    assert all(
        not arrow.text
        for arrow in draw(w * 2.0)._picture.arrows
        if boxes[arrow.tail].kind == "constant"
    )


def test_names_do_not_change_from_run_to_run():
    first, second = (draw(*network()) for _ in range(2))
    assert first.source == second.source
    assert (
        draw(network()[0], drawn_by=BUILT_IN).svg() == draw(network()[0], drawn_by=BUILT_IN).svg()
    )


def test_pictures_do_not_depend_on_the_hash_seed():
    script = (
        "from autograd import Value; from autograd.render import draw;"
        "x = Value(2.0, label='x'); y = (x * x).tanh() + x.exp() * 3;"
        "y.backward(); d = draw(y, x, drawn_by='built-in'); print(d.svg(), d.source, d.tree())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            cwd=Path(autograd.__file__).parents[1],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("label", AWKWARD_LABELS)
def test_any_label_can_be_drawn(label, engine):
    x = Value(3.0, label=label)
    output = x * x
    output.label = label
    output.backward()
    drawing = draw(output, x, drawn_by=engine)
    shown = texts(drawing.svg())
    if 0 < len(label) < 28 and label.strip() and label.isprintable():
        joined = [" ".join(text.split()) for text in shown]
        assert " ".join(label.split()) in joined
    assert ElementTree.tostring(parse(drawing.svg()))
    assert "<script" not in drawing.html()
    assert "<b>bold</b>" not in drawing.html()


@settings(max_examples=60)
@given(st.text(max_size=12))
def test_no_label_breaks_a_picture(label):
    x = Value(3.0, label=label)
    output = x * x
    output.label = label
    drawing = draw(output, x, drawn_by=BUILT_IN)
    parse(drawing.svg())
    for text in (drawing.html(), drawing.source, str(drawing)):
        text.encode()  # nothing half of a character


def test_names_are_set_with_indices():
    loss, _ = network()
    shown = texts(draw(loss, drawn_by=BUILT_IN).svg())
    assert {"w₁₁⁽¹⁾", "b₂⁽²⁾", "z₁⁽³⁾", "a₁⁽¹⁾", "x₁", "L"} <= set(shown)


# --- Highlighting ---------------------------------------------------------------------------------


def test_the_lecture_network_in_two_colours():
    loss, weight = network()
    loss.backward()
    drawing = draw(loss, weight)
    picture = drawing._picture
    colours = [arrow.stroke.colours for arrow in picture.arrows if arrow.emphasis == "lit"]
    first, second = [c for c in dict.fromkeys(colours) if len(c) == 1]
    both = next(c for c in colours if len(c) == 2)
    assert first != second
    assert set(both) == {*first, *second}
    # w z a | z a, z a | z a - ** / in edges: 2 shared, 3 + 3 alone, 4 shared
    assert colours.count(first) == colours.count(second) == 3
    assert colours.count(both) == 6
    badges = {box.label: box.badge for box in picture.boxes}
    assert badges["z₁⁽¹⁾"] == badges["z₁⁽³⁾"] == badges["L"] == "×2"
    assert badges["z₁⁽²⁾"] == badges["z₂⁽²⁾"] == badges["z₂⁽¹⁾"] == ""
    assert next(box for box in picture.boxes if box.label == "z₂⁽¹⁾").emphasis == "dim"


def test_the_caption_is_the_sum_over_paths():
    loss, weight = network()
    loss.backward()
    caption = draw(loss, weight).caption
    products = [path.product for path in paths(weight, loss)]
    assert caption[0].startswith("2 paths from w₁₁⁽¹⁾ to L")
    for line, product, mark in zip(caption[1:3], products, "①②", strict=True):
        assert line.startswith(mark)
        assert line.endswith(f"= {product:.4g}")
        factors = [float(factor) for factor in re.findall(r"-?[\d.]+", line[1:].split("=")[0])]
        assert math.prod(factors) == pytest.approx(product, rel=5e-3)
    assert caption[3].startswith("∂L/∂w₁₁⁽¹⁾ = ")
    assert caption[3].endswith(f"= {weight.grad:.4g}")


@pytest.mark.parametrize("engine", ENGINES)
def test_of_many_paths_six_have_a_colour_and_all_a_width(engine):
    output, a, b = expression()
    output.backward()
    drawing = draw(output, a, drawn_by=engine)
    lit = [arrow for arrow in drawing._picture.arrows if arrow.emphasis == "lit"]
    colours = {colour for arrow in lit for colour in arrow.stroke.colours}
    assert colours == {*PATHS, LINE}
    assert len({arrow.stroke.thickness for arrow in lit}) > 3
    assert any(line.startswith("… and 18 more, adding ") for line in drawing.caption)
    assert next(box for box in drawing._picture.boxes if box.label == b.label).emphasis == "dim"
    parse(drawing.svg())


def test_two_to_the_sixty_paths_can_be_highlighted():
    x = total = Value(1.0, label="x")
    for _ in range(60):
        total = total + total
    drawing = draw(total, x, level="operation", drawn_by=BUILT_IN)
    assert drawing.caption[1].startswith("1.15e18 paths from x to the output")
    parse(drawing.svg())


def test_several_values_can_be_highlighted():
    x, y, z = (Value(float(i), label=name) for i, name in enumerate("xyz", start=2))
    output = x * y + z
    drawing = draw(output, [x, y])
    emphasis = {box.label: box.emphasis for box in drawing._picture.boxes}
    assert (emphasis["x"], emphasis["y"], emphasis["z"]) == ("lit", "lit", "dim")
    assert sum("path from" in line for line in drawing.caption) == 2


@pytest.mark.parametrize(
    ("mark", "line"),
    [
        (
            lambda x, output: Value(1.0, label="s"),
            "no path leads from the marked value to the output",
        ),
        (lambda x, output: output.parents[1], "is a constant: no gradient flows to it"),
        (lambda x, output: output, "1 path from the output to the output"),
    ],
)
def test_highlights_without_a_way_say_so(mark, line):
    x = Value(3.0, label="x")
    output = x * 2.0
    drawing = draw(output, mark(x, output), drawn_by=BUILT_IN)
    assert any(line in text for text in drawing.caption)
    parse(drawing.svg())


# --- Graphs without a gradient --------------------------------------------------------------------


def test_an_infinite_derivative_does_not_keep_the_graph_from_being_drawn():
    x = Value(0.0, label="x")
    output = x.sqrt() * 2.0
    drawing = draw(output, x, drawn_by=BUILT_IN)
    assert any("sqrt" in line and line.startswith("no gradients: ") for line in drawing.caption)
    assert any(text.startswith("undefined") for text in texts(drawing.svg()))


def test_an_edited_leaf_is_told():
    x = Value(2.0, label="x")
    output = x * x
    output.backward()
    x.data = 5.0
    assert any("edited" in line for line in draw(output, x).caption)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", [0.0, 1e-300, math.inf, -math.inf, math.nan])
def test_any_number_can_be_drawn(number, engine):
    parse(draw(Value(number) * 1.0, drawn_by=engine).svg())


@pytest.mark.parametrize("engine", ENGINES)
def test_a_single_leaf_and_a_constant_can_be_drawn(engine):
    x = Value(3.0, label="x")
    for output in (x, x.detach(), x.detach() * 2.0):
        drawing = draw(output, drawn_by=engine)
        parse(drawing.svg())
        assert drawing.tree()


# --- Engines --------------------------------------------------------------------------------------


@needs_dot
def test_dot_draws_where_it_is_asked_for():
    assert draw(expression()[0], drawn_by=DOT).drawn_by == DOT
    assert draw(expression()[0]).pipe(format="png").startswith(b"\x89PNG")


def test_by_default_the_picture_is_the_same_on_every_machine():
    drawing = draw(expression()[0])
    assert drawing.drawn_by == BUILT_IN
    assert drawing.svg() == draw(expression()[0], drawn_by=BUILT_IN).svg()


def test_without_any_program_the_built_in_layout_draws(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    drawing = draw(expression()[0])
    assert drawing.drawn_by == BUILT_IN
    bundle = drawing._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/svg+xml", "image/png", "text/plain"}
    assert parse(bundle["image/svg+xml"]).tag == f"{SVG}svg"


@pytest.fixture
def no_converters(monkeypatch):
    for name in ("resvg_py", "typst"):
        monkeypatch.setitem(sys.modules, name, None)


def test_without_any_program_svg_renders_and_png_says_what_to_do(
    no_programs, no_converters, tmp_path
):
    drawing = draw(expression()[0])
    written = drawing.render("graph", directory=tmp_path, cleanup=True)
    assert written == str(tmp_path / "graph.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["graph.svg"]
    assert drawing.render(outfile=tmp_path / "new" / "g.svg") == str(tmp_path / "new" / "g.svg")
    assert drawing.pipe(encoding="utf-8") == drawing.svg() == drawing.pipe().decode()
    for attempt in (
        lambda: drawing.pipe(format="png"),
        lambda: drawing.render("graph", directory=tmp_path, format="png"),
        lambda: drawing.render(outfile=tmp_path / "g.pdf"),
    ):
        with pytest.raises(DotMissing, match=r"apt install graphviz.*svg\(\), save_svg\(path\)"):
            attempt()
    assert issubclass(DotMissing, graphviz.ExecutableNotFound)


def test_no_highlight_is_no_highlight():
    output, *_ = expression()
    assert draw(output, []).source == draw(output).source


def test_a_drawing_says_what_it_is():
    assert repr(draw(expression()[0])) == "<Drawing: graph of g, 35 nodes>"


def test_a_missing_program_asked_for_by_name_is_an_error_but_not_in_a_display_hook(no_programs):
    drawing = draw(expression()[0], drawn_by=DOT)
    with pytest.raises(DotMissing):
        drawing.svg()
    assert "<svg" in drawing._repr_mimebundle_()["image/svg+xml"]


def fake_program(folder, name, script):
    program = folder / name
    program.write_text(f"#!{sys.executable}\n{script}", encoding="utf-8")
    program.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
@pytest.mark.parametrize(
    "script", ["raise SystemExit('boom')", "import sys; sys.stdout.buffer.write(b'\\xff\\xfe')"]
)
def test_a_broken_dot_costs_nobody_the_picture(monkeypatch, tmp_path, script):
    fake_program(tmp_path, "dot", script)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    drawing = draw(expression()[0])
    drawing.node("mine", "my own node")
    assert drawing.drawn_by == BUILT_IN
    assert "<svg" in drawing._repr_mimebundle_()["image/svg+xml"]


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
def test_graphviz_pure_stands_in_for_dot(monkeypatch, tmp_path):
    echo = "import sys; print('<svg>', *sys.argv[1:], len(sys.stdin.read()) > 0, '</svg>')"
    fake_program(tmp_path, "graphviz-pure", echo)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    drawing = draw(expression()[0])
    drawing.node("mine", "my own node")
    assert drawing.drawn_by == "graphviz-pure"
    assert drawing.svg().strip() == "<svg> -Kdot -Tsvg True </svg>"
    assert b"-Tpng" in drawing.pipe(format="png")


def test_a_copy_draws_the_same():
    drawing = draw(expression()[0], drawn_by=BUILT_IN)
    copied = drawing.copy()
    assert copied.source == drawing.source
    assert copied.svg() == drawing.svg()


@needs_dot
def test_statements_of_the_reader_reach_dot():
    drawing = draw(expression()[0])
    before = drawing.svg()
    drawing.node("mine", "my own node")
    assert "my own node" in drawing.svg()
    assert "my own node" not in before


# --- Pages and trees ------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_the_page_is_self_contained(engine, tmp_path):
    output, a, _ = expression()
    output.backward()
    drawing = draw(output, a, drawn_by=engine)
    html = drawing.save_html(tmp_path / "graph.html").read_text(encoding="utf-8")
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"<(script|link|img|iframe|object)\b|@import|url\(", html)
    assert html.count("<!DOCTYPE") == 1
    assert "default-src 'none'" in html
    assert drawing.tree().splitlines()[0] in html


def test_saved_svg_is_the_svg(tmp_path):
    drawing = draw(expression()[0], drawn_by=BUILT_IN)
    saved = drawing.save_svg(tmp_path / "graph.svg")
    assert saved.read_text(encoding="utf-8") == drawing.svg()


def test_the_tree_prints_what_is_shared_once():
    x = Value(3.0, label="x")
    shared = (x * x).tanh()
    output = shared + shared * 2.0
    output.label = "y"
    assert draw(output).tree().splitlines() == [
        "y = +  data 3",
        "├─ n2: tanh  data 1",
        "│  └─ *  data 9",
        "│     ├─ n0: x  data 3",
        "│     └─ x (see n0)",
        "└─ *  data 2",
        "   ├─ tanh (see n2)",
        "   └─ 2",
    ]


def test_a_deep_tree_goes_on_below_instead_of_running_off_the_page():
    total = Value(1.0, label="x")
    for _ in range(120):
        total = total.sin()
    lines = draw(total, level="operation").tree().splitlines()
    assert max(len(line) for line in lines) < 120
    assert sum("continued as" in line for line in lines) == 4
    assert lines[-1].strip().endswith("x  data 1")


@pytest.mark.parametrize("include", [None, ["text/plain"], ["image/svg+xml"]])
def test_the_bundle_holds_what_was_asked_for(include):
    bundle = draw(Value(2.0) * 3.0, drawn_by=BUILT_IN)._repr_mimebundle_(include=include)
    whole = {"text/html", "image/svg+xml", "image/png", "text/plain"}
    assert set(bundle) == set(include or whole)
    excluded = draw(Value(2.0))._repr_mimebundle_(exclude=["image/svg+xml"])
    assert set(excluded) == whole - {"image/svg+xml"}


# --- Refusals -------------------------------------------------------------------------------------


def test_a_large_graph_is_drawn_in_few_boxes():
    total = Value(1.0, label="x")
    for _ in range(100_000):
        total = total + 1.0
    drawn = draw(total, drawn_by=BUILT_IN)
    parse(drawn.svg())
    assert len(drawn.svg()) < 20_000
    with pytest.raises(ValueError, match=r"has 200001 nodes, more than the 500 .*max_nodes="):
        draw(total, level="operation")


def test_the_limit_can_be_moved():
    total = Value(1.0, label="x")
    for _ in range(300):
        total = total + 1.0
    with pytest.raises(ValueError, match="601 nodes"):
        draw(total, level="operation")
    parse(draw(total, max_nodes=601, level="operation", drawn_by=BUILT_IN).svg())
    with pytest.raises(ValueError, match="nodes"):
        draw(total, max_nodes=600, level="operation")


@pytest.mark.parametrize("bad", [3.0, "y", None, [Value(1.0)]])
def test_only_a_value_can_be_drawn(bad):
    with pytest.raises(TypeError, match="output must be a Value"):
        draw(bad)


@pytest.mark.parametrize("bad", [3.0, [Value(1.0), 2.0]])
def test_only_values_can_be_highlighted(bad):
    with pytest.raises(TypeError, match="highlight must be a Value"):
        draw(Value(1.0) * 2.0, bad)


def test_an_unknown_engine_is_refused():
    with pytest.raises(ValueError, match="drawn_by must be 'dot'"):
        draw(Value(1.0), drawn_by="neato")


# --- The built-in picture -------------------------------------------------------------------------


def frames(svg):
    """The rectangles of every box group: (left, top, right, bottom)."""
    for group in parse(svg).iter(f"{SVG}g"):
        if (group.get("id") or "").startswith("n"):
            for rect in group.findall(f"{SVG}rect"):
                if rect.get("rx") == "4":  # of the card; in it its head, on its corner a use count
                    x, y, width, height = (
                        float(rect.get(k)) for k in ("x", "y", "width", "height")
                    )
                    yield x, y, x + width, y + height


def arrow_texts(svg):
    """Where the local derivatives stand: (left, top, right, baseline)."""
    for group in parse(svg).iter(f"{SVG}g"):
        if (group.get("id") or "").startswith("e"):
            for text in group.findall(f"{SVG}text"):
                width = text_width(text.text, 10.5)
                x, y = float(text.get("x")), float(text.get("y"))
                x -= {"middle": 0.5, "end": 1.0}.get(text.get("text-anchor"), 0.0) * width
                yield x, y - 8.0, x + width, y


def apart(one, other):
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize("sizes", [(2, 2, 2, 1), (4, 6, 5, 1), (3, 8, 1)])
@pytest.mark.parametrize("highlighted", [False, True])
def test_no_local_derivative_lies_on_another_or_on_a_box(sizes, highlighted):
    loss, weight = network(sizes)
    sources = weight if highlighted else None
    svg = draw(loss, sources, level="operation", drawn_by=BUILT_IN).svg()
    found = list(arrow_texts(svg))
    assert len(found) > 10
    assert all(apart(one, other) for one, other in itertools.combinations(found, 2))
    assert all(apart(text, frame) for text in found for frame in frames(svg))


def arrow_ends(svg):
    """The level last stretch of every arrow as (tip, top, bottom), thickness included."""
    for group in parse(svg).iter(f"{SVG}g"):
        if (group.get("id") or "").startswith("e"):
            drawn = group.findall(f"{SVG}path")
            strands = [float(path.get("stroke-width")) for path in drawn if path.get("stroke")]
            tip, height = map(float, re.match(r"M(\S+) ([\d.]+)", drawn[-1].get("d")).groups())
            yield tip, height - sum(strands) / 2, height + sum(strands) / 2


def test_no_local_derivative_is_hidden_by_a_thick_arrow():
    loss, weight = network((4, 6, 5, 1))
    svg = draw(loss, weight, level="operation", drawn_by=BUILT_IN).svg()
    ends = list(arrow_ends(svg))
    assert max(bottom - top for _, top, bottom in ends) > 9
    for _, top, right, baseline in arrow_texts(svg):
        for tip, upper, lower in ends:
            if 0 < tip - right < 40:
                assert baseline <= upper or lower <= top


@pytest.mark.parametrize("sizes", [(2, 2, 2, 1), (4, 6, 5, 1), (1, 1), (9, 3, 1)])
@pytest.mark.parametrize("highlighted", [False, True])
def test_no_box_covers_another_and_nothing_is_cropped(sizes, highlighted):
    loss, weight = network(sizes)
    loss.backward()
    sources = weight if highlighted else None
    svg = draw(loss, sources, level="operation", drawn_by=BUILT_IN).svg()
    root = parse(svg)
    found = list(frames(svg))
    assert all(apart(one, other) for one, other in itertools.combinations(found, 2))
    width, height = float(root.get("width")), float(root.get("height"))
    assert all(left >= 0 and top >= 0 for left, top, _, _ in found)
    assert all(right <= width and bottom <= height for _, _, right, bottom in found)
    assert all(float(text.get("y")) < height for text in root.iter(f"{SVG}text"))


def test_gradients_are_those_of_the_output_drawn_not_of_a_later_one():
    x = Value(3.0, label="x")
    inner = x * x
    inner.backward()
    outer = inner * 10.0
    outer.backward()
    drawing = draw(inner)
    assert drawing._picture.boxes[0].rows[1] == ("grad", f"{adjoints(inner)[x]:.4g}")
    assert drawing._picture.boxes[0].rows[2] == (".grad", f"{x.grad:.4g}")


def test_the_caption_numbers_every_path_of_several_sources():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    output = a * b
    output.label = "L"
    output.backward()
    products = [line for line in draw(output, [a, b]).caption if line.startswith(("①", "②"))]
    assert products == ["① −3", "② 2"]
    assert not any("①" in line for line in draw(output, a).caption)


HOSTILE_LABELS = [
    "i" * 40, "w" * 28, "損失" * 20, "🎉" * 28, "👨\u200d👩\u200d👧" * 9, "a" + "\u0301" * 60,
    "﷽" * 5, "⸻" * 9, "\U0001202b" * 9, "a_very_long_name_of_a_parameter" * 9, "\u202eabc",
    "العربية", "{}~^" * 7,
]  # fmt: skip


@pytest.mark.parametrize("label", HOSTILE_LABELS)
def test_no_label_is_wider_than_its_box(label):
    """It has a width that fonts keep to, or is told to be as wide as its room."""
    x = Value(3.0, label)
    svg = parse(draw(x * x, drawn_by=BUILT_IN).svg())
    name = "{http://www.w3.org/2000/svg}"
    (group,) = [g for g in svg.iter(f"{name}g") if g.get("id") == "n0"]
    card = next(group.iter(f"{name}rect"))
    text = next(t for t in group.iter(f"{name}text") if t.get("font-weight") == "bold")
    start, left = float(text.get("x")), float(card.get("x"))
    size = float(text.get("font-size"))
    width = text_width(text.text, size) * BOLDER
    assert has_known_width(text.text) == (text.get("textLength") is None)
    if text.get("textLength") is not None:
        width = float(text.get("textLength"))
        assert text.get("lengthAdjust") == "spacingAndGlyphs"
    assert left <= start
    assert start + width <= left + float(card.get("width")) + 0.1
    # The whole stands in the tooltip.
    assert " ".join(label.split()) in next(group.iter(f"{name}title")).text


# What may be written in DOT, of nodes and of edges (Graphviz's own list, of what is used here).
KNOWN = {
    "arrowhead", "arrowsize", "color", "decorate", "dir", "edgetooltip", "fillcolor", "fontcolor",
    "fontname", "fontsize", "height", "href", "id", "label", "labeltooltip", "labelangle",
    "labeldistance", "labelfontcolor", "margin", "penwidth", "rank", "shape", "style", "tooltip",
    "weight", "width", "xlabel", "headlabel", "taillabel", "headclip", "tailclip", "headtooltip",
    "tailtooltip", "nodesep", "ranksep", "rankdir", "labelloc", "labeljust", "bgcolor", "splines",
    "ordering", "outputorder", "pad", "size", "ratio", "fixedsize", "constraint", "minlen", "group",
    "regular", "nojustify", "target", "URL", "class", "comment", "peripheries", "labelfontsize",
}  # fmt: skip


def test_dot_gets_attributes_that_it_knows():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    drawing = draw((x * w).tanh() + autograd.sum([x] * 9), highlight=w)
    blocks = re.findall(r"\[([^\]]*)\]", "\n".join(drawing.body))
    found = {name for block in blocks for name in re.findall(r'(\w+)=(?:"|<|[\w.#])', block)}
    assert found
    assert found <= KNOWN, found - KNOWN


@pytest.mark.parametrize("outfile", [False, True])
def test_a_picture_goes_into_a_folder_that_is_there_or_not(outfile, tmp_path, no_programs):
    drawing = draw(Value(2.0) * 3.0)
    for folder in (tmp_path, tmp_path / "new" / "deep", tmp_path / "new" / "deep"):
        if outfile:
            where = drawing.render(outfile=str(folder / "it.svg"))
        else:
            where = drawing.render("it", directory=str(folder), format="svg")
        assert Path(where).read_text(encoding="utf-8").rstrip().endswith("</svg>")


def test_what_is_drawn_cannot_be_changed_on_the_way():
    picture = compose(Value(2.0, "x") * 3.0, None, 100)
    for part in (picture, picture.boxes[0], picture.boxes[0].stroke, *picture.arrows[:1]):
        with pytest.raises(AttributeError):
            part.name = "another"
