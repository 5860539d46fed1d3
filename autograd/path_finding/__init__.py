"""Paths from a value to an output: how many, which, what they contribute, what they share.

From the bottom up:

    cone                  what lies between two values
    counts, junctions     how many paths there are; where they meet
    search, routes, cuts  each path, the largest contribution first; paths told apart by the units
                          they pass; what dead units cut
    summaries             many paths in few lines
"""
