"""Running: code made ready for single points and for many rows.

From the bottom up:

    in_python, array_operations
                          code as a Python function; the rule book's values on NumPy's arrays
    calling               the way from a call to the machine
    point_runner          one point: on the machine, or in Python
    sections              many rows in Python: what they share once, the rows in blocks
    array_rows, plain_rows
                          a block of rows as arrays of NumPy; or row by row
    row_runner            many rows: on the machine, or in Python
"""
