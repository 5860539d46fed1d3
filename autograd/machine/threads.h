/* A job shared among threads. They touch nothing of Python's: whoever starts them can wait for them
   whatever happens, in `atexit` too, and where no thread can be had works alone. */
#if !defined(__has_include) || __has_include(<pthread.h>)
#include <pthread.h>

typedef struct {
    Job *job;
    Memory memory;
    pthread_t thread;
} Worker;

static void *work_of_thread(void *given) {
    Worker *worker = given;
    work_on(worker->job, &worker->memory, NULL);
    return NULL;
}

static int start(Worker *worker, Job *job) {
    worker->job = job;
    if (!take_memory(job->program, &worker->memory)) return 0;
    if (!pthread_create(&worker->thread, NULL, work_of_thread, worker)) return 1;
    free_memory(&worker->memory);
    return 0;
}

/* Works on the chunks of a job with so many threads, this one among them, or as many as there can
   be; returns when all have ended. */
static void share(Job *job, Memory *memory, int threads, Look *look) {
    int others = 0;
    Worker *workers = threads > 1 ? PyMem_RawCalloc((size_t)threads - 1, sizeof(Worker)) : NULL;
    while (workers && others < threads - 1 && start(workers + others, job)) others++;
    work_on(job, memory, look);
    for (int k = 0; k < others; k++) {
        pthread_join(workers[k].thread, NULL);
        free_memory(&workers[k].memory);
    }
    PyMem_RawFree(workers);
}

#else

static void share(Job *job, Memory *memory, int threads, Look *look) {
    (void)threads;
    work_on(job, memory, look);
}

#endif
