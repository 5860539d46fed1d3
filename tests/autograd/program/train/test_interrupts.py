"""Signals that wait: whatever a handler raises, and when, handlers are in their places again."""

from __future__ import annotations

import signal

import pytest

from autograd.program.train import interrupts
from autograd.program.train.interrupts import SignalsWait


class Struck:
    """The module `_signal`, with a handler that raises as the n-th handler is set."""

    def __init__(self, strike):
        self.strike, self.calls = strike, 0

    def __getattr__(self, name):
        return getattr(signal, name)

    def signal(self, number, handler):
        self.calls += 1
        before = signal.signal(number, handler)
        if self.calls == self.strike:
            raise TimeoutError("of a handler")
        return before


@pytest.mark.parametrize("strike", range(1, 7))
def test_a_handler_that_raises_half_way_leaves_none_behind(monkeypatch, strike):
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGALRM]
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    mine = {number: signal.getsignal(number) for number in numbers}
    try:
        monkeypatch.setattr(interrupts, "_signal", Struck(strike))
        monkeypatch.setattr(interrupts, "_NUMBERS", numbers)
        with pytest.raises(TimeoutError), SignalsWait():
            pass
        assert {number: signal.getsignal(number) for number in numbers} == mine
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
