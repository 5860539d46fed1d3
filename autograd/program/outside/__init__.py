"""What a function reads beside its arguments, and whether it is still as it was.

From the bottom up:

    fixed, methods, reads, libraries
                          what is the same to a function; functions of an object; what code names;
                          which modules are taken as they are
    steps                 from what a function holds to what it reads, compared by identity
    walking               a function, taken apart into steps and facts
    world                 whether the facts are the same again, and which is not
"""
