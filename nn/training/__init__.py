"""Training: from rows and targets to a model with its history.

From the bottom up:

    cells, splitting, schedules, workers
                          numbers in tables, read one by one; rows, held out by chance; the learning
                          rate, step by step; work in other processes
    tables, row_losses, progress
                          features from whatever holds them; the loss of a row, compiled and as
                          nodes; a bar
    targets, loss_table, metrics
                          what a model should answer; losses by name; how good answers are
    classes               labels of any kind
    labels, predictions, history, audits, divergence, checkpoints
                          targets as the loss takes them; a model's answers; the epochs; steps
                          computed again; where a training ends badly; files to go on from
    problem, settings, reports
                          a model and the rows it is fitted to; how; what it still gets wrong
    fitting, minimizing, sharding
                          `fit`; SciPy's methods; data in shards
    restarting, rate_ranges
                          several seeds; the range of learning rates
"""
