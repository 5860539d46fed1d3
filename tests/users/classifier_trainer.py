"""Has a table with names in the last column, and wants a small model to take along."""

import numpy as np

import nn

iris = nn.data.iris()
X, y = np.array(iris.X), np.array([iris.classes[k] for k in iris.y])
learnt, held_out = iris.split(0.2, seed=1, stratify=True)
scaler = nn.data.Scaler().fit(learnt.X)

model = nn.MLP(4, [8, 3], activation="tanh", seed=1)
history = model.fit(
    np.array(scaler.transform(learnt.X)), learnt.y, epochs=60, optimizer="adam", progress=False,
    seed=0,
)  # fmt: skip
print(history)
test = np.array(scaler.transform(held_out.X))
print(nn.report(model, test, held_out.y))
assert nn.accuracy(held_out.y, model.predict(test)) >= 0.9
assert model.predict(test).shape == (len(held_out.y),)
assert np.allclose(model.predict_proba(test).sum(axis=1), 1.0)

model.save("iris.json")
again = nn.load_model("iris.json")
assert (again.predict(test) == model.predict(test)).all()
model.export("iris.py")
