"""Storage: program files.

From the bottom up:

    strict_json           JSON that may be corrupted or hostile
    stored_shapes         the structure of arguments and results in a file
    description           a program as text, and back
    files                 files written whole or not at all
"""
