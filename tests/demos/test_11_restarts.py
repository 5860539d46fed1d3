import statistics

import pytest


@pytest.fixture(scope="module")
def found(demo):
    return demo.ten_runs()


def test_the_best_three_are_kept_with_mean_and_deviation(found):
    losses = sorted(run.loss for run in found.runs)
    assert len(losses) == 10
    assert [run.loss for run in found.kept] == losses[:3]
    assert found.mean == pytest.approx(statistics.fmean(losses[:3]))
    assert found.deviation == pytest.approx(statistics.stdev(losses[:3]))


def test_different_starts_end_in_different_minima(found):
    losses = sorted(run.loss for run in found.runs)
    assert losses[-1] > 3.0 * losses[0]


def test_the_best_run_solves_it_and_the_worst_does_not(demo, found):
    order = sorted(found.runs, key=lambda run: run.loss)
    best, worst = demo.corners(found, order[0].seed), demo.corners(found, order[-1].seed)
    assert [z > 0.0 for z in best] == [False, True, True, False]
    assert [z > 0.0 for z in worst] != [False, True, True, False]
