"""Mutated files of models and of trainings: they are refused as it is documented, or work.

`python -m tests.nn.test_hostile_files --files 100000 --seed 1` fuzzes every kind so often.
"""

from __future__ import annotations

import hashlib
import os
import struct
import tempfile
from functools import cache

import pytest

import nn
from autograd import Adam
from nn.training.checkpoints import _FORMAT
from tests.mutated_files import from_command_line, fuzz, mutated

pytestmark = pytest.mark.any_engine

X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
FOLDER = tempfile.TemporaryDirectory()


def at(name):
    return os.path.join(FOLDER.name, name)


def network():
    return nn.MLP(2, [2, 1], "tanh", seed=1)


def train(model, path, epochs):
    settings = {"optimizer": Adam(lr=0.1), "validation": (X, Y), "metrics": ["accuracy"]}
    return nn.fit(model, X, Y, epochs=epochs, checkpoint=path, progress=False, **settings)


@cache
def original(kind):
    """The bytes of a good file."""
    path, model = at(f"good.{kind}"), network()
    if kind == "checkpoint":
        train(model, path, 2)
    else:
        model.fit(X, Y, epochs=1, progress=False)
        model.save(path)
    with open(path, "rb") as file:
        return file.read()


def mutated_tensors(source):
    """A safetensors file whose header is read: its length is right."""
    data = original("safetensors")
    (length,) = struct.unpack_from("<Q", data)
    header, numbers = data[8 : 8 + length], data[8 + length :]
    if source.random() < 0.2:
        return mutated(data, source)
    header = mutated(header, source)
    return struct.pack("<Q", len(header)) + header + numbers


def mutated_checkpoint(source):
    """A checkpoint whose content is read: its checksum, which is no secret, is right."""
    data = original("checkpoint")
    if source.random() < 0.1:
        return mutated(data, source)
    text, _, numbers = data[len(_FORMAT) : -32].partition(b"\n")
    if source.random() < 0.2:
        numbers = mutated(numbers, source)
    body = _FORMAT + mutated(text, source) + b"\n" + numbers
    return body + hashlib.sha256(body).digest()


def written(data, kind):
    path = at(f"mutated.{kind}")
    with open(path, "wb") as file:
        file.write(data)
    return path


def model_works(kind):
    def look_through(data):
        path = written(data, kind)
        try:
            model = nn.load_model(path)
        except ValueError as error:
            if "is not a model file: " not in str(error):
                raise AssertionError("another kind of error") from error
            return False
        model(X[0])
        return True

    return look_through


def state_works(data):
    path, model = written(data, "json"), network()
    before = nn.state_dict(model)
    try:
        nn.load_state_dict(model, path)
    except ValueError:
        assert nn.state_dict(model) == before
        return False
    model(X[0])
    return True


def training_works(data):
    path, model = written(data, "checkpoint"), network()
    before = nn.state_dict(model)
    try:
        history = train(model, path, 3)
    except nn.DivergenceError:  # the numbers of a mutated file may be too large to train on
        return True
    except ValueError as error:
        if path not in str(error):
            raise AssertionError("another kind of error") from error
        assert nn.state_dict(model) == before
        return False
    assert str(history)
    return True


KINDS = {
    "models (JSON)": (lambda source: mutated(original("json"), source), model_works("json")),
    "models (safetensors)": (mutated_tensors, model_works("safetensors")),
    "states": (lambda source: mutated(original("json"), source), state_works),
    "checkpoints": (mutated_checkpoint, training_works),
}


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_files_work_or_are_refused(kind):
    count, _ = fuzz(*KINDS[kind], 2.0, seed=0)
    assert count > 10


if __name__ == "__main__":
    from_command_line(KINDS)
