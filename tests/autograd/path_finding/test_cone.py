"""What lies between two values: against the definition, searched by either engine."""

import random

import pytest

import autograd
from autograd import Primitive, Value
from autograd.graph import topological_order
from autograd.path_finding import cone as cones
from autograd.path_finding.cone import cone_of, searched
from autograd.reverse import local_derivatives
from tests.autograd.path_finding.test_paths import random_graph

CUBE = Primitive("cube", lambda x: x**3, (lambda out, x: 3.0 * x * x,))
MIX = Primitive(
    "mix",
    lambda *xs: sum(xs),
    lambda out, *xs: [float(place) for place in range(len(xs))],
    pack=lambda *xs: xs,
)


def wide_graph(seed):
    """As random_graph, with operations of one to seventy operands, and with the user's own."""
    generator = random.Random(seed)
    leaves, node = random_graph(seed)
    nodes = [*leaves, node]
    for _ in range(12):
        some = generator.choices(nodes, k=generator.choice([2, 3, 5, 35]))
        numbers = [generator.choice([0.0, 1.0, 2.0, 3.0]) for _ in some]
        nodes.append(
            generator.choice(
                [
                    lambda some, numbers: autograd.dot(some, numbers, bias=some[0]),
                    lambda some, numbers: autograd.dot(some, some[::-1]),
                    lambda some, numbers: autograd.mean([*some, *numbers]),
                    lambda some, numbers: autograd.logsumexp(some),
                    lambda some, numbers: autograd.norm([*some, 1.0]),
                    lambda some, numbers: CUBE(some[0].tanh()),
                    lambda some, numbers: MIX(*some, 2.0),
                    lambda some, numbers: autograd.clip(some[0], -0.5, 0.5) * some[1],
                    lambda some, numbers: autograd.where(some[0] > 0.0, some[0], some[1]),
                    lambda some, numbers: some[0].detach() * some[1],
                ]
            )(some, numbers)
        )
        nodes[-1] = nodes[-1].tanh()
    return leaves, nodes[-1]


@pytest.mark.parametrize("seed", range(120))
def test_a_cone_is_what_leads_from_the_source_and_to_the_output(seed):
    leaves, output = wide_graph(seed)
    order = [node for node in topological_order(output) if not node.is_constant]
    for source in [*leaves, *random.Random(seed).sample(order, min(3, len(order)))]:
        above = {source}
        for node in order:
            if any(parent in above for parent in node.parents):
                above.add(node)
        found = cone_of(source, output)
        if output not in above:
            assert found is None
            assert searched(source, output) is None
            continue
        leading = {output}
        for node in reversed(order):
            if node in leading and node is not source:
                leading.update(parent for parent in node.parents if parent in above)
        kept = [node for node in order if node in above and node in leading]
        assert found is not None
        assert [id(node) for node in found.nodes] == [id(node) for node in kept]
        place = {node: position for position, node in enumerate(kept)}
        edges = [
            (place[node], place[parent], operand, derivative)
            for node in kept[1:]
            for operand, (parent, derivative) in enumerate(
                zip(node.parents, local_derivatives(node), strict=True)
            )
            if parent in place
        ]
        columns = zip(found.heads, found.tails, found.operands, found.derivatives, strict=True)
        assert [*columns] == edges
        alike = searched(source, output)
        assert alike is not None
        assert [id(node) for node in alike[0]] == [id(node) for node in kept]
        assert alike[1:] == (found.heads, found.tails, found.operands, found.derivatives)


def test_numbers_that_are_equal_to_places_are_no_nodes():
    x, y = Value(5.0), Value(7.0)
    output = autograd.dot([x * 0.0, y * 1.0], [1.0, 2.0]) + 1.0 * x + 0.0
    for source in (x, y):
        found = cone_of(source, output)
        assert found is not None
        assert searched(source, output)[1:] == (
            found.heads,
            found.tails,
            found.operands,
            found.derivatives,
        )


def test_what_a_derivative_in_python_does_harms_no_search():
    def meddling(out, x):
        (x * 2.0).backward() if isinstance(x, Value) else Value(x).tanh().backward()
        return 1.0

    x = Value(0.5)
    node = x
    for _ in range(5):
        node = Primitive("meddling", lambda x: x, (meddling,))(node) + x
    found = cone_of(x, node)
    assert found is not None
    assert len(found.nodes) == 11
    assert found.derivatives == [1.0] * 15


def test_errors_come_from_either_search():
    x = Value(0.0, label="x")
    output = x.sqrt()
    for search in (cone_of, searched):
        with pytest.raises(ArithmeticError):
            search(x, output)
    x = Value(2.0, label="x")
    output = x * x
    x.data = 3.0
    for search in (cone_of, searched):
        with pytest.raises(ValueError, match="edited"):
            search(x, output)


def test_only_a_compiled_engine_has_a_search_of_its_own():
    assert (cones.cone is None) == (autograd.engine == "python")
