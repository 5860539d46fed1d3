# Functions of any number of operands, and what of the rest is also a method. Part of engine.pyx.

cdef object packed(int op, xs):
    if (type(xs) is list or type(xs) is tuple) and len(xs):
        return record_n(op, xs)
    return record_n(op, PRIMITIVES[op].pack(xs))


def dot(a, b, bias=None):
    """Return bias + a1 b1 + … + an bn as one node: the net input of a neuron.

    Example:
        >>> dot([0.5, 2.0], [0.25, 1.0])
        2.125
    """
    if (type(a) is list or type(a) is tuple) and (type(b) is list or type(b) is tuple):
        if len(a) == len(b):
            return record_n(OP_dot, [*a, *b] if bias is None else [*a, *b, bias])
    return record_n(OP_dot, PRIMITIVES[OP_dot].pack(a, b, bias))


def softmax(xs):
    """Return the list of e^x_i / Σ e^x_j: `autograd.primitives.softmax`, compiled."""
    logits = primitives.listed("softmax", "xs", xs)
    shift = softmax_shift(logits)
    excess = record_n(OP_softmax_excess, (*logits, shift))
    cdef list found = []
    for x in logits:
        found.append(softmax_component(x, shift, excess))
    return found


FUNCTIONS["dot"] = dot
FUNCTIONS["softmax"] = softmax
softmax.__doc__ = primitives.softmax.__doc__

# An operation with a fixed number of operands is also a method. The class is a static type, which
# takes new attributes only through its own dictionary.
cdef dict attributes = <dict>(<PyTypeObject *>Value).tp_dict
for name, function in FUNCTIONS.items():
    function.__name__ = function.__qualname__ = name
    function.__module__ = "autograd"
    if name in RULES and not RULES[name].is_variadic:
        attributes[name] = function
        if RULES[name].numpy_name:
            attributes[RULES[name].numpy_name] = function
attributes.update(elsewhere.places(Value))
attributes.update(ufuncs.METHODS)
# `help(Value)` says what the reference says, unless `python -OO` has taken it away.
cdef bytes documentation = ("Value(data, label=None)\n--\n\n" + (reference.__doc__ or "")).encode()
(<PyTypeObject *>Value).tp_doc = documentation
PyType_Modified(Value)
