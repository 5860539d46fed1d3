"""Oracles: the same graph in other kinds of numbers.

From the bottom up:

    kinds                 what a kind of numbers has to be able to do
    jets, intervals, complex_step, digits, replay
                          exact rationals with a derivative; intervals that contain the truth;
                          complex numbers; many digits; a recorded graph evaluated on any of them
    opinions              what they say of a gradient
"""
