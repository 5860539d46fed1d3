# Operands and the reverse sweep. Part of engine.pyx.
# From here on a node is often a bare pointer: `(<Value>node).field` then counts no references.

cdef inline Operand *operands_of(PyObject *node) noexcept:
    if (<Value>node).flags & IN_BLOCK:
        return <Operand *>(<Value>node).first.node
    return &(<Value>node).first


cdef inline bint is_number_at(PyObject *node, size_t position) noexcept:
    if (<Value>node).flags & IN_BLOCK:
        return (<char *>(<Operand *>(<Value>node).first.node + (<Value>node).count + 1))[position]
    return (<Value>node).flags & (FIRST_IS_NUMBER << position)


cdef inline double data_at(PyObject *node, size_t position) noexcept:
    cdef Operand *operand = operands_of(node) + position
    return operand.number if is_number_at(node, position) else (<Value>operand.node)._data


cdef Value parent(Value node, size_t position):
    # A number among the operands becomes a node when somebody asks, and stays that node.
    cdef PyObject *child = <PyObject *>node
    cdef Operand *operand = operands_of(child) + position
    cdef Value made
    if is_number_at(child, position):
        made = constant(operand.number)
        made._stamp = node._stamp
        Py_INCREF(made)
        operand.node = <PyObject *>made
        if node.flags & IN_BLOCK:
            (<char *>(operands_of(child) + node.count + 1))[position] = 0
        else:
            node.flags &= ~(FIRST_IS_NUMBER << position)
    return <Value>operand.node


# --- The sweep ------------------------------------------------------------------------------------

cdef struct Sweep:
    Stack pending  # pairs: node, next operand to visit
    Stack order    # nodes, parents before children
    Stack edges    # for each operand of each placed node, its place in the order or NO_ADJOINT
    Stack storage  # of the adjoints
    double *adjoints


# The memory of the latest sweep, kept for the next; a sweep that starts within another (a derivative
# computed in Python may do anything) finds nothing here and allocates its own.
cdef Sweep spare
memset(&spare, 0, sizeof(spare))


cdef object sweep(Value output, double seed, inputs):
    """Run reverse mode; write `.grad` (inputs is None) or return the adjoints of the inputs."""
    cdef Sweep work
    cdef PyObject *node
    cdef size_t position
    cdef uint64_t mine
    if recording_inspector:
        reverse.inspect(output, seed)
    borrow(&work)
    try:
        mine = new_mark()
        place_in_order(&work, <PyObject *>output, mine)
        if stack_zeros(&work.storage, work.order.size):
            raise MemoryError(f"{work.order.size} adjoints")
        work.adjoints = <double *>work.storage.items
        work.adjoints[work.order.size - 1] = seed
        if accumulate(&work) and isfinite(seed):
            reverse.refuse_overflow(output, seed)
        if inputs is not None:
            return adjoints_found(&work, inputs, mine)
        for position in range(work.order.size):
            node = <PyObject *><uintptr_t>work.order.items[position]
            if (<Value>node).code:
                (<Value>node)._grad = work.adjoints[position]
            else:
                (<Value>node)._grad += work.adjoints[position]
    finally:
        give_back(&work)


cdef list leaves_below(Value output):
    cdef Sweep work
    cdef PyObject *node
    cdef size_t position
    cdef list found = []
    if output.flags & CONSTANT:
        return found
    borrow(&work)
    try:
        place_in_order(&work, <PyObject *>output, new_mark())
        for position in range(work.order.size):
            node = <PyObject *><uintptr_t>work.order.items[position]
            if (<Value>node).count == 0:
                found.append(<Value>node)
        return found
    finally:
        give_back(&work)


cdef void borrow(Sweep *work) noexcept:
    global spare
    work[0] = spare
    memset(&spare, 0, sizeof(spare))
    work.pending.size = work.order.size = work.edges.size = work.storage.size = 0


cdef void give_back(Sweep *work) noexcept:
    global spare
    stack_free(&spare.pending)
    stack_free(&spare.order)
    stack_free(&spare.edges)
    stack_free(&spare.storage)
    stack_trim(&work.pending)
    stack_trim(&work.order)
    stack_trim(&work.edges)
    stack_trim(&work.storage)
    spare = work[0]


def wiring(outputs):
    """Return what computes some nodes: `reverse.wiring`, compiled."""
    cdef Sweep work
    cdef PyObject *node
    cdef Value output
    cdef uint64_t *edge
    cdef uint64_t mine = new_mark()
    cdef size_t position, k
    cdef list nodes = [], operands = [], places = []
    borrow(&work)
    try:
        for output in outputs:
            if (output.mark >> 32) << 32 != mine:
                place_in_order(&work, <PyObject *>output, mine)
            places.append(<uint32_t>output.mark)
        edge = work.edges.items
        for position in range(work.order.size):
            node = <PyObject *><uintptr_t>work.order.items[position]
            nodes.append(<Value>node)
            operands.append(tuple([
                data_at(node, k) if edge[k] == NO_ADJOINT else <uint32_t>edge[k]
                for k in range((<Value>node).count)
            ]))
            edge += (<Value>node).count
        return nodes, operands, places
    finally:
        give_back(&work)


cdef uint64_t new_mark() noexcept:
    global latest_sweep
    latest_sweep += 1
    if latest_sweep == 0:
        latest_sweep = 1  # 0 marks nodes that no sweep has met
    return <uint64_t>latest_sweep << 32


cdef int place_in_order(Sweep *work, PyObject *output, uint64_t mine) except -1:
    # Depth-first with an explicit stack; no Python code runs here, so marks stay ours throughout.
    cdef PyObject *node = output
    cdef PyObject *below
    cdef Operand *operands
    cdef size_t position, count
    cdef int failed
    failed = enter(work, output, mine)
    while work.pending.size and not failed:
        node = <PyObject *><uintptr_t>work.pending.items[work.pending.size - 2]
        position = work.pending.items[work.pending.size - 1]
        operands = operands_of(node)
        count = (<Value>node).count
        while position < count:
            if not is_number_at(node, position):
                below = operands[position].node
                if ((<Value>below).mark >> 32) << 32 != mine:
                    if not (<Value>below).flags & CONSTANT:
                        if (<Value>below).count:
                            break
                        failed |= place(work, below, mine)
            position += 1
        if position < count:
            work.pending.items[work.pending.size - 1] = position + 1
            failed |= enter(work, below, mine)
        else:
            work.pending.size -= 2
            failed |= place(work, node, mine)
    if failed & STALE:
        refuse_stale(node)
    if failed:
        raise MemoryError(f"the order of {work.order.size} nodes and more")
    return 0


cdef int refuse_stale(PyObject *node) except -1:
    for operand in (<Value>node).parents:
        if (<Value>operand)._stamp > (<Value>node)._stamp:
            raise ValueError(reverse.stale(operand, <Value>node))
    return 0


cdef inline int enter(Sweep *work, PyObject *node, uint64_t mine) noexcept:
    (<Value>node).mark = mine
    return stack_push(&work.pending, <uintptr_t>node) | stack_push(&work.pending, 0)


cdef inline int place(Sweep *work, PyObject *node, uint64_t mine) noexcept:
    cdef size_t position
    cdef uint64_t edge
    cdef PyObject *below
    cdef Operand *operands = operands_of(node)
    cdef int failed = 0
    for position in range((<Value>node).count):
        edge = NO_ADJOINT
        if not is_number_at(node, position):
            below = operands[position].node
            if (<Value>below)._stamp > (<Value>node)._stamp:
                return STALE
            if not (<Value>below).flags & CONSTANT:
                edge = <uint32_t>(<Value>below).mark
        failed |= stack_push(&work.edges, edge)
    (<Value>node).mark = mine | work.order.size
    return failed | stack_push(&work.order, <uintptr_t>node)


cdef int accumulate(Sweep *work) except -1:
    # Returns whether an adjoint is not finite: if any is, that of a leaf is too (inf · 0 is NaN).
    cdef double *adjoints = work.adjoints
    cdef uint64_t *edges = work.edges.items + work.edges.size
    cdef size_t position = work.order.size
    cdef PyObject *node
    cdef double adjoint, dx, dy
    cdef int wanted, code
    cdef bint overflows = False
    while position:
        position -= 1
        node = <PyObject *><uintptr_t>work.order.items[position]
        adjoint = adjoints[position]
        if (<Value>node).count == 0:
            overflows |= not isfinite(adjoint)
            continue
        edges -= (<Value>node).count
        code = (<Value>node).code
        if (<Value>node).count == 2:
            wanted = (edges[0] != NO_ADJOINT) | (edges[1] != NO_ADJOINT) << 1
            dx = dy = 0.0
            if partials2(
                code, wanted, (<Value>node)._data, data_at(node, 0), data_at(node, 1), &dx, &dy
            ) and isfinite(dx) and isfinite(dy):
                if wanted & 1:
                    adjoints[edges[0]] += dx * adjoint
                if wanted & 2:
                    adjoints[edges[1]] += dy * adjoint
                continue
        elif (<Value>node).count == 1:
            if partials1(code, 1, (<Value>node)._data, data_at(node, 0), &dx) and isfinite(dx):
                adjoints[edges[0]] += dx * adjoint
                continue
        accumulate_many(node, edges, adjoint, adjoints)
    return overflows


cdef int accumulate_many(
    PyObject *node, const uint64_t *edges, double adjoint, double *adjoints
) except -1:
    # More than two operands, a variadic operation, or derivatives that C cannot give.
    cdef double small[132]  # ROOM and twice 64
    cdef double *data = small
    cdef double *derivatives
    cdef size_t n = (<Value>node).count, position
    if n > 64:
        data = <double *>PyMem_Malloc((2 * n + ROOM) * sizeof(double))
        if data == NULL:
            raise MemoryError(f"{n} derivatives")
    derivatives = data + n
    try:
        derivatives_of_many(node, edges, adjoint, data, derivatives)
        for position in range(n):
            if edges[position] != NO_ADJOINT:
                adjoints[edges[position]] += derivatives[position] * adjoint
    finally:
        if data != small:
            PyMem_Free(data)
    return 0


cdef int derivatives_of_many(
    PyObject *node, const uint64_t *edges, double adjoint, double *data, double *derivatives
) except -1:
    # Room: data for as many numbers as there are operands, derivatives for ROOM more.
    cdef size_t n = (<Value>node).count, position
    cdef double out = (<Value>node)._data
    cdef int wanted = 0, code = (<Value>node).code
    cdef bint known = False
    for position in range(n):
        data[position] = data_at(node, position)
        derivatives[position] = 0.0
    if n <= 4:
        for position in range(n):
            wanted |= (edges[position] != NO_ADJOINT) << position
    if n == 1:
        known = partials1(code, wanted, out, data[0], derivatives)
    elif n == 2:
        known = partials2(code, wanted, out, data[0], data[1], derivatives, derivatives + 1)
    elif n == 3:
        known = partials3(
            code, wanted, out, data[0], data[1], data[2],
            derivatives, derivatives + 1, derivatives + 2,
        )
    elif n == 4:
        known = partials4(
            code, wanted, out, data[0], data[1], data[2], data[3],
            derivatives, derivatives + 1, derivatives + 2, derivatives + 3,
        )
    known = known or partials_n(code, out, data, n, derivatives)
    for position in range(n):
        if edges[position] != NO_ADJOINT and not isfinite(derivatives[position]):
            known = False
    if not known:
        for position, derivative in enumerate(reverse.local_derivatives(<object>node, adjoint)):
            if derivative is not None:
                derivatives[position] = derivative
    return 0


def cone(Value source, Value output):
    """Return what lies between two values: `path_cone.searched`, compiled."""
    cdef Sweep work
    cdef PyObject *node
    cdef uint64_t *edge
    cdef uint64_t mine = new_mark()
    cdef size_t size, start, position, k, widest = 0
    cdef char *lies = NULL  # 1: the source leads there; 2: it also leads to the output
    cdef double *data = NULL
    cdef list nodes = [], heads = [], tails = [], operands = [], derivatives = []
    cdef list places
    borrow(&work)
    try:
        place_in_order(&work, <PyObject *>output, mine)
        if (source.mark >> 32) << 32 != mine:
            return None
        size, start = work.order.size, <uint32_t>source.mark
        lies = <char *>PyMem_Malloc(size)
        if lies == NULL:
            raise MemoryError(f"{size} nodes")
        memset(lies, 0, size)
        lies[start] = 1
        edge = work.edges.items
        for position in range(size):
            node = <PyObject *><uintptr_t>work.order.items[position]
            if position > start:
                widest = max(widest, <size_t>(<Value>node).count)
                for k in range((<Value>node).count):
                    if edge[k] != NO_ADJOINT and lies[edge[k]]:
                        lies[position] = 1
                        break
            edge += (<Value>node).count
        if not lies[size - 1]:
            return None
        lies[size - 1] = 2
        for position in range(size - 1, start, -1):
            node = <PyObject *><uintptr_t>work.order.items[position]
            edge -= (<Value>node).count
            if lies[position] == 2:
                for k in range((<Value>node).count):
                    if edge[k] != NO_ADJOINT and lies[edge[k]]:
                        lies[edge[k]] = 2
        data = <double *>PyMem_Malloc((2 * widest + ROOM) * sizeof(double))
        if data == NULL:
            raise MemoryError(f"{widest} derivatives")
        places = [0] * size
        nodes.append(source)
        # Derivatives may be Python's, which may do anything: from here on no mark is read.
        for position in range(start + 1, size):
            node = <PyObject *><uintptr_t>work.order.items[position]
            if lies[position] == 2:
                derivatives_of_many(node, edge, 1.0, data, data + (<Value>node).count)
                places[position] = len(nodes)
                for k in range((<Value>node).count):
                    if edge[k] != NO_ADJOINT and lies[edge[k]] == 2:
                        heads.append(len(nodes))
                        tails.append(places[edge[k]])
                        operands.append(k)
                        derivatives.append(data[(<Value>node).count + k])
                nodes.append(<Value>node)
            edge += (<Value>node).count
        return nodes, heads, tails, operands, derivatives
    finally:
        PyMem_Free(lies)
        PyMem_Free(data)
        give_back(&work)


cdef list adjoints_found(Sweep *work, inputs, uint64_t mine):
    # A node's mark is its place, unless another sweep (derivatives in Python) has met it since.
    cdef dict places = None
    cdef list found = []
    cdef uint64_t mark
    cdef size_t place
    for node in inputs:
        mark = (<Value>node).mark if type(node) is Value else 0
        if (mark >> 32) << 32 == mine:
            found.append(work.adjoints[<uint32_t>mark])
        elif <uint64_t>latest_sweep << 32 == mine:
            found.append(0.0)
        else:
            if places is None:
                places = {<uintptr_t>work.order.items[place]: place for place in range(work.order.size)}
            found.append(work.adjoints[places[id(node)]] if id(node) in places else 0.0)
    return found
