"""The version and the distribution this package comes from."""

__version__ = "0.1.0"
__distribution__ = "chainrule"  # another project's distribution is imported as `autograd` too
