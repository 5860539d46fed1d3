"""Batches: rows, each by the way through the function that it takes.

From the bottom up:

    collecting, eager     results of all rows, put together; rows that eager code decides
    grouping              rows grouped by the branches they take
    calls                 `rows` and its like, as `Program` calls them
"""
