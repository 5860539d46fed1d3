# Single operations over lanes: what tests of the vector functions ask for. Part of interpreter.pyx.

cdef extern from "words.h":
    int INVALID_FLAG, DIVISION_FLAG, OVERFLOW_FLAG


def elementwise(name, *columns, plain=False):
    """Return an operation over lanes, of arrays of doubles: for tests of the vector functions."""
    return over_lanes(name, columns, plain)[0]


def elementwise_flags(name, *columns, plain=False):
    """Return which flags the operation raises over lanes, as a set of their names."""
    raised = over_lanes(name, columns, plain)[1]
    names = {
        INVALID_FLAG: "invalid", DIVISION_FLAG: "division by zero", OVERFLOW_FLAG: "overflow",
    }
    return {name for bit, name in names.items() if raised & bit}


def over_lanes(name, columns, plain):
    """Return an operation over lanes of arrays of doubles, and the flags it raised."""
    if name not in CODES:
        raise ValueError(f"no operation is called {name!r}")
    operands = [word for slot in range(len(columns)) for word in (IN_V, slot, 0)]
    words = array("i", [CODES[name], 1, len(columns), *operands])
    cdef Machine machine = Machine(
        words=words, sections=(0, len(words), len(words)), uniforms=0, varying=len(columns) + 1,
        constants=array("d"), constants_at=0, parameters_at=0, parameters=0, inputs_at=0,
        inputs=len(columns), scale_at=-1, rows_at=-1, totals_at=0, totals=0, outputs=array("i"),
        row_outputs=array("i", [len(columns)]), guards=array("i"), plain=plain,
    )
    rows = len(columns[0])
    found = array("d", bytes(8 * rows))
    if rows:
        machine.run_rows([(column, 0, 1) for column in columns], rows, 1.0, found)
    return found, machine.latest_flags
