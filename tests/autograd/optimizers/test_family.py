"""Every optimizer, in an eager loop, on the machine and without it, against the published one.

The recurrences are written here once more, parameter by parameter in plain floats, from the papers
and from the formulas in PyTorch's documentation; where PyTorch is installed, it steps, too.
"""

from __future__ import annotations

import math
from functools import partial
from itertools import cycle, islice

import pytest

import autograd
import nn
from autograd import Value, cos, maximum, minimum, optimizers
from autograd.machine import native_machine
from autograd.optimizers import SGD, Adagrad, Adam, AdamW, Lion, NAdam, RMSprop, rules
from autograd.primitive import Primitive
from autograd.program.compiling import compile

# One that the machine does not know: programs of it are trained without it.
SAME = Primitive("same", lambda x: x, (lambda out, x: 1.0,))

STEPS = 100
CURVATURES = [0.5, 1.0, 2.0, 3.0, 0.01]
STARTS = [1.5, -2.0, 0.25, -0.75, 100.0]
ROWS = [0.5, -1.0, 2.0, 1.25, -0.125, 0.75, 3.0]


def loss(w, x, the_cos=cos):
    """Valleys that each row of data moves, and waves."""
    terms = [c * (p - x * k) ** 2 for k, (c, p) in enumerate(zip(CURVATURES, w, strict=True))]
    return sum(terms, the_cos(w[0] * x))


def gradient(w, x):
    found = [2.0 * c * (p - x * k) for k, (c, p) in enumerate(zip(CURVATURES, w, strict=True))]
    found[0] -= x * math.sin(w[0] * x)
    return found


# --- Recurrences ----------------------------------------------------------------------------------
# Each takes and returns p, with what it remembers in m; t counts from 1.


def sgd(p, g, m, t, lr, momentum=0.0, nesterov=False, weight_decay=0.0):
    g += weight_decay * p
    if momentum:
        m["b"] = momentum * m["b"] + g if t > 1 else g
        g = g + momentum * m["b"] if nesterov else m["b"]
    return p - lr * g


def adam(p, g, m, t, lr=1e-3, betas=(0.9, 0.999), epsilon=1e-8, weight_decay=0.0, decoupled=False):
    if decoupled:
        p -= lr * weight_decay * p
    else:
        g += weight_decay * p
    m["m"] = betas[0] * m.get("m", 0.0) + (1 - betas[0]) * g
    m["v"] = betas[1] * m.get("v", 0.0) + (1 - betas[1]) * g**2
    m_hat, v_hat = m["m"] / (1 - betas[0] ** t), m["v"] / (1 - betas[1] ** t)
    return p - lr * m_hat / (math.sqrt(v_hat) + epsilon)


def adamw(p, g, m, t, lr=1e-3, weight_decay=1e-2, **settings):
    return adam(p - lr * weight_decay * p, g, m, t, lr=lr, **settings)


def nadam(
    p, g, m, t, lr=2e-3, betas=(0.9, 0.999), epsilon=1e-8, weight_decay=0.0, decoupled=False,
    momentum_decay=4e-3,
):  # fmt: skip
    if decoupled:
        p *= 1 - lr * weight_decay
    else:
        g += weight_decay * p
    mus = [betas[0] * (1 - 0.96 ** (i * momentum_decay) / 2) for i in range(1, t + 2)]
    m["m"] = betas[0] * m.get("m", 0.0) + (1 - betas[0]) * g
    m["v"] = betas[1] * m.get("v", 0.0) + (1 - betas[1]) * g**2
    m_hat = mus[t] * m["m"] / (1 - math.prod(mus))
    m_hat += (1 - mus[t - 1]) * g / (1 - math.prod(mus[:-1]))
    return p - lr * m_hat / (math.sqrt(m["v"] / (1 - betas[1] ** t)) + epsilon)


def rmsprop(
    p, g, m, t, lr=1e-2, alpha=0.99, epsilon=1e-8, weight_decay=0.0, momentum=0.0, centered=False
):
    g += weight_decay * p
    m["v"] = alpha * m.get("v", 0.0) + (1 - alpha) * g**2
    m["g"] = alpha * m.get("g", 0.0) + (1 - alpha) * g
    v = m["v"] - m["g"] ** 2 if centered else m["v"]
    m["b"] = momentum * m.get("b", 0.0) + g / (math.sqrt(v) + epsilon)
    return p - lr * m["b"]


def adagrad(p, g, m, t, lr=1e-2, lr_decay=0.0, epsilon=1e-10, weight_decay=0.0):
    g += weight_decay * p
    m["s"] = m.get("s", 0.0) + g**2
    return p - lr / (1 + (t - 1) * lr_decay) * g / (math.sqrt(m["s"]) + epsilon)


def lion(p, g, m, t, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
    c = betas[0] * m.get("m", 0.0) + (1 - betas[0]) * g
    m["m"] = betas[1] * m.get("m", 0.0) + (1 - betas[1]) * g
    return p - lr * ((c > 0.0) - (c < 0.0) + weight_decay * p)


RECURRENCES = {
    SGD: sgd, Adam: adam, AdamW: adamw, NAdam: nadam, RMSprop: rmsprop, Adagrad: adagrad,
    Lion: lion,
}  # fmt: skip
CASES = [
    (SGD, {"lr": 0.05}),
    (SGD, {"lr": 0.05, "weight_decay": 0.1}),
    (SGD, {"lr": 0.02, "momentum": 0.9}),
    (SGD, {"lr": 0.02, "momentum": 0.8, "weight_decay": 0.05}),
    (SGD, {"lr": 0.02, "momentum": 0.9, "nesterov": True}),
    (SGD, {"lr": 0.02, "momentum": 0.7, "nesterov": True, "weight_decay": 0.2}),
    (SGD, {"lr": 0.0, "momentum": 0.7}),
    (Adam, {}),
    (Adam, {"lr": 0.05, "betas": (0.8, 0.95), "epsilon": 1e-4, "weight_decay": 0.1}),
    (Adam, {"lr": 0.05, "weight_decay": 0.1, "decoupled": True}),
    (Adam, {"lr": 0.05, "betas": (0.0, 0.0)}),
    (AdamW, {}),
    (AdamW, {"lr": 0.05, "betas": (0.8, 0.95), "weight_decay": 0.3}),
    (AdamW, {"lr": 0.05, "weight_decay": 0.0}),
    (NAdam, {}),
    (NAdam, {"lr": 0.05, "betas": (0.8, 0.95), "weight_decay": 0.1, "momentum_decay": 0.01}),
    (NAdam, {"lr": 0.05, "weight_decay": 0.1, "decoupled": True, "momentum_decay": 0.0}),
    (RMSprop, {}),
    (RMSprop, {"lr": 0.05, "alpha": 0.9, "epsilon": 1e-3, "weight_decay": 0.1}),
    (RMSprop, {"lr": 0.02, "momentum": 0.9}),
    (RMSprop, {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.1}),
    (RMSprop, {"lr": 0.02, "centered": True}),
    (RMSprop, {"lr": 0.02, "centered": True, "weight_decay": 0.1}),
    (RMSprop, {"lr": 0.02, "centered": True, "momentum": 0.5}),
    (RMSprop, {"lr": 0.02, "centered": True, "momentum": 0.5, "weight_decay": 0.1}),
    (Adagrad, {}),
    (Adagrad, {"lr": 0.5, "lr_decay": 0.05, "epsilon": 1e-3, "weight_decay": 0.1}),
    (Lion, {}),
    (Lion, {"lr": 0.05, "betas": (0.8, 0.95), "weight_decay": 0.3}),
]
IDS = [f"{kind.__name__}-{'-'.join(settings)}" for kind, settings in CASES]
every_case = pytest.mark.parametrize(("kind", "settings"), CASES, ids=IDS)


def published(kind, settings):
    w, memories = list(STARTS), [{} for _ in STARTS]
    for t, x in enumerate(islice(cycle(ROWS), STEPS), start=1):
        slopes = gradient(w, x)
        w = [
            RECURRENCES[kind](p, g, m, t, **settings)
            for p, g, m in zip(w, slopes, memories, strict=True)
        ]
    return w


def eager(kind, settings):
    w = [Value(number) for number in STARTS]
    optimizer = kind(w, **settings)
    for x in islice(cycle(ROWS), STEPS):
        optimizer.zero_grad()
        loss(w, x).backward()
        optimizer.step()
    assert optimizer.steps == STEPS
    return [p.data for p in w]


def trained(kind, settings, last, bind, calls=(STEPS,)):
    w = [Value(number) for number in STARTS]
    program = compile(lambda x: last(loss(w, x)), parameters=w)
    optimizer = kind(w, **settings) if bind else kind(**settings)
    trainer = program.trainer(ROWS, optimizer=optimizer, batch_size=1, shuffle=False)
    for steps in calls:
        trainer.run(steps)
    assert optimizer.steps == STEPS
    return [p.data for p in w]


def test_every_optimizer_is_among_the_cases_and_exported():
    family = {
        kind for kind in vars(rules).values()
        if isinstance(kind, type) and issubclass(kind, optimizers.Optimizer)
    } - {optimizers.Optimizer}  # fmt: skip
    assert set(RECURRENCES) == {kind for kind, _ in CASES} == family
    for kind in (*family, optimizers.Optimizer):
        name = kind.__name__
        assert getattr(optimizers, name) is getattr(autograd, name) is getattr(nn, name) is kind
        assert name in optimizers.__all__
        assert name in autograd.__all__
        assert name in nn.__all__


@every_case
def test_eager_steps_are_the_published_ones(kind, settings):
    assert eager(kind, settings) == pytest.approx(published(kind, settings), rel=1e-12, abs=1e-12)


@every_case
@pytest.mark.parametrize("bind", [True, False], ids=["bound", "free"])
def test_steps_of_programs_are_the_published_ones(kind, settings, bind):
    """On the machine with the native engine, without it with the one in Python."""
    if native_machine():
        form = kind(**settings)._ready()
        assert native_machine().knows_update_rule(form.text)
    found = trained(kind, settings, lambda x: x, bind, calls=(1, 1, 40, 58))
    assert found == pytest.approx(published(kind, settings), rel=1e-12, abs=1e-12)


@every_case
def test_without_the_machine_steps_have_the_bits_of_eager_ones(kind, settings):
    assert trained(kind, settings, SAME, True) == eager(kind, settings)


@every_case
def test_steps_are_those_of_pytorch(kind, settings, request):
    torch = pytest.importorskip("torch")
    # What NAdam keeps beside its tensors has this type.
    request.addfinalizer(partial(torch.set_default_dtype, torch.get_default_dtype()))
    torch.set_default_dtype(torch.float64)
    if not hasattr(torch.optim, kind.__name__):
        pytest.skip(f"PyTorch has no {kind.__name__}")
    names = {"epsilon": "eps", "decoupled": "decoupled_weight_decay"}
    w = torch.tensor(STARTS, dtype=torch.float64, requires_grad=True)
    theirs = {names.get(name, name): setting for name, setting in settings.items()}
    theirs.setdefault("lr", kind().lr)
    optimizer = getattr(torch.optim, kind.__name__)([w], **theirs)
    for x in islice(cycle(ROWS), STEPS):
        optimizer.zero_grad()
        loss(w, x, torch.cos).backward()
        optimizer.step()
    expected = w.tolist()
    assert eager(kind, settings) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert trained(kind, settings, lambda x: x, False) == pytest.approx(
        expected, rel=1e-12, abs=1e-12
    )


@every_case
def test_a_rule_of_floats_is_the_step(kind, settings):
    """What is stated is what is computed: `rule`, called with numbers, has the bits of a step."""
    p, optimizer = Value(0.75), kind(**settings)
    steps = kind([p], **settings)
    at, memories = 0.75, ()
    for t in range(1, 20):
        p.grad = math.sin(3.0 * t)
        steps.step()
        moved = optimizer.rule(at, math.sin(3.0 * t), t, *memories)
        at, *memories = moved
        assert p.data == at


def test_all_cases_together_reach_every_loop_of_the_machine():
    """Or a form of a rule is not tested."""
    update_rules = pytest.importorskip("autograd.generate.update_rules")
    reached = {kind(**settings)._ready().text for kind, settings in CASES}
    forms = {form.text for form in update_rules.forms()}
    assert reached == forms


class Signs(optimizers.Optimizer):
    """sign(nan) may be any number, and nothing else shows the gradient."""

    def rule(self, p, g, t):
        return p - self.lr * maximum(minimum(g, 1.0), -1.0)


class Divided(optimizers.Optimizer):
    def rule(self, p, g, t, total=0.0):
        return p - self.lr / (1.0 + g * g), total + 1.0 / (1.0 + g)


def test_the_machine_takes_no_rule_that_would_hide_a_gradient_that_is_not_finite(monkeypatch):
    update_rules = pytest.importorskip("autograd.generate.update_rules")
    before = len(update_rules.forms())
    for kind in (Signs, Divided):
        monkeypatch.setattr(rules, kind.__name__, kind, raising=False)
        assert len(update_rules.forms()) == before
        p = Value(1.0)
        program = compile(lambda x, p=p: p * x)
        with pytest.raises(ArithmeticError):
            program.train([math.inf], optimizer=kind(lr=0.5), steps=1)
        assert p.data == 1.0
