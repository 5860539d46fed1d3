"""Deep graphs on a small stack: what recurses crashes there after some thousand calls."""

from __future__ import annotations

import os
import threading

PATIENT = "CHAINRULE_PATIENT" in os.environ
# Steps of a deep graph: a stack of 8 MB ends between a hundred thousand and a million calls in C,
# one of half a megabyte sixteen times sooner.
DEEP = 1_000_000 if PATIENT else 100_000


def on_a_small_stack(work):
    """Return `work()`, which runs in a thread of half a megabyte of stack."""
    results, errors = [], []

    def run():
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    before = threading.stack_size(1 << 19)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
