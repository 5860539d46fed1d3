"""Colours: legible by the contrast formula of the web's accessibility guidelines."""

import itertools

import pytest

from autograd.render import palette


def luminance(colour):
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *[(colour, palette.PAPER) for colour in palette.PATHS],
        (palette.INK, palette.PARAMETER_FILL),
        (palette.INK, palette.OPERATION_FILL),
        (palette.QUIET_INK, palette.PARAMETER_FILL),
        (palette.QUIET_INK, palette.PAPER),
        (palette.CONSTANT_INK, palette.CONSTANT_FILL),
    ],
)
def test_text_is_legible(ink, ground):
    assert contrast(ink, ground) >= 4.5


def test_path_colours_are_different():
    for one, other in itertools.combinations(palette.PATHS, 2):
        assert sum(abs(int(one[p : p + 2], 16) - int(other[p : p + 2], 16)) for p in (1, 3, 5)) > 70
