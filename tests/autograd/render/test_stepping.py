"""Pictures amid the sweep: each says of every node and edge what the steps say."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree

import pytest

import autograd
import nn
from autograd import Value, backward_steps, draw
from autograd.graph import topological_order
from autograd.render.operation_scene import operation_scene
from autograd.render.scene import Rectangle, Words
from autograd.render.typography import typeset
from tests.random_graphs import random_graph


def number(value):
    return f"{value + 0.0:.4g}"


def example():
    w, x = Value(0.5, label="w"), Value(3.0, label="x")
    y = (w * x).tanh() + w**2
    y.label = "y"
    return y


def first_words(factor):
    return f"({number(factor)})" if factor < 0 else number(factor)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("manner", [{}, {"order": "depth-first"}, {"accumulate": False}])
def test_every_box_and_arrow_says_what_the_steps_say(seed, manner):
    _, output = random_graph(seed, steps=5)
    order = topological_order(output)
    steps = backward_steps(output, **manner)
    received = {output: 1.0}
    pending = dict.fromkeys(steps.gradients, 0)
    for node in order:
        for parent in node.parents:
            if not parent.is_constant:
                pending[parent] += 1
    handed = set()
    for k in range(len(steps) + 1):
        if k:
            step = steps[k - 1]
            received[step.target] = step.total
            pending[step.target] -= 1
            handed.add((step.node, step.operand))
        picture = draw(steps, step=k)._picture
        for node, box in zip(order, picture.boxes, strict=True):
            rows = dict(box.rows[1:])
            if node.is_constant:
                assert rows == {}
            elif node not in received:
                assert (rows, box.emphasis) == ({"grad": "–"}, "dim")
            elif pending[node]:
                uses = f"{pending[node]} use{'s' * (pending[node] > 1)}"
                assert rows == {"so far": number(received[node]), "waits for": uses}
                assert box.emphasis == "plain"
                assert repr(received[node]) in box.hint
            else:
                assert (rows, box.emphasis) == ({"grad": number(received[node])}, "lit")
        lit = [arrow for arrow in picture.arrows if arrow.note]
        if not k:
            assert lit == []
        else:
            (arrow,) = lit
            assert order[arrow.head] is step.node
            assert order[arrow.tail] is step.target
            assert f"operand {step.operand}:" in arrow.hint
            assert arrow.legend == (
                f"{number(step.upstream)} × {first_words(step.local_derivative)} = "
                f"{number(step.contribution)}"
            )
            words = picture.caption[1].text
            assert words.startswith(arrow.legend.replace("-", "−") + "; ")
            assert f" has {number(step.total).replace('-', '−')} and " in words
        assert picture.caption[0].text.startswith(f"step {k} of {len(steps)}")
        pale = sum(arrow.emphasis == "dim" for arrow in picture.arrows)
        assert pale == len(picture.arrows) - len(handed)
        flaw = steps[k - 1].flaw if k else ""
        assert [line.text for line in picture.caption[2:]] == [
            *([flaw] if flaw else []),
            *([picture.caption[-1].text] if k else []),
        ]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("size", [3, 6])
def test_nothing_moves_from_step_to_step_and_no_text_meets_a_box(seed, size):
    _, output = random_graph(seed, steps=size)
    steps = backward_steps(output)
    places = set()
    for k in range(len(steps) + 1):
        picture = draw(output, step=k)._picture
        scene = operation_scene(picture)
        cards = {
            (c.id, m.x, m.y, m.width, m.height)
            for c in scene.clusters
            for m in c.marks
            if c.id.startswith("n") and isinstance(m, Rectangle)
        }
        places.add(frozenset(cards))
        notes = {arrow.name: arrow.note for arrow in picture.arrows if arrow.note}
        for cluster in scene.clusters:
            for mark in cluster.marks:
                if isinstance(mark, Words) and typeset(notes.get(cluster.id, "")) == mark.text:
                    for name, x, y, width, height in cards:
                        apart = mark.left >= x + width or mark.left + mark.room <= x
                        apart |= mark.y <= y or mark.y - mark.size >= y + height
                        assert apart, (name, mark)
    assert len(places) == 1 or size > 3  # a graph in several rows does not get more of them


def test_the_words_of_the_beginning_and_of_a_step():
    y = example()
    assert draw(y, step=0).caption == (
        "step 0 of 6: y begins with 1",
        "thick outline: complete; so far: in progress; pale: nothing has arrived yet",
    )
    assert draw(y, step=3).caption[:2] == (
        "step 3 of 6: ** hands on to its operand 0, w",
        "1 × 1 = 1; w has 1 and still waits for 1 use",
    )
    assert draw(y, step=5).caption[1] == "0.1807 × 3 = 0.5421; w has 1.542 and is complete"
    tree = draw(y, step=3).tree()
    assert "n0: w  data 0.5, so far 1, waits for 1 use" in tree
    assert "x  data 3, grad –" in tree
    wrong = draw(backward_steps(y, order="breadth-first"), step=-1)
    assert wrong.caption[0].startswith("step 6 of 6 (breadth-first): * hands on")
    assert repr(draw(y, step=3)) == "<Drawing: graph of y, 7 nodes, step 3 of 6>"


def test_a_wrong_step_is_named_in_the_caption():
    x = Value(1.0, label="x")
    a = x * 2.0
    a.label = "a"
    steps = backward_steps(a + a * 3.0, order="depth-first")
    at = steps.first_wrong.number
    assert draw(steps, step=at).caption[2] == "hands on too early: 1 use of it still to come"
    assert draw(steps, step=at - 1).caption[2].startswith("thick outline")


@pytest.mark.parametrize("k", range(-7, 7))
def test_steps_count_as_indices_do(k):
    y = example()
    assert draw(y, step=k).svg() == draw(y, step=range(7)[k]).svg()


def test_a_network_of_the_lecture_needs_no_more_rows_for_its_steps():
    model = nn.MLP(2, [2, 2, 1], activation="tanh", seed=1)
    loss = nn.squared_error([model([0.5, -0.8])], [1.0])
    loss.backward()
    plain = operation_scene(draw(loss, level="operation")._picture)
    count = len(backward_steps(loss))
    for k in range(0, count + 1, 5):
        scene = operation_scene(draw(loss, step=k)._picture)
        assert scene.width < 1000
        assert scene.height < 1.3 * plain.height


def test_steps_alone_are_drawn_at_their_end():
    y = example()
    assert draw(backward_steps(y)).svg() == draw(y, step=-1).svg()
    assert draw(backward_steps(y)[2:3], step=1).svg() == draw(y, step=1).svg()


class Index:
    def __index__(self):
        return 3


@pytest.mark.parametrize(("step", "error", "words"), [
    (7, IndexError, r"no step 7: the sweep from add 'y' .* steps 0 \(the beginning\) to 6, or -7"),
    (-8, IndexError, "no step -8"),
    (10**30, IndexError, "no step"),
    (True, TypeError, "whole number, not bool True"),
    (1.0, TypeError, "whole number, not float"),
    ("3", TypeError, "whole number, not str"),
    ([1], TypeError, "whole number, not list"),
])  # fmt: skip
def test_a_step_is_a_whole_number_in_range(step, error, words):
    with pytest.raises(error, match=words):
        draw(example(), step=step)
    assert draw(example(), step=Index()).caption == draw(example(), step=3).caption


def test_what_has_no_sweep_has_no_picture_of_one():
    x = Value(0.0, label="x")
    with pytest.raises(ArithmeticError, match="sqrt"):
        draw(x.sqrt(), step=0)
    with pytest.raises(ValueError, match="constant"):
        draw(x.detach(), step=0)
    y = x * x
    x.data = 1.0
    with pytest.raises(ValueError, match="edited"):
        draw(y, step=0)
    z = example()
    with pytest.raises(ValueError, match="either highlight= or step="):
        draw(z, highlight=z.parents[0], step=1)
    with pytest.raises(ValueError, match="more than the 3"):
        draw(z, step=1, max_nodes=3)
    with pytest.raises(ValueError, match=r'drawn at level="operation", not .neuron'):
        draw(z, step=1, level="neuron")
    for other in ({"only_paths": True}, {"costs": True}, {"example": 0}):
        with pytest.raises(ValueError, match="do not go with steps"):
            draw(z, step=1, **other)
    with pytest.raises(TypeError, match="output must be a Value"):
        draw(3.0, step=1)


def test_a_leaf_is_complete_at_once():
    x = Value(2.0, label="x")
    drawing = draw(x, step=0)
    assert drawing.caption == ("step 0 of 0: x begins with 1",)
    assert draw(x, step=-1).svg() == drawing.svg()
    assert draw(backward_steps(x, seed=-2.5)).caption == ("step 0 of 0: x begins with −2.5",)


def test_no_grad_is_touched():
    y = example()
    draw(y, step=3)
    assert all(node.grad == 0.0 for node in topological_order(y))


@pytest.mark.parametrize("label", [
    "<b>&\"'", "a\nb", "x | {y}", "\x00", "\ud800", "損失", "w" * 999, " ", "a, b: data",
])  # fmt: skip
def test_hostile_labels(label):
    x = Value(2.0, label=label)
    y = x * x + x
    y.label = label
    for k in (0, 1, 2, -1):
        drawing = draw(backward_steps(y, accumulate=False), step=k)
        ElementTree.fromstring(drawing.svg())
        drawing.source.encode("utf-8")
        assert len(drawing.tree().splitlines()) == 5
        assert all("\n" not in line for line in drawing.caption)


def test_infinities_and_nan_are_written_out():
    x = Value(2.0)
    steps = backward_steps(x * x, seed=math.inf)
    assert draw(steps).caption[1].startswith("inf × 2 = inf; leaf has inf")
    undefined = draw(backward_steps(x * x, seed=math.nan))
    assert "nan × 2 = nan" in undefined.caption[1]


def test_graphviz_gets_the_same_words():
    drawing = draw(example(), step=4)
    assert re.search(r'label=" 1 × 0.1807 = 0.1807 "', drawing.source)
    assert "so far 1" in drawing.source
    assert "waits for 1 use" in drawing.source


def test_a_dot_product_is_drawn_in_reading_order():
    w, x = autograd.values([1.0, 2.0]), autograd.values([3.0, 4.0])
    output = autograd.dot(w, x, 0.5)
    for step in backward_steps(output):
        arrow = next(a for a in draw(output, step=step.number)._picture.arrows if a.note)
        assert f"operand {step.operand}:" in arrow.hint
        assert topological_order(output)[arrow.tail] is step.target
