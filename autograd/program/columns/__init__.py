"""Columns: what a batch is given, and what it gives back.

From the bottom up:

    columns, into         numbers that lie a stride apart, one for each row; results written into
                          buffers of the caller's
    numpy_columns, layout columns of NumPy's arrays, read in place; the structure of results
    reading               columns of whatever a batch is given
    batch                 all arguments of a batch: which rows there are, and what is uniform
"""
