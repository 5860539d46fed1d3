/**
 * The paths from a value to the output: how many, which are the largest, what they share.
 *
 * Multiply the partials along a path, add over paths: the sum is the gradient.
 */

import { exactSum } from "./numbers.js";

export const LISTED = 6;

/**
 * @param tape The graph.
 * @param source The place of a node.
 * @returns {source, count, paths, told, gradient, remainder, magnitude, edges, uses, flows, places}:
 *   the number of paths (a BigInt); the largest, each {edges, nodes, factors, product, share}; those
 *   of them that a reader is told of; the adjoint; what all others add; Σ |product|; the edges on paths, with how many paths (uses) and
 *   how much of Σ |product| (flows) each has; the nodes on paths.
 */
export function pathsFrom(tape, source) {
  const found = {
    source, count: 0n, paths: [], told: [], gradient: tape.adjoints[source], remainder: 0, magnitude: 0,
    edges: [], uses: new Map(), flows: new Map(), places: new Set(),
  };
  if (tape.isConstant[source]) return found;
  const cone = coneOf(tape, source);
  if (cone === null) return found;
  found.edges = cone.edges;
  found.places = new Set(cone.nodes);
  measure(tape, cone, found);
  found.paths = largest(tape, cone).map((path) => described(tape, path, found.magnitude));
  found.told = told(found.paths);
  if (found.count > BigInt(found.paths.length)) {
    found.remainder = found.gradient - exactSum(found.paths.map((path) => path.product));
  }
  return found;
}

/** The paths that add something; where none does, all, since then it is they that a reader asks about. */
function told(paths) {
  const adding = paths.filter(({ product }) => product !== 0);
  return adding.length ? adding : paths;
}

/** How many paths lead from each node to the output; rounded where there are very many. */
export function pathCounts(tape) {
  const counts = new Float64Array(tape.count);
  counts[tape.output] = 1;
  for (let node = tape.output; node >= 0; node--) {
    for (let edge = tape.first[node]; edge < tape.first[node + 1]; edge++) {
      if (tape.carries(edge)) counts[tape.tails[edge]] += counts[node];
    }
  }
  return counts;
}

/** The nodes and edges on paths, in the order of the graph; null if no path leads there. */
function coneOf(tape, source) {
  const { tails, first, output } = tape;
  const reached = new Uint8Array(tape.count);
  reached[source] = 1;
  for (let node = source + 1; node <= output; node++) {
    if (tape.isConstant[node]) continue;
    for (let edge = first[node]; edge < first[node + 1] && !reached[node]; edge++) {
      reached[node] = reached[tails[edge]];
    }
  }
  if (!reached[output]) return null;
  const kept = new Uint8Array(tape.count);
  kept[output] = 1;
  for (let node = output; node > source; node--) {
    if (!kept[node]) continue;
    for (let edge = first[node]; edge < first[node + 1]; edge++) {
      if (reached[tails[edge]]) kept[tails[edge]] = 1;
    }
  }
  const nodes = [];
  const edges = [];
  for (let node = source; node <= output; node++) {
    if (!kept[node]) continue;
    nodes.push(node);
    if (node === source) continue;
    for (let edge = first[node]; edge < first[node + 1]; edge++) {
      if (reached[tails[edge]]) edges.push(edge);
    }
  }
  return { source, nodes, edges };
}

/** How many paths, and how much of Σ |product|, run along each edge. */
function measure(tape, cone, found) {
  const { heads, tails, partials, output } = tape;
  const arriving = new Map([[cone.source, [1n, 1]]]);
  for (const edge of cone.edges) {
    const [count, size] = arriving.get(tails[edge]);
    const [before, sizeBefore] = arriving.get(heads[edge]) ?? [0n, 0];
    arriving.set(heads[edge], [before + count, sizeBefore + size * Math.abs(partials[edge])]);
  }
  const onward = new Map([[output, [1n, 1]]]);
  for (let place = cone.edges.length - 1; place >= 0; place--) {
    const edge = cone.edges[place];
    const [count, size] = onward.get(heads[edge]);
    const passed = Math.abs(partials[edge]) * size;
    const [before, sizeBefore] = onward.get(tails[edge]) ?? [0n, 0];
    onward.set(tails[edge], [before + count, sizeBefore + passed]);
    const [countTo, sizeTo] = arriving.get(tails[edge]);
    found.uses.set(edge, countTo * count);
    found.flows.set(edge, sizeTo * passed);
  }
  [found.count, found.magnitude] = onward.get(cone.source);
}

/**
 * The largest paths: for each node, from the output back, the best ways onward.
 *
 * A way is {edge, next, size}. Equal ones come in the order of the graph, then of operands.
 */
function largest(tape, cone) {
  const { heads, tails, partials } = tape;
  const exits = new Map(cone.nodes.map((node) => [node, []]));
  for (const edge of cone.edges) exits.get(tails[edge]).push(edge);
  const ways = new Map([[tape.output, [{ edge: -1, next: null, size: 1 }]]]);
  for (let place = cone.nodes.length - 1; place >= 0; place--) {
    const node = cone.nodes[place];
    if (node === tape.output) continue;
    const ranked = exits.get(node).map((edge) => ({
      edge, best: scaled(partials[edge], ways.get(heads[edge])[0].size),
    }));
    ranked.sort((one, other) => descending(one.best, other.best));
    const found = [];
    for (const { edge } of ranked) {
      for (const next of ways.get(heads[edge])) {
        found.push({ edge, next, size: scaled(partials[edge], next.size) });
      }
    }
    if (ranked.length > 1) found.sort((one, other) => descending(one.size, other.size));
    ways.set(node, found.slice(0, LISTED));
  }
  return ways.get(cone.source);
}

function scaled(partial, size) {
  const product = Math.abs(partial) * size;
  return Number.isNaN(product) ? Infinity : product;
}

function descending(one, other) {
  return one === other ? 0 : other > one ? 1 : -1;
}

function described(tape, way, magnitude) {
  const edges = [];
  for (let step = way; step.next !== null; step = step.next) edges.push(step.edge);
  let product = 1;
  for (let place = edges.length - 1; place >= 0; place--) product *= tape.partials[edges[place]];
  return {
    edges,
    nodes: edges.map((edge) => tape.heads[edge]),
    factors: edges.map((edge) => tape.partials[edge]),
    product,
    share: magnitude ? Math.abs(product) / magnitude : 0,
  };
}
