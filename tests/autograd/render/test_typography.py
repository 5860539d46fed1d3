"""Numbers and names as pictures print them."""

import math

import pytest

from autograd.render.typography import (
    format_count,
    format_number,
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
