"""A run that is broken off anywhere goes on to the same bits."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time

import pytest

import nn
from autograd import SGD, Adam
from nn import MLP, Training, fit, schedules
from nn.training import runs

KILLS = int(os.environ.get("CHAINRULE_KILLS", "10"))


def rows(count=60, seed=1):
    source = random.Random(seed)
    X = [[source.gauss(0, 1), source.gauss(0, 1)] for _ in range(count)]
    return X, [x * z for x, z in X]


def network():
    return MLP(2, [5, 1], "tanh", seed=3)


def state(model, history):
    """All that has to be the same; seconds never are."""
    epochs = [{**vars(epoch), "seconds": None} for epoch in history]
    return [parameter.data for parameter in model.parameters()], epochs, history.best


VARIANTS = {
    "adam, shuffled": dict(optimizer=lambda: Adam(lr=0.02), batch_size=7),
    "momentum, validated": dict(
        optimizer=lambda: SGD(lr=0.05, momentum=0.9), validation=0.2, patience=9, metrics=["r2"]
    ),
    "scheduled, clipped": dict(
        optimizer=lambda: Adam(lr=0.02),
        batch_size=7,
        schedule="one_cycle",
        clip={"norm": 1.0, "value": 0.5},
    ),
    "plateau": dict(
        optimizer=lambda: SGD(lr=0.3), batch_size=20, schedule=schedules.OnPlateau(0.5, patience=1)
    ),
    "audited": dict(optimizer=lambda: SGD(lr=0.05), batch_size=7, audit=0.3),
}


class BreakError(Exception):
    """Something that nobody expects."""


def options_of(name):
    given = VARIANTS[name]
    return {**given, "optimizer": given["optimizer"](), "loss": "mse", "progress": False}


@pytest.mark.parametrize("name", VARIANTS)
def test_a_break_after_any_turn_changes_nothing(name, tmp_path, monkeypatch):
    X, y = rows()
    monkeypatch.setattr("nn.training.runs._SAVING", 1e9)  # a file after every turn
    monkeypatch.setattr("nn.training.runs._TURN", 0.0)  # of one step
    undisturbed = network()
    expected = state(undisturbed, fit(undisturbed, X, y, epochs=4, **options_of(name)))
    path = tmp_path / "run.ckpt"
    source, breaks = random.Random(5), 0
    while True:
        model = network()
        training = Training(model, X, y, epochs=4, checkpoint=path, **options_of(name))
        turn, left = training._turn, source.randrange(1, 9)

        def turn_or_break(turn=turn):
            nonlocal left
            left -= 1
            if left < 0:
                raise BreakError
            turn()

        training._turn = turn_or_break
        try:
            history = training.run()
        except BreakError:
            breaks += 1
            continue
        break
    assert breaks
    assert state(model, history) == expected


def test_a_finished_run_is_read_and_not_repeated(tmp_path):
    X, y = rows()
    path = tmp_path / "run.ckpt"
    one, two = network(), network()
    first = fit(one, X, y, epochs=5, validation=0.2, checkpoint=path)
    before = path.read_bytes()
    second = fit(two, X, y, epochs=5, validation=0.2, checkpoint=path)
    assert state(one, first) == state(two, second)
    assert path.read_bytes() == before


def test_more_epochs_go_on(tmp_path):
    X, y = rows()
    path = tmp_path / "run.ckpt"
    fit(network(), X, y, epochs=3, checkpoint=path)
    model, whole = network(), network()
    history = fit(model, X, y, epochs=8, checkpoint=path)
    assert state(model, history) == state(whole, fit(whole, X, y, epochs=8))


OTHERS = {
    "model": lambda X, y: ((MLP(2, [4, 1], "tanh", seed=3), X, y), {}),
    "rows": lambda X, y: ((network(), [[0.0, 0.0], *X[1:]], y), {}),
    "targets": lambda X, y: ((network(), X, [0.0, *y[1:]]), {}),
    "optimizer": lambda X, y: ((network(), X, y), {"optimizer": Adam(lr=0.5)}),
    "kind": lambda X, y: ((network(), X, y), {"optimizer": SGD(lr=0.01)}),
    "batch_size": lambda X, y: ((network(), X, y), {"batch_size": 5}),
    "seed": lambda X, y: ((network(), X, y), {"seed": 5}),
    "schedule": lambda X, y: ((network(), X, y), {"schedule": "cosine"}),
    "clip": lambda X, y: ((network(), X, y), {"clip": 1.0}),
    "validation": lambda X, y: ((network(), X, y), {"validation": (X, y)}),
    "loss": lambda X, y: ((network(), X, y), {"loss": "squared_error"}),
}


@pytest.mark.parametrize("what", OTHERS)
def test_the_checkpoint_of_another_training_is_refused(what, tmp_path):
    X, y = rows()
    path = tmp_path / "run.ckpt"
    fit(network(), X, y, epochs=2, checkpoint=path)
    before = path.read_bytes()
    (model, *data), options = OTHERS[what](X, y)
    kept = [parameter.data for parameter in model.parameters()]
    with pytest.raises(ValueError, match="is the checkpoint of another training: "):
        fit(model, *data, epochs=2, checkpoint=path, **options)
    assert [parameter.data for parameter in model.parameters()] == kept
    assert path.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes as on Unix")
def test_what_is_no_file_is_refused_before_the_training(tmp_path):
    os.mkfifo(tmp_path / "pipe")  # which nobody writes to: reading it would wait for ever
    (tmp_path / "device").symlink_to("/dev/zero")
    X, y = rows()
    model = network()
    before = [parameter.data for parameter in model.parameters()]
    for path in (tmp_path / "pipe", tmp_path / "device", tmp_path):
        with pytest.raises(ValueError, match="is not a file: there is a folder, a pipe or a dev"):
            fit(model, X, y, epochs=1, checkpoint=path)
    for empty in ("", b""):
        with pytest.raises(ValueError, match="checkpoint is an empty path"):
            fit(model, X, y, epochs=1, checkpoint=empty)
    assert [parameter.data for parameter in model.parameters()] == before


def long_run(path=None):
    """What is killed: some hundred turns, with a file after each where there is a path."""
    runs._SAVING, runs._TURN = 1e9, 0.0
    X, y = rows(100)
    model = network()
    history = fit(
        model, X, y, epochs=10, batch_size=4, optimizer=Adam(lr=0.01), validation=0.2, patience=40,
        schedule="cosine", loss="mse", checkpoint=path, progress=False,
    )  # fmt: skip
    return repr(state(model, history))


def kill_runs(path, kills):
    """Return how many runs were killed; those that were not end alike."""
    context = multiprocessing.get_context("fork")  # which begins at once

    def outcome(path, seconds=None):
        """Return what a run in a process of its own ends with; None if it was killed."""
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=lambda: sender.send(long_run(path)))
        process.start()
        process.join(seconds)
        process.kill()
        process.join()
        if process.exitcode == -signal.SIGKILL:
            return None
        assert process.exitcode == 0
        return receiver.recv()

    expected = outcome(None)
    began = time.perf_counter()
    assert outcome(path) == expected
    usual = time.perf_counter() - began
    os.unlink(path)
    source, killed = random.Random(7), 0
    for _ in range(20 * kills):
        found = outcome(path, source.uniform(0.1, 0.8) * usual)
        killed += found is None
        if found is None:
            continue
        assert found == expected
        if killed >= kills:
            break
        os.unlink(path)  # and from the beginning
    return killed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_a_run_that_is_killed_goes_on_to_the_same_bits(tmp_path):
    # In a process without the threads of other tests, which a fork would not have.
    command = (
        "import sys; sys.path[:0] = sys.argv[3:]; import test_resuming; "
        "print(test_resuming.kill_runs(sys.argv[1], int(sys.argv[2])))"
    )
    root = os.path.dirname(os.path.dirname(nn.__file__))
    places = [root, os.path.dirname(__file__)]
    found = subprocess.run(
        [sys.executable, "-c", command, tmp_path / "run.ckpt", str(KILLS), *places],
        check=True,
        capture_output=True,
    )
    assert int(found.stdout) >= KILLS


def test_another_loss_or_model_of_the_same_name_is_another_training(tmp_path):
    X, y = rows()
    path = tmp_path / "run.ckpt"
    scale = 1.0
    fit(network(), X, y, loss=lambda a, t: (a - t) ** 2 * scale, epochs=2, checkpoint=path)
    for loss in (lambda a, t: abs(a - t), lambda a, t, scale=2.0: (a - t) ** 2 * scale):
        with pytest.raises(ValueError, match="another training: the loss was"):
            fit(network(), X, y, loss=loss, epochs=2, checkpoint=path)
    scale = 3.0
    with pytest.raises(ValueError, match="another training: the loss was"):
        fit(network(), X, y, loss=lambda a, t: (a - t) ** 2 * scale, epochs=2, checkpoint=path)
