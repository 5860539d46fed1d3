"""Activations in other languages: the functions that compiled programs write for them.

No formula is stated here. An activation is compiled, its source text is taken apart, and what is
needed of it is kept. A softmax is three operations of the rule book.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from autograd import compile, softmax_component, softmax_excess, softmax_shift
from nn.activations import BY_NAME, Activation
from nn.export.languages.numerals import rounded

SOFTMAX = ("softmax_shift", "softmax_excess", "softmax_component")
_DEFINED = {
    "c": re.compile(r"^(?:static )?(?:double|void) (\w+)\(", re.MULTILINE),
    "javascript": re.compile(r"^(?:export )?function (\w+)\(", re.MULTILINE),
    "python": re.compile(r"^(?:def (?=\w+\())?([A-Za-z_]\w*(?:, \w+)*)(?:\(| = |: )", re.MULTILINE),
}
_KEYWORDS = ("if", "for", "while", "return", "sizeof")


@dataclass(frozen=True)
class Formulas:
    """Functions of a language for the activations of a model.

    Attributes:
        blocks: Definitions by the name that is defined, in an order in which they can stand.
        names: What the function of each activation is called, by the activation's name; nothing
            for linear ones, and for softmax, whose functions have the names in `SOFTMAX`.
    """

    blocks: dict[str, str]
    names: dict[str, str]


def formulas(activations: Iterable[Activation], language: str, gradient: bool = False) -> Formulas:
    """Return the functions for activations, with their derivatives if asked for.

    Args:
        activations: Of the layers of a model.
        language: "c", "javascript" or "python".
        gradient: Whether `<name>_gradient` is there, too, which also gives the derivative.

    Raises:
        ValueError: If an activation of the user's own branches, or uses Values from outside, or an
            operation that the language has no text for; or two of one name differ.

    Example:
        >>> found = formulas([BY_NAME["relu"]], "javascript")
        >>> found.names, list(found.blocks)
        ({'relu': 'activation_relu'}, ['relu', 'activation_relu'])
        >>> print(found.blocks["relu"])
        function relu(x) {
            return x <= 0 ? 0.0 : x;
        }
    """
    blocks: dict[str, str] = {}
    names: dict[str, str] = {}
    known: dict[str, Activation] = {}
    wanted: tuple[str, ...]
    for activation in activations:
        if known.setdefault(activation.name, activation) != activation:
            raise ValueError(f"two activations are called {activation.name!r}; name one otherwise")
        if activation == BY_NAME["linear"] or activation.name in names:
            continue
        if activation == BY_NAME["softmax"]:
            program = compile(_of_softmax, name="activation_softmax")
            program(0.5, 0.25)
            wanted = SOFTMAX
        else:
            program = _compiled(activation, f"activation_{_identifier(activation.name)}")
            names[activation.name] = program.name
            wanted = (program.name, f"{program.name}_gradient")[: 1 + gradient]
        found = _taken_apart(program.source(language), language)
        for name in _needed(found, wanted):
            if blocks.setdefault(name, found[name]) != found[name]:
                raise ValueError(
                    f"the activation {activation.name!r} uses another {name} than the ones before"
                )
    return Formulas(blocks, names)


def in_float(text: str, functions: Iterable[str]) -> str:
    """Return C text for double as text for float; functions that are defined keep their names.

    Raises:
        ValueError: If a number in it is none of a float.

    Example:
        >>> in_float("double f(double x) { return 0.5 * exp(g(x)); }", ["f", "g"])
        'float f(float x) { return 0.5f * expf(g(x)); }'
    """
    own = {*functions, *_KEYWORDS}

    def word(match: re.Match[str]) -> str:
        comment, number, call = match.groups()
        if comment:
            return comment
        if number:
            if float(number) and rounded(float(number), "float") in (0.0, float("inf")):
                raise ValueError(f"{number} in a formula is beyond the range of a float")
            return f"{number}f"
        return call if call in own else f"{call}f"

    text = re.sub(
        r"(/\*.*?\*/)|(?<![\w.])(\d+\.\d*(?:e[-+]?\d+)?|\d+e[-+]?\d+)|\b([a-z]\w*)(?=\()",
        word,
        text,
        flags=re.DOTALL,
    )
    return re.sub(r"\bdouble\b", "float", text)


def _of_softmax(x: Any, shift: Any) -> Any:
    return softmax_component(x, softmax_shift([x, shift]), softmax_excess([x, shift], shift))


def _compiled(activation: Activation, name: str) -> Any:
    if activation.whole_layer:
        raise ValueError(
            f"the activation {activation.name!r} takes a whole layer; softmax alone is known"
        )
    program = compile(activation.function, name=name)
    try:
        program(0.5)
    except TypeError as error:
        raise ValueError(
            f"the activation {activation.name!r} cannot be carried away: {error}"
        ) from None
    if program.code.guards:
        raise ValueError(
            f"the activation {activation.name!r} branches, and text has one way only; write it "
            "with autograd.where"
        )
    if program.parameters:
        raise ValueError(
            f"the activation {activation.name!r} uses Values from outside, which are parameters "
            "of no layer; use plain numbers"
        )
    return program


def _identifier(name: str) -> str:
    return re.sub(r"\W", "_", name, flags=re.ASCII).strip("_") or "own"


def _taken_apart(source: str, language: str) -> dict[str, str]:
    """Return the definitions in a source text, by name."""
    found = {}
    for block in source.split("\n\n\n" if language == "python" else "\n\n"):
        defined = _DEFINED[language].search(block)
        text = block.strip("\n").removeprefix("export ")
        head = text.startswith(("#include", "import ", "from ", '"""'))
        if defined and not head and not (text.startswith("/*") and text.endswith("*/")):
            found[defined[1]] = text
    return found


def _needed(blocks: dict[str, str], wanted: Iterable[str]) -> list[str]:
    """Return the names of blocks that others use, in their order."""
    pending, used = list(wanted), set()
    while pending:
        name = pending.pop()
        if name in used:
            continue
        used.add(name)
        words = {*re.findall(r"\w+", blocks[name])}
        pending += [other for other in blocks if words.intersection(other.split(", "))]
    return [name for name in blocks if name in used]
