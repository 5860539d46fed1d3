/* What was found to be as before, as words of memory that say so as long as they are the same: the
   pointer that a step follows, the version of a dictionary that it looks into.

   They are compared in the order in which they were noted: what the address of one depends on is
   alive because those before it hold. */

enum { MOST_FACTS = 64, MOST_IN_VAIN = 4 };

typedef struct {
    const uintptr_t *at;
    uintptr_t word;
} Fact;

typedef struct {
    Fact items[MOST_FACTS];
    int count, fit; /* fit: nothing was met that no words tell */
    int are_all;    /* they are noted to the last */
    int in_vain;    /* how often they were noted although no words tell; then they no longer are */
} Facts;

static inline int facts_hold(const Facts *facts) {
    if (!facts->are_all) return 0;
    for (int k = 0; k < facts->count; k++)
        if (*facts->items[k].at != facts->items[k].word) return 0;
    return 1;
}

static void begin_facts(Facts *facts) {
    facts->count = facts->are_all = 0;
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

static void note(Facts *facts, const void *at) {
    if (!facts->fit) return;
    for (int k = 0; k < facts->count; k++)
        if (facts->items[k].at == at) return;
    if (facts->count == MOST_FACTS)
        facts->fit = 0;
    else
        facts->items[facts->count++] = (Fact){at, *(const uintptr_t *)at};
}

/* Notes the items of a list from one on; a tuple keeps its own. */
static void note_items(Facts *facts, PyObject *items, Py_ssize_t first, Py_ssize_t count) {
    if (PyTuple_CheckExact(items)) return;
    PyListObject *list = (PyListObject *)items;
    if (!PyList_CheckExact(items) || count > MOST_FACTS) facts->fit = 0;
    if (!facts->fit) return;
    note(facts, &((PyVarObject *)list)->ob_size);
    note(facts, &list->ob_item);
    for (Py_ssize_t k = first; k < first + count; k++) note(facts, &list->ob_item[k]);
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
