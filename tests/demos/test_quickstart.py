import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "demos" / "quickstart.py"


@pytest.fixture(scope="module")
def demo():
    specification = spec_from_file_location("quickstart", DEMO)
    module = module_from_spec(specification)
    sys.modules["quickstart"] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules["quickstart"]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """The demonstration as a reader runs it: from another folder, its output piped."""
    folder = tmp_path_factory.mktemp("elsewhere")
    environment = dict(os.environ, PYTHONIOENCODING="utf-8")
    finished = subprocess.run(
        [sys.executable, str(DEMO), "--output", "pictures"],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished, folder / "pictures"


def test_it_learns_and_says_so(outcome):
    finished, _ = outcome
    assert finished.stderr == ""
    (line,) = [line for line in finished.stdout.splitlines() if "test accuracy" in line]
    right = int(line.split()[2].split("/")[0])
    assert right >= 27


def test_all_gradients_of_the_first_step_are_verified(outcome):
    assert "all 35 parameters: 35 PASS" in outcome[0].stdout


def test_without_a_terminal_progress_is_plain_lines(outcome):
    lines = [line for line in outcome[0].stdout.splitlines() if "mean loss" in line]
    losses = [float(line.split()[-1]) for line in lines]
    assert 3 <= len(lines) <= 10
    assert losses[-1] < 0.2 < losses[0]
    assert "\r" not in outcome[0].stdout


def test_the_paths_add_up_to_the_gradient(outcome):
    lines = outcome[0].stdout.splitlines()
    products = [float(line.rsplit("= ", 1)[1]) for line in lines if " → " in line and "×" in line]
    (gradient,) = [float(line.split()[-1]) for line in lines if "by backward()" in line]
    assert len(products) == 3  # one through each class
    assert sum(products) == pytest.approx(gradient, rel=2e-3)


def test_the_pictures_open_anywhere(outcome):
    _, folder = outcome
    svg = (folder / "quickstart.svg").read_text(encoding="utf-8")
    page = (folder / "quickstart.html").read_text(encoding="utf-8")
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert "petal length" in svg
    assert "<svg" in page
    assert "<script src" not in page
    for picture in folder.glob("*.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_same_seed_gives_the_same_network(demo, tmp_path, capsys):
    texts = []
    for name in ("one", "two"):
        demo.main(["--epochs", "2", "--seed", "7", "--output", str(tmp_path / name)])
        texts.append(capsys.readouterr().out.partition("wrote")[0])
    assert texts[0] == texts[1]


def test_on_a_terminal_progress_is_a_bar(demo, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    demo.show_progress(1, 2, 0.5)
    demo.show_progress(2, 2, 0.25)
    text = capsys.readouterr().out
    assert text.count("\r") == 2
    assert "█" * 15 + "░" * 15 in text
    assert text.endswith("mean loss 0.2500\n")


def test_its_pictures_need_no_program(demo, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    demo.main(["--epochs", "1", "--output", str(tmp_path / "pictures")])
    names = {path.name for path in (tmp_path / "pictures").iterdir()}
    assert names == {"quickstart.svg", "quickstart.html"}
    assert "<svg" in (tmp_path / "pictures" / "quickstart.svg").read_text("utf-8")[:200]


def test_only_training_flowers_set_the_scale(demo):
    train, test = demo.Dataset([[0.0], [4.0]], [0, 0]), demo.Dataset([[10.0]], [1])
    scaled_train, scaled_test = demo.prepared(train, test)
    assert [flower.measures for flower in scaled_train] == [[-1.0], [1.0]]
    assert scaled_test[0].measures == [4.0]
    assert scaled_test[0].species == 1


def test_epochs_must_be_positive(demo, capsys):
    with pytest.raises(SystemExit):
        demo.parse(["--epochs", "0"])
    assert "must be at least 1" in capsys.readouterr().err
