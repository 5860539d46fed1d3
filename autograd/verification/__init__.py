"""Verification: claimed derivatives held against what can be found without them.

From the bottom up:

    noise, extrapolation, sampling, sweeping, closer, differences
                                 derivatives from values alone, with error bars
    verdicts, culprits           what follows from error bars; which operation is wrong
    points, claims               where, and what claims to know its derivatives
    comparing, projecting        both side by side: one input at a time, or all at once
    foreign, checking, gradcheck the checks that users call
    anomalies, connections       what is broken in a graph: infinities, cut paths
    kinds, jets, intervals, complex_step, digits, replay, oracles
                                 the same graph in other kinds of numbers
    broken_sweeps, quiet_mutants, mutants
                                 every rule broken, to prove that the check notices
"""
