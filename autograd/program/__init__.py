"""Programs: a recorded graph as straight-line code that runs at native speed and can be read.

A program is data at every stage, and every stage is a room. From the bottom up; rooms of one line
do not know each other:

    code                  what a program is, proof that it is sound, how it reads
    passes, assembly      code to code; code to words of the machine
    outside               what a function reads beside its arguments
    record                a function becomes code
    emission, columns     code to text; what a batch is given, and gives
    run                   code ready to run, on one point or on many rows
    variants              one way through a function; which of them a call takes
    batch, storage        rows by the way they take; program files
    train                 optimizer steps inside the machine
    points, over_rows, readable, portable, methods
                          what a program does at a point and over rows, shows, leaves in files,
                          and is to an object
    program               what `compile` returns
    compiling             `compile`
"""

from autograd.optimizers import SGD, Adam

__all__ = ["SGD", "Adam"]
