"""Explanations: the chain rule written out for one value, in symbols, in numbers, path by path.

`cone` finds what lies between a value and an output, `derivation` writes adjoints in terms of each
other, as reverse mode computes them, with the rule book's derivatives as textbooks spell them. What
comes of it is data, `blocks`, of which text and LaTeX are made. From the bottom up:

    quantities, blocks, cone, facts
                          names that have a value; lines, sentences, tables; the nodes on the paths;
                          what the rule book implies: tanh′ is 1 - a²
    algebra, names, writing
                          what cancels, step by step; what nodes are called; formulas as text and
                          LaTeX
    derivatives, loss_gradients, losses, text_page, latex_page
                          local derivatives, spelled; why the gradient of a loss is a − t;
                          targets, losses of single examples; pages
    derivation, routes    equations of adjoints; path by path
    examples              sums over the examples of a batch
    explaining            `explain`
"""

from autograd.explanation.explaining import Explanation, explain

__all__ = ["Explanation", "explain"]
