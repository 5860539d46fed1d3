"""Files are replaced whole or not at all, whatever writes them and whatever happens meanwhile."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time

import pytest

import autograd
from autograd import Value
from autograd.files import replace_file, replacing

pytestmark = pytest.mark.any_engine

on_unix = pytest.mark.skipif(os.name == "nt", reason="files as on Unix")


def drawing():
    x = Value(3.0, "x")
    return autograd.draw(x * x)


def program():
    found = autograd.compile(lambda x: x * 2.0)
    found(1.0)
    return found


def rendered(path):
    drawing().render(outfile=path, cleanup=True)


WRITERS = {
    "replace_file": lambda path: replace_file(path, b"new" * 100_000),
    "program": lambda path: program().save(path),
    "svg": lambda path: drawing().save_svg(path),
    "html": lambda path: drawing().save_html(path),
    **dict.fromkeys(
        ("it.gv", "it.svg", "it.png", "it.pdf", "it.tex", "it.txt", "it.html"),
        lambda path: drawing().save(path),
    ),
    "render": rendered,
}
every_writer = pytest.mark.parametrize("writer", WRITERS)


def target(folder, writer):
    """What it writes to: `save` is told by the suffix what to write."""
    if "." in writer:
        return folder / writer
    return folder / ("it.svg" if writer == "render" else "it")


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

_CHILD = """
import os, sys
sys.path.insert(0, {here!r})
from test_files import WRITERS
write = WRITERS[{writer!r}]
write({path!r})
print("ready", flush=True)
while True:
    write({path!r})
"""


def child(writer, path, before=""):
    text = before + _CHILD.format(here=os.path.dirname(__file__), writer=writer, path=str(path))
    return subprocess.Popen(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@on_unix
@every_writer
def test_kill_9_leaves_the_old_file_or_the_new(writer, tmp_path):
    kills = int(os.environ.get("KILLS", "20"))  # on demand more, in all writers together by default
    path = target(tmp_path, writer)
    for number in range(max(1, kills // len(WRITERS)) if "KILLS" not in os.environ else kills):
        process = child(writer, path)
        assert process.stdout.readline() == "ready\n"
        whole = path.read_bytes()
        time.sleep(0.0005 * (number * 37 % 60))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert path.read_bytes() == whole


@on_unix
@every_writer
def test_a_full_disk_leaves_the_old_file(writer, tmp_path):
    path = target(tmp_path, writer)
    path.write_bytes(b"old")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))\n"
    process = child(writer, path, "import graphviz, autograd\n" + limit)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "File too large" in errors or "CalledProcessError" in errors
    assert path.read_bytes() == b"old"
    assert [name for name in os.listdir(tmp_path) if ".part" in name] == []
