/** Puts the page together: the one object that all parts share, and who hears of what. */

/* global RULES */
import { keepAddress, readAddress } from "./address.js";
import { choice, html } from "./dom.js";
import { Editor } from "./editor.js";
import { Events } from "./events.js";
import { Figure } from "./figure.js";
import { Finder } from "./finder.js";
import { differs, Panel } from "./panel.js";
import { pathCounts, pathsFrom } from "./paths.js";
import { pythonCode } from "./python_code.js";
import { Store } from "./store.js";
import { Tape } from "./tape.js";
import { Timeline } from "./timeline.js";
import { View } from "./view.js";
import { Words } from "./words.js";

const FLAT = 0.5; // what lies further aside for its distance is in another row
const HEARD = 250; // milliseconds of rest before a screen reader is told

class Page {
  constructor(model) {
    this.model = model;
    this.tape = new Tape(model.nodes, RULES, model.output);
    this.words = new Words(model, this.tape);
    this.events = new Events(this.tape, model.orders);
    this.figures = new Map();
    const said = readAddress(this);
    if (said.numbers.size) this.tape.edit(said.numbers);
    this.store = new Store({
      level: said.level ?? model.level,
      picked: said.picked ?? this.firstAsked(),
      pointed: null,
      path: null,
      time: said.time ?? null,
      manner: said.manner ?? "right",
      playing: false,
      version: 0, // of the numbers
    });
    this.view = new View(`the graph of ${this.words.end}`);
    this.panel = new Panel(model, this.words, this.store);
    this.editor = new Editor(this);
    this.timeline = new Timeline(this);
    this.finder = new Finder(this);
    this.build();
    this.store.hear((state, changed) => this.update(state, changed));
    keepAddress(this);
  }

  // --- What the parts may ask -------------------------------------------------------------------

  /** Put a number in a leaf; everything that follows from it follows at once. */
  edit(leaf, number) {
    this.tape.edit([[leaf, number]]);
    this.renew();
  }

  /** Undo the changes of a leaf, or of all. */
  reset(leaf = null) {
    const { recorded } = this.tape;
    this.tape.edit(leaf === null ? recorded : [[leaf, recorded.get(leaf)]]);
    this.renew();
  }

  /** Let everybody know that numbers have changed. */
  renew() {
    this.store.set({ version: this.store.state.version + 1 });
  }

  python() {
    return pythonCode(this.model, this.tape);
  }

  /** The figure of the level that is shown. */
  get figure() {
    return this.figures.get(this.store.state.level);
  }

  // --- Building ---------------------------------------------------------------------------------

  build() {
    const { model, store } = this;
    const levels = model.levels.map((level) => [level.name, level.title]);
    this.levels = choice("level", levels, store.state.level, (level) => store.set({ level }));
    this.heard = html("p.heard", { role: "status", "aria-live": "polite" });
    this.trouble = html("p.trouble", { role: "alert", hidden: true });
    const zoom = (label, sign, click) => html("button", { type: "button", "aria-label": label, title: label, click }, sign);
    const zooms = html("div.zooms", { role: "group", "aria-label": "zoom" },
      zoom("zoom in", "+", () => this.view.zoom(1.3)),
      zoom("zoom out", "−", () => this.view.zoom(1 / 1.3)),
      zoom("fit the whole graph", "fit", () => this.view.fit(true)));
    const units = levels.some(([name]) => name === "neuron") ? "z = Σ w x + b comes into a unit, a = f(z) goes out; δ: the gradient at z. " : "";
    const legend = html("p.legend", {}, `${units}Lit paths: width is size, hollow negative, dashed 0; ×n: shared by n paths, computed once`);
    document.getElementById("page").append(
      html("header", {},
        html("h1", {}, "explore"), html("span.subject", {}, model.title),
        levels.length > 1 ? this.levels.element : null,
        this.timeline.manners(), this.finder.element),
      html("main", {},
        html("div.stage", {}, this.view.element, zooms, this.trouble), legend, this.timeline.element),
      html("aside", { "aria-label": "explanation" }, this.panel.element, this.editor.element, this.heard));
    this.view.measure();
    this.view.onMove = () => this.figure?.culling.look(this.view, this.tabStop);
    this.listen();
  }

  listen() {
    const { element } = this.view;
    const { store } = this;
    const pickOf = (event) => {
      const part = event.target.closest?.("[data-pick]");
      return part && element.contains(part) ? Number(part.dataset.pick) : null;
    };
    element.addEventListener("pointerover", (event) => {
      if (event.pointerType !== "touch" && !element.classList.contains("drags")) store.set({ pointed: pickOf(event) });
    });
    element.addEventListener("pointerleave", () => store.set({ pointed: null }));
    element.addEventListener("click", (event) => {
      const pick = pickOf(event);
      if (pick !== null && !element.classList.contains("drags")) store.set({ picked: pick });
    });
    element.addEventListener("dblclick", (event) => {
      const box = event.target.closest("[data-box]");
      if (box) this.expand(Number(box.dataset.box));
    });
    element.addEventListener("focusin", (event) => {
      const pick = pickOf(event);
      if (pick !== null) store.set({ picked: pick, pointed: null });
    });
    element.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const { view, timeline, store } = this;
    const keys = {
      ArrowRight: () => this.walk(event, 1, 0), ArrowLeft: () => this.walk(event, -1, 0),
      ArrowDown: () => this.walk(event, 0, 1), ArrowUp: () => this.walk(event, 0, -1),
      "+": () => view.zoom(1.3), "-": () => view.zoom(1 / 1.3), 0: () => view.fit(true),
      ".": () => timeline.step(1), ",": () => timeline.step(-1),
      Escape: () => store.set({ picked: null }),
      Enter: () => event.target.dataset.box && this.expand(Number(event.target.dataset.box)),
    };
    if (keys[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      keys[event.key]();
    }
  }

  /** Move the focus to the nearest box or weight in a direction; at the end of a row as arrows lead. */
  walk(event, right, down) {
    const here = this.stations.find((one) => one.element === event.target) ?? this.stations[0];
    const best = this.nearest(here, right, down, right ? FLAT : Infinity) ??
      (right ? this.following(here, right) : undefined) ?? this.nearest(here, right, down, Infinity);
    if (!best) return;
    this.focusable(best);
    this.view.reveal(best.x, best.y);
    best.element.focus({ preventScroll: true });
  }

  /** The nearest station in a direction that is not too far aside for its distance. */
  nearest(here, right, down, steepest) {
    let [best, shortest] = [undefined, Infinity];
    for (const one of this.stations) {
      const along = (one.x - here.x) * right + (one.y - here.y) * down;
      const aside = Math.abs((one.x - here.x) * down) + Math.abs((one.y - here.y) * right);
      const distance = along + 2 * aside;
      if (along > 1 && aside <= steepest * along && distance < shortest) [best, shortest] = [one, distance];
    }
    return best;
  }

  /** What is computed from what a box stands for; or, backwards, what that is computed from. */
  following(here, onward) {
    const { tails, heads } = this.tape;
    const [from, to] = onward > 0 ? [tails, heads] : [heads, tails];
    const nodes = new Set(here.nodes);
    const next = new Set(Array.from(to).filter((node, edge) => nodes.has(from[edge]) && !nodes.has(node)));
    return this.stations.find((one) => one.nodes.some((node) => next.has(node)));
  }

  /** One box is in the order of Tab; arrow keys go on from there. */
  focusable(station) {
    this.tabStop?.setAttribute("tabindex", "-1");
    this.tabStop = station.element;
    this.tabStop.setAttribute("tabindex", "0");
    this.view.onMove();
  }

  /** Show the operations that a box stands for. */
  expand(box) {
    const { model, store } = this;
    const place = model.levels.findIndex((level) => level.name === store.state.level);
    if (place <= 0) return;
    const finer = model.levels[place - 1];
    const nodes = new Set(model.levels[place].boxes[box].nodes);
    store.set({ level: finer.name });
    const inside = finer.boxes.filter((each) => each.nodes.some((node) => nodes.has(node)) && (each.card || each.disc));
    const lefts = inside.map(extent);
    if (lefts.length) {
      this.view.frame(
        Math.min(...lefts.map((one) => one[0])), Math.min(...lefts.map((one) => one[1])),
        Math.max(...lefts.map((one) => one[2])), Math.max(...lefts.map((one) => one[3])));
    }
  }

  /** What is asked about at first: a leaf with several paths, few enough to list, and no dead ones. */
  firstAsked() {
    const leaves = this.model.nodes.editable.filter((node) => !this.tape.isConstant[node]);
    const moved = leaves.filter((node) => this.tape.adjoints[node] !== 0);
    const counts = pathCounts(this.tape);
    const isTold = (node) => counts[node] > 1 && counts[node] <= 6;
    return moved.find(isTold) ?? leaves.find(isTold) ?? leaves[0] ?? null;
  }

  // --- Change -----------------------------------------------------------------------------------

  update(state, changed) {
    const has = (...keys) => keys.some((key) => changed.has(key));
    if (has("manner", "version")) this.events.run(state.manner);
    if (has("level")) this.showLevel(state.level);
    const asked = state.pointed ?? state.picked;
    if (has("version", "level", "pointed", "picked") || !this.found) {
      this.found = asked === null ? null : pathsFrom(this.tape, asked);
    }
    if (has("version", "level", "pointed", "picked", "path", "time")) {
      // While time runs, only what is pointed at lights up: the events come first.
      const lights = state.time === null || state.pointed !== null || state.path !== null;
      this.figure.lights.light(lights ? this.found : null, state.path);
    }
    if (has("version", "level", "time", "manner")) this.write(state);
    if (has("version", "pointed", "picked", "manner")) this.panel.show(this.found, this.events);
    if (has("version", "picked")) this.editor.show(state.picked);
    if (has("version", "level")) this.blame();
    if (has("time", "manner", "version", "playing")) this.timeline.show(state);
    if (has("picked", "version")) this.tell();
  }

  showLevel(name) {
    const level = this.model.levels.find((each) => each.name === name);
    if (!this.figures.has(name)) this.figures.set(name, new Figure(level, this.words));
    this.levels.choose(name);
    const figure = this.figures.get(name);
    this.view.show(figure.element, level.width, level.height);
    this.stations = figure.stations();
    const asked = this.stations.find((one) => one.pick === this.store.state.picked) ?? this.stations[0];
    if (!asked) return;
    this.focusable(asked);
    this.view.reveal(asked.x, asked.y);
  }

  /** Write the numbers that are known now, and tell of them. */
  write(state) {
    const known = this.events.stateAt(state.time ?? this.events.count);
    const isWrong = state.manner === "right" || state.time !== null
      ? () => false
      : (node) => differs(this.events.totals[node], this.tape.adjoints[node]);
    this.figure.write(this.tape, known, isWrong);
    this.figure.now(state.time === null ? undefined : this.events.at(state.time), known);
  }

  /** Say where a number that is not finite comes from, at its node and above the figure. */
  blame() {
    const fault = this.tape.fault();
    this.trouble.hidden = fault === null;
    for (const element of this.blamed ?? []) element.classList.remove("blamed");
    this.blamed = [];
    if (fault === null) return;
    this.trouble.textContent = this.words.fault(fault);
    for (const [kind, place] of this.figure.boxesOf.get(fault.node) ?? []) {
      const part = (kind === "box" ? this.figure.boxes : this.figure.lines)[place];
      part.element.classList.add("blamed");
      this.blamed.push(part.element);
    }
  }

  tell() {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      this.heard.textContent = this.found === null ? "" : this.words.sentences(this.found).join(" ");
    }, HEARD);
  }
}

function extent({ disc, card }) {
  if (disc) return [disc[0] - disc[2], disc[1] - disc[2], disc[0] + disc[2], disc[1] + disc[2]];
  return [card[0], card[1], card[0] + card[2], card[1] + card[3]];
}

/** In a notebook, what stands in for the page goes once the page is there. */
function replaceStandIn() {
  let frame = null;
  try {
    frame = window.frameElement;
  } catch {
    return; // of another origin: it cannot be reached, and has a page of its own
  }
  const standIn = frame?.nextElementSibling;
  if (standIn?.classList.contains("chainrule-instead")) standIn.hidden = true;
}

replaceStandIn();
window.page = new Page(JSON.parse(document.getElementById("model").textContent));
