"""When a training calls back: every so many steps, and once more for what is left over."""

from __future__ import annotations

import pytest

from autograd import Value, compile
from autograd.program import SGD


def trainer():
    w = Value(4.0)
    program = compile(lambda x: (w * x) ** 2, parameters=[w])
    return program.trainer([1.0, 2.0, 0.5], optimizer=SGD(lr=0.01), batch_size=1), w


@pytest.mark.parametrize("steps", [1, 6, 13])
@pytest.mark.parametrize("every", [1, 3, 5, 6, 13, 100])
def test_calls_come_after_every_so_many_steps_and_at_the_end(steps, every):
    calls = []
    training, w = trainer()
    losses = training.run(steps=steps, callback=lambda *call: calls.append(call), every=every)
    assert len(losses) == steps
    ends = [step for step in range(1, steps + 1) if step % every == 0 or step == steps]
    assert [step for step, _ in calls] == ends
    for begin, (end, mean) in zip([0, *ends], calls, strict=False):
        assert mean == sum(losses[begin:end]) / (end - begin)
    silent, same = trainer()
    assert silent.run(steps=steps) == losses
    assert same.data == w.data


@pytest.mark.parametrize(
    ("steps", "every"), [(1, 1), (9, 1), (10, 1), (19, 1), (20, 2), (29, 2), (35, 3)]
)
def test_by_default_there_are_about_ten_calls(steps, every):
    calls = []
    trainer()[0].run(steps=steps, callback=lambda step, loss: calls.append(step))
    assert calls == [step for step in range(1, steps + 1) if step % every == 0 or step == steps]


@pytest.mark.parametrize("stop", [1, 2, 3, 4, 5])
def test_a_call_that_returns_something_true_is_the_last(stop):
    calls = []

    def look(step, loss):
        calls.append(step)
        return len(calls) == stop

    losses = trainer()[0].run(steps=10, callback=look, every=3)
    assert calls == [3, 6, 9, 10][:stop]
    assert len(losses) == calls[-1]


@pytest.mark.parametrize(("epochs", "size", "steps"), [(1, 1, 3), (2, 1, 6), (2, 2, 4), (3, 3, 3)])
def test_an_epoch_goes_through_all_rows(epochs, size, steps):
    w = Value(4.0)
    program = compile(lambda x: (w * x) ** 2, parameters=[w])
    training = program.trainer([1.0, 2.0, 0.5], optimizer=SGD(lr=0.01), batch_size=size)
    assert len(training.run(epochs=epochs)) == steps


@pytest.mark.parametrize("wrong", [0, -1, 1.5, "3", True])
def test_counts_are_whole_and_positive(wrong):
    for named in ({"steps": wrong}, {"epochs": wrong}, {"steps": 2, "every": wrong}):
        with pytest.raises((TypeError, ValueError), match=next(reversed(named))):
            trainer()[0].run(callback=lambda step, loss: None, **named)
    for named in ({}, {"steps": 1, "epochs": 1}):
        with pytest.raises(TypeError, match="steps or epochs"):
            trainer()[0].run(**named)
