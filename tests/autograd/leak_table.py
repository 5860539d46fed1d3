"""Every public call once, for the search for leaks: `calls(things)` is the table.

A key is the public name, with ": what" behind it where a name has several entries.
"""

from __future__ import annotations

import copy
import itertools
import os
import pickle

import autograd
import nn
from autograd import Value, primitives, ufuncs
from autograd.elsewhere import Elsewhere
from autograd.primitive import Primitive
from autograd.program import SGD, Adam
from autograd.program.compiling import compile
from autograd.program.train.trainer import Trainer
from tests.autograd import leak_rooms

CLASSES = {
    "Value": Value,
    "Primitive": Primitive,
    "Program": autograd.Program,
    "Trainer": Trainer,
    "Drawing": autograd.Drawing,
    "Report": autograd.Report,
    "SelfTest": autograd.SelfTest,
    "SecondOpinion": autograd.SecondOpinion,
    "Connections": autograd.Connections,
    "BackwardStep": autograd.BackwardStep,
    "BackwardSteps": autograd.BackwardSteps,
    **{name: getattr(nn, name) for name in nn.__all__ if isinstance(getattr(nn, name), type)},
    **leak_rooms.CLASSES,
}


def square():
    return Primitive("square", lambda x: x * x, (lambda out, x: 2.0 * x,))


def total():
    return Primitive(
        "total",
        lambda *xs: float(sum(xs)),
        lambda out, *xs: [1.0] * len(xs),
        pack=lambda *xs: xs,
    )


def refused(call):
    try:
        call()
    except (ArithmeticError, TypeError, ValueError, AttributeError, LookupError):
        return
    raise AssertionError("no error")


class Things:
    """What the calls are made on. Make it where memory is traced: what it replaces is, too."""

    def __init__(self, folder):
        self.x, self.w = x, w = Value(0.4, "x"), Value(1.3, "w")
        self.leaf = Value(1.0)
        self.graph = autograd.tanh(x * w) + autograd.dot([x, w], [w, 2.0], 1.0)
        self.square = square()
        self.f = compile(lambda x, y: autograd.sin(x * w) * y if x > 0.0 else y)
        self.f(1.0, 2.0)
        self.model = nn.MLP(2, [3, 1], seed=1)
        self.layer = self.model.layers[0]
        self.neuron = self.layer.neurons[0]
        self.loss = compile(
            lambda x, y: (self.model(x) - y) ** 2, parameters=self.model.parameters()
        )
        self.points, self.targets = [[0.1, 0.2], [0.3, -0.4]], [0.5, 0.6]
        self.trainers = [self.trainer(SGD(lr=1e-6)), self.trainer(Adam(lr=1e-6))]
        self.optimizers = {
            name: kind([self.leaf], lr=1e-3)
            for name, kind in CLASSES.items()
            if issubclass(kind, nn.Optimizer) and kind is not nn.Optimizer
        }
        self.optimizer = nn.SGD([self.leaf], lr=1e-3, momentum=0.9)
        self.explanation = autograd.explain(self.graph, w)
        self.drawing = autograd.draw(x * w, drawn_by="built-in")
        self.exploration = autograd.explore(x * w)
        self.report = autograd.check_grads(lambda a: a * a, 1.0)
        self.opinion = autograd.second_opinion(x * w, [x, w])
        self.connections = autograd.check_connections(x * w, [x, w])
        self.steps = autograd.backward_steps(self.graph, accumulate=False)
        relus = nn.MLP(2, [3, 1], activation="relu", seed=0)
        self.weight = relus.parameters()[0]
        self.batch = autograd.sum([relus([a, 0.3]) for a in (0.1, -2.0)])
        self.summary = autograd.path_sum(self.weight, self.batch, by="unit")
        self.verdict = autograd.SelfTest(("a", "b"), ("b",), ())
        self.anomaly = autograd.blame(Value(1e200) * 1e200)
        self.file = os.path.join(folder, "it")
        self.rooms = leak_rooms.Rooms(folder)

    def trainer(self, optimizer):
        return self.loss.trainer(self.points, self.targets, optimizer=optimizer, batch_size=1)


def calls(it):
    """Return the table: what is called, by public name."""
    x, w, graph, f, loss = it.x, it.w, it.graph, it.f, it.loss
    points, targets, model = it.points, it.targets, it.model
    optimizers = {**it.optimizers, "Optimizer": it.optimizer}

    def with_switch(switch):
        with switch():
            return x * 2.0

    def anomalous():
        with autograd.detect_anomaly() as watch:
            refused(lambda: watch((x * 1e200) * 1e200))

    def saved():
        f.save(it.file)
        return autograd.load_program(it.file)(0.5, 2.0)

    values = {
        "Value": lambda: Value(3, "a label"),
        "Value: operators": lambda: ((x + 1) * (2 - w) / (x**2) - -w if x else w) > x,
        "Value: text": lambda: (f"{x:.3f}", repr(x), graph.describe()),
        "Value: copy": lambda: copy.deepcopy(graph),
        "Value: pickle": lambda: pickle.loads(pickle.dumps(graph)),
        "Value: an error": lambda: refused(lambda: autograd.log(x - 5.0)),
        "Value: refused": lambda: refused(lambda: Value("3")),
        "Value: no deleter": lambda: refused(lambda: delattr(x, "data")),
        "Value: an edit": lambda: (setattr(it.leaf, "data", 0.4), setattr(it.leaf, "label", "x")),
        "Value.adjoints_of": lambda: graph.adjoints_of([x, w]),
        "Value.apply_primitive": lambda: x.apply_primitive(primitives.RULES["mul"], (x, 2.0)),
        "Value.backward": lambda: (graph.backward(), (x * w + 1.0).backward()),
        "Value.backward: an error": lambda: refused((Value(0.0).sqrt() + x).backward),
        "Value.backward: edited": lambda: edited(),
        "Value.describe": lambda: graph.describe(),
        "Value.detach": lambda: graph.detach(),
        "Value.leaves": lambda: list(graph.leaves()),
        "Value.zero_grad": lambda: (graph.zero_grad(), x.zero_grad()),
        "values": lambda: autograd.values([1.0, 2.0, 3.0]),
        "no_grad": lambda: with_switch(autograd.no_grad),
        "enable_grad": lambda: with_switch(autograd.enable_grad),
        "Group": lambda: autograd.Group("block", parent=autograd.Group("outer")),
        "group": lambda: with_switch(lambda: autograd.group("block")),
        "topological_order": lambda: (
            autograd.topological_order(graph, x),
            refused(lambda: autograd.topological_order(1.0)),
        ),
        "record_locations": lambda: with_switch(autograd.record_locations),
        "gradients": lambda: autograd.gradients(graph, [x, w]),
        "grad": lambda: autograd.grad(lambda a: a * a * w)(2.0),
        "grad: of grad": lambda: autograd.grad(autograd.grad(lambda a: a**3))(2.0),
        "value_and_grad": lambda: autograd.value_and_grad(lambda a: a * a)(2.0),
        "hessian": lambda: autograd.hessian(lambda a: a[0] * a[1] ** 2)([1.0, 2.0]),
        "hvp": lambda: autograd.hvp(lambda a, b: a * b**2, [1.0, 2.0], [0.5, 1.0]),
        "jacobian": lambda: autograd.jacobian(lambda a: [a[0] * a[1], a[1]])([1.0, 2.0]),
        "sparse_jacobian": lambda: autograd.sparse_jacobian(lambda a: [a[0] * a[1], a[1]])(
            [1.0, 2.0]
        ),
        "sparse_hessian": lambda: autograd.sparse_hessian(lambda a: a[0] * a[1] ** 2)([1.0, 2.0]),
        "SparseMatrix": lambda: autograd.sparse_jacobian(lambda a: [a[1]])([1.0, 2.0]).csr,
        "jvp": lambda: autograd.jvp(lambda a: a * a, (2.0,), (1.0,)),
        "vjp": lambda: autograd.vjp(lambda a: a * a, 2.0)[1](1.0),
    }

    def slower(trainer):
        trainer.optimizer.lr *= 0.999
        return trainer

    def edited():
        a = Value(1.0)
        out = a * a
        a.data = 2.0
        refused(out.backward)

    operations = {
        "Primitive": lambda: square()(x).backward(),
        "Primitive: of many": lambda: (it.square(x) + total()(x, w)).backward(),
        "Primitive.apply": lambda: it.square.apply([x]),
        "Primitive.cause": lambda: it.square.cause(ValueError("no")),
        "Primitive.checked_forward": lambda: it.square.checked_forward(0.5),
        "Primitive.derivatives": lambda: it.square.derivatives(0.25, (0.5,), (True,)),
        "Primitive.operand_names": lambda: it.square.operand_names,
        "Primitive.replace": lambda: it.square.replace(name="cube"),
        "Primitive.value": lambda: it.square.value((0.5,)),
        "sum": lambda: autograd.sum([x, w, 1.0]).backward(),
        "mean": lambda: autograd.mean([x, w, 1.0]).backward(),
        "prod": lambda: autograd.prod([x, w] * 50).backward(),
        "dot": lambda: autograd.dot([x, w], [w, 2.0], x).backward(),
        "logsumexp": lambda: autograd.logsumexp([x, w]).backward(),
        "norm": lambda: autograd.norm([x, w]).backward(),
        "entropy": lambda: autograd.entropy([x, w]).backward(),
        "softmax": lambda: autograd.sum(autograd.softmax([x, w, 1.0])).backward(),
        "log_softmax": lambda: autograd.sum(autograd.log_softmax([x, w, 1.0])).backward(),
        "softmax_shift": lambda: autograd.softmax_shift([x, w]).backward(),
        "softmax_excess": lambda: autograd.softmax_excess([x, w], 1.3).backward(),
        "softmax_entropy": lambda: autograd.softmax_entropy([x, w]).backward(),
        "softmax_cross_entropy": lambda: autograd.softmax_cross_entropy(
            [x, w], [0.25, 0.75]
        ).backward(),
    }
    programs = {
        "compile": lambda: compile(lambda a: autograd.sin(a) * w)(1.0),
        "Program": lambda: f(0.5, 2.0),
        "Program: the other branch": lambda: (f(-0.5, 2.0), f(0.5, 2)),
        "Program: copy": lambda: copy.deepcopy(loss)([0.1, 0.2], 0.3),
        "Program: pickle": lambda: pickle.loads(pickle.dumps(loss))([0.1, 0.2], 0.3),
        "Program: Values": lambda: f(x, w).backward(),
        "Program: text": lambda: (str(f), repr(f)),
        "Program: refused": lambda: refused(lambda: f([0.5], 2.0)),
        "Program.value_and_grad": lambda: f.value_and_grad(0.5, 2.0),
        "Program.backward": lambda: loss.backward([0.1, 0.2], 0.3),
        "Program.rows": lambda: f.rows([0.5, 1.5], 2.0),
        "Program.rows: in threads": lambda: f.rows([0.5] * 2_100, 2.0, threads=2),
        "Program.rows: both ways": lambda: f.rows([0.5, -1.5], [2.0, 3.0]),
        "Program.rows: refused": lambda: refused(lambda: f.rows([0.5, None], 2.0)),
        "Program.rows_value_and_grad": lambda: f.rows_value_and_grad([0.5, -1.5], 2.0),
        "Program.rows_backward": lambda: loss.rows_backward(points, targets),
        "Program.record": lambda: f.record(0.5, 2.0),
        "Program.listing": lambda: f.listing(True),
        "Program.source: Python": lambda: f.source(),
        "Program.source: C": lambda: f.source("c"),
        "Program.source: JavaScript": lambda: f.source("javascript"),
        "Program.save": lambda: saved(),
        "load_program": lambda: saved(),
        "Program.train": lambda: loss.train(points, targets, optimizer=SGD(lr=1e-6), steps=2),
        "Program.trainer": lambda: it.trainer(SGD(lr=1e-6)).run(steps=1),
        "Program.train: steered": lambda: loss.train(
            points,
            targets,
            optimizer=SGD(lr=1e-6),
            steps=2,
            schedule=lambda step: 0.5,
            clip_norm=1e-3,
            clip_value=1.0,
        ),
        "Trainer: text": lambda: repr(it.trainers[0]),
        "Trainer.step": lambda: [trainer.step() for trainer in it.trainers],
        "Trainer.run": lambda: [trainer.run(steps=3) for trainer in it.trainers],
        "Trainer.run: settings": lambda: [slower(trainer).run(steps=3) for trainer in it.trainers],
        "Trainer.next_rows": lambda: [trainer.next_rows() for trainer in it.trainers],
    }
    checks = {
        "check_grads": lambda: autograd.check_grads(lambda a: autograd.sin(a) * 2.0, 1.0),
        "check_gradient": lambda: autograd.check_gradient(lambda a: a * a, 2.0, 1.0),
        "check_parameters": lambda: autograd.check_parameters(lambda: it.leaf**2, [it.leaf]),
        "assert_grads": lambda: autograd.assert_grads(lambda a: a * a, 1.0, order=1),
        "GradientError": lambda: autograd.GradientError("no", it.report),
        "Report": lambda: (repr(it.report), bool(it.report)),
        "selftest": lambda: autograd.selftest(),
        "SelfTest": lambda: (str(it.verdict), bool(it.verdict)),
        "second_opinion": lambda: autograd.second_opinion(x * w, [x, w]),
        "SecondOpinion": lambda: str(it.opinion),
        "check_connections": lambda: autograd.check_connections(x * w, {"x": x, "w": w}),
        "Connections": lambda: (str(it.connections), it.connections.is_sound),
        "blame": lambda: autograd.blame(Value(1e200) * 1e200),
        "Anomaly": lambda: str(it.anomaly),
        "NoAnomaly": lambda: repr(autograd.blame(Value(2.0) * 3.0)),
        "AnomalyError": lambda: autograd.AnomalyError(it.anomaly),
        "LostGradientWarning": lambda: autograd.LostGradientWarning("here"),
        "detect_anomaly": anomalous,
        "count_paths": lambda: autograd.count_paths(w, graph),
        "use_counts": lambda: autograd.use_counts(w, graph),
        "UseCounts": lambda: repr(autograd.use_counts(w, graph)),
        "multiplications": lambda: autograd.multiplications(graph),
        "Multiplications": lambda: repr(autograd.multiplications(graph)),
        "paths": lambda: list(autograd.paths(w, graph)),
        "Path": lambda: str(next(autograd.paths(w, graph))),
        "path_sum": lambda: autograd.path_sum(w, graph),
        "path_sum: by name": lambda: autograd.path_sum("w", graph),
        "find": lambda: autograd.find(graph, "$w$"),
        "find: in units": lambda: autograd.find(model(points), "z_1^(2)[2]"),
        "find: nothing": lambda: refused(lambda: autograd.find(graph, "ww")),
        "plain_name": lambda: autograd.plain_name("w_{11}^{(1)}"),
        "PathSum": lambda: str(autograd.path_sum(w, graph)),
        "backward_steps": lambda: list(autograd.backward_steps(graph)),
        "backward_steps: a wrong order": lambda: autograd.backward_steps(graph, order="recursive"),
        "backward_steps: refused": lambda: refused(
            lambda: autograd.backward_steps(graph, order=[graph])
        ),
        "BackwardStep": lambda: (str(it.steps[0]), hash(it.steps[0])),
        "BackwardSteps": lambda: (str(it.steps), it.steps._repr_html_()),
        "path_sum: by unit": lambda: autograd.path_sum(it.weight, it.batch, by="unit"),
        "PathSummary": lambda: (str(it.summary), it.summary._repr_html_()),
        "PathGroup": lambda: repr(it.summary.groups[0]),
        "DeadUnit": lambda: repr(it.summary.dead[0]),
        "explain": lambda: autograd.explain(graph, w),
        "Explanation": lambda: (it.explanation.text, repr(it.explanation)),
        "Explanation.latex": lambda: it.explanation.latex(),
    }
    pictures = {
        "draw": lambda: autograd.draw(x * w, drawn_by="built-in").svg(),
        "Drawing": lambda: (repr(it.drawing), it.drawing._repr_mimebundle_()),
        "explore": lambda: autograd.explore(graph).html(),
        "Exploration": lambda: (repr(it.exploration), it.exploration._repr_mimebundle_()),
        "Exploration.html": lambda: it.exploration.html(),
        "Exploration.save": lambda: it.exploration.save(it.file + ".html"),
        "Drawing.svg": lambda: it.drawing.svg(),
        "Drawing.html": lambda: it.drawing.html(),
        "Drawing.tree": lambda: it.drawing.tree(),
        "Drawing.tex": lambda: it.drawing.tex(),
        "Drawing.png": lambda: it.drawing.png(scale=1),
        "Drawing.pdf": lambda: it.drawing.pdf(),
        "Drawing.save": lambda: it.drawing.save(it.file + ".gv"),
        "Drawing.save_svg": lambda: it.drawing.save_svg(it.file + ".svg"),
        "Drawing.save_html": lambda: it.drawing.save_html(it.file + ".html"),
        "Drawing.pipe": lambda: it.drawing.pipe("svg"),
        "Drawing.render": lambda: it.drawing.render(outfile=it.file + ".svg", cleanup=True),
    }
    networks = {
        "MLP": lambda: nn.MLP(2, [3, 1], seed=3),
        "Layer": lambda: nn.Layer(2, 3, seed=3),
        "Neuron": lambda: nn.Neuron(2, seed=3),
        **{f"{name}.{method}": lambda part=part, method=method: getattr(part, method)()
           for name, part in {"Module": model, "MLP": model, "Layer": it.layer,
                              "Neuron": it.neuron}.items()
           for method in ("named_parameters", "parameters", "zero_grad", "summary")},
        **{f"{name}.forward": lambda part=part: part.forward([x, w])
           for name, part in {"MLP": model, "Layer": it.layer, "Neuron": it.neuron}.items()},
        "Module": lambda: (repr(model), copy.deepcopy(model), model(points[0])),
        "Module: by name": lambda: (model["w_11^(1)"], refused(lambda: model["w_99^(1)"])),
        "Module: a batch": lambda: model(points),
        **{f"{name}.{method}": lambda part=part, method=method: getattr(part, method)([[x, w]])
           for name, part in {"MLP": model, "Layer": it.layer, "Neuron": it.neuron}.items()
           for method in ("forward_batch", "trace")},
        "MLP.trace: text": lambda: (repr(model.trace(points)), model.trace(points[0]).delta),
        "Layer.net_input": lambda: it.layer.net_input([x, w]),
        "Layer.activate": lambda: it.layer.activate([x, w, graph]),
        "Layer.net_inputs": lambda: it.layer.net_inputs([[x, w]]),
        "Layer.activations": lambda: it.layer.activations([[x, w, graph]]),
        "Neuron.net_inputs": lambda: it.neuron.net_inputs([[x, w]]),
        "Neuron.activations": lambda: it.neuron.activations([x, w]),
        "Neuron.labelled_batch": lambda: it.neuron.labelled_batch([x * w]),
        "Neuron.activate": lambda: it.neuron.activate(x),
        "Neuron.labelled": lambda: it.neuron.labelled(x * w),
        "Neuron.net_input": lambda: it.neuron.net_input([x, w]),
        "Activation": lambda: nn.activations.activation("tanh")(x),
        "Optimizer": lambda: pickle.loads(pickle.dumps(it.optimizer)),
        **{name: lambda one=one: type(one)(model.parameters(), lr=0.1)
           for name, one in it.optimizers.items()},
        **{f"{name}.{method}": lambda one=one, method=method: getattr(one, method)()
           for name, one in optimizers.items() for method in ("step", "zero_grad", "state_dict")},
        **{f"{name}.load_state_dict": lambda one=one: one.load_state_dict(one.state_dict())
           for name, one in optimizers.items()},
        **{f"{name}.rule": lambda one=one: one.rule(1.0, 2.0, 1)
           for name, one in optimizers.items()},
        "clip_gradients": lambda: autograd.clip_gradients([x, w], norm=1.0, value=0.5),
        "activations": lambda: [
            nn.activations.activation(name)([x, w] if name == "softmax" else x)
            for name in nn.activations.BY_NAME
        ],
        "initializers": lambda: [
            nn.Neuron(2, initializer=name, seed=1) for name in nn.initializers.BY_NAME
        ],
        "squared_error": lambda: nn.squared_error([x, w], [1.0, 2.0]).backward(),
        "mse": lambda: nn.mse([x, w], [1.0, 2.0]).backward(),
        "hinge": lambda: nn.hinge([x, w], [1, -1]).backward(),
        "bce": lambda: nn.bce([x], [1]).backward(),
        "bce_with_logits": lambda: nn.bce_with_logits([x, w], [1, 0]).backward(),
        "nll": lambda: nn.nll(autograd.softmax([x, w]), 1).backward(),
        "cross_entropy": lambda: nn.cross_entropy([[x, w]], [0]).backward(),
    }  # fmt: skip
    owners = {
        "Value": graph, "Primitive": it.square, "Program": f, "Trainer": it.trainers[0],
        "Drawing": it.drawing, "Report": it.report, "SelfTest": it.verdict,
        "SecondOpinion": it.opinion, "Connections": it.connections,
        "BackwardStep": it.steps[0], "BackwardSteps": it.steps, "Module": model, "MLP": model,
        "Layer": it.layer, "Neuron": it.neuron, **optimizers,
        "Activation": nn.activations.activation("tanh"), **it.rooms.owners(),
    }  # fmt: skip
    return {
        **by_themselves(x, w),
        **attributes(owners),
        **values, **operations, **programs, **checks, **pictures, **networks,
        **leak_rooms.calls(it.rooms),
    }  # fmt: skip


def by_themselves(x, w):
    """Return the operations of few operands, as functions and as methods, recorded and swept."""
    found = {}
    for name, rule in primitives.RULES.items():
        if rule.is_variadic:
            continue
        choices = (Value(1.5), Value(0.5), 2.0)
        given = next(g for g in itertools.product(choices, repeat=rule.arity) if _is_right(rule, g))
        found[name] = lambda given=given, rule=rule: rule(*given).backward()
        if hasattr(Value, name):
            found[f"Value.{name}"] = lambda given=given, name=name: getattr(Value, name)(
                *[Value(given[0]) if isinstance(given[0], float) else given[0], *given[1:]]
            )
    for name in {**ufuncs.COMPOSED, **ufuncs.QUESTIONS}:
        two = [w] * (name in ("fmax", "fmin", "heaviside", "logaddexp2"))
        found[f"Value.{name}"] = lambda name=name, two=two: getattr(Value(0.5), name)(*two)
    for name in public_names(Value):
        if name.startswith("arc"):
            found[f"Value.{name}"] = lambda name=name: getattr(Value, name)(
                Value(1.5 if name == "arccosh" else 0.5), *[w] * (name == "arctan2")
            )
    return found


def _is_right(rule, operands):
    try:
        rule(*operands).backward()
    except (ArithmeticError, TypeError, ValueError, AttributeError):
        return False
    return True


def public_names(owner):
    """Return the public names that are ours, and are not there only to say what to use instead."""
    ours = [kind for kind in owner.__mro__ if kind.__module__.split(".")[0] in ("autograd", "nn")]
    found = {name: thing for kind in ours for name, thing in vars(kind).items()}
    return sorted(
        name for name, x in found.items() if name[0] != "_" and not isinstance(x, Elsewhere)
    )


def required():
    """Return the public names that have to be in the table."""
    modules = [
        *[(autograd, name) for name in (*dir(autograd), *primitives.RULES)],
        *[(nn, name) for name in nn.__all__],
    ]
    names = {
        *[name for module, name in modules if callable(getattr(module, name))],
        *[f"{kind}.{name}" for kind, owner in CLASSES.items() for name in public_names(owner)],
        *leak_rooms.required(),
    }
    return set(filter(leak_rooms.is_there, names))


def attributes(owners):
    """Return what is read without a call."""
    return {
        f"{kind}.{name}": lambda owner=owner, name=name: getattr(owner, name)
        for kind, owner in owners.items()
        for name in public_names(CLASSES[kind])
        if not callable(getattr(type(owner), name, None)) and leak_rooms.is_there(f"{kind}.{name}")
    }
