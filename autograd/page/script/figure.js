/** A level of the graph as a drawing: boxes, lines, strands of paths, numbers in their places. */

import { svg } from "./dom.js";
import { counted, fitted, shown } from "./numbers.js";

const COLOURED = 6;
const THINNEST = 1.4;
const THICKEST = 9;
const HOLLOW = 0.4;
const BESIDE = 8; // from the middle of a text to a line

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
    this.lit = new Set();
    this.coloured = new Set();
    this.happening = [];
    this.element = svg("g.level");
    this.lines = level.lines.map((line, place) => this.line(line, place));
    this.boxes = level.boxes.map((box, place) => this.box(box, place));
    const headings = level.words.map((text) => this.text(text));
    this.strands = svg("g.strands", { "aria-hidden": "true" });
    this.badges = svg("g.badges", { "aria-hidden": "true" });
    this.labels = svg("g.labels", { "aria-hidden": "true" }, ...this.lines.flatMap((one) => one.texts));
    this.element.append(
      svg("g.headings", {}, ...headings),
      svg("g.lines", {}, ...this.lines.map((one) => one.element)),
      this.strands,
      svg("g.boxes", {}, ...outlinedFirst(this.boxes).map((one) => one.element)),
      this.labels,
      this.badges,
    );
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
    element.append(...box.texts.map((text) => this.text(text)));
    return { box, element, pick: box.pick };
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
    else this.bound.push({ element, words, room, size, kind, of, text: "" });
    return element;
  }

  // --- Numbers ----------------------------------------------------------------------------------

  /**
   * Write the numbers that are known at a time.
   * @param tape The graph.
   * @param state Of the events: value, adjoint and pending of a node.
   * @param wrong Whether an adjoint is a wrong one.
   */
  write(tape, state, wrong) {
    for (const one of this.bound) {
      const number = numberIn(one, tape, state);
      const isWrong = one.kind !== "v" && one.kind !== "e" && one.of.some(wrong);
      const waits = (one.kind === "g" || one.kind === "m") && one.of.some((node) => state.pending(node));
      let text = one.words + (number === null ? "·" : this.written(one, number));
      if (isWrong && number !== null) text += " ✗";
      if (text !== one.text) {
        one.text = text;
        one.element.textContent = text;
      }
      one.element.classList.toggle("wrong", isWrong);
      one.element.classList.toggle("waits", waits);
    }
  }

  /** A number in its place; the weight that is asked about is told in full, with its name. */
  written(one, number) {
    if (one.element.classList.contains("asked")) return `${this.words.name(one.of[0])} = ${shown(number)}`;
    return fitted(number, one.room, one.size);
  }

  /** What a screen reader is told of each box and line. */
  tell(tape, state) {
    const sentence = (node) => {
      const value = state.value(node);
      const adjoint = state.adjoint(node);
      return `${this.words.name(node)}: value ${value === null ? "not yet known" : shown(value)}` +
        (tape.isConstant[node] ? "" : `, gradient ${adjoint === null ? "not yet known" : shown(adjoint)}`);
    };
    for (const { element, pick, box } of [...this.boxes, ...this.lines]) {
      if (pick === null) continue;
      const called = box?.called && box.called !== this.words.name(pick) ? `${box.called}, ` : "";
      element.setAttribute("aria-label", called + sentence(pick));
    }
  }

  // --- Paths ------------------------------------------------------------------------------------

  /**
   * Light up the paths from a value.
   * @param found What `pathsFrom` returns; null for none.
   * @param only The number of the only path to light; null for all.
   */
  light(found, only) {
    this.strands.replaceChildren();
    this.badges.replaceChildren();
    for (const element of this.lit) element.classList.remove("lit", "asked");
    for (const { element, texts } of this.coloured) {
      for (const part of [element, ...texts]) delete part.dataset.path;
      for (const text of texts) text.removeAttribute("transform");
    }
    this.coloured.clear();
    this.lit.clear();
    this.element.classList.toggle("asks", found !== null);
    if (found === null) return;
    for (const edge of found.edges) if (this.lineOf.has(edge)) this.pointsOf(this.lineOf.get(edge));
    const boxes = new Set();
    this.mark(found.source, "asked");
    const along = only === null ? found : onlyPath(found, only);
    for (const node of along.places) {
      for (const [kind, place] of this.boxesOf.get(node) ?? []) if (kind === "box") boxes.add(place);
    }
    for (const [place, flow] of this.flowsOf(along)) {
      this.strandsOf(place, flow, found);
      boxes.add(this.level.lines[place].head_box);
      if (this.lines[place].pick === found.source) boxes.add(this.level.lines[place].tail);
    }
    for (const place of boxes) this.add(this.boxes[place].element, "lit");
  }

  /** For each line the coloured paths on it, and what else runs there. */
  flowsOf(found) {
    const flows = new Map();
    const at = (edge) => {
      const place = this.lineOf.get(edge);
      if (place === undefined) return null;
      if (!flows.has(place)) flows.set(place, { tracks: new Map(), rest: 0, uses: 0n });
      return flows.get(place);
    };
    for (const edge of found.edges) {
      const flow = at(edge);
      if (flow === null) continue;
      flow.rest += found.flows.get(edge);
      flow.uses += found.uses.get(edge);
    }
    found.paths.slice(0, COLOURED).forEach((path, number) => {
      const passed = new Set();
      for (const edge of path.edges) {
        const flow = at(edge);
        if (flow === null) continue;
        flow.rest -= Math.abs(path.product);
        const place = this.lineOf.get(edge);
        if (!passed.has(place)) flow.tracks.set(path.number ?? number, path);
        passed.add(place);
      }
    });
    return flows;
  }

  strandsOf(place, flow, found) {
    const { line, element, texts } = this.lines[place];
    this.add(element, "lit");
    for (const text of texts) this.add(text, "lit");
    this.coloured.add(this.lines[place]);
    const strands = [...flow.tracks].map(([number, path]) => [number, path.product]);
    const hasRest = flow.uses > BigInt(flow.tracks.size);
    if (hasRest || !strands.length) strands.push([null, Math.max(flow.rest, 0)]);
    const widths = strands.map(([, size]) => width(Math.abs(size), found.magnitude));
    const thickness = widths.reduce((one, other) => one + other, 0);
    for (const text of texts) this.clear(text, place, thickness);
    let aside = -thickness / 2;
    strands.forEach(([number, product], which) => {
      const shift = aside + widths[which] / 2;
      aside += widths[which];
      this.strand(line, number, product, widths[which], shift);
    });
    if (flow.tracks.size === 1 && !hasRest) {
      const [number] = flow.tracks.keys();
      element.dataset.path = number + 1;
      for (const text of texts) text.dataset.path = number + 1;
    }
    if (flow.uses > 1n) this.badge(place, flow.uses);
  }

  /** Move a text away from a line that has become thick, to the side on which it stands. */
  clear(text, place, thickness) {
    const [nx, ny] = this.level.lines[place].side;
    let away = thickness / 2;
    if (this.level.name === "neuron") {
      const { x, y } = this.pointsOf(place).middle;
      const [tx, ty] = [Number(text.getAttribute("x")), Number(text.getAttribute("y")) - 4];
      const aside = (tx - x) * nx + (ty - y) * ny;
      const wanted = thickness / 2 + BESIDE;
      const side = Math.abs(aside) > 1 ? Math.sign(aside) : -1;
      away = side * Math.max(wanted - Math.abs(aside), 0);
    } else {
      away = -away;
    }
    text.setAttribute("transform", `translate(${nx * away} ${ny * away})`);
  }

  strand(line, number, product, thickness, shift) {
    const [dx, dy] = line.side;
    const attributes = {
      d: line.d, transform: `translate(${dx * shift} ${dy * shift})`, "stroke-width": thickness,
    };
    const dashed = product === 0 ? ".dashed" : "";
    const strand = svg(`path.strand${dashed}`, { ...attributes, "data-path": number === null ? 0 : number + 1 });
    this.strands.append(strand);
    if (product < 0) {
      const core = { ...attributes, "stroke-width": thickness * HOLLOW };
      this.strands.append(svg("path.core", core));
    }
  }

  /** Where on a line a badge stands, and its middle: asked once, since the browser lays out for it. */
  pointsOf(place) {
    const one = this.lines[place];
    if (!one.points) {
      const way = one.element.firstChild;
      const length = way.getTotalLength();
      const at = this.level.name === "operation" ? 0.35 : 0.82;
      one.points = { middle: way.getPointAtLength(length / 2), badge: way.getPointAtLength(length * at) };
    }
    return one.points;
  }

  /** How many paths share a line, near its end. */
  badge(place, uses) {
    const { x, y } = this.pointsOf(place).badge;
    const text = `×${counted(uses, "").trim().replace(/s$/, "").trim()}`;
    const wide = 9 + 6.6 * text.length;
    this.badges.append(
      svg("rect", { x: x - wide / 2, y: y - 8.5, width: wide, height: 17, rx: 8.5 }),
      svg("text", { x, y: y + 4, "text-anchor": "middle", "font-size": 11 }, text),
    );
  }

  // --- Marks ------------------------------------------------------------------------------------

  mark(node, name) {
    for (const [kind, place] of this.boxesOf.get(node) ?? []) {
      const part = kind === "box" ? this.boxes[place] : this.lines[place];
      const isOwn = part.pick === node || kind === "line";
      if (isOwn || name === "now") this.add(part.element, name);
      if (kind === "line" && isOwn) for (const text of part.texts) this.add(text, name);
    }
  }

  add(element, name) {
    element.classList.add(name);
    this.lit.add(element);
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

  /** What can be focused and asked about: [{element, pick, x, y}]. */
  stations() {
    const found = [];
    for (const { element, pick, box } of this.boxes) {
      const [x, y, width_, height] = box.disc ? [...box.disc, 0] : box.card ?? [0, 0, 0, 0];
      if (box.disc) found.push({ element, pick, x, y });
      else if (box.card) found.push({ element, pick, x: x + width_ / 2, y: y + height / 2 });
    }
    for (const [place, { element, pick, texts }] of this.lines.entries()) {
      if (pick === null) continue;
      const middle = texts.length
        ? { x: Number(texts[0].getAttribute("x")), y: Number(texts[0].getAttribute("y")) }
        : this.pointsOf(place).middle;
      found.push({ element, pick, x: middle.x, y: middle.y });
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

function width(size, magnitude) {
  const share = magnitude ? size / magnitude : 0;
  return Number.isFinite(share) ? THINNEST + (THICKEST - THINNEST) * share : THINNEST;
}

/** One path of several, as if it were the only one. */
function onlyPath(found, number) {
  const path = found.paths[number];
  return {
    ...found,
    paths: [{ ...path, number }],
    edges: path.edges,
    places: new Set([found.source, ...path.nodes]),
    uses: new Map(path.edges.map((edge) => [edge, 1n])),
    flows: new Map(path.edges.map((edge) => [edge, Math.abs(path.product)])),
  };
}
