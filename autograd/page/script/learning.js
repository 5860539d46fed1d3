/** Learning, live: a model takes the steps of gradient descent, and everything on the page follows. */

/* global LEARNING */
import { html, say } from "./dom.js";
import { inPython, shown } from "./numbers.js";
import { forgetColours } from "./learning_canvas.js";
import { Controls } from "./learning_controls.js";
import { Curve } from "./learning_curve.js";
import { Descent } from "./learning_descent.js";
import { Meaning } from "./learning_meaning.js";
import { Moves } from "./learning_moves.js";
import { Network } from "./learning_network.js";
import { Plane } from "./learning_plane.js";
import { trainingCode } from "./learning_python.js";
import "./main.js";

const BUSY = 14; // milliseconds of a frame that steps may take
const LATE = 9; // milliseconds of a frame after which pictures wait for the next, if they can
const LEGIBLE = 120; // milliseconds between numbers that change
const MAPS = 2; // milliseconds of a frame for the maps of units
const CALM = 400; // the same, for readers who want less to move
const CALM_BUSY = 50; // milliseconds that steps may take there: what is pressed is still heard at once
const TOLD = 5000; // milliseconds between sentences while it learns
const LONGEST_REPLAY = 2000; // milliseconds

class Learning {
  constructor(page, code) {
    this.page = page;
    const lesson = page.model.learning;
    this.descent = new Descent(lesson, code);
    this.meaning = new Meaning(lesson);
    this.example = 0;
    this.isPlaying = false;
    this.pace = 5; // steps a frame; negative: a second
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    const choose = (example) => this.show(example);
    this.plane = new Plane(this.descent, this.meaning, choose);
    this.curve = new Curve(this.descent.rows.length);
    this.network = new Network(page, this.descent, this.plane);
    this.moves = new Moves(page, this.descent, this.meaning, choose);
    this.readAddress();
    this.controls = new Controls(this);
    this.build();
    this.put();
    page.python = () => trainingCode(this.descent, page.model);
    page.alsoKept = () => this.kept();
    page.store.hear((state, changed) => this.hear(state, changed));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour());
    new ResizeObserver(() => this.draw()).observe(this.plane.canvas);
    this.renew();
  }

  build() {
    const { rows } = this.descent;
    this.count = html("p.count");
    this.trouble = html("p.diverged", { role: "alert", hidden: true });
    this.heard = html("p.heard", { role: "status" });
    this.which = html("input", {
      type: "number", id: "example", min: 1, max: rows.length, step: 1,
      change: (event) => this.show(Number(event.target.value) - 1),
    });
    this.about = html("span.quiet");
    const go = (text, label, by) => html("button", {
      type: "button", "aria-label": label, click: () => this.show((this.example + by + rows.length) % rows.length),
    }, text);
    this.element = html("section.learning", { "aria-labelledby": "learning-title" },
      html("h2.caps", { id: "learning-title" }, "Let it learn"),
      html("p.quiet", {}, "Each step moves every weight a little against its gradient, and the loss falls."),
      html("div.plots", {}, this.plane.element, this.curve.element),
      this.count, this.trouble, this.controls.element,
      html("p.example", {}, html("label", { for: "example" }, "figure: example"), this.which,
        go("‹", "the example before", -1), go("›", "the next example", 1), this.about),
      this.heard);
    const aside = document.querySelector("aside");
    aside.prepend(this.element, this.moves.element);
    this.legend = html("p.legend");
    document.querySelector(".legend").before(this.legend);
  }

  // --- What is pressed --------------------------------------------------------------------------

  play() {
    if (this.isPlaying) return;
    this.isPlaying = true;
    this.trouble.hidden = true;
    this.told = performance.now();
    // When numbers and pictures are due next: what takes long leaves as much time for steps.
    this.due = { numbers: 0, pictures: 0 };
    this.controls.show();
    this.tell("it learns");
    this.next();
  }

  pause() {
    this.isPlaying = false;
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.renew();
    this.tell("paused");
  }

  /** Take steps, and then rest. */
  step(count) {
    if (this.isPlaying) this.pause();
    this.advance(count, Infinity);
    this.renew();
    this.tell();
  }

  /** Begin again, with weights drawn from a seed, or for null with the model's own. */
  restart(seed) {
    if (this.isPlaying) this.pause();
    this.descent.start(seed);
    this.trouble.hidden = true;
    this.renew();
    this.tell("from the beginning");
  }

  setRate(rate) {
    if (!(rate > 0) || !Number.isFinite(rate)) return;
    this.descent.rate = rate;
    this.trouble.hidden = true;
    this.settled();
  }

  setBatch(size) {
    const count = this.descent.rows.length;
    this.descent.setBatch(Math.min(Math.max(Math.round(size) || count, 1), count));
    this.settled();
  }

  setPace(pace) {
    this.pace = pace;
  }

  settled() {
    this.controls.show();
    this.explain();
    this.page.renew(); // so that the address hears of it
  }

  // --- Time -------------------------------------------------------------------------------------

  next() {
    if (this.calm.matches || this.pace < 0) {
      this.timer = setTimeout(() => this.tick(performance.now()), this.calm.matches ? CALM : 1000 / -this.pace);
    } else {
      this.frame = requestAnimationFrame((now) => this.tick(now));
    }
  }

  tick(now) {
    if (!this.isPlaying) return;
    const isCalm = this.calm.matches;
    const count = this.pace < 0 ? 1 : isCalm ? Math.round(this.pace * 60 * CALM / 1000) : this.pace;
    this.advance(count, isCalm ? CALM_BUSY : BUSY);
    if (!this.isPlaying) return;
    const began = performance.now();
    const patience = began > now + LATE ? LEGIBLE : 0;
    if (this.pace < 0 || isCalm || now > this.due.numbers + patience) {
      this.follow();
      this.due.numbers = now + Math.max(LEGIBLE, 4 * (performance.now() - began));
    } else if (now > this.due.pictures + patience) {
      this.draw();
      this.due.pictures = now + 2 * (performance.now() - began);
    } else if (!patience) {
      this.network.drawSome(MAPS);
    }
    if (now - this.told > TOLD) {
      this.told = now;
      this.tell();
    }
    this.next();
  }

  /** Take so many steps, or as many as there is time for. */
  advance(count, milliseconds) {
    const end = performance.now() + milliseconds;
    for (let turn = 0; turn < count; turn++) {
      const trouble = this.descent.step();
      if (trouble) {
        this.diverged(trouble);
        return;
      }
      if (performance.now() > end) return;
    }
  }

  diverged({ loss, kind }) {
    const { descent } = this;
    this.isPlaying = false;
    const step = descent.taken + (kind === "hopeless" ? 0 : 1);
    const what = kind === "loss" ? `The loss is ${shown(loss)} at step ${step}`
      : kind === "numbers" ? `Step ${step} leads to weights that are not finite`
        : `The loss has grown from ${shown(descent.history[0])} to ${shown(loss)} at step ${step}`;
    this.trouble.textContent = `${what}: the learning rate ${descent.rate} is too high, each step leaps over the valley. ` +
      "Take a lower one, and start again.";
    this.trouble.hidden = false;
    this.renew();
  }

  // --- What is shown ----------------------------------------------------------------------------

  /** Show an example in the figure. */
  show(example) {
    if (!Number.isInteger(example) || example < 0 || example >= this.descent.rows.length) {
      this.which.value = this.example + 1;
      return;
    }
    this.example = example;
    this.renew();
  }

  /** Bring the whole page to where the training is. */
  renew() {
    this.put();
    this.isOwn = true;
    this.page.renew();
    this.isOwn = false;
    this.draw();
    this.network.draw();
    this.controls.show();
    this.explain();
  }

  /** The same while it learns: what changes too fast to be listened to waits until it rests. */
  follow() {
    const { page } = this;
    if (page.store.state.time !== null || page.store.state.manner !== "right") {
      this.renew();
      return;
    }
    this.put();
    page.update(page.store.state, new Set(["pointed"]));
    this.draw();
    if (this.network.isShown()) this.network.drawWeights();
    this.explain();
  }

  /** Put weights and example into the graph of the figure. */
  put() {
    const { page, descent } = this;
    const { inputs, targets, targetNodes, parameters } = descent.lesson;
    const numbers = [];
    const note = (place, number) => place >= 0 && numbers.push([place, number]);
    parameters.forEach((place, which) => note(place, descent.numbers[which]));
    inputs.forEach((place, which) => note(place, descent.rows[this.example][which]));
    [targets[this.example]].flat().forEach((target, which) => note(targetNodes[which], target));
    this.shown = Float64Array.from(descent.numbers);
    for (const [place, number] of numbers) page.tape.recorded.set(place, number);
    page.tape.edit(numbers);
  }

  /** The pictures, which follow every frame. */
  draw() {
    this.plane.compute();
    this.loss = this.descent.loss();
    this.plane.draw(this.isExample ? this.example : null);
    this.curve.draw(this.descent.history, this.loss);
    say(this.count, this.counted());
  }

  counted() {
    const { descent, plane } = this;
    const { taken } = descent;
    const epoch = descent.stepsPerEpoch > 1 ? ` · epoch ${Math.floor(taken / descent.stepsPerEpoch) + 1}` : "";
    const isWorse = taken > 10 && this.loss > 2 * descent.history[0];
    const advice = isWorse ? " · worse than at first: try a lower learning rate" : "";
    return `step ${taken}${epoch} · loss ${shown(this.loss)} · ${plane.verdict()}${advice}`;
  }

  explain() {
    const { store } = this.page;
    this.moves.show(store.state.picked, this.isExample ? this.example : null);
    this.which.value = this.example + 1;
    const answers = this.plane.answers[this.example];
    const said = `${this.meaning.target(this.example)}, ${this.meaning.answer(answers)}`;
    say(this.about, this.isExample ? said : "no longer it: an input has been changed");
    const parts = ["a line: a weight, blue above 0, orange below, the thicker the larger"];
    if (this.network.maps.length) parts.push("in a circle: blue where over the plane its z is above 0, and level lines of z");
    say(this.legend, store.state.level === "neuron" ? `${parts.join("; ")}. ` : "");
  }

  /** Whether the inputs in the figure are those of the example. */
  get isExample() {
    const { inputs } = this.descent.lesson;
    return inputs.every((place, which) => place < 0 || this.page.tape.values[place] === this.descent.rows[this.example][which]);
  }

  tell(first = "") {
    say(this.heard, [first, this.counted()].filter(Boolean).join(": "));
  }

  recolour() {
    forgetColours();
    this.meaning.renew();
    this.renew();
  }

  // --- What the rest of the page does -----------------------------------------------------------

  hear(state, changed) {
    if (this.isOwn) return;
    if (changed.has("version")) this.takeEdits();
    if (changed.has("level")) this.network.draw();
    if (changed.has("picked") || changed.has("level")) this.explain();
  }

  /** A weight that was changed by hand is changed in the training, which may be ahead of the figure. */
  takeEdits() {
    const { descent, page } = this;
    let isEdited = false;
    descent.lesson.parameters.forEach((place, which) => {
      const number = page.tape.values[place];
      if (place < 0 || Object.is(number, this.shown[which])) return;
      this.shown[which] = number;
      descent.edit(which, number);
      isEdited = true;
    });
    this.draw();
    this.network.draw();
    this.explain();
    if (isEdited) this.controls.show();
  }

  // --- The address ------------------------------------------------------------------------------

  kept() {
    const { descent } = this;
    const { lesson } = descent;
    const said = [];
    if (this.example) said.push(["example", this.example + 1]);
    if (descent.rate !== lesson.optimizer.numbers[0]) said.push(["rate", inPython(descent.rate)]);
    if (descent.batch !== lesson.batch) said.push(["batch", descent.batch]);
    if (descent.seed !== null) said.push(["seed", descent.seed]);
    if (descent.isPlain && descent.taken) said.push(["steps", descent.taken]);
    return said;
  }

  readAddress() {
    const { descent, page } = this;
    const said = new URLSearchParams(location.hash.slice(1));
    const number = (name) => (said.has(name) && said.get(name) !== "" ? Number(said.get(name)) : NaN);
    const seed = number("seed");
    if (Number.isSafeInteger(seed) && descent.lesson.draws !== null) descent.start(seed);
    if (number("rate") > 0 && Number.isFinite(number("rate"))) descent.rate = number("rate");
    if (Number.isInteger(number("batch")) && number("batch") > 0) descent.setBatch(Math.min(number("batch"), descent.rows.length));
    const example = number("example");
    if (Number.isInteger(example) && example >= 1 && example <= descent.rows.length) this.example = example - 1;
    const end = performance.now() + LONGEST_REPLAY;
    for (let step = 0; step < number("steps") && performance.now() < end; step++) if (descent.step()) break;
    if (!said.has("at")) page.store.set({ picked: null });
  }
}

window.page.learning = new Learning(window.page, LEARNING);
