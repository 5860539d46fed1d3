"""Restarts: the same whoever works, dead workers told by seed."""

import os
import pathlib
import statistics
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from autograd import SGD
from nn import MLP, fit, lr_range, restarts

XOR, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["no", "yes", "yes", "no"]
OPTIONS = dict(epochs=10, metrics=["accuracy"])


def build(seed):
    return MLP(2, [4, 1], "tanh", seed=seed)


def build_or_die(seed):
    if seed == 2:
        os._exit(1)
    return build(seed)


def build_or_die_once(seed):
    mark = pathlib.Path(os.environ["MARK"])
    if seed == 2 and not mark.exists():
        mark.touch()
        os._exit(1)
    return build(seed)


def told(found):
    return [(run.seed, run.loss, run.metrics, list(run.parameters)) for run in found.runs]


def test_runs_are_fits_and_the_best_is_the_model():
    found = restarts(build, XOR, Y, seeds=5, keep=2, **OPTIONS)
    losses = []
    for run in found.runs:
        model = build(run.seed)
        history = fit(model, XOR, Y, seed=run.seed, **OPTIONS)
        assert run.loss == history[-1].loss
        assert list(run.parameters) == [parameter.data for parameter in model.parameters()]
        losses.append(run.loss)
    kept = sorted(losses)[:2]
    assert [run.loss for run in found.kept] == kept
    assert found.mean == statistics.fmean(kept)
    assert found.deviation == statistics.stdev(kept)
    assert found.metric("accuracy")[0] == statistics.fmean(
        run.metrics["accuracy"] for run in found.kept
    )
    best = [parameter.data for parameter in found.model.parameters()]
    assert best == list(found.kept[0].parameters)
    assert found.model.predict(XOR)[0] in ("no", "yes")


@pytest.mark.parametrize(
    ("pool", "workers"),
    [(ThreadPoolExecutor, 1), (ThreadPoolExecutor, 2), (ProcessPoolExecutor, 2)],
)
def test_whoever_works_the_result_is_the_same(pool, workers):
    here = restarts(build, XOR, Y, seeds=[3, 1, 4], keep=1, **OPTIONS)
    with pool(workers) as executor:
        there = restarts(build, XOR, Y, seeds=[3, 1, 4], keep=1, executor=executor, **OPTIONS)
    assert told(here) == told(there)
    assert str(here) == str(there)


@pytest.mark.any_engine
def test_dask(tmp_path):
    distributed = pytest.importorskip("distributed")
    here = restarts(build, XOR, Y, seeds=3, keep=2, **OPTIONS)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None,
            local_directory=str(tmp_path),
        ) as cluster,
        distributed.Client(cluster) as client,
    ):  # fmt: skip
        executor = client.get_executor()
        there = restarts(build, XOR, Y, seeds=3, keep=2, executor=executor, **OPTIONS)
    assert told(here) == told(there)


@pytest.mark.any_engine
def test_a_worker_that_dies_once_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setenv("MARK", str(tmp_path / "mark"))
    with ProcessPoolExecutor(2) as executor:
        found = restarts(build_or_die_once, XOR, Y, seeds=4, keep=2, executor=executor, **OPTIONS)
    assert told(found) == told(restarts(build, XOR, Y, seeds=4, keep=2, **OPTIONS))


@pytest.mark.any_engine
def test_a_worker_that_dies_twice_is_told_by_its_seed():
    with ProcessPoolExecutor(2) as executor:
        found = restarts(build_or_die, XOR, Y, seeds=4, keep=2, executor=executor, **OPTIONS)
    assert [bool(run.error) for run in found.runs] == [False, False, True, False]
    assert "seed 2 failed: twice, its worker died" in str(found)
    assert 2 not in [run.seed for run in found.kept]


def build_wild(seed):
    model = build(seed)
    if seed == 1:
        model["b_1^(2)"] = 1e200
    return model


def test_a_run_that_diverges_is_told_by_its_seed():
    found = restarts(build_wild, XOR, [0.0, 1.0, 1.0, 0.5], seeds=3, keep=2, loss="mse", epochs=2)
    assert [bool(run.error) for run in found.runs] == [False, True, False]
    assert "seed 1 failed: " in str(found)
    assert {run.seed for run in found.kept} == {0, 2}


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"seeds": 0}, ValueError, "seeds must be at least 1"),
        ({"seeds": [1, 1]}, ValueError, "different"),
        ({"seeds": ["a"]}, TypeError, "seeds are integers"),
        ({"seeds": 2, "keep": 3}, ValueError, "keep is 3, but there are 2"),
        ({"seed": 3}, ValueError, "seed belongs to one training"),
        ({"checkpoint": "x"}, ValueError, "checkpoint belongs to one training"),
        ({"build": 3}, TypeError, "build must be a function"),
        ({"executor": 3}, TypeError, "submit"),
        ({"seeds": 1.5}, TypeError, "several integers, or how many, got float 1.5"),
        ({"seeds": "abc"}, TypeError, "several integers, or how many, got str 'abc'"),
        ({"epoch": 3}, TypeError, "restarts has no argument 'epoch'; write epochs="),
        ({"build": lambda seed: 3}, TypeError, "fit trains a Module"),
        ({"loss": "crossentropy"}, ValueError, "did you mean"),
    ],
)
def test_bad_input(changes, kind, words):
    given = {"build": build, "X": XOR, "y": Y, "keep": 1} | changes
    with pytest.raises(kind, match=words):
        restarts(**given)


@pytest.mark.any_engine
def test_the_picture():
    pytest.importorskip("matplotlib")
    found = restarts(build, XOR, Y, seeds=4, keep=2, **OPTIONS)
    chart = found.chart()
    assert len(chart.figure.axes[0].get_lines()) == 4
    assert "4 restarts" in chart.svg()
    assert "<table" in found._repr_html_()


def test_the_rows_held_out_are_the_same_for_all_runs():
    X = [[float(k), 1.0] for k in range(20)]
    found = restarts(
        build, X, [float(k) for k in range(20)], seeds=3, keep=1, epochs=1, loss="mse",
        optimizer="sgd", validation=0.25, clip=1e-12, batch_size=15,
    )  # fmt: skip
    from nn.training.problem import Problem

    problem = Problem(build(0), X, [float(k) for k in range(20)], "mse", 0.25)
    rows, targets = problem.held_out.parts
    for run in found.runs:
        model = build(run.seed)
        errors = [
            (model(x).data - t) ** 2 for x, t in zip(rows.lists(), targets.labels(), strict=True)
        ]
        assert run.loss == pytest.approx(sum(errors) / len(errors), rel=1e-6)


def test_every_run_has_an_optimizer_of_its_own():
    optimizer = SGD(lr=0.1, momentum=0.9)
    options = dict(OPTIONS, optimizer=optimizer)
    here = restarts(build, XOR, Y, seeds=[0, 1, 2], keep=1, **options)
    backwards = restarts(build, XOR, Y, seeds=[2, 1, 0], keep=1, **options)
    assert sorted(told(here)) == sorted(told(backwards))
    assert (optimizer.steps, optimizer.parameters) == (0, [])


def fails(seed):
    raise RuntimeError(f"no model for {seed}")


def test_what_build_raises_is_raised_wherever_it_works():
    with ProcessPoolExecutor(1) as executor:
        for one in (None, executor):
            with pytest.raises(RuntimeError, match="no model for 0"):
                restarts(fails, XOR, Y, seeds=1, executor=one)


def test_few_seeds_are_all_kept():
    assert len(restarts(build, XOR, Y, seeds=2, **OPTIONS).kept) == 2


def test_rows_are_read_once_and_their_columns_keep_their_names():
    table = SimpleNamespace(X=XOR, y=Y, features=["left", "right"])
    once = restarts(build, (row for row in XOR), iter(Y), seeds=2, keep=1, **OPTIONS)
    named = restarts(build, table, Y, seeds=2, keep=1, **OPTIONS)
    assert told(once) == told(named)
    assert named.model.feature_names == ("left", "right")
    turned = SimpleNamespace(X=XOR, y=Y, features=["right", "left"])
    with pytest.raises(ValueError, match="columns in another order"):
        named.model.predict(turned)
    model = build(0)
    before = dict(vars(model))
    lr_range(model, table, Y, steps=10)
    assert vars(model) == before, "what it learned of the table is gone with the steps"
