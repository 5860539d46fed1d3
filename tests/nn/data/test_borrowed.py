"""The tables of scikit-learn: as they are there, scaled on request, and missed by name."""

import math
import statistics
import sys

import pytest

from nn import data

LOADERS = {
    "digits": ("load_digits", {}),
    "wine": ("load_wine", {}),
    "breast_cancer": ("load_breast_cancer", {}),
    "diabetes": ("load_diabetes", {"scaled": False}),
}
SHAPES = {
    "digits": (1797, 64),
    "wine": (178, 13),
    "breast_cancer": (569, 30),
    "diabetes": (442, 10),
}


@pytest.mark.parametrize("name", LOADERS)
def test_as_scikit_learn_has_them(name):
    datasets = pytest.importorskip("sklearn.datasets")
    loader, options = LOADERS[name]
    theirs, ours = getattr(datasets, loader)(**options), getattr(data, name)()
    assert (len(ours), len(ours.features)) == SHAPES[name]
    assert theirs.data.tolist() == ours.X
    assert theirs.target.tolist() == ours.y
    assert [name.replace(" ", "_") for name in theirs.feature_names] == ours.features
    assert not any(" " in name for name in ours.features)
    assert "scikit-learn" in ours.source
    if name == "diabetes":
        assert ours.classes is None
        assert {type(y) for y in ours.y} == {float}
    else:
        assert [str(one) for one in theirs.target_names] == ours.classes
        assert {type(y) for y in ours.y} == {int}


@pytest.mark.parametrize("name", ["wine", "breast_cancer", "diabetes"])
def test_scaled_columns_have_mean_0_and_deviation_1(name):
    pytest.importorskip("sklearn")
    scaled, plain = getattr(data, name)(scaled=True), getattr(data, name)()
    assert scaled.y == plain.y
    assert scaled.features == plain.features
    for column in zip(*scaled.X, strict=True):
        assert math.isclose(statistics.fmean(column), 0.0, abs_tol=1e-12)
        assert statistics.pstdev(column) == pytest.approx(1.0, rel=1e-12)


def test_scaled_digits_are_ink_between_0_and_1():
    pytest.importorskip("sklearn")
    scaled, plain = data.digits(scaled=True), data.digits()
    assert {x for row in scaled.X for x in row} == {ink / 16 for ink in range(17)}
    assert [[16 * x for x in row] for row in scaled.X] == plain.X


@pytest.mark.parametrize("name", LOADERS)
def test_without_scikit_learn_it_is_said_how_to_get_it(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=rf"{name} comes with .*\[sklearn\]"):
        getattr(data, name)()
