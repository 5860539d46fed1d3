"""Estimators of scikit-learn: networks of ours in its pipelines, searches and callbacks (an extra).

    from nn.sklearn import LogisticRegression, MLPClassifier, MLPRegressor

Parameters are called what scikit-learn calls them. After `fit`, `model_` is the network, a node for
each number, to draw, explain, save and export; `history_` tells of the training.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from autograd import Adam, AdamW, Optimizer
from autograd.installing import install
from nn.activations import activation
from nn.choices import LossName
from nn.measuring.predictions import outputs_of, predict_proba
from nn.networks import MLP
from nn.training.minimizing import minimize
from nn.training.runs import Training
from nn.training.settings import optimizer_named

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
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
        n_iter_no_change: After how many epochs without a lower loss to stop.
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

    def _train(self, x: Any, y: Any, outputs: int, loss: LossName) -> None:
        """Train a network of so many outputs."""
        context = None
        if hasattr(self, "_init_callback_context"):
            context = self._init_callback_context(max_subtasks=self.max_iter)
            context.call_on_fit_task_begin(estimator=self, X=x, y=y)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        sizes = self.hidden_layer_sizes
        hidden = [int(size) for size in ([sizes] if isinstance(sizes, int) else sizes)]
        activations = [*[activation(self.activation)] * len(hidden), activation("linear")]
        self.model_ = MLP(x.shape[1], [*hidden, outputs], activations=activations, seed=seed)
        training = Training(
            self.model_, x, y, loss=loss, optimizer=self._optimizer(), epochs=self.max_iter,
            batch_size=None if self.batch_size == "auto" else min(self.batch_size, len(x)),
            validation=self.validation_fraction if self.early_stopping else None,
            patience=self.n_iter_no_change if self.early_stopping else None,
            schedule=self.schedule, clip=self.clip, seed=seed, progress=bool(self.verbose),
        )  # fmt: skip
        self._follow(training, context, x, y)
        self.history_ = training.history
        self.n_iter_ = len(self.history_)
        self.loss_ = self.history_[-1].loss
        if context is not None:
            context.call_on_fit_task_end(
                estimator=self, X=x, y=y, reconstruction_attributes=self._fitted
            )

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
        if self.solver == "adam":
            # Decoupled where there is decay, so that it means the same for each weight.
            if self.alpha:
                return AdamW(lr=self.learning_rate_init, weight_decay=self.alpha)
            return Adam(lr=self.learning_rate_init)
        optimizer = optimizer_named(self.solver)
        optimizer.lr = self.learning_rate_init
        if self.alpha:
            optimizer.weight_decay = self.alpha  # type: ignore[attr-defined]
        return optimizer

    def _outputs(self, x: Any) -> Any:
        """Return the outputs of the network, an array with an axis of rows in front."""
        check_is_fitted(self, "model_")
        return outputs_of(self.model_, self._read(x))

    def _read(self, x: Any) -> Any:
        return validate_data(self, x, reset=False, dtype="float64")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = False
        return tags


class MLPClassifier(ClassifierMixin, _Network):
    """A network for classes, trained by `nn.fit`; see `_Network` for its parameters.

    Attributes:
        classes_: The labels.
        model_: The network: net inputs of a softmax, or of a sigmoid where there are two classes.
        history_: Its epochs.
        n_iter_: How many they are.
        loss_: The loss of the last one.
    """

    @with_callbacks
    def fit(self, X: Any, y: Any) -> MLPClassifier:
        """Train on rows and their labels."""
        x, labels = validate_data(self, X, y, dtype="float64")
        check_classification_targets(labels)
        self.classes_, codes = _codes_of(labels)
        if len(self.classes_) == 1:
            raise ValueError(
                f"y has one class only, {self.classes_[0]!r}; a classifier needs at least two"
            )
        if len(self.classes_) == 2:
            self._train(x, codes, 1, "bce_with_logits")
        else:
            self._train(x, codes, len(self.classes_), "cross_entropy")
        return self

    def decision_function(self, X: Any) -> Any:
        """Return the net inputs: one a row for two classes, else one for each class."""
        outputs = self._outputs(X)
        return outputs.ravel() if len(self.classes_) == 2 else outputs

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class."""
        check_is_fitted(self, "model_")
        return predict_proba(self.model_, self._read(X))

    def predict(self, X: Any) -> Any:
        """Return the most probable label of each row."""
        outputs = self._outputs(X)
        if len(self.classes_) == 2:
            return self.classes_[(outputs.ravel() > 0.0).astype(int)]
        return self.classes_[outputs.argmax(axis=1)]


class MLPRegressor(RegressorMixin, _Network):
    """A network for numbers, trained by `nn.fit`; see `_Network` for its parameters.

    Attributes:
        model_: The network.
        history_: Its epochs.
        n_iter_: How many they are.
        loss_: The loss of the last one.
    """

    @with_callbacks
    def fit(self, X: Any, y: Any) -> MLPRegressor:
        """Train on rows and the numbers, or rows of numbers, to answer with."""
        x, numbers = validate_data(self, X, y, multi_output=True, y_numeric=True, dtype="float64")
        numbers = numbers.astype("float64")
        self.n_outputs_ = 1 if numbers.ndim == 1 else numbers.shape[1]
        self._is_column = numbers.ndim == 2
        if numbers.ndim == 2 and numbers.shape[1] == 1:
            numbers = numbers.ravel()
        self._train(x, numbers, self.n_outputs_, "mse")
        return self

    def predict(self, X: Any) -> Any:
        """Return the outputs of the network."""
        outputs = self._outputs(X)
        return outputs.reshape(len(outputs), -1) if self.n_outputs_ > 1 else outputs.ravel()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = True
        return tags


class LogisticRegression(ClassifierMixin, BaseEstimator):
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

    def fit(self, X: Any, y: Any) -> LogisticRegression:
        """Fit to rows and their labels."""
        x, labels = validate_data(self, X, y, dtype="float64")
        check_classification_targets(labels)
        self.classes_, codes = _codes_of(labels)
        if len(self.classes_) == 1:
            raise ValueError(
                f"y has one class only, {self.classes_[0]!r}; a classifier needs at least two"
            )
        is_binary = len(self.classes_) == 2
        outputs = 1 if is_binary else len(self.classes_)
        self.model_ = MLP(x.shape[1], [outputs], "linear", initializer="zeros")
        found = minimize(
            self.model_, x, codes, "bce_with_logits" if is_binary else "cross_entropy",
            penalty=1.0 / (self.C * len(x)),
            options={"maxiter": self.max_iter, "gtol": self.tol, "ftol": 64 * 2.0**-52},
        )  # fmt: skip
        self.n_iter_ = int(found.result.nit)
        return self

    @property
    def coef_(self) -> Any:
        """The weights, a row for each net input."""
        import numpy

        rows = [neuron.weights for neuron in self.model_.layers[0].neurons]
        return numpy.array([[weight.data for weight in row] for row in rows])

    @property
    def intercept_(self) -> Any:
        """The biases."""
        import numpy

        layer = self.model_.layers[0]
        return numpy.array([unit.bias.data for unit in layer.neurons if unit.bias is not None])

    def decision_function(self, X: Any) -> Any:
        """Return the net inputs: one a row for two classes, else one for each class."""
        check_is_fitted(self, "model_")
        outputs = outputs_of(self.model_, validate_data(self, X, reset=False, dtype="float64"))
        return outputs.ravel() if len(self.classes_) == 2 else outputs

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class."""
        check_is_fitted(self, "model_")
        return predict_proba(self.model_, validate_data(self, X, reset=False, dtype="float64"))

    def predict(self, X: Any) -> Any:
        """Return the most probable label of each row."""
        scores = self.decision_function(X)
        if len(self.classes_) == 2:
            return self.classes_[(scores > 0.0).astype(int)]
        return self.classes_[scores.argmax(axis=1)]


def _codes_of(labels: Any) -> tuple[Any, Any]:
    """Return the sorted labels and, for every row, the place of its own."""
    import numpy

    classes, codes = numpy.unique(labels, return_inverse=True)
    return classes, codes.astype("float64") if len(classes) == 2 else codes
