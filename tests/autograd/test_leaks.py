"""The table of leaks: no public call leaves memory behind, however often it is made.

CHAINRULE_PATIENT=1 makes each call for a second instead of some thousandths; =60 for a minute, or a
million times (and `selftest`, too). `-s` prints the table.
"""

from __future__ import annotations

import gc
import itertools
import os
import sys
import time
import tracemalloc

import pytest

import autograd
from tests.autograd import leak_rooms, leak_table

PATIENT = "CHAINRULE_PATIENT" in os.environ
SECONDS = float(os.environ.get("CHAINRULE_PATIENT", "0.005"))
MOST_CALLS = 1_000_000
# In bytes. Half of it is what the same memory differs by when it is looked at twice: lists that
# grow and shrink, integers of two lengths.
MOST_GROWTH = 1_000
# The compiled engine keeps so many dead nodes for later.
KEPT_NODES = 4096
# Seconds a call, and their parts are called by the others.
LONG = {"selftest", "data.breast_cancer", "data.digits"}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    leak_rooms.load_extras()
    gc.collect()
    gc.freeze()  # what other tests hold is not looked through again and again
    tracemalloc.start()
    table = leak_table.calls(leak_table.Things(tmp_path_factory.mktemp("leaks")))
    gc.collect()
    gc.freeze()  # nor what the calls are made on
    autograd.values(range(KEPT_NODES + 1))
    yield table
    tracemalloc.stop()


def held():
    """Return how much memory is in use, apart from what is kept for any next call."""
    gc.collect()
    sys._clear_type_cache()  # holds the last 4096 names that were looked up in classes
    return tracemalloc.get_traced_memory()[0]


def growth(call):
    """Return by how many bytes memory grew over so many calls."""
    start, count = time.perf_counter(), 0
    while count < 1 or (time.perf_counter() - start < 0.3 * SECONDS and count < MOST_CALLS // 2):
        call()  # caches with a bound are filled, too
        count += 1
    sizes = [0] * 3
    for k in range(len(sizes)):
        for _ in range(count):
            call()
        sizes[k] = held()
    return min(after - before for before, after in itertools.pairwise(sizes)), 2 * count


@pytest.mark.filterwarnings("ignore:.*different ways:RuntimeWarning")  # "Program.record"
def test_no_public_call_leaves_memory_behind(table):
    for _ in range(100):  # as many variants as a program keeps
        table["Program.record"]()
    found = {}
    for name, call in table.items():
        if name not in LONG or SECONDS >= 60:
            found[name], calls = growth(call)
            if PATIENT:
                print(f"{name:40} {calls:8} calls {found[name]:+6} bytes", flush=True)
    assert {name: size for name, size in found.items() if size >= MOST_GROWTH} == {}


def test_every_public_call_is_in_the_table(table):
    assert leak_table.required() <= {name.partition(":")[0] for name in table}


def test_a_leak_is_noticed(table):
    kept = []
    assert growth(lambda: kept.append(autograd.Value(1.0)))[0] > MOST_GROWTH
    assert growth(lambda: kept.extend([None] * 200))[0] > MOST_GROWTH
