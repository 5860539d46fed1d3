"""Faults that change nothing anybody could notice, with the reason for each."""

_ORDER = "floats add and multiply the same in either order"
_NO_WATCH = "without anybody who watches, telling does nothing"
_SPEED = "only the quicker way of two that agree is lost"
_PICKLED = "a leaf announces a graph of itself alone; one node more or less is found as a parent"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "autograd/forward.py",
        "plus(tangent, times(derivative, x.tangent))",
        "(plus(times(derivative, x.tangent), tangent))",
    ): _ORDER,
    (
        "autograd/forward.py",
        "times(derivative, x.tangent)",
        "(times(x.tangent, derivative))",
    ): _ORDER,
    ("autograd/forward.py", "1", "2"): "levels are only compared, and none is used twice",
    (
        "autograd/functional.py",
        "node.is_leaf",
        "True",
    ): "only leaves are looked up among what was made",
    (
        "autograd/operators.py",
        'switches.watchers and hasattr(self, "is_constant")',
        "(switches.watchers or hasattr(self, 'is_constant'))",
    ): _NO_WATCH,
    (
        "autograd/operators.py",
        'switches.watchers and hasattr(self, "is_constant")',
        "(hasattr(self, 'is_constant'))",
    ): _NO_WATCH,
    (
        "autograd/operators.py",
        "type(other) is float or is_carrier(other)",
        "(is_carrier(other))",
    ): _SPEED,
    (
        "autograd/copying.py",
        "not output.parents or id(output) in _announced.nodes",
        "(id(output) in _announced.nodes)",
    ): _PICKLED,
    ("autograd/copying.py", "1", "2"): _PICKLED,
    ("autograd/graph.py", 'TypeVar("N", bound=Node)', "(TypeVar('N'))"): "of types only",
    ("autograd/graph.py", '"N"', "'NX'"): "of types only",
    ("autograd/value.py", "0", "1"): "edits are counted from any number",
    ("autograd/value.py", "1", "2"): "levels are only compared",
    (
        "autograd/render/crossings.py",
        "fewest == 0 or idle == PATIENCE",
        "(idle == PATIENCE)",
    ): "without a crossing, a sweep finds no fewer",
    (
        "autograd/render/placement.py",
        "min(max(mean, low), high)",
        "(min(high, max(mean, low)))",
    ): "the lesser of two numbers is the same in either order",
    (
        "autograd/path_finding/counts.py",
        "onward and node is not source",
        "(onward or node is not source)",
    ): "every node in order leads on to the output, and none below the source is reached",
    ("autograd/path_finding/search.py", "1.0", "2.0"): "bounds are only compared with each other",
    ("autograd/path_finding/search.py", "1.0", "0.5"): "bounds are only compared with each other",
    (
        "autograd/program/passes/identities.py",
        "1000",
        "1001",
    ): "an inverse is exact there with either bound",
    (
        "autograd/program/passes/partial_codes.py",
        "dataclass(frozen=True, slots=True)",
        "(dataclass(frozen=True))",
    ): "only memory is lost",
}
