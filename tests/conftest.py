"""Settings of the whole suite: random examples are the same on every machine and every run."""

from hypothesis import settings

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, print_blob=True
)
settings.load_profile("repeatable")
