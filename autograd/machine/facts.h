/* What was found to be as before, as words of memory that say so as long as they are the same: the
   pointer that a step follows, the version of a dictionary that it looks into, the items of a list.

   They are compared in the order in which they were noted: what the address of one depends on is
   alive because those before it hold. */

enum { MOST_FACTS = 256, MOST_ITEMS = 4096, MOST_IN_VAIN = 4, LATELY_NOTED = 8 };

typedef struct {
    const uintptr_t *at;
    uintptr_t word;
    const uintptr_t *items; /* NULL; or the word is the size of a list, and these are its items */
} Fact;

typedef struct {
    Fact items[MOST_FACTS];
    int count, fit; /* fit: nothing was met that no words tell */
    Py_ssize_t compared; /* items of lists */
    int are_all;    /* they are noted to the last */
    int in_vain;    /* how often they were noted although no words tell; then they no longer are */
} Facts;

static inline int has_items(const uintptr_t *size, const uintptr_t *items) {
    const char *list = (const char *)size - offsetof(PyVarObject, ob_size);
    return memcmp(((const PyListObject *)list)->ob_item, items, *size * sizeof(*items)) == 0;
}

static inline int facts_hold(const Facts *facts) {
    if (!facts->are_all) return 0;
    for (const Fact *fact = facts->items, *end = fact + facts->count; fact < end; fact++) {
        if (*fact->at != fact->word) return 0;
        if (fact->items && !has_items(fact->at, fact->items)) return 0;
    }
    return 1;
}

static void begin_facts(Facts *facts) {
    facts->count = facts->are_all = 0;
    facts->compared = 0;
    facts->fit = facts->in_vain < MOST_IN_VAIN;
}

static void end_facts(Facts *facts) {
    facts->are_all = facts->fit;
    if (!facts->fit && facts->in_vain < MOST_IN_VAIN) facts->in_vain++;
}

static void forget_facts(Facts *facts) {
    facts->in_vain = 0;
    begin_facts(facts);
}

static void add_fact(Facts *facts, Fact fact) {
    if (facts->count == MOST_FACTS) facts->fit = 0;
    if (facts->fit) facts->items[facts->count++] = fact;
}

static void note(Facts *facts, const void *at) {
    for (int k = facts->count - 1; k >= 0 && k >= facts->count - LATELY_NOTED; k--)
        if (facts->items[k].at == at) return;
    if (facts->fit) add_fact(facts, (Fact){at, *(const uintptr_t *)at, NULL});
}

/* Whether items are still to be noted: those of a list, and not too many; a tuple keeps its own. */
static int are_to_be_noted(Facts *facts, PyObject *items, Py_ssize_t count) {
    if (PyTuple_CheckExact(items)) return 0;
    facts->compared += count;
    if (!PyList_CheckExact(items) || facts->compared > MOST_ITEMS) facts->fit = 0;
    return facts->fit;
}

/* Notes one item of a list. */
static void note_item(Facts *facts, PyObject *items, Py_ssize_t place) {
    PyListObject *list = (PyListObject *)items;
    if (!are_to_be_noted(facts, items, 1)) return;
    note(facts, &((PyVarObject *)items)->ob_size);
    note(facts, &list->ob_item);
    note(facts, &list->ob_item[place]);
}

/* Notes all items of a list; `these` are the same, and stay where they are. */
static void note_items(Facts *facts, PyObject *items, Py_ssize_t count, const uintptr_t *these) {
    const void *size = &((PyVarObject *)items)->ob_size;
    if (are_to_be_noted(facts, items, count))
        add_fact(facts, (Fact){size, (uintptr_t)count, count ? these : NULL});
}

/* Notes that a dictionary is as it was at this version: a number that no dictionary had before and
   none has again once this one is changed (PEP 509); 0 where Python keeps none. */
static void note_version(Facts *facts, PyObject *dictionary, uint64_t version) {
#if PY_VERSION_HEX < 0x030C0000 && UINTPTR_MAX == UINT64_MAX
    const uint64_t *at = &((PyDictObject *)dictionary)->ma_version_tag;
    note(facts, at);
    if (version == 0 || *at != version) facts->fit = 0;
#else
    (void)dictionary, (void)version;
    facts->fit = 0;
#endif
}

static void note_type(Facts *facts, PyObject *thing) { note(facts, &thing->ob_type); }

static void note_cell(Facts *facts, PyObject *cell) { note(facts, &((PyCellObject *)cell)->ob_ref); }

static void note_function(Facts *facts, PyObject *function) {
    const PyFunctionObject *f = (PyFunctionObject *)function;
    note(facts, &f->func_code);
    note(facts, &f->func_defaults);
    note(facts, &f->func_kwdefaults);
}
