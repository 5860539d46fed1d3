"""What `state_dict` of an optimizer holds, read back with suspicion: it may come from any file."""

from __future__ import annotations

import random
from array import array
from collections.abc import Sequence
from typing import Any

from autograd.optimizers.row_streams import MOST_ROWS, Layout, Stream, Streams
from autograd.optimizers.settings import number


def fields_of(state: Any, names: str) -> list[Any]:
    """Return the values of a dict that has these keys and no others.

    Example:
        >>> fields_of({"lr": 0.1}, "lr momentum")
        Traceback (most recent call last):
          ...
        ValueError: the state of an optimizer has lr, momentum; got ['lr']
    """
    wanted = names.split()
    if not isinstance(state, dict) or set(state) != set(wanted):
        got = list(state) if isinstance(state, dict) else type(state).__name__
        raise ValueError(f"the state of an optimizer has {', '.join(wanted)}; got {got}")
    return [state[name] for name in wanted]


def labels_of(labels: Any) -> list[str | None]:
    """Return the labels of the parameters that a state belongs to."""
    if not isinstance(labels, list) or not all(x is None or isinstance(x, str) for x in labels):
        raise ValueError("parameters of a state have to be a list of their labels")
    return labels[:]


def check_labels(expected: Sequence[str | None], labels: Sequence[str | None], owner: str) -> None:
    """Refuse parameters that a state does not belong to.

    Raises:
        ValueError: If there are more or fewer, or one has another label.

    Example:
        >>> check_labels(["w", None], ["w", "b"], "SGD")
        >>> check_labels(["w", "b"], ["w"], "SGD")
        Traceback (most recent call last):
          ...
        ValueError: the state of SGD is that of 2 parameters, not of 1
    """
    if len(expected) != len(labels):
        raise ValueError(
            f"the state of {owner} is that of {len(expected)} parameters, not of {len(labels)}"
        )
    for position, (one, other) in enumerate(zip(expected, labels, strict=True)):
        if None not in (one, other) and one != other:
            raise ValueError(
                f"the state of {owner} is that of other parameters: number {position} was {one!r}, "
                f"and is {other!r}"
            )


def memory_of(memory: Any, names: Sequence[str], count: int) -> array[float]:
    """Return the lists of so many finite numbers that have these names, one after the other."""
    found = array("d")
    if not isinstance(memory, dict) or set(memory) != set(names):
        got = list(memory) if isinstance(memory, dict) else type(memory).__name__
        raise ValueError(f"the memory of a state has to have {', '.join(names)}; got {got}")
    for name in names:
        if not isinstance(memory[name], list) or len(memory[name]) != count:
            raise ValueError(f"{name} of a state has to be a list of {count} numbers")
        found.extend(number(x, f"{name}[{k}] of a state") for k, x in enumerate(memory[name]))
    return found


def steps_of(steps: Any) -> int:
    """Return a whole number from 0."""
    if isinstance(steps, bool) or not isinstance(steps, int) or not 0 <= steps < 1 << 63:
        raise ValueError(f"steps of a state have to be a whole number from 0, got {steps!r:.60}")
    return steps


def streams_written(streams: Streams) -> list[list[Any]]:
    """Return orders of rows as plain data: seed, random state, layout, batches taken."""
    return [
        [seed, [state[0], list(state[1]), state[2]], list(layout) if layout else None, taken]
        for seed, state, layout, taken in [
            (seed, stream.state, stream.layout, stream.taken) for seed, stream in streams.items()
        ]
    ]


def streams_read(written: Any) -> Streams:
    """Return the orders of rows that `streams_written` wrote.

    Raises:
        ValueError: If it wrote something else.

    Example:
        >>> streams = {3: Stream(3)}
        >>> streams_read(streams_written(streams))[3].state == streams[3].state
        True
    """
    found: Streams = {}
    try:
        for seed, (version, numbers, gauss), layout, taken in written:
            stream = found[seed] = Stream(0)
            random.Random().setstate((version, tuple(numbers), gauss))  # refuses what is none
            stream.state = (version, tuple(numbers), gauss)
            stream.layout = None if layout is None else _layout_of(*layout)
            stream.taken = steps_of(taken)
            if stream.taken * (layout[1] if layout else 1) > MOST_ROWS + (
                layout[0] if layout else 0
            ):
                raise ValueError(f"{taken} batches are more than are laid out at once")
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"orders of a state are damaged: {error}") from None
    return found


def _layout_of(rows: int, size: int, shuffles: bool) -> Layout:
    if not 1 <= steps_of(size) <= steps_of(rows):
        raise ValueError(f"no batches of {size} are made of {rows} rows")
    return rows, size, bool(shuffles)
