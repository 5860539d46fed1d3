"""Pictures of graphs: `draw`, and what it is made of.

The way of a picture: `levels` chooses how much it shows; `compose` (every operation), `network`
(every unit) or `blocks` (every layer) reads values into a `Picture`, and lays it out as a `Scene`
of marks with their places, from which every file format is written; `dot_source` writes it for
Graphviz; `drawing` puts all into one object. From the bottom up:

    crossings, graphviz_tools, means, notebook, palette, tex_text, typography
                          order within layers; programs that lay out; means; HTML for
                          notebooks; colours; text in LaTeX; letters
    placement, picture, scene, theme, images
                          heights; what is to be drawn; what lies where; light and dark;
                          converters to PNG and PDF
    layered, text_tree, page, dot_source, writers, cards, caption, products, route_lines, strands
                          the own layout; a tree of text; one HTML file; Graphviz's language;
                          scenes as SVG, as LaTeX; boxes with a name and facts; the lines below;
                          products of paths; what is said of routes; routes side by side on a line
    highlights, folding, formats
                          paths of operations in colour; a wide layout in rows; which suffix is
                          whose
    compose, strokes      operations as a picture; lines with several strands
    operation_scene       the layout of operations
    network, blocks       the figure of a network; a graph in few boxes
    levels, stepping, trimming
                          how much a picture shows; a picture amid the reverse sweep; only the paths
    digraph               what users of Graphviz know
    drawing               `draw`
"""

from autograd.render.drawing import Drawing, draw
from autograd.render.graphviz_tools import DotMissing
from autograd.render.typography import pretty_label

__all__ = ["DotMissing", "Drawing", "draw", "pretty_label"]
