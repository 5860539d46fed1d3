/** Find a value by its name, in any spelling of its indices. */

import { html } from "./dom.js";

const PLAIN = { "⁽": "(", "⁾": ")", "₍": "(", "₎": ")" };
const MOST_LISTED = 3000;

export class Finder {
  /** @param page {words, store, model}. */
  constructor(page) {
    this.page = page;
    this.known = null;
    this.list = html("datalist", { id: "names" });
    const { editable, labels } = page.model.nodes;
    const names = editable.map((node) => labels[node]?.[0]).filter(Boolean);
    const example = names.find((name) => name[0] === "w") ?? names[0];
    this.input = html("input", {
      type: "search", list: "names", "aria-label": "find a value by its name",
      placeholder: example ? `find, e.g. ${example}` : "find a value", autocomplete: "off",
      focus: () => this.read(), input: () => this.find(), change: () => this.find(),
    });
    this.element = html("div.finder", { role: "search" }, this.input, this.list);
  }

  /** Read the names when they are asked for the first time: there may be very many. */
  read() {
    if (this.known !== null) return;
    this.known = new Map();
    const options = [];
    for (const [node, [raw, pretty]] of Object.entries(this.page.model.nodes.labels)) {
      for (const name of [raw, pretty]) if (!this.known.has(plain(name))) this.known.set(plain(name), Number(node));
      if (options.length < MOST_LISTED) options.push(html("option", { value: raw }));
    }
    this.list.append(...options);
  }

  find() {
    this.read();
    const wanted = plain(this.input.value);
    if (!wanted) {
      this.input.removeAttribute("aria-invalid");
      return;
    }
    let node = this.known.get(wanted);
    if (node === undefined) {
      const begins = [...this.known].filter(([name]) => name.startsWith(wanted));
      if (begins.length) [[, node]] = begins;
    }
    this.input.setAttribute("aria-invalid", String(node === undefined));
    if (node !== undefined) this.page.store.set({ picked: node, pointed: null });
  }
}

/** A name without the signs that only set indices apart. */
function plain(name) {
  const signs = [...name.normalize("NFKC")].map((sign) => PLAIN[sign] ?? sign);
  return signs.join("").replace(/[_^{}()\s$\\]/g, "").toLowerCase();
}
