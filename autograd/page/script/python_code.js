/** The screen as Python: code that computes what stands here. */

import { inPython } from "./numbers.js";

const IMPORT = "from autograd import Value, explore, primitives";

/**
 * @param model What the page carries.
 * @param tape The numbers.
 * @returns Lines of Python that record the same graph at the same numbers.
 */
export function pythonCode(model, tape) {
  const own = model.operations.filter((each) => each.own).map(({ name }) => named(name));
  const lines = [IMPORT, ...own.map((name) => `# ${name}: an operation of your own, to be imported here`), ""];
  const labels = model.nodes.labels;
  for (let node = 0; node < tape.count; node++) {
    const label = labels[node]?.[0];
    if (tape.operation[node] < 0) {
      if (tape.isConstant[node]) continue; // a plain number stands where it is used
      const name = label ? `, label=${JSON.stringify(label)}` : "";
      lines.push(`n${node} = Value(${inPython(tape.values[node])}${name})`);
      continue;
    }
    lines.push(`n${node} = ${computed(model, tape, node)}`);
    if (label) lines.push(`n${node}.label = ${JSON.stringify(label)}`);
  }
  lines.push(`n${tape.output}.backward()`, `explore(n${tape.output}).save("explored.html")`, "");
  return lines.join("\n");
}

function computed(model, tape, node) {
  const { name, symbol, binding, own } = model.operations[tape.operation[node]];
  const operands = tape.operands[node].map((operand) => asOperand(tape, operand));
  if (["+", "-", "*", "/", "**"].includes(symbol) && binding) {
    return operands.length === 2 ? operands.join(` ${symbol} `) : `${symbol}${operands[0]}`;
  }
  if (own) return `${named(name)}.apply([${operands.join(", ")}])`;
  return `primitives.RULES[${JSON.stringify(name)}].apply([${operands.join(", ")}])`;
}

/** An operation of the reader's own as a name in Python. */
function named(name) {
  return name.replace(/\W/g, "_").replace(/^(?=\d)/, "_");
}

/** A node as an operand. */
function asOperand(tape, operand) {
  const isNumber = tape.isConstant[operand] && tape.operation[operand] < 0;
  if (!isNumber) return `n${operand}`;
  const text = inPython(tape.values[operand]);
  return text.startsWith("-") ? `(${text})` : text;
}
