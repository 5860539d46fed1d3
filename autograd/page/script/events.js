/**
 * What happens, one event at a time: the forward pass, then the backward pass, right or wrong.
 *
 * A forward event computes a node. The first backward event seeds the output; in each of the others
 * a node hands its adjoint, times a partial, to one operand, as `backward_steps` lists them.
 */

export const MANNERS = {
  right: "right order",
  order: "no topological order",
  assign: "= in place of +=",
};

export class Events {
  /**
   * @param tape The graph.
   * @param orders Wrong orders of the sweep, by name.
   */
  constructor(tape, orders) {
    this.tape = tape;
    this.orders = orders;
    this.computed = [];
    for (let node = 0; node < tape.count; node++) {
      if (tape.operation[node] >= 0) this.computed.push(node);
    }
    const backwards = this.computed.filter((node) => !tape.isConstant[node]).reverse();
    const [wrong] = Object.values(orders);
    this.sweeps = { right: backwards, assign: backwards, order: wrong ?? backwards };
    this.backwardCount = 1; // the seed, and each use through which a gradient flows
    for (let edge = 0; edge < tape.tails.length; edge++) this.backwardCount += Number(tape.carries(edge));
    this.run("right");
  }

  /** The ways in which the sweep can be run here. */
  get manners() {
    return Object.keys(MANNERS).filter((name) => name !== "order" || Object.keys(this.orders).length);
  }

  get forwardCount() {
    return this.computed.length;
  }

  get count() {
    return this.computed.length + this.backwardCount;
  }

  /** Run the sweep in a manner; it is written down once somebody asks for its steps. */
  run(manner) {
    this.manner = manner;
    this.written = null;
  }

  get steps() {
    this.written ??= this.write();
    return this.written.steps;
  }

  /** The adjoints at the end. */
  get totals() {
    if (this.manner === "right") return this.tape.adjoints;
    this.written ??= this.write();
    return this.written.totals;
  }

  write() {
    const { tape, manner } = this;
    const steps = [];
    const totals = new Float64Array(tape.count);
    const due = new Int32Array(tape.count);
    const arrived = new Uint8Array(tape.count);
    const handed = new Uint8Array(tape.count);
    for (let edge = 0; edge < tape.tails.length; edge++) {
      if (tape.carries(edge)) due[tape.tails[edge]] += 1;
    }
    totals[tape.output] = 1;
    for (const node of this.sweeps[manner]) {
      const upstream = totals[node];
      const isEarly = due[node] > 0;
      let isFirst = true;
      handed[node] = 1;
      for (let edge = tape.first[node]; edge < tape.first[node + 1]; edge++) {
        if (!tape.carries(edge)) continue;
        const target = tape.tails[edge];
        const share = tape.partials[edge] * upstream;
        const before = totals[target];
        totals[target] = manner === "assign" ? share : before + share;
        due[target] -= 1;
        const flaws = [];
        if (isEarly && isFirst) flaws.push(`hands on too early: ${waiting(due[node])} of it still to come`);
        if (handed[target]) flaws.push("too late: the operand has handed on without it");
        if (manner === "assign" && arrived[target]) flaws.push("overwrites what had arrived");
        steps.push({
          edge, node, target, upstream, share, before, total: totals[target],
          pending: due[target], flaw: flaws.join("; "),
        });
        arrived[target] = 1;
        isFirst = false;
      }
    }
    return { steps, totals };
  }

  /** The event before a time: {kind, ...}; null at the beginning. */
  at(time) {
    if (time <= 0) return null;
    if (time <= this.computed.length) return { kind: "forward", node: this.computed[time - 1] };
    const step = time - this.computed.length - 2;
    if (step < 0) return { kind: "seed", node: this.tape.output };
    return { kind: "backward", number: step + 1, ...this.steps[step] };
  }

  /**
   * What is known at a time.
   * @returns {value, adjoint, pending}: functions of a node; null where nothing is known yet.
   */
  stateAt(time) {
    const { tape } = this;
    if (time >= this.count) {
      return {
        value: (node) => tape.values[node],
        adjoint: (node) => (tape.isConstant[node] ? null : this.totals[node]),
        pending: () => 0,
      };
    }
    const known = new Uint8Array(tape.count);
    for (let node = 0; node < tape.count; node++) known[node] = tape.operation[node] < 0 ? 1 : 0;
    for (const node of this.computed.slice(0, time)) known[node] = 1;
    const totals = new Map();
    const pending = new Map();
    if (time > this.computed.length) totals.set(tape.output, 1);
    for (const step of this.steps.slice(0, Math.max(time - this.computed.length - 1, 0))) {
      totals.set(step.target, step.total);
      pending.set(step.target, step.pending);
    }
    return {
      value: (node) => (known[node] ? tape.values[node] : null),
      adjoint: (node) => totals.get(node) ?? null,
      pending: (node) => pending.get(node) ?? 0,
    };
  }
}

/** How many uses a node still waits for. */
export function waiting(pending) {
  return `${pending} use${pending === 1 ? "" : "s"}`;
}
