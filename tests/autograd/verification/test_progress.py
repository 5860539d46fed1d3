"""What a long check shows: a line for whoever watches, nothing for pipes, nothing left behind."""

import io
import sys

import pytest

from autograd.verification import progress
from autograd.verification.gradcheck import check_gradient


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(progress, "_SILENT", 0.0)
    monkeypatch.setattr(progress, "_EVERY", 0.0)


def shown(monkeypatch, stream, **options):
    monkeypatch.setattr(sys, "stderr", stream)
    point = [0.5, -1.0, 2.0]
    check_gradient(lambda x: x[0] * x[1] * x[2], lambda x: [-2.0, 1.0, -0.5], point, **options)
    return stream.getvalue()


def test_a_terminal_sees_which_input_it_is_at_and_how_long_it_takes(monkeypatch, impatient):
    text = shown(monkeypatch, Terminal())
    assert "\rclaimed gradient: how much f scatters, 0 s" in text
    assert "\rclaimed gradient: point[1], 2 of 3, 0 s, about 0 s left" in text
    assert text.endswith("\r" + " " * 78 + "\r")
    assert text.isascii()
    assert all(len(line) <= 78 for line in text.split("\r"))


def test_directions_are_shown_too(monkeypatch, impatient):
    assert "\rclaimed gradient: direction 1, 0 s" in shown(monkeypatch, Terminal(), projections=1)


def test_pipes_get_nothing(monkeypatch, impatient):
    assert shown(monkeypatch, io.StringIO()) == ""


def test_what_is_quick_shows_nothing(monkeypatch):
    assert shown(monkeypatch, Terminal()) == ""


def test_the_line_is_taken_away_when_something_goes_wrong(monkeypatch, impatient):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with pytest.raises(AssertionError):
        check_gradient(lambda x: x * x, lambda x: x, 3.0)
    assert stream.getvalue().endswith("\r" + " " * 78 + "\r")


def test_a_stream_that_was_closed_meanwhile_does_not_end_the_check(monkeypatch, impatient):
    class Closing(Terminal):
        def flush(self):
            raise ValueError("closed")

    assert check_gradient(lambda x: x * x, lambda x: 2.0 * x, 3.0).verdict == "PASS"
    shown(monkeypatch, Closing())
    monkeypatch.setattr(sys, "stderr", None)
    assert check_gradient(lambda x: x * x, lambda x: 2.0 * x, 3.0).verdict == "PASS"
