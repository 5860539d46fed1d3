"""Files: each format under its own name, opened by a reader of another house."""

import io
import os
import shutil
import statistics
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import graphviz
import PIL.Image
import pypdfium2
import pytest

from autograd import Value, draw
from autograd.render import DotMissing, images
from autograd.render.formats import KNOWN

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
HOSTILE = [
    "w_11^(1)", 'say "hi" & <b>bold</b>', "</svg></pre><script>alert(1)</script>", "]]> --> %s {0}",
    "\\input{/etc/passwd} $x_1$ % # ~ ^ {", '#read("/etc/passwd") @label *x*', "größe 損失 🎉 ∂ δ",
    "\n\x00\ud800\u202e", "x" * 300,
]  # fmt: skip


def drawing(label="x"):
    x = Value(3.0, label=label)
    y = (x * x).tanh() * Value(-0.5, label="w_11^(1)")
    y.label = label
    y.backward()
    return draw(y, highlight=x)


def pixels(data):
    """A picture as rows of (red, green, blue)."""
    return PIL.Image.open(io.BytesIO(data)).convert("RGB")


def printed(data, scale=4 / 3):
    """The only page of a PDF: its words, and its looks at one pixel to a pixel of the picture."""
    with pypdfium2.PdfDocument(data) as document:
        (page,) = document
        # Letters are placed one by one, each on a line of its own to this reader.
        words = "".join(page.get_textpage().get_text_range().split())
        return words, page.render(scale=scale).to_pil().convert("RGB")


class Words(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.words = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.words.append(data)


def check_svg(data):
    assert ElementTree.fromstring(data.decode("utf-8")).tag.endswith("svg")


def check_png(data):
    image = pixels(data)
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(image.getcolors(2**24)) > 50


def check_pdf(data):
    words, image = printed(data)
    assert data.startswith(b"%PDF-")
    assert "tanh" in words
    assert len(image.getcolors(2**24)) > 50


def check_dot(data):
    text = data.decode("utf-8")
    assert text.startswith("digraph")
    if shutil.which("dot") is not None:
        command = ["dot", "-Tcanon"]
        subprocess.run(command, input=data, capture_output=True, check=True, timeout=60)


def check_tex(data):
    text = data.decode("ascii")
    assert text.startswith("\\documentclass")
    assert text.count("{") >= text.count("\\begin{") > 0
    assert "\\input" not in text.replace("textbackslash{}input", "")


def check_html(data):
    page = Words()
    page.feed(data.decode("utf-8"))
    assert "svg" in page.tags
    assert not {"script", "b", "img", "link"} & set(page.tags)


def check_txt(data):
    assert "tanh  data " in data.decode("utf-8")


CHECKS = {
    ".svg": check_svg, ".png": check_png, ".pdf": check_pdf, ".dot": check_dot, ".gv": check_dot,
    ".tex": check_tex, ".html": check_html, ".htm": check_html, ".txt": check_txt,
}  # fmt: skip


def test_every_known_suffix_has_a_reader_here():
    assert set(CHECKS) == set(KNOWN)


@pytest.mark.parametrize("suffix", KNOWN)
@pytest.mark.parametrize("label", HOSTILE)
def test_a_file_holds_what_its_name_tells(suffix, label, tmp_path):
    path = tmp_path / f"it{suffix}"
    assert drawing(label).save(path) == str(path)
    CHECKS[suffix](path.read_bytes())
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("name", ["it.SVG", b"it.svg", Path("it.svg")])
def test_names_may_be_of_any_kind(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert drawing().save(name) == os.fsdecode(name)
    check_svg((tmp_path / os.fsdecode(name)).read_bytes())


@pytest.mark.parametrize("name", ["it", "it.jpg", "it.docx", "it.svgz", "it.svg.bak", "", ".svg"])
def test_an_unknown_suffix_is_refused_and_the_known_ones_are_told(name, tmp_path):
    with pytest.raises(ValueError, match=r"known are \.svg, \.tex, \.png, \.pdf, \.dot, \.gv, "):
        drawing().save(name, tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_folder_is_made_and_what_is_there_can_be_left(tmp_path):
    made = drawing().save("it.txt", tmp_path / "new" / "deep")
    assert made == str(tmp_path / "new" / "deep" / "it.txt")
    Path(made).write_text("mine", encoding="utf-8")
    drawing().save(made, skip_existing=True)
    assert Path(made).read_text(encoding="utf-8") == "mine"


def test_without_a_name_the_statements_are_saved_as_graphviz_does(tmp_path):
    shown = drawing()
    shown.save("it.svg", tmp_path)
    saved = shown.save(directory=tmp_path)
    assert Path(saved).name == graphviz.Digraph().filename.replace("Digraph", "Drawing")
    check_dot(Path(saved).read_bytes())


# --- The doors of Graphviz ------------------------------------------------------------------------


@pytest.fixture(params=["with dot", "without"])
def programs(request, monkeypatch):
    if request.param == "without":
        monkeypatch.setattr(shutil, "which", lambda *args, **kwargs: None)
    elif shutil.which("dot") is None:
        pytest.skip("Graphviz is not installed")


LIES = [
    lambda d, folder: d.render("it.svg", folder),
    lambda d, folder: d.render("it.png", folder, format="png"),
    lambda d, folder: d.render("it.html", folder),
    lambda d, folder: d.render("it.json", folder),
    lambda d, folder: d.view("it.svg", directory=folder),
    lambda d, folder: d.render(outfile=folder / "it.png", format="svg"),
    lambda d, folder: d.render(outfile=folder / "it.svg", format="png"),
    lambda d, folder: d.render(outfile=folder / "it.tex"),
    lambda d, folder: d.render(outfile=folder / "it.html"),
    lambda d, folder: d.render(outfile=folder / "it.txt", format="plain"),
    lambda d, folder: d.save_svg(folder / "it.png"),
    lambda d, folder: d.save_svg(folder / "it.dot"),
    lambda d, folder: d.save_html(folder / "it.svg"),
]


@pytest.mark.parametrize("lie", LIES)
def test_no_door_writes_one_format_under_the_name_of_another(lie, programs, tmp_path):
    with pytest.raises(ValueError, match="would be written as"):
        lie(drawing(), tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_name_set_before_is_asked_too(programs, tmp_path):
    shown = drawing()
    shown.filename, shown.directory = "it.svg", str(tmp_path)
    check_svg(Path(shown.save()).read_bytes())
    with pytest.raises(ValueError, match="would be written as dot"):
        shown.render()


@pytest.mark.parametrize("name", ["it", "it.gv", "it.dot", "model.v2"])
def test_graphviz_goes_on_writing_its_two_files(name, programs, tmp_path):
    written = drawing().render(name, tmp_path, format="svg")
    assert written == str(tmp_path / f"{name}.svg")
    check_svg(Path(written).read_bytes())
    check_dot((tmp_path / name).read_bytes())


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_an_outfile_holds_what_its_name_tells(suffix, programs, tmp_path):
    written = drawing().render(outfile=tmp_path / f"it{suffix}", cleanup=True)
    CHECKS[suffix](Path(written).read_bytes())
    data = drawing().pipe(suffix[1:])
    CHECKS[suffix](data)


@needs_dot
def test_formats_that_only_graphviz_knows_are_its_own(tmp_path):
    written = drawing().render(outfile=tmp_path / "it.jpg", format="jpg", cleanup=True)
    assert Path(written).read_bytes().startswith(b"\xff\xd8")


# --- One layout -----------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1, 2.0, 0.5, 3])
def test_a_png_is_the_picture_at_its_scale(scale):
    shown = drawing()
    root = ElementTree.fromstring(shown.svg())
    image = pixels(shown.png(scale=scale))
    for side, name in zip(image.size, ("width", "height"), strict=True):
        assert side == pytest.approx(float(root.get(name)) * scale, abs=1.0)


def test_a_png_is_at_twice_the_size_unless_told(tmp_path):
    shown = drawing()
    small, usual = (pixels(data).size for data in (shown.png(scale=1), shown.png()))
    assert usual == pytest.approx([2 * side for side in small], abs=1)
    assert pixels(Path(shown.save("it.png", tmp_path)).read_bytes()).size == usual
    assert pixels(Path(shown.save("it.png", tmp_path, scale=1)).read_bytes()).size == small


def test_png_and_pdf_show_the_same_at_the_same_places():
    shown = drawing("w_11^(1)")
    one = pixels(shown.png(scale=1))
    words, other = printed(shown.pdf())
    assert one.size == pytest.approx(other.size, abs=1)
    for mark in ("①", "②", "w11(1)", "tanh", "×2"):
        assert mark in words
    # Fonts are drawn with other edges by other programs: tiles of 12 x 12 pixels are compared.
    coarse = (one.size[0] // 12, one.size[1] // 12)
    tiles = [image.resize(coarse, PIL.Image.Resampling.BOX).convert("L") for image in (one, other)]
    darkness = [[255 - shade for shade in tile.tobytes()] for tile in tiles]
    assert max(darkness[0]) > 120
    assert statistics.correlation(*darkness) > 0.9


def test_letters_leave_traces():
    """Where a number stands, the picture is not blank: there was a font."""
    shown = drawing()
    image = pixels(shown.png(scale=1))
    for text in ElementTree.fromstring(shown.svg()).iter("{http://www.w3.org/2000/svg}text"):
        x, y = float(text.get("x")), float(text.get("y"))
        left = {"middle": x - 5, "end": x - 9}.get(text.get("text-anchor"), x)
        colours = image.crop((int(left), int(y - 9), int(left + 10), int(y + 1))).getcolors()
        assert len(colours) > 3, text.text


def test_without_a_font_on_the_machine_letters_come_with_the_converter(monkeypatch):
    monkeypatch.setattr(images, "_has_fonts", lambda: False)
    shown = drawing()
    assert pixels(shown.png(scale=1)).size == pytest.approx(pixels(shown.png()).size, rel=0.6)
    check_png(shown.png())


@pytest.mark.parametrize("scale", [0, -1.0, float("nan"), float("inf"), 1e6])
def test_a_scale_that_makes_no_picture_is_refused(scale):
    with pytest.raises(ValueError, match="scale"):
        drawing().png(scale=scale)


@pytest.mark.parametrize("scale", ["2", None, True, 2j])
def test_a_scale_is_a_number(scale):
    with pytest.raises(TypeError, match="scale must be a number"):
        drawing().png(scale=scale)


@pytest.mark.parametrize("suffix", [".png", ".pdf"])
def test_without_the_extra_its_name_is_told_and_no_file_made(suffix, tmp_path, monkeypatch):
    for name in ("resvg_py", "typst"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"pip install .*\[image\]'"):
        drawing().save("it" + suffix, tmp_path)
    assert os.listdir(tmp_path) == []


@needs_dot
def test_statements_of_the_reader_are_in_every_picture_or_it_is_refused(tmp_path):
    shown = drawing()
    shown.node("mine", "my own node")
    assert "my own node" in Path(shown.save("it.svg", tmp_path)).read_text(encoding="utf-8")
    assert "myownnode" in printed(shown.pdf())[0]
    with pytest.raises(ValueError, match="statements of your own"):
        shown.tex()


@needs_dot
def test_what_dot_draws_becomes_png_and_pdf_too(tmp_path):
    x = Value(3.0, "x")
    shown = draw(x.tanh() * x, drawn_by="dot")
    check_png(shown.png())
    check_pdf(shown.pdf())


def test_dot_missing_is_told_before_anything_is_written(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda *args, **kwargs: None)
    shown = draw(Value(3.0) * 2.0, drawn_by="dot")
    with pytest.raises(DotMissing):
        shown.save("it.svg", tmp_path)
    assert os.listdir(tmp_path) == []


def test_print_shows_the_tree_and_source_the_statements():
    shown = drawing()
    assert str(shown) == shown.tree()
    assert shown.source.startswith("digraph")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_a_pdf_in_a_forked_process_is_made_or_refused_and_never_waited_for():
    """The threads that make one do not come along: the child waited for them for ever."""
    script = """
import os, signal
from autograd import Value, draw
drawing = draw(Value(2.0, "x") * 3.0)

def forked():
    child = os.fork()
    if not child:
        signal.alarm(100)
        try:
            drawing.pdf()
            os._exit(0)
        except RuntimeError as error:
            os._exit(7 if "start processes by 'spawn'" in str(error) else 8)
        finally:
            os._exit(9)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

print(forked(), drawing.pdf()[:4], forked(), drawing.pdf()[:4])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "0 b'%PDF' 7 b'%PDF'\n", done.stderr
