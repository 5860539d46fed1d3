"""Verification: claimed derivatives held against what can be found without them.

From the bottom up:

    noise, extrapolation  how much a function scatters; the limit of shrinking steps
    sampling              a function along one input, evaluated once per argument
    sweeping              one sweep of shrinking steps
    closer                whether what a sweep found holds at steps it did not take
    hiding                what rounding hides at the point and shows farther away
    differences           derivatives from values alone, with error bars
    verdicts              what follows from error bars
    culprits, points      which operation is wrong; where a check stands
    forms                 the arrays and numbers of a point
    foreign               code of other libraries
    cancelling            what cancels in a recorded gradient
    claims, progress      what claims to know its derivatives; what a long check shows meanwhile
    comparing             one input at a time
    directions            all inputs at once, along a random direction
    searching             which inputs are behind what a direction shows
    projecting            a check along random directions
    alterations, whereabouts
                          how gradients of arrays get wrong, and where in them
    diagnosing            what wrong claims have in common
    checking              one check: settings, comparisons, complaint
    gradcheck             the checks that users call
    oracles, broken_sweeps  the same graph in other kinds of numbers; reverse sweeps as people
                          have broken them
    quiet_mutants         faults that every mode of differentiation shares
    mutants               every rule broken, to prove that the check notices
"""
