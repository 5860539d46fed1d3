"""Interrupts at every moment: what the tests of long calls need."""

from __future__ import annotations

import inspect
import itertools
import os
import signal
import sys
import time

import pytest

NOT_HERE = pytest.mark.skipif(os.name == "nt", reason="timers and signals as on Unix")
MANY = int(os.environ.get("CHAINRULE_INTERRUPTS", "0"))  # of each call; 0: a few, for CI


class Told(BaseException):
    """What the handler raises."""


def interrupted(work, seconds, error=Told):
    """Run `work()`, interrupted after so many seconds; return whether it was, and how long it took.

    The signal is SIGALRM of a timer of real time; its handler raises, as Ctrl-C's does. What `work`
    catches itself is no interrupt of it.
    """

    is_at_work = True

    def tell(number, frame):
        if is_at_work:  # not of a signal that was still on its way
            raise error

    started = time.perf_counter()
    before = signal.signal(signal.SIGALRM, tell)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))
            work()
        finally:
            is_at_work = False
            signal.setitimer(signal.ITIMER_REAL, 0.0)
    except error:
        return True, time.perf_counter() - started
    finally:
        signal.signal(signal.SIGALRM, before)
    return False, time.perf_counter() - started


def interrupted_at(event, work, error=Told):
    """Run `work()`, interrupted at this call or return in it; return whether there was one.

    Handlers of signals run where functions in Python begin and where calls have returned: here it
    is the one that is asked for, whatever the clock says. Where signals wait, this does not. In a
    finaliser, or a generator that nobody asks any more, Python reports the error and goes on.
    Where a generator yields no handler runs, and what were raised there would pass by its own.
    """
    events, is_at_work = itertools.count(), True

    def profile(frame, kind, of):
        if kind == "c_call" or (kind == "return" and frame.f_code.co_flags & inspect.CO_GENERATOR):
            return
        if is_at_work and next(events) == event:
            raise error

    sys.setprofile(profile)
    try:
        work()
    except error:
        pass
    finally:
        is_at_work = False
        sys.setprofile(None)
    return next(events) > event


def moments(duration, few=8):
    """Return when to interrupt a call that takes so long: from its beginning to its end."""
    count = MANY or few
    return [duration * (k + 0.5) / count for k in range(count)]
