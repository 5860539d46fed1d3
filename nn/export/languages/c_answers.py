"""What a model answers, in C: the scale of its inputs, probabilities, classes and labels."""

from __future__ import annotations

from collections.abc import Mapping

from nn.export.carried import Answers, Carried
from nn.export.languages.formulas import SOFTMAX
from nn.export.languages.labels import c_labels

_SCALE = """
/* Inputs at the scale of the first layer: (x - mean) / deviation. */
static inline void {name}_scale(const {T} *x, {T} *scaled)
{{
    for (size_t i = 0; i < {inputs}; i++)
        scaled[i] = (x[i] - {name}_means[i]) / {name}_deviations[i];
}}
"""
_PROBABILITIES = """
{public}void {name}_probabilities(const {T} *x, {T} *p)
{{
    {T} y[{room}];
    {name}_predict(x, y);
{body}
}}
"""
_CLASS = """
{public}size_t {name}_class(const {T} *x)
{{
    {T} y[{outputs}];
    {name}_predict(x, y);
{body}
}}

{public}{kind}{name}_label(const {T} *x)
{{
    return {name}_labels[{name}_class(x)];
}}
"""
_LARGEST = """
    size_t best = 0;
    for (size_t j = 1; j < {outputs}; j++) if (y[j] > y[best]) best = j;
    return best;
"""


def declarations(answers: Answers | None, name: str, number: str) -> list[str]:
    """Return what is called to have answers."""
    found = []
    if answers is not None and answers.probabilities:
        found.append(f"void {name}_probabilities(const {number} *x, {number} *p);")
    if answers is not None and answers.classes is not None:
        found.append(f"size_t {name}_class(const {number} *x);")
        found.append(f"{_spaced(c_labels(answers.classes)[0])}{name}_label(const {number} *x);")
    return found


def scale_text(carried: Carried, words: Mapping[str, str]) -> str:
    """Return the function that scales inputs."""
    return _SCALE.strip("\n").format(**words, inputs=carried.inputs)


def answer_parts(
    carried: Carried, words: Mapping[str, str], names: Mapping[str, str], public: str
) -> list[str]:
    """Return the functions for probabilities, class and label, as far as outputs tell them.

    Args:
        carried: The model.
        words: "name", the prefix; "T", the type of numbers.
        names: What the functions of activations are called.
        public: What stands before a function, such as "static inline ".
    """
    answers, parts = carried.answers, []
    if answers is None:
        return []
    given = {**words, "public": public, "outputs": str(carried.outputs)}
    if answers.probabilities:
        room = carried.outputs + (answers.way == "softmax")
        body = "\n".join(_probabilities(answers, carried.outputs, words["name"], names, words))
        parts.append(_PROBABILITIES.strip("\n").format(**given, room=room, body=body))
    if answers.classes is not None:
        kind, labels = c_labels(answers.classes)
        lines = ",\n".join([f"    {label}" for label in labels])
        constant = "const char *const" if "*" in kind else f"const {kind}"
        head = f"static {constant} {words['name']}_labels[{len(labels)}] = {{"
        parts.append(f"{head}\n{lines}\n}};")
        body = f"    return y[0] > {answers.threshold}{words['f']};"
        if answers.threshold is None:
            body = _LARGEST.strip("\n").format(**given)
        parts.append(_CLASS.strip("\n").format(**given, body=body, kind=_spaced(kind)))
    return parts


def _probabilities(
    answers: Answers, outputs: int, name: str, names: Mapping[str, str], words: Mapping[str, str]
) -> list[str]:
    each = f"    for (size_t j = 0; j < {outputs}; j++) p[j] = "
    if answers.way == "softmax":
        shift, excess, component = (f"{name}_{function}" for function in SOFTMAX)
        return [
            f"    {words['T']} excess;",
            f"    y[{outputs}] = {shift}(y, {outputs});",
            f"    excess = {excess}(y, {outputs + 1});",
            f"{each}{component}(y[j], y[{outputs}], excess);",
        ]
    if answers.way == "logit":
        sigmoid = f"{name}_{names['sigmoid']}"
        return [f"    p[0] = {sigmoid}(-y[0]);", f"    p[1] = {sigmoid}(y[0]);"]
    if answers.way == "share":
        return [f"    p[0] = 1.0{words['f']} - y[0];", "    p[1] = y[0];"]
    function = f"{name}_{names['sigmoid']}(y[j])" if answers.way == "sigmoid" else "y[j]"
    return [f"{each}{function};"]


def _spaced(kind: str) -> str:
    return kind if kind.endswith("*") else f"{kind} "
