"""Colours: legible by the formula of the accessibility guidelines, on light ground and on dark."""

import copy
import itertools
import pickle

import pytest

from autograd.render import palette
from autograd.render.palette import Colour

COLOURS = sorted({colour for colour in vars(palette).values() if isinstance(colour, Colour)})
COLOURS += palette.PATHS
GROUNDS = {"light": str, "dark": lambda colour: colour.dark}
on_both = pytest.mark.parametrize("seen", GROUNDS.values(), ids=GROUNDS)

# How colours look to readers who lack one kind of cone (Machado et al. 2009, severity 1).
EYES = {
    "trichromat": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanope": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranope": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanope": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def luminance(colour):
    """Relative luminance as WCAG 2 defines it."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def lab(rgb):
    """CIE L*a*b* of linear RGB, under the daylight of sRGB."""
    red, green, blue = (min(max(channel, 0.0), 1.0) for channel in rgb)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one, other, eyes):
    seen = [
        lab([sum(map(float.__mul__, map(float, row), linear(c))) for row in eyes])
        for c in (one, other)
    ]
    return sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5


@on_both
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *[(colour, palette.PAPER) for colour in palette.PATHS],
        (palette.PAPER, palette.INK),
        (palette.INK, palette.PAPER),
        (palette.INK, palette.PARAMETER_FILL),
        (palette.INK, palette.OPERATION_FILL),
        (palette.QUIET_INK, palette.PARAMETER_FILL),
        (palette.QUIET_INK, palette.PAPER),
        (palette.CONSTANT_INK, palette.CONSTANT_FILL),
        (palette.CONSTANT_INK, palette.OPERATION_FILL),
    ],
    ids=lambda colour: colour.name,
)
def test_text_is_legible(ink, ground, seen):
    assert contrast(seen(ink), seen(ground)) >= 4.5


@on_both
def test_lines_are_seen(seen):
    for line in (palette.LINE, palette.PARAMETER_LINE):
        assert contrast(seen(line), seen(palette.PAPER)) >= 3.0


@pytest.mark.parametrize("eyes", EYES.values(), ids=EYES)
@on_both
def test_path_colours_are_different_for_everybody(seen, eyes):
    least = min(
        difference(seen(one), seen(other), eyes)
        for one, other in itertools.combinations(palette.PATHS, 2)
    )
    assert least > (40.0 if eyes is EYES["trichromat"] else 11.0)


def test_a_colour_has_one_name_and_one_dark_side():
    """A style sheet finds a colour by its text."""
    for one, other in itertools.combinations(COLOURS, 2):
        assert (str(one) == str(other)) == (one.name == other.name)
        if str(one) == str(other):
            assert one.dark == other.dark
    for colour in COLOURS:
        assert all(len(text) == 7 and text[0] == "#" for text in (colour, colour.dark))


def test_a_colour_survives_copies_and_pickles():
    for again in (copy.deepcopy(palette.INK), pickle.loads(pickle.dumps(palette.INK))):
        assert again == palette.INK
        assert (again.name, again.dark) == (palette.INK.name, palette.INK.dark)
