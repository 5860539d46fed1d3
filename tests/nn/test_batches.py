"""Batches: one result per row, each what a call with that row alone gives, named by its row."""

import copy
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, find, no_grad, path_sum, paths
from autograd.graph import topological_order
from autograd.render.typography import pretty_label
from autograd.units import units_of
from nn import MLP, Layer, Module, Neuron, bce, cross_entropy, mse, squared_error
from nn.initializers import constant
from nn.notation import names_in_batch

ROWS = [[0.5, -1.0], [1.0, 2.0], [3.0, -0.5]]


def numbers(results):
    return [[y.data for y in (row if isinstance(row, list) else [row])] for row in results]


def labels(output):
    return {node.label for node in topological_order(output) if node.label}


MODELS = [
    Neuron(2, activation="tanh", seed=1),
    Neuron(2, nonlin=False, seed=1),
    Layer(2, 3, activation="sigmoid", seed=1),
    Layer(2, 1, seed=1),
    Layer(2, 3, activation="softmax", seed=1),
    MLP(2, [1], seed=1),
    MLP(2, [4, 3, 2], activation="tanh", output_activation="softmax", seed=1),
    MLP(2, [4, 1], activation=lambda z: z * z / (1.0 + z * z), seed=1, bias=False),
]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.integers(1, 3),
    st.integers(1, 6),
    st.sampled_from(["tanh", "relu", "linear", "gelu"]),
    st.sampled_from(["linear", "sigmoid", "softmax"]),
    st.booleans(),
)
def test_a_batch_gives_what_its_rows_give_one_by_one(sizes, nin, count, hidden, last, bias):
    last = "linear" if last == "softmax" and sizes[-1] == 1 else last
    model = MLP(nin, sizes, hidden, last, seed=3, bias=bias)
    rows = [[(3 * n + i) % 7 - 2.5 for i in range(nin)] for n in range(count)]
    together = model(rows)
    assert len(together) == count
    one_by_one = [model(row) for row in rows]
    assert [type(y) for y in together] == [type(y) for y in one_by_one]
    assert numbers(together) == numbers(one_by_one)
    gradients = []
    for outputs in (together, one_by_one):
        model.zero_grad()
        flat = [y for row in outputs for y in (row if isinstance(row, list) else [row])]
        mse(flat, [0.25] * len(flat)).backward()
        gradients.append([p.grad for p in model.parameters()])
    assert gradients[0] == gradients[1]


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_every_name_of_a_batch_says_which_example_it_belongs_to(model):
    alone = model(ROWS[0])
    outputs = alone if isinstance(alone, list) else [alone]
    names = {label for y in outputs for label in labels(y)}
    for number, result in enumerate(model(ROWS), start=1):
        found = {
            y for one in (result if isinstance(result, list) else [result]) for y in labels(one)
        }
        expected = {name if name.startswith(("w", "b")) else f"{name}[{number}]" for name in names}
        assert found == expected


def test_names_of_one_example_have_no_brackets():
    for model in MODELS:
        result = model(ROWS[0])
        for y in result if isinstance(result, list) else [result]:
            assert not any("[" in label for label in labels(y))


def test_a_batch_of_one_row_is_a_batch():
    model = MLP(2, [3, 1], seed=1)
    [y] = model([[0.5, -1.0]])
    assert (y.data, y.label) == (model([0.5, -1.0]).data, "z_1^(2)[1]")


class Table:
    """As a data frame: iterating gives the names of the columns."""

    def __init__(self, array):
        self.array = array

    def __iter__(self):
        return iter(["height", "width"])

    def __len__(self):
        return len(self.array)

    def __array__(self, dtype=None, copy=None):
        return self.array


def test_rows_of_every_kind():
    numpy = pytest.importorskip("numpy")
    array = numpy.array(ROWS)
    model = MLP(2, [3, 1], "tanh", seed=1)
    expected = [y.data for y in model(ROWS)]
    for rows in (
        tuple(map(tuple, ROWS)),
        (row for row in ROWS),
        array,
        array.astype("float32"),
        array.T.copy().T,
        list(array),
        Table(array),
        [Row(row) for row in array],
        array.astype(object),
        numpy.array([[Value(x) for x in row] for row in ROWS]),
        numpy.ma.masked_array(array, mask=False),
    ):
        assert [y.data for y in model(rows)] == expected, type(rows)
    assert [y.data for y in model(numpy.array([[1, 2]], dtype="uint8"))] == [expected[1]]
    assert model(array[0]).data == expected[0]


class Row:
    """As a series: it has an array, and is a sequence."""

    def __init__(self, array):
        self.array = array

    def __len__(self):
        return len(self.array)

    def __array__(self, dtype=None, copy=None):
        return self.array


MANY = "the MLP takes one example, a list of numbers, or a batch, a list of such rows"


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        ([[1.0, 2.0], 3.0], TypeError, "inputs[1] must be a list of numbers, one example, got "
         "float 3.0"),
        ([[1.0, 2.0], [3.0]], ValueError, "inputs[1] has 1 number, but this MLP takes 2"),
        ([[1.0, 2.0, 3.0]], ValueError, "inputs[0] has 3 numbers, but this MLP takes 2"),
        ([[]], ValueError, "inputs[0] has 0 numbers, but this MLP takes 2"),
        ([], ValueError, "inputs has 0 numbers, but this MLP takes 2; a batch is rows of 2"),
        ([[1.0, 2.0], [1.0, float("nan")]], ValueError, "inputs[1][1] must be a finite number, got "
         "nan"),
        ([[1.0, Value(float("inf"))]], ValueError, "inputs[0][1] must be a finite number, got "
         "Value(data=inf, grad=0.0)"),
        ([[[1.0, 2.0]], [[3.0, 4.0]]], ValueError, "inputs[0] has 1 number, but this MLP takes 2"),
        ([[[1.0], [2.0]]], TypeError, f"inputs[0][0] is a list, not a number; {MANY}"),
        ([1.0, [2.0]], TypeError, f"inputs[1] is a list, not a number; {MANY}"),
        ([["1", "2"]], TypeError, f"inputs[0][0] is a str, not a number; {MANY}"),
        ([[1.0, 2.0], "ab"], TypeError, "inputs[1] must be a list of numbers, one example, got "
         "str 'ab'"),
        ([[1.0, 2.0], None], TypeError, "inputs[1] must be a list of numbers, one example, got "
         "NoneType None"),
        ([{"a": 1.0}], TypeError, "inputs[0] must be a list of numbers, one example, got dict "
         "{'a': 1.0}"),
        ([[1.0, 2.0], {1.0}], TypeError, "inputs[1] must be a list of numbers, one example, got "
         "set {1.0}"),
        ([[1.0, 1j]], TypeError, "inputs[0][1] must be a real number, got complex 1j"),
        ([[1.0, None]], TypeError, "inputs[0][1] must be a real number, got NoneType None"),
        (["12"], ValueError, "inputs has 1 number, but this MLP takes 2; a batch is rows of 2"),
        ("12", TypeError, "inputs must be a list of numbers, one example, or of rows, a batch, got "
         "str '12'"),
    ],
)  # fmt: skip
def test_errors_name_row_and_column(inputs, error, message):
    with pytest.raises(error) as caught:
        MLP(2, [3, 1])(inputs)
    assert str(caught.value) == message


def test_errors_of_arrays_name_row_and_column():
    numpy = pytest.importorskip("numpy")
    masked = numpy.ma.masked_array(ROWS, mask=[[0, 0], [0, 1], [0, 0]])
    for array, error, message in (
        (masked, TypeError, r"inputs\[1\]\[1\] must be a real number, got NoneType"),
        (numpy.array([["a", "b"]]), TypeError, r"inputs\[0\]\[0\] is a str"),
        (numpy.zeros((0, 2)), ValueError, "inputs has 0 numbers"),
        (numpy.zeros((2, 2, 2)), TypeError, r"inputs\[0\]\[0\] is a list"),
        (numpy.array(5.0), TypeError, r"inputs must be a list of numbers.*got ndarray array\(5"),
        (numpy.array([[1.0, numpy.inf]]), ValueError, r"inputs\[0\]\[1\] must be a finite number"),
    ):
        with pytest.raises(error, match=message):
            MLP(2, [3, 1])(array)


def test_a_bad_row_is_found_before_anything_is_recorded():
    calls = []
    model = Neuron(1, activation=lambda z: calls.append(z) or z.tanh())
    with pytest.raises(ValueError, match=r"inputs\[2\]\[0\]"):
        model([[1.0], [2.0], [float("nan")]])
    assert calls == []


def test_values_in_a_batch_keep_their_names_and_get_gradients():
    x = [[Value(0.5, "height"), Value(-1.0)], [Value(1.0), Value(2.0)]]
    model = MLP(2, [3, 1], "tanh", seed=1)
    first, second = model(x)
    (first * second).backward()
    assert [[v.label for v in row] for row in x] == [["height", ""], ["", ""]]
    step = 1e-6
    above, below = (model([[0.5 + h, -1.0], [1.0, 2.0]]) for h in (step, -step))
    slope = (above[0].data * above[1].data - below[0].data * below[1].data) / (2 * step)
    assert x[0][0].grad == pytest.approx(slope, rel=1e-7)


def test_losses_take_batches():
    numpy = pytest.importorskip("numpy")
    wide = MLP(2, [3, 2], seed=1)
    model = MLP(2, [1], activation="sigmoid", seed=1)
    rows, classes = numpy.array(ROWS), numpy.array([1, 0, 1])
    assert bce(model(rows), classes) == bce([model(x) for x in ROWS], [1, 0, 1])
    assert cross_entropy(wide(rows), classes) == cross_entropy([wide(x) for x in ROWS], [1, 0, 1])
    targets = numpy.array([[0.0, 1.0]] * 3)
    assert squared_error(wide(rows), targets) == squared_error(
        [wide(x) for x in ROWS], [[0.0, 1.0]] * 3
    )


def test_a_batch_in_a_compiled_loss():
    model = MLP(2, [3, 1], "tanh", seed=1)
    loss = autograd.compile(lambda x, y: mse(model(x), y), parameters=model.parameters())
    eager = mse(model(ROWS), [1.0, 0.0, 1.0])
    eager.backward()
    expected = [p.grad for p in model.parameters()]
    model.zero_grad()
    assert loss(ROWS, [1.0, 0.0, 1.0]) == eager.data
    loss.backward(ROWS, [1.0, 0.0, 1.0])
    assert [p.grad for p in model.parameters()] == pytest.approx(expected, rel=1e-12)


def test_a_batch_in_other_modes():
    model = MLP(2, [3, 1], "tanh", seed=1)
    gradient = autograd.grad(lambda x: mse(model(x), [1.0, 0.0, 1.0]))(ROWS)
    x = [[Value(v) for v in row] for row in ROWS]
    mse(model(x), [1.0, 0.0, 1.0]).backward()
    assert [[float(g.data) for g in row] for row in gradient] == [
        [v.grad for v in row] for row in x
    ]
    value, slope = autograd.jvp(lambda a: model([[a, -1.0], [1.0, 2.0]])[0], (0.5,), (1.0,))
    model.zero_grad()
    v = Value(0.5)
    model([v, -1.0]).backward()
    assert value.data == model([0.5, -1.0]).data
    assert slope.data == pytest.approx(v.grad, rel=1e-14)
    with no_grad():
        assert [y.is_constant for y in model(ROWS)] == [True] * 3


def test_batches_pass_through_modules_of_ones_own():
    class TwoLayers(Module):
        def __init__(self):
            self.hidden = Layer(2, 3, activation="tanh", seed=1)
            self.out = Layer(3, 2, nonlin=False, seed=2)

        def __call__(self, x):
            return self.out(self.hidden(x))

    model = TwoLayers()
    assert numbers(model(ROWS)) == numbers([model(x) for x in ROWS])
    assert model(ROWS)[2][1].label == "z_2[3]"


class Doubled(Neuron):
    def net_input(self, inputs):
        return 2.0 * super().net_input(inputs)


class Shifted(Neuron):
    def activate(self, net_input):
        return super().activate(net_input) + 1.0


class Residual(MLP):
    def forward(self, inputs):
        return [y + x for y, x in zip(super().forward(inputs), inputs, strict=True)]


class Clipped(Layer):
    def forward(self, inputs):
        return [autograd.minimum(y, 0.1) for y in super().forward(inputs)]


@pytest.mark.parametrize("kind", [Doubled, Shifted, Residual, Clipped])
def test_what_a_subclass_computes_otherwise_it_computes_so_in_batches(kind):
    if kind is Residual:
        model = Residual(2, [3, 2], "tanh", seed=1)
    elif kind is Clipped:
        model = MLP(2, [3, 2], "tanh", seed=1)
        model.layers[0] = Clipped(2, 3, activation="tanh", seed=4)
    else:
        model = MLP(2, [3, 2], "tanh", seed=1)
        model.layers[0].neurons[1] = kind(2, activation="tanh", seed=5)
    assert numbers(model(ROWS)) == numbers([model(x) for x in ROWS])
    assert numbers(model(ROWS)) != numbers(MLP(2, [3, 2], "tanh", seed=1)(ROWS))
    with pytest.raises(TypeError, match="has its own way from inputs to outputs"):
        model.trace(ROWS)
    alone = (
        kind(2, seed=1) if kind in (Doubled, Shifted) else kind(2, [2] if kind is Residual else 2)
    )
    assert numbers(alone(ROWS)) == numbers([alone(x) for x in ROWS])


def test_a_layer_of_another_kind_in_a_network():
    class Square:
        def forward(self, inputs):
            return [x * x for x in inputs]

    model = MLP(2, [3, 2], "tanh", seed=1)
    model.layers.insert(1, Square())
    assert numbers(model(ROWS)) == numbers([model(x) for x in ROWS])


def test_a_name_that_an_activation_gave_is_kept():
    def named(z):
        result = z * z
        result.label = "square"
        return result

    assert [a.label for a in Neuron(1, activation=named)([[1.0], [2.0]])] == ["square"] * 2
    with pytest.raises(TypeError, match="must return a Value"):
        Neuron(1, activation=lambda z: "text")([[1.0], [2.0]])


def test_a_block_around_a_model_does_not_hide_its_units():
    model = MLP(2, [2, 1], "tanh", "sigmoid", seed=1)
    with autograd.group("encoder"):
        alone, [first, _] = model([0.5, -1.0]), model([[0.5, -1.0], [1.0, 2.0]])
    for y in (alone, first):
        found = [(at.net_input.op, at.activation.op) for at in units_of(y).all]
        assert found == [("dot", "tanh"), ("dot", "tanh"), ("dot", "sigmoid")]


def test_units_of_a_batch_are_numbered_as_its_brackets():
    model = MLP(2, [2, 1], "tanh", seed=1)
    units = units_of(mse(model(ROWS), [0.0] * 3))
    for at in units.all:
        assert at.net_input.label.endswith(f"[{at.example + 1}]")


def test_copies_and_pickles_of_models_that_saw_batches():
    model = MLP(2, [2, 1], "tanh", seed=1)
    expected = numbers(model(ROWS))
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert numbers(twin(ROWS)) == expected


def test_large_batches_are_named_too():
    neuron = Neuron(1, activation="tanh")
    outputs = neuron([[0.001 * n] for n in range(1000)])
    assert [y.label for y in (outputs[0], outputs[999])] == ["a[1]", "a[1000]"]
    assert names_in_batch("z", 300)[-1] == "z[300]"


@pytest.fixture
def loss():
    model = MLP(2, [2, 1], "tanh", "sigmoid", seed=1)
    found = squared_error(model(ROWS), [1.0, 0.0, 1.0])
    found.backward()
    return model, found


def test_path_lists_tell_examples_apart(loss):
    model, output = loss
    w = model.layers[0].neurons[0].weights[0]
    names = {path.nodes[1].label for path in paths(w, output)}
    assert names == {"z_1^(1)[1]", "z_1^(1)[2]", "z_1^(1)[3]"}
    listing = str(path_sum(w, output))
    assert all(f"→ a_1^(2)[{n}] →" in listing for n in (1, 2, 3))


def test_drawings_and_trees_tell_examples_apart(loss):
    _, output = loss
    drawing = autograd.draw(output, level="operation")
    for text in (drawing.tree(), drawing.svg(), drawing.source):
        for n in (1, 2, 3):
            assert f"a₁⁽²⁾[{n}]" in text
    figure = autograd.draw(output, level="neuron", example=2)
    assert "example [2], one of 3" in " ".join(figure.caption)
    assert pretty_label("a_12,3^(2)[5]") == "a₁₂,₃⁽²⁾[5]"


def test_blame_and_errors_tell_examples_apart():
    rising = Neuron(1, activation=lambda z: z * 1e308, initializer=constant(1.0))
    anomaly = autograd.blame(autograd.sum(rising([[0.0], [2.0]])))
    assert "mul 'a[2]' (data=inf)" in str(anomaly)
    _, second = Neuron(1, activation="linear", initializer="zeros")([[1.0], [2.0]])
    with pytest.raises(ValueError, match=r"in log of dot 'z\[2\]'"):
        autograd.log(second)


def test_names_of_a_batch_are_found(loss):
    model, output = loss
    assert find(output, "z_1^(1)[2]").label == "z_1^(1)[2]"
    assert find(output, "w_11^(1)") is model.layers[0].neurons[0].weights[0]


def test_a_buffer_with_two_axes_is_a_batch():
    from array import array

    model = MLP(2, [1], "tanh", seed=1)
    rows = memoryview(array("d", [0.5, 1.0, 2.0, 3.0])).cast("B").cast("d", (2, 2))
    assert [y.data for y in model(rows)] == [y.data for y in model([[0.5, 1.0], [2.0, 3.0]])]
    with pytest.raises(ValueError, match=r"has 3 numbers, .* a batch is rows of 2"):
        model([1.0, 2.0, 3.0])
