"""Deviations: what the comparison of an exported file with its model found."""

from __future__ import annotations

from dataclasses import dataclass

from autograd.streams import printed_anywhere


@dataclass(frozen=True)
class Deviation:
    """A number of an exported file beside the model's.

    Attributes:
        place: What it is: an output, y_1, or an activation, a_1^(2).
        row: Which row it was computed for, counted from 0.
        inputs: The row.
        found: What the exported file gave.
        expected: What the model gives.
        ulp: Their distance in units in the last place of the model's number, in the file's type.
    """

    place: str
    row: int
    inputs: tuple[float, ...]
    found: float
    expected: float
    ulp: float


@printed_anywhere
@dataclass(frozen=True)
class Deviations:
    """What an exported file computes, compared with its model; print it.

    Attributes:
        path: The file.
        tool: What ran it.
        dtype: The type of its numbers.
        rows: How many rows were compared.
        beyond: How many more were given that overflow, in the model or in the file's type.
        largest: Where an output is farthest from the model's, in ulp; None if all are the same.
        first: The first node that is farther from what the model makes of the same inputs of its
            layer than the rounding of the type explains: of the first layer that has one, the
            farthest. None if there is none.
        derivatives: How many rows the derivatives were compared on, where the file has them.
        wrong: The derivative that is farthest beyond what rounding explains; None if none is.
        answers: What was held against what the outputs mean: "probabilities", "labels".

    Example:
        >>> print(Deviations("net.h", "gcc 12", "double", 40, 2, None, None))
        net.h agrees with the model: gcc 12, double
          rows     40 compared, 2 more overflow
          largest  none: every output has the model's bits
    """

    path: str
    tool: str
    dtype: str
    rows: int
    beyond: int
    largest: Deviation | None
    first: Deviation | None
    derivatives: int = 0
    wrong: Deviation | None = None
    answers: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether rounding explains every difference, and there was something to compare."""
        return self.first is None and self.wrong is None and self.rows > 0

    @property
    def ulp(self) -> float:
        """The largest deviation of an output from the model's, in ulp of the file's type."""
        return 0.0 if self.largest is None else self.largest.ulp

    def __str__(self) -> str:
        verdict = "agrees with" if self.agrees else "DEVIATES from"
        if self.rows == 0 and self.first is None and self.wrong is None:
            verdict = "was NOT COMPARED, all rows overflow, with"
        beyond = f", {self.beyond} more overflow" if self.beyond else ""
        lines = [f"{self.path} {verdict} the model: {self.tool}, {self.dtype}"]
        lines.append(f"  rows     {self.rows} compared{beyond}")
        if self.largest is None:
            lines.append("  largest  none: every output has the model's bits")
        else:
            lines += self._told("largest", self.largest)
        if self.first is not None:
            lines += self._told("first", self.first)
            lines.append("           more than rounding explains, from the inputs of its layer")
        if self.answers:
            lines.append(f"  answers  {' and '.join(self.answers)} of every row compared, too")
        if self.derivatives:
            right = "; rounding explains every difference" if self.wrong is None else ""
            lines.append(f"  slopes   by all inputs and parameters, {self.derivatives} rows{right}")
        if self.wrong is not None:
            lines += self._told("wrong", self.wrong)
        return "\n".join(lines)

    def _told(self, word: str, one: Deviation) -> list[str]:
        inputs = ", ".join([f"{x:.6g}" for x in one.inputs[:4]])
        more = f", … {len(one.inputs)} numbers" if len(one.inputs) > 4 else ""
        return [
            f"  {word:<7}  {one.place} is {one.found!r}, the model has {one.expected!r}: "
            f"{one.ulp:.4g} ulp",
            f"           at row {one.row}, x = [{inputs}{more}]",
        ]

    __repr__ = __str__
