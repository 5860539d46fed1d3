"""Proof: an exported file is run, and every node held against the model.

From the bottom up:

    running               exported files, run on rows with the tools they are made for
    explained             how far rounding alone can take a node from its value
    deviations            what a comparison found
    comparing             a run held against the model
"""
