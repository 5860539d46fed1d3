"""Batches: rows, each by the way through the function that it takes.

From the bottom up:

    asked                 what a call on rows wants
    collecting, eager     results of all rows, put together; rows that eager code decides
    grouping              rows grouped by the branches they take
    remembering           calls that go straight to the machine, since one like them did
    calls                 `rows` and its like, as `Program` calls them
"""
