"""Recording: a function becomes code.

From the bottom up:

    signature, tracing    the structure of the arguments; a function runs once on Values, and what
                          it did becomes code: a branch becomes a guard
"""
