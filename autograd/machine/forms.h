/* The forms of a call's arguments and results, read once and not at every call. */

enum { A_NUMBER, SOME_NUMBERS, A_TUPLE, A_LIST, AN_ARRAY, MADE };

typedef struct {
    int kind;
    int32_t first;      /* the first of the outputs that it stands for */
    Py_ssize_t numbers; /* how many these are */
    Py_ssize_t parts;   /* how many forms it is made of, each with its own behind it */
    Py_ssize_t forms;   /* how many these are, with their own and itself */
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

/* The outputs of a program in their form, a new reference. */
static PyObject *built(const Form *form, const Program *program) {
    PyObject *found, *item;
    int is_tuple = form->kind == A_TUPLE;
    switch (form->kind) {
    case A_NUMBER: return PyFloat_FromDouble(program->U[program->outputs[form->first]]);
    case SOME_NUMBERS:
        return list_of(program->U, program->outputs + form->first, form->numbers);
    case AN_ARRAY: return array_of(form->given, program, form->first, form->numbers);
    case MADE:
        item = built(form + 1, program);
        found = item ? PyObject_CallFunctionObjArgs(form->given, item, NULL) : NULL;
        Py_XDECREF(item);
        return found;
    default: break;
    }
    found = is_tuple ? PyTuple_New(form->parts) : PyList_New(0);
    const Form *part = form + 1;
    for (Py_ssize_t i = 0; found && i < form->parts; i++, part += part->forms) {
        item = part->kind == A_NUMBER
                   ? PyFloat_FromDouble(program->U[program->outputs[part->first]])
                   : built(part, program);
        if (item && is_tuple) {
            PyTuple_SET_ITEM(found, i, item);
            continue;
        }
        if (!item || PyList_Append(found, item)) Py_CLEAR(found);
        Py_XDECREF(item);
    }
    return found;
}
