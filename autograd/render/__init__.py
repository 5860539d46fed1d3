"""Pictures of graphs: `draw`, and what it is made of.

The way of a picture: `compose` reads values into a `Picture`; `dot_source` writes it for Graphviz,
or `layered` places it and `builtin_svg` draws it; `drawing` puts both into one object. From the
bottom up:

    crossings, graphviz_tools, palette, typography
                          order within layers; programs that lay out; colours; letters
    placement, picture, page  heights; what is to be drawn; one HTML file around a drawing
    highlights, layered, text_tree, dot_source
                          paths in colour; the own layout; a tree of text; Graphviz's language
    builtin_svg, compose  a picture as SVG; values as a picture
    drawing               `draw`
"""

from autograd.render.drawing import Drawing, draw
from autograd.render.graphviz_tools import DotMissing
from autograd.render.typography import pretty_label

__all__ = ["DotMissing", "Drawing", "draw", "pretty_label"]
