# Long work and the world around it: signals, forks, processors. Part of interpreter.pyx.


cdef extern from "pythread.h":
    unsigned long PyThread_get_thread_ident()


cdef int hear_signals() except -1 with gil:
    """Let the handlers of signals run in the middle of long work."""
    return 1 if PyErr_Occurred() != NULL else PyErr_CheckSignals()


cdef int raise_waiting() except -1:
    """Raise the exception that a signal's handler left while C was at work, if one did."""
    return -1 if PyErr_Occurred() != NULL else 0


cdef Look look_of(double terms) except *:
    """Return how a run of so many terms hears signals: only the main thread can."""
    if terms > LONG_WORK and PyThread_get_thread_ident() == main_ident:
        return first_look(hear_signals)
    return first_look(NULL)


# In a child process nobody runs what another thread ran when the process was forked, and its only
# thread is the main one.
cdef unsigned int generation = 1
cdef unsigned long main_ident = main_thread().ident


def _forked():
    global generation, main_ident
    generation += 1
    main_ident = PyThread_get_thread_ident()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


cdef int processors() except -1:
    """Return how many processors this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return os.cpu_count() or 1 if allowed is None else len(allowed(0))
