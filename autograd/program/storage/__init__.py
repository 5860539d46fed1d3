"""Storage: program files.

From the bottom up:

    stored_shapes         the structure of arguments and results in a file
    description           a program as text, and back
    files                 files written whole or not at all
"""
