import math
import random

import microgpt
import pytest

from autograd.graph import topological_order

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def model():
    return microgpt.Transformer(27, random.Random(1))


def test_compiled_and_eager_learn_the_same(demo):
    (compiled, one), (eager, two) = demo.train(demo.Compiled, 10), demo.train(demo.Eager, 10)
    assert compiled == pytest.approx(eager, rel=1e-9)
    numbers = [[p.data for p in found.parameters()] for found in (one, two)]
    assert numbers[0] == pytest.approx(numbers[1], abs=1e-9)


def test_the_loss_falls_from_that_of_guessing(demo):
    losses, trained = demo.train(demo.Compiled, 20)
    assert losses[0] == pytest.approx(math.log(27), abs=0.3)
    assert sum(losses[-5:]) / 5 < losses[0] - 0.3
    assert len(trained.parameters()) == 4192


def test_it_invents_names_of_letters_the_same_from_the_same_seed(demo):
    names = demo.invented(10, count=3)
    assert len(names) == 3
    assert all(set(name) <= set(LETTERS) for name in names)
    assert names == demo.invented(10, count=3)


def test_the_compiled_model_moves_as_one_step_of_eager_moves_it(demo):
    models = [microgpt.Transformer(27, random.Random(5)) for _ in range(2)]
    names = {4: [microgpt.encoded("ada", LETTERS), microgpt.encoded("zoe", LETTERS)]}
    compiled, eager = demo.Compiled(models[0], names), demo.Eager(models[1], names)
    before = [p.data for p in models[0].parameters()]
    assert compiled.step(4, 0.5) == pytest.approx(eager.step(4, 0.5), rel=1e-12)
    moved = [p.data for p in models[0].parameters()]
    assert moved == pytest.approx([p.data for p in models[1].parameters()], abs=1e-9)
    longest = max(abs(p - q) for p, q in zip(before, moved, strict=True))
    assert longest == pytest.approx(0.5 * demo.RATE)


def test_names_wait_under_their_length_and_all_have_their_turn(demo, model):
    names = microgpt.read_names(microgpt.NAMES)
    lengths = microgpt.by_length(names, LETTERS, random.Random(0))
    assert sum(map(len, lengths.values())) == len(names)
    assert all(len(tokens) == n + 1 for n, found in lengths.items() for tokens in found)
    batches = demo.Eager(model, lengths).batches[8]
    turns = -(-len(lengths[8]) // demo.BATCH)
    taken = [tuple(tokens) for _ in range(turns) for tokens in next(batches)]
    assert taken == [tuple(tokens) for tokens in lengths[8]]


def test_the_gradient_of_the_first_step_is_that_of_finite_differences(model):
    batch = [microgpt.encoded("ada", LETTERS), microgpt.encoded("zoe", LETTERS)]
    parameters = model.parameters()
    for parameter in parameters:
        parameter.zero_grad()
    microgpt.loss_of(model, batch).backward()
    found = {name: matrix[1][2].grad for name, matrix in model.matrices.items()}
    for name, matrix in model.matrices.items():
        parameter, step = matrix[1][2], 1e-4
        at, losses = parameter.data, []
        for offset in (2 * step, step, -step, -2 * step):
            parameter.data = at + offset
            losses.append(microgpt.loss_of(model, batch).data)
        parameter.data = at
        slope = (8 * (losses[1] - losses[2]) - (losses[0] - losses[3])) / (12 * step)
        assert found[name] == pytest.approx(slope, abs=1e-9, rel=1e-6), name
    assert sum(gradient != 0.0 for gradient in found.values()) == len(found)


def test_a_position_sees_no_later_token(model):
    first, second = model([0, 1, 2, 3]), model([0, 1, 9, 9])
    assert [z.data for z in first[1]] == [z.data for z in second[1]]
    assert [z.data for z in first[2]] != [z.data for z in second[2]]


def test_the_forward_pass_is_that_of_plain_floats(model):
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


def test_every_sum_of_products_is_one_node(model):
    loss = microgpt.loss_of(model, [microgpt.encoded("mara", LETTERS)])
    order = topological_order(loss)
    work = sum(len(node.parents) // 2 for node in order if node.op == "dot")
    computed = sum(not node.is_leaf for node in order)
    assert work == 5 * (4192 - 27 * 16 - 16 * 16 + 2 * 16) + 32 * (1 + 2 + 3 + 4 + 5) + 5 * 16
    assert computed < work / 5


def test_the_names():
    names = microgpt.read_names(microgpt.NAMES)
    assert len(names) >= 300
    assert names == sorted(set(names))
    assert set("".join(names)) == set(LETTERS)
    assert max(map(len, names)) < microgpt.CONTEXT
    assert microgpt.NAMES.read_text(encoding="utf-8").splitlines()[0].startswith("# ")


def test_long_names_are_cut_to_the_context():
    assert microgpt.encoded("ab", LETTERS) == [0, 1, 2, 0]
    assert microgpt.encoded("a" * 40, LETTERS) == [0] + [1] * 16
