"""Work in other processes: through any executor, each piece of it tried twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from typing import Any

from nn.validation import describe


class WorkerError(RuntimeError):
    """A piece of work whose worker died twice."""


def gathered(
    executor: Any, work: Callable[..., Any], pieces: Sequence[tuple[Any, ...]]
) -> list[Any]:
    """Return the results of `work(*piece)` for each piece, in their order.

    Where a worker died its result is a `WorkerError`: all others are there. What the work itself
    raises is raised.

    Args:
        executor: Anything with `submit(function, *args)` that returns futures; None works here.
        work: A function that workers can import.
        pieces: Its arguments.

    Raises:
        TypeError: If the executor has no submit.

    Example:
        >>> gathered(None, pow, [(2, 3), (2, 4)])
        [8, 16]
    """
    if executor is None:
        return [work(*piece) for piece in pieces]
    if not callable(getattr(executor, "submit", None)):
        raise TypeError(
            f"executor must have submit(function, ...), such as a ProcessPoolExecutor, got "
            f"{describe(executor)}"
        )
    futures = [_asked(executor, work, piece) for piece in pieces]
    results = [_result(future) for future in futures]
    for place, found in enumerate(results):
        if isinstance(found, WorkerError):
            results[place] = _again(executor, found, work, pieces[place])
    return results


def _done(work: Callable[..., Any], piece: tuple[Any, ...]) -> tuple[bool, Any]:
    """Return what work returns, or raises: what comes otherwise is the death of a worker."""
    try:
        return True, work(*piece)
    except Exception as error:
        return False, error


def _asked(executor: Any, work: Callable[..., Any], piece: tuple[Any, ...]) -> Any:
    """Return the future of a piece of work; why it has none, where all workers are gone."""
    try:
        return executor.submit(_done, work, piece)
    except BrokenExecutor as error:
        return error


def _result(future: Any) -> Any:
    try:
        if isinstance(future, BaseException):
            raise future
        is_done, found = future.result()
    except Exception as error:
        death = WorkerError(f"its worker died: {type(error).__name__}: {error}".rstrip(": "))
        death.__cause__ = error
        return death
    if not is_done:
        raise found
    return found


def _again(executor: Any, died: WorkerError, work: Callable[..., Any], piece: Any) -> Any:
    """Try once more: in a process of its own where one death took all workers along."""
    if not isinstance(died.__cause__, BrokenExecutor):
        return _result(_asked(executor, work, piece))
    with ProcessPoolExecutor(1) as pool:
        return _result(pool.submit(_done, work, piece))
