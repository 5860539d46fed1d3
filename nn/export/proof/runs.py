"""What exported files compute, and how it is asked of them.

Rows go in and results come out as 64-bit floats, so that no digit is lost on the way.
"""

from __future__ import annotations

import os
import subprocess
from array import array
from collections.abc import Sequence
from typing import NamedTuple

from autograd.files import read_file
from nn.export.carried import Carried

Rows = list[list[float]]

MOST_BYTES = 1 << 30  # of a file that is run
_SECONDS = 300


class ExportedRun(NamedTuple):
    """What an exported file computed.

    Attributes:
        tool: What ran it.
        dtype: The type of its numbers.
        activations: Of every stage, computed from those of the one before: stages × rows × units.
        outputs: Of the whole: rows × units.
        probabilities: Where the file has them.
        codes: Where the file has labels: the place of each row's label among the classes; −1 of a
            label that is none.
        gradients: Where the file has them: the derivatives of the outputs, each times its number in
            `weighting`, by the inputs and all parameters; one list per row.
    """

    tool: str
    dtype: str
    activations: list[Rows]
    outputs: Rows
    probabilities: Rows | None = None
    codes: list[float] | None = None
    gradients: Rows | None = None


def stage_sizes(carried: Carried) -> list[int]:
    """Return the number of inputs, and of what each stage gives: the scale, if any, and layers."""
    scaled = [carried.inputs] * (carried.scaler is not None)
    return [carried.inputs, *scaled, *(layer.units for layer in carried.layers)]


def answer_sizes(carried: Carried) -> tuple[int, int]:
    """Return how many probabilities there are, and how many labels of an example."""
    answers = carried.answers
    return (0, 0) if answers is None else (answers.probabilities, int(answers.classes is not None))


def text_of(path: str) -> str:
    """Return the text of a file."""
    return read_file(path, MOST_BYTES).decode("utf-8")


def put(folder: str, name: str, text: str) -> str:
    """Write a file into a folder, and return its path."""
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def as_bytes(rows: Rows) -> bytes:
    """Return the numbers of rows, one after the other."""
    return b"".join(array("d", row).tobytes() for row in rows)


def result_of(command: Sequence[str], data: bytes, path: str) -> bytes:
    """Return what a command writes that is given data.

    Raises:
        ValueError: If it fails, or does not end.
    """
    tool = os.path.basename(command[0])
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        raise ValueError(f"{path!r} does not end: {tool} ran for {_SECONDS} s") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()[-1500:]
        raise ValueError(f"{path!r} does not run: {tool} ended with {done.returncode}: {said}")
    return done.stdout


def taken_apart(
    tool: str, dtype: str, data: bytes, carried: Carried, rows: Rows, derivatives: int = 0
) -> ExportedRun:
    """Return what was written for every row: stages, outputs, probabilities, label, derivatives.

    Raises:
        ValueError: If there is more, or less.
    """
    stages, (count, labels) = stage_sizes(carried)[1:], answer_sizes(carried)
    sizes = (*stages, carried.outputs, count, labels, derivatives)
    width = sum(sizes)
    if len(data) != 8 * len(rows) * width:
        raise ValueError(f"{tool} gave {len(data)} bytes for {len(rows)} rows: other sizes")
    numbers = array("d", data)
    parts: list[Rows] = []
    begin = 0
    for size in sizes:
        starts = range(begin, len(numbers), width)
        parts.append([numbers[start : start + size].tolist() for start in starts])
        begin += size
    *activations, outputs, probabilities, codes, gradients = parts
    return ExportedRun(
        tool,
        dtype,
        activations,
        outputs,
        probabilities if count else None,
        [code for (code,) in codes] if labels else None,
        gradients if derivatives else None,
    )


def weighting(outputs: int) -> list[float]:
    """Return the numbers that outputs are multiplied with where derivatives of one are compared.

    Example:
        >>> weighting(4)
        [-0.625, -0.375, -0.125, 0.125]
    """
    return [(place % 7 - 2.5) / 4.0 for place in range(outputs)]
