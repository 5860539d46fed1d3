"""States, safetensors and PyTorch's names: against NumPy and the safetensors package."""

from __future__ import annotations

import json
import struct

import pytest

from autograd import Value
from nn import MLP, Layer, Module, Neuron
from nn.export import (
    load_model,
    load_state_dict,
    load_torch_state_dict,
    save_model,
    state_dict,
    torch_state_dict,
)
from nn.export.storage.torch_names import torch_modules


def data(model):
    return [value.data for value in model.parameters()]


class Line(Module):
    def __init__(self):
        self.slope = Value(2.0)
        self.body = MLP(1, [2], seed=1)


@pytest.mark.parametrize(
    "build",
    [
        lambda seed: MLP(3, [4, 2], seed=seed),
        lambda seed: MLP(3, [4, 2], seed=seed, bias=False),
        lambda seed: Layer(3, 2, seed=seed),
        lambda seed: Neuron(3, seed=seed),
    ],
)
def test_a_state_is_json_and_goes_back(build):
    model, other = build(1), build(2)
    state = json.loads(json.dumps(state_dict(model)))
    load_state_dict(other, state)
    assert data(other) == data(model)


def test_a_state_has_matrices_with_a_row_for_each_unit():
    model = MLP(2, [3, 1], seed=1)
    state = state_dict(model)
    assert list(state) == [
        "layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias",
    ]  # fmt: skip
    for unit, neuron in enumerate(model.layers[0].neurons):
        assert state["layers.0.weight"][unit] == [w.data for w in neuron.weights]
        assert state["layers.0.bias"][unit] == neuron.bias.data


def test_other_modules_have_the_names_of_their_parameters():
    line = Line()
    state = state_dict(line)
    assert state == {name: value.data for name, value in line.named_parameters()}
    state["slope"] = 5.0
    load_state_dict(line, state)
    assert line.slope.data == 5.0


def test_shared_parameters_keep_their_own_names():
    model = MLP(2, [2, 1], seed=1)
    model.layers[0].neurons[1].weights = model.layers[0].neurons[0].weights
    state = state_dict(model)
    assert state == {name: value.data for name, value in model.named_parameters()}
    load_state_dict(model, dict.fromkeys(state, 1.0))
    assert set(data(model)) == {1.0}


def test_units_of_several_sizes_keep_the_names_of_their_parameters():
    layer = Layer(2, 2, seed=1)
    layer.neurons[1].weights.append(Value(0.5))
    assert state_dict(layer) == {name: value.data for name, value in layer.named_parameters()}


GOOD = {"layers.0.weight": [[1.0, 2.0]], "layers.0.bias": [3.0]}


@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        ({}, ValueError, "'layers.0.weight', 'layers.0.bias' are missing"),
        (GOOD | {"extra": 1.0}, ValueError, "'extra' is unknown"),
        (GOOD | {"layers.0.bias": [1.0, 2.0]}, ValueError, "layers.0.bias has 2 numbers"),
        (GOOD | {"layers.0.bias": 1.0}, ValueError, "expected a list"),
        (GOOD | {"layers.0.weight": [[1.0], [2.0]]}, ValueError, "has 2 rows, expected 1"),
        (GOOD | {"layers.0.weight": [[1.0, float("nan")]]}, ValueError, r"weight\[0\]\[1\].*nan"),
        (GOOD | {"layers.0.weight": [[1.0, "2"]]}, TypeError, r"weight\[0\]\[1\].*'2'"),
        (GOOD | {"layers.0.bias": [True]}, ValueError, "True"),
        (3, TypeError, "int 3"),
    ],
)
def test_a_wrong_state_is_refused_and_the_model_is_as_it_was(state, error, words):
    model = MLP(2, [1], seed=1)
    before = data(model)
    with pytest.raises(error, match=words):
        load_state_dict(model, state)
    assert data(model) == before


def test_only_modules_have_states():
    with pytest.raises(TypeError, match="Module"):
        state_dict([1.0])


def test_arrays_are_states():
    numpy = pytest.importorskip("numpy")
    model = MLP(2, [3, 1], seed=1)
    arrays = {name: numpy.array(rows) * 2.0 for name, rows in state_dict(model).items()}
    before = data(model)
    load_state_dict(model, arrays)
    assert data(model) == [2.0 * number for number in before]


# --- safetensors ----------------------------------------------------------------------------------


def test_the_safetensors_package_reads_what_we_write(tmp_path):
    numpy = pytest.importorskip("numpy")
    package = pytest.importorskip("safetensors.numpy")
    model = MLP(5, [4, 3], "tanh", output_activation="softmax", seed=1)
    model.classes = ("ä", 'a"b', "c\ud800")
    save_model(model, tmp_path / "m.safetensors")
    found = package.load_file(tmp_path / "m.safetensors")
    for name, rows in state_dict(model).items():
        assert found[name].dtype == numpy.float64
        assert numpy.array_equal(found[name], numpy.array(rows))
    assert load_model(tmp_path / "m.safetensors").classes == model.classes
    with open(tmp_path / "m.safetensors", "rb") as file:
        assert struct.unpack("<Q", file.read(8))[0] % 8 == 0  # numbers begin on a word


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_we_read_what_the_safetensors_package_writes(dtype, tmp_path):
    numpy = pytest.importorskip("numpy")
    package = pytest.importorskip("safetensors.numpy")
    model = MLP(5, [4, 3], seed=1)
    arrays = {name: numpy.array(rows, dtype=dtype) for name, rows in state_dict(model).items()}
    package.save_file(arrays, tmp_path / "w.safetensors", metadata={"format": "pt"})
    load_state_dict(model, tmp_path / "w.safetensors")
    for name, rows in state_dict(model).items():
        assert numpy.array_equal(numpy.array(rows), arrays[name].astype("float64"))
    with pytest.raises(ValueError, match=r"no architecture.*load_state_dict"):
        load_model(tmp_path / "w.safetensors")


def test_with_an_architecture_in_the_metadata_32_bits_are_a_model(tmp_path):
    numpy = pytest.importorskip("numpy")
    package = pytest.importorskip("safetensors.numpy")
    safetensors = pytest.importorskip("safetensors")
    model = MLP(5, [4, 3], "gelu", seed=1)
    save_model(model, tmp_path / "m.safetensors")
    with safetensors.safe_open(tmp_path / "m.safetensors", "np") as file:
        metadata = file.metadata()
    arrays = {name: numpy.array(rows, "float32") for name, rows in state_dict(model).items()}
    package.save_file(arrays, tmp_path / "s.safetensors", metadata=metadata)
    again = load_model(tmp_path / "s.safetensors")
    assert repr(again) == repr(model)
    assert data(again) == [float(numpy.float32(number)) for number in data(model)]


def test_upper_halves_of_32_bits_are_read(tmp_path):
    header = {"layers.0.weight": {"dtype": "BF16", "shape": [1, 2], "data_offsets": [0, 4]}}
    text = json.dumps(header).encode()
    numbers = [struct.pack("<f", number)[2:] for number in (1.5, -2.0)]
    path = tmp_path / "w.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(numbers))
    model = MLP(2, [1], bias=False)
    load_state_dict(model, path)
    assert data(model) == [1.5, -2.0]


def test_a_file_of_another_model_changes_nothing(tmp_path):
    save_model(MLP(3, [2], seed=1), tmp_path / "m.safetensors")
    model = MLP(2, [2], seed=1)
    before = data(model)
    with pytest.raises(ValueError, match=r"m.safetensors.*\(2, 3\), expected \(2, 2\)"):
        load_state_dict(model, tmp_path / "m.safetensors")
    assert data(model) == before


def test_a_header_may_name_tensors_in_any_order(tmp_path):
    header = {
        "layers.0.bias": {"dtype": "F64", "shape": [1], "data_offsets": [16, 24]},
        "layers.0.weight": {"dtype": "F64", "shape": [1, 2], "data_offsets": [0, 16]},
    }
    text = json.dumps(header).encode()
    path = tmp_path / "w.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + struct.pack("<ddd", 1.0, 2.0, 3.0))
    model = MLP(2, [1])
    load_state_dict(model, path)
    assert data(model) == [1.0, 2.0, 3.0]


def test_numbers_that_are_none_are_named(tmp_path):
    header = {"layers.0.weight": {"dtype": "F64", "shape": [1, 2], "data_offsets": [0, 16]}}
    text = json.dumps(header).encode()
    path = tmp_path / "w.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + struct.pack("<dd", 1.0, float("nan")))
    with pytest.raises(ValueError, match=r"layers.0.weight\[0\]\[1\] is nan"):
        load_state_dict(MLP(2, [1], bias=False), path)


# --- PyTorch --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "names", "modules"),
    [
        (
            MLP(2, [3, 1], seed=1),
            ["0.weight", "0.bias", "2.weight", "2.bias"],
            "nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))",
        ),
        (
            MLP(2, [3, 2, 2], activations=["linear", "elu", "softmax"], bias=False, seed=1),
            ["0.weight", "1.weight", "3.weight"],
            "nn.Sequential(nn.Linear(2, 3, bias=False), nn.Linear(3, 2, bias=False), nn.ELU(), "
            "nn.Linear(2, 2, bias=False), nn.Softmax(-1))",
        ),
        (Neuron(2, activation="tanh", seed=1), ["0.weight", "0.bias"],
         "nn.Sequential(nn.Linear(2, 1), nn.Tanh())"),
    ],
)  # fmt: skip
def test_names_of_pytorch_and_back(model, names, modules):
    numpy = pytest.importorskip("numpy")
    state = torch_state_dict(model)
    assert list(state) == names
    assert torch_modules(model) == modules
    # Linear computes x Wᵀ + b.
    first = state["0.weight"]
    assert numpy.array_equal(first, numpy.array(next(iter(state_dict(model).values()))))
    before = data(model)
    load_torch_state_dict(model, {name: array * 2.0 for name, array in state.items()})
    assert data(model) == [2.0 * number for number in before]


def test_ten_layers_are_taken_in_the_order_of_their_numbers():
    model = MLP(1, [1] * 12, "tanh", seed=1)
    state = torch_state_dict(model) if pytest.importorskip("numpy") else {}
    before = data(model)
    load_torch_state_dict(model, dict(sorted(state.items())))
    assert data(model) == before


def test_a_sequential_in_a_file_of_safetensors_is_read(tmp_path):
    package = pytest.importorskip("safetensors.numpy")
    model, other = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=2)
    package.save_file(torch_state_dict(model), tmp_path / "w.safetensors")
    load_torch_state_dict(other, tmp_path / "w.safetensors")
    assert data(other) == data(model)
    with pytest.raises(TypeError, match="int 3"):
        load_torch_state_dict(other, 3)


class Tensor:
    """A tensor that takes part in differentiation: it gives its numbers when detached."""

    def __init__(self, numbers):
        self.numbers = numbers

    def detach(self):
        return TensorWithout(self.numbers)


class TensorWithout:
    def __init__(self, numbers):
        self.numbers = numbers

    def tolist(self):
        return self.numbers


def test_tensors_are_detached():
    model = MLP(2, [1], seed=1)
    state = {"0.weight": Tensor([[1.0, 2.0]]), "0.bias": Tensor([3.0])}
    load_torch_state_dict(model, state)
    assert data(model) == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"0.weight": [[1.0, 2.0]]}, "'layers.0.bias' is missing"),
        ({"weight": [[1.0, 2.0]]}, "neither a weight nor a bias of a numbered module"),
        ({"0.running_mean": [1.0]}, "running_mean"),
        ({"0.weight": [[1.0, 2.0]], "1.weight": [[1.0]]}, "2 layers"),
    ],
)
def test_states_of_other_networks_are_refused(state, words):
    with pytest.raises(ValueError, match=words):
        load_torch_state_dict(MLP(2, [1]), state)


def test_a_step_is_nothing_in_pytorch():
    with pytest.raises(ValueError, match="'step'"):
        torch_modules(MLP(2, [1], "step"))
