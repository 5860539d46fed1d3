"""Proof: an exported file is run, and every node held against the model.

From the bottom up:

    runs                  what exported files compute, and how it is asked of them
    running_c             C, compiled and run
    running               the other languages, and which tool is whose
    explained, slopes     how far rounding alone can take a node, and a derivative
    deviations            what a comparison found, in ulp
    comparing             a run held against the model
"""
