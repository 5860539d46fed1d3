# This thread's switches, kept where recording looks. Part of engine.pyx.

def follow_switches(switches):
    """Keep this thread's copy of the switches of switches.py."""
    global recording_graph, recording_origins, recording_inspector, recording_watch, recording_group
    cdef PyObject *before = recording_group
    recording_graph = switches.graph
    recording_origins = switches.locations or switches.group is not None
    recording_group = NULL
    if switches.group is not None and not switches.locations:
        Py_INCREF(switches.group)
        recording_group = <PyObject *>switches.group
    if before != NULL:
        Py_DECREF(<object>before)
    recording_inspector = switches.inspector is not None
    recording_watch = switches.watch is not None


def switched_back(self, kind, error, traceback):
    """Leave the block of a switch: in C, where no signal's handler can raise half-way.

    Before the switch is back, nothing here needs memory.
    """
    cdef list before = self._before
    setattr(switches.current, self._name, before[len(before) - 1])
    for follow in switches.followers:
        follow(switches.current)
    switches.watchers.discard(self)
    before.pop()
    if not before:
        switches.switched.discard(self)


switches.followers.append(follow_switches)
switches.Switched.__exit__ = switched_back
