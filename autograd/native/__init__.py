"""The compiled engine: the same Value in Cython, its rules generated from the rule book."""
