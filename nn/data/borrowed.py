"""Four tables that come with scikit-learn, where it is installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from autograd.installing import install
from nn.data.datasets import Dataset
from nn.data.scaling import Scaler


def digits(scaled: bool = False) -> Dataset:
    """Return 1,797 handwritten digits of 8 × 8 pixels, each from 0 to 16.

    Args:
        scaled: Whether pixels are divided by 16: 0 is paper, 1 is ink.

    Raises:
        ImportError: If scikit-learn is not installed.

    Example:
        >>> data = digits()  # doctest: +SKIP
        >>> len(data), len(data.features), data.y[0]  # doctest: +SKIP
        (1797, 64, 0)
    """
    data = _borrowed(
        "load_digits",
        "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine "
        "Learning Repository (1998), test set; doi:10.24432/C50P49",
    )
    if not scaled:
        return data
    pixels = [[ink / 16.0 for ink in row] for row in data.X]
    return Dataset(pixels, data.y, data.features, data.classes, data.source)


def wine(scaled: bool = False) -> Dataset:
    """Return 178 wines of three growers: 13 measurements of a chemist's.

    Args:
        scaled: As for `iris`.

    Raises:
        ImportError: If scikit-learn is not installed.

    Example:
        >>> data = wine()  # doctest: +SKIP
        >>> len(data), len(data.features), data.y[0]  # doctest: +SKIP
        (178, 13, 0)
    """
    source = "S. Aeberhard and M. Forina, Wine, UCI Machine Learning Repository (1992)"
    return _scaled(_borrowed("load_wine", f"{source}; doi:10.24432/C5PC7J"), scaled)


def breast_cancer(scaled: bool = False) -> Dataset:
    """Return 569 tumours, malignant (0) or benign (1): 30 measurements of the nuclei of cells.

    Args:
        scaled: As for `iris`.

    Raises:
        ImportError: If scikit-learn is not installed.

    Example:
        >>> data = breast_cancer()  # doctest: +SKIP
        >>> len(data), len(data.features), data.y[0]  # doctest: +SKIP
        (569, 30, 0)
    """
    data = _borrowed(
        "load_breast_cancer",
        "W. Wolberg, O. Mangasarian, N. Street and W. Street, Breast Cancer Wisconsin "
        "(Diagnostic), UCI Machine Learning Repository (1993); doi:10.24432/C5DW2B",
    )
    return _scaled(data, scaled)


def diabetes(scaled: bool = False) -> Dataset:
    """Return 442 patients, and as y, a number, how far their diabetes went within a year.

    Args:
        scaled: As for `iris`; y stays as it is.

    Raises:
        ImportError: If scikit-learn is not installed.

    Example:
        >>> data = diabetes()  # doctest: +SKIP
        >>> len(data), len(data.features), data.y[0]  # doctest: +SKIP
        (442, 10, 151.0)
    """
    data = _borrowed(
        "load_diabetes",
        "B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, Least Angle Regression, Annals of "
        "Statistics 32(2), 407-499 (2004)",
        scaled=False,
    )
    return _scaled(data, scaled)


def _scaled(data: Dataset, scaled: bool) -> Dataset:
    return Scaler().fit_transform(data) if scaled else data


def _borrowed(loader: str, source: str, **options: Any) -> Dataset:
    try:
        sklearn_datasets = import_module("sklearn.datasets")
    except ImportError as error:
        raise ImportError(
            f"{loader.removeprefix('load_')} comes with scikit-learn, which is not installed; to "
            f"have it: {install('sklearn')}; iris() and all that is drawn from a seed "
            "need nothing"
        ) from error
    found = getattr(sklearn_datasets, loader)(**options)
    names = [str(name).replace(" ", "_") for name in found.feature_names]
    classes = [str(name) for name in found.target_names] if "target_names" in found else None
    return Dataset(
        found.data.tolist(), found.target.tolist(), names, classes, f"{source}; by scikit-learn"
    )
