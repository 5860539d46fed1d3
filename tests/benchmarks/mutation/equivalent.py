"""Faults that change nothing anybody could notice, with the reason for each."""

EQUIVALENT: dict[tuple[str, str, str], str] = {}
