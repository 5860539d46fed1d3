"""Passes: code to code.

From the bottom up:

    identities               instructions that need not be computed
    value_numbering          nothing is written twice, constants are folded
    builder                  writes code by way of `value_numbering`
    failing, partial_codes   what stays for the sake of its error; the partials as instructions
    differentiation, fusion  the reverse sweep as instructions; sums of products become `dot`
    derived                  what is made of recorded code: values, gradients, batches
"""
