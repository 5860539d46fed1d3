"""Pictures of blocks: a box for each layer, loss or group, or for each stage of a graph without.

From the bottom up:

    reading               which node belongs to which block
    lit, layout           how much of a gradient comes which way; boxes with their places
    figure                words and numbers
"""
