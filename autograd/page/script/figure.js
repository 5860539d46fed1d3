/** A level of the graph as a drawing: boxes, lines, numbers in their places. */

import { Culling } from "./culling.js";
import { svg } from "./dom.js";
import { Lights } from "./lights.js";
import { fitted, shown } from "./numbers.js";
import { pointAlong } from "./ways.js";

export class Figure {
  /**
   * @param level A level of the model.
   * @param words Names.
   */
  constructor(level, words) {
    this.level = level;
    this.words = words;
    this.lineOf = new Map();
    this.boxesOf = new Map();
    this.bound = [];
    this.boundBy = new Map();
    this.marked = new Map();
    this.happening = [];
    this.known = null;
    this.element = svg("g.level");
    this.lines = level.lines.map((line, place) => this.line(line, place));
    this.boxes = level.boxes.map((box, place) => this.box(box, place));
    const headings = level.words.map((text) => this.text(text));
    this.lights = new Lights(this);
    this.labels = svg("g.labels", { "aria-hidden": "true" }, ...this.lines.flatMap((one) => one.texts));
    this.element.append(
      svg("g.headings", {}, ...headings),
      svg("g.lines", {}, ...this.lines.map((one) => one.element)),
      this.lights.element,
      svg("g.boxes", {}, ...outlinedFirst(this.boxes).map((one) => one.element)),
      this.labels,
      this.lights.badges,
    );
    this.parts = [...this.boxes, ...this.lines].filter(({ pick }) => pick !== null);
    for (const { element, texts } of this.boxes) for (const text of texts) this.own(text, element);
    for (const text of this.lines.flatMap((one) => one.texts)) this.own(text, text);
    this.culling = new Culling(this);
  }

  // --- Drawing ----------------------------------------------------------------------------------

  line(line, place) {
    for (const edge of line.edges) this.lineOf.set(edge, place);
    const pick = line.weights?.length === 1 ? line.weights[0] : null;
    const attributes = { "data-line": place };
    if (pick !== null) {
      Object.assign(attributes, { "data-pick": pick, role: "button", tabindex: -1 });
      this.note(pick, place, "line");
    }
    const element = svg("g.line", attributes, svg("path.way", { d: line.d }));
    if (line.head) element.append(svg("path.head", { d: line.head }));
    if (pick !== null) element.append(svg("path.hit", { d: line.d }));
    const texts = line.texts.map((text) => this.text(text));
    return { line, element, texts, pick };
  }

  box(box, place) {
    for (const node of box.nodes) this.note(node, place, "box");
    const element = svg(`g.box.${box.tone}`, {
      "data-box": place, "data-pick": box.pick, role: "button", tabindex: -1,
    });
    if (box.disc) {
      const [cx, cy, r] = box.disc;
      element.append(svg("circle.shape", { cx, cy, r }));
    } else if (box.card) {
      const [x, y, width, height, rx] = box.card;
      element.append(svg("rect.shape", { x, y, width, height, rx }));
      for (const [left, top, wide, high, round] of box.bars ?? []) {
        element.append(svg("rect.bar", { x: left, y: top, width: wide, height: high, rx: round }));
      }
    }
    const texts = box.texts.map((text) => this.text(text));
    element.append(...texts);
    return { box, element, texts, pick: box.pick };
  }

  note(node, place, kind) {
    if (!this.boxesOf.has(node)) this.boxesOf.set(node, []);
    this.boxesOf.get(node).push([kind, place]);
  }

  text([x, y, size, anchor, look, words, room, kind, of]) {
    const element = svg("text", { x, y, "font-size": size });
    if (anchor !== "s") element.setAttribute("text-anchor", anchor === "m" ? "middle" : "end");
    const names = { b: "bold", q: "quiet", h: "halo", i: "italic" };
    for (const letter of look) element.classList.add(names[letter]);
    if (kind === undefined) element.textContent = words;
    else {
      const one = { element, words, room, size, kind, of, text: "", isWrong: false, waits: false };
      this.bound.push(one);
      this.boundBy.set(element, one);
    }
    return element;
  }

  /** The element with which a text comes into view. */
  own(text, element) {
    const one = this.boundBy.get(text);
    if (one) one.owner = element;
  }

  // --- Numbers ----------------------------------------------------------------------------------

  /**
   * Write the numbers that are known at a time.
   * @param tape The graph.
   * @param state Of the events: value, adjoint and pending of a node.
   * @param wrong Whether an adjoint is a wrong one.
   */
  write(tape, state, wrong) {
    this.known = { tape, state, wrong };
    for (const one of this.bound) if (this.culling.draws(one.owner)) this.writeOne(one);
    this.tell(this.parts.filter(({ element }) => this.culling.draws(element)));
  }

  /** Write the numbers of elements that come into view, which were not written while they were out of it. */
  comeIntoView(elements) {
    if (!this.known) return;
    for (const one of this.bound) if (elements.has(one.owner)) this.writeOne(one);
    this.tell(this.parts.filter(({ element }) => elements.has(element)));
  }

  writeOne(one) {
    const { tape, state, wrong } = this.known;
    const number = numberIn(one, tape, state);
    const isWrong = one.kind !== "v" && one.kind !== "e" && one.of.some(wrong);
    const waits = (one.kind === "g" || one.kind === "m") && one.of.some((node) => state.pending(node));
    let text = one.words + (number === null ? "·" : this.written(one, number));
    if (isWrong && number !== null) text += " ✗";
    if (text !== one.text) {
      one.text = text;
      one.element.textContent = text;
    }
    if (isWrong !== one.isWrong) one.element.classList.toggle("wrong", (one.isWrong = isWrong));
    if (waits !== one.waits) one.element.classList.toggle("waits", (one.waits = waits));
  }

  /** A number in its place; the weight that is asked about is told in full, with its name. */
  written(one, number) {
    if (one.element.classList.contains("asked")) return `${this.words.name(one.of[0])} = ${shown(number)}`;
    return fitted(number, one.room, one.size);
  }

  /** What a screen reader is told of boxes and lines. */
  tell(parts) {
    const { tape, state } = this.known;
    const sentence = (node) => {
      const value = state.value(node);
      const adjoint = state.adjoint(node);
      return `${this.words.name(node)}: value ${value === null ? "not yet known" : shown(value)}` +
        (tape.isConstant[node] ? "" : `, gradient ${adjoint === null ? "not yet known" : shown(adjoint)}`);
    };
    for (const { element, pick, box } of parts) {
      const called = box?.called && box.called !== this.words.name(pick) ? `${box.called}, ` : "";
      const told = called + sentence(pick);
      if (element.getAttribute("aria-label") !== told) element.setAttribute("aria-label", told);
    }
  }

  // --- Marks ------------------------------------------------------------------------------------

  /** The boxes and lines that are marked with classes, as a map, in the place of those before. */
  mark(wanted) {
    const again = [];
    for (const [element, names] of this.marked) {
      const stay = wanted.get(element);
      for (const name of names) if (!stay?.has(name)) element.classList.remove(name);
      if (names.has("asked") !== Boolean(stay?.has("asked"))) again.push(element);
    }
    for (const [element, names] of wanted) {
      const before = this.marked.get(element);
      for (const name of names) if (!before?.has(name)) element.classList.add(name);
      if (!before && names.has("asked")) again.push(element);
    }
    this.marked = wanted;
    // The weight that is asked about is told with its name.
    for (const element of again) {
      const one = this.boundBy.get(element);
      if (one && this.known) this.writeOne(one);
    }
  }

  /** Where on a line a badge stands, and its middle. */
  pointsOf(place) {
    const one = this.lines[place];
    const badge = this.level.name === "operation" ? 0.35 : 0.82;
    one.points ??= { middle: pointAlong(one.line.d, 0.5), badge: pointAlong(one.line.d, badge) };
    return one.points;
  }

  /** The boxes and lines of an event, what is not known yet, and what the sweep has reached. */
  now(event, state) {
    for (const element of this.happening) element.classList.remove("now");
    this.happening = [];
    const isRunning = event !== undefined;
    this.element.classList.toggle("steps", isRunning);
    for (const { element, pick } of this.boxes) {
      element.classList.toggle("future", isRunning && state.value(pick) === null);
      element.classList.toggle("reached", isRunning && state.adjoint(pick) !== null);
    }
    if (!event) return;
    const mark = (element) => {
      element.classList.add("now");
      this.happening.push(element);
    };
    for (const node of [event.node, event.target]) {
      for (const [kind, place] of this.boxesOf.get(node) ?? []) {
        mark((kind === "box" ? this.boxes : this.lines)[place].element);
      }
    }
    const line = this.lineOf.get(event.edge);
    if (line !== undefined) mark(this.lines[line].element);
  }

  /** What can be focused and asked about: [{element, pick, nodes, x, y}]. */
  stations() {
    const found = [];
    for (const { element, pick, box } of this.boxes) {
      const [x, y, width_, height] = box.disc ? [...box.disc, 0] : box.card ?? [0, 0, 0, 0];
      const { nodes } = box;
      if (box.disc) found.push({ element, pick, nodes, x, y });
      else if (box.card) found.push({ element, pick, nodes, x: x + width_ / 2, y: y + height / 2 });
    }
    for (const [place, { element, pick, texts }] of this.lines.entries()) {
      if (pick === null) continue;
      const middle = texts.length
        ? { x: Number(texts[0].getAttribute("x")), y: Number(texts[0].getAttribute("y")) }
        : this.pointsOf(place).middle;
      found.push({ element, pick, nodes: [pick], x: middle.x, y: middle.y });
    }
    return found;
  }
}

/** Plain numbers in the card of another lie above it. */
function outlinedFirst(boxes) {
  const isInside = ({ box }) => !box.disc && !box.card;
  return [...boxes.filter((one) => !isInside(one)), ...boxes.filter(isInside)];
}

function numberIn({ kind, of }, tape, state) {
  if (kind === "e") return tape.partials[of[0]];
  const numbers = of.map(kind === "v" ? state.value : state.adjoint);
  if (numbers.includes(null)) return null;
  if (numbers.length === 1) return kind === "m" ? Math.abs(numbers[0]) : numbers[0];
  const sizes = kind === "m" ? numbers.map(Math.abs) : numbers;
  return sizes.reduce((one, other) => one + other, 0) / sizes.length;
}
