"""Reading: rows, targets and losses, from whatever holds or names them, checked.

From the bottom up:

    cells, loss_table, splitting
                          numbers, one by one, and where there is none; losses by name; rows held
                          out by chance, each class in its proportion
    feature_table         rows of numbers in one block
    tables                features from lists, arrays, tables and buffers
    classes, targets      labels of any kind; what a model should answer, as a loss takes it
    examples, labels, weights
                          rows with targets and weights; targets for a loss; what rows and classes
                          count
    default_losses        the loss that model and targets ask for
"""
