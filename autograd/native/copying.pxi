# Copies and pickles of graphs: what copying.py does node by node, at once. Part of engine.pyx.

cpdef list computed_nodes(Value output, dict known):
    """Return the computed nodes below `output`, itself last, that are not known by their id."""
    cdef Sweep work
    cdef PyObject *node
    cdef PyObject *below = NULL
    cdef Operand *operands
    cdef size_t position, count
    cdef uint64_t mine = new_mark()
    cdef int failed
    cdef list found = []
    borrow(&work)
    try:
        failed = enter(&work, <PyObject *>output, mine)
        while work.pending.size and not failed:
            node = <PyObject *><uintptr_t>work.pending.items[work.pending.size - 2]
            position = work.pending.items[work.pending.size - 1]
            operands = operands_of(node)
            count = (<Value>node).count
            while position < count:
                if not is_number_at(node, position):
                    below = operands[position].node
                    if (<Value>below).count and (<Value>below).mark != mine:
                        if not known or <uintptr_t>below not in known:
                            break
                position += 1
            if position < count:
                work.pending.items[work.pending.size - 1] = position + 1
                failed = enter(&work, below, mine)
            else:
                work.pending.size -= 2
                found.append(<Value>node)
        if failed:
            raise MemoryError(f"the order of {len(found)} nodes and more")
        return found
    finally:
        give_back(&work)


cdef int place_operands(list nodes, list others, Stack *places, Stack *numbers) except -1:
    # For each operand the place of its node: among `nodes`, after these among `others`, which it
    # collects, or ~k for the number k. Nothing here makes an object that is tracked, so no other
    # code runs and marks stay ours.
    cdef uint64_t mine = new_mark()
    cdef size_t position, size = len(nodes)
    cdef PyObject *node
    cdef PyObject *below
    cdef Operand *operands
    cdef int failed = 0
    for position in range(size):
        (<Value>PySequence_Fast_ITEMS(nodes)[position]).mark = mine | position
    for place in range(size):
        node = PySequence_Fast_ITEMS(nodes)[place]
        operands = operands_of(node)
        for position in range((<Value>node).count):
            if is_number_at(node, position):
                failed |= stack_push(places, ~(<uint64_t>numbers.size))
                failed |= stack_push(numbers, (<uint64_t *>&operands[position].number)[0])
                continue
            below = operands[position].node
            if ((<Value>below).mark >> 32) << 32 != mine:
                (<Value>below).mark = mine | <uint64_t>(size + len(others))
                others.append(<Value>below)
            failed |= stack_push(places, <uint32_t>(<Value>below).mark)
    if failed:
        raise MemoryError(f"the operands of {size} nodes")
    return 0


def columns_of(list nodes):
    """Return what makes up computed nodes, in topological order: `copying.columns_of`, compiled."""
    cdef Stack places, numbers
    cdef Value node
    cdef size_t position, size = len(nodes)
    cdef list others = [], operations = [], origins = [None]
    cdef dict known = {}, labels = {}, seen = {id(None): 0}
    cdef object primitive, latest = None
    cdef unsigned int origin = 0
    data, grads = array("d", bytes(8 * size)), array("d", bytes(8 * size))
    stamps = array("q", bytes(8 * size))
    kinds, counts, spots = [array("I", bytes(4 * size)) for _ in range(3)]
    cdef double[::1] own_data = data, own_grads = grads
    cdef long long[::1] own_stamps = stamps
    cdef unsigned int[::1] own_kinds = kinds, own_counts = counts, own_spots = spots
    memset(&places, 0, sizeof(places))
    memset(&numbers, 0, sizeof(numbers))
    try:
        place_operands(nodes, others, &places, &numbers)
        for position in range(size):
            node = nodes[position]
            own_data[position] = node._data
            own_grads[position] = node._grad
            own_stamps[position] = node._stamp
            own_counts[position] = node.count
            primitive = primitive_of(node)
            if id(primitive) not in known:
                known[id(primitive)] = len(operations)
                operations.append(primitive)
            own_kinds[position] = known[id(primitive)]
            if node._label is not None and node._label:
                labels[position] = node._label
            if node._origin is not latest:
                latest = node._origin
                if id(latest) not in seen:
                    seen[id(latest)] = len(origins)
                    origins.append(latest)
                origin = seen[id(latest)]
            own_spots[position] = origin
        return (
            operations, others, labels, origins, kinds.tobytes(), counts.tobytes(),
            (<char *>places.items)[:8 * places.size] if places.size else b"",
            (<char *>numbers.items)[:8 * numbers.size] if numbers.size else b"",
            data.tobytes(), grads.tobytes(), stamps.tobytes(), spots.tobytes(),
        )
    finally:
        stack_free(&places)
        stack_free(&numbers)


def nodes_of(columns):
    """Return the nodes that columns describe: `copying.nodes_of`, compiled."""
    cdef list made = [], operations, others, origins
    cdef dict labels
    cdef const unsigned int[::1] kinds, counts, spots
    cdef const long long[::1] places
    cdef const double[::1] numbers, data, grads
    cdef const long long[::1] stamps
    cdef size_t position, k, count, first = 0, size
    cdef long long place
    cdef bint flows
    cdef Value node, operand
    global latest_edit
    operations, others, labels, origins = columns[:4]
    kinds, counts, places, numbers, data, grads, stamps, spots = columns[4:]
    size = kinds.shape[0]
    for position in range(size):
        count = counts[position]
        primitive = operations[kinds[position]]
        operands = []
        flows = False
        for k in range(count):
            place = places[first + k]
            if place < 0:
                operands.append(numbers[~place])
                continue
            if place >= <long long>position and place < <long long>size:
                raise ValueError(copying.later(position, place))
            operand = made[place] if place < <long long>position else others[place - size]
            operands.append(operand)
            flows = flows or not operand.flags & CONSTANT
        if not flows:
            raise ValueError(copying.of_constants(primitive))
        node = new_node(data[position])
        keep_numbered(node, CODES.get(primitive, USERS), primitive, tuple(operands))
        first += count
        node._grad = grads[position]
        node._stamp = <uint64_t>stamps[position]
        latest_edit = max(latest_edit, node._stamp)
        node._origin = origins[spots[position]]
        made.append(node)
    for position, label in labels.items():
        (<Value>made[position])._label = label
    return made


cdef object leaf_reduced(Value node):
    return copying.leaf, (
        node._data, node._grad, node._label, bool(node.flags & CONSTANT), node._origin, node._stamp
    )


cdef object deep_copied(Value output, dict memo):
    # Every node is looked up in `memo`: other roots of the same copy may share it.
    cdef list nodes = computed_nodes(output, memo) if output.code else [output]
    cdef list others = [], made = []
    cdef Stack places, numbers
    cdef size_t position, k, first = 0, number = 0, size = len(nodes)
    cdef double *operand_data
    cdef uint64_t place
    cdef Value node, copied
    cdef object latest = None, origin = None
    memset(&places, 0, sizeof(places))
    memset(&numbers, 0, sizeof(numbers))
    try:
        place_operands(nodes, others, &places, &numbers)
        for k in range(len(others)):
            node = others[k]
            if id(node) not in memo:
                memo[id(node)] = duplicate(node, copying.copied_origin(node._origin, memo))
            others[k] = memo[id(node)]
        operand_data = <double *>numbers.items
        for position in range(size):
            node = nodes[position]
            if node._origin is not latest:
                latest = node._origin
                origin = copying.copied_origin(latest, memo)
            copied = duplicate(node, origin)
            operands = []
            for k in range(node.count):
                place = places.items[first + k]
                if <int64_t>place < 0:
                    operands.append(operand_data[number])
                    number += 1
                else:
                    operands.append(made[place] if place < size else others[place - size])
            if node.count:
                keep_numbered(copied, node.code, primitive_of(node), tuple(operands))
            first += node.count
            memo[id(node)] = copied
            made.append(copied)
    finally:
        stack_free(&places)
        stack_free(&numbers)
    return made[size - 1]


cdef Value duplicate(Value node, origin):
    # The same node without operands.
    cdef Value copied = new_node(node._data)
    copied._grad = node._grad
    copied._label = node._label
    copied._stamp = node._stamp
    copied.flags = node.flags & CONSTANT
    copied._origin = origin
    return copied


cdef int keep_numbered(Value node, int code, primitive, tuple operands) except -1:
    # keep_operands, where the numbers are still floats among the operands.
    cdef double small[64]
    cdef double *data = small
    cdef size_t k, count = len(operands)
    if count > 64:
        data = <double *>PyMem_Malloc(count * sizeof(double))
        if data == NULL:
            raise MemoryError(f"{count} operands")
    try:
        for k in range(count):
            data[k] = operands[k] if type(operands[k]) is float else 0.0
        keep_operands(node, code, primitive, operands, count, data)
    finally:
        if data != small:
            PyMem_Free(data)
    return 0
