r"""LaTeX: what compiles, is set as in a textbook, and lets no label run anything."""

import re
import shutil
import string
import subprocess
import unicodedata

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, draw
from autograd.render import palette
from autograd.render.scene import Circle, Cluster, Curve, Rectangle, Scene, Words
from autograd.render.tex_text import tex_text
from autograd.render.writers.tex import source as tikz_text

ENGINES = [
    pytest.param(name, marks=pytest.mark.skipif(shutil.which(name) is None, reason="no TeX here"))
    for name in ("pdflatex", "lualatex", "xelatex")
]


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("w₁₁⁽²⁾", r"w$_{11}^{(2)}$"),
        ("x²", "x$^{2}$"),
        ("x₁₀,₃", "x$_{10}${,}$_{3}$"),
        ("a⁽ˡ⁾ᵢ", "a$^{(l)}_{i}$"),
        ("Wᵀ", "W$^{T}$"),
        ("δ₁[5]", r"$\delta$$_{1}$[5]"),
        ("-0.5 × -2", r"$-$0.5\ $\times$\ $-$2"),
        ("1e-07", "1e$-$07"),
        ("x-y--z", "x{-}y{-}{-}z"),
        ("①", r"\chainrulecircled{1}"),
        ("naïve Ångström", r"na\"{i}ve\ \r{A}ngstr\"{o}m"),
        ("x\u0302 e\u0308", r"\^{x}\ \"{e}"),
        ("損\u0302", r"\chainrulesign{640D}\chainrulesign{0302}"),
        ("½ Σ", r"\textonehalf{}\ $\Sigma$"),
        ("größe", r"gr\"{o}\ss{}e"),
        ("損", r"\chainrulesign{640D}"),
        ("🎉", r"\chainrulesign{1F389}"),
        ("\\input{x}", r"\textbackslash{}input\{x\}"),
        ("a_b^c~d", r"a\_b\textasciicircum{}c\textasciitilde{}d"),
        ("100% & #1 $", r"100\%\ \&\ \#1\ \$"),
        ("\n", r"\chainrulesign{000A}"),
    ],
)
def test_text_is_set_as_text(text, tex):
    assert tex_text(text) == tex


@given(st.text(st.characters(), max_size=20))
def test_no_text_is_a_command(text):
    """Every backslash begins a command of the list; braces and dollars come in pairs."""
    made = tex_text(text)
    assert made.isascii()
    assert all(sign.isprintable() for sign in made)
    names = set(re.findall(r"\\([A-Za-z]+)", made))
    assert names <= set(COMMANDS.split())
    plain = re.sub(r"\\[\\{}_&#$%~^\"'`=. ]", "", made)
    depth = 0
    for sign in plain:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    assert plain.count("$") % 2 == 0
    assert not set("%&#~") & set(plain)
    for place, piece in enumerate(plain.split("$")):
        assert place % 2 or not set("_^") & set(piece)


COMMANDS = """
    textbackslash textasciitilde textasciicircum textquotedbl textquotesingle textasciigrave
    textless textgreater textbar times cdot div pm partial surd sum prod infty approx leq
    geq neq rightarrow leftarrow leftrightarrow nabla in circ ell hat Gamma Delta Theta
    Lambda Xi Pi Sigma Upsilon Phi Psi Omega alpha beta gamma delta varepsilon zeta eta
    theta iota kappa lambda mu nu xi pi rho sigma tau upsilon varphi chi psi omega ldots
    textendash textemdash textquoteright textquoteleft textquotedblleft textquotedblright ss
    ae AE oe OE o O l L i u r H v c k mp parallel Vert odot propto equiv cdots emptyset neg
    langle rangle ll gg ast textonehalf textonequarter textthreequarters S dag pounds texteuro
    copyright chainrulesign chainrulecircled
"""


def compiled(tex, engine, folder):
    (folder / "it.tex").write_text(tex, encoding="ascii")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "it.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-2000:].decode("utf-8", "replace")
    return pypdfium2.PdfDocument((folder / "it.pdf").read_bytes())


def every_sign():
    marked = "".join(
        sign
        for number in range(0x20, 0x2500)
        if unicodedata.category(sign := chr(number))[0] in "LNPSZ"
    )
    return string.printable + marked[:600] + "①⑳₁⁽ᵢ∂×−…損🎉½¼¾§†£€©∓∥‖∘⊙∝≡⋅⋯∅¬⟨⟩≪≫∗x\u0302"


@pytest.mark.parametrize("engine", ENGINES)
def test_every_mark_and_every_sign_compiles(engine, tmp_path):
    text = every_sign()
    lines = [text[start : start + 60] for start in range(0, len(text), 60)]
    marks = (
        Rectangle(5, 5, 90, 40, 20, palette.PARAMETER_FILL, palette.INK, 1.1, 0.5),
        Rectangle(5, 5, 90, 40, 0, None, palette.INK, 1.1),
        Circle(50, 20, 9.06, palette.PAPER, palette.PATHS[1], 2.2, (4, 2)),
        Curve(
            (("M", 0, 0), ("L", 5, 0), ("C", 1, 2, 3, 4, 5, 6), ("Z",)),
            palette.LINE, 1.0, palette.PAPER, (3,), 0.25, "round",
        ),
        *(Words(9, 20 * n, line, palette.INK, 11.0, "end", bold=n % 2 == 0, italic=n % 3 == 0,
                halo=n % 5 == 0) for n, line in enumerate(lines)),
    )  # fmt: skip
    scene = Scene("s", 800.0, 400.0, (Cluster("a", "b", marks),))
    with compiled(tikz_text(scene), engine, tmp_path) as document:
        (page,) = document
        assert page.get_size() == pytest.approx((600.0, 300.0), abs=0.5)


@pytest.mark.parametrize("engine", ENGINES[:1])
def test_a_drawing_compiles_to_its_own_size_and_numbers(engine, tmp_path):
    x = Value(3.0, label="w_11^(1)")
    y = (x * x).tanh() * Value(-0.5, label="} \\end{document} %")
    y.backward()
    shown = draw(y, highlight=x)
    with compiled(shown.tex(), engine, tmp_path) as document:
        (page,) = document
        words = page.get_textpage().get_text_range()
        scene = shown._scene()
        size = (0.75 * scene.width, 0.75 * scene.height)
        assert page.get_size() == pytest.approx(size, abs=0.5)
    for word in ("tanh", "0.5", "multiply along a path"):
        assert word in words


def test_the_document_says_where_every_mark_is():
    marks = (
        Rectangle(4, 8, 20, 10, 4, palette.PARAMETER_FILL, palette.INK, 2.0),
        Words(9, 9, "w", palette.INK, 12.0, "middle"),
    )
    text = tikz_text(Scene("s", 80.0, 40.0, (Cluster("", "", marks),)))
    assert (
        "\\path[fill=chainrule-parameter-fill, draw=chainrule-ink, line width=1.5bp, "
        "rounded corners=3bp] (4,8) rectangle (24,18);"
    ) in text
    assert "at (9,9) {w};" in text
    assert "\\definecolor{chainrule-ink}{HTML}{1F2933}" in text


def test_what_tex_cannot_count_is_refused():
    with pytest.raises(ValueError, match="TeX knows no length"):
        tikz_text(Scene("s", 22_000.0, 40.0, ()))
