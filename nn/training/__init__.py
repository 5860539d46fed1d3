"""Training: from rows and targets to a model with its history.

From the bottom up:

    audits, checkpoints, history, progress, row_losses, schedules, workers
                          steps computed again; files to go on from; the epochs; a bar; the loss of
                          a row; the learning rate, step by step; work in other processes
    divergence, problem, settings
                          where a training ends badly; a model and what it is fitted to; how
    standing              where a training stands, as files keep it
    lessons, looking, minimizing, sharding, stepping
                          a training for the live page; what is seen after an epoch; SciPy's
                          methods; data in shards; steps, audited and explained
    runs                  a training, epoch by epoch
    fitting               `fit`, `partial_fit`
    rate_ranges, restarting
                          the range of learning rates; several seeds
"""
