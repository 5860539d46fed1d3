/* The forms of a call's arguments and results, read once and not at every call. */

enum { A_NUMBER, SOME_NUMBERS, A_TUPLE, A_LIST, AN_ARRAY, MADE };

typedef struct {
    int kind;
    Py_ssize_t numbers; /* that it stands for */
    Py_ssize_t parts;   /* how many forms it is made of, each with its own behind it */
    PyObject *given;    /* the form of an array, (..., axes); what makes a thing of its part */
} Form;

/* An array of this form, with so many outputs from one on; NULL with an exception. */
static PyObject *(*array_of)(PyObject *form, const Program *program, int32_t first,
                             Py_ssize_t count);

static PyObject *list_of(const double *U, const int32_t *outputs, Py_ssize_t count) {
    PyObject *found = PyList_New(count);
    for (Py_ssize_t i = 0; found && i < count; i++) {
        PyObject *number = PyFloat_FromDouble(U[outputs[i]]);
        if (number) PyList_SET_ITEM(found, i, number);
        else Py_CLEAR(found);
    }
    return found;
}

/* The outputs from number k on in their form, a new reference; leaves both behind what was read. */
static PyObject *built(const Form **at, const Program *program, int32_t *k) {
    const Form *form = (*at)++;
    int32_t first = *k;
    PyObject *found, *part;
    switch (form->kind) {
    case A_NUMBER: (*k)++; return PyFloat_FromDouble(program->U[program->outputs[first]]);
    case SOME_NUMBERS:
        *k += (int32_t)form->numbers;
        return list_of(program->U, program->outputs + first, form->numbers);
    case AN_ARRAY:
        *k += (int32_t)form->numbers;
        return array_of(form->given, program, first, form->numbers);
    case MADE:
        part = built(at, program, k);
        found = part ? PyObject_CallFunctionObjArgs(form->given, part, NULL) : NULL;
        Py_XDECREF(part);
        return found;
    default: break;
    }
    found = form->kind == A_TUPLE ? PyTuple_New(form->parts) : PyList_New(0);
    for (Py_ssize_t i = 0; found && i < form->parts; i++) {
        part = built(at, program, k);
        if (part && form->kind == A_TUPLE) {
            PyTuple_SET_ITEM(found, i, part);
            continue;
        }
        if (!part || PyList_Append(found, part)) Py_CLEAR(found);
        Py_XDECREF(part);
    }
    return found;
}
