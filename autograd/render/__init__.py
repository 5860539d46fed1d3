"""Pictures of graphs: `draw`, and what it is made of.

The way of a picture: `compose` reads values into a `Picture`; `dot_source` writes it for Graphviz,
or `operation_scene` lays it out, as a `Scene` of marks with their places, from which every file
format is written; `drawing` puts all into one object. From the bottom up:

    crossings, graphviz_tools, palette, typography
                          order within layers; programs that lay out; colours; letters
    placement, picture, scene, theme
                          heights; what is to be drawn; what lies where; light and dark
    highlights, layered, text_tree, page, dot_source, svg
                          paths in colour; the own layout; a tree of text; one HTML file; Graphviz's
                          language; SVG
    operation_scene, compose  the layout of a picture; values as a picture
    drawing               `draw`
"""

from autograd.render.drawing import Drawing, draw
from autograd.render.graphviz_tools import DotMissing
from autograd.render.typography import pretty_label

__all__ = ["DotMissing", "Drawing", "draw", "pretty_label"]
