"""Audits: right steps pass for every optimizer, wrong ones are found."""

import random

import pytest

import autograd
from autograd import SGD, Adam
from nn import MLP, Training, fit
from nn.training.audits import AuditError

OPTIMIZERS = {
    "SGD": lambda: SGD(lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    **{
        name: getattr(autograd, name)
        for name in ("Adam", "AdamW", "NAdam", "RMSprop", "Adagrad", "Lion")
    },
}


def rows(count=30):
    source = random.Random(1)
    X = [[source.gauss(0, 1), source.gauss(0, 1)] for _ in range(count)]
    return X, [x * z for x, z in X]


def network():
    return MLP(2, [5, 1], "relu", seed=3)


def numbers(model):
    return [parameter.data for parameter in model.parameters()]


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("options", [{}, {"clip": 0.5, "schedule": "cosine"}], ids=["", "steered"])
def test_right_steps_pass_and_change_nothing(name, options):
    X, y = rows()
    one, two = network(), network()
    common = dict(loss="mse", epochs=3, batch_size=7, **options)
    fit(one, X, y, optimizer=OPTIMIZERS[name](), audit=1.0, **common)
    fit(two, X, y, optimizer=OPTIMIZERS[name](), **common)
    assert numbers(one) == numbers(two)


FAULTS = {
    "a parameter a little off": lambda model: setattr(
        model.parameters()[4], "data", model.parameters()[4].data + 1e-7
    ),
    "a bias not stepped": lambda model: setattr(model.parameters()[-1], "data", 0.0),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_wrong_step_is_found(fault, name):
    X, y = rows()
    model = network()
    training = Training(
        model, X, y, loss="mse", epochs=3, batch_size=7, audit=1.0, optimizer=OPTIMIZERS[name]()
    )
    trainer = training.stepper.trainer

    class Faulty:
        def __getattr__(self, attribute):
            return getattr(trainer, attribute)

        def run(self, steps, ahead=0):
            losses = trainer.run(steps=steps)
            if trainer.steps == 4:
                FAULTS[fault](model)
            return losses

    training.stepper.trainer = Faulty()
    with pytest.raises(AuditError, match=r"step 4: the machine takes [wb]_"):
        training.run()


def test_a_wrong_loss_is_found():
    X, y = rows()
    training = Training(network(), X, y, loss="mse", epochs=1, audit=1.0, optimizer=Adam())
    trainer = training.stepper.trainer

    class Faulty:
        def __getattr__(self, attribute):
            return getattr(trainer, attribute)

        def run(self, steps, ahead=0):
            return [loss * (1 + 1e-6) for loss in trainer.run(steps=steps)]

    training.stepper.trainer = Faulty()
    with pytest.raises(AuditError, match="the machine's loss is"):
        training.run()
