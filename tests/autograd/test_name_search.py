"""Nodes by name: labels in any spelling, examples in brackets, units whatever their labels."""

import time

import pytest

import autograd
from autograd import Value, find
from autograd.graph import topological_order
from autograd.name_search import nearest, resolved
from autograd.render.typography import pretty_label
from nn import MLP, Layer, Neuron, squared_error

ROWS = [[0.5, -1.0], [1.0, 2.0], [3.0, -0.5]]
TARGETS = [1.0, 0.0, 1.0]


def network():
    return MLP(2, [2, 2, 1], "tanh", "sigmoid", seed=1)


def latex(label):
    """w_11^(1)[5] as w_{11}^{(1)[5]}."""
    head, _, bracket = label.partition("[")
    base, _, low = head.partition("_")
    low, _, high = low.partition("^")
    inner = high + (f"[{bracket}" if bracket and high else "")
    text = base + (f"_{{{low}}}" if low else "") + (f"^{{{inner}}}" if high else "")
    return text + (f"[{bracket}" if bracket and not high else "")


@pytest.mark.parametrize("inputs", [ROWS[0], ROWS])
@pytest.mark.parametrize("spelled", [str, pretty_label, latex])
def test_every_name_on_a_picture_finds_its_node(inputs, spelled):
    model = network()
    loss = squared_error(model(inputs), TARGETS if inputs is ROWS else 1.0)
    named = [node for node in topological_order(loss) if node.label]
    assert len(named) > 20
    for node in named:
        assert find(loss, spelled(node.label)) is node


def test_the_examples_of_a_loop_are_told_apart_by_brackets():
    model = network()
    x = [[Value(v) for v in row] for row in ROWS]
    outputs = [model(row) for row in x]
    loss = squared_error(outputs, TARGETS)
    for number, (row, output) in enumerate(zip(x, outputs, strict=True), start=1):
        assert find(loss, f"a_1^(3)[{number}]") is output
        assert find(loss, f"z_1^(3)[{number}]") is output.parents[0]
        assert find(loss, f"x_2[{number}]") is row[1]
        assert find(loss, f"a_2^(0)[{number}]") is row[1]
    with pytest.raises(LookupError):
        find(loss, "a_1^(3)[4]")


def test_brackets_count_the_rows_of_the_batch_whatever_part_of_it_is_used():
    model = network()
    outputs = model(ROWS)
    loss = squared_error([outputs[2], outputs[0]], [1.0, 0.0])
    assert find(loss, "a_1^(3)[3]") is outputs[2]
    for node in topological_order(loss):
        if node.label and "[" in node.label:
            node.label = node.label if node.label.startswith("x") else None
    assert find(loss, "a_1^(3)[3]") is outputs[2]
    assert find(loss, "z_1^(3)[1]") is outputs[0].parents[0]
    with pytest.raises(LookupError):
        find(loss, "z_1^(3)[2]")


@pytest.mark.parametrize("bias", [True, False])
def test_what_has_another_label_is_found_by_where_it_is(bias):
    model = MLP(11, [2, 12, 1], "tanh", seed=1, bias=bias)
    inputs = [Value(0.1 * i) for i in range(11)]
    output = model(inputs)
    named = {node.label: node for node in topological_order(output) if node.label}
    for number, node in enumerate(named.values()):
        node.label = f"other {number}"
    for label, node in named.items():
        assert find(output, label) is node, label
    assert find(output, "x_11") is inputs[10]
    assert find(output, "a_11^(0)") is inputs[10]
    # A linear unit has one node for both.
    assert find(output, "a_1^(3)") is find(output, "z_1^(3)") is output
    for name in (
        "z_1^(4)",
        "z_3^(1)",
        "z_1",
        "w_33^(1)",
        "w_1,2^(2)^(2)",
        "q_1^(1)",
        "x_12",
        "a_1",
    ):
        with pytest.raises(LookupError):
            find(output, name)


def test_a_label_comes_before_a_place():
    model = network()
    output = model(ROWS[0])
    unit_1, unit_2 = (find(output, f"a_{j}^(1)") for j in (1, 2))
    unit_1.label, unit_2.label = "hidden", "a_1^(1)"
    assert find(output, "a_1^(1)") is unit_2


def test_neurons_and_layers_outside_of_networks():
    neuron, layer = Neuron(2, activation="tanh", seed=1), Layer(2, 2, activation="tanh", seed=1)
    a = neuron(ROWS[0])
    a.label = a.parents[0].label = None
    assert find(a, "a") is a
    assert find(a, "z") is a.parents[0]
    assert find(a, "w_2") is neuron.weights[1]
    assert find(a, "b") is neuron.bias
    outputs = layer(ROWS[0])
    outputs[1].label = None
    assert find(outputs, "a_2") is outputs[1]
    assert find(outputs, "w_12") is layer.neurons[1].weights[0]


def test_several_outputs():
    first, second = Value(1.0, "first") * 2.0, Value(2.0, "second") * 2.0
    assert find([first, second], "second") is second.parents[0]
    assert find((x for x in (first, second)), "first") is first.parents[0]
    with pytest.raises(LookupError, match="no node has a name"):
        find([], "x")


def duplicates():
    x, y = Value(1.0, "x"), Value(2.0, "x")
    return x * y


def two_networks():
    return MLP(1, [1], seed=1)([1.0]) + MLP(1, [1], seed=1)([1.0])


@pytest.mark.parametrize(
    ("make", "name", "message"),
    [
        (lambda: squared_error(network()(ROWS), TARGETS), "z_1^(2)",
         "3 nodes are called 'z_1^(2)', one for each example; say which: 'z_1^(2)[1]', "
         "'z_1^(2)[2]', 'z_1^(2)[3]'"),
        (lambda: squared_error(list(map(network(), ROWS[:2])), [0.0, 1.0]), "x_1",
         "2 nodes are called 'x_1', one for each example; say which: 'x_1[1]', 'x_1[2]'"),
        (lambda: autograd.sum(Neuron(1, activation="tanh")([[0.1 * n] for n in range(100)])), "a",
         "100 nodes are called 'a', one for each example; say which: 'a[1]', 'a[2]', 'a[3]', "
         "'a[4]', 'a[5]', ..., 'a[100]'"),
        (duplicates, "x",
         "2 nodes are called 'x'; give the node itself, or other labels:\n"
         "  leaf 'x' (data=1.0)\n  leaf 'x' (data=2.0)"),
        (two_networks, "b_1^(1)",
         "2 nodes are called 'b_1^(1)'; give the node itself, or other labels:\n"
         "  leaf 'b_1^(1)' (data=0.0)\n  leaf 'b_1^(1)' (data=0.0)"),
    ],
)  # fmt: skip
def test_a_name_of_several_says_how_they_differ_and_how_to_say_which(make, name, message):
    with pytest.raises(ValueError) as caught:
        find(make(), name)
    assert str(caught.value) == message


def test_what_is_offered_instead_of_a_name_of_several_is_right():
    for outputs in (network()(ROWS), list(map(network(), ROWS))):
        loss = squared_error(outputs, TARGETS)
        with pytest.raises(ValueError) as caught:
            find(loss, "a_2^(1)")
        offered = str(caught.value).partition("say which: ")[2].replace("'", "").split(", ")
        assert len({id(find(loss, name)) for name in offered}) == 3


def test_nodes_of_blocks_are_listed_with_their_blocks():
    x = Value(0.5)
    nodes = []
    for _ in range(8):
        with autograd.group("attention"):
            nodes.append(x.tanh())
        nodes[-1].label = "h"
    with pytest.raises(ValueError) as caught:
        find(autograd.sum(nodes), "h")
    first, *lines = str(caught.value).splitlines()
    assert first.startswith("8 nodes are called 'h'")
    assert lines[0].startswith("  tanh 'h' (data=0.46")
    assert lines[0].endswith(", in <Group attention>")
    assert len(lines) == 7
    assert lines[-1] == "  ... and 2 more"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wieght", "nothing here is called 'wieght'; of 3 names the nearest are 'weight', "
         "'height'"),
        ("?", "nothing here is called '?'; 3 names, none of them near"),
        ("", "nothing here is called ''; 3 names, none of them near"),
        ("δ_1^(2)", "nothing here is called 'δ_1^(2)'; a delta is the gradient of a net input: "
         "find(..., 'z_1^(2)').grad; 3 names, none of them near"),
    ],
)  # fmt: skip
def test_the_nearest_names(name, message):
    total = Value(1.0, "weight") * Value(2.0, "bias") + Value(3.0, "height")
    with pytest.raises(LookupError) as caught:
        find(total, name)
    assert str(caught.value) == message


@pytest.mark.parametrize("label", [
    "two\nlines", "'quoted\"", "<b>&amp;</b>", "\x00\x1b[2J", "損失🎉", " ", "a" * 10_000, "[3]",
    "$", "x_{", "\\", "{0}%s",
])  # fmt: skip
def test_any_label_is_a_name(label):
    x = Value(2.0, label)
    assert find(x * x, label) is x
    with pytest.raises(LookupError):
        find(x * x, label + "?")


@pytest.mark.parametrize(
    ("output", "name", "message"),
    [
        (2.0, "x", "find() needs a Value, or several, to look below, got 2.0"),
        (None, "x", "find() needs a Value, or several, to look below, got None"),
        ("x", Value(1.0), "find() needs a Value, or several, to look below, got 'x'"),
        ([1.0], "x", "find() needs a Value, or several, to look below, got 1.0"),
        (Value(1.0), 3, "a name is a str, got 3"),
        (Value(1.0), None, "a name is a str, got None"),
    ],
)
def test_what_is_no_value_and_no_name(output, name, message):
    with pytest.raises(TypeError) as caught:
        find(output, name)
    assert str(caught.value) == message


def test_a_name_stands_for_its_node():
    x = Value(2.0, "x")
    y = x * x
    assert resolved(y, "x") is x
    assert resolved(y, x) is x
    assert resolved(y, None) is None
    assert resolved("x", "y") == "y"  # what asks for Values says so


DOORS = {
    "count_paths": autograd.count_paths,
    "use_counts": lambda w, loss: autograd.use_counts(w, loss).nodes,
    "multiplications": lambda w, loss: autograd.multiplications(loss, w),
    "paths": lambda w, loss: [str(path) for path in autograd.paths(w, loss)],
    "path_sum": lambda w, loss: str(autograd.path_sum(w, loss)),
    "draw": lambda w, loss: autograd.draw(loss, highlight=w).svg(),
    "draw: several": lambda w, loss: autograd.draw(loss, highlight=[w, w]).svg(),
    "draw: operations": lambda w, loss: autograd.draw(loss, w, level="operation").source,
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("name", ["w_11^(1)", "w_{12}^{(2)}", "a₁⁽¹⁾[2]", "z_2^(2)[3]", "x_1[1]"])
def test_names_are_taken_wherever_a_node_of_the_graph_is_asked_for(door, name):
    model = network()
    loss = squared_error(model(ROWS), TARGETS)
    loss.backward()
    assert door(name, loss) == door(find(loss, name), loss)


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_names_of_nothing_and_of_several_are_refused_at_every_door(door):
    loss = squared_error(network()(ROWS), TARGETS)
    loss.backward()
    with pytest.raises(LookupError, match=r"nothing here is called 'w_31\^\(1\)'"):
        door("w_31^(1)", loss)
    with pytest.raises(ValueError, match="3 nodes are called 'x_1', one for each example"):
        door("x_1", loss)


def test_a_name_in_the_place_of_an_output_is_no_value():
    w = Value(1.0, "w")
    for ask in (autograd.count_paths, autograd.use_counts, autograd.path_sum, autograd.paths):
        with pytest.raises(TypeError, match="output of a path must be a Value, not str 'w'"):
            ask(w, "w")


def test_large_and_deep_graphs():
    total = x = Value(0.5, "x")
    for number in range(50_000):
        total = total * 0.5
        total.label = f"h_{number}"
    start = time.process_time()
    assert find(total, "x") is x
    assert find(total, "h_{49999}") is total
    with pytest.raises(LookupError, match="nearest are 'h_49999'"):
        find(total, "h_49999_")
    with pytest.raises(LookupError, match=r"50001 names"):
        find(total, "z_1^(1)")
    assert time.process_time() - start < 30.0
    assert nearest("x", []) == []
