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


def pytest_collection_modifyitems(items):
    """What does not depend on the engine runs once, with the one that was not forced."""
    if os.environ.get("AUTOGRAD_ENGINE") == "python":
        for item in items:
            if item.get_closest_marker("any_engine"):
                item.add_marker(pytest.mark.skip(reason="the same with any engine"))


def pytest_collection_finish():
    """Modules and tests stay to the end: no collection has to look through them again."""
    gc.collect()
    gc.freeze()
