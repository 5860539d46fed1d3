"""The textbook: what the two lectures teach, as things to compute, to print and to look at.

The formulas of backpropagation are written out by hand on plain floats, so that they can
contradict the engine; the rest are the lectures' experiments. From the bottom up:

    unit_slopes            activations and their derivatives, stated by hand
    output_errors          losses and their derivatives by the outputs, stated by hand
    plain_layers           a model as plain numbers
    node_form, matrix_form  backpropagation unit by unit, and layer by layer
    finite_differences     gradients measured on the same plain numbers
    layerwise_gradients    forward and gradients: both forms behind one door
    comparing              compare: formulas, matrices, engine and measurement side by side
    two_classes            rows of two classes, as they are given
    nearest_points, exact_examples
                           where two hulls come closest, in floats; what is proven of them
    separability           whether a plane separates two classes, with the proof
    perceptron             Rosenblatt's rule
    constant_inputs        a bias as the weight of an input that is always 1
    collapsing             collapse: linear layers as one matrix
    loss_probe             a loss as a function of some parameters, compiled, all put back
    segments               convexity: a loss above its chord, looked for along random segments
    descents               the ways of optimizers over two weights
    surface_charts         drawings of a loss over two weights
    surfaces               loss_surface: a loss over two weights
    weight_histories       watch_weights: weights over training, and units that stay equal
    layer_gradients        gradient_by_layer: how large gradients arrive at each layer
    flat_gradients         what the loss tells an output that is very wrong
    activation_charts      activations with their derivatives
"""

from __future__ import annotations
