"""Estimators of scikit-learn: networks of ours in its pipelines, searches and callbacks (an extra).

    from nn.sklearn import LogisticRegression, MLPClassifier, MLPRegressor

Parameters are called what scikit-learn calls them. After `fit`, `model_` is the network, a node for
each number, to draw, explain, save and export; `history_` tells of the training.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from numbers import Integral
from typing import Any

from autograd import AdamW, Optimizer
from autograd.installing import install
from nn.activations import activation
from nn.choices import LossName
from nn.measuring.predictions import outputs_of, predict_proba
from nn.networks import MLP
from nn.reading.classes import codes_of
from nn.training.fitting import partial_fit
from nn.training.history import History
from nn.training.minimizing import minimize
from nn.training.runs import Training
from nn.training.settings import optimizer_named
from nn.validation import finite, row, size

try:
    import numpy
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import _check_partial_fit_first_call, check_classification_targets
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
except ImportError as missing:
    raise ImportError(
        "nn.sklearn makes estimators of scikit-learn, 1.6 or newer, which is not installed; to "
        f"have it: {install('sklearn')}"
    ) from missing
try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # before 1.9 there are none

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Nothing that could be called."""

    def with_callbacks(method: Any) -> Any:
        """Return the method as it is."""
        return method


class _Network(CallbackSupportMixin, BaseEstimator):
    """What classifier and regressor share: parameters, the network, and its training.

    Args:
        hidden_layer_sizes: The sizes of the hidden layers.
        activation: Their activation, by the names of `nn.activations`.
        solver: An optimizer, or its name as for `nn.fit`.
        alpha: Its weight decay; of solvers that are named.
        batch_size: How many rows a step takes; "auto" for 32, or all if they are fewer.
        learning_rate_init: Its learning rate; of solvers that are named.
        max_iter: How many epochs at most.
        early_stopping: Whether a part of the rows is held out to stop by.
        validation_fraction: Which part.
        n_iter_no_change: After how many epochs without a lower loss of these rows it stops early.
        schedule: Of the learning rate, as for `nn.fit`.
        clip: The largest norm of the gradient.
        random_state: Of the weights and of the order of the rows.
        verbose: Whether a bar is shown.
    """

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] | int = (100,),
        activation: str = "relu",
        *,
        solver: Any = "adam",
        alpha: float = 0.0,
        batch_size: Any = "auto",
        learning_rate_init: float = 0.001,
        max_iter: int = 200,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        schedule: Any = None,
        clip: float | None = None,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.schedule = schedule
        self.clip = clip
        self.random_state = random_state
        self.verbose = verbose

    def _train(self, x: Any, y: Any, outputs: int, loss: LossName, sample_weight: Any) -> None:
        """Train a network of so many outputs."""
        weights, context = _weights(sample_weight, x), None
        if hasattr(self, "_init_callback_context"):
            context = self._init_callback_context(max_subtasks=self.max_iter)
            context.call_on_fit_task_begin(estimator=self, X=x, y=y)
        seed = self._begin(x.shape[1], outputs)
        training = Training(
            self.model_, x, y, loss=loss, optimizer=self._optimizer(), epochs=self.max_iter,
            batch_size=self._size(x), sample_weight=weights,
            validation=self.validation_fraction if self.early_stopping else None,
            patience=self.n_iter_no_change if self.early_stopping else None,
            schedule=self.schedule, clip=self.clip, seed=seed, progress=bool(self.verbose),
        )  # fmt: skip
        self._follow(training, context, x, y)
        self.history_, self._stepper = training.history, training.optimizer
        self.n_iter_ = len(self.history_)
        self.loss_ = self.history_[-1].loss
        if context is not None:
            context.call_on_fit_task_end(
                estimator=self, X=x, y=y, reconstruction_attributes=self._fitted
            )

    def _begin(self, features: int, outputs: int) -> int:
        """Make the network; return the seed of its training."""
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        sizes: Any = self.hidden_layer_sizes
        one = isinstance(sizes, Integral)
        hidden = [
            size(each, f"hidden_layer_sizes[{place}]")
            for place, each in enumerate([sizes] if one else row(sizes, "hidden_layer_sizes"))
        ]
        activations = [*[activation(self.activation)] * len(hidden), activation("linear")]
        self.model_ = MLP(features, [*hidden, outputs], activations=activations, seed=seed)
        return seed

    def _size(self, x: Any) -> int | None:
        is_auto = isinstance(self.batch_size, str) and self.batch_size == "auto"
        return None if is_auto else min(size(self.batch_size, "batch_size"), len(x))

    def _go_on(
        self, x: Any, y: Any, outputs: int, loss: LossName, classes: Any, sample_weight: Any
    ) -> None:
        """Train on a part of the rows, from where the network is."""
        if not hasattr(self, "model_"):
            self._begin(x.shape[1], outputs)
            self.history_, self._stepper = History(), self._optimizer()
        part = partial_fit(
            self.model_, x, y, loss=loss, classes=classes, optimizer=self._stepper,
            batch_size=self._size(x), clip=self.clip, sample_weight=_weights(sample_weight, x),
        )  # fmt: skip
        self.history_.epochs += [replace(each, number=len(self.history_) + 1) for each in part]
        self.n_iter_ = len(self.history_)
        self.loss_ = part[-1].loss

    def _follow(self, training: Training, context: Any, x: Any, y: Any) -> None:
        """Train epoch by epoch, as long as callbacks agree."""
        epochs = iter(training)
        while True:
            task = None
            if context is not None and len(training.history) < self.max_iter:
                task = context.subcontext(task_name="epoch")
                task.call_on_fit_task_begin(estimator=self, X=x, y=y)
            epoch = next(epochs, None)
            if task is not None:
                stops = task.call_on_fit_task_end(
                    estimator=self, X=x, y=y, reconstruction_attributes=self._fitted
                )
                if stops and epoch is not None:
                    training.history.stopped = "callback"
            if epoch is None:
                return

    def _fitted(self) -> dict[str, Any]:
        """Return what an estimator needs to predict as this one would now."""
        names = ("classes_", "n_features_in_", "feature_names_in_", "n_outputs_")
        own = {name: getattr(self, name) for name in names if hasattr(self, name)}
        return {**own, "model_": deepcopy(self.model_)}

    def _optimizer(self) -> Optimizer:
        if isinstance(self.solver, Optimizer):
            return deepcopy(self.solver)
        # Decoupled where there is decay, so that it means the same for each weight.
        is_decoupled = self.solver == "adam" and self.alpha
        kind = AdamW if is_decoupled else type(optimizer_named(self.solver))
        settings: dict[str, Any] = {"lr": self.learning_rate_init}
        if self.alpha:
            settings["weight_decay"] = self.alpha
        return kind(**settings)


class _Classifier(ClassifierMixin, BaseEstimator):
    """What classifiers share: labels as codes, and what outputs mean."""

    def _codes(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Return checked rows, and for each the place of its label among `classes_`."""
        x, labels = validate_data(self, X, y, dtype="float64")
        check_classification_targets(labels)
        self.classes_, codes = numpy.unique(labels, return_inverse=True)
        if len(self.classes_) == 1:
            raise ValueError(
                f"y has one class only, {self.classes_[0]!r}; a classifier needs at least two"
            )
        return x, codes.astype("float64") if len(self.classes_) == 2 else codes

    @property
    def _net(self) -> tuple[int, Any]:
        """How many outputs the network has, and its loss."""
        count = len(self.classes_)
        return (1, "bce_with_logits") if count == 2 else (count, "cross_entropy")

    def decision_function(self, X: Any) -> Any:
        """Return the net inputs: one a row for two classes, else one for each class."""
        outputs = outputs_of(*_asked(self, X))
        return outputs.ravel() if len(self.classes_) == 2 else outputs

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class."""
        return predict_proba(*_asked(self, X))

    def predict(self, X: Any) -> Any:
        """Return the most probable label of each row."""
        scores = self.decision_function(X)
        if len(self.classes_) == 2:
            return self.classes_[(scores > 0.0).astype(int)]
        return self.classes_[scores.argmax(axis=1)]


def _weights(weights: Any, x: Any) -> Any:
    """Return the weight of each row, checked as scikit-learn does; None if all count alike."""
    return None if weights is None else _check_sample_weight(weights, x, dtype="float64")


def _asked(estimator: Any, x: Any) -> tuple[Any, Any]:
    """Return the network of an estimator, and checked rows."""
    check_is_fitted(estimator, "model_")
    return estimator.model_, validate_data(estimator, x, reset=False, dtype="float64")


class MLPClassifier(_Classifier, _Network):
    """A network for classes, trained by `nn.fit`; see `_Network` for its parameters.

    Attributes:
        classes_: The labels.
        model_: The network: net inputs of a softmax, or of a sigmoid where there are two classes.
        history_: Its epochs.
        n_iter_: How many they are.
        loss_: The loss of the last one.
    """

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPClassifier:
        """Train on rows and their labels, of which each counts its weight."""
        x, codes = self._codes(X, y)
        self._train(x, codes, *self._net, sample_weight)
        return self

    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> MLPClassifier:
        """Train on a part of the rows, once; the next call goes on.

        Args:
            X: Some of the rows.
            y: Their labels.
            classes: All labels there will be; needed in the first call.
            sample_weight: The weight of each row.
        """
        is_first = not hasattr(self, "classes_")
        x, labels = validate_data(self, X, y, dtype="float64", reset=is_first)
        _check_partial_fit_first_call(self, classes)
        codes = codes_of(labels.tolist(), tuple(self.classes_.tolist()), "y")
        self._go_on(x, codes, *self._net, range(len(self.classes_)), sample_weight)
        return self


class MLPRegressor(RegressorMixin, _Network):
    """A network for numbers, trained by `nn.fit`; see `_Network` for its parameters.

    Attributes:
        model_: The network.
        history_: Its epochs.
        n_iter_: How many they are.
        loss_: The loss of the last one.
    """

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """Train on rows and the numbers, or rows of numbers, to answer with."""
        x, numbers = self._numbers(X, y, reset=True)
        self._train(x, numbers, self.n_outputs_, "mse", sample_weight)
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """Train on a part of the rows, once; the next call goes on."""
        x, numbers = self._numbers(X, y, reset=not hasattr(self, "model_"))
        self._go_on(x, numbers, self.n_outputs_, "mse", None, sample_weight)
        return self

    def _numbers(self, x: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        found, numbers = validate_data(
            self, x, y, multi_output=True, y_numeric=True, dtype="float64", reset=reset
        )
        numbers = numbers.astype("float64")
        self.n_outputs_ = 1 if numbers.ndim == 1 else numbers.shape[1]
        return found, numbers.ravel() if self.n_outputs_ == 1 else numbers

    def predict(self, X: Any) -> Any:
        """Return the outputs of the network."""
        outputs = outputs_of(*_asked(self, X))
        return outputs.reshape(len(outputs), -1) if self.n_outputs_ > 1 else outputs.ravel()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = True
        return tags


class LogisticRegression(_Classifier):
    """Softmax regression: a network of one layer, fitted by L-BFGS on exact gradients.

        minimize  C Σ −log p_y  +  ½ ‖W‖²

    Args:
        C: How much the data count against the penalty.
        tol: Of the gradient, where L-BFGS may stop.
        max_iter: How many iterations at most.

    Attributes:
        classes_: The labels.
        model_: The network: net inputs of a softmax, or of a sigmoid where there are two classes.
        coef_: Its weights, a row for each net input.
        intercept_: Its biases.
        n_iter_: How many iterations it took.
    """

    def __init__(self, C: float = 1.0, *, tol: float = 1e-4, max_iter: int = 100) -> None:
        self.C = C
        self.tol = tol
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LogisticRegression:
        """Fit to rows and their labels, of which each counts its weight."""
        x, codes = self._codes(X, y)
        limits = {"C": finite(self.C, "C"), "tol": finite(self.tol, "tol")}
        for name, number in limits.items():
            if number <= 0.0:
                raise ValueError(f"{name} must be above 0, got {number:g}")
        weights = _weights(sample_weight, x)
        whole = len(x) if weights is None else float(weights.sum())
        outputs, loss = self._net
        self.model_ = MLP(x.shape[1], [outputs], "linear", initializer="zeros")
        found = minimize(
            self.model_, x, codes, loss, penalty=1.0 / (limits["C"] * whole),
            sample_weight=weights,
            options={
                "maxiter": size(self.max_iter, "max_iter"), "gtol": limits["tol"],
                "ftol": 64 * 2.0**-52,
            },
        )  # fmt: skip
        self.n_iter_ = int(found.result.nit)
        return self

    @property
    def coef_(self) -> Any:
        """The weights, a row for each net input."""
        units = self.model_.layers[0].neurons
        return numpy.array([[weight.data for weight in unit.weights] for unit in units])

    @property
    def intercept_(self) -> Any:
        """The biases."""
        layer = self.model_.layers[0]
        return numpy.array([unit.bias.data for unit in layer.neurons if unit.bias is not None])
