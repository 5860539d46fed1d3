"""Rows held out: as many as asked for, in proportion, reproducibly."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn.reading.splitting import split_rows

# None of it asks a node for anything.
pytestmark = pytest.mark.any_engine


@settings(max_examples=30)
@given(
    st.lists(st.integers(0, 3), min_size=2, max_size=80),
    st.floats(0.05, 0.95),
    st.integers(0, 5),
)
def test_two_parts_in_proportion(classes, part, seed):
    rows = len(classes)
    if not 0 < round(rows * part) < rows:
        with pytest.raises(ValueError, match=f"of {rows} rows leaves"):
            split_rows(rows, part, classes, seed)
        return
    stay, held_out = split_rows(rows, part, classes, seed)
    assert sorted(stay + held_out) == list(range(rows))
    assert stay == sorted(stay)
    assert held_out == sorted(held_out)
    assert len(held_out) == round(rows * part)
    counts = Counter(classes)
    for label, count in counts.items():
        found = sum(classes[row] == label for row in held_out)
        assert abs(found - count * len(held_out) / rows) < len(counts), "each class in proportion"
    assert split_rows(rows, part, classes, seed) == (stay, held_out)


def test_another_seed_chooses_others():
    found = {tuple(split_rows(50, 0.3, None, seed)[1]) for seed in range(5)}
    assert len(found) == 5


@pytest.mark.parametrize("part", [0.0, 1.0, -0.5, 1.5])
def test_what_is_no_part(part):
    with pytest.raises(ValueError, match="between 0 and 1"):
        split_rows(10, part, None, 0)
