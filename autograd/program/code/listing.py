"""Listing: code as people read it, one instruction per line, with the user's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from autograd import primitives
from autograd.primitive import Primitive
from autograd.program.code.instructions import Code

_REMOVED = {"dead": "dropped"}
_MOST_NAMES = 4  # of a row of operands; longer ones show their ends
_MOST_GIVEN = 8
_WIDEST = 72  # labels are aligned behind the longest line up to here


def listing(
    code: Code,
    names: Sequence[str],
    removed: Mapping[str, int] | None = None,
    lines: int | None = 40,
) -> str:
    """Return code as text.

    Args:
        code: What to show.
        names: The names of the inputs, then of the parameters.
        removed: How many instructions simplification removed, by what it did.
        lines: The most lines of instructions to show, from both ends; None shows all.

    Raises:
        ValueError: If there is not one name for every input and parameter.

    Example:
        >>> from autograd import Value, tanh
        >>> from autograd.program.record.tracing import code_of
        >>> x, y = Value(1.0, "x"), Value(2.0, "y")
        >>> a = tanh(x * y + 1.0)
        >>> a.label = "a"
        >>> code, _ = code_of([a * x], [x, y], 2)
        >>> print(listing(code, ["x", "y"], {"folded": 1}))
        inputs  x, y
        t1 = x * y
        t2 = t1 + 1
        a  = tanh(t2)
        t4 = a * x
        -> t4
        4 instructions after simplification: 1 folded
    """
    if len(names) != code.first_constant:
        raise ValueError(
            f"the code has {code.first_constant} inputs and parameters; got {len(names)} names"
        )
    return "\n".join(_Listing(code, names).lines(removed or {}, lines))


class _Listing:
    def __init__(self, code: Code, names: Sequence[str]) -> None:
        self.code = code
        self.names = [*names, *map(_number, code.constants)]
        taken = set(names)
        letter = next(x for x in ("t", "v", "s", "step") if f"{x}1" not in taken)
        for position in range(len(code.instructions)):
            label = code.labels.get(code.first_result + position, "")
            if not _is_name(label) or label in taken:
                label = f"{letter}{position + 1}"
            taken.add(label)
            self.names.append(label)

    def lines(self, removed: Mapping[str, int], most: int | None) -> Iterator[str]:
        code, names = self.code, self.names
        heads = [("inputs", names[: code.inputs])]
        heads += [("parameters", names[code.inputs : code.first_constant])] * bool(code.parameters)
        column = max([len(head) for head, _ in heads])
        for head, given in heads:
            yield f"{head:<{column}}  {_shortened(given, _MOST_GIVEN) or 'none'}"
        body = self._body()
        yield from body if most is None or len(body) <= most else _ends(body, most)
        yield f"-> {_shortened([names[slot] for slot in code.outputs], _MOST_GIVEN)}"
        count = len(code.instructions)
        reasons = [
            f"{number} {_REMOVED.get(reason, reason)}"
            for reason, number in removed.items()
            if number
        ]
        told = f"{count:,} instruction{'s' * (count != 1)}"
        yield told + (f" after simplification: {', '.join(reasons)}" if reasons else "")

    def _body(self) -> list[str]:
        code, names = self.code, self.names
        due: dict[int, list[str]] = {}
        for left, comparison, right, outcome in code.guards:
            text = f"guard  {names[left]} {comparison} {names[right]} is {outcome}"
            last = max(left, right)
            due.setdefault(last if last >= code.first_result else -1, []).append(text)
        own = names[code.first_result :]
        column = max([len(name) for name in own if len(name) <= 12], default=0)
        rows: list[tuple[str, str]] = [(text, "") for text in due.get(-1, ())]
        for position, (operation, operands) in enumerate(code.instructions):
            slot = code.first_result + position
            name = names[slot]
            label = code.labels.get(slot, "")
            text = self._expression(operation, [names[operand] for operand in operands])
            shown = "".join([c if c.isprintable() else " " for c in label])
            rows.append((f"{name:<{column}} = {text}", "" if label == name else shown))
            rows += [(text, "") for text in due.get(slot, ())]
        lengths = [len(text) for text, label in rows if label and len(text) <= _WIDEST]
        edge = max(lengths, default=0)
        return [f"{text:<{edge}}   {label}" if label else text for text, label in rows]

    def _expression(self, operation: Primitive, operands: Sequence[str]) -> str:
        if operation.binding:  # an operator
            return (
                f" {operation.symbol} ".join(operands) if len(operands) > 1 else f"-{operands[0]}"
            )
        if operation is primitives.dot:
            size = len(operands) // 2
            left, right = _row(operands[:size]), _row(operands[size : 2 * size])
            bias = f" + {operands[-1]}" if len(operands) % 2 else ""
            return f"dot({left}, {right}){bias}"
        if operation.is_variadic:
            return f"{operation.name}({_row(operands)})"
        return f"{operation.name}({', '.join(operands)})"


def _ends(body: Sequence[str], most: int) -> Iterator[str]:
    first = (most - 1) * 2 // 3
    last = most - 1 - first
    yield from body[:first]
    yield f"…  {len(body) - first - last:,} more lines"
    yield from body[len(body) - last :]


def _row(names: Sequence[str]) -> str:
    return f"[{_shortened(names, _MOST_NAMES)}]"


def _shortened(names: Sequence[str], most: int) -> str:
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: max(1, most - 3)])} … {names[-1]} ({len(names)})"


def _number(number: float) -> str:
    return f"{number:.0f}" if number.is_integer() and abs(number) < 1e6 else repr(number)


def _is_name(label: str) -> bool:
    return label.isprintable() and label.isidentifier() and len(label) <= 12
