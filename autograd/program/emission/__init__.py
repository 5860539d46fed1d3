"""Emission: programs as source text in Python, C and JavaScript that needs nothing else to run."""
