"""The part of the table of leaks that is about the rooms of `nn`: training, files, the textbook.

Every call is as small as can be: a 2-2-1 network, four rows, an epoch.
"""

from __future__ import annotations

import os
import pickle
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec

import nn
from autograd import SGD, Adam
from nn import export
from nn.initializers import constant

# Modules with public names of their own: "data.iris" and so on are in the table, too.
ROOMS = {"data": nn.data, "layerwise": nn.layerwise, "schedules": nn.schedules, "export": export}
CLASSES = {
    f"{room}.{name}": owner
    for room, module in ROOMS.items()
    for name, owner in vars(module).items()
    if isinstance(owner, type) and owner.__module__.startswith("nn.") and name[0] != "_"
}

# What only works where another package is installed; elsewhere it is not in the table.
NEEDS = {
    "minimize": "scipy",
    "Chart.figure": "matplotlib",
    "Chart.save": "matplotlib",
    "Chart.svg": "matplotlib",
    "export_model: onnx": "onnx",
    "export.torch_state_dict": "numpy",
    **{f"data.{name}": "sklearn" for name in ("breast_cancer", "diabetes", "digits", "wine")},
}

X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
METRICS = ["accuracy", "precision", "recall", "f1", "log_loss", "roc_auc"]
QUICK = {"epochs": 1, "progress": False}


def is_there(name):
    """Return whether what a call needs is installed."""
    return name not in NEEDS or find_spec(NEEDS[name]) is not None


def load_extras():
    """Import what calls import on their way: it stays, and takes long where memory is traced."""
    for name in ("matplotlib.figure", "onnx", "scipy.optimize", "sklearn.datasets"):
        with suppress(ImportError):
            import_module(name)


def names_of(module):
    """Return the public names of a room."""
    known = getattr(module, "__all__", None)
    return known or [
        name
        for name, owned in vars(module).items()
        if name[0] != "_" and getattr(owned, "__module__", None) == module.__name__
    ]


def required():
    """Return the names of what the rooms offer."""
    return {
        f"{room}.{name}"
        for room, module in ROOMS.items()
        for name in names_of(module)
        if callable(getattr(module, name))
    }


def network(seed=1, activation="tanh"):
    return nn.MLP(2, [2, 1], activation, seed=seed)


def raised(kind, call):
    try:
        call()
    except kind:
        return
    raise AssertionError("no error")


def shown(result):
    """Look at a result as consoles do, and as notebooks do where that draws no picture."""
    page = "" if hasattr(result, "chart") else getattr(result, "_repr_html_", str)()
    return str(result), repr(result), page


class Rooms:
    """What the calls are made on."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "rooms")
        os.mkdir(self.folder)
        self.parts = {
            "Module": network(),
            "MLP": network(activation="relu"),
            "Layer": nn.Layer(2, 2, activation="linear", seed=1),
            "Neuron": nn.Neuron(2, activation="sigmoid", seed=1),
        }
        for part in self.parts.values():
            part.fit(X, Y, **QUICK)
        self.model = self.parts["Module"]
        self.flat = nn.MLP(2, [2, 1], "linear", seed=1)
        self.history = nn.fit(network(), X, Y, validation=(X, Y), epochs=3, progress=False)
        self.rate = nn.schedules.Cosine(steps=4)
        self.training = nn.Training(network(), X, Y, **QUICK)
        self.perceptron = nn.Perceptron(2)
        self.perceptron.fit(X, [0, 0, 0, 1])
        self.data = nn.data.xor()
        self.scaler = nn.data.Scaler().fit(X)
        self.forward = nn.layerwise.forward(self.model, X)
        self.gradients = nn.layerwise.gradients(self.model, X[0], 1.0)
        self.comparison = nn.layerwise.compare(self.model, X[0], 1.0)
        self.exported = self.path("net.py")
        self.deviations = self.model.export(self.exported, verify=True)
        self.chart = nn.Chart(lambda figure: figure.text(0.1, 0.1, "x"), size=(1.0, 1.0))
        for suffix in (".json", ".safetensors"):
            self.model.save(self.path(f"model{suffix}"))
        self.model.fit(X, Y, checkpoint=self.path("finished"), **QUICK)

    def path(self, name):
        return os.path.join(self.folder, name)

    def owners(self):
        """Return an object of each class, by its name."""
        schedules = {
            name: getattr(nn.schedules, name)
            for name in names_of(nn.schedules)
            if isinstance(getattr(nn.schedules, name), type)
        }
        return {
            "AuditError": nn.AuditError("no"),
            "Chart": self.chart,
            "DivergenceError": nn.DivergenceError("no", 1, None, None, None, self.history),
            "History": self.history,
            "Perceptron": self.perceptron,
            "Training": self.training,
            "data.Dataset": self.data,
            "data.Scaler": self.scaler,
            "layerwise.ComparedGradient": self.comparison.rows[0],
            "layerwise.LayerwiseComparison": self.comparison,
            "layerwise.LayerwiseForward": self.forward,
            "layerwise.LayerwiseGradients": self.gradients,
            "export.Deviations": self.deviations,
            **{f"schedules.{name}": kind() for name, kind in schedules.items()},
        }


def calls(it):
    """Return this part of the table."""
    found = {**training(it), **answers(it), **files(it), **textbook(it), **data(it)}
    return {name: call for name, call in found.items() if is_there(name)}


def training(it):
    model = it.model

    def kept():
        path = it.path("training")
        network().fit(X, Y, checkpoint=path, **QUICK)
        os.unlink(path)

    def left():
        for _ in nn.Training(network(), X, Y, epochs=3, progress=False):
            break

    def diverging():
        flat = nn.MLP(2, [1], "linear", seed=1)
        flat.fit(
            X, [1e3 * y for y in Y], loss="mse", optimizer=SGD(lr=1e3), **QUICK | {"epochs": 99}
        )

    def interrupt(epoch):
        raise KeyboardInterrupt

    def restarted(seed=0, **settings):
        return nn.restarts(network, X, Y, seeds=2, keep=1, **QUICK, **settings)

    shards = [lambda: (X[:2], Y[:2]), lambda: (X[2:], Y[2:])]
    return {
        "fit": lambda: nn.fit(network(), X, Y, **QUICK),
        "fit: once more": lambda: nn.fit(model, X, Y, **QUICK),
        "fit: of classes": lambda: nn.fit(network(), X, ["no", "yes", "yes", "no"], **QUICK),
        "fit: of numbers": lambda: nn.fit(nn.MLP(2, [1]), X, [0.5, 0.1, 2.0, 3.0], **QUICK),
        "fit: with validation": lambda: nn.fit(
            network(), X, Y, validation=0.5, patience=1, metrics=["accuracy"], **QUICK
        ),
        "fit: steered": lambda: nn.fit(
            network(), X, Y, schedule="cosine", clip={"norm": 1.0, "value": 0.5},
            optimizer=Adam(lr=0.1), callbacks=[lambda epoch: True], **QUICK,
        ),
        "fit: a plateau": lambda: nn.fit(
            network(), X, Y, schedule=nn.schedules.OnPlateau(patience=1), **QUICK
        ),
        "fit: audited": lambda: nn.fit(network(), X, Y, audit=1.0, **QUICK),
        "fit: eager": lambda: nn.fit(network(), X, Y, compiled=False, **QUICK),
        "fit: kept": kept,
        "fit: gone on with": lambda: nn.fit(model, X, Y, checkpoint=it.path("finished"), **QUICK),
        "fit: interrupted": lambda: nn.fit(network(), X, Y, callbacks=[interrupt], **QUICK),
        "fit: weighted": lambda: nn.fit(
            network(), X, Y, sample_weight=[1, 2, 3, 4], class_weight="balanced", **QUICK
        ),
        "partial_fit": lambda: (nn.partial_fit(model, X, Y), nn.partial_fit(network(), X, Y)),
        "fit: refused": lambda: raised(ValueError, lambda: nn.fit(network(), X, Y[:3])),
        "fit: diverging": lambda: raised(nn.DivergenceError, diverging),
        "DivergenceError": lambda: pickle.loads(
            pickle.dumps(nn.DivergenceError("no", 1, 0, "z", 0.1, it.history))
        ),
        "AuditError": lambda: nn.AuditError("no"),
        "Training": lambda: nn.Training(network(), X, Y, **QUICK),
        "Training: left": left,
        "Training.run": lambda: nn.Training(network(), X, Y, **QUICK).run(),
        "History": lambda: (shown(it.history), list(it.history), it.history["loss"]),
        "History: page": lambda: it.history._repr_html_(),
        "History: empty": lambda: shown(nn.History([], stopped="interrupt")),
        "History: made": lambda: shown(nn.History(it.history[:1])),
        "History.columns": lambda: it.history.columns(),
        "History.summary": lambda: it.history.summary(),
        "History.table": lambda: it.history.table(),
        "History.chart": lambda: it.history.chart(),
        "restarts": lambda: shown(restarted(validation=0.5)),
        "restarts: refused": lambda: raised(TypeError, lambda: restarted(optimizer=3)),
        "fit_shards": lambda: nn.fit_shards(network, shards, loss="bce_with_logits", epochs=1),
        "fit_shards: refused": lambda: raised(
            ValueError, lambda: nn.fit_shards(network, [lambda: (X, Y[:3])], loss="mse", epochs=1)
        ),
        "lr_range": lambda: shown(nn.lr_range(model, X, Y, steps=3)),
        "minimize": lambda: shown(nn.minimize(network(), X, Y, options={"maxiter": 1})),
    }  # fmt: skip


def answers(it):
    def measured(part):
        return part.evaluate(X, Y, metrics=METRICS)

    table = {}
    for name, part in it.parts.items():
        table |= {
            f"{name}.fit": lambda part=part: part.fit(X, Y, **QUICK),
            f"{name}.partial_fit": lambda part=part: part.partial_fit(X, Y),
            f"{name}.predict": lambda part=part: part.predict(X),
            f"{name}.predict: anew": lambda part=part: predicted_anew(part),
            f"{name}.predict_proba": lambda part=part: part.predict_proba(X),
            f"{name}.evaluate": lambda part=part: part.evaluate(X, Y),
            f"{name}.evaluate: every metric": lambda part=part: measured(part),
            f"{name}.rows": lambda part=part: part.rows(X),
            f"{name}.state_dict": lambda part=part: part.state_dict(),
            f"{name}.load_state_dict": lambda part=part: part.load_state_dict(part.state_dict()),
            f"{name}.save": lambda part=part: part.save(it.path("saved.json")),
            f"{name}.export": lambda part=part: part.export(it.path("exported.h"), gradient=True),
        }
    labels, guesses = ["a", "b", "b", "a"], ["a", "b", "a", "a"]
    return {
        **table,
        "accuracy": lambda: nn.accuracy(labels, guesses),
        "confusion_matrix": lambda: shown(nn.confusion_matrix(labels, guesses)),
        "report": lambda: shown(nn.report(it.model, X, Y)),
        "dead_units": lambda: nn.dead_units(it.parts["MLP"], X),
    }


def predicted_anew(part):
    """Predict by a program that is compiled for it, since the model is made of other things."""
    part.mark = object()
    part.predict(X)


def files(it):
    def saved(suffix):
        it.model.save(it.path(f"saved{suffix}"))
        return nn.load_model(it.path(f"saved{suffix}")).predict(X)

    def damaged():
        path = it.path("damaged.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write('{"format": "chainrule model"')
        raised(ValueError, lambda: nn.load_model(path))

    torch_names = {"0.weight": [[1.0, 2.0]], "0.bias": [0.5]}
    one = nn.MLP(2, [1], "sigmoid")
    return {
        "load_model": lambda: saved(".json"),
        "load_model: tensors": lambda: saved(".safetensors"),
        "load_model: damaged": damaged,
        **{
            f"export_model: {suffix}": lambda suffix=suffix: nn.export_model(
                it.model, it.path(f"net.{suffix}")
            )
            for suffix in ("py", "h", "c", "mjs", "onnx")
        },
        "export_model": lambda: raised(ValueError, lambda: nn.export_model(it.model, "net.exe")),
        "save_model": lambda: nn.save_model(it.model, it.path("y.json"), it.scaler),
        "state_dict": lambda: nn.state_dict(it.model),
        "load_state_dict": lambda: nn.load_state_dict(it.model, nn.state_dict(it.model)),
        "verify_export": lambda: raised(ValueError, lambda: nn.verify_export(it.model, "net.exe")),
        "export.export_model": lambda: export.export_model(it.model, it.path("x.c"), "float"),
        "export.load_model": lambda: export.load_model(it.path("model.json")),
        "export.save_model": lambda: export.save_model(it.model, it.path("x.safetensors")),
        "export.state_dict": lambda: export.state_dict(it.model),
        "export.load_state_dict": lambda: (
            export.load_state_dict(it.model, it.path("model.safetensors")),
            raised(ValueError, lambda: export.load_state_dict(it.model, torch_names)),
        ),
        "export.verify_export": lambda: export.verify_export(it.model, it.exported),
        "export.Deviations": lambda: shown(it.deviations),
        "export.torch_state_dict": lambda: export.torch_state_dict(it.model),
        "export.load_torch_state_dict": lambda: export.load_torch_state_dict(one, torch_names),
        "export.torch_modules": lambda: export.torch_modules(it.model),
    }


def textbook(it):
    model = it.model

    def loss():
        return nn.mse(model(X), [0.0, 1.0, 1.0, 0.0])

    def descents():
        ways = {"SGD": SGD(lr=0.1), "Adam": Adam(lr=0.1)}
        return nn.descent_paths(loss, "w_11^(1)", "b_1^(1)", ways, model=model, steps=2)

    def surface():
        found = nn.loss_surface(loss, "w_11^(1)", "b_1^(1)", model=model, steps=3)
        return shown(found), found.minimum, found.contour(), found.relief()

    def perceived(labels):
        run = nn.Perceptron(2).fit(X, labels, epochs=5)
        return shown(run), run.separability

    def watched():
        alike = nn.MLP(2, [2, 1], "tanh", initializer=constant(0.5))
        seen = nn.watch_weights(alike, lambda: nn.mse(alike(X), [0.0] * 4), steps=2)
        return shown(seen), seen.identical_units(), seen.chart()

    return {
        "Chart": lambda: repr(nn.Chart(lambda figure: None, text="nothing")),
        "Chart.figure": lambda: nn.Chart(lambda figure: figure.text(0.1, 0.1, "x")).figure,
        "Chart.svg": lambda: it.chart.svg(),
        "Chart.save": lambda: it.chart.save(it.path("chart.png"), dpi=40),
        "Perceptron": lambda: perceived([0, 0, 0, 1]),
        "Perceptron: inseparable": lambda: perceived([0, 1, 1, 0]),
        "Perceptron.fit": lambda: it.perceptron.fit(X, [0, 1, 1, 1]),
        "Perceptron.predict": lambda: it.perceptron.predict(X),
        "activation_chart": lambda: repr(nn.activation_chart(["step", "tanh"])),
        "collapse": lambda: (nn.collapse(it.flat).layer(), shown(nn.collapse(it.flat))),
        "convexity": lambda: shown(nn.convexity(loss, model.parameters(), segments=3)),
        "descent_paths": descents,
        "gradient_by_layer": lambda: shown(nn.gradient_by_layer(model, X, [0.0] * 4)),
        "loss_surface": surface,
        "output_gradients": lambda: shown(nn.output_gradients(steps=2)),
        "watch_weights": watched,
        "layerwise.forward": lambda: (
            nn.layerwise.forward(model, X), nn.layerwise.forward(model, X, "matrices"),
        ),
        "layerwise.gradients": lambda: (
            nn.layerwise.gradients(model, X[0], 1.0),
            nn.layerwise.gradients(model, X[0], 1.0, form="matrices"),
        ),
        "layerwise.compare": lambda: nn.layerwise.compare(model, X[0], 1.0),
        "layerwise.factors_by_layer": lambda: nn.layerwise.factors_by_layer(3),
        "layerwise.LayerwiseComparison": lambda: shown(it.comparison),
        "layerwise.ComparedGradient": lambda: shown(it.comparison.rows[0]),
        "layerwise.LayerwiseForward": lambda: shown(it.forward),
        "layerwise.LayerwiseGradients": lambda: shown(it.gradients),
    }  # fmt: skip


def data(it):
    def made(name, *arguments):
        return lambda: getattr(nn.data, name)(*arguments)

    steps = nn.schedules
    curves = {
        "Schedule": lambda: raised(NotImplementedError, lambda: steps.Schedule(4)(1)),
        "Step": steps.Step(4),
        "Linear": steps.Linear(4),
        "Cosine": steps.Cosine(4),
        "WarmUp": steps.WarmUp(4),
        "OneCycle": steps.OneCycle(4),
    }
    table = {}
    for name, curve in curves.items():
        kind = getattr(steps, name)
        table |= {
            f"schedules.{name}": curve if name == "Schedule" else lambda curve=curve: curve(2),
            f"schedules.{name}.over": lambda kind=kind: kind().over(4),
            f"schedules.{name}.factor": lambda kind=kind: factor(kind()),
        }
    return {
        **table,
        "schedules.OnPlateau": lambda: steps.OnPlateau(patience=2),
        "schedules.OnPlateau.lowered": lambda: steps.OnPlateau(patience=1).lowered(0.1, [1.0, 2.0]),
        "schedules.schedule_named": lambda: steps.schedule_named("cosine"),
        "data.Dataset": lambda: (nn.data.Dataset(X, Y), shown(it.data), list(it.data)),
        "data.Dataset.take": lambda: it.data.take([0, 1]),
        "data.Dataset.split": lambda: nn.data.Dataset(X * 2, Y * 2).split(0.5),
        "data.Dataset.summary": lambda: it.data.summary(),
        "data.Dataset.chart": lambda: it.data.chart(),
        "data.Scaler": lambda: nn.data.Scaler(),
        "data.Scaler.fit": lambda: nn.data.Scaler().fit(X),
        "data.Scaler.transform": lambda: it.scaler.transform(X),
        "data.Scaler.fit_transform": lambda: nn.data.Scaler().fit_transform(X),
        "data.Scaler.inverse_transform": lambda: it.scaler.inverse_transform(X),
        "data.iris": made("iris"),
        **{f"data.{name}": made(name, 6)
           for name in ("blobs", "circles", "moons", "spirals", "xor")},
        **{f"data.{name}": made(name)
           for name in ("breast_cancer", "diabetes", "digits", "wine")},
    }  # fmt: skip


def factor(schedule):
    with suppress(NotImplementedError):
        schedule.factor(1, 4)
