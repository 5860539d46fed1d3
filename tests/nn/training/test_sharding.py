"""Shards: the same bits for any number of workers, the same gradient as of all rows."""

import math
import os
import random
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import pytest

from autograd import SGD, Adam
from nn import MLP, fit, fit_shards
from nn.training.workers import WorkerError


def rows(first=0, last=90):
    source = random.Random(1)
    X = [[source.gauss(0, 1), source.gauss(0, 1)] for _ in range(90)]
    return X[first:last], [x * z for x, z in X][first:last]


def build():
    return MLP(2, [5, 1], "tanh", seed=3)


def numbers(model):
    return [parameter.data for parameter in model.parameters()]


SHARDS = [partial(rows, 0, 40), partial(rows, 40, 55), partial(rows, 55, 90)]


def require_the_same_bits(shards, workers, **options):
    here = fit_shards(build, shards, **options)
    for count in workers:
        with ProcessPoolExecutor(count) as executor:
            there = fit_shards(build, shards, executor=executor, **options)
        assert numbers(there.model) == numbers(here.model)
        assert there.history["loss"] == here.history["loss"]


def test_the_same_bits_for_any_number_of_workers():
    options = dict(loss="mse", epochs=2, batch_size=16, schedule="cosine", clip=1.0)
    require_the_same_bits(SHARDS, (1, 3), **options)


def test_steps_are_those_of_all_rows():
    X, y = rows()
    whole = build()
    history = fit(whole, X, y, loss="mse", optimizer=Adam(lr=0.02), epochs=10, batch_size=90)
    found = fit_shards(build, SHARDS, loss="mse", optimizer=Adam(lr=0.02), epochs=10)
    assert numbers(found.model) == pytest.approx(numbers(whole), rel=1e-9)
    assert found.history["loss"] == pytest.approx(history["loss"], rel=1e-12)
    assert found.model.predict(X[:2]) == pytest.approx(whole.predict(X[:2]))


def test_every_row_is_taken_once_in_an_epoch():
    found = fit_shards(build, SHARDS, loss="mse", optimizer=SGD(lr=0.0), epochs=2, batch_size=8)
    X, y = rows()
    model = build()
    errors = [(model(x).data - t) ** 2 for x, t in zip(X, y, strict=True)]
    assert found.history["loss"] == pytest.approx([math.fsum(errors) / 90] * 2, rel=1e-12)


def broken():
    os._exit(1)


@pytest.mark.any_engine
def test_a_shard_whose_worker_dies_twice_is_told():
    with ProcessPoolExecutor(2) as executor, pytest.raises(WorkerError, match="shard 1: twice"):
        fit_shards(build, [SHARDS[0], broken], loss="mse", epochs=1, executor=executor)


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"shards": []}, ValueError, "shards is empty"),
        ({"shards": [3]}, TypeError, "shards are functions"),
        ({"shards": [lambda: 3]}, ValueError, r"shard 0 returned no pair"),
        ({"shards": [lambda: ([[1, 2, 3]], [1.0])]}, ValueError, "shard 0: X has 3 columns"),
        ({"build": 3}, TypeError, "build must be"),
        ({"schedule": "on_plateau"}, ValueError, "plateau"),
        ({"loss": "msee"}, ValueError, "did you mean 'mse'"),
    ],
)
def test_bad_input(changes, kind, words):
    given = {"build": build, "shards": SHARDS, "loss": "mse", "epochs": 1} | changes
    with pytest.raises(kind, match=words):
        fit_shards(**given)


def labelled(labels):
    source = random.Random(3)
    wanted = [labels[k % len(labels)] for k in range(30)]
    return [[ord(str(x)[0]) * 0.1, source.random()] for x in wanted], wanted


def classifier():
    return MLP(2, [8, 3], "tanh", seed=3)


def test_shards_whose_labels_differ_are_refused_and_may_be_named():
    shards = [partial(labelled, "abc"), partial(labelled, "bc")]
    with pytest.raises(ValueError, match=r"classes=\[\.\.\.\]|classes"):
        fit_shards(classifier, shards, loss="cross_entropy", epochs=1)
    found = fit_shards(
        classifier, shards, loss="cross_entropy", epochs=15, batch_size=15, classes=["a", "b", "c"]
    )
    assert found.model.classes == ("a", "b", "c")
    X, _ = labelled("bc")
    assert set(found.model.predict(X)) <= {"b", "c"}


def test_an_optimizer_that_is_given_stays_as_it_was():
    optimizer = Adam(lr=0.02)
    for _ in range(2):
        fit_shards(build, SHARDS, loss="mse", optimizer=optimizer, epochs=1)
    assert (optimizer.steps, optimizer.parameters) == (0, [])


def weighted(first, last):
    """A shard whose rows count 0 to 3 times."""
    return *rows(first, last), [float(number % 4) for number in range(first, last)]


WEIGHTED = [partial(weighted, 0, 40), partial(rows, 40, 55), partial(weighted, 55, 90)]
WEIGHTS = [*weighted(0, 40)[2], *[1.0] * 15, *weighted(55, 90)[2]]


def test_rows_count_by_their_weights():
    X, y = rows()
    whole = build()
    history = fit(
        whole, X, y, loss="mse", optimizer=Adam(lr=0.02), epochs=10, batch_size=90,
        sample_weight=WEIGHTS,
    )  # fmt: skip
    found = fit_shards(build, WEIGHTED, loss="mse", optimizer=Adam(lr=0.02), epochs=10)
    assert numbers(found.model) == pytest.approx(numbers(whole), rel=1e-9)
    assert found.history["loss"] == pytest.approx(history["loss"], rel=1e-12)


def test_in_batches_the_loss_of_an_epoch_is_the_mean_by_weight():
    found = fit_shards(build, WEIGHTED, loss="mse", optimizer=SGD(lr=0.0), epochs=2, batch_size=7)
    X, y = rows()
    model = build()
    errors = [w * (model(x).data - t) ** 2 for x, t, w in zip(X, y, WEIGHTS, strict=True)]
    expected = math.fsum(errors) / math.fsum(WEIGHTS)
    assert found.history["loss"] == pytest.approx([expected] * 2, rel=1e-12)


def test_weights_have_the_same_bits_for_any_number_of_workers():
    require_the_same_bits(WEIGHTED, (2, 5), loss="mse", epochs=2, batch_size=16)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1.0], "shard 0: sample_weight has 1 number, but X has 90 rows"),
        ([-1.0] * 90, r"shard 0: sample_weight\[0\] must be at least 0"),
        ([0.0] * 90, "shard 0: sample_weight is 0 for every row"),
    ],
)
def test_weights_that_do_not_fit(weights, words):
    with pytest.raises(ValueError, match=words):
        fit_shards(build, [lambda: (*rows(), weights)], loss="mse", epochs=1)
