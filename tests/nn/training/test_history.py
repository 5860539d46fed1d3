"""Histories: columns, tables, lines, pictures."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn.training.history import Epoch, History, sparkline

# None of it asks a node for anything.
pytestmark = pytest.mark.any_engine


def history(epochs=30, validated=True):
    records = [
        Epoch(
            number=k, steps=10 * k, loss=1.0 / k, lr=0.01, gradient_norm=0.5, seconds=0.1 * k,
            validation_loss=1.0 / k + 0.001 * k if validated else None,
            metrics={"accuracy": 1.0 - 1.0 / k},
        )
        for k in range(1, epochs + 1)
    ]  # fmt: skip
    return History(records, best=min(epochs, 17) if validated else None)


def test_columns():
    told = history()
    assert told["loss"][:2] == [1.0, 0.5]
    assert told["accuracy"][1] == 0.5
    assert len(told) == 30
    assert told[-1].number == 30
    assert [epoch.number for epoch in told[:3]] == [1, 2, 3]
    assert "validation_loss" not in history(validated=False).columns()
    with pytest.raises(KeyError, match="there is no column 'los'; there are number, steps, loss"):
        told["los"]


def test_a_metric_that_came_later_is_missing_before():
    told = History([Epoch(1, 1, 0.5, None), Epoch(2, 2, 0.4, None, {"r2": 0.5})])
    assert told["r2"] == [None, 0.5]
    assert "0.5" in str(told)


def test_the_text_has_the_best_epoch_and_the_summary():
    text = str(history())
    assert "17 *" in text
    assert text.count("\n") < 20
    assert "best: epoch 17, loss 0.05882, validation loss 0.07582, accuracy 0.9412" in text
    assert "30 epochs in 3 s" in repr(history())
    assert "<table" in history()._repr_html_()
    assert "no epoch was finished (an interrupt)" in repr(History(stopped="interrupt"))
    assert str(History()) == "no epoch was finished"


@settings(max_examples=30)
@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=90))
def test_lines_of_bars(numbers):
    line = sparkline(numbers)
    assert 1 <= len(line) <= 40
    assert set(line) <= set("▁▂▃▄▅▆▇█")
    if max(numbers) > min(numbers) and len(numbers) <= 40 and min(numbers) <= 0.0:
        assert line[numbers.index(max(numbers))] == max(line)
        assert line[numbers.index(min(numbers))] == "▁"


def test_the_picture(tmp_path):
    pytest.importorskip("matplotlib")
    for validated in (True, False):
        chart = history(validated=validated).chart()
        assert len(chart.figure.axes) == 4
        lines = chart.figure.axes[0].get_lines()
        assert list(lines[0].get_ydata()) == [1.0 / k for k in range(1, 31)]
        assert str(history(validated=validated)) in repr(chart)
    chart.save(tmp_path / "history.svg")
    assert "training" in (tmp_path / "history.svg").read_text()
    assert math.isclose(chart.figure.axes[1].get_lines()[0].get_ydata()[1], 0.5)
