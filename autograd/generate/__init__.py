"""What is written by program and not by hand: `python -m autograd.generate` writes all of it.

From the bottom up:

    documents, rooms      what is shown of an operation, in one docstring; what the sources say of
                          rooms and imports
    engine_rules, machine_rules, operations_table, stubs
                          the rules of the compiled Value, and the machine's lists of operations,
                          written when they are built; the table of operations; what a type
                          checker sees
    update_rules, room_picture
                          the machine's steps of optimizers, written when it is built; the picture
                          in CONTRIBUTING.md
"""
