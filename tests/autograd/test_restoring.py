"""Nodes from damaged or hostile pickles are refused with an error: nothing crashes."""

from __future__ import annotations

import contextlib
import io
import math
import pickle
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, copying, primitives
from autograd.primitive import Primitive
from autograd.selection import edits, restored

LEAVES = (Value(2.0), Value(3.0))
GOOD = (6.0, 0.0, "y", primitives.mul, False, "file.py:3", edits(), LEAVES)
USERS = Primitive("square", lambda x: x * x, (lambda out, x: 2.0 * x,))
ANYTHING = [
    None, True, 0, -1, 1 << 62, 1 << 64, -(1 << 70), 1.0, math.nan, "x", b"x", (), (None,), [],
    (1.0, 2.0), (Value(1.0),), (Value(1.0), Value(2.0), Value(3.0)), [Value(1.0)], {}, object(),
    Value, Value(1.0), (Value(1.0).detach(), Value(2.0).detach()), primitives.sin, primitives.dot,
    primitives.polygamma, USERS, math.sin, type, Ellipsis,
]  # fmt: skip


def used(node):
    """Ask of a node all that there is."""
    assert repr(node)
    assert node.describe()
    assert all(isinstance(parent.data, float) for parent in node.parents)
    if not node.is_constant:
        with contextlib.suppress(ArithmeticError, ValueError, TypeError):
            node.backward()
        with contextlib.suppress(ValueError):  # parents may be later than the node
            assert node.leaves() is not None
    assert (node * 2.0).data == pytest.approx(node.data * 2.0, nan_ok=True)


def tried(fields):
    try:
        node = restored(fields)
    except (TypeError, ValueError):
        return
    used(node)


def test_a_good_one():
    node = restored(GOOD)
    node.backward()
    assert [parent.grad for parent in node.parents] == [3.0, 2.0]


@pytest.mark.parametrize("position", range(8))
@pytest.mark.parametrize("thing", range(len(ANYTHING)))
def test_one_field_of_another_kind(position, thing):
    fields = [*GOOD]
    fields[position] = ANYTHING[thing]
    tried(tuple(fields))


@given(st.lists(st.sampled_from(range(len(ANYTHING))), min_size=0, max_size=9))
def test_fields_of_any_kind(chosen):
    tried(tuple([ANYTHING[k] for k in chosen]))


@pytest.mark.parametrize("operation", [primitives.sin, primitives.mul, primitives.where, USERS])
@pytest.mark.parametrize("count", range(5))
def test_too_few_or_too_many_parents(operation, count):
    parents = tuple([Value(float(k + 1)) for k in range(count)])
    fields = (1.0, 0.0, None, operation, False, None, edits(), parents)
    if count == operation.arity:
        used(restored(fields))
    else:
        with pytest.raises(ValueError, match="parents"):
            restored(fields)


def test_no_node_is_computed_of_constants_alone():
    parents = (Value(1.0).detach(),)
    with pytest.raises(ValueError, match="constant"):
        restored((1.0, 0.0, None, primitives.sin, False, None, 0, parents))
    with pytest.raises(ValueError, match="constant"):
        restored((1.0, 0.0, None, primitives.sin, True, None, 0, (Value(1.0),)))


def test_a_stamp_of_the_far_future_does_not_stop_the_clock():
    x = Value(2.0)
    y = x * x
    with pytest.raises(ValueError, match="stamp"):
        restored((1.0, 0.0, None, None, False, None, (1 << 64) - 1, ()))
    x.data = 3.0
    with pytest.raises(ValueError, match="edited"):
        y.backward()


class Harmless(pickle._Unpickler):
    """Finds only what belongs to autograd; the one in C would make room for any number it reads."""

    def find_class(self, module, name):
        if module.split(".")[0] not in ("autograd",):
            raise pickle.UnpicklingError(module)
        return super().find_class(module, name)


def test_pickles_with_a_few_bytes_changed():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    out = autograd.dot([x, w, x], [w, 2.0, x], 1.0) * autograd.sin(x * w)
    source = random.Random(8)
    texts = [pickle.dumps(out, protocol) for protocol in (0, 2, 4, 5)]
    for k in range(3_000):
        text = bytearray(texts[k % 4])
        for _ in range(source.choice([1, 1, 2, 5])):
            text[source.randrange(len(text))] = source.randrange(256)
        try:
            found = Harmless(io.BytesIO(bytes(text))).load()
        except SystemError:
            raise
        except Exception:
            continue  # of any kind: most bytes belong to `pickle`
        if type(found) is Value:
            used(found)


def test_a_dump_that_was_interrupted_does_not_spoil_the_next_of_a_part():
    class Full:
        def write(self, text):
            raise KeyboardInterrupt

    node = Value(0.5)
    parts = [node]
    for _ in range(20_000):
        node = node * 1.0
        parts.append(node)
    with pytest.raises(KeyboardInterrupt):
        pickle.dump([node], Full())
    assert pickle.loads(pickle.dumps(parts[-2])).data == 0.5  # one that had been announced


def test_old_names_in_pickles_are_still_there():
    assert copying._restored(GOOD).op == "*"
    assert copying._after(((), copying._End()), GOOD).op == "*"
