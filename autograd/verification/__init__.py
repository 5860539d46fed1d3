"""Verification: claimed derivatives held against what can be found without them.

`differences` finds derivatives from values alone, `verdicts` judges claims by their error bars,
`gradcheck` and `foreign` take functions of ours and of others, `oracles` re-evaluates a recorded
graph in other numbers, `anomalies` and `connections` look for what is broken in a graph, and
`mutants` breaks every rule to prove that the check notices.
"""
