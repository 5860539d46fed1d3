"""Proof: an exported file is run, and every node held against the model.

From the bottom up:

    running               exported files, run on rows with the tools they are made for
    explained, slopes     how far rounding alone can take a node, and a derivative
    deviations            what a comparison found
    comparing             a run held against the model
"""
