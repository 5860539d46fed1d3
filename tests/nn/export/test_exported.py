"""Exported files: run with the tools they are made for, against the model and its gradients."""

from __future__ import annotations

import ctypes
import math
import os
import random
import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value
from nn import MLP, Activation, Layer, Neuron
from nn.activations import BY_NAME
from nn.export import export_model, verify_export
from nn.export.languages.numerals import numeral, rounded, spacing
from nn.export.proof import running_c

NEEDS_GCC = pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
NEEDS_NODE = pytest.mark.skipif(not shutil.which("node"), reason="no Node")


@pytest.fixture
def quick_c(monkeypatch):
    """Compile in a third of the time where it is not the compiler that is tested."""
    flags = tuple("-O0" if flag == "-O2" else flag for flag in running_c._FLAGS)
    monkeypatch.setattr(running_c, "_FLAGS", flags)


STRICT = ["gcc", "-std=c99", "-O0", "-Wall", "-Wextra", "-pedantic", "-Werror", "-ffp-contract=off"]
ALL = list(BY_NAME)


def everything(seed=1):
    """A network with every activation."""
    sizes = [2] * (len(ALL) - 1) + [3]
    return MLP(3, sizes, activations=ALL, initializer="normal", seed=seed)


def shallow(name):
    return MLP(3, [4, 3], activations=[name, name], initializer="normal", seed=2)


KINDS = [
    pytest.param("h", "double", marks=NEEDS_GCC),
    pytest.param("h", "float", marks=NEEDS_GCC),
    pytest.param("c", "double", marks=NEEDS_GCC),
    pytest.param("mjs", "double", marks=NEEDS_NODE),
    pytest.param("js", "float", marks=NEEDS_NODE),
    pytest.param("py", "double"),
]


@pytest.mark.parametrize(("suffix", "dtype"), KINDS)
def test_a_file_of_every_activation_computes_what_the_model_does(suffix, dtype, tmp_path, request):
    model, is_c = everything(), suffix in ("h", "c")
    if (suffix, dtype) != ("h", "double"):  # that one as users compile it
        request.getfixturevalue("quick_c")
    for place, parameter in enumerate(model.parameters()):
        parameter.grad = float(place)
    path = tmp_path / f"net.{suffix}"
    found = export_model(model, path, dtype, gradient=is_c, verify=True)
    assert found.agrees, found
    assert found.rows >= 50
    assert found.dtype == dtype
    assert found.derivatives == (12 if is_c else 0)
    grads = [parameter.grad for parameter in model.parameters()]
    assert grads == list(map(float, range(model.parameter_count)))
    if suffix in ("h", "c", "py") and dtype == "double":
        assert found.ulp == 0.0, found


@pytest.mark.any_engine
@pytest.mark.parametrize("dtype", ["double", "float"])
def test_an_onnx_graph_of_every_activation_computes_what_the_model_does(dtype, tmp_path):
    pytest.importorskip("onnxruntime")
    path = tmp_path / "net.onnx"
    names = [name for name in ALL if dtype == "float" or name != "gelu"]
    model = MLP(3, [2] * len(names), activations=names, initializer="normal", seed=2)
    found = export_model(model, path, dtype, verify=True)
    assert found.agrees, found
    assert found.dtype == dtype


@pytest.mark.any_engine
def test_what_onnx_runtime_does_not_compute_is_refused(tmp_path):
    pytest.importorskip("onnx")
    with pytest.raises(ValueError, match=r"layer 1.*'gelu'.*dtype='float'"):
        export_model(shallow("gelu"), tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "model",
    [
        Layer(3, 2, activation="softmax", seed=1),
        Neuron(3, activation="silu", seed=1),
        MLP(2, [1, 7, 1], "tanh", seed=1, bias=False),
    ],
    ids=repr,
)
@pytest.mark.parametrize("suffix", ["h", "mjs", "py", "onnx"])
def test_every_kind_of_model_is_exported(model, suffix, tmp_path, quick_c):
    if suffix == "h" and not shutil.which("gcc"):
        pytest.skip("no gcc")
    if suffix == "mjs" and not shutil.which("node"):
        pytest.skip("no Node")
    if suffix == "onnx":
        pytest.importorskip("onnxruntime")
    found = export_model(model, tmp_path / f"net.{suffix}", verify=True)
    assert found.agrees, found


def squares(z):
    return z * z + autograd.tanh(z)


def branches(z):
    return z if z > 0 else 0.1 * z


SLOPE = Value(0.25)


def trained(z):
    return autograd.where(autograd.step(z), z, SLOPE * z)


@pytest.mark.any_engine
@NEEDS_GCC
def test_functions_of_ones_own_are_exported_where_they_have_one_way(tmp_path):
    model = MLP(2, [3, 1], squares, seed=1)
    found = export_model(model, tmp_path / "net.h", gradient=True, verify=True)
    assert found.agrees, found
    assert found.ulp == 0.0
    assert export_model(model, tmp_path / "net.py", verify=True).ulp == 0.0


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (branches, "'branches' branches.*where"),
        (trained, "'trained' uses Values from outside"),
        (Activation("swap", lambda zs: zs[::-1], whole_layer=True), "'swap' takes a whole layer"),
    ],
)
def test_other_functions_are_refused_by_name(choice, words, tmp_path):
    for suffix in ("h", "mjs", "py"):
        with pytest.raises(ValueError, match=words):
            export_model(MLP(2, [2, 2], choice), tmp_path / f"net.{suffix}")
    if pytest.importorskip("onnx"):
        with pytest.raises(ValueError, match="no operators in ONNX"):
            export_model(MLP(2, [2, 2], choice), tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(2, 4), st.sampled_from(ALL)), min_size=1, max_size=4),
    st.booleans(),
    st.integers(0, 99),
)
@settings(max_examples=5, deadline=None)
def test_any_network_has_its_own_bits_in_python(tmp_path_factory, inputs, layers, bias, seed):
    sizes, activations = zip(*layers, strict=True)
    model = MLP(inputs, sizes, activations=activations, bias=bias, seed=seed)
    path = tmp_path_factory.mktemp("exported") / "net.py"
    found = export_model(model, path, verify=True)
    assert found.agrees, found
    assert found.ulp == 0.0, found


# --- C --------------------------------------------------------------------------------------------


@pytest.mark.any_engine
@NEEDS_GCC
@pytest.mark.parametrize("dtype", ["double", "float"])
def test_two_headers_with_gradients_live_in_one_file(dtype, tmp_path):
    export_model(everything(), tmp_path / "net-1.h", dtype, gradient=True)
    export_model(everything(2), tmp_path / "2.h", dtype, gradient=True)
    (tmp_path / "main.c").write_text(
        '#include "net-1.h"\n#include "2.h"\n#include "net-1.h"\n'
        f"int main(void) {{ {dtype} x[NET_1_INPUTS] = {{0}}, y[MODEL_2_OUTPUTS];\n"
        "    net_1_predict(x, y); model_2_predict(x, y); return 0; }\n"
    )
    main = str(tmp_path / "main.c")
    subprocess.run([*STRICT, main, "-o", str(tmp_path / "main"), "-lm"], check=True)


GRADIENTS = [
    *[(shallow(name), "double") for name in ALL],
    (MLP(2, [1], "tanh", seed=1), "double"),
    (MLP(2, [3, 2, 4, 2], seed=3, bias=False), "double"),
    (MLP(2, [3, 2, 4, 2], "gelu", output_activation="softmax", seed=3), "float"),
    (MLP(2, [3, 2, 4, 2], "tanh", seed=3, bias=False), "float"),
]


@pytest.fixture(scope="module")
def gradients(tmp_path_factory):
    """One library with the gradients of all models, compiled at once."""
    folder = tmp_path_factory.mktemp("gradients")
    for place, (model, dtype) in enumerate(GRADIENTS):
        export_model(model, folder / f"net{place}.h", dtype, gradient=True)
    lines = []
    for place, (_, t) in enumerate(GRADIENTS):
        lines.append(f'#include "net{place}.h"')
        lines.append(f"void of{place}(const {t} *x, const {t} *y_bar, {t} *y, {t} *x_bar, {t} *p)")
        lines.append(f"{{ net{place}_gradient(x, y_bar, y, x_bar, p); }}")
    (folder / "all.c").write_text("\n".join(lines) + "\n")
    library = str(folder / "all.so")
    command = [*STRICT, "-shared", "-fPIC", str(folder / "all.c"), "-o", library, "-lm"]
    subprocess.run(command, check=True)
    return ctypes.CDLL(library)


@NEEDS_GCC
@pytest.mark.parametrize("place", range(len(GRADIENTS)))
def test_the_gradient_in_c_is_the_engines(place, gradients):
    model, dtype = GRADIENTS[place]
    source = random.Random(5)
    x = [rounded(source.gauss(0, 1), dtype) for _ in range(model.nin)]
    y_bar = [rounded(source.gauss(0, 1), dtype) for _ in range(model.nouts[-1])]
    number = ctypes.c_double if dtype == "double" else ctypes.c_float

    def column(numbers):
        return (number * len(numbers))(*numbers)

    y, x_bar, parameters_bar = column(y_bar), column(x), column([0.0] * model.parameter_count)
    function = getattr(gradients, f"of{place}")
    function.restype = None
    function(column(x), column(y_bar), y, x_bar, parameters_bar)
    inputs = [Value(number) for number in x]
    outputs = model.forward(inputs)
    model.zero_grad()
    autograd.dot(y_bar, outputs).backward()
    near = {"rel": 1e-12, "abs": 1e-14} if dtype == "double" else {"rel": 2e-4, "abs": 2e-6}
    assert list(y) == pytest.approx([one.data for one in outputs], **near)
    assert list(x_bar) == pytest.approx([one.grad for one in inputs], **near)
    assert list(parameters_bar) == pytest.approx([one.grad for one in model.parameters()], **near)


@pytest.mark.any_engine
def test_a_header_has_loops_and_nothing_else_than_its_numbers_grows(tmp_path):
    lengths = []
    for sizes in ((8, [4, 3]), (64, [32, 3])):
        model = MLP(*sizes, output_activation="softmax", seed=1)
        export_model(model, tmp_path / "net.h")
        text = (tmp_path / "net.h").read_text()
        code = re.sub(r"(?<== \{\n)[^}]*(?=\n\})", "", text)
        lengths.append(len(code))
        assert "malloc" not in text
        assert set(re.findall(r"#include (\S+)", text)) == {"<math.h>", "<stddef.h>"}
    assert max(lengths) < 5000
    assert lengths[1] - lengths[0] < 50


# --- What is refused ------------------------------------------------------------------------------


def beyond_float():
    model = MLP(2, [2, 1], seed=1)
    model.layers[1].neurons[0].weights[1].data = 1e39
    return model


def diverged():
    model = MLP(2, [2, 1], seed=1)
    model.layers[0].neurons[1].bias.data = float("nan")
    return model


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("model", "name", "options", "words"),
    [
        (MLP(2, [1]), "net.txt", {}, r"\.h, \.c, \.mjs.*net.txt"),
        (MLP(2, [1]), "net", {}, "ends with"),
        (MLP(2, [1]), "net.h", {"dtype": "half"}, "'double' or 'float', got 'half'"),
        (MLP(2, [1]), "net.py", {"dtype": "float"}, "32 bits"),
        (MLP(2, [1]), "net.mjs", {"gradient": True}, "gradient=True writes C"),
        (MLP(2, [1]), "net.py", {"rows": [[1.0, 2.0, 3.0]]}, "3 numbers"),
        (MLP(2, [1]), "net.py", {"rows": [1.0, 2.0]}, "examples"),
        (beyond_float(), "net.h", {"dtype": "float"}, r"layer 2, unit 1 .*1e\+39"),
        (diverged(), "net.h", {}, r"layers.0.bias\[1\] is nan"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(model, name, options, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        export_model(model, tmp_path / name, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.any_engine
def test_models_with_ways_of_their_own_are_refused(tmp_path):
    class Doubled(MLP):
        def forward(self, inputs):
            return [2.0 * y for y in super().forward(inputs)]

    for model in (Doubled(2, [1]), 3.0):
        with pytest.raises(TypeError, match="its own way"):
            export_model(model, tmp_path / "net.h")


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("suffix", "words"), [("h", "gcc, cc or clang"), ("mjs", "'node'"), ("c", "gcc")]
)
def test_tools_that_are_missing_are_named_before_anything_is_written(
    suffix, words, tmp_path, monkeypatch
):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match=words):
        export_model(MLP(2, [1]), tmp_path / f"net.{suffix}", verify=True)
    assert list(tmp_path.iterdir()) == []
    export_model(MLP(2, [1]), tmp_path / f"net.{suffix}")


# --- Planted faults -------------------------------------------------------------------------------


def planted(path, old, new):
    text = path.read_text()
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1))


DIGITS = MLP(6, [5, 4, 3], "tanh", output_activation="softmax", seed=7)
WEIGHT = DIGITS.layers[1].neurons[2].weights[3].data


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("suffix", "dtype", "old", "new", "node"),
    [
        ("h", "double", repr(WEIGHT), repr(WEIGHT * (1 + 1e-9)), "a_3^(2)"),
        ("h", "float", numeral(WEIGHT, "float"), numeral(WEIGHT * 1.01, "float"), "a_3^(2)"),
        ("h", "double", "i < inputs; i++) total", "i < inputs - 1; i++) total", "^(1)"),
        ("h", "double", "= tanh(x)", "= tanh(x) * 1.0000001", "^(1)"),
        ("h", "double", "layer_3(a_2, y)", "layer_3(a_2, y); y[1] = y[0]", "y_2"),
        ("h", "double", "(1.0 + excess)", "(1.0 + excess * 0.999)", "^(3)"),
        ("mjs", "double", repr(WEIGHT), repr(-WEIGHT), "a_3^(2)"),
        ("mjs", "double", "Math.tanh(x)", "Math.sin(x)", "^(1)"),
        ("py", "double", repr(WEIGHT), repr(WEIGHT + 1e-9), "a_3^(2)"),
        ("py", "double", "math.tanh(x)", "math.nan", "^(1)"),
    ],
)
def test_a_fault_in_an_exported_file_is_found_where_it_is(
    suffix, dtype, old, new, node, tmp_path, quick_c
):
    if not shutil.which({"h": "gcc", "mjs": "node", "py": "sh"}[suffix]):
        pytest.skip("the tool is not there")
    path = tmp_path / f"net.{suffix}"
    export_model(DIGITS, path, dtype)
    planted(path, old, new)
    found = verify_export(DIGITS, path)
    assert not found.agrees
    assert node in found.first.place, found
    assert "DEVIATES" in str(found)
    assert found.first.place in str(found)
    assert found.largest.ulp > 0


@pytest.mark.any_engine
def test_of_two_faults_in_a_layer_the_larger_comes_first_and_of_two_layers_the_first(tmp_path):
    path = tmp_path / "net.py"
    weights = [DIGITS.layers[1].neurons[unit].weights[0].data for unit in (0, 2)]
    for factors, node in (((1.0 + 1e-9, 1.1), "a_3^(2)"), ((1.1, 1.0 + 1e-9), "a_1^(2)")):
        export_model(DIGITS, path)
        for weight, factor in zip(weights, factors, strict=True):
            planted(path, repr(weight), repr(weight * factor))
        planted(path, repr(DIGITS.layers[2].neurons[1].weights[2].data), "9.0")
        assert verify_export(DIGITS, path).first.place == node


@pytest.mark.any_engine
@NEEDS_GCC
@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("unit_bar[i] = delta[j] * x[i]", "unit_bar[i] = delta[j] * x[0]", "w_"),
        ("unit_bar[inputs] = delta[j]", "unit_bar[inputs] = -delta[j]", "b_"),
        ("x_bar[i] += delta[j]", "x_bar[i] = delta[j]", "∂/∂"),
        ("bar_0[j] - mean", "bar_0[j]", "∂/∂"),
        ("bar_1[j] *= slope_2[j]", "bar_1[j] *= slope_2[0]", "∂/∂"),
        ("4.0 * decay", "4.0001 * decay", "∂/∂"),
        ("parameters_bar + 35", "parameters_bar + 34", "∂/∂"),
    ],
)
def test_a_fault_in_the_gradient_is_found(old, new, name, tmp_path, quick_c):
    path = tmp_path / "net.h"
    export_model(DIGITS, path, "float" if "inputs" in old else "double", gradient=True)
    planted(path, old, new)
    found = verify_export(DIGITS, path)
    assert found.first is None, found
    assert not found.agrees
    assert name in found.wrong.place, found
    assert found.wrong.place in str(found)


@pytest.mark.any_engine
def test_a_fault_in_a_graph_is_found_where_it_is(tmp_path):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    numpy = pytest.importorskip("numpy")
    path = tmp_path / "net.onnx"
    export_model(DIGITS, path)
    graph = onnx.load(path)
    (weights,) = [one for one in graph.graph.initializer if one.name == "weights_2"]
    array = onnx.numpy_helper.to_array(weights).copy()
    array[2, 3] *= 1.0 + 1e-9
    weights.CopyFrom(onnx.numpy_helper.from_array(array, "weights_2"))
    onnx.save(graph, path)
    assert isinstance(array, numpy.ndarray)
    assert verify_export(DIGITS, path).first.place == "a_3^(2)"


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("suffix", "old", "new"),
    [
        ("h", "#define NET_INPUTS 6", "#define NET_INPUTS 7"),
        ("h", "total +=", "total =+ +"),
        ("mjs", "return z;", "return z.length;"),
        ("py", "return z", "return 3"),
        ("py", "LAYERS =", "LAYERS_ ="),
    ],
)
def test_a_file_that_does_not_run_is_an_error_that_says_why(suffix, old, new, tmp_path, quick_c):
    if not shutil.which({"h": "gcc", "mjs": "node", "py": "sh"}[suffix]):
        pytest.skip("the tool is not there")
    path = tmp_path / f"net.{suffix}"
    export_model(DIGITS, path)
    planted(path, old, new)
    if (suffix, old) == ("h", "total +="):
        assert not verify_export(DIGITS, path).agrees
        return
    with pytest.raises(ValueError, match=f"net.{suffix}"):
        verify_export(DIGITS, path)


@pytest.mark.any_engine
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes as on Unix")
@pytest.mark.parametrize("suffix", ["py", "onnx", "h", "mjs"])
def test_what_is_no_file_is_not_run(suffix, tmp_path):
    """A pipe that nobody writes to would be waited for, a device fill the memory."""
    pytest.importorskip("onnxruntime" if suffix == "onnx" else "nn")
    if not shutil.which({"h": "gcc", "mjs": "node"}.get(suffix, "sh")):
        pytest.skip("the tool is not there")
    os.mkfifo(tmp_path / f"pipe.{suffix}")
    (tmp_path / f"device.{suffix}").symlink_to("/dev/zero")
    for name in ("pipe", "device"):
        with pytest.raises(ValueError, match="is not a file: there is a folder, a pipe or a dev"):
            verify_export(DIGITS, tmp_path / f"{name}.{suffix}")


@pytest.mark.any_engine
def test_a_damaged_file_of_onnx_does_not_run(tmp_path):
    pytest.importorskip("onnxruntime")
    path = tmp_path / "net.onnx"
    export_model(DIGITS, path)
    whole = path.read_bytes()
    for data in (b"", b"rubbish", whole[:-7]):
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"net\.onnx' does not run: "):
            verify_export(DIGITS, path)


@pytest.mark.any_engine
def test_a_file_of_another_model_is_refused(tmp_path):
    export_model(DIGITS, tmp_path / "net.py")
    with pytest.raises(ValueError):
        verify_export(MLP(4, [3]), tmp_path / "net.py")
    with pytest.raises(FileNotFoundError):
        verify_export(DIGITS, tmp_path / "nothing.py")


@pytest.mark.any_engine
def test_where_every_row_overflows_nothing_is_proven(tmp_path):
    model = Neuron(1, activation=autograd.exp, initializer="zeros")
    model.bias.data = 1e3
    found = export_model(model, tmp_path / "net.py", verify=True)
    assert (found.rows, found.agrees) == (0, False)
    assert "NOT COMPARED" in str(found)


def test_rows_that_are_given_come_first_and_overflow_is_counted(tmp_path):
    model = MLP(2, [2, 1], initializer="zeros")
    for value in model.parameters():
        value.data = 1e200
    found = export_model(model, tmp_path / "net.py", rows=[[1.0, 2.0], [1e200, 0.0]])
    assert found.agrees, found
    assert found.beyond >= 2
    assert "more overflow" in str(found)


# --- Numbers --------------------------------------------------------------------------------------


def significant(text):
    return text.partition("e")[0].replace(".", "").strip("-0")


@pytest.mark.any_engine
@pytest.mark.parametrize("dtype", ["double", "float"])
def test_numerals_are_read_back_and_spacing_is_numpys(dtype):
    numpy = pytest.importorskip("numpy")
    kind = {"double": numpy.float64, "float": numpy.float32}[dtype]
    source = random.Random(3)
    numbers = [0.0, -0.0, 1.0, 2.0, 0.1, 1 / 3, 3.4e38, 5e-324, 2.0**-1022, 2.0**-126, 2.0**-149]
    numbers += [source.choice((-1, 1)) * 10 ** source.uniform(-44, 38) for _ in range(2000)]
    for number in numbers:
        text = numeral(number, dtype)
        assert kind(text) == kind(number)
        assert math.copysign(1.0, float(text)) == math.copysign(1.0, number)
        assert rounded(number, dtype) == float(kind(number))
        fewest = numpy.format_float_scientific(kind(number), unique=True)
        assert len(significant(text)) <= max(len(significant(fewest)), 1)
        near = float(kind(number))
        assert spacing(near, dtype) == float(numpy.spacing(abs(kind(number))))
