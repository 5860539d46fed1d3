"""Learning on a page: the graph of one example, and what it takes to train on all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.graph import topological_order
from autograd.optimizers import Optimizer
from autograd.page.learning_script import row_answers, row_loss, update_rule
from autograd.page.model import PageModel
from autograd.program.compiling import compile
from autograd.program.variants.variant import Variant
from autograd.selection import Value

MOST_PARAMETERS, MOST_ROWS = 10_000, 5_000  # some milliseconds a step
_FIRST_LOSS = "L"


class Learning:
    """A training that a page can run.

    Args:
        lesson: What a model says of its training; see `nn.training.lessons`.
        title: What the page is called.
        level: What is shown first; the units, if that is not said.

    Attributes:
        output: The loss of the first example.
        title: What the page is called.
        model: Its graph, with the training in what it carries.

    Raises:
        ValueError: If there are more parameters or rows than a page can run, or the loss uses
            Values that are not the model's.
    """

    def __init__(self, lesson: Any, title: str, level: str | None) -> None:
        _require_small(lesson)
        self._lesson, self.title = lesson, title
        self._inputs = _named(lesson.rows[0], "x")
        self._targets = _named(_listed(lesson.targets[0]), "t")
        is_row = isinstance(lesson.targets[0], list)
        self.output = lesson.loss(self._inputs, self._targets if is_row else self._targets[0])
        if not self.output.label:
            self.output.label = _FIRST_LOSS
        self.model = PageModel(self.output, title, level)
        self._losses = _variants(_weighted(lesson), _calls(lesson), lesson.parameters)
        self._answers = _variants(
            _answers(lesson), [(row,) for row in lesson.rows], lesson.parameters
        )
        self.model.content["learning"] = self._content()
        _hold(self.model, [*self._inputs, *self._targets])

    def script(self) -> str:
        """Return the statement `const LEARNING = …;`."""
        parts = [
            f"losses: [{', '.join(map(row_loss, self._losses))}]",
            f"answers: [{', '.join(map(row_answers, self._answers))}]",
            f"update: {update_rule(self._lesson.optimizer._ready())}",
        ]
        return "const LEARNING = {\n" + ",\n".join(parts) + "\n};"

    def _content(self) -> dict[str, Any]:
        lesson, place = self._lesson, self.model.table.place
        answers = len(lesson.answers(lesson.rows[0]))
        return {
            "rows": lesson.rows,
            "targets": lesson.targets,
            "inputs": [place.get(node, -1) for node in self._inputs],
            "targetNodes": [place.get(node, -1) for node in self._targets],
            "parameters": [place.get(parameter, -1) for parameter in lesson.parameters],
            "numbers": [parameter.data for parameter in lesson.parameters],
            "answers": answers,
            "units": self._units(),
            "kind": lesson.kind,
            "classes": lesson.classes,
            "codes": lesson.codes,
            "loss": lesson.loss_name,
            "lossIsNamed": lesson.has_named_loss,
            "optimizer": _described(lesson.optimizer),
            "batch": lesson.batch_size,
            "seed": lesson.seed,
            "draws": lesson.draws,
            "code": lesson.code,
        }

    def _units(self) -> list[int]:
        """The box of the figure for each unit, in the order in which the answers tell of them."""
        found = [one for one in self.model.content["levels"] if one["name"] == "neuron"]
        if not found:
            return []
        place = self.model.table.place
        net_inputs = {node.group: place[node] for node in place if _is_net_input(node)}
        boxes = {
            node: number for number, box in enumerate(found[0]["boxes"]) for node in box["nodes"]
        }
        groups = [node.group for node in _net_inputs(self._lesson.answers(self._lesson.rows[0]))]
        return [boxes.get(net_inputs.get(group, -1), -1) for group in groups]


def _require_small(lesson: Any) -> None:
    counts = len(lesson.parameters), len(lesson.rows)
    for count, most, what in zip(
        counts, (MOST_PARAMETERS, MOST_ROWS), ("parameters", "examples"), strict=True
    ):
        if count > most:
            raise ValueError(
                f"a page learns with at most {most} {what}, got {count}; give it a smaller model "
                "or a part of the rows, or train with model.fit and explore the trained model"
            )


def _named(numbers: Sequence[float], letter: str) -> list[Any]:
    """Leaves for the numbers of an example, with the names of the lectures."""
    several = len(numbers) > 1 or letter == "x"
    return [
        Value(float(number), f"{letter}_{place}" if several else letter)
        for place, number in enumerate(numbers, start=1)
    ]


def _hold(model: PageModel, given: Sequence[Any]) -> None:
    """Let no gradient flow to the numbers of the example, nor to what follows from them alone.

    They are leaves, so that whatever is computed of them is in the graph: a constant's results are
    constants, which would stay as they are when a reader turns to another example.
    """
    held = set(given)
    for node in model.table.order:
        if node.parents and all(parent in held or parent.is_constant for parent in node.parents):
            held.add(node)
    places = {model.table.place[node] for node in held if node in model.table.place}
    content = model.content
    content["nodes"]["constants"] = sorted(places.union(content["nodes"]["constants"]))
    content["orders"] = {
        name: [place for place in order if place not in places]
        for name, order in content["orders"].items()
    }


def _listed(target: Any) -> list[float]:
    return target if isinstance(target, list) else [float(target)]


def _weighted(lesson: Any) -> Any:
    """The loss of a row as a program, times its weight in a mean."""
    loss = lesson.loss

    def weighted(row: Any, target: Any, weight: Any) -> Any:
        return weight * loss(row, target)

    return compile(weighted, parameters=lesson.parameters, name="loss")


def _answers(lesson: Any) -> Any:
    """The answers to a row as a program, and the net inputs of the units that led to them."""
    answers = lesson.answers

    def answered(row: Any) -> Any:
        found = list(answers(row))
        return [*found, *_net_inputs(found)]

    return compile(answered, parameters=lesson.parameters, name="answers")


def _net_inputs(answers: Sequence[Any]) -> list[Any]:
    return [node for node in topological_order(*answers) if _is_net_input(node)]


def _is_net_input(node: Any) -> bool:
    return node.group is not None and node.group.kind == "net input"


def _calls(lesson: Any) -> list[tuple[Any, ...]]:
    pairs = zip(lesson.rows, lesson.targets, strict=True)
    return [
        (row, target if isinstance(target, list) else float(target), 1.0) for row, target in pairs
    ]


def _variants(
    program: Any, calls: Sequence[tuple[Any, ...]], parameters: Sequence[Any]
) -> list[Variant]:
    """All ways through a program that the examples take."""
    for call in calls:
        program(*call)
    for variant in program.variants:
        for value in variant.captured:
            if value not in parameters:
                raise ValueError(
                    f"the {program.name} uses {value!r}, which is none of the model's parameters: "
                    "make it an attribute of the model, or a plain number"
                )
    found: list[Variant] = program.variants
    return found


def _described(optimizer: Optimizer) -> dict[str, Any]:
    """An optimizer as a page knows it: its name, its settings, what it remembers."""
    form = optimizer._ready()
    state = optimizer.state_dict()
    return {
        "name": type(optimizer).__name__,
        "isOurs": type(optimizer).__module__.startswith("autograd."),
        "settings": form.settings,
        "numbers": optimizer._numbers(),
        "written": {name: repr(thing) for name, thing in state["settings"].items()},
        "begin": list(form.memories.values()),
        "memories": list(state["memory"]),
        "memory": list(state["memory"].values()),
        "steps": state["steps"],
    }
