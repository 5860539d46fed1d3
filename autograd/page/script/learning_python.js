/** A training as Python: model, examples, weights and optimizer as they are now. */

import { inPython } from "./numbers.js";

/**
 * @param descent The training.
 * @param model What the page carries.
 * @returns Lines of Python that open the same page at the same numbers.
 */
export function trainingCode(descent, model) {
  const { lesson } = descent;
  const { optimizer } = lesson;
  const settings = Object.entries({ ...optimizer.written, lr: inPython(descent.rate) });
  const isDrawn = descent.seed !== null;
  const lines = optimizer.isOurs
    ? [`from autograd import ${optimizer.name}, explore`]
    : ["from autograd import explore", `${optimizer.name} = ...  # your optimizer`];
  if (lesson.code === null) lines.push("", "model = ...  # your model", "");
  else lines.push("from nn import MLP", "", `model = ${lesson.code.replace("{}", isDrawn ? descent.seed : "0")}`);
  if (!isDrawn || descent.taken || !descent.isPlain) {
    lines.push(
      `numbers = ${list(descent.numbers)}`,
      "for parameter, number in zip(model.parameters(), numbers, strict=True):",
      "    parameter.data = number");
  }
  lines.push(
    `X = [${lesson.rows.map(list).join(", ")}]`,
    `y = [${labels(lesson).join(", ")}]`,
    `optimizer = ${optimizer.name}(${settings.map(([name, text]) => `${name}=${text}`).join(", ")})`);
  if (descent.steps) lines.push(`optimizer.load_state_dict(${state(descent, model, settings)})`);
  if (!lesson.lossIsNamed) lines.push(`loss = ...  # your ${lesson.loss}`);
  const loss = lesson.lossIsNamed ? JSON.stringify(lesson.loss) : "loss";
  lines.push(
    `page = explore(model, X, y, loss=${loss}, optimizer=optimizer, batch_size=${descent.batch}, seed=${lesson.seed})`,
    'page.save("explored.html")', "");
  return lines.join("\n");
}

function labels({ codes, classes, targets }) {
  if (codes === null) return targets.map((target) => (Array.isArray(target) ? list(target) : inPython(target)));
  return codes.map((code) => {
    const label = classes[code];
    if (typeof label === "boolean") return label ? "True" : "False";
    return typeof label === "string" ? JSON.stringify(label) : String(label);
  });
}

/** What `load_state_dict` takes; the order of the examples begins anew. */
function state(descent, model, settings) {
  const { optimizer, parameters } = descent.lesson;
  const names = parameters.map((node) => model.nodes.labels[node]?.[0]);
  const labelled = names.map((name) => (name === undefined ? "None" : JSON.stringify(name)));
  const memory = optimizer.memories.map((name, which) => `"${name}": ${list(descent.memories[which])}`);
  const written = settings.map(([name, text]) => `"${name}": ${text}`);
  return `{"kind": "${optimizer.name}", "settings": {${written.join(", ")}}, ` +
    `"parameters": [${labelled.join(", ")}], "memory": {${memory.join(", ")}}, ` +
    `"steps": ${descent.steps}, "orders": []}`;
}

function list(numbers) {
  return `[${Array.from(numbers, inPython).join(", ")}]`;
}
