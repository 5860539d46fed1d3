"""One of everything, checked without `assert`: for other Pythons, flags and versions of NumPy.

python -OO tests/smoke.py
python -W error -X dev tests/smoke.py
python tests/smoke.py --without-numpy
"""

from __future__ import annotations

import copy
import math
import os
import pickle
import sys
import tempfile

if "--without-numpy" in sys.argv:
    sys.modules["numpy"] = None  # type: ignore[assignment]

import autograd
import nn
from autograd import Value
from autograd.program import Adam

try:
    import numpy
except ImportError:
    numpy = None


def expect(found, wanted):
    """Stop unless both are the same."""
    if found != wanted:
        raise SystemExit(f"found {found!r}, expected {wanted!r}")


SETTINGS = {"epochs": 20, "metrics": ["accuracy"], "progress": False}


def learn():
    """Train, stop, go on; look at what came out."""
    flowers = nn.data.iris(scaled=True)
    train, test = flowers.split(0.2, seed=1)
    settings = {**SETTINGS, "validation": 0.2, "batch_size": 16, "optimizer": "adam"}
    model, twin = (nn.MLP(4, [6, 3], activation="tanh", seed=2) for _ in range(2))
    whole = nn.fit(twin, train.X, train.y, schedule=nn.schedules.Cosine(steps=160), **settings)
    with tempfile.TemporaryDirectory() as folder:
        settings["checkpoint"] = os.path.join(folder, "training")
        settings["schedule"] = nn.schedules.Cosine(steps=160)
        settings["epochs"] = 10
        expect(len(model.fit(train.X, train.y, **settings)), 10)
        settings["epochs"] = 20
        resumed = nn.MLP(4, [6, 3], activation="tanh", seed=2)
        history = resumed.fit(train.X, train.y, **settings)
    expect(history["loss"], whole["loss"])
    expect([p.data for p in resumed.parameters()], [p.data for p in twin.parameters()])
    expect(history["loss"][-1] < history["loss"][0], True)
    expect("loss" in str(history) and "<table" in history._repr_html_(), True)
    known = resumed.evaluate(test.X, test.y, metrics=["accuracy"])
    guesses = resumed.predict(test.X)
    expect(known["accuracy"], nn.accuracy(test.y, guesses))
    expect(set(guesses) <= set(flowers.y), True)
    sure = list(resumed.predict_proba(test.X[:1])[0])
    expect((len(sure), abs(sum(sure) - 1.0) < 1e-12), (3, True))
    expect("accuracy" in str(nn.report(resumed, test.X, test.y)), True)
    expect(sum(map(sum, nn.confusion_matrix(test.y, guesses).counts)), len(test.y))
    found = nn.restarts(network, train.X, train.y, seeds=2, keep=1, **SETTINGS)
    expect(([run.seed for run in found.runs], len(found.kept)), ([0, 1], 1))
    expect(nn.layerwise.compare(network(1), train.X[:3], train.y[:3], "cross_entropy").agrees, True)
    deep = nn.MLP(4, [5, 3], activation="linear", seed=1)
    flat = nn.collapse(deep).layer()
    pairs = zip(flat(test.X[0]), deep(test.X[0]), strict=True)
    expect(all(math.isclose(a.data, b.data, abs_tol=1e-12) for a, b in pairs), True)


def arrays():
    """Do with arrays what was done with lists, to the same numbers."""
    flowers = nn.data.iris(scaled=True)
    rows, labels = numpy.array(flowers.X), numpy.array(flowers.y)
    models = [network(1), network(1)]
    settings = {**SETTINGS, "epochs": 5}
    losses = [
        nn.fit(model, X, y, **settings)["loss"]
        for model, (X, y) in zip(models, [(rows, labels), flowers], strict=True)
    ]
    expect(losses[0], losses[1])
    of_array, of_lists = models[0].predict(rows), models[1].predict(flowers.X)
    expect((type(of_array), of_array.tolist()), (numpy.ndarray, list(of_lists)))
    expect(models[0].predict_proba(rows).shape, (150, 3))
    expect(models[0].rows(rows).tolist(), [list(row) for row in models[1].rows(flowers.X)])


def network(seed):
    """Return a model for the irises."""
    return nn.MLP(4, [4, 3], activation="tanh", seed=seed)


def keep_and_carry():
    """Write models, read them, and write them in other languages."""
    model = network(3)
    numbers = [p.data for p in model.parameters()]
    point = [0.1, -0.2, 0.3, 0.4]
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".json", ".safetensors"):
            path = os.path.join(folder, "model" + suffix)
            model.save(path)
            expect([p.data for p in nn.load_model(path).parameters()], numbers)
        python, header = (os.path.join(folder, "net" + suffix) for suffix in (".py", ".h"))
        expect(model.export(python, verify=True).agrees, True)
        model.export(header, gradient=True)
        with open(header, encoding="utf-8") as file:
            expect("net_gradient" in file.read(), True)
    other = network(4)
    other.load_state_dict(model.state_dict())
    expect([y.data for y in other(point)], [y.data for y in model(point)])


def main():
    """Use one of everything."""
    x, w = Value(2.0, "x"), Value(3.0, "w")
    y = autograd.tanh(x * w) + autograd.dot([x, w], [w, 1.0])
    y.backward()
    expect(x.grad, 3.0 * (1.0 - math.tanh(6.0) ** 2) + 3.0)
    expect(copy.deepcopy(y).data, pickle.loads(pickle.dumps(y)).data)
    expect(autograd.grad(lambda a: a * a * a)(2.0), 12.0)
    expect(bool(autograd.check_grads(lambda a: autograd.sin(a) * a, 0.5)), True)
    expect("<svg" in autograd.draw(x * w, drawn_by="built-in").svg(), True)
    expect(autograd.backward_steps(x * x, accumulate=False).is_right, False)
    expect("step 2 of 2" in autograd.draw(x * w, step=2).svg(), True)
    program = autograd.compile(lambda a, b: a * b if a > 0.0 else b)
    expect(program(2.0, 3.0), 6.0)
    expect(program.value_and_grad(2.0, 3.0), (6.0, (3.0, 2.0)))
    expect(list(program.rows([1.0, -1.0, 2.0], 3.0)), [3.0, 3.0, 6.0])
    expect(sum(program.rows([1.0] * 3_000, 3.0, threads=2)), 9_000.0)
    for language in ("python", "c", "javascript"):
        expect(len(program.source(language)) > 100, True)
    model = nn.MLP(2, [4, 1], activation="tanh", seed=1)
    loss = autograd.compile(lambda p, t: (model(p) - t) ** 2, parameters=model.parameters())
    points = [[0.1 * k, 0.2 * k] for k in range(10)]
    losses = loss.train(points, [0.3] * 10, optimizer=Adam(lr=0.01), steps=50, batch_size=4)
    expect(losses[-1] < losses[0], True)
    learn()
    keep_and_carry()
    if numpy is not None:
        column = numpy.linspace(1.0, 2.0, 50)
        expect((program.rows(column, 3.0) == column * 3.0).all(), True)
        expect(numpy.exp(numpy.array([x, w]))[0].data, math.exp(2.0))
        arrays()
    version = f"NumPy {numpy.__version__}" if numpy else "without NumPy"
    print(f"Python {sys.version.split()[0]}, engine: {autograd.engine}, {version}: all is well")


if __name__ == "__main__":
    main()
