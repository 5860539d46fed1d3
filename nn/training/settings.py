"""The settings of a training in one record, checked before anything is read or computed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from autograd import SGD, Adagrad, Adam, AdamW, Lion, NAdam, Optimizer, RMSprop
from nn.training.checkpoints import code_of
from nn.training.history import Epoch
from nn.training.schedules import Curve, OnPlateau, Schedule, schedule_named
from nn.validation import bounded, describe, finite, integer, size

OPTIMIZERS: dict[str, Callable[[], Optimizer]] = {
    "adam": lambda: Adam(lr=0.01),
    "adamw": lambda: AdamW(lr=0.01),
    "nadam": lambda: NAdam(lr=0.01),
    "rmsprop": lambda: RMSprop(lr=0.01),
    "adagrad": lambda: Adagrad(lr=0.05),
    "lion": lambda: Lion(lr=0.001),
    "sgd": lambda: SGD(lr=0.1),
    "momentum": lambda: SGD(lr=0.05, momentum=0.9),
}
Callback = Callable[[Epoch], Any]


@dataclass(frozen=True)
class FitSettings:
    """How a model is fitted; see `fit`."""

    epochs: int
    batch_size: int | None
    patience: int | None
    schedule: Curve | OnPlateau | None
    clip_norm: float | None
    clip_value: float | None
    seed: int
    callbacks: tuple[Callback, ...]
    checkpoint: Any
    audit: float
    compiled: bool
    progress: bool | None

    def described(self, schedule: Curve | OnPlateau | None) -> dict[str, str]:
        """Say in texts what has to be the same for a checkpoint to be of the same training.

        Args:
            schedule: As it is for the whole run.
        """
        is_ours = schedule is None or isinstance(schedule, (Schedule, OnPlateau))
        return {
            "the schedule": str(schedule) if is_ours else code_of(schedule),
            "clip": f"norm {self.clip_norm}, value {self.clip_value}",
            "seed": str(self.seed),
        }


def settings_of(
    *,
    epochs: Any,
    batch_size: Any,
    patience: Any,
    schedule: Any,
    clip: Any,
    seed: Any,
    callbacks: Any,
    checkpoint: Any,
    audit: Any,
    compiled: Any,
    progress: Any,
) -> FitSettings:
    """Return the settings, checked.

    Raises:
        TypeError: If one is of the wrong type.
        ValueError: If one is out of its range, or a name is unknown.
        FileNotFoundError: If there is no folder for the checkpoint.
    """
    norm, value = _clips(clip)
    number = integer(seed)
    if number is None or isinstance(seed, bool):
        raise TypeError(f"seed must be an integer, from which all is drawn, got {describe(seed)}")
    return FitSettings(
        epochs=size(epochs, "epochs"),
        batch_size=None if batch_size is None else size(batch_size, "batch_size"),
        patience=None if patience is None else size(patience, "patience"),
        schedule=schedule_named(schedule),
        clip_norm=norm,
        clip_value=value,
        seed=number,
        callbacks=_callbacks(callbacks),
        checkpoint=None if checkpoint is None else _path(checkpoint),
        audit=bounded(audit, "audit", highest=1.0),
        compiled=_truth(compiled, "compiled"),
        progress=None if progress is None else _truth(progress, "progress"),
    )


def optimizer_named(optimizer: Any) -> Optimizer:
    """Return the optimizer of a name; an optimizer as it is.

    Raises:
        TypeError: If it is neither.
        ValueError: If the name is unknown.

    Example:
        >>> optimizer_named("adam")
        Adam(lr=0.01)
    """
    if isinstance(optimizer, str):
        if optimizer.lower() not in OPTIMIZERS:
            near = get_close_matches(optimizer.lower(), OPTIMIZERS, 1)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(
                f"unknown optimizer {optimizer!r}; there are {', '.join(OPTIMIZERS)}{meant}"
            )
        return OPTIMIZERS[optimizer.lower()]()
    if isinstance(optimizer, Optimizer):
        return optimizer
    hint = f"; write {optimizer.__name__}(lr=...)" if isinstance(optimizer, type) else ""
    raise TypeError(
        f"optimizer must be a name or an optimizer such as Adam(lr=0.01), got "
        f"{describe(optimizer)}{hint}"
    )


def like(optimizer: Any) -> Optimizer:
    """Return a new optimizer of the same kind and settings, which has stepped nothing."""
    named = optimizer_named(optimizer)
    made: Optimizer = type(named)(**named.state_dict()["settings"])
    return made


def _path(path: Any) -> str | bytes:
    try:
        known: str | bytes = os.fspath(path)
    except TypeError:
        raise TypeError(f"checkpoint must be the path of a file, got {describe(path)}") from None
    if not known:
        raise ValueError("checkpoint is an empty path; give the path of a file, or None for none")
    folder = os.path.dirname(os.path.abspath(known))
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"checkpoint={known!r}: there is no folder {folder!r}")
    return known


def _clips(clip: Any) -> tuple[float | None, float | None]:
    """Return the largest norm of the gradient, and of a component."""
    if clip is None:
        return None, None
    if isinstance(clip, Mapping):
        strange = [name for name in clip if name not in ("norm", "value")]
        if strange or not clip:
            raise ValueError(f"clip has norm, value or both, got {dict(clip)!r}")
        norm, value = clip.get("norm"), clip.get("value")
    else:
        norm, value = clip, None
    return _positive(norm, "clip"), _positive(value, "clip['value']")


def _positive(number: Any, name: str) -> float | None:
    if number is None:
        return None
    if finite(number, name) <= 0.0:
        raise ValueError(f"{name} must be above 0, got {number}")
    return float(number)


def _callbacks(given: Any) -> tuple[Callback, ...]:
    if given is None:
        return ()
    several = (given,) if callable(given) or not isinstance(given, Iterable) else tuple(given)
    for callback in several:
        if not callable(callback):
            raise TypeError(
                f"a callback is a function of an epoch's record, got {describe(callback)}"
            )
    return several


def _truth(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, got {describe(value)}")
    return value
