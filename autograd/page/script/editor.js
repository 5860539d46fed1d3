/** Change a leaf: by typing, with a slider, with the arrow keys; undo; the screen as Python. */

import { html } from "./dom.js";
import { shown } from "./numbers.js";

const STEPS = 200;
const NEAR = 8;

export class Editor {
  /**
   * @param page {model, tape, words, store, edit(leaf, number), reset(), python()}.
   */
  constructor(page) {
    this.page = page;
    this.leaf = null;
    this.editable = new Set(page.model.nodes.editable);
    this.label = html("label", { for: "leaf-number" });
    const typed = (event) => this.typed(event.target.value);
    this.slider = html("input", { type: "range", id: "leaf-slider", step: "any", input: typed });
    this.number = html("input", { type: "number", id: "leaf-number", step: "any", input: typed });
    this.back = html("button", { type: "button", click: () => page.reset(this.leaf) }, "undo");
    this.hint = html("p.quiet.near");
    this.row = html("div.leaf", {}, this.label, this.slider, this.number, this.back);
    this.changed = html("button.link", { type: "button", click: () => page.reset() });
    this.copied = html("span.quiet", { role: "status" });
    const copy = html("button", { type: "button", click: () => this.copy() }, "copy as Python");
    this.element = html("section.change", { "aria-labelledby": "change-title" },
      html("h3", { id: "change-title" }, "Change it"), this.row, this.hint,
      html("p.tools", {}, copy, this.changed, this.copied));
  }

  /** Offer what can be changed about a node. */
  show(node) {
    const { words, tape } = this.page;
    const isLeaf = node !== null && this.editable.has(node) && !tape.isStill;
    this.row.hidden = !isLeaf;
    this.hint.hidden = isLeaf || (node === null && !tape.isStill);
    if (isLeaf) {
      if (node !== this.leaf) this.range(node);
      this.label.textContent = words.name(node);
      this.slider.setAttribute("aria-label", `${words.name(node)}, slider`);
      this.write(node);
    } else if (tape.isStill) {
      this.hint.textContent = this.page.model.still;
    } else if (node !== null) {
      this.leaves(node);
    }
    this.leaf = isLeaf ? node : null;
    this.count();
    this.back.disabled = !isLeaf || Object.is(tape.values[node], tape.recorded.get(node));
  }

  range(node) {
    const middle = this.page.tape.recorded.get(node);
    const reach = Number.isFinite(middle) ? Math.max(2, 2 * Math.abs(middle)) : 2;
    const centre = Number.isFinite(middle) ? middle : 0;
    this.slider.min = centre - reach;
    this.slider.max = centre + reach;
    this.slider.step = "any";
    this.number.step = Number((reach / STEPS).toPrecision(1));
  }

  write(node) {
    const value = this.page.tape.values[node];
    for (const input of [this.slider, this.number]) {
      if (input === this.slider || document.activeElement !== input || Number(input.value) !== value) {
        input.value = input === this.number ? Number(value.toPrecision(6)) : value;
      }
    }
    this.slider.setAttribute("aria-valuetext", shown(value));
  }

  typed(text) {
    const number = Number(text);
    if (text === "" || Number.isNaN(number) || this.leaf === null) return;
    this.page.edit(this.leaf, number);
  }

  /** The leaves next to a computed node. */
  leaves(node) {
    const { words, tape, store } = this.page;
    const near = [];
    const pending = [node];
    for (const each of pending) {
      for (const operand of tape.operands[each]) {
        if (this.editable.has(operand) && !near.includes(operand)) near.push(operand);
        else if (tape.operation[operand] >= 0 && !pending.includes(operand) && pending.length < 40) pending.push(operand);
      }
      if (near.length >= NEAR) break;
    }
    const buttons = near.slice(0, NEAR).map((leaf) =>
      html("button.link", { type: "button", click: () => store.set({ picked: leaf }) }, words.name(leaf)));
    this.hint.replaceChildren(
      near.length ? `${words.name(node)} is computed; change what it is computed from: ` : `${words.name(node)} is a fixed number.`,
      ...buttons.flatMap((button) => [button, " "]));
  }

  count() {
    const { tape } = this.page;
    let changed = 0;
    for (const [leaf, number] of tape.recorded) if (!Object.is(tape.values[leaf], number)) changed++;
    this.changed.hidden = changed === 0;
    this.changed.textContent = `undo all ${changed} change${changed === 1 ? "" : "s"}`;
  }

  async copy() {
    const text = this.page.python();
    try {
      await navigator.clipboard.writeText(text);
      this.copied.textContent = "copied";
    } catch {
      // Frames may not write to the clipboard: the text is shown to be copied by hand.
      const shownText = html("textarea.code", { readonly: true, rows: 8, "aria-label": "the screen as Python" });
      shownText.value = text;
      this.element.querySelector("textarea")?.remove();
      this.element.append(shownText);
      shownText.select();
      this.copied.textContent = "below, ready to copy";
    }
  }
}
