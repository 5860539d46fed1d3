"""LaTeX of explanations: it compiles, and labels cannot be commands."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from autograd import Primitive, Value, explain
from autograd.latex_letters import name_in_latex, number_in_latex, text_in_latex
from autograd.lettering import Name, pretty_label, read_name
from tests.autograd.explanation.cases import CASES

HOSTILE = [
    r"\input{/etc/passwd}", r"\write18{ls}", "$", "$$", "x^2 }{", "}", "{", "a_b^c", "%", "#1", "&",
    "~", "\\", "two\nlines", "\x00\x1b[31m", "<b>", '"', "`", "|", "é", "損失", "🦆", "θ", "Ω", "ο",
    "w" * 200, "a b", "\u202e", "½", "^^5c", "\\\\", r"\end{align*}", "'", "-", "ß", "Å",
]  # fmt: skip


def document(*bodies):
    return (
        "\\documentclass{article}\n\\usepackage{amsmath}\n\\allowdisplaybreaks\n"
        "\\begin{document}\n" + "\n".join(bodies) + "\\end{document}\n"
    )


def hostile_explanation(label):
    a, b = Value(2.0, label), Value(3.0, label)
    own = Primitive(label, lambda x: x * x, (lambda out, x: 2.0 * x,))
    return explain((a * b).tanh() + own(a) * a + a.exp() / b, a)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no TeX")
def test_it_compiles(tmp_path):
    bodies = []
    for case in CASES.values():
        output, source = case()
        bodies.append(explain(output, source).latex())
    hostile = [hostile_explanation(label).latex() for label in HOSTILE]
    (tmp_path / "all.tex").write_text(document(*bodies, *hostile), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "all"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    said = run.stdout.decode("utf-8", "replace")
    assert run.returncode == 0, [line for line in said.splitlines() if line[:1] == "!"]
    assert "root:" not in said


def arithmetic(latex):
    """Numbers in LaTeX as Python writes them."""
    latex = re.sub(r"(\d) \\times 10\^\{(-?\d+)\}", r"\1e\2", latex)
    latex = re.sub(r"\\left\[([^\]\[]*) > 0\\right\]", r"(1.0 if \1 > 0 else 0.0)", latex)
    for tex, sign in ((r"\left", ""), (r"\right", ""), (r"\cdot", "*"), ("[", "("), ("]", ")")):
        latex = latex.replace(tex, sign)
    while r"\frac" in latex or "^" in latex:
        before = latex
        latex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", latex)
        latex = re.sub(r"\{([^{}]*)\}\^\{([^{}]*)\}", r"((\1)**(\2))", latex)
        if latex == before:
            raise ValueError(latex)
    return latex.replace("{}", "").replace("&", "").replace(r"\quad", "")


@pytest.mark.parametrize("name", CASES)
def test_the_numbers_of_latex_give_the_gradient(name):
    output, source = CASES[name]()
    output.backward()
    text = explain(output, source).latex()
    numbers = text.partition(r"\textbf{The same")[2].partition(r"\textbf{Path")[0]
    numbers = re.sub(r"\\begin\{array\}.*?\\end\{array\}", "", numbers, flags=re.DOTALL)
    rows = [row.replace("\n", " ") for row in re.split(r"\\\\(?:\[1.5ex\])?\n", numbers)][1:]
    checked = 0
    joined: list[str] = []
    for row in rows:
        if "&=" in row:
            joined.append(row.partition("&=")[2])
        elif row.strip().startswith(r"&\quad"):
            joined[-1] += row
    for right in joined:
        values = [eval(arithmetic(side)) for side in right.split(" = ")]
        assert all(value == pytest.approx(values[-1], rel=6e-4, abs=1e-12) for value in values)
        checked += 1
    assert checked
    assert values[-1] == pytest.approx(source.grad, rel=6e-4)


COMMANDS = re.compile(r"\\([a-zA-Z]+)")
KNOWN = set(
    re.findall(
        r"\w+",
        """begin end textbf text left right frac partial cdot underbrace delta quad operatorname log
        sum exp times infty mathrm sigma theta Omega max array hline displaystyle aligned dots neq
        textbackslash textasciicircum textasciitilde textless textgreater textbar textasciigrave
        rangle langle alpha""",
    )
)


@pytest.mark.parametrize("label", HOSTILE)
def test_labels_are_no_commands(label):
    text = hostile_explanation(label).latex()
    assert set(COMMANDS.findall(text)) <= KNOWN
    assert text.count(r"\begin{align*}") == text.count(r"\end{align*}") == 1
    bare = re.sub(r"\\[{}%$&#_]", "", text)
    assert bare.count("{") == bare.count("}")
    assert "%" not in bare
    assert "#" not in bare
    assert bare.count("$") % 2 == 0


@pytest.mark.parametrize("label", HOSTILE)
def test_labels_stay_on_one_line_of_text(label):
    text = hostile_explanation(label).text
    assert text.isprintable() or all(sign.isprintable() or sign in "\n\u202e" for sign in text)
    assert max(map(len, text.splitlines())) < 700
    plain = Value(2.0, "a"), Value(3.0, "b")
    other = explain((plain[0] * plain[1]).tanh() + plain[0], plain[0])
    assert len(text.splitlines()) < len(other.text.splitlines()) + 30


@pytest.mark.parametrize(("label", "latex"), [
    ("w_11^(1)", "w_{11}^{(1)}"), ("w_10,3^(1)", "w_{10,3}^{(1)}"),
    ("a_1^(2)[5]", "a_{1}^{(2)[5]}"),
    ("x", "x"), ("loss", r"\mathrm{loss}"), ("learning_rate", r"\mathrm{learning\_rate}"),
    ("θ_1", r"\theta_{1}"), ("Δ", r"\Delta"), ("Α", r"\text{[U+0391]}"), ("w^T", "w^{T}"),
    ("50 %", r"\text{50 \%}"), ("λ", r"\lambda"), ("ς", r"\text{[U+03C2]}"),
])  # fmt: skip
def test_names_in_latex(label, latex):
    assert name_in_latex(read_name(label)) == latex


def test_names_keep_their_parts():
    name = read_name("δ_1^(2)").behind("[3]")
    assert (str(name), name_in_latex(name)) == ("δ₁⁽²⁾[3]", r"\delta_{1}^{(2)[3]}")
    assert pretty_label("w_11^(1)") == "w₁₁⁽¹⁾"
    assert name_in_latex(Name("z").behind("⟨2⟩")) == r"z^{\langle 2\rangle }"


@pytest.mark.parametrize(("number", "latex"), [
    (0.0, "0"), (-0.0, "0"), (1e-7, r"1 \times 10^{-7}"), (-2.5e10, r"-2.5 \times 10^{10}"),
    (float("inf"), r"\infty"), (float("-inf"), r"-\infty"), (float("nan"), r"\mathrm{NaN}"),
    (0.123456, "0.1235"),
])  # fmt: skip
def test_numbers_in_latex(number, latex):
    assert number_in_latex(number) == latex


def test_text_in_latex_has_no_control_characters():
    assert text_in_latex("a\x00b\nc") == "a[U+FFFD]b c"
