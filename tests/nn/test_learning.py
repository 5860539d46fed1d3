"""Whole trainings: micrograd's demo notebook as it stands, XOR, and softmax on three classes."""

import math
import random

import pytest

from autograd import Value, engine
from nn import MLP, SGD, cross_entropy, mse


def make_moons(n_samples, noise, seed):
    """Return two interleaving half circles and their classes 0 and 1, shuffled."""
    source = random.Random(seed)
    examples = []
    half = n_samples // 2
    for k in range(half):
        angle = math.pi * k / (half - 1)
        examples.append(((math.cos(angle), math.sin(angle)), 0))
        examples.append(((1 - math.cos(angle), 0.5 - math.sin(angle)), 1))
    source.shuffle(examples)
    x = [[source.gauss(value, noise) for value in point] for point, _ in examples]
    return x, [label for _, label in examples]


# The cells of micrograd's demo.ipynb as they stand; only the two import lines differ. The data come
# from `make_moons` above, and the pictures are left out.
IMPORTS = """
import random
from autograd import Value, engine
from nn import Neuron, Layer, MLP
"""
MODEL = """
# initialize a model
model = MLP(2, [16, 16, 1]) # 2-layer neural network
print(model)
print("number of parameters", len(model.parameters()))
"""
LOSS = """
# loss function
def loss(batch_size=None):

    # inline DataLoader :)
    if batch_size is None:
        Xb, yb = X, y
    else:
        ri = np.random.permutation(X.shape[0])[:batch_size]
        Xb, yb = X[ri], y[ri]
    inputs = [list(map(Value, xrow)) for xrow in Xb]

    # forward the model to get scores
    scores = list(map(model, inputs))

    # svm "max-margin" loss
    losses = [(1 + -yi*scorei).relu() for yi, scorei in zip(yb, scores)]
    data_loss = sum(losses) * (1.0 / len(losses))
    # L2 regularization
    alpha = 1e-4
    reg_loss = alpha * sum((p*p for p in model.parameters()))
    total_loss = data_loss + reg_loss

    # also get accuracy
    accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(yb, scores)]
    return total_loss, sum(accuracy) / len(accuracy)

total_loss, acc = loss()
print(total_loss, acc)
"""
OPTIMIZATION = """
# optimization
for k in range(100):

    # forward
    total_loss, acc = loss()

    # backward
    model.zero_grad()
    total_loss.backward()

    # update (sgd)
    learning_rate = 1.0 - 0.9*k/100
    for p in model.parameters():
        p.data -= learning_rate * p.grad

    if k % 1 == 0:
        print(f"step {k} loss {total_loss.data}, accuracy {acc*100}%")
"""


# What micrograd 0.1.0 itself prints for these cells and these data.
MICROGRAD_PRINTED = {
    0: (0.9306599158914787, "50.0%"),
    1: (1.7829859998133986, "77.5%"),
    10: (0.39459743914549034, "85.0%"),
    40: (0.09124215101049965, "97.5%"),
    70: (0.025878387540114026, "100.0%"),
    99: (0.011115560953197127, "100.0%"),
}


def run_notebook(names, *cells):
    random.seed(1337)
    for cell in cells:
        exec(cell, names)
    return names


@pytest.fixture(scope="module")
def moons():
    x, classes = make_moons(n_samples=40, noise=0.1, seed=1)
    return x, [2 * label - 1 for label in classes]


def test_micrograds_notebook(moons, capsys):
    x, y = moons
    steps = 100 if engine == "native" else 11  # of the same ones
    cell = OPTIMIZATION.replace("range(100)", f"range({steps})")
    run_notebook({"X": x, "y": y}, IMPORTS, MODEL, LOSS, cell)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "number of parameters 337"
    assert len(lines) == 3 + steps
    for step, (loss, accuracy) in MICROGRAD_PRINTED.items():
        if step >= steps:
            break
        words = lines[3 + step].replace(",", "").split()
        assert words[:3] == ["step", str(step), "loss"]
        assert float(words[3]) == pytest.approx(loss, rel=1e-9)
        assert words[4:] == ["accuracy", accuracy]


def test_micrograds_notebook_on_numpy_arrays(moons):
    numpy = pytest.importorskip("numpy")
    x, y = moons
    plain = run_notebook({"X": x, "y": y}, IMPORTS, MODEL, LOSS)
    arrays = {"X": numpy.array(x), "y": numpy.array(y), "np": numpy}
    arrays = run_notebook(arrays, IMPORTS, MODEL, LOSS)
    assert isinstance(arrays["total_loss"], Value)
    assert arrays["total_loss"].data == plain["total_loss"].data
    batch_loss, _ = arrays["loss"](8)
    batch_loss.backward()
    assert any(parameter.grad != 0.0 for parameter in arrays["model"].parameters())


def test_the_notebooks_first_loss_is_that_of_plain_floats(moons):
    x, y = moons
    names = run_notebook({"X": x, "y": y}, IMPORTS, MODEL, LOSS)
    random.seed(1337)
    layers = [
        [[random.uniform(-1, 1) for _ in range(nin)] for _ in range(nout)]
        for nin, nout in [(2, 16), (16, 16), (16, 1)]
    ]

    def score(values):
        for depth, layer in enumerate(layers, start=1):
            nets = [sum(w * v for w, v in zip(row, values, strict=True)) for row in layer]
            values = [max(0.0, z) for z in nets] if depth < len(layers) else nets
        return values[0]

    margins = [max(0.0, 1 - t * score(point)) for point, t in zip(x, y, strict=True)]
    penalty = 1e-4 * sum(w * w for layer in layers for row in layer for w in row)
    expected = sum(margins) / len(margins) + penalty
    assert names["total_loss"].data == pytest.approx(expected, rel=1e-12)


def test_xor_is_learned():
    corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
    targets = [x1 ^ x2 for x1, x2 in corners]
    model = MLP(2, [4, 1], activation="tanh", output_activation="sigmoid", seed=1)
    optimizer = SGD(model.parameters(), lr=1.0, momentum=0.9)
    for _ in range(300):
        optimizer.zero_grad()
        mse([model(x) for x in corners], targets).backward()
        optimizer.step()
    assert [round(model(x).data) for x in corners] == targets
    assert mse([model(x) for x in corners], targets).data < 0.01


def test_equal_weights_stay_equal():
    # The lecture's question: hidden units that start alike see the same gradient for ever.
    model = MLP(2, [3, 1], activation="tanh", initializer=lambda *_: 0.3)
    optimizer = SGD(model.parameters(), lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        mse(model([1.0, -0.5]), 2.0).backward()
        optimizer.step()
    first, *others = [[p.data for p in n.parameters()] for n in model.layers[0].neurons]
    assert first[0] != 0.3
    assert all(other == first for other in others)


def test_softmax_regression_separates_three_clusters():
    source = random.Random(4)
    centres = [(0.0, 2.0), (2.0, -1.0), (-2.0, -1.0)]
    labels = [k % 3 for k in range(30)]
    points = [[source.gauss(c, 0.4) for c in centres[label]] for label in labels]
    model = MLP(2, [3], initializer="zeros")
    assert cross_entropy([model(x) for x in points], labels).data == pytest.approx(math.log(3))
    optimizer = SGD(model.parameters(), lr=0.5)
    for _ in range(20):
        optimizer.zero_grad()
        cross_entropy([model(x) for x in points], labels).backward()
        optimizer.step()
    for x, label in zip(points, labels, strict=True):
        logits = [z.data for z in model(x)]
        assert logits.index(max(logits)) == label
