"""Settings of the whole suite: random examples are the same on every machine and every run."""

import gc
import os
import signal

import pytest
from hypothesis import settings

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, print_blob=True
)
settings.load_profile("repeatable")


def pytest_configure():
    """Let SIGINT raise KeyboardInterrupt: shells make what runs in the background deaf to it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Programs, which are run, not imported for doctests.
collect_ignore_glob = ["benchmarks/*", "project/*", "users/[!t]*"]

# Rooms whose tests never ask which engine computes, or ask both: see the marker `any_engine`.
ANY_ENGINE = (
    "tests/autograd/generate",
    "tests/autograd/machine",
    "tests/autograd/native",
    "tests/autograd/page",
    "tests/autograd/program/emission",
    "tests/autograd/test_architecture.py",
    "tests/autograd/test_places_to_touch.py",
    "tests/autograd/test_rule_book.py",
    "tests/autograd/verification/test_differences.py",
    "tests/autograd/verification/test_error_rates.py",
    "tests/autograd/verification/test_foreign.py",
    "tests/autograd/verification/test_projections.py",
    "tests/nn/data",
    "tests/nn/export",
    "tests/nn/reading",
)


def pytest_collection_modifyitems(config, items):
    """What does not depend on the engine runs once, with the one that was not forced."""
    for item in items:
        if " at 0x" in item.nodeid:  # another one in each of the processes that share the tests
            raise pytest.UsageError(f"the name of {item.nodeid} has an address: give it an id")
    if os.environ.get("AUTOGRAD_ENGINE") == "python":
        again = [item for item in items if item.get_closest_marker("any_engine")]
        again += [item for item in items if item.nodeid.startswith(ANY_ENGINE)]
        config.hook.pytest_deselected(items=again)
        items[:] = [item for item in items if item not in set(again)]


def pytest_collection_finish():
    """Modules and tests stay to the end: no collection has to look through them again."""
    gc.collect()
    gc.freeze()
