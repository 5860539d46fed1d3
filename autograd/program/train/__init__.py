"""Training: many optimizer steps inside the machine.

From the bottom up:

    interrupts, row_order, steering
                          signals, kept waiting; in which order rows are taken; schedules and limits
    course                steps that the machine takes without returning to Python
    trainer               a training, step by step or in one call
"""
