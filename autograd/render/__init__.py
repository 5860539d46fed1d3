"""Pictures of graphs: `draw`, and what it is made of.

The way of a picture: `compose` reads values into a `Picture`; `dot_source` writes it for Graphviz,
or `layered` places it and `builtin_svg` draws it; `drawing` puts both into one object.
"""

from autograd.render.drawing import Drawing, draw
from autograd.render.programs import DotMissing
from autograd.render.typography import pretty_label

__all__ = ["DotMissing", "Drawing", "draw", "pretty_label"]
