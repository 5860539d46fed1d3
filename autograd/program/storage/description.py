"""Programs as text: what a program file holds, written and read back.

Nothing is executed on reading and nothing is believed: what passes has been checked. The text is
JSON; an instruction is a line in it, an operation of the rule book and the slots of its operands:
"mul 0 1".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from autograd.collector import collector_paused
from autograd.primitives import RULES
from autograd.program.code.checking import check
from autograd.program.code.instructions import Code, Guard, Instruction
from autograd.program.record.arguments import Arguments
from autograd.program.record.signature import signature
from autograd.program.storage.stored_shapes import Budget, shape_in, shape_text
from autograd.program.variants.variant import Variant
from autograd.selection import Value
from autograd.strict_json import (
    count_in,
    counts_in,
    flag_in,
    json_in,
    list_in,
    number_text,
    numbers_in,
    shown,
    text_in,
    values_in,
)
from autograd.structure import Structure, container

FORMAT = "chainrule program"
VERSION = 1
_MOST_VARIANTS = 1 << 12
_INSTRUCTION = re.compile(r"([a-z0-9_]+)((?: [0-9]{1,9})+)")
_GUARD = re.compile(r"([0-9]{1,9}) ([<>=!]{1,2}) ([0-9]{1,9}) (true|false)")


class Description(NamedTuple):
    """What makes up a program, without its function."""

    name: str
    arguments: Arguments
    uniform: Sequence[int]
    variants: list[Variant]

    @property
    def parameters(self) -> list[Value]:
        """The Values from outside that the variants read, each once."""
        return list(dict.fromkeys(value for variant in self.variants for value in variant.captured))


# --- Writing --------------------------------------------------------------------------------------


@collector_paused()
def text_of(program: Description) -> str:
    """Return a program as text.

    Raises:
        TypeError: If an operation is not in the rule book, or a key of a dict among the arguments
            or results is neither text nor a number.
        ValueError: If lists or dicts are nested more than 64 deep, or there are too many numbers.

    Example:
        >>> from autograd import primitives
        >>> from autograd.structure import NUMBER
        >>> arguments = Arguments(("x", "y"), 2)
        >>> how = signature(Structure(tuple, 2), arguments.names, ())
        >>> code = Code(2, 0, (), (Instruction(primitives.mul, (0, 1)),), (2,))
        >>> variant = Variant(code, how, [], NUMBER)
        >>> text = text_of(Description("product", arguments, (), [variant]))
        >>> print(text.partition('"captured"')[2])
        : [],
        "constants": [],
        "instructions": ["mul 0 1"],
        "outputs": [2],
        "guards": [],
        "labels": {
        <BLANKLINE>
        }
        }]
        }
        >>> description_in(text.replace("mul 0 1", "mul 0 7"))
        Traceback (most recent call last):
          ...
        ValueError: variants[0]: instruction 0, mul 0 7: operand 1 has to be a slot from 0 ...
    """
    _refuse_many(program.variants)
    place = {value: position for position, value in enumerate(program.parameters)}
    budget = Budget()
    variants = [_variant_text(variant, place, budget) for variant in program.variants]
    head = {
        "format": FORMAT,
        "version": VERSION,
        "name": program.name,
        "arguments": list(program.arguments.names),
        "required": program.arguments.required,
        "open": program.arguments.open,
        "uniform": list(program.uniform),
    }
    parameters = {
        "labels": _lines(_json(value.label or None) for value in place),
        "data": _lines(number_text(value.data) for value in place),
    }
    return _fields(
        {
            **{name: _json(thing) for name, thing in head.items()},
            "parameters": _fields(parameters),
            "variants": "[" + ",\n".join(variants) + "]",
        }
    )


def _variant_text(variant: Variant, place: dict[Value, int], budget: Budget) -> str:
    code = variant.recorded
    check(_known(code))
    parts = variant.signature.structure.parts
    named = zip(variant.signature.arguments, parts, strict=True)
    fields = {
        "shape": _json([shape_text(part, name, budget) for name, part in named]),
        "result": _json(shape_text(variant.result, "", budget)),
        "inputs": str(code.inputs),
        "parameters": str(code.parameters),
        "captured": _json([place[value] for value in variant.captured]),
        "constants": _lines(map(number_text, code.constants)),
        "instructions": _lines(
            f'"{operation.name} {" ".join(map(str, operands))}"'
            for operation, operands in code.instructions
        ),
        "outputs": _json(list(code.outputs)),
        "guards": _lines(
            f'"{left} {comparison} {right} {_json(outcome)}"'
            for left, comparison, right, outcome in code.guards
        ),
        "labels": _fields({str(slot): _json(label) for slot, label in code.labels.items()}),
    }
    return _fields(fields)


def _known(code: Code) -> Code:
    for operation in {operation for operation, _ in code.instructions}:
        if RULES.get(operation.name) is not operation:
            raise TypeError(
                f"{operation!r} is not in the rule book, so a file could not name it; write it "
                "with operations that are, or add it to autograd/primitives.py"
            )
    return code


def _json(thing: Any) -> str:
    return json.dumps(thing, ensure_ascii=False, allow_nan=False)


def _lines(texts: Iterable[str]) -> str:
    return "[" + ",\n".join(texts) + "]"


def _fields(texts: dict[str, str]) -> str:
    return "{\n" + ",\n".join(f'"{name}": {text}' for name, text in texts.items()) + "\n}"


# --- Reading --------------------------------------------------------------------------------------


@collector_paused()
def description_in(text: str, parameters: Sequence[Value] | None = None) -> Description:
    """Return the program that a text describes.

    Args:
        text: What `text_of` wrote, or anything else.
        parameters: The Values to use as parameters; new ones with the numbers and labels in the
            text, if not given.

    Raises:
        ValueError: If the text does not describe a program, saying what is wrong and where.
    """
    found = json_in(text)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError(f'it does not begin with "format": "{FORMAT}"')
    version = count_in(found.get("version"), "version")
    if version != VERSION:
        raise ValueError(f"it has version {version}; this chainrule reads version {VERSION}")
    _, _, name, names, required, is_open, uniform, own, variants = values_in(
        found,
        "the program",
        "format version name arguments required open uniform parameters variants",
    )
    arguments = _arguments_in(names, required, is_open)
    values = _parameters_in(own)
    if parameters is not None:
        if len(parameters) != len(values):
            raise ValueError(f"it has {len(values)} parameters, got {len(parameters)}")
        values = list(parameters)
    reader = _Reader(
        text_in(name, "name"), arguments, _uniform_in(uniform, arguments), values, Budget()
    )
    _refuse_many(list_in(variants, "variants"))
    return Description(
        reader.name,
        arguments,
        tuple(reader.uniform),
        [
            reader.variant(variant, f"variants[{position}]")
            for position, variant in enumerate(variants)
        ],
    )


def _refuse_many(variants: Sequence[Any]) -> None:
    if len(variants) > _MOST_VARIANTS:
        raise ValueError(f"{len(variants)} variants; a file may have {_MOST_VARIANTS}")


class _Reader(NamedTuple):
    """Reads variants; holds what they have in common."""

    name: str
    arguments: Arguments
    uniform: Any  # the keys of a dict: it is asked once for every argument
    parameters: list[Value]
    budget: Budget

    def variant(self, thing: Any, where: str) -> Variant:
        (
            shape, result, inputs, parameters, captured, constants, instructions, outputs, guards,
            labels,
        ) = values_in(
            thing,
            where,
            "shape result inputs parameters captured constants instructions outputs guards labels",
        )  # fmt: skip
        names = self._names(len(list_in(shape, f"{where}.shape")), f"{where}.shape")
        how = signature(self._structure(shape, names, f"{where}.shape"), names, self.uniform)
        values = self._captured(captured, f"{where}.captured")
        code = Code(
            _declared(inputs, len(how.inputs), f"{where}.inputs"),
            _declared(parameters, len(how.parameters) + len(values), f"{where}.parameters"),
            tuple(numbers_in(constants, f"{where}.constants")),
            tuple(_instructions_in(instructions, f"{where}.instructions")),
            tuple(counts_in(outputs, f"{where}.outputs")),
            tuple(_guards_in(guards, f"{where}.guards")),
            _labels_in(labels, f"{where}.labels"),
        )
        try:
            check(code)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
        return Variant(code, how, values, self._result(result, len(code.outputs), where))

    def _names(self, count: int, where: str) -> list[str]:
        try:
            return self.arguments.named(count, self.name)
        except TypeError as error:
            raise ValueError(f"{where}: {error}") from None

    def _structure(self, parts: list[Any], names: list[str], where: str) -> Structure:
        found = [
            shape_in(part, f"{where}[{position}]", self.budget, len(name))
            for position, (part, name) in enumerate(zip(parts, names, strict=True))
        ]
        return container(tuple, found)

    def _captured(self, thing: Any, where: str) -> list[Value]:
        positions = counts_in(thing, where)
        for place, position in enumerate(positions):
            if position >= len(self.parameters):
                raise ValueError(
                    f"{where}[{place}] is parameter {shown(position)} of {len(self.parameters)}"
                )
        if len(set(positions)) < len(positions):
            raise ValueError(f"{where} has a parameter twice")
        return [self.parameters[position] for position in positions]

    def _result(self, thing: Any, count: int, where: str) -> Structure:
        before = self.budget.numbers
        structure = shape_in(thing, f"{where}.result", self.budget, 0)
        if self.budget.numbers - before != count:
            raise ValueError(
                f"{where}.result has {self.budget.numbers - before} numbers for {count} outputs"
            )
        return structure


def _arguments_in(names: Any, required: Any, is_open: Any) -> Arguments:
    found = Arguments(
        tuple(text_in(x, f"arguments[{i}]") for i, x in enumerate(list_in(names, "arguments"))),
        count_in(required, "required"),
        flag_in(is_open, "open"),
    )
    if found.required > len(found.names):
        raise ValueError(f"{shown(required)} arguments are required of {len(found.names)}")
    return found


def _uniform_in(thing: Any, arguments: Arguments) -> dict[int, None]:
    positions = counts_in(thing, "uniform")
    for position in positions:
        if position >= len(arguments.names) and not arguments.open:
            raise ValueError(
                f"uniform has {shown(position)}; there are {len(arguments.names)} arguments"
            )
    return dict.fromkeys(positions)


def _parameters_in(thing: Any) -> list[Value]:
    labels, data = values_in(thing, "parameters", "labels data")
    numbers = numbers_in(data, "parameters.data")
    if len(list_in(labels, "parameters.labels")) != len(numbers):
        raise ValueError(f"parameters has {len(labels)} labels for {len(numbers)} numbers")
    return [
        Value(number, None if label is None else text_in(label, f"parameters.labels[{i}]"))
        for i, (number, label) in enumerate(zip(numbers, labels, strict=True))
    ]


def _declared(thing: Any, count: int, where: str) -> int:
    if count_in(thing, where) != count:
        raise ValueError(f"{where} is {shown(thing)}, but there are {count}")
    return count


def _instructions_in(thing: Any, where: str) -> list[Instruction]:
    found = []
    match = _INSTRUCTION.fullmatch
    for position, line in enumerate(list_in(thing, where)):
        parts = match(line) if isinstance(line, str) else None
        if parts is None:
            raise ValueError(
                f'{where}[{position}] has to be an operation and slots, as in "mul 0 1", got '
                f"{shown(line)}"
            )
        name, slots = parts.groups()
        operation = RULES.get(name)
        if operation is None:
            raise ValueError(f"{where}[{position}]: {shown(name)} is not in the rule book")
        found.append(Instruction(operation, tuple(map(int, slots.split()))))
    return found


def _guards_in(thing: Any, where: str) -> list[Guard]:
    found = []
    for position, line in enumerate(list_in(thing, where)):
        parts = _GUARD.fullmatch(line) if isinstance(line, str) else None
        if parts is None:
            raise ValueError(
                f"{where}[{position}] has to be a comparison and its outcome, as in "
                f'"0 > 1 true", got {shown(line)}'
            )
        left, comparison, right, outcome = parts.groups()
        found.append(Guard(int(left), comparison, int(right), outcome == "true"))
    return found


def _labels_in(thing: Any, where: str) -> dict[int, str]:
    if not isinstance(thing, dict):
        raise ValueError(f"{where} has to be an object, got {shown(thing)}")
    found = {}
    for key, label in thing.items():
        if not re.fullmatch(r"0|[1-9][0-9]{0,8}", key):
            raise ValueError(f"{where}: {shown(key)} is not a slot")
        found[int(key)] = text_in(label, f"{where}[{key}]")
    return found
