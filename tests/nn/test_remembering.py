"""Things remembered by identity, as long as their objects live."""

import gc

import pytest

from nn.remembering import Remembered

# None of it asks a node for anything.
pytestmark = pytest.mark.any_engine


class Equal:
    """Equal to all of its kind, and without a hash."""

    def __eq__(self, other):
        return isinstance(other, Equal)


def test_by_identity_and_only_as_long_as_the_object_lives():
    known, one, other = Remembered(), Equal(), Equal()
    known.set(one, "one")
    known.set(other, "other")
    assert (known.get(one), known.get(other)) == ("one", "other")
    known.set(one, "again")
    assert known.get(one) == "again"
    known.forget(other)
    assert known.get(other) is None
    del one
    gc.collect()
    assert known._things == {}
    assert all(known.get(Equal()) is None for _ in range(100))
