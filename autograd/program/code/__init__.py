"""Code: what a program is.

From the bottom up:

    once, collector       results that are kept; the cyclic collector, paused
    instructions          slots and instructions, each an operation of the rule book
    checking, listing     code from outside, refused unless it is sound; code as people read it
"""
