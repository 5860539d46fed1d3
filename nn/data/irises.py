"""Fisher's irises, which come with the package."""

from __future__ import annotations

import csv
from importlib import resources

from nn.data.datasets import Dataset
from nn.data.scaling import Scaler

SPECIES = ("setosa", "versicolor", "virginica")


def iris(scaled: bool = False) -> Dataset:
    """Return 150 irises of three species: length and width of sepals and petals, in centimetres.

    Args:
        scaled: Whether every column is brought to mean 0 and deviation 1, by all of its rows. What
            is tested on rows that are held out had better learn the scale without them: `Scaler`.

    Example:
        >>> iris()
        Dataset(150 rows × 4 features; setosa 50, versicolor 50, virginica 50)
        >>> iris().X[0], iris().features
        ([5.1, 3.5, 1.4, 0.2], ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'])
    """
    text = resources.files("nn.data").joinpath("iris.csv").read_text(encoding="ascii")
    lines = text.splitlines()
    told = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
    names, *flowers = csv.reader(line for line in lines if not line.startswith("#"))
    data = Dataset(
        [[float(number) for number in flower[:-1]] for flower in flowers],
        [SPECIES.index(flower[-1]) for flower in flowers],
        names[:-1],
        list(SPECIES),
        "\n".join(told),
    )
    return Scaler().fit_transform(data) if scaled else data
