"""Diagnosis: what is wrong in a graph.

From the bottom up:

    anomalies, connections  where a number that is not finite came from; what a gradient does not
                            reach
"""
