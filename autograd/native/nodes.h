/* What the compiled Value needs of plain C: per-thread switches, operands, growing stacks. */
#ifndef AUTOGRAD_NODES_H
#define AUTOGRAD_NODES_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

/* The switches of switches.py, as this thread last set them. */
#if defined(__GNUC__) && !defined(_WIN32)
#define PER_THREAD static _Thread_local __attribute__((tls_model("initial-exec")))
#else
#define PER_THREAD static _Thread_local
#endif
PER_THREAD int recording_graph = 1;
PER_THREAD int recording_origins = 0;
PER_THREAD PyObject *recording_group = NULL; /* owned; NULL while lines are recorded, too */
PER_THREAD int recording_inspector = 0;
PER_THREAD int recording_watch = 0;

/* Brings memory near that is to be written soon. */
static inline void fetch(const void *at) {
#if defined(__GNUC__)
    __builtin_prefetch(at, 1);
#else
    (void)at;
#endif
}

/* An operand: a node (an owned reference), or a plain number kept in the node itself. */
typedef union {
    PyObject *node;
    double number;
} Operand;

#define CONSTANT 1      /* no gradient flows through this node */
#define FIRST_IS_NUMBER 2
#define SECOND_IS_NUMBER 4
#define IN_BLOCK 8      /* the operands are not in the node */

/* A growing array of 8-byte items. All memory is Python's, so that tests can let any of it fail. */
typedef struct {
    uint64_t *items;
    size_t size, capacity;
} Stack;

static inline int stack_push(Stack *stack, uint64_t item) {
    if (stack->size == stack->capacity) {
        size_t capacity = stack->capacity ? 2 * stack->capacity : 256;
        uint64_t *items = (uint64_t *)PyMem_RawRealloc(stack->items, capacity * sizeof(uint64_t));
        if (items == NULL) return 1;
        stack->items = items;
        stack->capacity = capacity;
    }
    stack->items[stack->size++] = item;
    return 0;
}

static inline void stack_free(Stack *stack) {
    PyMem_RawFree(stack->items);
    stack->items = NULL;
    stack->size = stack->capacity = 0;
}

/* Make the stack hold `size` zeros. */
static inline int stack_zeros(Stack *stack, size_t size) {
    if (size > stack->capacity) {
        uint64_t *items = (uint64_t *)PyMem_RawRealloc(stack->items, size * sizeof(uint64_t));
        if (items == NULL) return 1;
        stack->items = items;
        stack->capacity = size;
    }
    memset(stack->items, 0, size * sizeof(uint64_t));
    stack->size = size;
    return 0;
}

/* Give back the memory of an unusually large stack. */
static inline void stack_trim(Stack *stack) {
    if (stack->capacity > (1 << 21)) stack_free(stack);
}

/* The memory of dead nodes, for the next ones. All fields of a dead node are zero but for its label
 * and origin, which are None. Guarded by the GIL. */
#define SPARES 4096
static PyObject *spares[SPARES];
static int spare_count = 0;

static inline PyObject *take_spare(PyObject *type) {
    if (spare_count == 0) return NULL;
    PyObject *node = spares[--spare_count];
#if defined(Py_REF_DEBUG) || defined(Py_TRACE_REFS)
    return PyObject_Init(node, (PyTypeObject *)type);
#else
    (void)type; /* it never left the node */
    Py_SET_REFCNT(node, 1);
    return node;
#endif
}

static inline int keep_spare(PyObject *node) {
    if (spare_count == SPARES) return 0;
    spares[spare_count++] = node;
    return 1;
}

static inline int has_weak_references(PyObject *node) {
    return *(PyObject **)((char *)node + Py_TYPE(node)->tp_weaklistoffset) != NULL;
}

/* Nodes whose last reference is gone: each keeps the next in a field of its own, so that a chain of
   any length dies without recursion and without memory. The outermost death of a thread empties its
   list. */
PER_THREAD PyObject *dying = NULL;
PER_THREAD int is_burying = 0;

#endif
