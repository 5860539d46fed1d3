/* A job shared among threads, where that pays. They touch nothing of Python's: whoever starts them
   can wait for them whatever happens, in `atexit` too, and where no thread can be had works alone. */
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

/* Works on so many of the chunks that are left. */
static void run_chunks(Job *job, Memory *memory, int64_t chunks, int threads, Look *look) {
    job->first_chunk = job->next_chunk = job->end_chunk;
    job->end_chunk += chunks;
    share(job, memory, (int)(threads < chunks ? threads : chunks), look);
    add_chunks(job);
}

/* --- As many threads as pay ------------------------------------------------------------------- */

/* In seconds of work: */
static const double WORTH_A_LOOK = 100e-6;  /* so much tells how long a chunk takes */
static const double WORTH_SHARING = 500e-6; /* starting threads is little against it */
static const double A_STRETCH = 20e-3;      /* between two looks at whether sharing pays */
static const double LEAST_GAIN = 1.2;       /* times as fast as alone; else it does not */
static const double PATIENCE = 40.0; /* what a try lost, times this, passes before the next */

/* What a machine learned about sharing its work. */
typedef struct {
    double alone; /* seconds of work to be done alone: other programs have the processors */
} Sharing;

static double timed_chunks(Job *job, Memory *memory, int64_t chunks, int threads, Look *look) {
    double start = seconds_now();
    run_chunks(job, memory, chunks, threads, look);
    return seconds_now() - start;
}

/* How many chunks of `most` take so many seconds; at least one. */
static int64_t chunks_in(double seconds, double a_chunk, int64_t most) {
    double chunks = seconds / a_chunk;
    return chunks < 1.0 ? 1 : chunks < (double)most ? (int64_t)chunks : most;
}

/* Works on all chunks, `together` at most at a time, alone or with all threads, whatever is found to
   be quicker. */
static void run_measured(Job *job, Memory *memory, int64_t chunks, int64_t together, int threads,
                         Look *look, Sharing *sharing) {
    double spent = 0.0, a_chunk = INFINITY;
    while (spent < WORTH_A_LOOK && job->end_chunk < chunks && !job->stop) {
        spent += timed_chunks(job, memory, 1, 1, look);
        a_chunk = spent / (double)job->end_chunk;
    }
    while (job->end_chunk < chunks && !job->stop) {
        int64_t left = chunks - job->end_chunk, some = left < together ? left : together;
        int shared = sharing->alone <= 0.0 && a_chunk * (double)left > WORTH_SHARING;
        if (shared || sharing->alone > 0.0) some = chunks_in(A_STRETCH, a_chunk, some);
        double took = timed_chunks(job, memory, some, shared ? threads : 1, look);
        double expected = a_chunk * (double)some;
        if (!shared)
            sharing->alone -= took;
        else if (took * LEAST_GAIN > expected)
            sharing->alone = A_STRETCH + PATIENCE * (took > expected ? took - expected : 0.0);
    }
}

static void run_with(Job *job, Memory *memory, int64_t chunks, int64_t together, int threads,
                     Look *look) {
    while (job->end_chunk < chunks && !job->stop) {
        int64_t left = chunks - job->end_chunk;
        run_chunks(job, memory, left < together ? left : together, threads, look);
    }
}
