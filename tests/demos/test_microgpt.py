import contextlib
import io
import math
import os
import random
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from autograd import Value
from autograd.graph import topological_order

DEMO = Path(__file__).parents[2] / "demos" / "microgpt.py"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def demo():
    specification = spec_from_file_location("microgpt", DEMO)
    module = module_from_spec(specification)
    sys.modules["microgpt"] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules["microgpt"]


@pytest.fixture(scope="module")
def model(demo):
    return demo.Transformer(27, random.Random(1))


@pytest.fixture(scope="module")
def runs(demo):
    """What both ways print and return for the same seed."""
    outcomes = {}
    for way, options in {"compiled": [], "eager": ["--eager"]}.items():
        with contextlib.redirect_stdout(io.StringIO()) as said:
            options = [*options, "--steps", "20", "--batch", "2", "--samples", "3", "--seed", "3"]
            losses = demo.main(options)
        outcomes[way] = losses, said.getvalue()
    return outcomes


def test_from_another_folder_it_trains_and_samples(tmp_path):
    finished = subprocess.run(
        [sys.executable, str(DEMO), "--steps", "3", "--batch", "1", "--samples", "4"],
        cwd=tmp_path,
        env=dict(os.environ, PYTHONIOENCODING="utf-8"),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    lines = finished.stdout.splitlines()
    assert "4192 parameters" in lines[0]
    assert [line.split()[1] for line in lines[1:4]] == ["1", "2", "3"]
    assert re.fullmatch(r"compiled once each, for [\d, ]+ tokens: \d+\.\d s in all", lines[4])
    names = lines[lines.index("4 new names:") + 1 :]
    assert len(names) == 4
    assert all(set(name.strip()) <= set(LETTERS) for name in names)


def test_compiled_and_eager_learn_the_same(runs):
    (compiled, _), (eager, _) = runs["compiled"], runs["eager"]
    assert len(compiled) == 20
    assert compiled == pytest.approx(eager, rel=1e-9)


def test_compiled_and_eager_invent_the_same_names(runs):
    names = [said.partition("new names:")[2] for _, said in runs.values()]
    assert names[0] == names[1]
    assert len(names[0].split()) == 3
    assert "compiled once each" in runs["compiled"][1]
    assert "nothing was compiled" in runs["eager"][1]


def test_the_loss_falls_from_that_of_guessing(runs):
    losses, said = runs["compiled"]
    assert losses[0] == pytest.approx(math.log(27), abs=0.3)
    assert sum(losses[-5:]) / 5 < losses[0] - 0.3
    assert "step    20" in said


def test_the_compiled_model_moves_as_one_step_of_eager_moves_it(demo):
    models = [demo.Transformer(27, random.Random(5)) for _ in range(2)]
    names = {4: [demo.encoded("ada", LETTERS), demo.encoded("zoe", LETTERS)]}
    compiled, eager = (
        demo.Compiled(models[0], names, 2, 0.01),
        demo.Eager(models[1], names, 2, 0.01),
    )
    before = [p.data for p in models[0].parameters()]
    assert compiled.step(4, 0.5) == pytest.approx(eager.step(4, 0.5), rel=1e-12)
    moved = [p.data for p in models[0].parameters()]
    assert moved == pytest.approx([p.data for p in models[1].parameters()], abs=1e-9)
    assert max(abs(p - q) for p, q in zip(before, moved, strict=True)) == pytest.approx(0.005)


def test_names_wait_under_their_length_and_all_have_their_turn(demo, model):
    names = demo.read_names(demo.NAMES)
    lengths = demo.by_length(names, LETTERS, random.Random(0))
    assert sum(map(len, lengths.values())) == len(names)
    assert all(len(tokens) == n + 1 for n, found in lengths.items() for tokens in found)
    batches = demo.Eager(model, lengths, 4, 0.01).batches[8]
    turns = -(-len(lengths[8]) // 4)
    taken = [tuple(tokens) for _ in range(turns) for tokens in next(batches)]
    assert taken == [tuple(tokens) for tokens in lengths[8]]


def test_the_same_seed_gives_the_same_run(demo, capsys):
    texts, losses = [], []
    for seed in ("5", "5", "6"):
        options = ["--eager", "--steps", "2", "--batch", "1", "--samples", "2", "--seed", seed]
        losses.append(demo.main(options))
        texts.append(capsys.readouterr().out.partition("new names")[2])
    assert losses[0] == losses[1] != losses[2]
    assert texts[0] == texts[1]


def test_the_gradient_of_the_first_step_is_that_of_finite_differences(demo, model):
    batch = [demo.encoded("ada", LETTERS), demo.encoded("zoe", LETTERS)]
    parameters = model.parameters()
    for parameter in parameters:
        parameter.zero_grad()
    demo.loss_of(model, batch).backward()
    found = {name: matrix[1][2].grad for name, matrix in model.matrices.items()}
    for name, matrix in model.matrices.items():
        parameter, step = matrix[1][2], 1e-4
        at, losses = parameter.data, []
        for offset in (2 * step, step, -step, -2 * step):
            parameter.data = at + offset
            losses.append(demo.loss_of(model, batch).data)
        parameter.data = at
        slope = (8 * (losses[1] - losses[2]) - (losses[0] - losses[3])) / (12 * step)
        assert found[name] == pytest.approx(slope, abs=1e-9, rel=1e-6), name
    assert sum(gradient != 0.0 for gradient in found.values()) == len(found)


def test_a_position_sees_no_later_token(demo, model):
    first, second = model([0, 1, 2, 3]), model([0, 1, 9, 9])
    assert [z.data for z in first[1]] == [z.data for z in second[1]]
    assert [z.data for z in first[2]] != [z.data for z in second[2]]


def test_the_forward_pass_is_that_of_plain_floats(demo, model):
    """The same model once more, in floats and explicit sums."""
    weights = {n: [[w.data for w in row] for row in m] for n, m in model.matrices.items()}
    tokens = [0, 5, 17, 1]

    def linear(name, x):
        return [sum(w * a for w, a in zip(row, x, strict=True)) for row in weights[name]]

    def rms(x):
        return [a / math.sqrt(sum(b * b for b in x) / 16 + 1e-5) for a in x]

    x = [
        rms([a + b for a, b in zip(weights["token"][t], weights["position"][i], strict=True)])
        for i, t in enumerate(tokens)
    ]
    normed = [rms(a) for a in x]
    q, k, v = ([linear(name, a) for a in normed] for name in ("query", "key", "value"))
    expected = []
    for t in range(len(tokens)):
        mixed = []
        for h in range(0, 16, 4):
            grown = [
                math.exp(sum(q[t][h + j] * k[s][h + j] for j in range(4)) / 2) for s in range(t + 1)
            ]
            for j in range(4):
                mixed.append(sum(g * v[s][h + j] for s, g in enumerate(grown)) / sum(grown))
        state = [a + b for a, b in zip(x[t], linear("attended", mixed), strict=True)]
        hidden = [max(0.0, z) for z in linear("widen", rms(state))]
        state = [a + b for a, b in zip(state, linear("narrow", hidden), strict=True)]
        expected.append(linear("logits", state))
    for row, truth in zip(model(tokens), expected, strict=True):
        assert [z.data for z in row] == pytest.approx(truth, rel=1e-9)


def test_every_sum_of_products_is_one_node(demo, model):
    loss = demo.loss_of(model, [demo.encoded("mara", LETTERS)])
    order = topological_order(loss)
    work = sum(len(node.parents) // 2 for node in order if node.op == "dot")
    computed = sum(not node.is_leaf for node in order)
    assert work == 5 * (4192 - 27 * 16 - 16 * 16 + 2 * 16) + 32 * (1 + 2 + 3 + 4 + 5) + 5 * 16
    assert computed < work / 5


def test_adam_makes_a_first_step_of_the_learning_rate(demo):
    parameters = [Value(1.0), Value(-2.0), Value(0.5)]
    optimizer = demo.Adam(parameters, lr=0.1)
    for parameter, gradient in zip(parameters, (3.0, -1e-3, 0.0), strict=True):
        parameter.grad = gradient
    optimizer.step()
    assert [p.data for p in parameters] == pytest.approx([0.9, -1.9, 0.5], abs=1e-5)


def test_the_names(demo):
    names = demo.read_names(demo.NAMES)
    assert len(names) >= 300
    assert names == sorted(set(names))
    assert set("".join(names)) == set(LETTERS)
    assert max(map(len, names)) < demo.CONTEXT
    assert demo.NAMES.read_text(encoding="utf-8").splitlines()[0].startswith("# ")


def test_long_names_are_cut_to_the_context(demo):
    assert demo.encoded("ab", LETTERS) == [0, 1, 2, 0]
    assert demo.encoded("a" * 40, LETTERS) == [0] + [1] * 16


@pytest.mark.parametrize(
    "wrong", [["--steps", "0"], ["--lr", "-1"], ["--temperature", "nan"], ["--batch", "1.5"]]
)
def test_options_out_of_range_are_refused(demo, capsys, wrong):
    with pytest.raises(SystemExit):
        demo.parse(wrong)
    assert f"{wrong[1]!r} must be a" in capsys.readouterr().err
