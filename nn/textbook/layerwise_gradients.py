"""`forward` and `gradients`: the textbook's backpropagation of a model, without the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.tables import MOST_ROWS, Table, Tabled, short_number
from nn.textbook import matrix_form, node_form
from nn.textbook.output_errors import OutputError, loss_named
from nn.textbook.plain_layers import PlainLayer, plain_inputs, plain_layers
from nn.validation import describe

_FORMS: dict[str, Any] = {"nodes": node_form, "matrices": matrix_form}


class LayerwiseForward(Tabled):
    """All z and a of a model as plain floats, layer by layer.

    Layers are counted as in the lecture: 1 is the first one with weights, and 0 the inputs. Within
    a layer Python counts: unit j stands at [j - 1]. This is the order of `model.trace`.

    Attributes:
        z: The net inputs: `z[l][j]`; of a batch, `z[l][n][j]`. `z[0]` has no numbers.
        a: The activations, in the same way; `a[0]` are the inputs.

    Example:
        >>> from nn import MLP
        >>> found = forward(MLP(1, [2, 1], "linear", initializer="zeros"), [3.0])
        >>> found.a[0], found.z[1], found.output
        ([3.0], [0.0, 0.0], [0.0])
    """

    def __init__(
        self, title: str, z: list[list[list[float]]], a: list[list[list[float]]], is_batch: bool
    ) -> None:
        self.z: list[Any] = _without_examples(z, is_batch)
        self.a: list[Any] = _without_examples(a, is_batch)
        self._title = title
        self._is_batch = is_batch
        self._all: dict[str, list[list[list[float]]]] = {"z": z, "a": a}

    @property
    def output(self) -> Any:
        """The activations of the last layer."""
        return self.a[-1]

    def _table(self) -> Table:
        rows = [
            [
                *[f"[{n + 1}]"] * self._is_batch,
                str(layer),
                str(j + 1),
                *(
                    short_number(numbers[layer][n][j]) if j < len(numbers[layer][n]) else ""
                    for numbers in self._all.values()
                ),
            ]
            for n in range(len(self._all["a"][0]))
            for layer in range(len(self.a))
            for j in range(len(self._all["a"][layer][n]))
        ]
        header = [*["example"] * self._is_batch, "layer", "unit", *self._all]
        hidden = len(rows) - MOST_ROWS
        notes = [f"... and {hidden} more rows"] if hidden > 0 else []
        return Table(self._title, header, rows[:MOST_ROWS], notes=notes)


class LayerwiseGradients(LayerwiseForward):
    """What backpropagation finds in a model, as plain floats, layer by layer.

    Attributes:
        loss: L, as the function of this name in `nn.losses` has it for the outputs and targets.
        delta: δ = ∂L/∂z, in the order of `z`; of a batch, with the 1/n of the mean.
        weights: `weights[l][j][i]` is ∂L/∂w_ij^(l) of layer l; `weights[0]` is empty.
        biases: `biases[l][j]` is ∂L/∂b_j^(l), also where a layer has no biases.
        parameters: ∂L/∂w for every parameter, in the order of `model.parameters()`.
        factors: How many numbers are multiplied on a path from L to a weight of layer l.
        form: "nodes" or "matrices".

    Example:
        >>> from nn import MLP
        >>> found = gradients(MLP(1, [1], "linear", initializer="zeros"), [3.0], 1.0)
        >>> found.loss, found.delta[1], found.sensitivities[1], found.weights[1], found.biases[1]
        (0.5, [-1.0], [1.0], [[-3.0]], [-1.0])
    """

    def __init__(
        self,
        title: str,
        z: list[list[list[float]]],
        a: list[list[list[float]]],
        is_batch: bool,
        loss: float,
        found: tuple[list[list[list[float]]], list[list[list[float]]], list[list[float]]],
        form: str,
    ) -> None:
        super().__init__(title, z, a, is_batch)
        delta, weights, biases = found
        self._all["δ"] = delta
        self.loss = loss
        self.delta: list[Any] = _without_examples(delta, is_batch)
        self.weights: list[list[list[float]]] = [[], *weights]
        self.biases: list[list[float]] = [[], *biases]
        self.factors = factors_by_layer(len(weights))
        self.form = form
        self.parameters: list[float] = []

    @property
    def sensitivities(self) -> list[Any]:
        """The lecture's δ, −∂L/∂z: with squared error δ_k^(L) = (t_k − y_k) f′(net_k).

        The step down, w − η ∂L/∂w, is then w + η δ_j y_i.
        """
        return [_negated(layer) for layer in self.delta]


def forward(model: Any, x: Any, form: str = "nodes") -> LayerwiseForward:
    """Return all z and a of a model for one example, or for the rows of a batch.

    z_j^(l) = sum_i w_ij^(l) a_i^(l-1) + b_j^(l) and a_j^(l) = f(z_j^(l)), on plain floats.

    Args:
        model: An `MLP`, a `Layer` or a `Neuron`.
        x: The numbers of one example, or rows of them.
        form: "nodes" for sums over units, "matrices" for products of matrices.

    Raises:
        TypeError: If the model computes its outputs in a way of its own, or x holds no numbers.
        ValueError: If x has a wrong length or a number that is not finite, the form is unknown, or
            an activation is not one of `nn.activations`.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [2, 1], "tanh", initializer="zeros")
        >>> forward(model, [0.5, -1.0]).a
        [[0.5, -1.0], [0.0, 0.0], [0.0]]
    """
    formulas, layers = _form_named(form), plain_layers(model)
    rows, is_batch = plain_inputs(model, x)
    z, a = formulas.forward(layers, rows)
    return LayerwiseForward(f"{model!r}, {_told(form)}", z, a, is_batch)


def gradients(
    model: Any, x: Any, t: Any, loss: str = "squared_error", form: str = "nodes"
) -> LayerwiseGradients:
    """Return the sensitivities and gradients of a model by the textbook's backpropagation.

    With node formulas, δ_j^(l) = f′(z_j^(l)) sum_k w_jk^(l+1) δ_k^(l+1) and ∂L/∂w_ij^(l) =
    δ_j^(l) a_i^(l-1); with matrices the same as Δ^(l) = f′(Z^(l)) ∘ W^(l+1)ᵀ Δ^(l+1). All
    derivatives are stated by hand: neither `Value` nor `backward()` takes part.

    Args:
        model: An `MLP`, a `Layer` or a `Neuron`.
        x: The numbers of one example, or rows of them.
        t: The target or targets, as the loss takes them.
        loss: "squared_error", "mse", "hinge", "bce", "bce_with_logits", "nll", "cross_entropy".
        form: "nodes" or "matrices".

    Raises:
        TypeError: If the model computes its outputs in a way of its own, or something is no number.
        ValueError: If x or t do not fit, a name is unknown, or an activation is not one of
            `nn.activations`.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [2, 1], "tanh", initializer="zeros")
        >>> found = gradients(model, [0.5, -1.0], 1.0)
        >>> found.loss, found.delta[2], found.sensitivities[2]
        (0.5, [-1.0], [1.0])
        >>> found.weights[2], found.biases[2]
        ([[0.0, 0.0]], [-1.0])
    """
    formulas, layers = _form_named(form), plain_layers(model)
    derived = loss_named(loss)
    rows, is_batch = plain_inputs(model, x)
    z, a = formulas.forward(layers, rows)
    error: OutputError = derived.error(a[-1], t, is_batch)
    back = formulas.backward(layers, z, a, error.slopes)
    title = f"{model!r}, {loss} {short_number(error.value)}, {_told(form)}"
    found = LayerwiseGradients(title, z, a, is_batch, error.value, back, form)
    found.parameters = _in_order(model, layers, found)
    return found


def factors_by_layer(depth: int) -> list[int]:
    """Return how many numbers are multiplied on a path from the loss to a weight of each layer.

    These are ∂L/∂a and f′ of the output layer, w and f′ of every layer on the way, and a of the
    layer before the weight: the deeper the weight, the more. Layer 0 has no weights.

    Example:
        >>> factors_by_layer(3)
        [0, 7, 5, 3]
    """
    return [0, *(2 * (depth - layer) + 3 for layer in range(1, depth + 1))]


def _in_order(model: Any, layers: Sequence[PlainLayer], found: LayerwiseGradients) -> list[float]:
    """Return the gradients in the order of the parameters; a shared one has the sum of its own."""
    sums: dict[int, float] = {}
    for number, layer in enumerate(layers, start=1):
        for j, neuron in enumerate(layer.neurons):
            nodes = [*neuron.weights, *([] if neuron.bias is None else [neuron.bias])]
            own = [*found.weights[number][j], found.biases[number][j]]
            for node, gradient in zip(nodes, own, strict=False):  # without a bias, one more
                sums[id(node)] = sums.get(id(node), 0.0) + gradient
    named = model.named_parameters()
    others = [name for name, parameter in named if id(parameter) not in sums]
    if others:
        raise ValueError(
            f"{others[0]} is a parameter, but neither a weight nor a bias of a layer; the textbook "
            "has no formula for it"
        )
    return [sums[id(parameter)] for _, parameter in named]


def _form_named(form: Any) -> Any:
    if form not in ("nodes", "matrices"):
        raise ValueError(f'form must be "nodes" or "matrices", got {describe(form)}')
    return _FORMS[form]


def _told(form: str) -> str:
    return "by node formulas" if form == "nodes" else "by matrices"


def _without_examples(numbers: list[list[list[float]]], is_batch: bool) -> list[Any]:
    return list(numbers) if is_batch else [layer[0] for layer in numbers]


def _negated(numbers: Any) -> Any:
    return [-number if isinstance(number, float) else _negated(number) for number in numbers]
