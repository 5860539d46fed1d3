/** The paths from a value, lit on a figure: strands in the paths' colours, badges, marks. */

import { svg } from "./dom.js";
import { counted } from "./numbers.js";

const COLOURED = 6;
const THINNEST = 1.4;
const THICKEST = 9;
const HOLLOW = 0.4;
const BESIDE = 8; // from the middle of a text to a line
const NOTHING = 1e-12; // of Σ |product|: what is left is rounding, or paths that add 0
const MOST_BADGES = 150;

export class Lights {
  /** @param figure The figure to light. */
  constructor(figure) {
    this.figure = figure;
    this.coloured = [];
    this.element = svg("g.strands", { "aria-hidden": "true" });
    this.badges = svg("g.badges", { "aria-hidden": "true" });
  }

  /**
   * Light up the paths from a value.
   * @param found What `pathsFrom` returns; null for none.
   * @param only The number of the only path to light; null for all.
   */
  light(found, only) {
    const { figure } = this;
    for (const { element, texts } of this.coloured) {
      for (const part of [element, ...texts]) delete part.dataset.path;
      for (const text of texts) text.removeAttribute("transform");
    }
    this.coloured = [];
    this.marks = new Map();
    this.strands = [];
    this.plain = new Map();
    this.signs = [];
    figure.element.classList.toggle("asks", found !== null);
    if (found !== null) this.lines(found, only);
    figure.mark(this.marks);
    this.element.replaceChildren(...this.plainStrands(), ...this.strands);
    this.badges.replaceChildren(...(this.signs.length <= MOST_BADGES ? this.signs : []));
  }

  lines(found, only) {
    const { figure } = this;
    this.ask(found.source);
    const along = only === null ? found : onlyPath(found, only);
    const boxes = new Set();
    for (const node of along.places) {
      for (const [kind, place] of figure.boxesOf.get(node) ?? []) if (kind === "box") boxes.add(place);
    }
    for (const [place, flow] of this.flowsOf(along)) {
      this.line(place, flow, found);
      boxes.add(figure.level.lines[place].head_box);
      if (figure.lines[place].pick === found.source) boxes.add(figure.level.lines[place].tail);
    }
    for (const place of boxes) this.add(figure.boxes[place].element, "lit");
  }

  add(element, name) {
    const names = this.marks.get(element);
    if (names) names.add(name);
    else this.marks.set(element, new Set([name]));
  }

  ask(node) {
    const { figure } = this;
    for (const [kind, place] of figure.boxesOf.get(node) ?? []) {
      const part = kind === "box" ? figure.boxes[place] : figure.lines[place];
      if (kind === "box" && part.pick !== node) continue;
      this.add(part.element, "asked");
      if (kind === "line") for (const text of part.texts) this.add(text, "asked");
    }
  }

  /** For each line the coloured paths on it, and what else runs there. */
  flowsOf(found) {
    const { lineOf } = this.figure;
    const flows = new Map();
    const at = (edge) => {
      const place = lineOf.get(edge);
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
    found.told.slice(0, COLOURED).forEach((path, number) => {
      const passed = new Set();
      for (const edge of path.edges) {
        const flow = at(edge);
        if (flow === null) continue;
        flow.rest -= Math.abs(path.product);
        const place = lineOf.get(edge);
        if (!passed.has(place)) flow.tracks.set(path.number ?? number, path);
        passed.add(place);
      }
    });
    return flows;
  }

  line(place, flow, found) {
    const part = this.figure.lines[place];
    const { line, element, texts } = part;
    this.add(element, "lit");
    for (const text of texts) this.add(text, "lit");
    const strands = [...flow.tracks].map(([number, path]) => [number, path.product]);
    const hasRest = flow.uses > BigInt(flow.tracks.size) && flow.rest > NOTHING * found.magnitude;
    if (hasRest || !strands.length) strands.push([null, Math.max(flow.rest, 0)]);
    const widths = strands.map(([, size]) => width(Math.abs(size), found.magnitude));
    const thickness = widths.reduce((one, other) => one + other, 0);
    if (texts.length || flow.tracks.size) this.coloured.push(part);
    for (const text of texts) this.clear(text, place, thickness);
    let aside = -thickness / 2;
    strands.forEach(([number, product], which) => {
      const shift = aside + widths[which] / 2;
      aside += widths[which];
      if (strands.length === 1 && number === null) this.keep(line.d, product, widths[which]);
      else this.strand(line, number, product, widths[which], shift);
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
    const [nx, ny] = sideOf(this.figure.level.lines[place]);
    let away = thickness / 2;
    if (this.figure.level.name === "neuron") {
      const { x, y } = this.figure.pointsOf(place).middle;
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

  /** A line on which no listed path runs: all of one width are drawn as one. */
  keep(d, product, thickness) {
    const key = `${product === 0 ? "dashed" : ""} ${(Math.round(2 * thickness) / 2).toFixed(1)}`;
    if (!this.plain.has(key)) this.plain.set(key, []);
    this.plain.get(key).push(d);
  }

  plainStrands() {
    return [...this.plain].map(([key, ways]) => {
      const [dashed, thickness] = key.split(" ");
      const name = dashed ? "path.strand.dashed" : "path.strand";
      return svg(name, { d: ways.join(""), "stroke-width": thickness, "data-path": 0 });
    });
  }

  strand(line, number, product, thickness, shift) {
    const [dx, dy] = sideOf(line);
    const attributes = {
      d: line.d, transform: `translate(${dx * shift} ${dy * shift})`, "stroke-width": thickness,
    };
    const dashed = product === 0 ? ".dashed" : "";
    const strand = svg(`path.strand${dashed}`, { ...attributes, "data-path": number === null ? 0 : number + 1 });
    this.strands.push(strand);
    if (product < 0) {
      this.strands.push(svg("path.core", { ...attributes, "stroke-width": thickness * HOLLOW }));
    }
  }

  /** How many paths share a line, near its end. */
  badge(place, uses) {
    if (this.signs.length > MOST_BADGES) return; // so many say nothing
    const { x, y } = this.figure.pointsOf(place).badge;
    const text = `×${counted(uses, "").trim().replace(/s$/, "").trim()}`;
    const wide = 9 + 6.6 * text.length;
    this.signs.push(svg("g", {},
      svg("rect", { x: x - wide / 2, y: y - 8.5, width: wide, height: 17, rx: 8.5 }),
      svg("text", { x, y: y + 4, "text-anchor": "middle", "font-size": 11 }, text)));
  }
}

/** On which side of a line strands go: below, if it does not say. */
function sideOf({ side }) {
  return side ?? [0, 1];
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
    told: [{ ...path, number }],
    edges: path.edges,
    places: new Set([found.source, ...path.nodes]),
    uses: new Map(path.edges.map((edge) => [edge, 1n])),
    flows: new Map(path.edges.map((edge) => [edge, Math.abs(path.product)])),
  };
}
