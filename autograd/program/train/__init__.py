"""Training: many optimizer steps inside the machine.

From the bottom up:

    interrupts, row_order signals, kept waiting; in which order rows are taken
    optimizer_states      what an optimizer's `state_dict` holds, read with suspicion
    optimizers            what is done with gradients, and remembered from step to step
    course                steps that the machine takes without returning to Python
    trainer               a training, step by step or in one call
"""
