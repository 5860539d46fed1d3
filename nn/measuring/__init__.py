"""Measuring: what a model answers, and how good that is.

From the bottom up:

    answers, compiled_models, decisions, row_pictures, scales
                          answers, checked; networks as programs; from outputs to labels and
                          probabilities; rows as small pictures; rows before they were scaled
    confusion, number_metrics, probability_metrics
                          which class is taken for which; metrics of numbers and of probabilities
    label_metrics         metrics of labels
    metrics               metrics by name
    scoring               metrics of a model's outputs
    predictions           outputs, labels, probabilities; loss and metrics over rows
    reports               what a model gets right, class by class, and its hardest rows
"""
