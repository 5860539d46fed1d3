"""Numbers and names as pictures print them."""

import math

import pytest

from autograd.render.typography import (
    BOLDER,
    format_count,
    format_number,
    has_known_width,
    pretty_label,
    printable,
    shortened,
    text_width,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1e-7, "1e-07"),
        (-3.2e-11, "-3.2e-11"),
        (5e-324, "4.941e-324"),
        (24.704081632653061, "24.7"),
        (645.5772594752186, "645.6"),
        (-0.99999, "-1"),
        (1234567.0, "1.235e+06"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
    ],
)
def test_numbers(number, text):
    assert format_number(number) == text


def test_only_zero_is_written_zero():
    assert all(format_number(10.0**-power) != "0" for power in range(308))


@pytest.mark.parametrize("count", [1, 999_999, 10**6, 123_456_789, 2**60, 10**300, 7**300])
def test_counts_keep_their_size(count):
    assert float(format_count(count)) == pytest.approx(float(count), rel=0.01)


def test_counts_beyond_what_python_prints():
    assert format_count(10**20_000) == "1.00e20000"
    assert format_count(10**20_000 - 1) == "9.99e19999"


@pytest.mark.parametrize(
    ("label", "pretty"),
    [
        ("w_11^(1)", "w₁₁⁽¹⁾"),
        ("w_{11}^{(1)}", "w₁₁⁽¹⁾"),
        ("w_10,3^(12)", "w₁₀,₃⁽¹²⁾"),
        ("b_1^(1)", "b₁⁽¹⁾"),
        ("a_1^(2)[5]", "a₁⁽²⁾[5]"),
        ("x_1", "x₁"),
        ("x^2", "x²"),
        ("w_ij^(l)", "wᵢⱼ⁽ˡ⁾"),
        ("δ_j^(L)", "δⱼ⁽ᴸ⁾"),
        ("z^(3)", "z⁽³⁾"),
        ("loss", "loss"),
        ("L", "L"),
        ("", ""),
        ("learning_rate", "learning_rate"),
        ("x_max", "x_max"),
        ("_private_1", "_private_1"),
        ("layers.0.weight", "layers.0.weight"),
        ("a_1 b_2", "a_1 b_2"),
        ("w_", "w_"),
        ("^2", "^2"),
    ],
)
def test_labels(label, pretty):
    assert pretty_label(label) == pretty


def test_text_that_no_picture_can_carry_is_replaced():
    assert printable("a\x00b\ud800\nc\t d") == "a\ufffdb\ufffd c d"
    assert printable("größe 損失 🎉") == "größe 損失 🎉"


def test_long_labels_keep_both_ends():
    assert shortened("x" * 28) == "x" * 28
    text = shortened("start" + "x" * 100 + "end", 21)
    assert len(text) == 21
    assert text.startswith("start")
    assert text.endswith("end")


def test_widths_grow_with_text_and_size():
    assert text_width("WW", 12) == pytest.approx(2 * text_width("W", 12))
    assert text_width("W", 24) == pytest.approx(2 * text_width("W", 12))
    assert text_width("損失", 10) > text_width("ab", 10)
    assert text_width("e\u0301", 10) == text_width("e", 10)


# Advance widths of the signs from " " to "~", in thousandths: the larger of Liberation Sans (which
# has those of Helvetica and Arial) and DejaVu Sans 2.37, read from the font files.
REGULAR = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636,
    636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 556, 1015, 684,
    686, 722, 770, 667, 611, 778, 752, 295, 500, 667, 557, 863, 748, 787, 667, 787, 722,
    667, 611, 732, 684, 989, 685, 667, 685, 390, 337, 390, 838, 556, 500, 613, 635, 550,
    635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392,
    634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
]  # fmt: skip
BOLD = [
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696,
    696, 696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 611, 1000, 774,
    762, 734, 830, 683, 683, 821, 837, 372, 556, 775, 637, 995, 837, 850, 733, 850, 770,
    720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 556, 500, 675, 716, 593,
    716, 678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478,
    712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
]  # fmt: skip


@pytest.mark.parametrize(("widths", "factor"), [(REGULAR, 1.0), (BOLD, BOLDER)])
def test_no_font_is_wider_than_estimated(widths, factor):
    for sign, width in zip(map(chr, range(32, 127)), widths, strict=True):
        assert width <= text_width(sign, 1000) * factor + 1.0, sign
        assert has_known_width(sign)


def test_what_no_table_knows_is_told_how_wide_to_be():
    known = ["w₁₁⁽¹⁾", "größe", "損失", "ひらがな", "한국어", "θ", "щ", "e\u0301"]
    unknown = ["🎉", "﷽", "⸻", "\U0001202b", "العربية", "हिन्दी", "Œ", "∭", "‱"]
    assert all(map(has_known_width, known))
    assert not any(map(has_known_width, unknown))


def test_labels_are_cut_by_their_width_and_never_inside_a_letter():
    fox = "👨\u200d👩\u200d👧"
    assert shortened(fox * 3) == fox * 3
    text = shortened("é́" * 100)
    assert text.count("…") == 1
    assert all(part.endswith("\u0301") for part in text.split("…"))
    assert text_width(shortened("🎉" * 28), 1000) <= 28_000 + 1_000
    piled = "a" + "\u0301" * 50
    assert shortened(piled) == "a" + "\u0301" * 3
