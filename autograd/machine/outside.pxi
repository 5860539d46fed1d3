# What a function reads from outside, compared by identity. Part of interpreter.pyx.

cdef extern from "Python.h":
    PyObject *in_cell "PyCell_GET"(PyObject *cell)
    int is_function "PyFunction_Check"(PyObject *thing)
    int is_list "PyList_Check"(PyObject *thing)
    int is_tuple "PyTuple_Check"(PyObject *thing)
    int is_dict "PyDict_Check"(PyObject *thing)
    PyObject *closure_of "PyFunction_GetClosure"(PyObject *f)
    PyObject *globals_of "PyFunction_GetGlobals"(PyObject *f)
    PyObject *code_of "PyFunction_GetCode"(PyObject *f)
    PyObject *defaults_of "PyFunction_GetDefaults"(PyObject *f)
    PyObject *keywords_of "PyFunction_GetKwDefaults"(PyObject *f)
    PyObject *item_of "PyDict_GetItemWithError"(PyObject *items, PyObject *key) except? NULL
    PyObject **dictionary_of "_PyObject_GetDictPtr"(PyObject *thing)
    PyObject *attribute_of "PyObject_GetAttr"(PyObject *thing, PyObject *name)
    PyObject *called_without "PyObject_CallNoArgs"(PyObject *thing) except NULL
    int next_pair "PyDict_Next"(
        PyObject *items, Py_ssize_t *place, PyObject **key, PyObject **value
    )
    Py_ssize_t pairs_in "PyDict_Size"(PyObject *items)
    Py_ssize_t items_in "PyTuple_Size"(PyObject *items)
    int is_raised "PyErr_ExceptionMatches"(PyObject *kind)
    void forget_error "PyErr_Clear"()
    void release "Py_DECREF"(PyObject *thing)
    PyObject *NOTHING "Py_None"
    PyObject *NO_ATTRIBUTE "PyExc_AttributeError"

from libc.string cimport memcmp

cdef extern from *:
    """
    static int has_one_reference(PyObject *thing) { return Py_REFCNT(thing) == 1; }

    /* A number that no dictionary had before and none has again once this one is changed (PEP 509);
       0 where Python keeps none. */
    static uint64_t version_of(PyObject *dictionary) {
    #if PY_VERSION_HEX < 0x030C0000
        return ((PyDictObject *)dictionary)->ma_version_tag;
    #else
        (void)dictionary;
        return 0;
    #endif
    }
    """
    int has_one_reference(PyObject *thing)
    uint64_t version_of(PyObject *dictionary)

cdef extern from "facts.h":
    ctypedef struct Facts:
        int fit
    bint facts_hold(const Facts *facts)
    void begin_facts(Facts *facts)
    void end_facts(Facts *facts)
    void forget_facts(Facts *facts)
    void note(Facts *facts, const void *at)
    void note_item(Facts *facts, PyObject *items, Py_ssize_t place)
    void note_items(
        Facts *facts, PyObject *items, Py_ssize_t count, const uintptr_t *these
    )
    void note_version(Facts *facts, PyObject *dictionary, uint64_t version)
    void note_type(Facts *facts, PyObject *thing)
    void note_cell(Facts *facts, PyObject *cell)
    void note_function(Facts *facts, PyObject *function)

cdef enum:
    AT_ROOT, AT_REFERENCE, AT_CELL, AT_GLOBAL, AT_ATTRIBUTE, AT_ITEM, AT_VALUE, AT_TYPE
    AT_BLOCK, AT_PAIRS, AT_SHOT, AT_CODE, AT_DEFAULTS, AT_KEYWORDS, AT_KNOWN

cdef dict OF_FUNCTIONS = {
    "__code__": AT_CODE, "__defaults__": AT_DEFAULTS, "__kwdefaults__": AT_KEYWORDS
}

cdef struct Step:
    int access
    int32_t start, following  # the numbers of other steps
    int compared
    Py_ssize_t count
    PyObject *key
    uintptr_t identity
    uintptr_t *identities
    PyObject *thing
    uint64_t version  # of the dictionary that the thing was last found in, and found to be the same


cdef class Steps:
    """Steps that were taken once, to be taken again: see `program/outside/steps.py`."""

    cdef Step *steps
    cdef Py_ssize_t count
    cdef uintptr_t *room
    cdef Facts facts  # of the latest time that all held
    cdef list held
    cdef object __weakref__

    def __init__(self):
        self.held = []

    def __dealloc__(self):
        PyMem_RawFree(self.steps)
        PyMem_RawFree(self.room)

    def load(self, list steps, list kept):
        """Take other steps.

        Args:
            steps: All of them, each behind the one it starts from.
            kept: What has to live for identities to mean something.
        """
        cdef Py_ssize_t i, j, following, numbers = 0
        cdef Step *made
        cdef uintptr_t *room
        cdef tuple block
        cdef dict blocks = {}  # by what holds the items, the steps that look at all of them
        for access, start, key, identity in steps:
            if access == AT_BLOCK:
                numbers += len(key)
            elif access == AT_PAIRS:
                numbers += 2 * len(key[0])
        made = <Step *>PyMem_RawCalloc(len(steps) + 1, sizeof(Step))
        room = <uintptr_t *>PyMem_RawCalloc(numbers + 1, sizeof(uintptr_t))
        if made == NULL or room == NULL:
            PyMem_RawFree(made)
            PyMem_RawFree(room)
            raise MemoryError
        PyMem_RawFree(self.steps)
        PyMem_RawFree(self.room)
        self.steps, self.room, self.count = made, room, 0
        forget_facts(&self.facts)
        self.held = [steps, kept]
        for i, (access, start, key, identity) in enumerate(steps):
            if not -1 <= start < i:
                raise ValueError(f"step {i} starts from {start}")
            made[i].access = access
            if access == AT_ATTRIBUTE and key in OF_FUNCTIONS:
                made[i].access = OF_FUNCTIONS[key]
            made[i].start = start
            made[i].compared = identity is not None
            made[i].identity = 0 if identity is None else identity
            made[i].key = <PyObject *>key
            if access == AT_CELL or access == AT_ITEM:
                made[i].count = key
                if access == AT_ITEM and identity is None and start in blocks:
                    # Where the block is as it was, its items are: this step has nothing to do.
                    j = blocks[start]
                    if 0 <= key < made[j].count:
                        made[i].access = AT_KNOWN
                        made[i].thing = <PyObject *>made[j].identities[key]
            elif access == AT_BLOCK or access == AT_PAIRS:
                made[i].identities = room
                block = key if access == AT_BLOCK else key[0]
                made[i].count = len(block)
                if access == AT_BLOCK:
                    blocks[start] = i
                for j in range(len(block)):
                    room[0] = block[j]
                    room += 1
                    if access == AT_PAIRS:
                        room[0] = key[1][j]
                        room += 1
        self.count = len(steps)
        following = self.count
        for i in reversed(range(self.count)):
            made[i].following = following
            following = following if made[i].access == AT_KNOWN else i

    def hold(self):
        """Return whether everything is the same object as before."""
        return bool(all_hold(self))


cdef inline int all_hold(Steps self) except -1:
    """Return whether everything is the same object as before."""
    return facts_hold(&self.facts) or all_are_reached(self, &self.facts)


cdef int all_are_reached(Steps self, Facts *facts) except -1:
    """Take all steps; return whether they lead where they did, and note what tells it sooner."""
    cdef Py_ssize_t i = 0, place
    cdef Step *step
    cdef PyObject *start
    cdef PyObject *thing
    cdef PyObject *key
    cdef PyObject *value
    cdef bint alone
    cdef PyObject **own
    cdef uint64_t version
    begin_facts(facts)
    while i < self.count:
        step = self.steps + i
        i = step.following
        start = self.steps[step.start].thing if step.start >= 0 else NULL
        if start == NULL and step.access != AT_ROOT:
            return 0
        if step.access == AT_BLOCK:
            if not is_block(start, step):
                return 0
            note_items(facts, start, step.count, step.identities)
            continue
        thing = NULL
        version = 0
        if step.access == AT_TYPE:
            thing = <PyObject *>Py_TYPE(start)
            note_type(facts, start)
        elif step.access == AT_ROOT:
            thing = step.key
        elif step.access == AT_GLOBAL:
            if not is_function(start):
                return 0
            version = version_of(globals_of(start))
            note_version(facts, globals_of(start), version)
            if version and version == step.version:
                continue
            thing = item_of(globals_of(start), step.key)
        elif step.access == AT_CELL:
            if not is_function(start):
                return 0
            value = closure_of(start)
            if value == NULL or step.count >= items_in(value):
                return 0
            value = PyTuple_GET_ITEM(<object>value, step.count)
            thing = in_cell(value)
            note_cell(facts, value)
        elif step.access == AT_CODE and is_function(start):
            thing = code_of(start)
            note_function(facts, start)
        elif step.access == AT_DEFAULTS and is_function(start):
            thing = defaults_of(start)
            note_function(facts, start)
            thing = NOTHING if thing == NULL else thing
        elif step.access == AT_KEYWORDS and is_function(start):
            thing = keywords_of(start)
            note_function(facts, start)
            thing = NOTHING if thing == NULL else thing
        elif step.access == AT_PAIRS:
            if not is_dict(start) or pairs_in(start) != step.count:
                return 0
            note_version(facts, start, version_of(start))
            place = 0
            thing = <PyObject *>step.identities
            while next_pair(start, &place, &key, &value):
                if (<uintptr_t *>thing)[0] != <uintptr_t>key:
                    return 0
                if (<uintptr_t *>thing)[1] != <uintptr_t>value:
                    return 0
                thing = <PyObject *>(<uintptr_t *>thing + 2)
            continue
        elif step.access == AT_ITEM:
            if not (is_list(start) or is_tuple(start)):
                return 0
            if step.count >= PySequence_Fast_GET_SIZE(<object>start):
                return 0
            thing = PySequence_Fast_ITEMS(<object>start)[step.count]
            note_item(facts, start, step.count)
        elif step.access == AT_VALUE:
            if not is_dict(start):
                return 0
            version = version_of(start)
            note_version(facts, start, version)
            if version and version == step.version:
                continue
            thing = item_of(start, step.key)
        elif step.access == AT_SHOT:
            facts.fit = False
            if not is_as_before(<object>start, <tuple>step.key):
                return 0
            continue
        elif step.access == AT_REFERENCE:
            facts.fit = False
            thing = called_without(start)
            alone = has_one_reference(thing)
            release(thing)
            if alone:
                return 0
        else:
            own = dictionary_of(start)
            if own != NULL and own[0] != NULL:
                note(facts, own)
                version = version_of(own[0])
                note_version(facts, own[0], version)
                if version and version == step.version:
                    continue
                thing = item_of(own[0], step.key)
                if thing != NULL:
                    if step.compared and <uintptr_t>thing != step.identity:
                        return 0
                    step.thing, step.version = thing, version
                    continue
                version = 0
            facts.fit = False
            thing = attribute_of(start, step.key)
            if thing == NULL:
                if not is_raised(NO_ATTRIBUTE):
                    return -1
                forget_error()
            elif has_one_reference(thing):  # made for us
                release(thing)
                return 0
            else:
                release(thing)
        if step.compared and <uintptr_t>thing != step.identity:
            return 0
        step.thing, step.version = thing, version
    end_facts(facts)
    return 1


cdef inline bint is_block(PyObject *start, const Step *step) noexcept:
    """Return whether a list or tuple has the same items."""
    cdef PyObject **items
    cdef uintptr_t different = 0
    cdef Py_ssize_t k
    if not (is_list(start) or is_tuple(start)):
        return False
    if PySequence_Fast_GET_SIZE(<object>start) != step.count:
        return False
    items = PySequence_Fast_ITEMS(<object>start)
    if step.count > 32:  # for fewer a call would take longer
        return memcmp(items, step.identities, step.count * sizeof(uintptr_t)) == 0
    for k in range(step.count):
        different |= <uintptr_t>items[k] ^ step.identities[k]
    return different == 0


cdef int is_as_before(object thing, tuple key) except -1:
    """Return whether an array or a set holds what it held: key is how to look, and what was seen."""
    cdef Py_buffer view
    cdef object before = key[1]
    cdef bytes numbers
    cdef Py_ssize_t i
    cdef bint same
    if not (type(before) is tuple and len(<tuple>before) == 3):
        return key[0](thing) == before
    try:
        PyObject_GetBuffer(thing, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)
    except (BufferError, TypeError, ValueError):
        return key[0](thing) == before
    try:
        numbers = before[2]
        shape = <tuple>before[0]
        same = view.len == len(numbers) and view.ndim == len(shape)
        if same:
            for i in range(view.ndim):
                same = same and view.shape[i] == <Py_ssize_t>shape[i]
        return same and memcmp(view.buf, <const char *>numbers, view.len) == 0
    finally:
        PyBuffer_Release(&view)
