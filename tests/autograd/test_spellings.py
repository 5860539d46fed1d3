"""Spellings of textbook names: every way of writing one is the same, and no other text is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import plain_name
from autograd.render.typography import pretty_label
from autograd.spellings import taken_apart

INDICES = st.lists(st.integers(0, 120), min_size=1, max_size=2)


@settings(deadline=None)
@given(
    st.sampled_from(["w", "b", "z", "a", "x", "alpha", "learning_rate"]),
    INDICES,
    st.none() | st.integers(1, 30),
    st.none() | st.integers(1, 1000),
    st.randoms(),
)
def test_every_spelling_is_the_plain_one(symbol, indices, layer, example, source):
    wide = any(index > 9 for index in indices)
    low = ("," if wide else "").join(map(str, indices))
    high = "" if layer is None else f"({layer})"
    bracket = "" if example is None else f"[{example}]"
    plain = f"{symbol}_{low}" + (f"^{high}" if high else "") + bracket
    above = [f"^{high}", f"^{{{high}}}"] if high else [""]
    spellings = [plain, pretty_label(plain), f"${plain}$", f" {plain} "]
    for below in (f"_{low}", f"_{{{low}}}"):
        for power in above:
            spellings += [f"{symbol}{below}{power}{bracket}", f"{symbol}{power}{below}{bracket}"]
    if high and bracket:
        spellings.append(f"{symbol}_{{{low}}}^{{{high}{bracket}}}")
    if symbol == "alpha":
        spellings += [f"\\{spelling.strip(' $')}" for spelling in spellings]
        spellings += [spelling.replace("\\alpha", "α") for spelling in spellings]
    assert plain_name(source.choice(spellings)) == plain
    assert {plain_name(spelling) for spelling in spellings} == {plain}


@pytest.mark.parametrize(
    "text",
    ["", " ", "$", "two words", "x_1_2", "x^2^2", "x[1][2]", "[5]", "_x", "x_", "x^", "x_{1",
     "x_1}", "w_{1}{1}", "z_1^(2)[-1]", "z_1^(2)[x]", "a\nb", "<b>", "x_{1}^{2}_{3}", "K_1;2", "🎉",
     "\x00", "x" * 10_000 + "!"],
)  # fmt: skip
def test_other_text_is_left_alone(text):
    assert taken_apart(text) is None
    assert plain_name(text) == text


@settings(deadline=None)
@given(st.text())
def test_any_text_has_a_spelling_that_is_its_own(text):
    plain = plain_name(text)
    assert plain_name(plain) == plain


@pytest.mark.parametrize(
    ("first", "second"),
    [("w_11", "w_1"), ("w_11^(1)", "w_11^(2)"), ("w_12,3", "w_1,23"), ("z_1", "z_1[1]"),
     ("K_1,2", "K_12"), ("x^2", "x_2"), ("W_1", "w_1"), ("x2", "x_2")],
)  # fmt: skip
def test_names_that_differ(first, second):
    assert plain_name(first) != plain_name(second)


def test_parts():
    name = taken_apart("w_{12,3}^{(1)[5]}")
    assert (name.symbol, name.indices, name.power, name.example) == ("w", "12,3", "(1)", 5)
    assert str(name) == "w_12,3^(1)[5]"


@pytest.mark.parametrize("name", [None, 3, b"w", ["w"]])
def test_a_name_is_text(name):
    with pytest.raises(TypeError, match="a name is a str"):
        plain_name(name)
