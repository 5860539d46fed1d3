"""A training resumed in another process has the same bits as one that was never interrupted."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import nn
from autograd import SGD, Adagrad, Adam, AdamW, Lion, NAdam, RMSprop
from autograd.program.compiling import compile

ROOT = Path(__file__).parents[4]
MAKERS = {
    "sgd": lambda **more: SGD(lr=0.05, **more),
    "momentum": lambda **more: SGD(lr=0.05, momentum=0.9, nesterov=True, **more),
    "adam": lambda **more: Adam(lr=0.02, weight_decay=0.1, **more),
    "adamw": lambda **more: AdamW(lr=0.02, **more),
    "nadam": lambda **more: NAdam(lr=0.02, **more),
    "rmsprop": lambda **more: RMSprop(lr=0.02, momentum=0.5, centered=True, **more),
    "adagrad": lambda **more: Adagrad(lr=0.1, lr_decay=0.1, **more),
    "lion": lambda **more: Lion(lr=0.01, weight_decay=0.1, **more),
}
POINTS = [[math.cos(k), math.sin(3.0 * k)] for k in range(23)]
TARGETS = [2.0 * x * y for x, y in POINTS]


def schedule(step):
    """Warm up, then fall as a cosine."""
    return min(1.0, (step + 1) / 10) * 0.5 * (1.0 + math.cos(math.pi * min(step, 60) / 60))


STEERING = {
    "plain": {},
    "steered": {"schedule": schedule, "clip_norm": 0.4, "clip_value": 0.3},
}


def made(maker, way):
    """A model, its optimizer and a trainer, as a process builds them."""
    model = nn.MLP(2, [4, 1], activation="tanh", seed=2)
    program = compile(lambda x, y: (model(x) - y) ** 2, parameters=model.parameters())
    optimizer = MAKERS[maker]()
    trainer = program.trainer(
        POINTS, TARGETS, optimizer=optimizer, batch_size=4, seed=5, **STEERING[way]
    )
    return model, optimizer, trainer


def checkpoint(model, optimizer):
    return json.dumps([[p.data for p in model.parameters()], optimizer.state_dict()])


def restored(text, maker, way):
    """The same in a process that starts from a checkpoint: the state comes before the trainer."""
    model = nn.MLP(2, [4, 1], activation="tanh", seed=77)
    numbers, state = json.loads(text)
    for p, number in zip(model.parameters(), numbers, strict=True):
        p.data = number
    optimizer = MAKERS[maker](parameters=model.parameters())
    optimizer.load_state_dict(state)
    program = compile(lambda x, y: (model(x) - y) ** 2, parameters=model.parameters())
    trainer = program.trainer(
        POINTS, TARGETS, optimizer=optimizer, batch_size=4, seed=5, **STEERING[way]
    )
    return model, optimizer, trainer


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("way", STEERING)
@pytest.mark.parametrize("cuts", [[8, 13, 1, 41], [1, 62]])
def test_cut_anywhere_it_goes_on_bit_for_bit(maker, way, cuts):
    model, optimizer, trainer = made(maker, way)
    expected = trainer.run(steps=sum(cuts))
    norms, end = trainer.gradient_norms, checkpoint(model, optimizer)

    model, optimizer, trainer = made(maker, way)
    losses, found = [], []
    for steps in cuts:
        losses += trainer.run(steps=steps)
        found += trainer.gradient_norms
        text = checkpoint(model, optimizer)
        model, optimizer, trainer = restored(text, maker, way)
    assert (losses, found) == (expected, norms)
    numbers, state = json.loads(text)
    numbers_at_end, state_at_end = json.loads(end)
    assert numbers == numbers_at_end
    assert (state["memory"], state["steps"]) == (state_at_end["memory"], state_at_end["steps"])


def test_settings_that_were_changed_are_those_of_the_checkpoint():
    model, optimizer, trainer = made("adam", "steered")
    trainer.run(steps=9)
    optimizer.lr = 0.005
    trainer.run(steps=4)
    text = checkpoint(model, optimizer)
    expected = trainer.run(steps=20)
    _, again, trainer = restored(text, "adam", "steered")
    assert again.lr == 0.005
    assert trainer.run(steps=20) == expected


def test_the_next_rows_are_those_of_the_undisturbed_run():
    model, optimizer, trainer = made("sgd", "plain")
    trainer.run(steps=9)
    text = checkpoint(model, optimizer)
    _, _, again = restored(text, "sgd", "plain")
    for _ in range(30):
        assert again.next_rows() == trainer.next_rows()
        assert again.step() == trainer.step()


def test_back_to_a_checkpoint_within_a_process():
    """A trainer that exists keeps its place among the rows; one made anew has the checkpoint's."""
    model, optimizer, trainer = made("adam", "steered")
    trainer.run(steps=8)
    numbers, state = json.loads(checkpoint(model, optimizer))
    expected = trainer.run(steps=9)
    for p, number in zip(model.parameters(), numbers, strict=True):
        p.data = number
    optimizer.load_state_dict(state)
    program = compile(lambda x, y: (model(x) - y) ** 2, parameters=model.parameters())
    again = program.trainer(
        POINTS, TARGETS, optimizer=optimizer, batch_size=4, seed=5, **STEERING["steered"]
    )
    assert again.run(steps=9) == expected


def test_another_process_goes_on(tmp_path):
    model, optimizer, trainer = made("adam", "steered")
    trainer.run(steps=10)
    (tmp_path / "checkpoint").write_text(checkpoint(model, optimizer), encoding="utf-8")
    expected = trainer.run(steps=17)
    script = textwrap.dedent(
        f"""
        import importlib.util, json
        spec = importlib.util.spec_from_file_location("resume", {str(Path(__file__))!r})
        resume = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(resume)
        text = open({str(tmp_path / "checkpoint")!r}, encoding="utf-8").read()
        print(json.dumps(resume.restored(text, "adam", "steered")[2].run(steps=17)))
        """
    )
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(found.stdout) == expected
