"""The sheet for teachers: every command makes its page, and what counts as right is right."""

import math
import re
from pathlib import Path

import pytest

from autograd import path_sum
from autograd.page.model import PageModel
from autograd.sweeps.orders import NAMED

SHEET = Path(__file__).parents[2] / "demos" / "QUESTIONNAIRE.md"
COMMANDS = re.findall(r'^python -c "(.+)"$', SHEET.read_text(encoding="utf-8"), re.MULTILINE)
PAGES = ["paths", "shared", "order", "dead", "saturated"]


@pytest.fixture
def made(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(COMMANDS[PAGES.index(request.param)], names)
    assert (tmp_path / f"{request.param}.html").exists()
    return names


def test_there_is_a_command_for_each_question():
    saved = [re.search(r"save\('(\w+)\.html'\)", command)[1] for command in COMMANDS]
    assert saved == PAGES
    assert all(f"**`{name}.html`.**" in SHEET.read_text(encoding="utf-8") for name in PAGES)


@pytest.mark.parametrize("made", ["paths"], indirect=True)
def test_paths_add(made):
    found = path_sum(made["w"], made["L"])
    assert sorted(list(path.local_derivatives) for path in found.paths) == [
        [-1.0, 6.0],
        [3.0, -2.0],
    ]
    assert found.gradient == -12.0


@pytest.mark.parametrize("made", ["shared"], indirect=True)
def test_what_is_shared(made):
    (weight,) = [leaf for leaf in made["L"].leaves() if leaf.label == "w_11^(1)"]
    one, other = [path.local_derivatives for path in path_sum(weight, made["L"]).paths]
    common = [place for place in range(len(one)) if one[place] == other[place]]
    assert common[:2] == [0, 1]  # the input, and the slope of the first unit
    assert 2 not in common
    assert common[-1] == len(one) - 1  # behind the last unit


@pytest.mark.parametrize("made", ["order"], indirect=True)
def test_order_matters(made):
    orders = PageModel(made["L"], "L", None).content["orders"]
    (name, *_) = orders
    labels = [node.label for node in NAMED[name](made["L"]) if node.parents]
    # a hands on to x before b has handed its part to a.
    assert labels.index("a") < labels.index("b")


@pytest.mark.parametrize("made", ["dead"], indirect=True)
def test_a_dead_unit(made):
    made["L"].backward()
    assert made["w"].grad == 0.0
    z = 0.5 * 1.5
    assert 2.0 * (z - 1.0) * 1.5 == -0.75


@pytest.mark.parametrize("made", ["saturated"], indirect=True)
def test_a_saturated_sigmoid(made):
    made["L"].backward()
    (path,) = path_sum(made["w"], made["L"]).paths
    assert abs(made["w"].grad) < 3e-4
    assert any(math.isclose(factor, 4.54e-5, rel_tol=1e-3) for factor in path.local_derivatives)
    assert max(map(abs, path.local_derivatives)) > 1.0  # it is wrong all the same
