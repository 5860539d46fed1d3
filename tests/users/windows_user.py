"""Works in a console of Windows, whose encoding has neither arrows nor Greek letters."""

from pathlib import Path

import autograd
import nn
from autograd import Value

x, w = Value(0.5, label="x"), Value(-2.0, label="w")
y = (x * w).tanh() + w**2
y.backward()
model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
X, t = nn.data.xor(40, noise=0.1, seed=0)
program = autograd.compile(lambda a, b: (a * b).tanh() if a > 0.0 else b)
program(0.5, -2.0)
print(y, autograd.draw(y).tree(), autograd.path_sum(w, y), autograd.explain(y, w), sep="\n")
print(autograd.backward_steps(y), program.listing(), program.source("c"), sep="\n")
print(autograd.check_grads(lambda a, b: a * b.tanh(), 0.5, -2.0))
print(model.summary(), model.trace([0.1, 0.2]), model.fit(X, t, epochs=3, progress=False))
print(nn.report(model, X, t))
for mistake in (
    lambda: autograd.log(x - 5.0),
    lambda: Value("naïve → ∂"),
    lambda: model([1.0]),
    lambda: model["w₁₁⁽⁹⁾"],
    lambda: program("2"),
):
    try:
        mistake()
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        print(type(error).__name__, error)

folder = Path("Eigene Dateien") / "naïve"
folder.mkdir(parents=True)
autograd.draw(y, highlight=w).save(folder / "picture.svg")
model.save(folder / "model.json")
program.save(str(folder / "program.json"))
assert autograd.load_program(folder / "program.json")(0.5, -2.0) == program(0.5, -2.0)
assert nn.load_model(folder / "model.json").predict(X) == model.predict(X)
assert "∂" in autograd.explain(y, w).latex() or "partial" in autograd.explain(y, w).latex()
