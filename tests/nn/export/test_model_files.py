"""Model files: what comes back is what was saved, and nothing else is believed."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Value
from nn import MLP, Layer, Module, Neuron
from nn.activations import BY_NAME
from nn.export import load_model, load_state_dict, save_model, state_dict
from nn.export.storage.bounded_json import MOST_BYTES, json_of

SUFFIXES = ("json", "safetensors")


def bits(model):
    return [struct.pack("<d", value.data) for value in model.parameters()]


def labels(model):
    return [(name, value.label) for name, value in model.named_parameters()]


numbers = st.floats(allow_nan=False, allow_infinity=False)
classes = st.one_of(
    st.none(),
    st.lists(
        st.one_of(st.integers(-(2**63) + 1, 2**63 - 1), st.text(max_size=5), numbers),
        unique=True,
        max_size=4,
    ),
    st.just([False, True]),
)


@st.composite
def networks(draw):
    depth = draw(st.integers(1, 3))
    activations = [draw(st.sampled_from(list(BY_NAME))) for _ in range(depth)]
    sizes = [draw(st.integers(1 + (name == "softmax"), 4)) for name in activations]
    model = MLP(draw(st.integers(1, 4)), sizes, activations=activations, seed=0)
    for layer in model.layers:
        if draw(st.booleans()):
            for neuron in layer.neurons:
                neuron.bias = None
    for value in model.parameters():
        value.data = draw(numbers)
    model.classes = draw(classes)
    model.task = draw(st.sampled_from([None, "classification", "binary", "regression"]))
    return model


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(model=networks())
@settings(max_examples=15, deadline=None)
def test_a_saved_model_comes_back_bit_for_bit(model, suffix, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / f"model.{suffix}"
    save_model(model, path)
    again = load_model(path)
    assert bits(again) == bits(model)
    assert labels(again) == labels(model)
    assert [layer.activation for layer in again.layers] == [
        layer.activation for layer in model.layers
    ]
    assert repr(again) == repr(model)
    assert getattr(again, "task", None) == model.task
    wanted = None if model.classes is None else tuple(model.classes)
    found = getattr(again, "classes", None)
    assert found == wanted
    assert repr(found) == repr(wanted)  # -0.0, True and 1 among the labels
    save_model(again, path.with_suffix(f".again.{suffix}"))
    assert path.with_suffix(f".again.{suffix}").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "model",
    [
        Layer(3, 2, activation="tanh", seed=1),
        Layer(3, 2, activation="softmax", seed=1, index=4),
        Layer(3, 2, False, seed=1, bias=False),
        Neuron(3, activation="sigmoid", seed=1),
        Neuron(1, seed=1, bias=False),
    ],
    ids=repr,
)
def test_layers_and_neurons_come_back(model, suffix, tmp_path):
    path = tmp_path / f"model.{suffix}"
    save_model(model, path)
    again = load_model(path)
    assert type(again) is type(model)
    assert (bits(again), repr(again)) == (bits(model), repr(model))
    if isinstance(model, Layer):
        assert labels(again) == labels(model)


def test_labels_of_numpy_are_plain_in_a_file(tmp_path):
    numpy = pytest.importorskip("numpy")
    model = MLP(2, [3])
    model.classes = tuple(numpy.array([0, 1, 2]))
    save_model(model, tmp_path / "m.json")
    assert load_model(tmp_path / "m.json").classes == (0, 1, 2)
    model.classes = numpy.array(["a", "b", "c"])
    save_model(model, tmp_path / "m.json")
    assert load_model(tmp_path / "m.json").classes == ("a", "b", "c")


class Line(Module):
    def __init__(self):
        self.slope = Value(2.0)


class Scaled(MLP):
    def forward(self, inputs):
        return [2.0 * y for y in super().forward(inputs)]


def tied():
    model = MLP(2, [2, 1])
    model.layers[0].neurons[1].weights = model.layers[0].neurons[0].weights
    return model


def with_attribute(name, thing):
    model = MLP(2, [2, 1])
    setattr(model, name, thing)
    return model


def diverged():
    model = MLP(2, [2, 1])
    model.layers[1].neurons[0].weights[1].data = float("inf")
    return model


@pytest.mark.parametrize(
    ("model", "name", "error", "words"),
    [
        (Line(), "m.json", TypeError, "Line.*state_dict"),
        (Scaled(2, [1]), "m.json", TypeError, "Scaled.*state_dict"),
        (3.0, "m.json", TypeError, "float 3.0"),
        (MLP(2, [1], abs), "m.json", ValueError, "layer 1.*'abs'.*state_dict"),
        (MLP(2, [1]), "m.pickle", ValueError, ".json or .safetensors"),
        (MLP(2, [1]), "m", ValueError, ".json or .safetensors"),
        (tied(), "m.json", ValueError, "9 weights and biases.*7 parameters"),
        (with_attribute("extra", Value(1.0)), "m.json", ValueError, "10 parameters"),
        (with_attribute("task", "guess"), "m.json", ValueError, "task .*'guess'"),
        (with_attribute("classes", [1, 1]), "m.json", ValueError, "twice"),
        (with_attribute("classes", [None, 1]), "m.json", ValueError, r"classes\[0\].*None"),
        (with_attribute("classes", [float("nan")]), "m.json", ValueError, r"classes\[0\].*nan"),
        (diverged(), "m.json", ValueError, r"layers.1.weight\[0\]\[1\] is inf"),
    ],
)
def test_what_a_file_cannot_hold_is_refused_before_anything_is_written(
    model, name, error, words, tmp_path
):
    with pytest.raises(error, match=words):
        save_model(model, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


GOOD = {
    "format": "chainrule model",
    "version": 1,
    "class": "MLP",
    "layers": [{"inputs": 2, "units": 1, "activation": "tanh", "bias": True}],
    "parameters": {"layers.0.weight": [[0.5, 1.5]], "layers.0.bias": [2]},
}


def changed(*path, to):
    found = json.loads(json.dumps(GOOD))
    place = found
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return json.dumps(found)


LAYER = GOOD["layers"][0]
DEEP = "[" * 900 + "]" * 900


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("[]", "has to be an object"),
        (json.dumps(GOOD)[:-5], "not JSON"),
        ('{"format": "chainrule model", "format": "chainrule model"}', "'format' stands twice"),
        ("{}", "no architecture"),
        (changed("format", to="chainrule program"), "format"),
        (changed("format", to=[]), "format"),
        (changed("version", to=2), "version 2.*reads version 1"),
        (changed("version", to="1"), "version .*'1'"),
        (changed("version", to=True), "version .*True"),
        (changed("version", to=int("9" * 19)), "version 9"),
        (changed("class", to="Line"), "class .*'Line'"),
        (changed("class", to={}), "class .*an object of 0"),
        (changed("layers", to={}), "layers has to be a list"),
        (changed("layers", to=[]), "do not make a MLP"),
        (changed("class", to="Neuron"), "unknown"),
        (changed("layers", 0, to=[]), r"layers\[0\] has to be an object"),
        (changed("layers", 0, "units", to=0), r"layers\[0\].units .*from 1"),
        (changed("layers", 0, "units", to=1.0), r"layers\[0\].units"),
        (changed("layers", 0, "units", to=10**9), "3 parameters; the layers need 3000000000"),
        (changed("layers", 0, "inputs", to=10**18), "3 parameters"),
        (changed("layers", 0, "inputs", to=-2), "inputs"),
        (changed("layers", 0, "activation", to="exec"), "activation 'exec'"),
        (changed("layers", 0, "activation", to="softmax"), "softmax over a single unit"),
        (changed("layers", 0, "bias", to=1), "true or false"),
        (changed("layers", 0, "size", to=1), "unknown field 'size'"),
        (changed("layers", to=[LAYER, LAYER]), r"layers\[1\] takes 2 inputs"),
        (changed("parameters", to=[]), "parameters has to be an object"),
        (changed("parameters", to={}), "0 parameters"),
        (changed("parameters", "layers.0.bias", to=[1.0, 2.0]), "4 parameters"),
        (changed("parameters", "layers.0.bias", to=["2"]), r"layers.0.bias\[0\].*'2'"),
        (changed("parameters", "layers.0.bias", to=[None]), r"layers.0.bias\[0\].*None"),
        (changed("parameters", "layers.0.bias", to=[True]), r"layers.0.bias\[0\] is True"),
        (changed("parameters", "layers.0.bias", to=[[[1]]]), r"layers.0.bias\[0\] is a list"),
        (changed("parameters", "layers.0.bias", to=2.0), "layers.0.bias is float 2.0"),
        (changed("parameters", "layers.0.weight", to=[[0.5], [1.5]]), "weight has 2 rows"),
        (changed("parameters", "layers.0.weight", to=[0.5, 1.5]), "weight has 2 rows"),
        (changed("parameters", "layers.0.bias", to=[0]).replace("[0]", "[NaN]"), "NaN"),
        (changed("parameters", "layers.0.bias", to=[0]).replace("[0]", "[1e999]"), "too large"),
        (changed("parameters", "layers.0.bias", to=[0]).replace("[0]", f"[{'9' * 500}]"), "500"),
        (changed("classes", to=["a", "a"]), "twice"),
        (changed("classes", to=[["a"]]), r"classes\[0\].*a list"),
        (changed("classes", to="ab"), "classes has to be a list"),
        (changed("task", to="steal"), "task .*'steal'"),
        (changed("task", to=None), "task .*None"),
        (changed("index", to="1"), "index"),
        (changed("run", to="rm"), "unknown field 'run'"),
        ("[" * 900, "not JSON|nested|object"),
        ("[" * 100_000, "nested too deeply"),
        (changed("parameters", "layers.0.bias", to=0).replace(": 0}", f": {DEEP}}}"),
         "layers.0.bias|nested"),
    ],
)  # fmt: skip
def test_hostile_json_is_a_value_error_with_its_place(text, words, tmp_path):
    path = tmp_path / "m.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=words) as caught:
        load_model(path)
    assert str(path) in str(caught.value)


def safetensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(begin=0, end=8, shape=(1,), dtype="F64"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "0 bytes"),
        (b"1234567", "7 bytes"),
        (safetensors({}, length=2**63), "header is to have"),
        (safetensors({}, length=100), "header is to have 100 bytes; 2 follow"),
        (safetensors(b"[]"), "object"),
        (safetensors(b"\xff\xfe"), "UTF-8"),
        (safetensors(b'{"a": {}, "a": {}}'), "'a' stands twice"),
        (safetensors({"a": entry()}), "the numbers take 8 bytes, 0 follow"),
        (safetensors({"a": entry()}, b"0" * 9), "the numbers take 8 bytes, 9 follow"),
        (safetensors({"a": entry(8, 16)}, b"0" * 16), "'a' begins at byte 8"),
        (safetensors({"a": entry(), "b": entry(0, 8)}, b"0" * 8), "begins at byte 0"),
        (safetensors({"a": entry(), "b": entry(16, 24)}, b"0" * 24), "begins at byte 16"),
        (safetensors({"a": entry(shape=(2,))}, b"0" * 8), "cannot be bytes 0 to 8"),
        (safetensors({"a": entry(8, 0, shape=(-1,))}, b"0" * 8), "whole number"),
        (safetensors({"a": entry(shape=(2**40, 2**40))}, b"0" * 8), "cannot be"),
        (safetensors({"a": entry(shape=(1,) * 99)}, b"0" * 8), "a shape of 99"),
        (safetensors({"a": entry(dtype="I64")}, b"0" * 8), "'I64'"),
        (safetensors({"a": {"dtype": "F64"}}), "'a' has no 'shape'"),
        (safetensors({"a": entry() | {"code": 1}}), "unknown field 'code'"),
        (safetensors({"__metadata__": []}), "__metadata__"),
        (safetensors({"__metadata__": {"chainrule": 1}}), "__metadata__"),
        (safetensors({"__metadata__": {"chainrule": "{"}}), "not JSON"),
        (safetensors({"__metadata__": {"chainrule": "{}"}}), "format"),
        (safetensors({"a": entry()}, b"0" * 8), "no architecture"),
    ],
)
def test_hostile_safetensors_are_value_errors(data, words, tmp_path):
    path = tmp_path / "m.safetensors"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=words) as caught:
        load_model(path)
    assert str(path) in str(caught.value)
    model = MLP(1, [1], seed=1)
    before = bits(model)
    with pytest.raises(ValueError):
        load_state_dict(model, path)
    assert bits(model) == before


@pytest.mark.any_engine
@pytest.mark.parametrize("filling", [b"0,", b"9"])
def test_reading_64_mib_of_anything_is_quick_and_small(filling, tmp_path):
    path = tmp_path / "m.json"
    path.write_bytes(filling * ((1 << 26) // len(filling)))
    start = time.process_time()
    with pytest.raises(ValueError, match="is not a model file"):
        load_model(path)
    assert time.process_time() - start < 5.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b" " * (MOST_BYTES + 1), "67108865 bytes; a file may have 67108864"),
        (b"[" * (2**19 + 1), "524289 brackets"),
        (b'"":' * (2**19 + 1), "524289 colons"),
        (b"0," * (2**22 + 2**19 + 1), "numbers and other things"),
        (b'"' + "é".encode() * 2**22 + b'"', "not all of them ASCII"),
    ],
)
def test_json_is_counted_before_it_is_read(text, words):
    with pytest.raises(ValueError, match=words):
        json_of(text)


def test_only_files_are_read(tmp_path):
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    for name in ("folder.json", "pipe.json"):
        with pytest.raises(ValueError, match="a folder, a pipe or a device"):
            load_model(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "nothing.json")
    (tmp_path / "m.json").write_bytes(b" " * ((1 << 26) + 1))
    with pytest.raises(ValueError, match="more than"):
        load_model(tmp_path / "m.json")


SAVES_FOREVER = """
import sys
from nn import MLP
from nn.export import save_model
models = [MLP(20, [20, 10], seed=seed) for seed in (1, 2)]
save_model(models[0], sys.argv[1])
print("ready", flush=True)
while True:
    for model in models:
        save_model(model, sys.argv[1])
"""


@pytest.mark.any_engine
@pytest.mark.parametrize(("suffix", "wait"), [("json", 0.013), ("safetensors", 0.001)])
def test_killed_while_saving_the_file_is_one_or_the_other(suffix, wait, tmp_path):
    path = tmp_path / f"m.{suffix}"
    known = [bits(MLP(20, [20, 10], seed=seed)) for seed in (1, 2)]
    with subprocess.Popen(
        [sys.executable, "-c", SAVES_FOREVER, str(path)], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout.readline() == b"ready\n"
        time.sleep(wait)
        os.kill(child.pid, signal.SIGKILL)
    assert bits(load_model(path)) in known


FULL_DISK = """
import resource, signal, sys
from nn import MLP
from nn.export import save_model
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
for path in sys.argv[1:]:
    try:
        save_model(MLP(20, [20, 10], seed=2), path)
    except OSError as error:
        print("refused", error.filename)
"""


@pytest.mark.any_engine
def test_where_there_is_no_room_the_old_file_stays(tmp_path):
    paths = [tmp_path / f"m.{suffix}" for suffix in SUFFIXES]
    model = MLP(20, [20, 10], seed=1)
    for path in paths:
        save_model(model, path)
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, *map(str, paths)], capture_output=True, text=True
    )
    assert done.stdout.count("refused") == len(paths), done.stderr
    assert [bits(load_model(path)) for path in paths] == [bits(model)] * len(paths)
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_state_of_a_saved_model_is_what_the_file_says(tmp_path):
    model = MLP(3, [2, 1], seed=4)
    save_model(model, tmp_path / "m.json")
    assert json.loads((tmp_path / "m.json").read_text())["parameters"] == state_dict(model)
