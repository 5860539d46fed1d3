"""Settings of the whole suite: random examples are the same on every machine and every run."""

import signal

import pytest
from hypothesis import settings

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, print_blob=True
)
settings.load_profile("repeatable")


@pytest.fixture
def ctrl_c_is_heard():
    """Let SIGINT raise KeyboardInterrupt: shells make what runs in the background deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
