r"""Writes a scene as TikZ: a LaTeX document of its own, whose `tikzpicture` can also be taken out.

Lengths are those of the SVG, at 96 pixels to the inch. Text is set in the sans serif of the
document; where an engine has no sign for a character, it sets the character's number in a box.
"""

from __future__ import annotations

from collections.abc import Iterable

from autograd.render import palette
from autograd.render.palette import Colour
from autograd.render.scene import Circle, Cluster, Curve, Mark, Scene, Segment, Words
from autograd.render.tex_text import tex_text

# TeX knows no length beyond 575 cm.
LONGEST = 21_000.0
_POINTS = 0.75  # of a pixel
_DOCUMENT = r"""\documentclass[tikz,border=0pt]{standalone}
%% Compiles with pdflatex, lualatex and xelatex.
\usepackage{iftex}
\ifPDFTeX\usepackage[T1]{fontenc}\fi
\usepackage{textcomp}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\IfFileExists{contour.sty}{\usepackage[outline]{contour}\contourlength{1.1pt}}
  {\newcommand{\contour}[2]{#2}}
\renewcommand{\familydefault}{\sfdefault}
\newcommand{\chainrulecircled}[1]{\textcircled{\raisebox{0.12ex}{\scalebox{0.7}{#1}}}}
\newcommand{\chainrulebox}[1]{{\setlength{\fboxsep}{0.5pt}\fbox{\scalebox{0.5}{#1}}}}
\newcommand{\chainrulesign}[1]{%%
  \ifPDFTeX\chainrulebox{#1}\else
    \iffontchar\font"#1 \symbol{"#1}\else\chainrulebox{#1}\fi
  \fi}
%(colours)s
\begin{document}
\begin{tikzpicture}[x=0.75bp, y=-0.75bp, inner sep=0pt, outer sep=0pt]
\useasboundingbox[fill=%(paper)s] (0,0) rectangle (%(width)s,%(height)s);
%(marks)s
\end{tikzpicture}
\end{document}
"""


def source(scene: Scene) -> str:
    r"""Return the scene as a LaTeX document.

    Raises:
        ValueError: If it is wider or higher than TeX can count.

    Example:
        >>> from autograd.render.scene import Scene
        >>> print(source(Scene("nothing", 10.0, 10.0, ())).partition(chr(10))[0])
        \documentclass[tikz,border=0pt]{standalone}
    """
    if max(scene.width, scene.height) > LONGEST:
        raise ValueError(
            f"the picture is {scene.width:.0f} x {scene.height:.0f} pixels, and TeX knows no "
            f"length beyond {LONGEST:.0f}; draw a value inside the graph, or save it as pdf"
        )
    colours = {palette.PAPER, *scene.colours()}
    return _DOCUMENT % {
        "colours": "\n".join(_definitions(colours)),
        "paper": _colour(palette.PAPER),
        "width": _n(scene.width),
        "height": _n(scene.height),
        "marks": "\n".join(line for cluster in scene.clusters for line in _cluster(cluster)),
    }


def _definitions(colours: Iterable[Colour]) -> list[str]:
    return sorted(f"\\definecolor{{{_colour(c)}}}{{HTML}}{{{c[1:]}}}" for c in colours)


def _colour(colour: Colour) -> str:
    return f"chainrule-{colour.name}"


def _cluster(cluster: Cluster) -> list[str]:
    return [_mark(mark) for mark in cluster.marks]


def _mark(mark: Mark) -> str:
    if isinstance(mark, Words):
        return _words(mark)
    if isinstance(mark, Curve):
        options = _look(mark.fill, mark.stroke, mark.width, mark.dash, mark.opacity)
        if mark.cap == "round":
            options.append("line cap=round")
        return f"\\path[{', '.join(options)}] {_way(mark.segments)};"
    options = _look(mark.fill, mark.stroke, mark.stroke_width)
    if isinstance(mark, Circle):
        options = _look(mark.fill, mark.stroke, mark.stroke_width, mark.dash)
        place = f"({_n(mark.x)},{_n(mark.y)}) circle[radius={_length(mark.radius)}]"
        return f"\\path[{', '.join(options)}] {place};"
    options = _look(mark.fill, mark.stroke, mark.stroke_width, (), mark.opacity)
    if mark.radius:
        options.append(f"rounded corners={_length(mark.radius)}")
    corner = f"({_n(mark.x + mark.width)},{_n(mark.y + mark.height)})"
    return f"\\path[{', '.join(options)}] ({_n(mark.x)},{_n(mark.y)}) rectangle {corner};"


def _look(
    fill: Colour | None,
    stroke: Colour | None,
    width: float,
    dash: tuple[float, ...] = (),
    opacity: float = 1.0,
) -> list[str]:
    options = []
    if fill is not None:
        options.append(f"fill={_colour(fill)}")
    if stroke is not None:
        options += [f"draw={_colour(stroke)}", f"line width={_length(width)}"]
    if dash:
        lengths = dash if len(dash) % 2 == 0 else dash * 2
        turns = [f"{'off' if i % 2 else 'on'} {_length(d)}" for i, d in enumerate(lengths)]
        options.append(f"dash pattern={' '.join(turns)}")
    if opacity != 1.0:
        options.append(f"opacity={opacity:g}")
    return options


def _way(segments: tuple[Segment, ...]) -> str:
    parts = []
    for letter, *numbers in segments:
        points = [f"({_n(x)},{_n(y)})" for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        if letter == "M":
            parts += points
        elif letter == "L":
            parts.append(f"-- {points[0]}")
        elif letter == "C":
            parts.append(f".. controls {points[0]} and {points[1]} .. {points[2]}")
        else:
            parts.append("-- cycle")
    return " ".join(parts)


def _words(words: Words) -> str:
    anchor = {"start": "base west", "middle": "base", "end": "base east"}[words.anchor]
    size = words.size * _POINTS
    font = f"\\fontsize{{{size:g}bp}}{{{size * 1.2:g}bp}}\\selectfont"
    font += "\\bfseries" * words.bold + "\\slshape" * words.italic
    text = tex_text(words.text)
    if words.must_fit:
        text = f"\\resizebox{{{_length(words.room)}}}{{\\height}}{{{text}}}"
    if words.halo:
        text = f"\\contour{{{_colour(palette.PAPER)}}}{{{text}}}"
    return (
        f"\\node[anchor={anchor}, text={_colour(words.colour)}, font={{{font}}}] "
        f"at ({_n(words.x)},{_n(words.y)}) {{{text}}};"
    )


def _length(pixels: float) -> str:
    return f"{_n(pixels * _POINTS)}bp"


def _n(number: float) -> str:
    return f"{round(number, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
