"""The live page: `explore` writes a graph as one HTML file that computes and asks for nothing.

Python knows the graph, its layouts and the rule book, and writes them down; the script in the page
computes with them. From the bottom up:

    document, geometry, operation_script, sources
                          the HTML file and its policy; where a laid-out scene puts its marks; the
                          rule book's values and partials as JavaScript; script and style sheet
    graph_table           nodes and operands as columns of numbers and names
    operation_level, network_level, block_level, derivations
                          the graph drawn with every operation, every unit, every layer; the chain
                          rule as `explain` writes it, for what a reader may ask about
    model, learning_script
                          all of this in one object, ready for JSON; losses with their gradients,
                          answers and update rules as JavaScript
    learning              the graph of one example, and the training on all
    exploring             `explore`

What a page carries (`<script type="application/json" id="model">`):

  * title, output, level  what it is called; the output's place; the level shown first
  * operations            name, symbol, binding, domain, texts of the partials, whether it is the
                          user's own: one per kind
  * nodes                 per node `operation` (place among operations, -1 for a leaf) and
                          `operands` (places); `leaves` {place: number}; `labels` {place: [raw,
                          pretty]}; `constants` and `editable` (places). A node's place is its
                          number everywhere
  * levels                per level: name, title, width, height, boxes, lines, words. A box has its
                          outline, `nodes` (all that it stands for), `pick` (the one asked about)
                          and texts, each static or bound to values ("v"), adjoints ("g"), their
                          mean size ("m") or a partial ("e"). A line has its way `d`, its `side`
                          [nx, ny] on which strands go (if not below), `edges`, and perhaps the
                          weight it is
  * still                 why nothing can be changed, if JavaScript cannot compute some operation;
                          then `nodes` has `numbers` {values, partials}: those of Python
  * orders                wrong orders of the reverse sweep, by name
  * derivations           lines of text, and for each node which of them are its chain rule
  * learning              of pages that learn: rows, targets and their places, parameters, how first
                          weights are drawn, the optimizer, what answers mean

Edges are numbered through all nodes in their order, then operands: `first[node] + operand`.

The script, in `script/`; a file imports from files above its own, as rooms do, and no two declare
the same name at their top, since in a page all are one:

    numbers.js            numbers as readers see them; exact sums
    store.js              `Store`: the one state {level, picked, pointed, path, time, manner,
                          playing, version}; `set({...})`, `hear(function)`
    dom.js                elements of HTML and SVG
    tape.js               `Tape`: values, partials and adjoints, from RULES, which is generated;
                          `edit(pairs)`, `compute()`, `fault()`
    paths.js              `pathsFrom(tape, source)`: counts, flows, the largest paths, the rest
    events.js             `Events`: the forward and the backward pass, right or wrong on purpose;
                          `at(time)`, `stateAt(time)`
    words.js              names of nodes, arithmetic of events, sentences for those who listen
    ways.js, culling.js   points on a line; of a vast drawing only what is in view is drawn
    lights.js             the paths from a value as strands, badges, marks on a figure
    figure.js, view.js    boxes, lines, numbers in their places; pan, zoom, fit
    panel.js              why a value has the gradient it has: paths, sum, chain rule
    editor.js             change a leaf: typing, slider, arrow keys
    timeline.js           play, pause, step; what happens now
    finder.js             find a value by its name
    python_code.js        the screen as Python
    address.js            the state in the fragment of the address
    main.js               `Page`: what the parts share, who hears of what, clicks, keys, hovering

Of pages that learn, with the functions in LEARNING, which are generated:

    learning_random.js    random numbers as Python draws them
    learning_descent.js   `Descent`: parameters, steps, batches; what the next step would do
    learning_canvas.js, learning_levels.js
                          canvases and colours; level lines
    learning_meaning.js   what answers mean
    learning_curve.js, learning_plane.js, learning_network.js, learning_moves.js
                          the loss; answers over the plane; weights and units in the figure; why a
                          weight moves
    learning_controls.js, learning_python.js
                          what is pressed; the training as Python
    learning.js           `Learning`: puts it together, and follows
"""

from autograd.page.exploring import Exploration, explore

__all__ = ["Exploration", "explore"]
