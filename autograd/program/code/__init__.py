"""Code: what a program is.

From the bottom up:

    computed_once         results that are kept
    instructions          slots and instructions, each an operation of the rule book
    checking, listing     code from outside, refused unless it is sound; code as people read it
"""
