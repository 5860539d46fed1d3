"""Every demonstration: told to its end, short, in the gallery, with the picture it draws."""

import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

DEMOS = Path(__file__).resolve().parents[2] / "demos"
NAMES = sorted(path.stem for path in DEMOS.glob("[0-9][0-9]_*.py"))
NEEDS = {"13_digits": ["sklearn"], "18_differential_equation": ["scipy"]}
DRAWN_BY_US = ["01_first_graph", "02_two_paths", "03_topological_order", "19_debugging"]
SLOW = ["13_digits", "17_names", "18_differential_equation"]
MOST_BYTES = 1_500_000


@pytest.fixture(scope="module")
def gallery():
    return import_module("gallery")


# Those that train for long are run with the engine in plain Python by `.ci/run` alone.
LONG = [pytest.param(name, marks=pytest.mark.any_engine) for name in NAMES if name in SLOW]


@pytest.mark.parametrize("name", [*(name for name in NAMES if name not in SLOW), *LONG])
def test_it_is_told_and_draws_the_picture_that_is_committed(name, gallery, tmp_path, capsys):
    for module in NEEDS.get(name, []):
        pytest.importorskip(module)
    demo = import_module(name)
    import_module("showing").run(demo.main, demo.picture, ["--output", str(tmp_path)])
    said = capsys.readouterr().out
    assert said.startswith(demo.__doc__.splitlines()[0])
    assert "python demos/" not in said  # the command that the reader has just given
    assert said.count("───") >= 2
    if name not in DRAWN_BY_US:
        pytest.importorskip("matplotlib")
    assert "wrote" in said.splitlines()[-1]
    drawn, committed = (folder / f"{name}.svg" for folder in (tmp_path, DEMOS / "pictures"))
    change = gallery.change(*(path.read_text(encoding="utf-8") for path in (committed, drawn)))
    assert change is None, f"run: python demos/gallery.py {name}"


@pytest.mark.any_engine
@pytest.mark.parametrize("name", NAMES)
def test_it_is_short_and_says_how_to_run_it(name):
    text = (DEMOS / f"{name}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert f"\n    python demos/{name}.py" in text


@pytest.mark.any_engine
def test_the_gallery_shows_every_demonstration_and_every_row_of_the_lectures():
    text = (DEMOS / "README.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert f'src="pictures/{name}.svg"' in text
        assert f"({name}.py)" in text
    rows = ",".join(re.findall(r"Rows? (\d+(?:, \d+)*)", text)).split(",")
    assert set(map(int, rows)) == set(range(1, 24))


@pytest.mark.any_engine
def test_pictures_are_small_light_and_dark():
    pictures = sorted((DEMOS / "pictures").glob("*.svg"))
    assert [path.stem for path in pictures] == NAMES
    assert sum(path.stat().st_size for path in pictures) < MOST_BYTES
    for path in pictures:
        text = path.read_text(encoding="utf-8")
        assert "prefers-color-scheme" in text, path.name
        assert "<title>" in text, path.name
        assert str(DEMOS.parent) not in text, path.name


@pytest.mark.any_engine
@pytest.mark.parametrize("name", DRAWN_BY_US)
def test_letters_can_be_read_at_the_width_of_the_gallery(name):
    text = (DEMOS / "pictures" / f"{name}.svg").read_text(encoding="utf-8")
    width = float(re.search(r'width="([\d.]+)"', text)[1])
    smallest = min(map(float, re.findall(r'font-size="([\d.]+)"', text)))
    assert smallest * min(400.0 / width, 1.0) > 7.0


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('<path d="M 1 2"/>', '<path d="M 1.01 2"/>', None),
        ("<title>a</title>", "<title>b</title>", "it says something else"),
        ("<desc>loss 0.5001</desc>", "<desc>loss 0.5002</desc>", None),
        ("<desc>loss 0.5</desc>", "<desc>loss 0.6</desc>", "it says 0.6 where it said 0.5"),
        ('<rect width="50" height="50"/>', '<rect width="50" height="90"/>', "looks different"),
        (
            '<rect fill="red" width="50" height="50"/>',
            '<rect width="50" height="50"/>',
            "different",
        ),
    ],
)
def test_a_change_of_a_picture_is_noticed_and_rounding_is_none(gallery, old, new, told):
    for module in ("PIL", "resvg_py"):
        pytest.importorskip(module)
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">'
    found = gallery.change(f"{head}{old}</svg>", f"{head}{new}</svg>")
    assert found == told if told is None else told in found


@pytest.mark.any_engine
def test_pictures_are_compared_and_written_on_request(gallery, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(gallery, "PICTURES", tmp_path / "pictures")
    assert gallery.main(["--check", "01_first_graph"]) == 1
    assert not (tmp_path / "pictures").exists()
    assert gallery.main(["01_first_graph"]) == 0
    assert gallery.main(["--check", "01_first_graph"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("the same")


@pytest.mark.any_engine
def test_without_matplotlib_a_demonstration_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    demo, showing = import_module("08_flat_gradient"), import_module("showing")
    showing.run(demo.main, demo.picture, ["--output", str(tmp_path)])
    assert "no picture: charts are drawn by matplotlib" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
