"""A training from its settings to a model with its history, epoch by epoch."""

from __future__ import annotations

import time
from collections.abc import Generator
from copy import deepcopy
from random import Random
from typing import Any

from autograd.streams import for_stream, printed_anywhere
from nn.choices import LossArgument, OptimizerArgument
from nn.measuring.metrics import metrics_named
from nn.remembering import Remembered
from nn.training.checkpoints import read_checkpoint, write_checkpoint
from nn.training.history import Epoch, History
from nn.training.looking import Look
from nn.training.problem import Problem
from nn.training.progress import Progress
from nn.training.schedules import OnPlateau, Schedule
from nn.training.settings import optimizer_named, settings_of
from nn.training.standing import Standing, numbers_of, set_numbers, unpacked
from nn.training.stepping import Stepper, mean_of

_BATCH = 32
_TURN = 0.05  # seconds that the machine works before something is shown or saved
_SAVING = 0.03  # the part of the time that checkpoints may take
_AHEAD = 4096  # steps whose rows are laid out together

# How far the random numbers of a model's trainings were used, by seed: the next call goes on.
_ORDERS: Remembered[dict[Any, Any]] = Remembered()


@printed_anywhere
class Training:
    """A training that waits to be run, epoch by epoch: `for epoch in Training(...)`.

    The arguments are those of `fit`, which runs it to its end.

    Attributes:
        problem: What is fitted to what.
        optimizer: What steps it.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [4, 1], "tanh", seed=1)
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> for epoch in Training(model, X, y, loss="bce_with_logits", epochs=3):
        ...     print(epoch.number, epoch.steps)
        1 1
        2 2
        3 3
        >>> training = Training(model, X, y, loss="bce_with_logits", epochs=2)
        >>> training.run() is training.history, len(training.history)
        (True, 2)
    """

    def __init__(
        self,
        model: Any,
        X: Any,
        y: Any,
        *,
        loss: LossArgument | None = None,
        optimizer: OptimizerArgument = "adam",
        epochs: int = 100,
        batch_size: int | None = None,
        validation: Any = None,
        patience: int | None = None,
        metrics: Any = (),
        schedule: Any = None,
        clip: Any = None,
        seed: int = 0,
        callbacks: Any = (),
        checkpoint: Any = None,
        audit: float = 0.0,
        compiled: bool = True,
        progress: bool | None = None,
        classes: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
    ) -> None:
        self.settings = settings_of(
            epochs=epochs,
            batch_size=batch_size,
            patience=patience,
            schedule=schedule,
            clip=clip,
            seed=seed,
            callbacks=callbacks,
            checkpoint=checkpoint,
            audit=audit,
            compiled=compiled,
            progress=progress,
        )
        self.optimizer = optimizer_named(optimizer)
        measured = metrics_named(metrics)
        self.problem = Problem(
            model, X, y, loss, validation, self.settings.seed, classes, sample_weight, class_weight
        )
        self.problem.require_sense(compiled)
        self._look = Look(self.problem, measured, self.settings.epochs, compiled)
        if patience is not None and self.problem.held_out is None:
            raise ValueError(
                "patience waits for a better validation loss; give validation=(X, y), or the part "
                "of the rows to hold out, such as validation=0.2"
            )
        size, rows = self.settings.batch_size, self.problem.examples.rows
        if size is not None and size > rows:
            raise ValueError(f"batch_size is {size}, but there are {rows} rows to train by")
        self._size = min(_BATCH, rows) if size is None else size
        self._steps_per_epoch = -(-rows // self._size)
        stepped = self.optimizer.parameters
        if stepped and {*map(id, stepped)} != {*map(id, self.problem.parameters)}:
            raise ValueError(
                f"this {type(self.optimizer).__name__} steps the parameters of another model; give "
                f"a new one, such as {type(self.optimizer).__name__}(lr={self.optimizer.lr:g})"
            )
        self._prepare()

    def _prepare(self) -> None:
        """Make what steps, at the start or where a checkpoint left off."""
        settings, optimizer = self.settings, self.optimizer
        schedule = settings.schedule
        if isinstance(schedule, Schedule):
            schedule = schedule.over(settings.epochs * self._steps_per_epoch)
        self._plateau = schedule if isinstance(schedule, OnPlateau) else None
        self._lr = optimizer.lr
        self._of = {
            **self.problem.described(),
            **settings.described(schedule),
            "the optimizer": repr(optimizer),
            "batch_size": str(self._size),
        }
        self._values = self.problem.parameters
        self._standing = Standing(History(), Random(settings.seed))
        found = None if settings.checkpoint is None else read_checkpoint(settings.checkpoint)
        if found is not None:
            found.refuse_others(self._of, settings.checkpoint)
            self._standing = unpacked(found, optimizer, self._values, settings.checkpoint)
        elif not optimizer.orders:
            optimizer.orders.update(deepcopy(_ORDERS.get(self.problem.model) or {}))
        self.history.held_out = self.problem.held_out_rows
        self.stepper = Stepper(
            self.problem,
            settings,
            None if isinstance(schedule, OnPlateau) else schedule,
            self._size,
            optimizer,
            self._standing,
        )
        self._pace = 64  # steps in a turn
        self.problem.tell_model()

    @property
    def history(self) -> History:
        """What is behind it."""
        return self._standing.history

    # --- Running ----------------------------------------------------------------------------------

    def __len__(self) -> int:
        """Return how many epochs there will be at most."""
        return self.settings.epochs

    def __repr__(self) -> str:
        epochs = f"{len(self.history.epochs)} of {self.settings.epochs} epochs"
        return for_stream(f"<Training of {self.problem.model!r} by {self.optimizer!r}, {epochs}>")

    def run(self) -> History:
        """Train to the end and return the history."""
        epochs = self.__iter__()
        try:
            for _ in epochs:
                pass
        except KeyboardInterrupt:  # between two epochs
            self.history.stopped = "interrupt"
            epochs.close()  # ends as any that was interrupted, and not by the last reference to it
        return self.history

    def __iter__(self) -> Generator[Epoch, None, None]:
        """Train epoch by epoch, as far as epochs are asked for.

        Raises:
            RuntimeError: If it was interrupted, or diverged: its last steps are not in the history.
        """
        if self.history.stopped in ("interrupt", "diverged"):
            raise RuntimeError(
                f"this training was ended by {self.history.cause}; make another, which goes on "
                "from its checkpoint if there is one"
            )
        if self.history.stopped == "patience":
            self.history.stopped = "epochs"
        steps = self.settings.epochs * self._steps_per_epoch
        self._progress = Progress(self.settings.progress, steps)
        self._began = self._saved = time.perf_counter()
        self._cost = 0.0  # seconds of the latest saving
        try:
            if not self.history.epochs and not self._standing.losses:
                self._look.warn_of_dead_layers(self._size)
            while not self._is_over():
                yield self._epoch()
        except KeyboardInterrupt:
            self.history.stopped = "interrupt"
        finally:
            try:
                self._end()
            except KeyboardInterrupt:  # what is half done is done
                self._end()
                self.history.stopped = "interrupt"

    def _is_over(self) -> bool:
        history, patience = self.history, self.settings.patience
        best = history.best
        if patience and best is not None and history[-1].number - best >= patience:
            history.stopped = "patience"
            return True
        return history.stopped == "callback" or len(history) >= self.settings.epochs

    def _epoch(self) -> Epoch:
        """Train until the epoch is over, and look."""
        standing = self._standing
        while len(standing.losses) < self._steps_per_epoch:
            self._turn()
        number = len(self.history) + 1
        steps = standing.steps_done + len(standing.losses)
        epoch = Epoch(
            number=number,
            steps=steps,
            loss=standing.mean_loss(self.problem.examples.rows, self._size),
            validation_loss=self._look.loss(),
            metrics=self._look.metrics(),
            lr=self.stepper.rate(steps - 1),
            gradient_norm=mean_of(standing.norms),
            dead_units=self._look.dead_units(number, standing.dead_units),
            seconds=standing.seconds + time.perf_counter() - self._began,
        )
        self.stepper.require_hope(epoch.loss)
        if number == 1:
            self._look.warn_of_no_gradient(epoch.loss, standing.norms)
        self._keep(epoch)
        for callback in self.settings.callbacks:
            if callback(epoch):
                self.history.stopped = "callback"
        self._save(at_once=self._is_over())
        return epoch

    def _turn(self) -> None:
        """Take some steps of the epoch, as many as take the time of a turn."""
        standing = self._standing
        left = self._steps_per_epoch - len(standing.losses)
        steps = 1 if self.settings.audit else min(left, self._pace)
        began = time.perf_counter()
        losses = self.stepper.run(steps, min(self._steps_left - steps, _AHEAD))
        took = time.perf_counter() - began
        self._pace = max(1, min(2 * steps, int(steps * _TURN / max(took, 1e-9))))
        done = standing.steps_done + len(standing.losses)
        self._progress(done, f"epoch {len(self.history) + 1}, loss {losses[-1]:.4g}")
        self._save(at_once=False)

    @property
    def _steps_left(self) -> int:
        total = self.settings.epochs * self._steps_per_epoch
        return total - self._standing.steps_done - len(self._standing.losses)

    def _keep(self, epoch: Epoch) -> None:
        history, loss = self.history, epoch.validation_loss
        is_best = loss is not None and loss < history.best_loss
        history.epochs.append(epoch)
        self._standing.losses, self._standing.norms = [], []
        if is_best:
            self._standing.best, history.best = numbers_of(self._values), epoch.number
        if self._plateau is not None:
            watched = [
                each.loss if each.validation_loss is None else each.validation_loss
                for each in history
            ]
            self.optimizer.lr = self._plateau.lowered(self.optimizer.lr, watched)

    def _end(self) -> None:
        """Leave the model at its best, and the optimizer as the user gave it."""
        self.optimizer.lr = self._lr
        best = self._standing.best
        if best is not None and self.history.stopped not in ("interrupt", "diverged"):
            set_numbers(self._values, best)
        else:
            self.history.best = None
        _ORDERS.set(self.problem.model, deepcopy(self.optimizer.orders))
        self._progress.close(self.history.summary())

    def _save(self, at_once: bool) -> None:
        """Write a checkpoint, if it is due: saving takes a small part of the time."""
        path, began = self.settings.checkpoint, time.perf_counter()
        if path is None or (not at_once and began - self._saved < self._cost / _SAVING):
            return
        seconds = self._standing.seconds + began - self._began
        packed = self._standing.packed(self._of, self.optimizer, self._values, seconds)
        write_checkpoint(path, packed)
        self._saved = time.perf_counter()
        self._cost = self._saved - began


def forget_orders(model: Any) -> None:
    """Let the next training of a model begin with the first order of its rows."""
    _ORDERS.forget(model)
