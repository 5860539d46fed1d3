"""What exported files answer: probabilities, labels, and inputs at any scale, in every language."""

from __future__ import annotations

import ctypes
import runpy
import shutil
import subprocess

import pytest

from nn import MLP, Layer
from nn.data import Scaler
from nn.export import export_model, load_model, save_model, verify_export
from nn.export.carried import carried
from nn.export.languages.labels import one_kind
from nn.export.proof import running_c

SCALER = Scaler([1.0, 200.0, -3e4], [2.0, 3.0, 40.0])
ROWS = [[1.5, 203.0, -30010.0], [-1.0, 190.0, -29980.0], [4.0, 201.0, -30100.0]]
# Way to probabilities: outputs, their activation, and what `fit` notes on a model.
MODELS = {
    "softmax": (3, "linear", ("é?\\", "b", "*/"), "classification", "cross_entropy"),
    "outputs": (3, "softmax", (5, 6, -7), "classification", "nll"),
    "logit": (1, "linear", (-1, 1), "binary", "bce_with_logits"),
    "share": (1, "sigmoid", (False, True), "binary", "bce"),
    "none": (1, "linear", (0.5, 2.5), "binary", "hinge"),
    "sigmoid": (2, "linear", None, "binary", "bce_with_logits"),
}


def noted(way):
    """Return a model as `fit` leaves it."""
    outputs, activation, classes, task, loss = MODELS[way]
    model = MLP(3, [4, outputs], "tanh", output_activation=activation, seed=3)
    model.task, model.loss_name = task, loss
    if classes is not None:
        model.classes = classes
    return model


@pytest.fixture(autouse=True)
def quick_c(monkeypatch):
    flags = tuple("-O0" if flag == "-O2" else flag for flag in running_c._FLAGS)
    monkeypatch.setattr(running_c, "_FLAGS", flags)


@pytest.mark.parametrize("way", MODELS)
def test_python_answers_what_the_model_does(way, tmp_path):
    model = noted(way)
    assert carried(model).answers.way == way
    found = export_model(model, tmp_path / "net.py", scaler=SCALER, verify=True)
    assert found.agrees, found
    assert found.ulp == 0.0
    told = {"none": "labels", "sigmoid": "probabilities"}.get(way, "probabilities and labels")
    assert f"answers  {told} of every row" in str(found)
    exported, rows = runpy.run_path(str(tmp_path / "net.py")), SCALER.transform(ROWS)
    assert [exported["predict"](row) for row in ROWS] == [
        [y.data for y in model.forward(row)] for row in rows
    ]
    if way == "none":
        assert "probabilities" not in exported
    else:
        shares = [exported["probabilities"](row) for row in ROWS]
        for mine, theirs in zip(shares, model.predict_proba(rows), strict=True):
            assert mine == pytest.approx(theirs, rel=1e-14)
    if way != "sigmoid":
        labels = [exported["label"](row) for row in ROWS]
        assert labels == model.predict(rows)
        assert list(map(type, labels)) == list(map(type, model.predict(rows)))


@pytest.mark.any_engine
@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
@pytest.mark.parametrize(
    ("way", "dtype"), [("softmax", "double"), ("logit", "float"), ("share", "double"),
                       ("sigmoid", "float"), ("none", "double"), ("outputs", "float")],
)  # fmt: skip
def test_c_is_proven_with_derivatives_by_inputs_as_they_are(way, dtype, tmp_path):
    found = export_model(
        noted(way), tmp_path / "net.h", dtype, gradient=True, verify=True, scaler=SCALER
    )
    assert found.agrees, found
    assert found.derivatives == 12


@pytest.mark.any_engine
@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
def test_labels_of_c_are_the_bytes_of_utf_8(tmp_path):
    export_model(noted("softmax"), tmp_path / "net.c", scaler=SCALER)
    library = str(tmp_path / "net.so")
    command = ["gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-shared", "-fPIC"]
    subprocess.run([*command, str(tmp_path / "net.c"), "-o", library, "-lm"], check=True)
    label = ctypes.CDLL(library).net_label
    label.restype = ctypes.c_char_p
    found = [label((ctypes.c_double * 3)(*row)).decode("utf-8") for row in ROWS]
    assert found == noted("softmax").predict(SCALER.transform(ROWS))


@pytest.mark.any_engine
@pytest.mark.skipif(not shutil.which("node"), reason="no Node")
@pytest.mark.parametrize("way", ["softmax", "logit", "none"])
def test_javascript_is_proven(way, tmp_path):
    found = export_model(noted(way), tmp_path / "net.mjs", verify=True, scaler=SCALER)
    assert found.agrees, found


@pytest.mark.any_engine
@pytest.mark.parametrize("way", MODELS)
def test_onnx_is_proven(way, tmp_path):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    found = export_model(noted(way), tmp_path / "net.onnx", verify=True, scaler=SCALER)
    assert found.agrees, found


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("way", "old", "new", "place"),
    [
        ("softmax", "(a - mean) / deviation", "(a - mean) * deviation", "^(0)"),
        ("softmax", "200.0", "200.000001", "a_2^(0)"),
        ("softmax", "key=y.__getitem__", "key=lambda j: -y[j]", "class"),
        ("softmax", "'b', '*/'", "'*/', 'b'", "class"),
        ("logit", "activation_sigmoid(-y[0])", "activation_sigmoid(y[0])", "p_1"),
        ("logit", "y[0] > 0.0", "y[0] > 0.5", "class"),
        ("share", "1.0 - y[0], y[0]", "y[0], 1.0 - y[0]", "p_"),
        ("none", "y[0] > 0.0", "y[0] < 0.0", "class"),
    ],
)
def test_a_fault_in_an_answer_is_found(way, old, new, place, tmp_path):
    path, model = tmp_path / "net.py", noted(way)
    export_model(model, path, scaler=SCALER)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    found = verify_export(model, path, [[1.0, 200.0, -30000.0]], SCALER)
    assert not found.agrees
    assert place in found.first.place, found


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("labels", "written"),
    [
        ((1, "1", 2.5), ["1", "'1'", "2.5"]),
        ((2**60 + 1, -5, True), [2**60 + 1, -5, 1]),
        ((0.1, 2, -1e300), [0.1, 2.0, -1e300]),
        ((0.5, 2**60 + 1), ["0.5", "1152921504606846977"]),
        ((2**70, 1), ["1180591620717411303424", "1"]),
        (("\ud800", "b"), ["?", "b"]),
    ],
)
def test_labels_of_one_language_are_of_one_type_and_differ(labels, written):
    assert one_kind(labels) == written
    assert set(map(type, one_kind(labels))) == {type(written[0])}


@pytest.mark.any_engine
@pytest.mark.parametrize("suffix", ["h", "mjs", "py", "onnx"])
def test_no_label_is_code(suffix, tmp_path):
    if suffix == "onnx":
        pytest.importorskip("onnxruntime")
    elif not shutil.which({"h": "gcc", "mjs": "node", "py": "sh"}[suffix]):
        pytest.skip("the tool is not there")
    model = MLP(2, [3], activation="softmax", seed=1)
    model.classes = ('a\n"b\\', "</script>'''\"\"\"*/", "??=\u2028")
    found = export_model(model, tmp_path / f"net.{suffix}", verify=True)
    assert found.agrees, found


@pytest.mark.any_engine
def test_without_what_fit_notes_there_are_numbers_alone(tmp_path):
    export_model(MLP(3, [4, 2], "tanh", seed=3), tmp_path / "net.py")
    assert "label" not in (tmp_path / "net.py").read_text()


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("scaler", "options", "error", "words"),
    [
        ([1.0, 2.0], {}, TypeError, "scaler must be a Scaler of nn.data, got list"),
        (Scaler(), {}, ValueError, "learned nothing yet"),
        (Scaler([1.0], [2.0]), {}, ValueError, "knows 1 column, the model takes 3 numbers"),
        (None, {"gradient": "yes"}, TypeError, "gradient must be True or False, got str"),
        (Scaler([1e300] * 3, [1.0] * 3), {"dtype": "float"}, ValueError, r"means\[0\] of the sc"),
        (Scaler([0.0] * 3, [1e-60] * 3), {"dtype": "float"}, ValueError, r"deviations\[0\] of"),
    ],
)
def test_other_scalers_are_refused_before_anything_is_written(
    scaler, options, error, words, tmp_path
):
    with pytest.raises(error, match=words):
        export_model(noted("logit"), tmp_path / "net.h", scaler=scaler, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.any_engine
def test_classes_that_do_not_fit_the_outputs_are_refused(tmp_path):
    model = Layer(3, 2, activation="softmax")
    model.classes = ("a", "b", "c")
    with pytest.raises(ValueError, match="2 outputs and the classes"):
        export_model(model, tmp_path / "net.py")


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_a_file_keeps_all_that_fit_noted_and_the_scale(suffix, tmp_path):
    model = noted("none")
    model.feature_names = ("length", "width", "é")
    save_model(model, tmp_path / f"net.{suffix}", SCALER)
    again = load_model(tmp_path / f"net.{suffix}")
    assert again.scaler == SCALER
    for name in ("classes", "task", "loss_name", "feature_names"):
        assert getattr(again, name) == getattr(model, name)
    with pytest.raises(ValueError, match="no probabilities"):
        again.predict_proba([[1.0, 2.0, 3.0]])
    save_model(again, tmp_path / f"again.{suffix}")
    assert (tmp_path / f"again.{suffix}").read_bytes() == (tmp_path / f"net.{suffix}").read_bytes()
    export_model(again, tmp_path / "net.py")
    assert "MEANS" in (tmp_path / "net.py").read_text()


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("field", "words"),
    [
        ('"scaler": {"means": [0.0], "deviations": [1.0]}', "scaler has 1 columns"),
        ('"scaler": {"means": [0, 0, 0], "deviations": [1, 0, 1]}', r"deviations\[1\] must be"),
        ('"scaler": {"means": ["inf", 0, 0], "deviations": [1, 1, 1]}', r"means\[0\]"),
        ('"scaler": {"means": [0, 0, 0]}', "has no 'deviations'"),
        ('"loss": "best"', "loss has to be one of"),
        ('"features": ["a"]', "features are 1 names"),
    ],
)
def test_files_that_are_not_ours_are_refused(field, words, tmp_path):
    save_model(MLP(3, [1]), tmp_path / "net.json")
    text = (tmp_path / "net.json").read_text()
    (tmp_path / "net.json").write_text(text.replace('"class"', f'{field},\n"class"', 1))
    with pytest.raises(ValueError, match=words):
        load_model(tmp_path / "net.json")
