"""Module: finding parameters, naming them, copying and showing models."""

import copy
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from autograd import Value
from nn import MLP, Layer, Module, Neuron


class Everything(Module):
    def __init__(self):
        self.scale = Value(1.0)
        self.rows = [[Value(2.0)], (Value(3.0), [Value(4.0)])]
        self.table = {"a": Value(5.0), 7: Neuron(1, initializer="zeros")}
        self.note = "not a parameter"
        self.count = 3
        self.nothing = None
        self.head = Layer(1, 1, initializer="zeros")
        self.again = self.scale


def test_named_parameters_in_order_of_assignment():
    assert [name for name, _ in Everything().named_parameters()] == [
        "scale",
        "rows.0.0",
        "rows.1.0",
        "rows.1.1.0",
        "table.a",
        "table.7.weights.0",
        "table.7.bias",
        "head.neurons.0.weights.0",
        "head.neurons.0.bias",
    ]


def test_parameters_are_those_of_named_parameters():
    model = Everything()
    pairs = zip(model.named_parameters(), model.parameters(), strict=True)
    assert all(named is plain for (_, named), plain in pairs)
    assert model.parameter_count == 9


def test_names_of_a_network():
    names = [name for name, _ in MLP(2, [2, 1]).named_parameters()]
    assert names == [
        "layers.0.neurons.0.weights.0",
        "layers.0.neurons.0.weights.1",
        "layers.0.neurons.0.bias",
        "layers.0.neurons.1.weights.0",
        "layers.0.neurons.1.weights.1",
        "layers.0.neurons.1.bias",
        "layers.1.neurons.0.weights.0",
        "layers.1.neurons.0.weights.1",
        "layers.1.neurons.0.bias",
    ]


def test_shared_modules_and_values_count_once():
    class Tied(Module):
        def __init__(self):
            self.encoder = Layer(2, 2)
            self.decoder = self.encoder
            self.pair = [self.encoder.neurons[0].weights[0]] * 2

    assert Tied().parameter_count == 6


def test_a_module_that_refers_to_itself():
    class Child(Module):
        def __init__(self, parent):
            self.parent = parent
            self.weight = Value(1.0)

    class Parent(Module):
        def __init__(self):
            self.child = Child(self)
            self.registry = [self, self.child]

    parent = Parent()
    assert [name for name, _ in parent.named_parameters()] == ["child.weight"]
    assert repr(parent) == "Parent(child=Child(parent=..., 1 parameter), 1 parameter)"


def test_computed_and_constant_values_are_not_parameters():
    class Remembers(Module):
        def __init__(self):
            self.weight = Value(2.0)
            self.constant = Value(3.0).detach()
            self.last = self.weight * self.weight

    assert [name for name, _ in Remembers().named_parameters()] == ["weight"]


def test_equal_values_are_different_parameters():
    class Pair(Module):
        def __init__(self):
            self.both = [Value(1.0), Value(1.0)]

    assert Pair().parameter_count == 2


def test_mappings_named_tuples_and_slots():
    class Line(NamedTuple):
        slope: Value
        intercept: Value

    class Slotted(Module):
        __slots__ = ("first", "unset")

        def __init__(self):
            self.later = OrderedDict(b=Value(1.0), a=Value(2.0))
            self.first = Line(Value(3.0), Value(4.0))

    class Further(Slotted):
        __slots__ = "second"

    @dataclass(slots=True, eq=False)
    class Compact(Module):
        weight: Value

    further = Further()
    further.second = Value(5.0)

    assert [name for name, _ in Slotted().named_parameters()] == [
        "first.0",
        "first.1",
        "later.b",
        "later.a",
    ]
    assert [name for name, _ in further.named_parameters()][:3] == ["first.0", "first.1", "second"]
    assert Compact(Value(1.0)).parameter_count == 1


def test_object_arrays():
    numpy = pytest.importorskip("numpy")

    class Matrix(Module):
        def __init__(self):
            self.w = numpy.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
            self.data = numpy.zeros((3, 3))

    assert [name for name, _ in Matrix().named_parameters()] == ["w.0.0", "w.0.1", "w.1.0", "w.1.1"]


def test_a_set_of_parameters_is_refused():
    class Unordered(Module):
        def __init__(self):
            self.words = {"fine"}
            self.weights = {Value(1.0)}

    with pytest.raises(TypeError, match="weights is a set"):
        Unordered().parameters()


def test_a_chain_of_modules_deeper_than_the_recursion_limit():
    class Link(Module):
        def __init__(self, following):
            self.following = following
            self.weight = Value(1.0)

    chain = None
    for _ in range(5_000):
        chain = Link(chain)
    assert chain.parameter_count == 5_000
    while chain is not None:
        chain = chain.following


def test_zero_grad():
    model = MLP(2, [2, 1], activation="tanh", seed=3)
    model([1.0, 2.0]).backward()
    assert all(parameter.grad != 0.0 for parameter in model.parameters())
    model.zero_grad()
    assert all(parameter.grad == 0.0 for parameter in model.parameters())


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (MLP(2, [16, 16, 1]), "MLP(2 → 16 relu → 16 relu → 1 linear, 337 parameters)"),
        (MLP(2, [1], bias=False), "MLP(2 → 1 linear, 2 parameters)"),
        (Layer(2, 3, activation="tanh"), "Layer(2 → 3 tanh, 9 parameters)"),
        (Layer(2, 3, activation="softmax"), "Layer(2 → 3 softmax, 9 parameters)"),
        (Neuron(2, nonlin=False), "Neuron(2 → linear, 3 parameters)"),
        (Neuron(1, bias=False), "Neuron(1 → relu, 1 parameter)"),
        (Module(), "Module(0 parameters)"),
    ],
)
def test_repr(module, text):
    assert repr(module) == text


def test_repr_of_a_subclass_shows_its_modules():
    class Autoencoder(Module):
        def __init__(self):
            self.encoder = Layer(4, 2, activation="tanh")
            self.decoder = Layer(2, 4, activation="linear")

    assert repr(Autoencoder()) == (
        "Autoencoder(encoder=Layer(4 → 2 tanh, 10 parameters), "
        "decoder=Layer(2 → 4 linear, 12 parameters), 22 parameters)"
    )


def copies(model):
    yield copy.deepcopy(model)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.loads(pickle.dumps(model, protocol))


def test_copies_and_pickles_are_equal_and_independent():
    model = MLP(
        2,
        [3, 1, 2],
        activations=["tanh", "leaky_relu", "softmax"],
        initializer="xavier_normal",
        seed=5,
    )
    x = [0.3, -0.7]
    before = [output.data for output in model(x)]
    for twin in copies(model):
        assert repr(twin) == repr(model)
        assert [output.data for output in twin(x)] == before
        originals = dict(model.named_parameters())
        for name, parameter in twin.named_parameters():
            assert parameter is not originals[name]
            assert parameter.label == originals[name].label
        twin(x)[0].backward()
        for parameter in twin.parameters():
            parameter.data -= 1.0
        assert [output.data for output in model(x)] == before
        assert all(parameter.grad == 0.0 for parameter in model.parameters())


def test_a_deep_copy_keeps_sharing():
    class Tied(Module):
        def __init__(self):
            self.encoder = Neuron(1)
            self.weight = self.encoder.weights[0]

    tied = copy.deepcopy(Tied())
    assert tied.weight is tied.encoder.weights[0]
