"""Data to learn from: points drawn from a seed, the irises, and four tables of scikit-learn's.

Every function returns a `Dataset`, which unpacks as `X, y`. Generators and irises need nothing but
the standard library.
"""

from nn.data.borrowed import breast_cancer, diabetes, digits, wine
from nn.data.datasets import Dataset
from nn.data.irises import iris
from nn.data.points import blobs, circles, moons, spirals, xor
from nn.data.scaling import Scaler

__all__ = [
    "Dataset",
    "Scaler",
    "blobs",
    "breast_cancer",
    "circles",
    "diabetes",
    "digits",
    "iris",
    "moons",
    "spirals",
    "wine",
    "xor",
]
