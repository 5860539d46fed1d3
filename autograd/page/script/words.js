/** Names of nodes, the arithmetic of events, and sentences for those who listen. */

import { waiting } from "./events.js";
import { counted, factor, percent, shown } from "./numbers.js";

const TERMS = 4;
const SIGNS = { "*": "·", "-": "−", "/": "÷", "**": "^" };
const INFIX = { "*": " · ", "/": " / ", "+": " + ", "-": " − ", "**": "^" };

export class Words {
  constructor(model, tape) {
    this.model = model;
    this.tape = tape;
    this.labels = model.nodes.labels;
    this.numbers = new Map();
    const bearers = new Map();
    for (let node = 0; node < tape.count; node++) {
      const name = this.plain(node);
      bearers.set(name, (bearers.get(name) ?? 0) + 1);
      this.numbers.set(node, bearers.get(name));
    }
    this.bearers = bearers;
    this.end = this.labels[tape.output] ? this.name(tape.output) : "output";
  }

  /** The label of a node, or its operation. */
  plain(node) {
    const label = this.labels[node];
    if (label) return label[1];
    if (this.tape.operation[node] >= 0) return SIGNS[this.operation(node).symbol] ?? this.operation(node).symbol;
    return this.tape.isConstant[node] ? shown(this.tape.values[node]) : "leaf";
  }

  operation(node) {
    return this.model.operations[this.tape.operation[node]];
  }

  /** What a node is called, told apart from others of its name. */
  name(node) {
    const name = this.plain(node);
    const isNumber = this.tape.isConstant[node] && !this.labels[node] && this.tape.operation[node] < 0;
    return isNumber || this.bearers.get(name) === 1 ? name : `${name} #${this.numbers.get(node)}`;
  }

  /** The names along a path: of what has one, if anything on the way has. */
  along(nodes) {
    const named = nodes.filter((node) => this.labels[node]);
    return (named.length > 2 ? named : nodes).map((node) => this.name(node));
  }

  /** ∂output/∂node. */
  gradient(node) {
    return `∂${this.end}/∂${this.name(node)}`;
  }

  /** What a node is computed from: in names, or in numbers. */
  formula(node, inNumbers) {
    const operands = this.tape.operands[node];
    const text = (operand) => (inNumbers ? factor(this.tape.values[operand]) : this.name(operand));
    const { name, symbol, binding } = this.operation(node);
    if (name === "dot") return this.products(operands, text);
    if (binding && operands.length === 2) {
      return `${text(operands[0])}${INFIX[symbol] ?? ` ${symbol} `}${text(operands[1])}`;
    }
    if (binding) return `−${text(operands[0])}`;
    const listed = operands.slice(0, 2 * TERMS).map(inNumbers ? (o) => shown(this.tape.values[o]) : text);
    if (operands.length > listed.length) listed.push("…");
    return `${symbol}(${listed.join(", ")})`;
  }

  products(operands, text) {
    const size = Math.floor(operands.length / 2);
    const terms = [];
    for (let pair = 0; pair < Math.min(size, TERMS); pair++) {
      terms.push(`${text(operands[pair])} · ${text(operands[pair + size])}`);
    }
    if (size > TERMS) terms.push("…");
    if (operands.length % 2) terms.push(text(operands[operands.length - 1]));
    return terms.join(" + ");
  }

  /** An event as {phase, left, middle, result, note}. */
  event(event, manner) {
    const { tape } = this;
    if (event.kind === "forward") {
      return {
        phase: "forward",
        left: `${this.name(event.node)} = ${this.formula(event.node, false)}`,
        middle: this.formula(event.node, true),
        result: shown(tape.values[event.node]),
        note: "",
      };
    }
    if (event.kind === "seed") {
      return {
        phase: "backward", left: this.gradient(event.node), middle: "", result: "1",
        note: "the sweep begins: the output changes as itself",
      };
    }
    const local = `∂${this.name(event.node)}/∂${this.name(event.target)}`;
    const sign = manner === "assign" ? "=" : "+=";
    const rule = this.rule(event.edge);
    const left = event.pending
      ? `${waiting(event.pending)} of ${this.name(event.target)} still missing`
      : `${this.gradient(event.target)} is complete`;
    const total = event.before !== 0 || event.pending ? `now ${shown(event.total)}; ` : "";
    return {
      phase: "backward",
      left: `${this.gradient(event.target)} ${sign} ${this.gradient(event.node)} · ${local}`,
      middle: `${factor(event.upstream)} × ${factor(tape.partials[event.edge])}`,
      result: shown(event.share),
      note: event.flaw ? `✗ ${event.flaw}` : `${total}${left}${rule}`,
    };
  }

  /** The rule of the rule book behind an edge, where it is short. */
  rule(edge) {
    const node = this.tape.heads[edge];
    const { rules, name } = this.operation(node);
    const place = edge - this.tape.first[node];
    const text = rules.length === this.tape.operands[node].length ? rules[place] : "";
    return text && name !== "dot" ? ` (rule: ${text})` : "";
  }

  /** What the paths from a node say, in sentences, as `path_sum` lists them. */
  sentences(found) {
    const name = this.name(found.source);
    if (this.tape.isConstant[found.source]) return [`${name} is a plain number: no gradient flows to it.`];
    if (found.source === this.tape.output) return [`${name} is the output: its gradient is 1.`];
    if (found.count === 0n) return [`No path leads from ${name} to ${this.end}: the gradient is 0.`];
    const lines = [`${counted(found.count, "path")} from ${name} to ${this.end}.`];
    found.told.forEach((path, place) => {
      const factors = path.factors.map((number) => shown(number)).join(" times ");
      lines.push(`Path ${place + 1}: ${factors} = ${shown(path.product)}, ${percent(path.share)}.`);
    });
    const more = found.count - BigInt(found.told.length);
    if (more > 0n) lines.push(`${counted(more, "more path")}: ${shown(found.remainder)}.`);
    lines.push(`Sum, the gradient: ${shown(found.gradient)}.`);
    return lines;
  }

  /** Why a path adds nothing: where its factor is 0. */
  idle({ nodes, factors }) {
    const head = nodes[factors.findIndex((number) => number === 0)];
    if (head === undefined) return "each product is too small for a number";
    return `a factor is 0, as in ${this.name(head)} = ${this.formula(head, true)}`;
  }

  /** Why a number is not finite, and where it comes from. */
  fault(fault) {
    const where = this.name(fault.node);
    const operation = this.tape.operation[fault.node] >= 0 ? this.operation(fault.node) : null;
    if (fault.kind === "value" && operation) {
      const domain = operation.domain ? `; ${operation.name} is defined where ${operation.domain}` : "";
      return `the first value that is not finite is ${shown(fault.number)}: ` +
        `${where} = ${this.formula(fault.node, true)}${domain}`;
    }
    if (fault.kind === "value") return `${where} is ${shown(fault.number)}`;
    return `the first gradient that is not finite is ${shown(fault.number)}: at ${where}` +
      (operation ? ` = ${this.formula(fault.node, true)}` : "");
  }
}
