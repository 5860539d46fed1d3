"""Emission: programs as source text in Python, C and JavaScript that needs nothing else to run.

From the bottom up:

    identifiers, keys, c_words, wrapping
                          names and keys as a language accepts them; long lines, broken
    unit, parts, values_in_python
                          what is emitted; long functions in parts; the rules' values in Python
    conditions            the branch that was recorded, asked for
    statements            code as statements: what the languages have in common
    c_family              what C and JavaScript have in common
    languages             one file for each language
"""
