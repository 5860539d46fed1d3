"""What a training that diverged says: the rate it names is taken at its word."""

import random
import warnings

import pytest

from autograd import SGD, Adam
from nn import MLP, DivergenceError, fit
from nn.training import stepping
from nn.training.divergence import largest_rate

SOURCE = random.Random(16)
ROWS = [[SOURCE.gauss(0, 1) for _ in range(3)] for _ in range(40)]
HEIGHTS = [x + 2 * y + 3 * z for x, y, z in ROWS]
LARGE = [[10 * x for x in row] for row in ROWS]


def line():
    return MLP(3, [1], "linear", seed=1)


def bent():
    return MLP(3, [8, 1], "relu", seed=1)


# Each diverges; what is asked for beside rows and heights.
RUNS = {
    "far too large": (line, ROWS, lambda: SGD(lr=5.0), {"epochs": 30}),
    "a little too large": (line, ROWS, lambda: SGD(lr=1.1), {"epochs": 60}),
    "momentum": (bent, LARGE, lambda: SGD(lr=0.05, momentum=0.9), {"epochs": 30}),
    "a peak that comes later": (bent, ROWS, lambda: SGD(lr=2.0), {"schedule": "one_cycle"}),
    "row by row": (bent, ROWS, lambda: SGD(lr=0.3), {"epochs": 20, "batch_size": 1}),
    "a heavy row": (line, ROWS, lambda: SGD(lr=0.5), {"sample_weight": [1.0] * 39 + [1e4]}),
    "held out": (line, ROWS, lambda: SGD(lr=5.0), {"validation": 0.2, "patience": 30}),
    "Adam": (lambda: MLP(3, [8, 8, 1], "relu", seed=2), ROWS, lambda: Adam(1e6), {"epochs": 20}),
    "beyond all measure": (line, ROWS, lambda: SGD(lr=1e300), {"epochs": 20, "clip": 1.0}),
    "eager": (line, ROWS, lambda: SGD(lr=5.0), {"epochs": 6, "compiled": False}),
}


@pytest.mark.parametrize("name", RUNS)
def test_the_rate_it_names_goes_well_to_the_end_and_it_is_nearly_the_largest(name):
    build, rows, optimizer, options = RUNS[name]
    options = {"epochs": 40, "progress": False, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of relu units that large steps kill
        with pytest.raises(DivergenceError) as caught:
            fit(build(), rows, HEIGHTS, optimizer=optimizer(), **options)
        rate = caught.value.largest_lr
        assert f"with lr={rate:g} in place of" in str(caught.value)
        stepper = optimizer()
        stepper.lr = rate
        history = fit(build(), rows, HEIGHTS, optimizer=stepper, **options)
        assert history.stopped in ("epochs", "patience")
        failed = 0
        for factor in (1.5, 2.0, 4.0):  # not every larger rate fails: it is a search
            stepper = optimizer()
            stepper.lr = factor * rate
            try:
                found = fit(build(), rows, HEIGHTS, optimizer=stepper, **options)
                failed += found[-1].loss > found[0].loss
            except DivergenceError:
                failed += 1
        assert failed >= 2


def test_the_message_says_how_far_it_was_tried(monkeypatch):
    monkeypatch.setattr(stepping, "_TRIED", 200_000)
    monkeypatch.setattr(stepping, "_TRIED_SLOWLY", 200_000)
    with pytest.raises(DivergenceError, match="all 60 steps go well"):
        fit(line(), ROWS, HEIGHTS, optimizer=SGD(lr=5.0), epochs=30)
    with pytest.raises(DivergenceError, match="the first 60 steps go well"):
        fit(line(), ROWS, HEIGHTS, optimizer=SGD(lr=5.0), epochs=10**4)


@pytest.mark.parametrize("limit", [1e-18, 3e-7, 0.0999, 0.26, 3.0, 1e200])
def test_the_search_finds_any_limit(limit):
    tried = []

    def survives(rate):
        tried.append(rate)
        return rate < limit

    found = largest_rate(survives, max(4 * limit, 1e-3))
    assert found < limit <= 1.06 * found
    assert found == float(f"{found:.3g}")
    assert len(tried) < 30


def test_an_error_of_the_schedule_is_the_users():
    def schedule(step):
        return 1 / (3 - step)

    with pytest.raises(ZeroDivisionError) as caught:
        fit(line(), ROWS, HEIGHTS, epochs=5, schedule=schedule)
    assert not isinstance(caught.value, DivergenceError)
