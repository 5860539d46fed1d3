"""The picture in CONTRIBUTING.md is that of today's imports, and can be read at its width."""

from __future__ import annotations

import re
from graphlib import CycleError

import pytest

from autograd.generate import room_picture
from autograd.generate.room_picture import PICTURE, Room, links, purpose, reduced
from autograd.generate.rooms import ROOT, layers, story

GROUND, RULES, NODES = (
    Room("autograd", name) for name in ("ground", "the rule book", "nodes")
)  # fmt: skip


def test_the_picture_is_current_and_contributing_shows_it():
    drawn = PICTURE.read_text(encoding="utf-8")
    assert drawn == room_picture.room_picture(), "run: python -m autograd.generate"
    assert "(autograd/ROOMS.svg)" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for room in links():
        assert f">{room.name}</text>" in drawn
        assert purpose(room), room
        assert all(word in drawn for word in purpose(room).split())


def test_a_story_says_of_every_name_what_it_is_and_the_picture_says_the_same():
    for package in ("autograd", "nn"):
        for names, said in story(package):
            assert len(names) == len(said), names
    assert purpose(Room("autograd", "machine")) == "the interpreter of compiled programs"
    assert purpose(Room("nn", "textbook")) == "what the two lectures teach, without the engine"


def test_it_is_legible_at_800_pixels_light_and_dark():
    drawn = PICTURE.read_text(encoding="utf-8")
    assert float(re.search(r'width="([\d.]+)"', drawn)[1]) <= 800.0
    assert min(map(float, re.findall(r'font-size="([\d.]+)"', drawn))) >= 11.0
    assert "prefers-color-scheme:dark" in drawn


def test_every_folder_is_a_room_and_files_beside_them_are_rooms_together():
    found = links()
    for package in ("autograd", "nn"):
        folders = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
        rooms = {room.name for room in found if room.package == package}
        assert folders - {"wrap_util"} <= rooms <= {*folders, *dict(room_picture.FILES.values())}
    assert found[GROUND] == []
    assert found[NODES] == [GROUND, RULES]
    assert Room("autograd", "native") in found[Room("autograd", "the engine")]
    assert Room("autograd", "autograd") in found[Room("nn", "networks")]


def test_a_new_import_is_a_new_arrow(monkeypatch):
    imported = room_picture._imported
    new = ROOT / "autograd" / "diagnosis" / "anomalies.py"
    monkeypatch.setattr(
        room_picture,
        "_imported",
        lambda path: imported(path) | ({"autograd.render.scene"} if path == new else set()),
    )
    assert room_picture.room_picture() != PICTURE.read_text(encoding="utf-8")
    assert Room("autograd", "render") in reduced(links())[Room("autograd", "diagnosis")]


def test_what_a_longer_way_says_is_not_drawn_and_a_circle_is_refused():
    assert reduced({GROUND: [], RULES: [GROUND], NODES: [GROUND, RULES]})[NODES] == [RULES]
    with pytest.raises(CycleError):
        reduced({GROUND: [RULES], RULES: [GROUND]})


def test_the_order_is_that_of_the_story():
    table = layers("autograd")
    assert table["graph"] < table["primitives"] < table["native"] < table["render"]
