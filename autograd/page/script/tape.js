/** The graph as it computes: values, partials and adjoints, all from the rules of the rule book. */

import { fromJson } from "./numbers.js";

export class Tape {
  /**
   * @param nodes The columns of the model.
   * @param rules The generated rules of its operations.
   * @param output The place of the output.
   */
  constructor(nodes, rules, output) {
    this.operation = nodes.operation;
    this.operands = nodes.operands;
    this.rules = rules;
    this.output = output;
    this.count = nodes.operation.length;
    this.isConstant = new Uint8Array(this.count);
    for (const place of nodes.constants) this.isConstant[place] = 1;
    this.first = new Int32Array(this.count + 1);
    for (let node = 0; node < this.count; node++) {
      this.first[node + 1] = this.first[node] + this.operands[node].length;
    }
    const edges = this.first[this.count];
    this.tails = new Int32Array(edges);
    this.heads = new Int32Array(edges);
    for (let node = 0; node < this.count; node++) {
      this.operands[node].forEach((operand, position) => {
        this.tails[this.first[node] + position] = operand;
        this.heads[this.first[node] + position] = node;
      });
    }
    this.values = new Float64Array(this.count);
    this.adjoints = new Float64Array(this.count);
    this.partials = new Float64Array(edges);
    this.recorded = new Map();
    for (const [place, number] of Object.entries(nodes.leaves)) {
      this.values[place] = fromJson(number);
      this.recorded.set(Number(place), fromJson(number));
    }
    this.isStill = nodes.numbers !== undefined;
    if (this.isStill) {
      this.values.set(nodes.numbers.values.map(fromJson));
      this.partials.set(nodes.numbers.partials.map(fromJson));
    }
    this.compute();
  }

  /** Whether a gradient flows along an edge. */
  carries(edge) {
    return !this.isConstant[this.heads[edge]] && !this.isConstant[this.tails[edge]];
  }

  /** Put numbers in leaves, and compute everything again; where there are no rules, nothing changes. */
  edit(numbers) {
    if (this.isStill) return;
    for (const [leaf, number] of numbers) this.values[leaf] = number;
    this.compute();
  }

  /** The forward and the backward pass. */
  compute() {
    this.forward();
    this.backward();
  }

  forward() {
    if (this.isStill) return;
    for (let node = 0; node < this.count; node++) {
      if (this.operation[node] >= 0) this.values[node] = this.valueOf(node);
    }
  }

  valueOf(node) {
    const rule = this.rules[this.operation[node]];
    const given = this.given(node);
    return rule.partials && rule.value.length === given.length
      ? rule.value(...given)
      : rule.value(given, given.length);
  }

  given(node) {
    return this.operands[node].map((operand) => this.values[operand]);
  }

  backward() {
    const { adjoints, partials, first, operands } = this;
    adjoints.fill(0);
    adjoints[this.output] = this.isConstant[this.output] ? 0 : 1;
    for (let node = this.count - 1; node >= 0; node--) {
      if (this.operation[node] < 0) continue;
      if (!this.isStill) this.differentiate(node);
      if (this.isConstant[node]) continue;
      for (let edge = first[node], place = 0; edge < first[node + 1]; edge++, place++) {
        const operand = operands[node][place];
        if (!this.isConstant[operand]) adjoints[operand] += partials[edge] * adjoints[node];
      }
    }
  }

  /** Set the partials of a node by those of its operands that are no constants; NaN for others. */
  differentiate(node) {
    const rule = this.rules[this.operation[node]];
    const out = this.values[node];
    const given = this.given(node);
    const start = this.first[node];
    const shared = sharedOf(rule, given);
    for (let place = 0; place < given.length; place++) {
      const isWanted = !this.isConstant[this.operands[node][place]] && !this.isConstant[node];
      this.partials[start + place] = isWanted ? partialOf(rule, out, given, place, shared) : NaN;
    }
  }

  /**
   * The first node whose number is not finite although its operands' are; or whose partial is.
   * @returns {node, kind: "value" | "gradient", number} or null
   */
  fault() {
    for (let node = 0; node < this.count; node++) {
      if (!Number.isFinite(this.values[node])) {
        return { node, kind: "value", number: this.values[node] };
      }
    }
    for (let node = this.count - 1; node >= 0; node--) {
      for (let edge = this.first[node]; edge < this.first[node + 1]; edge++) {
        if (this.carries(edge) && !Number.isFinite(this.partials[edge])) {
          return { node, kind: "gradient", number: this.partials[edge] };
        }
      }
      if (!Number.isFinite(this.adjoints[node])) {
        return { node, kind: "gradient", number: this.adjoints[node] };
      }
    }
    return null;
  }
}

/** What the partials of all operands have in common. */
function sharedOf(rule, given) {
  if (rule.left) {
    const size = Math.floor(given.length / 2);
    return [
      ...inTurn(rule.sharedLeft, given.slice(0, size)),
      ...inTurn(rule.sharedRight, given.slice(size, 2 * size)),
    ];
  }
  return rule.each ? inTurn(rule.shared, given) : [];
}

/** The results of functions, each of the operands and the results of those before it. */
function inTurn(functions, operands) {
  const found = [];
  for (const one of functions) {
    const given = [...operands, ...found];
    found.push(one(given, given.length));
  }
  return found;
}

function partialOf(rule, out, given, place, shared) {
  if (rule.partials) return rule.partials[place](out, ...given);
  if (rule.left) {
    const size = Math.floor(given.length / 2);
    if (place === 2 * size) return 1;
    const pair = place % size;
    const side = place < size ? rule.left : rule.right;
    return side(out, given[pair], given[pair + size], ...shared);
  }
  const alike = given.length - (rule.last ? 1 : 0);
  const last = given.slice(alike);
  if (place === alike) return rule.last(out, ...last);
  return rule.each(out, given[place], alike, ...last, ...shared);
}
