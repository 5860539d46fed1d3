"""Checkpoint files: exact, whole or not there, damaged ones refused."""

import math
import random
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn.training.checkpoints import Checkpoint, digest, read_checkpoint, write_checkpoint

# None of it asks a node for anything.
pytestmark = pytest.mark.any_engine


def written(tmp_path, **changes):
    fields = {
        "of": {"the model": "MLP"},
        "state": {"epochs": [{"loss": 0.1}], "best": None},
        "numbers": {"parameters": array("d", [0.1, -0.0, math.inf]), "none": array("d")},
    }
    path = tmp_path / "run.ckpt"
    write_checkpoint(path, Checkpoint(**(fields | changes)))
    return path


@settings(max_examples=30)
@given(st.lists(st.floats(allow_nan=False), max_size=20))
def test_every_bit_comes_back(tmp_path_factory, numbers):
    path = written(tmp_path_factory.mktemp("it"), numbers={"p": array("d", numbers)})
    found = read_checkpoint(path)
    assert found.numbers["p"].tobytes() == array("d", numbers).tobytes()
    assert found.state == {"epochs": [{"loss": 0.1}], "best": None}


def test_none_there(tmp_path):
    assert read_checkpoint(tmp_path / "missing") is None


def test_others_are_refused(tmp_path):
    found = read_checkpoint(written(tmp_path))
    found.refuse_others({"the model": "MLP"}, "run.ckpt")
    with pytest.raises(ValueError, match="the model was MLP, is Layer; seed was None, is 1"):
        found.refuse_others({"the model": "Layer", "seed": "1"}, "run.ckpt")


def test_any_damage_is_found(tmp_path):
    path = written(tmp_path)
    whole = path.read_bytes()
    source = random.Random(1)
    for _ in range(300):
        damaged = bytearray(whole)
        how = source.randrange(3)
        if how == 0:
            damaged[source.randrange(len(damaged))] ^= 1 << source.randrange(8)
        elif how == 1:
            del damaged[source.randrange(len(damaged)) :]
        else:
            place = source.randrange(len(damaged))
            damaged[place:place] = bytes([source.randrange(256)])
        if damaged == whole:
            continue
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"damaged|not a checkpoint|another version"):
            read_checkpoint(path)


@pytest.mark.parametrize(
    "text",
    [b"[]", b"{}", b'{"of": {}, "state": {}, "columns": {"p": -1}}', b"[" * 10**5, b"1", b'"'],
)
def test_what_has_a_checksum_and_no_sense_is_refused(tmp_path, text):
    import hashlib

    body = b"chainrule checkpoint 1\n" + text + b"\n"
    path = tmp_path / "run.ckpt"
    path.write_bytes(body + hashlib.sha256(body).digest())
    with pytest.raises(ValueError, match=r"holds no training|numbers that nobody knows"):
        read_checkpoint(path)


def test_digests_tell_numbers_apart():
    assert digest([1.0, 2.0]) != digest([1.0], [2.0])
    assert digest([0.0]) != digest([-0.0])
    assert digest(array("d", [1.0])) == digest([1.0])
