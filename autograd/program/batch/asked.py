"""What is asked of rows: one record, handed on from the call to whatever runs it."""

from __future__ import annotations

from typing import NamedTuple


class Asked(NamedTuple):
    """What a call on rows wants.

    Attributes:
        reduce: None, "sum" or "mean".
        not_finite: "raise" or "keep".
        threads: How many share the rows; None: as many as pay.
        by: What the result is differentiated by: "rows", the arguments that have rows; "uniform",
            those that are the same for all; None, nothing. Reduced, by all that is the same.
    """

    reduce: str | None = None
    not_finite: str = "raise"
    threads: int | None = None
    by: str | None = None

    @property
    def is_reduced(self) -> bool:
        """Whether a sum or mean over the rows is wanted."""
        return self.reduce is not None

    @property
    def way(self) -> tuple[str | None, str, str | None]:
        """What decides which code runs, and what counts as an error."""
        return self.reduce, self.not_finite, self.by

    def checked(self) -> Asked:
        """Return it, if it can be asked for.

        Raises:
            ValueError: If something in it is none of what there is.
        """
        if self.reduce not in (None, "sum", "mean"):
            raise ValueError(f"reduce is None, 'sum' or 'mean', not {self.reduce!r}")
        if self.not_finite not in ("raise", "keep"):
            raise ValueError(f"not_finite is 'raise' or 'keep', not {self.not_finite!r}")
        threads = self.threads
        if threads is not None and (not isinstance(threads, int) or threads < 1):
            raise ValueError(f"threads is a number of threads or None, not {threads!r}")
        if self.by not in (None, "rows", "uniform"):
            raise ValueError(f"by is 'rows' or 'uniform', not {self.by!r}")
        return self
