"""Labels as inputs of compiled losses: as good as rows with a single 1, and never frozen."""

import math
import random

import pytest

from autograd import SGD, Value, compile, jvp
from nn import MLP, cross_entropy, nll

CLASSES = 4
LOSSES = {"cross_entropy": (cross_entropy, "linear"), "nll": (nll, "softmax")}
SOURCE = random.Random(5)
ROWS = [[SOURCE.gauss(0, 1) for _ in range(3)] for _ in range(12)]
LABELS = [row % CLASSES for row in range(12)]
WRONG = [4, -1, 0.5, 1.0 + 2**-52, 1e-300, 1e300]


@pytest.fixture(params=LOSSES)
def named(request):
    return request.param


@pytest.fixture
def model(named):
    return MLP(3, [5, CLASSES], "tanh", LOSSES[named][1], seed=3)


@pytest.fixture
def program(named, model):
    loss = LOSSES[named][0]
    return compile(lambda x, y: loss(model(x), y), parameters=model.parameters())


@pytest.fixture
def eager(named, model):
    """Return eager code's loss at a row with a label, and its derivatives by the weights."""

    def at(x, label):
        model.zero_grad()
        found = LOSSES[named][0](model(x), label)
        found.backward()
        return found.data, [weight.grad for weight in model.parameters()]

    return at


def mean(numbers):
    return math.fsum(numbers) / len(numbers)


def test_points_have_eager_codes_values(program, eager):
    for x, label in zip(ROWS, LABELS, strict=True):
        assert program(x, label) == pytest.approx(eager(x, label)[0], rel=1e-14)
    assert len(program.variants) == 1


def test_points_have_eager_codes_gradients(program, model, eager):
    for x, label in zip(ROWS[:4], LABELS, strict=False):
        expected = eager(x, label)[1]
        model.zero_grad()
        program.backward(x, label)
        assert [w.grad for w in model.parameters()] == pytest.approx(expected, abs=1e-14)


def test_nothing_is_differentiated_by_the_label(program):
    assert program.value_and_grad(ROWS[0], 2)[1][1] == 0.0


def test_rows_in_any_order_are_one_program(program, eager):
    losses = program.rows(ROWS, LABELS)
    expected = [eager(x, label) for x, label in zip(ROWS, LABELS, strict=True)]
    assert losses == pytest.approx([value for value, _ in expected], rel=1e-14)
    value, gradient = program.rows_value_and_grad(ROWS, LABELS, reduce="mean")
    assert value == pytest.approx(mean([value for value, _ in expected]), rel=1e-14)
    columns = zip(*[gradient for _, gradient in expected], strict=True)
    assert gradient == pytest.approx([mean(column) for column in columns], abs=1e-14)
    assert len(program.variants) == 1


def test_a_row_with_a_single_one_gives_the_same(named, model):
    if named == "nll":
        pytest.skip("nll takes classes")
    by_label = compile(lambda x, y: cross_entropy(model(x), y), parameters=model.parameters())
    by_row = compile(lambda x, y: cross_entropy(model(x), y), parameters=model.parameters())
    hot = [[float(k == label) for k in range(CLASSES)] for label in LABELS]
    one = by_label.rows_value_and_grad(ROWS, LABELS, reduce="mean")
    other = by_row.rows_value_and_grad(ROWS, hot, reduce="mean")
    assert one[0] == pytest.approx(other[0], rel=1e-14)
    assert one[1] == pytest.approx(other[1], abs=1e-15)


def test_trained_by_labels_as_by_eager_code(named, program, model):
    twin = MLP(3, [5, CLASSES], "tanh", LOSSES[named][1], seed=3)
    program.train(ROWS, LABELS, optimizer=SGD(lr=0.5), epochs=3, batch_size=4, shuffle=False)
    for _ in range(3):
        for start in (0, 4, 8):
            twin.zero_grad()
            chosen = slice(start, start + 4)
            LOSSES[named][0]([twin(x) for x in ROWS[chosen]], LABELS[chosen]).backward()
            for weight in twin.parameters():
                weight.data -= 0.5 * weight.grad
    expected = [weight.data for weight in twin.parameters()]
    assert [weight.data for weight in model.parameters()] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("place", [0, 7])
def test_a_label_that_is_no_class_is_an_error_that_names_the_row(program, model, wrong, place):
    labels = [*LABELS[:place], wrong, *LABELS[place + 1 :]]
    before = [weight.data for weight in model.parameters()]
    message = f"labels is {wrong:g}.*, but there are 4 classes, the whole numbers from 0 to 3"
    with pytest.raises(ValueError, match=message.replace("+", r"\+")):
        program(ROWS[place], wrong)
    for call in (
        lambda: program.rows(ROWS, labels),
        lambda: program.rows_value_and_grad(ROWS, labels, reduce="sum"),
        lambda: program.rows_backward(ROWS, labels),
        lambda: program.train(ROWS, labels, optimizer=SGD(lr=0.1), epochs=1, batch_size=5),
    ):
        with pytest.raises(ValueError, match=f"row {place}: {message}".replace("+", r"\+")):
            call()
    assert [weight.data for weight in model.parameters()] == before


def test_labels_of_several_examples_in_one_call(model, named):
    loss = LOSSES[named][0]
    program = compile(lambda xs, ys: loss([model(x) for x in xs], ys))
    expected = loss([model(x) for x in ROWS[:3]], LABELS[:3]).data
    assert program(ROWS[:3], LABELS[:3]) == pytest.approx(expected, rel=1e-14)
    with pytest.raises(ValueError, match=r"labels\[1\] is 9, but there are 4 classes"):
        program(ROWS[:3], [0, 9, 1])


def test_a_value_is_a_label_in_eager_code(model, named):
    loss = LOSSES[named][0]
    outputs = model(ROWS[0])
    label = Value(2.0)
    found = loss(outputs, label)
    assert found.data == pytest.approx(loss(outputs, 2).data, rel=1e-14)
    found.backward()
    assert label.grad == 0.0
    assert jvp(lambda y: loss(outputs, y), (2.0,), (1.0,))[1] == 0.0


def test_nll_of_a_probability_that_is_zero_is_an_error():
    program = compile(lambda p, y: nll(p, y))
    assert program([0.25, 0.75, 0.0], 1) == -math.log(0.75)
    with pytest.raises(ValueError, match=r"infinite: probabilities\[2\] is 0, and 2 is the true"):
        program([0.25, 0.75, 0.0], 2)
