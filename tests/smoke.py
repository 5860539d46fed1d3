"""One of everything, checked without `assert`: for other Pythons, flags and versions of NumPy.

python -OO tests/smoke.py
python -W error -X dev tests/smoke.py
python tests/smoke.py --without-numpy
"""

from __future__ import annotations

import copy
import math
import pickle
import sys

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
    if numpy is not None:
        column = numpy.linspace(1.0, 2.0, 50)
        expect((program.rows(column, 3.0) == column * 3.0).all(), True)
        expect(numpy.exp(numpy.array([x, w]))[0].data, math.exp(2.0))
    version = f"NumPy {numpy.__version__}" if numpy else "without NumPy"
    print(f"Python {sys.version.split()[0]}, engine: {autograd.engine}, {version}: all is well")


if __name__ == "__main__":
    main()
