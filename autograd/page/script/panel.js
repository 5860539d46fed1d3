/** Why a value has the gradient it has: its paths, their sum, the chain rule. */

import { MANNERS } from "./events.js";
import { html } from "./dom.js";
import { counted, factor, percent, shown } from "./numbers.js";

const FACTORS = 14;
const NAMES = 9;

export class Panel {
  /**
   * @param model What the page carries.
   * @param words Names.
   * @param store The state: a path that is pointed at is lit alone.
   */
  constructor(model, words, store) {
    this.model = model;
    this.words = words;
    this.store = store;
    this.isOpen = true;
    this.element = html("section.why", { "aria-label": "why this gradient" });
  }

  /**
   * Say why.
   * @param found What `pathsFrom` returns; null if nothing is asked about.
   * @param events The sweep, which may be a wrong one.
   */
  show(found, events) {
    if (found === null) {
      this.element.replaceChildren(
        html("h2", {}, "Point at a value or a weight"),
        html("p.lede", {}, "Its paths to the output light up. They add up to its gradient: how much the output changes with it."),
      );
      return;
    }
    this.element.replaceChildren(
      ...this.heading(found),
      ...this.verdict(found, events),
      ...this.paths(found),
      ...this.chainRule(found.source),
    );
  }

  heading(found) {
    const { words } = this;
    const { source, count, gradient } = found;
    const name = html("b.name", {}, words.name(source));
    const value = html("span.quiet", {}, ` = ${shown(words.tape.values[source])}`);
    if (words.tape.isConstant[source]) {
      return [
        html("h2", {}, name, value),
        html("p.lede", {}, `A plain number: no gradient flows to it.${words.tape.isStill ? "" : " Change it below, and see what follows."}`),
      ];
    }
    if (source === words.tape.output) {
      return [
        html("h2", {}, name, value),
        html("p.lede", {}, "The output: all gradients are by how much it changes. Its own is 1, where the sweep begins."),
      ];
    }
    const title = html("h2", {}, "Why does ", name, " have the gradient ", html("b.gradient", {}, shown(gradient)), "?");
    if (count === 0n) {
      return [title, html("p.lede", {}, `No path leads from it to ${words.end}: whatever it is, ${words.end} stays the same.`)];
    }
    const many = count === 1n
      ? `One path leads to ${words.end}. Multiply along it.`
      : `${counted(count, "path")} lead to ${words.end}. Multiply along a path, add over paths.`;
    const end = words.tape.values[words.tape.output];
    const lost = Number.isFinite(end) ? "" : ` But ${words.end} is ${shown(end)} here, so that this is no gradient.`;
    return [title, html("p.lede", {}, many + lost)];
  }

  /** What a wrong sweep makes of it, beside what is right. */
  verdict(found, events) {
    const { tape } = this.words;
    if (events.manner === "right" || tape.isConstant[found.source]) return [];
    const leaves = this.model.nodes.editable.filter((node) => !tape.isConstant[node]);
    const wrong = leaves.filter((node) => differs(events.totals[node], tape.adjoints[node]));
    const got = events.totals[found.source];
    const isWrong = differs(got, tape.adjoints[found.source]);
    const first = events.steps.findIndex((step) => step.flaw);
    const lines = [
      html("p", {}, html("b", {}, `Wrong on purpose: ${MANNERS[events.manner]}`)),
      html("p", {}, "this sweep: ", html(isWrong ? "b.wrong" : "b", {}, shown(got) + (isWrong ? " ✗" : " ✓")),
        "  right: ", html("b", {}, shown(tape.adjoints[found.source]))),
      html("p.quiet", {}, wrong.length ? `wrong for ${wrong.length} of ${leaves.length} leaves` : "right for every leaf, by luck"),
    ];
    if (first >= 0) {
      const step = events.steps[first];
      const go = () => this.store.set({ time: events.forwardCount + 2 + first });
      lines.push(html("p.quiet", {}, "first at ", html("button.link", { type: "button", click: go }, `step ${first + 1}`),
        `: ${this.words.name(step.node)} ${step.flaw}`));
    }
    return [html("div.verdict", { role: "note" }, ...lines)];
  }

  paths(found) {
    if (found.count === 0n) return [];
    const list = html("ol.paths", {}, ...found.told.map((path, number) => this.path(path, number, found)));
    list.addEventListener("mouseleave", () => this.store.set({ path: null }));
    const parts = [list];
    const more = found.count - BigInt(found.told.length);
    const idle = found.paths[found.told.length]; // the largest that is not told of adds nothing
    if (more > 0n) {
      const rest = html("p.rest", {}, `… and ${counted(more, "more path")}, adding `, html("b", {}, shown(idle ? 0 : found.remainder)));
      if (idle) rest.append(`: ${this.words.idle(idle)}`);
      parts.push(rest);
    }
    parts.push(this.sum(found, more > 0n && !idle));
    return parts;
  }

  path(path, number, found) {
    const names = this.words.along([found.source, ...path.nodes]);
    const point = () => this.store.set({ path: number });
    const leave = () => this.store.set({ path: null });
    return html("li", { "data-path": number + 1, mouseenter: point },
      html("button", { type: "button", focus: point, blur: leave, "aria-label": `light path ${number + 1} alone` },
        html("span.factors", {}, cut(path.factors.map(factor), FACTORS).join(" × ") || "1"),
        html("span.product", {}, `= ${shown(path.product)}`),
        found.count > 1n ? html("span.share", {}, percent(path.share)) : null,
        html("span.via", {}, cut(names, NAMES).join(" → "))));
  }

  sum(found, hasMore) {
    const { words } = this;
    const name = words.gradient(found.source);
    const box = html("div.sum", {});
    if (found.count > 1n) {
      const terms = found.told.map((path) => path.product);
      if (hasMore) terms.push(found.remainder);
      const text = terms.map((term) => shown(term)).join(" + ").replaceAll("+ \u2212", "\u2212 ");
      box.append(html("p.formula", {}, `${name} = ${text} = `, html("b", {}, shown(found.gradient))));
    } else {
      box.append(html("p.formula", {}, `${name} = `, html("b", {}, shown(found.gradient))));
    }
    const kept = found.magnitude ? Math.abs(found.gradient) / found.magnitude : 1;
    if (kept < 0.5) box.append(html("p.quiet", {}, `${percent(1 - kept)} of what flows cancels`));
    const shared = this.shared(found);
    if (shared) box.append(html("p.quiet", {}, shared));
    return box;
  }

  /** The factors that all paths have in common. */
  shared(found) {
    if (found.count < 2n || !found.paths.length) return "";
    const [{ edges, factors }] = found.paths;
    const common = edges.map((edge) => found.uses.get(edge) === found.count);
    const front = common.findIndex((is) => !is);
    const behind = common.lastIndexOf(false) + 1;
    const parts = [];
    if (front > 0) parts.push(`${factors.slice(0, front).map(factor).join(" × ")} in front`);
    if (behind > 0 && behind < edges.length) parts.push(`${factors.slice(behind).map(factor).join(" × ")} behind`);
    return parts.length ? `shared by all, computed once: ${parts.join(", ")}` : "";
  }

  chainRule(source) {
    const lines = this.model.derivations.of[source];
    if (!lines) return [];
    const text = lines.map((line) => this.model.derivations.lines[line]).join("\n");
    const details = html("details.rule", { open: this.isOpen, toggle: (event) => { this.isOpen = event.target.open; } },
      html("summary", {}, "The chain rule, as reverse mode computes it"),
      html("pre", { tabindex: 0, "aria-label": "the chain rule in symbols" }, text));
    return [details];
  }
}

/** Texts, without those in the middle if there are many. */
function cut(texts, most) {
  if (texts.length <= most) return texts;
  const half = Math.floor(most / 2);
  return [...texts.slice(0, half), "…", ...texts.slice(-half)];
}

/** Whether a number of a sweep is another than the right one, rounding aside. */
export function differs(got, right) {
  if (Object.is(got, right)) return false;
  return !(Math.abs(got - right) <= 1e-9 * Math.max(Math.abs(got), Math.abs(right)));
}
