"""Estimators: scikit-learn's own conformance checks, its coefficients, pipelines, callbacks."""

import pickle
import warnings

import pytest

sklearn = pytest.importorskip("sklearn")
numpy = pytest.importorskip("numpy")

from sklearn import linear_model
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from autograd import SGD
from nn.sklearn import LogisticRegression, MLPClassifier, MLPRegressor

pytestmark = pytest.mark.any_engine
_FINE = ("passed", "skipped", "xfail")

ESTIMATORS = [
    LogisticRegression(),
    MLPClassifier((4,), learning_rate_init=0.05, max_iter=10),
    MLPRegressor((4,), learning_rate_init=0.05, max_iter=10),
]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda each: type(each).__name__)
def test_the_conformance_checks_of_scikit_learn(estimator):
    # As of scikit-learn's own networks: which rows share a batch is up to chance.
    reason = {"check_sample_weight_equivalence_on_dense_data": "rows are shuffled in batches"}
    known = {} if isinstance(estimator, LogisticRegression) else reason
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what the checks themselves call
        found = check_estimator(estimator, on_skip=None, on_fail=None, expected_failed_checks=known)
    failed = {x["check_name"]: x["exception"] for x in found if x["status"] not in _FINE}
    assert failed == {}
    assert sum(each["status"] == "passed" for each in found) > 40


@pytest.mark.parametrize(
    ("load", "strength"), [(load_iris, 1.0), (load_breast_cancer, 0.1), (load_breast_cancer, 10.0)]
)
def test_logistic_regression_has_scikit_learn_s_coefficients(load, strength):
    X, y = load(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    ours = LogisticRegression(C=strength, tol=1e-8, max_iter=2000).fit(X, y)
    theirs = linear_model.LogisticRegression(C=strength, tol=1e-8, max_iter=2000).fit(X, y)
    assert ours.coef_ == pytest.approx(theirs.coef_, abs=2e-5)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=2e-5)
    if load is load_breast_cancer:
        assert ours.intercept_ == pytest.approx(theirs.intercept_, abs=2e-5)
        assert ours.decision_function(X) == pytest.approx(theirs.decision_function(X), abs=2e-4)


def test_pipelines_searches_and_labels():
    X, y = load_iris(return_X_y=True)
    names = load_iris().target_names[y]
    steps = make_pipeline(
        StandardScaler(), MLPClassifier((8,), learning_rate_init=0.05, max_iter=30, random_state=1)
    )
    assert cross_val_score(steps, X, names, cv=3).mean() > 0.9
    grid = {"mlpclassifier__activation": ["tanh", "relu"]}
    search = GridSearchCV(steps, grid, cv=2).fit(X, names)
    assert search.best_score_ > 0.85
    best = search.best_estimator_[-1]
    assert set(best.classes_) == {"setosa", "versicolor", "virginica"}
    assert best.model_.layers[0].activation.name == search.best_params_["mlpclassifier__activation"]


def test_settings_are_those_of_fit():
    X, y = load_iris(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    first = MLPClassifier(
        (6, 5), "tanh", solver=SGD(lr=0.1, momentum=0.9), early_stopping=True, max_iter=40,
        n_iter_no_change=3, schedule="cosine", clip=1.0, random_state=3,
    )  # fmt: skip
    one, two = clone(first).fit(X, y), clone(first).fit(X, y)
    assert one.predict_proba(X) == pytest.approx(two.predict_proba(X), abs=0.0)
    assert one.history_.best is not None
    assert one.n_iter_ == len(one.history_) <= 40
    again = pickle.loads(pickle.dumps(one))
    assert again.predict_proba(X) == pytest.approx(one.predict_proba(X), abs=0.0)
    kinds = {"adam": "AdamW", "sgd": "SGD", "lion": "Lion", "rmsprop": "RMSprop"}
    for solver, kind in kinds.items():
        made = MLPClassifier(solver=solver, alpha=1e-3, learning_rate_init=0.5)._optimizer()
        assert (type(made).__name__, made.lr, made.weight_decay) == (kind, 0.5, 1e-3)
    sizes = numpy.array([4, 3])  # as grids have them
    assert MLPClassifier(sizes[0], max_iter=1).fit(X, y).model_.nouts == [4, 3]
    assert MLPClassifier(sizes, max_iter=1).fit(X, y).model_.nouts == [4, 3, 3]


def test_weights_count_as_repetitions():
    X, y = load_iris(return_X_y=True)
    X, counts = StandardScaler().fit_transform(X), numpy.arange(150) % 4
    rows = numpy.repeat(numpy.arange(150), counts)
    weighed = LogisticRegression(tol=1e-8, max_iter=500).fit(X, y, sample_weight=counts)
    repeated = LogisticRegression(tol=1e-8, max_iter=500).fit(X[rows], y[rows])
    assert weighed.coef_ == pytest.approx(repeated.coef_, abs=1e-4)
    one, two = (MLPClassifier((4,), batch_size=300, max_iter=5, random_state=0) for _ in "12")
    one.fit(X, y, sample_weight=counts)
    two.fit(X[rows], y[rows])
    assert one.predict_proba(X) == pytest.approx(two.predict_proba(X), abs=1e-12)


def test_parts_of_the_rows():
    X, y = load_iris(return_X_y=True)
    X, names = StandardScaler().fit_transform(X), load_iris().target_names[y]
    whole = MLPClassifier((4,), max_iter=3, random_state=0).fit(X, names)
    found = MLPClassifier((4,), random_state=0)
    for _ in range(3):
        found.partial_fit(X, names, classes=whole.classes_)
    assert found.n_iter_ == 3
    assert found.history_["number"] == [1, 2, 3]
    assert found.loss_ < found.history_[0].loss
    with pytest.raises(ValueError, match="'rosa' in row 0, which is none of the classes"):
        found.partial_fit(X[:1], ["rosa"])
    numbers = MLPRegressor((4,)).partial_fit(X, X[:, 0]).partial_fit(X, X[:, 0])
    assert numbers.predict(X).shape == (150,)


def test_several_outputs():
    X, _ = load_iris(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    both = numpy.column_stack([X[:, 0] + X[:, 1], X[:, 2] - X[:, 3]])
    found = MLPRegressor((8,), "tanh", learning_rate_init=0.02, max_iter=150).fit(X, both)
    assert found.predict(X).shape == (150, 2)
    assert found.score(X, both) > 0.95


def test_callbacks_of_the_protocol():
    pytest.importorskip("sklearn.callback")
    X, y = load_iris(return_X_y=True)

    class Watch:
        """Notes what is called, and stops after the third epoch."""

        def __init__(self):
            self.seen = []

        def setup(self, estimator, context):
            self.seen.append("setup")

        def teardown(self, estimator, context):
            self.seen.append("teardown")

        def on_fit_task_begin(self, estimator, context, *, X=None):
            self.seen.append(f"begin {context.task_name}")

        def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
            if fitted_estimator is not None:
                assert fitted_estimator.predict(X).shape == (150,)
            self.seen.append(f"end {context.task_name}")
            return self.seen.count("end epoch") == 3

    watch = Watch()
    found = MLPClassifier((4,), max_iter=10, random_state=0).set_callbacks(watch).fit(X, y)
    assert found.n_iter_ == 3
    assert watch.seen[:3] == ["setup", "begin fit", "begin epoch"]
    assert watch.seen[-2:] == ["end fit", "teardown"]
    assert watch.seen.count("begin epoch") == watch.seen.count("end epoch")


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (MLPClassifier(solver="addam"), "did you mean 'adam'"),
        (MLPClassifier(activation="rellu"), "rellu"),
        (MLPClassifier(max_iter=0), "epochs must be at least 1"),
        (MLPClassifier((3, 0)), r"hidden_layer_sizes\[1\] must be at least 1"),
        (MLPClassifier(batch_size=0), "batch_size must be at least 1"),
        (LogisticRegression(C=0), "C must be above 0"),
        (LogisticRegression(tol=-1.0), "tol must be above 0"),
        (LogisticRegression(max_iter=0), "max_iter must be at least 1"),
    ],
)
def test_bad_settings(estimator, words):
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match=words):
        estimator.fit(X, y)


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (MLPClassifier("100"), "hidden_layer_sizes must be a list of numbers, got str"),
        (MLPClassifier((3.5,)), r"hidden_layer_sizes\[0\] must be an integer"),
        (MLPClassifier(batch_size="all"), "batch_size must be an integer"),
        (LogisticRegression(C="1"), "C must be a real number"),
    ],
)
def test_settings_of_another_kind(estimator, words):
    X, y = load_iris(return_X_y=True)
    with pytest.raises(TypeError, match=words):
        estimator.fit(X, y)
