import re
import shutil
import subprocess
from importlib.util import find_spec

import pytest


@pytest.fixture(scope="module")
def carried(demo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("carried")
    return demo.carried(folder), folder


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("name", "needs"),
    [("moons.h", "cc"), ("moons.mjs", "node"), ("moons.py", None), ("moons.onnx", "onnxruntime")],
)
def test_every_file_computes_what_the_network_does(carried, name, needs):
    if needs and not (shutil.which(needs) or find_spec(needs)):
        pytest.skip(f"there is no {needs} here")
    size, verdict = carried[0][name]
    assert "agrees with the model" in verdict
    assert size < 12_000


def test_the_exported_python_file_knows_nothing_of_the_library(demo, carried):
    text = (carried[1] / "moons.py").read_text(encoding="utf-8")
    assert not re.search(r"^(from|import) (?!__future__|math\b)", text, re.MULTILINE)
    right = zip(demo.by_exported_file(demo.MOONS.X), demo.MOONS.y, strict=True)
    assert sum((p > 0.5) == bool(y) for p, y in right) >= 95


def test_the_page_has_all_it_needs_in_it(demo):
    text = demo.page()
    assert "/*" not in text.partition("const { points")[2].partition("\n")[0]
    assert "src=" not in text
    assert "http" not in text


@pytest.mark.any_engine
def test_the_page_s_script_runs_and_says_what_the_program_says(demo, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node here")
    script = demo.page().partition('<script type="module">')[2].partition("</script>")[0]
    anything = "new Proxy(function () {}, {get: (_, k) => k === 'data' ? [] : anything, set: "
    anything += "() => true, apply: () => anything})"
    page = f"""
const anything = {anything};
const said = {{}};
const canvas = {{width: 1008, height: 648, getContext: () => anything, addEventListener() {{}}}};
globalThis.document = {{
    getElementById: (name) => name === "said" ? said : canvas,
    createElement: () => canvas,
}};
"""
    body = re.sub(r"^export ", "", script, flags=re.MULTILINE)  # so that it stands in a block
    end = "\nconsole.log(said.textContent); console.log(moons([0.5, 0.6]));\n"
    (tmp_path / "page.mjs").write_text(page + "{\n" + body + end + "}\n", "utf-8")
    finished = subprocess.run(
        [node, str(tmp_path / "page.mjs")], capture_output=True, encoding="utf-8", check=False
    )
    assert finished.returncode == 0, finished.stderr
    first, plane, score = finished.stdout.splitlines()
    assert f"at (0.50, 0.60)   score {float(score):.2f}   gradient (" in first
    assert "40,824 evaluations" in plane
    assert float(score) == pytest.approx(demo.score()([0.5, 0.6]), rel=1e-12)
