"""Data to learn from: points drawn from a seed, the irises, and four tables of scikit-learn's.

Every function returns a `Dataset`, which unpacks as `X, y`. Generators and irises need nothing but
the standard library. From the bottom up:

    columns, shuffling    names and statistics of columns; random orders, the same everywhere
    overviews, pictures   what a data set is like, in words; what it looks like
    datasets              rows with their targets
    points, scaling       points drawn from a seed; mean 0 and deviation 1
    borrowed, irises      scikit-learn's tables; Fisher's
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
