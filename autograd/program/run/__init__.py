"""Running: code made ready for single points and for many rows.

From the bottom up:

    in_python, calling, lane_operations
                          code as a Python function; the way from a call to the machine; the rule
                          book's values for many rows at once
    point_runner          one point: on the machine, or in Python
    numpy_lanes           many rows without the machine
    row_runner            many rows: on the machine, or in lanes
"""
