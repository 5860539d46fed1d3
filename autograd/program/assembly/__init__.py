"""Assembly: code becomes words that the machine reads.

From the bottom up:

    ranges, packs         ranges of slots; equal instructions that do not depend on each other
    matrix_products       sums of products that are the elements of one product of matrices
    addresses             where in the machine's memory the number of every slot is
    assembler             all together: the words
"""
