"""Languages: models as source text, and as graphs, that need nothing of this package to run.

From the bottom up:

    numerals, headings, labels
                          numbers with just the digits they need; what stands at the head; labels
                          of classes as constants
    formulas              activations in other languages, as compiled programs spell them
    c_answers             scale, probabilities and labels in C
    c_text, javascript_text, python_text, onnx_graph
                          one file for each language
"""
