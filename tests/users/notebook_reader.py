"""Ends every cell with an object, and reads what the notebook shows."""

from IPython.core.formatters import DisplayFormatter

import autograd
import nn
from autograd import Value

shown = DisplayFormatter()
x, w = Value(0.5, label="x"), Value(-2.0, label="w")
y = (x * w).tanh() + w**2
y.backward()
data = nn.data.moons(60, noise=0.1, seed=0)
model = nn.MLP(2, [8, 1], activation="tanh", seed=0)
history = model.fit(*data, epochs=5, progress=False)
program = autograd.compile(lambda a, b: (a * b).tanh())
program(0.5, -2.0)
cells = {
    "a value": y,
    "its picture": autograd.draw(y, highlight=w),
    "paths": autograd.path_sum(w, y),
    "the chain rule": autograd.explain(y, w),
    "steps": autograd.backward_steps(y),
    "a check": autograd.check_grads(lambda a: a.tanh(), 0.5),
    "a program": program,
    "data": data,
    "a model": model,
    "its summary": model.summary(),
    "what it learnt": history,
    "how good it is": nn.report(model, *data),
    "who is mistaken for whom": nn.confusion_matrix(data.y, model.predict(data.X)),
}
for name, cell in cells.items():
    bundle, _ = shown.format(cell)
    kinds = sorted(bundle)
    text = bundle.get("text/plain", "")
    print(f"{name:26} {', '.join(kinds)}: {text.splitlines()[0][:60]}")
    assert "object at 0x" not in text
assert "image/svg+xml" in shown.format(cells["its picture"])[0]
