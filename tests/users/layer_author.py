"""Wrote a layer in NumPy with its backward pass by hand, and wants to know whether it is right."""

import numpy as np

from autograd import GradientError, check_gradient

rng = np.random.default_rng(0)
X, labels = rng.normal(size=(16, 6)), rng.integers(0, 3, size=16)


def forward(W, b):
    z = X @ W + b
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def loss(W, b):
    return -forward(W, b)[np.arange(16), labels].mean()


def backward(W, b):
    dz = np.exp(forward(W, b))
    dz[np.arange(16), labels] -= 1.0
    dz /= 16.0
    return X.T @ dz, dz.sum(axis=0)


W, b = rng.normal(size=(6, 3)), rng.normal(size=3)
report = check_gradient(loss, backward, W, b)
print(report)
assert report

# The mistakes one makes.
dW, db = backward(W, b)
for name, wrong in {
    "a sum for the mean": (16.0 * dW, 16.0 * db),
    "the sign": (-dW, -db),
    "one row too far": (np.roll(dW, 1, axis=0), db),
}.items():
    try:
        check_gradient(loss, wrong, W, b)
    except GradientError as error:
        print(f"{name}: {error}")
    else:
        raise AssertionError(f"{name} was not found")
