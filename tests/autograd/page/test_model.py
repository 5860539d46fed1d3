"""What a page carries of a graph."""

import pytest

from autograd.graph import topological_order
from autograd.page.model import PageModel
from nn import MLP
from tests.random_graphs import random_graph


def graphs():
    yield (MLP(2, [4, 4, 1], "tanh", seed=3)([0.5, -1.0]) - 1.0) ** 2
    for seed in range(20):
        yield random_graph(seed)[1]


@pytest.mark.parametrize("output", list(graphs()), ids=[str(number) for number in range(21)])
def test_a_line_of_operations_leads_where_its_edge_does(output):
    order = topological_order(output)
    model = PageModel(output, "a graph", "operation")
    ends = [
        (model.table.place[parent], place)
        for place, node in enumerate(order)
        for parent in node.parents
    ]
    (level,) = [one for one in model.content["levels"] if one["name"] == "operation"]
    for line in level["lines"]:
        (edge,) = line["edges"]
        assert ends[edge][1] == line["head_box"]
