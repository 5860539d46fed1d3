"""Rows as they came, asked of a model that was fitted to scaled ones: said once, seldom wrongly."""

import random
import warnings

import pytest

from nn import MLP, load_model, save_model
from nn.data import Scaler, circles, iris, moons

SOURCE = random.Random(5)
AS_THEY_CAME = {
    "lengths": [[SOURCE.gauss(170.0, 10.0), SOURCE.gauss(70.0, 12.0)] for _ in range(80)],
    "shares": [[SOURCE.gauss(0.02, 0.004), SOURCE.gauss(0.1, 0.01)] for _ in range(80)],
    "one constant": [[SOURCE.gauss(1000.0, 50.0), 7.0] for _ in range(80)],
    "mixed": [[SOURCE.gauss(0.0, 1.0), SOURCE.gauss(-40.0, 5.0)] for _ in range(80)],
}


def fitted(rows, columns=2):
    model = MLP(columns, [2, 1], "tanh", seed=1)
    model.fit(rows, [sum(row) for row in rows], epochs=1, progress=False)
    return model


def asked(model, rows):
    """Return what is warned of when a model is asked in every way there is."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        model.predict(rows)
        model.rows(rows)
        model.evaluate(rows, [0.0] * len(rows))
    return [str(each.message) for each in found]


@pytest.mark.parametrize("single", [False, True], ids=["batch", "row"])
@pytest.mark.parametrize("name", AS_THEY_CAME)
def test_a_model_with_its_scaler_knows_its_rows(name, single, tmp_path):
    raw = AS_THEY_CAME[name]
    scaler = Scaler().fit(raw)
    scaled = scaler.transform(raw)
    save_model(fitted(scaled), tmp_path / "model.json", scaler=scaler)
    model = load_model(tmp_path / "model.json")
    for row in scaled:
        assert asked(model, [row]) == []
    assert asked(model, scaled) == []
    (said,) = asked(model, raw[:1] if single else raw)
    assert said.endswith("it takes them scaled: model.scaler.transform(X)")
    assert asked(model, raw) == []  # once


@pytest.mark.parametrize("name", ["lengths", "one constant", "mixed"])
def test_a_model_fitted_to_scaled_rows_notices_rows_as_they_came(name):
    raw = AS_THEY_CAME[name]
    scaled = Scaler().fit_transform(raw)
    model = fitted(scaled)
    for row in scaled:
        assert asked(model, [row]) == []
    (said,) = asked(model, raw)
    assert "columns had mean 0 and deviation 1" in said
    assert said.endswith(": scaler.transform(X)")
    assert asked(model, raw) == []


@pytest.mark.any_engine
def test_one_flower_is_enough():
    data = iris()
    model = fitted(Scaler().fit_transform(data.X), 4)
    assert len(asked(model, data.X[:1])) == 1


@pytest.mark.any_engine
@pytest.mark.parametrize("make", [moons, circles])
def test_rows_that_were_never_scaled_may_lie_anywhere(make):
    model = fitted(make(60).X)
    assert asked(model, [[50.0, -50.0]]) == []


def test_a_grid_around_scaled_rows_and_a_new_fit_are_no_reason():
    scaled = Scaler().fit_transform(AS_THEY_CAME["lengths"])
    model = fitted(scaled)
    assert asked(model, [[x, y] for x in range(-9, 10) for y in range(-9, 10)]) == []
    raw = AS_THEY_CAME["lengths"]
    model.fit(raw, [sum(row) for row in raw], epochs=1, progress=False)
    assert asked(model, raw) == []


def test_a_small_part_of_the_rows_shows_nothing():
    scaled = Scaler().fit_transform(AS_THEY_CAME["lengths"])
    model = MLP(2, [2, 1], "tanh", seed=1)
    for first in range(0, 80, 20):
        part = scaled[first : first + 20]
        model.partial_fit(part, [sum(row) for row in part])
    assert asked(model, [[4.0, 4.0]]) == []


def test_a_scaler_of_another_kind_is_not_asked():
    model = fitted(AS_THEY_CAME["lengths"])
    model.scaler = object()
    assert asked(model, AS_THEY_CAME["lengths"]) == []
