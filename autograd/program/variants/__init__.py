"""Variants: the ways through a function that were recorded.

From the bottom up:

    locks, variant        a lock that no forked process inherits; one way through a function, and
                          everything that is made of it
    on_values             what eager code gives
    recorder              all ways through a function, and which of them a call takes
"""
