"""`fit`: one call from rows and targets to a trained model, and `partial_fit`, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from autograd import Optimizer
from nn.module import Module
from nn.reading.loss_table import LOSSES
from nn.remembering import Remembered
from nn.training.history import History
from nn.training.problem import told_of
from nn.training.runs import Training
from nn.training.settings import optimizer_named

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# What other libraries call arguments of ours, or have in their place.
_ELSEWHERE = {
    "lr": "optimizer=Adam(lr=...)",
    "learning_rate": "optimizer=Adam(lr=...)",
    "learning_rate_init": "optimizer=Adam(lr=...)",
    "weight_decay": "optimizer=AdamW(weight_decay=...)",
    "max_iter": "epochs=...",
    "n_epochs": "epochs=...",
    "validation_data": "validation=(X, y)",
    "validation_split": "validation=0.2",
    "early_stopping": "validation=0.2, patience=10",
    "verbose": "progress=True",
    "random_state": "seed=...",
    "scheduler": "schedule=...",
    "n_iter_no_change": "patience=...",
    "validation_fraction": "validation=0.2",
    "weights": "sample_weight=...",
    "solver": 'optimizer="adam"',
    "criterion": 'loss="mse"',
    "alpha": "optimizer=AdamW(weight_decay=...)",
    "momentum": "optimizer=SGD(lr=..., momentum=...)",
    "max_norm": "clip=...",
    "clipnorm": 'clip={"norm": ...}',
    "clipvalue": 'clip={"value": ...}',
    "shuffle": "seed=..., from which the order of each epoch is drawn",
    "warm_start": "fit(...) again: a model goes on from where it is",
}

_OF_A_PART = (
    "audit", "batch_size", "class_weight", "clip", "compiled", "sample_weight", "seed",
)  # fmt: skip

# What steps the models that are fitted batch by batch, with its name.
_GOING_ON: Remembered[tuple[str, Optimizer]] = Remembered()


def require_known(options: Iterable[str], caller: str) -> None:
    """Refuse options that `fit` has not, with what they are called here.

    Args:
        options: Their names.
        caller: The function that they were given to.

    Raises:
        TypeError: If one is unknown.

    Example:
        >>> require_known(["validation_split"], "fit")
        Traceback (most recent call last):
            ...
        TypeError: fit has no argument 'validation_split'; write validation=0.2
    """
    known = signature(Training).parameters
    for name in options:
        if name not in known:
            near = get_close_matches(name, known, 1)
            meant = _ELSEWHERE.get(name, f"{near[0]}=..." if near else "")
            raise TypeError(
                f"{caller} has no argument {name!r}" + (f"; write {meant}" if meant else "")
            )


def _taking(
    arguments: Callable[Arguments, Any],
) -> Callable[[Callable[..., Result]], Callable[Arguments, Result]]:
    """Give a function the arguments of another: they are stated there."""
    known = signature(arguments)

    def decorate(function: Callable[..., Result]) -> Callable[Arguments, Result]:
        @wraps(function)
        def call(*args: Arguments.args, **options: Arguments.kwargs) -> Result:
            require_known(options, function.__name__)
            try:
                known.bind(*args, **options)
            except TypeError as error:
                raise TypeError(f"{function.__name__}(model, X, y, name=...): {error}") from None
            return function(*args, **options)

        returned = signature(function).return_annotation
        vars(call)["__signature__"] = known.replace(return_annotation=returned)
        return call

    return decorate


@_taking(Training)
def fit(*args: Any, **options: Any) -> History:
    """Train a model on rows and targets; return the history of its epochs.

    Compiled: the steps of an epoch run inside the machine. The model is left with the parameters of
    the lowest validation loss, or without validation with the last ones. It remembers classes, task
    and loss, for `predict`. Ctrl-C ends the training and keeps the steps so far.

    Args:
        model: A `Module` that is called with the numbers of a row: an MLP, a Layer, your own.
        X: The rows: lists, an array of NumPy, a table of pandas, a buffer.
        y: Their targets: numbers, or classes as integers, texts or rows with a single one.
        loss: The name of a loss of `nn.losses`, or a function of outputs and target; None takes
            what fits the model and the targets. One output takes whole numbers for numbers, with a
            warning if they look like labels, as 0, 1, 2 do.
        optimizer: An optimizer such as `Adam(lr=0.01)`, or a name: "adam", "adamw", "nadam" and
            "rmsprop" with lr=0.01, "sgd" with 0.1, "momentum" and "adagrad" with 0.05, "lion" with
            0.001. One that is given once more goes on with what it remembers.
        epochs: How often to go through all rows, at most.
        batch_size: How many rows a step takes; 32, or all if they are fewer.
        validation: A pair (X, y) to look at after each epoch, with weights a triple; or the part of
            the rows to hold out for that, each class in its proportion: `history.held_out`.
        patience: After how many epochs without a lower validation loss to end.
        metrics: Names, such as "accuracy", or functions of targets and predictions; measured after
            each epoch on the validation rows, or without them on all.
        schedule: By what the learning rate is multiplied at each step: a schedule of
            `nn.schedules`, its name, or a function of the number of steps before.
        clip: The largest norm of the gradient; or {"norm": ..., "value": ...}, where value bounds
            each component first.
        seed: Of the order of the rows, and of those held out. A model goes on in the order where
            its training before left off, so that no two calls repeat one.
        callbacks: Functions of an epoch's record, called after each; training ends if one returns
            something true.
        checkpoint: A file to keep everything in. Where it is there, training goes on from it, to
            the same bits as without the break.
        audit: Which part of the steps is computed again by nodes and compared.
        compiled: Whether the machine takes the steps; False for eager code, slow and open to a
            debugger, which gives the same numbers but for rounding.
        progress: True shows a bar on a terminal, False nothing; None shows it after half a second,
            and where there is no terminal one line at the end.
        classes: The labels in the order of the outputs, where y may lack some; those in y, sorted,
            if not given.
        sample_weight: The weight of each row in the loss, at least 0: the loss is Σ w L / Σ w, over
            the rows held out, too. Metrics count all rows alike.
        class_weight: What the rows of each class count, a dict by label; or "balanced", for classes
            that count alike: n / (k n_c). It multiplies `sample_weight`.

    Raises:
        TypeError: If an argument is unknown or of the wrong type, before anything starts.
        ValueError: If rows, targets and model do not fit together, a number is NaN or infinite, a
            name is unknown, or the checkpoint is of another training; before anything starts.
        DivergenceError: If the numbers or the loss leave all bounds: with step, example, node, and
            the largest learning rate that would have gone well.
        AuditError: If a step of the machine is not that of the nodes.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [8, 1], "tanh", seed=1)
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["no", "yes", "yes", "no"]
        >>> history = fit(model, X, y, epochs=200, metrics=["accuracy"])
        >>> history[-1].metrics, model.predict(X)
        ({'accuracy': 1.0}, ['no', 'yes', 'yes', 'no'])
    """
    return Training(*args, **options).run()


def partial_fit(
    model: Any,
    X: Any,
    y: Any,
    *,
    optimizer: Any = "adam",
    loss: Any = None,
    classes: Any = None,
    **options: Any,
) -> History:
    """Train a model on a part of the rows, once; the next call goes on with the next part.

    The optimizer goes on with what it remembers of the calls before; so do the loss and the
    classes.

    Args:
        model: As for `fit`.
        X: Some of the rows.
        y: Their targets.
        optimizer: As for `fit`.
        loss: As for `fit`; that of the call before, if not given.
        classes: All labels there will be, in the order of the outputs: to be given in the first
            call, unless all occur there.
        options: batch_size, clip, seed, sample_weight, class_weight, compiled, audit, as for `fit`.

    Raises:
        TypeError: As `fit`.
        ValueError: As `fit`; or if a label is none of the classes.
        DivergenceError: As `fit`.

    Example:
        >>> from nn import MLP
        >>> model = MLP(1, [1], "linear", seed=1)
        >>> for batch in range(200):
        ...     history = partial_fit(model, [[0.0], [1.0]], ["no", "yes"], optimizer="sgd")
        >>> model.predict([[0.2], [0.9]]), len(history)
        (['no', 'yes'], 1)
    """
    for name in options:
        if name not in _OF_A_PART:
            raise TypeError(
                f"partial_fit has no argument {name!r}; of those of fit it takes "
                + ", ".join(_OF_A_PART)
            )
    known = told_of(model) if isinstance(model, Module) else {}
    if loss is None and known.get("loss_name") in LOSSES:
        loss = known["loss_name"]
    if classes is None:
        classes = known.get("classes")
    if isinstance(optimizer, str):
        latest = _GOING_ON.get(model)
        if latest is None or latest[0] != optimizer.lower():
            latest = optimizer.lower(), optimizer_named(optimizer)
        _, stepper = latest
    else:
        latest, stepper = None, optimizer
    training = Training(
        model, X, y, optimizer=stepper, loss=loss, classes=classes, epochs=1, progress=False,
        **options,
    )  # fmt: skip
    if latest is not None:
        _GOING_ON.set(model, latest)
    return training.run()
