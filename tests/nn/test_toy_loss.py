"""A loss is one entry: a toy, added to a copy of the packages, and what follows from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nn

HERE = Path(nn.__file__).parents[1]
TOY = '''

@_named("mean of log(1 + (t − y)²)", "lorentzian", task="regression", takes="numbers")
def cauchy(outputs: Numbers, targets: Numbers) -> Value:
    """Return the mean of log(1 + (t - y)²)."""
    examples = examples_with_targets(outputs, targets)
    return _mean("cauchy", [log1p((t - y) ** 2) for pairs in examples for y, t in pairs])
'''
USE = """
import math
import autograd, nn
from nn.measuring.compiled_models import is_known
from nn.measuring.predictions import evaluate

X, y = [[0.0], [1.0], [2.0]], [1.0, 3.0, 100.0]

def mean_loss(model):
    return sum(math.log1p((t - model(x).data) ** 2) for x, t in zip(X, y)) / 3

def trained(loss, **how):
    model = nn.MLP(1, [1], seed=1)
    history = nn.fit(model, X, y, loss=loss, epochs=5, optimizer=nn.SGD(0.1), seed=1, **how)
    return model, history

model, history = trained("cauchy")
for loss in ("Lorentzian", nn.losses.cauchy, lambda y, t: autograd.log1p((t - y) ** 2)):
    other = trained(loss)[0]
    assert [p.data for p in other.parameters()] == [p.data for p in model.parameters()], loss
eager = trained("cauchy", compiled=False)[1]
assert math.isclose(history.epochs[-1].loss, eager.epochs[-1].loss, rel_tol=1e-9)
assert is_known(model, nn.losses.cauchy)

found = nn.losses.cauchy([model(x) for x in X], y)
assert math.isclose(found.data, mean_loss(model), rel_tol=1e-12)
found.backward()
assert "cauchy" in autograd.draw(found, level="neuron").svg()
assert "mean of log(1 + (t − y)²)" in str(autograd.explain(found, model.layers[0].neurons[0].bias))
for p, slope in [(p, p.grad) for p in model.parameters()]:
    slopes = []
    for step in (1e-6, -1e-6):
        kept, p.data = p.data, p.data + step
        slopes.append(mean_loss(model))
        p.data = kept
    assert math.isclose(slope, (slopes[0] - slopes[1]) / 2e-6, rel_tol=1e-5)

nn.save_model(model, "model.json")
assert (model.loss_name, nn.load_model("model.json").loss_name) == ("cauchy", "cauchy")
assert math.isclose(evaluate(model, X, y, loss="cauchy")["loss"], mean_loss(model), rel_tol=1e-9)
try:
    nn.fit(model, X, y, loss="cauchi")
except ValueError as error:
    assert "did you mean 'cauchy'" in str(error), error
else:
    raise AssertionError
"""


def test_an_entry_is_all_that_a_loss_takes(tmp_path):
    for package in ("autograd", "nn"):
        shutil.copytree(
            HERE / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "*.c")
        )
    with (tmp_path / "nn" / "losses.py").open("a", encoding="utf-8") as file:
        file.write(TOY)
    done = subprocess.run(
        [sys.executable, "-c", USE], cwd=tmp_path, capture_output=True, text=True, timeout=300,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
