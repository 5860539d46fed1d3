"""Module: anything that owns parameters, and finds them by itself.

A module's parameters are the leaf Values in its attributes: directly, in other modules, and in
nested lists, tuples, dicts and object arrays of them. Nothing has to be registered. It knows no
particular layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from importlib import import_module
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

from autograd import Value
from autograd.streams import printed_anywhere
from nn.attributes import attributes_of
from nn.choices import FitOptions
from nn.parameter_names import parameter_named
from nn.summaries import ModulePart, Summary
from nn.validation import counted, describe, finite, is_node

if TYPE_CHECKING:
    from typing_extensions import Unpack


@printed_anywhere
class Module:
    """Base class of everything that has parameters; subclasses assign them to attributes.

    Example:
        >>> class Line(Module):
        ...     def __init__(self):
        ...         self.slope = Value(2.0)
        ...         self.intercept = Value(1.0)
        ...     def __call__(self, x):
        ...         return self.slope * x + self.intercept
        >>> line = Line()
        >>> [name for name, value in line.named_parameters()]
        ['slope', 'intercept']
        >>> line
        Line(2 parameters)
        >>> line(3.0).backward()
        >>> [p.grad for p in line.parameters()], line.parameter_count
        ([3.0, 1.0], 2)
        >>> line.zero_grad()
        >>> [p.grad for p in line.parameters()]
        [0.0, 0.0]
        >>> line.load_state_dict({name: 2.0 * number for name, number in line.state_dict().items()})
        >>> line.slope.data
        4.0
    """

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return the parameters with their names, e.g. `layers.0.neurons.1.weights.0`.

        The order is that in which attributes were assigned. A shared parameter is listed once,
        under its first name. Computed Values and constants are not parameters and are left out.

        Raises:
            TypeError: If an attribute is a set that holds parameters: a set has no order.
        """
        return [(name, owned) for name, owned in _walk(self) if type(owned) is Value]

    def parameters(self) -> list[Value]:
        """Return the parameters, in the order of `named_parameters`, each once."""
        return [parameter for _, parameter in self.named_parameters()]

    @property
    def parameter_count(self) -> int:
        """The number of parameters; shared ones count once."""
        return len(self.named_parameters())

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def __getitem__(self, name: str) -> Value:
        """Return the parameter with this name: its label, in any spelling, or its path.

        Args:
            name: Such as "w_11^(1)", "w_{11}^{(1)}", or "layers.0.neurons.0.weights.0".

        Raises:
            TypeError: If the name is not a str.
            KeyError: If no parameter has this name; the error has the nearest ones.
            ValueError: If several have it; the error has their paths.

        Example:
            >>> from nn import MLP
            >>> model = MLP(2, [2, 1], seed=1)
            >>> model["w_21^(1)"] is model["layers.0.neurons.0.weights.1"]
            True
            >>> model["w_21^(1)"] = 0.5
            >>> model["w_21^(1)"].data
            0.5
        """
        found: Value = parameter_named(name, self.named_parameters(), type(self).__name__)
        return found

    def __contains__(self, name: str) -> bool:
        """Return whether a parameter has this name, or several.

        Raises:
            TypeError: If the name is not a str.
        """
        try:
            return self[name] is not None
        except KeyError:
            return False
        except ValueError:  # several
            return True

    def __setitem__(self, name: str, number: float) -> None:
        """Set the `.data` of the parameter with this name.

        Raises:
            TypeError: If it is not a plain real number.
            KeyError: As for reading.
            ValueError: As for reading; or if the number is NaN or infinite.
        """
        if is_node(number):
            raise TypeError(
                f"a parameter is set to a plain number, got {describe(number)}; to step, write "
                f"model[{name!r}].data -= ..."
            )
        parameter = self[name]
        parameter.data = finite(number, name)

    def summary(self) -> Summary:
        """Return a table of the layers, or of other parts, with their parameters.

        Example:
            >>> from nn import MLP
            >>> print(MLP(2, [3, 1], "tanh", initializer="zeros").summary())
            MLP(2 → 3 tanh → 1 linear, 13 parameters)
              layer      inputs → units  activation  parameters  weights + biases  mean |w|
              layer (1)  2 → 3           tanh                 9             6 + 3         0
              layer (2)  3 → 1           linear               4             3 + 1         0
              total                                          13             9 + 4         0
        """
        return Summary(_title(self), _parts(self))

    # --- Rooms above, loaded when they are asked for ----------------------------------------------

    def fit(self, X: Any, y: Any, **options: Unpack[FitOptions]) -> Any:
        """Train on rows and targets; return the history. See `nn.fit`.

        Example:
            >>> from nn import MLP
            >>> model = MLP(1, [1], seed=1)
            >>> history = model.fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], loss="mse", epochs=3)
            >>> history["loss"][-1] < history["loss"][0]
            True
        """
        return _above("training.fitting", "fit")(self, X, y, **options)

    def partial_fit(self, X: Any, y: Any, **options: Any) -> Any:
        """Train on a part of the rows, once, and go on in the next call. See `nn.partial_fit`.

        Example:
            >>> from nn import MLP
            >>> model = MLP(1, [1], seed=1)
            >>> _ = model.partial_fit([[0.0], [1.0]], [1.0, 3.0], loss="mse")
            >>> len(model.partial_fit([[2.0]], [5.0], loss="mse"))
            1
        """
        return _above("training.fitting", "partial_fit")(self, X, y, **options)

    def predict(self, X: Any) -> Any:
        """Return for every row the label of its class, or the outputs if there are no classes.

        Args:
            X: The rows, as for `nn.fit`.

        Example:
            >>> from nn import MLP
            >>> model = MLP(1, [1], "step", initializer="zeros")
            >>> model["b_1^(1)"] = 1.0
            >>> model.predict([[0.5], [2.0]])
            [1.0, 1.0]
        """
        return _above("measuring.predictions", "predict")(self, X)

    def predict_proba(self, X: Any) -> Any:
        """Return for every row the probability of each class.

        Raises:
            ValueError: If the model was not fitted to classes.

        Example:
            >>> from nn import MLP
            >>> model = MLP(1, [1], seed=1)
            >>> _ = model.fit([[-1.0], [1.0]], ["no", "yes"], epochs=3)
            >>> [round(sum(row), 12) for row in model.predict_proba([[-2.0], [2.0]])]
            [1.0, 1.0]
        """
        return _above("measuring.predictions", "predict_proba")(self, X)

    def evaluate(self, X: Any, y: Any, metrics: Any = None) -> dict[str, float]:
        """Return the loss over rows and targets, and metrics by their names.

        Example:
            >>> from nn import MLP
            >>> model = MLP(1, [1], initializer="zeros")
            >>> model.evaluate([[0.0], [1.0]], [1.0, 3.0], metrics=["mse"])
            {'loss': 5.0, 'mse': 5.0}
        """
        found: dict[str, float] = _above("measuring.predictions", "evaluate")(self, X, y, metrics)
        return found

    def rows(self, X: Any) -> Any:
        """Return the outputs for every row as plain numbers, computed by the compiled model.

        Example:
            >>> from nn import MLP
            >>> MLP(2, [1], initializer="zeros").rows([[1, 2], [3, 4]])
            [0.0, 0.0]
        """
        return _above("measuring.predictions", "rows_of")(self, X)

    def save(self, path: Any) -> None:
        """Write the model to a file, .json or .safetensors, which `nn.load_model` reads.

        Raises:
            OSError: If it cannot be written; what was there is still there.
            ValueError: If the suffix is another, or a model of this kind is not known by name.

        Example:
            >>> import os, tempfile
            >>> from nn import MLP, load_model
            >>> model = MLP(2, [3, 1], "tanh", seed=1)
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     model.save(os.path.join(folder, "net.json"))
            ...     again = load_model(os.path.join(folder, "net.json"))
            >>> again.state_dict() == model.state_dict()
            True
        """
        _above("export", "save_model")(self, path)

    def export(self, path: Any, **options: Any) -> Any:
        """Write the model as code or as ONNX, by the suffix: .h, .mjs, .py, .onnx.

        See `nn.export_model` for the options.

        Example:
            >>> import os, tempfile
            >>> from nn import MLP
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     _ = MLP(2, [3, 1], "tanh", seed=1).export(os.path.join(folder, "net.h"))
            ...     os.listdir(folder)
            ['net.h']
        """
        return _above("export", "export_model")(self, path, **options)

    def state_dict(self) -> dict[str, Any]:
        """Return the parameters as plain data, which JSON can hold as well."""
        found: dict[str, Any] = _above("export", "state_dict")(self)
        return found

    def load_state_dict(self, state: Any) -> None:
        """Set the parameters to those of a `state_dict()`, of a model of the same shape.

        Raises:
            ValueError: If it does not fit; then nothing is changed.
        """
        _above("export", "load_state_dict")(self, state)

    def _lesson(self, X: Any, y: Any, **options: Any) -> Any:
        """Return the training as the live page takes it. See `nn.training.lessons`."""
        return _above("training.lessons", "lesson_of")(self, X, y, **options)

    def _part(self, path: str) -> ModulePart:
        """Return its row of a summary, without parameters; `path` is where it lies."""
        name = type(self).__name__
        return ModulePart(f"{path}: {name}" if path else name)

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    @recursive_repr()
    def __repr__(self) -> str:
        parts = [
            f"{name}={child!r}" for name, child in attributes_of(self) if isinstance(child, Module)
        ]
        parts.append(counted(self.parameter_count, "parameter"))
        return f"{type(self).__name__}({', '.join(parts)})"


def _above(room: str, name: str) -> Any:
    return getattr(import_module(f"nn.{room}"), name)


def _walk(module: Module) -> Iterator[tuple[str, Value | Module]]:
    """Yield (name, parameter or module) depth first, in order of assignment, each once."""
    seen: set[int] = set()
    pending: list[tuple[str, Any]] = [("", module)]
    while pending:
        name, owner = pending.pop()
        if id(owner) in seen:
            continue
        if type(owner) is Value:
            seen.add(id(owner))
            if owner.is_leaf and not owner.is_constant:
                yield name, owner
            continue
        if isinstance(owner, Module):
            yield name, owner
        members = _members(owner, name)
        if members:
            seen.add(id(owner))
            prefix = f"{name}." if name else ""
            pending.extend([(f"{prefix}{key}", member) for key, member in reversed(members)])


def _members(owner: Any, name: str) -> Sequence[tuple[Any, Any]]:
    """Return what a module or container holds, with keys; nothing for anything else."""
    if type(owner) in _HOLDS_NOTHING:
        return ()
    if isinstance(owner, (list, tuple)):
        return list(enumerate(owner))
    if isinstance(owner, Module):
        return attributes_of(owner)
    if isinstance(owner, Mapping):
        return list(owner.items())
    if isinstance(owner, Sequence) and not isinstance(owner, (str, bytes, bytearray)):
        return list(enumerate(owner))
    if isinstance(owner, AbstractSet) and any(isinstance(x, (Value, Module)) for x in owner):
        raise TypeError(
            f"attribute {name} is a {type(owner).__name__} that holds parameters; a set has no "
            "order, keep them in a list, tuple or dict"
        )
    if getattr(getattr(owner, "dtype", None), "kind", "") == "O":
        return _members(owner.tolist(), name)
    return ()


def _title(module: Module) -> str:
    # The repr of what holds other modules holds theirs, to any depth.
    own = type(module).__repr__ is not Module.__repr__
    return repr(module) if own else short_text(module, [])


def _parts(module: Module) -> list[ModulePart]:
    """Return a part for each layer, and for each other module that owns parameters itself."""
    parts: dict[str, ModulePart] = {}
    layer: str | None = None  # the path of the last one
    for path, owned in _walk(module):
        inside = layer is not None and (not layer or path.startswith(f"{layer}."))
        if isinstance(owned, Value):
            part = parts[layer if inside and layer is not None else _owner(path, parts)]
            kept = part.biases if path.rpartition(".")[2] == "bias" else part.weights
            kept.append(owned)
        elif not inside:
            part = parts.setdefault(path, owned._part(path))
            layer = path if part.shape else None
    return [part for part in parts.values() if part.parameters or part.shape]


def _owner(path: str, parts: Mapping[str, ModulePart]) -> str:
    """Return the path of the module that a parameter lies in."""
    while path and path not in parts:
        path = path.rpartition(".")[0]
    return path


def short_text(module: Module, stages: Sequence[str]) -> str:
    """Return the short text that stands for a module: its stages and how many parameters."""
    count = counted(module.parameter_count, "parameter")
    return f"{type(module).__name__}({', '.join([*filter(None, [' → '.join(stages)]), count])})"


def computes_as(module: Any, base: type, *methods: str) -> bool:
    """Return whether these methods of a module are those of a class of ours."""
    return all(
        getattr(getattr(module, name), "__func__", None) is getattr(base, name) for name in methods
    )


_HOLDS_NOTHING = frozenset((str, int, float, bool, type(None)))
