"""Recording: a function becomes code.

From the bottom up:

    arguments             which hold numbers, and how a call gives them
    signature             their structure
    tracing, whole_numbers
                          a function runs once on Values, and what it did becomes code: a branch
                          becomes a guard; arguments that have to be static
    repeating             whether it does the same another time
"""
