"""Shows a class how two paths from one weight meet in the loss, and makes the handout."""

from pathlib import Path

from autograd import backward_steps, draw, explain, gradients, path_sum, paths
from nn import MLP, squared_error

model = MLP(2, [2, 2, 1], activation="sigmoid", seed=4)
loss = squared_error([model([0.5, -1.0])], [1.0])
w = model["w_11^(1)"]

ways = list(paths(w, loss))
print(len(ways), "paths:", *ways, sep="\n")
assert len(ways) == 2

(slope,) = gradients(loss, [w])
total = path_sum(w, loss)
print(total)
assert abs(sum(way.product for way in ways) - slope.data) <= 1e-15

chain_rule = explain(loss, w)
print(chain_rule)
assert r"\frac{\partial" in chain_rule.latex()

right = list(backward_steps(loss))
wrong = backward_steps(loss, order="recursive")
print(f"{len(right)} steps backwards; without a topological order:", wrong, sep="\n")

handout = Path("handout.svg")
draw(loss, highlight=w).save(handout)
draw(loss, highlight=w, level="operation").save("operations.html")
text = handout.read_text(encoding="utf-8")
assert text.startswith("<svg") or "<svg" in text[:400]
