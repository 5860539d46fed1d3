"""Files are replaced whole or not at all, whatever writes them and whatever happens meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import stat
from concurrent.futures import ProcessPoolExecutor

import pytest

import autograd
from autograd.files import read_file, replace_file, replacing
from tests.autograd.file_writers import (
    WRITERS,
    drawing,
    killed,
    on_a_full_disk,
    program,
    target,
)

pytestmark = pytest.mark.any_engine

KILLS = int(os.environ.get("KILLS", "20"))  # of each writer
on_unix = pytest.mark.skipif(os.name == "nt", reason="files as on Unix")
every_writer = pytest.mark.parametrize("writer", WRITERS)


@every_writer
def test_what_is_written_replaces_what_was_there(writer, tmp_path):
    path = target(tmp_path, writer)
    WRITERS[writer](path)
    fresh = path.read_bytes()
    path.write_bytes(b"x" * 1_000_000)
    WRITERS[writer](path)
    assert path.read_bytes() == fresh
    assert os.listdir(tmp_path) == [path.name]


@on_unix
@every_writer
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_mode_and_link_stay(writer, mode, tmp_path):
    real, link = tmp_path / "real", target(tmp_path, writer)
    real.write_bytes(b"old")
    real.chmod(mode)
    link.symlink_to("real")
    WRITERS[writer](link)
    assert link.is_symlink()
    assert real.read_bytes() != b"old"
    assert stat.S_IMODE(real.stat().st_mode) == mode


@on_unix
def test_a_new_file_has_the_usual_mode_and_a_link_to_nothing_is_followed(tmp_path):
    before = os.umask(0o027)
    try:
        replace_file(tmp_path / "new", b"")
        (tmp_path / "link").symlink_to("there")
        replace_file(tmp_path / "link", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert (tmp_path / "there").exists()


@on_unix
@every_writer
def test_what_is_no_file_is_refused(writer, tmp_path):
    path = target(tmp_path, writer)
    os.mkfifo(path)
    with pytest.raises(OSError, match="not a file but a pipe"):
        WRITERS[writer](path)
    assert stat.S_ISFIFO(path.stat().st_mode)
    os.unlink(path)
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        WRITERS[writer](path)
    path.rmdir()
    path.symlink_to("/dev/null")
    with pytest.raises(OSError, match="not a file but a pipe, device"):
        WRITERS[writer](path)
    path.unlink()
    path.symlink_to(path.name)  # to itself
    with pytest.raises(OSError):
        WRITERS[writer](path)
    path.unlink()
    assert [name for name in os.listdir(tmp_path) if name.endswith(".part")] == []


@on_unix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_file_that_may_not_be_written_is_refused(tmp_path):
    path = tmp_path / "it"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(PermissionError):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"


def test_paths_of_every_kind(tmp_path):
    name = os.fsencode(tmp_path / "it")
    for write, begins in [
        (program().save, b"{"), (drawing().save_svg, b"<svg"), (drawing().save_html, b"<!DOC"),
    ]:  # fmt: skip
        for path in (name, os.fsdecode(name), tmp_path / "it"):
            write(path)
            assert (tmp_path / "it").read_bytes().startswith(begins)
            (tmp_path / "it").unlink()
        for empty in ("", b""):
            with pytest.raises(ValueError, match="path of the file to write is empty"):
                write(empty)
        with pytest.raises(FileNotFoundError) as found:
            write(tmp_path / "nowhere" / "it")
        assert found.value.filename == str(tmp_path / "nowhere" / "it")
        with pytest.raises(TypeError):
            write(3)
    program().save(name)
    assert autograd.load_program(name)(3.0) == 6.0
    with pytest.raises(ValueError, match="path of the file to read is empty"):
        autograd.load_program("")
    assert os.listdir(tmp_path) == ["it"]


@on_unix
def test_what_has_no_end_is_not_read(tmp_path):
    """A pipe that nobody writes to would be waited for, a device fill the memory."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    for path in (tmp_path / "pipe", tmp_path / "device", tmp_path):
        with pytest.raises(ValueError, match="is not a file: there is a folder, a pipe or a dev"):
            read_file(path, 100)
    (tmp_path / "it").write_bytes(b"1234")
    assert read_file(os.fsencode(tmp_path / "it"), 4) == b"1234"
    with pytest.raises(ValueError, match="has more than 3 bytes, the most such a file may have"):
        read_file(tmp_path / "it", 3)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "nothing", 3)


@every_writer
def test_the_name_of_a_folder_is_not_that_of_a_file(writer, tmp_path):
    """`net/` was written to the file `net`, which nobody finds again by that name."""
    if writer == "render.svg":
        pytest.skip("graphviz's own names are pathlib's, which leaves out the slash")
    path = target(tmp_path, writer)
    with pytest.raises((IsADirectoryError, ValueError)):
        WRITERS[writer](f"{path}/")
    assert os.listdir(tmp_path) == []


def test_a_name_as_long_as_names_may_be(tmp_path):
    replace_file(tmp_path / ("n" * 255), b"new")
    assert (tmp_path / ("n" * 255)).read_bytes() == b"new"


def test_an_error_on_the_way_leaves_nothing_behind(tmp_path):
    (tmp_path / "it").write_bytes(b"old")

    def interrupted():
        with replacing(tmp_path / "it") as temporary:
            assert os.path.dirname(temporary) == str(tmp_path)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (tmp_path / "it").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["it"]


@every_writer
def test_a_broken_program_costs_nobody_the_file(writer, tmp_path, monkeypatch):
    """dot fails half way, or writing does: what was there is still there."""
    path = target(tmp_path, writer)
    path.write_bytes(b"old")

    def full(_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        WRITERS[writer](path)
    monkeypatch.undo()
    assert path.read_bytes() == b"old"


# --- Killed, and full -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alone():
    """A process without the threads of other tests, which may be forked."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield lambda *call: executor.submit(*call).result(timeout=290 if KILLS <= 20 else 3600)


@on_unix
@every_writer
def test_kill_9_leaves_the_old_file_or_the_new(writer, tmp_path, alone):
    assert alone(killed, writer, target(tmp_path, writer), KILLS) == 0


@on_unix
@every_writer
def test_a_full_disk_leaves_the_old_file(writer, tmp_path, alone):
    assert alone(on_a_full_disk, writer, target(tmp_path, writer)) == "refused"
    assert [name for name in os.listdir(tmp_path) if ".part" in name] == []
