"""The textbook's figure of a network: a disc for each unit, weights on the lines.

`reading` finds the network in a graph, `figure` describes it as a `Picture` with what `lit` says of
the routes asked about, `layout` places it. From the bottom up:

    reading, line_labels  which node belongs to which disc; where words stand beside lines
    box_formulas, captions, layout
                          what boxes compute; the products below; discs, lines and boxes with
                          their places
    lit, figure           routes in colour; words and numbers
"""
