/** What is pressed and typed to let a model learn. */

import { html, say } from "./dom.js";

const PACES = [[-2, "2 steps/s"], [1, "60 steps/s"], [5, "300 steps/s"], [20, "1200 steps/s"]];
const SLOWEST = -4; // powers of ten of the learning rate
const FASTEST = 1;

export class Controls {
  /** @param learning {descent, play(), pause(), step(), restart(seed), setRate(), setBatch()}. */
  constructor(learning) {
    this.learning = learning;
    const { descent } = learning;
    const { lesson } = descent;
    const button = (text, click, label = null) => html("button", { type: "button", click, "aria-label": label }, text);
    this.play = button("▶ learn", () => (learning.isPlaying ? learning.pause() : learning.play()));
    this.play.classList.add("main");
    this.epoch = button("one epoch", () => learning.step(descent.stepsPerEpoch));
    this.again = button("start again", () => learning.restart(descent.seed));
    const slide = (event) => learning.setRate(Number((10 ** Number(event.target.value)).toPrecision(2)));
    this.slider = html("input", { type: "range", min: SLOWEST, max: FASTEST, step: 0.05, input: slide, "aria-label": "learning rate, slider" });
    this.rate = html("input", { type: "number", id: "rate", min: 0, step: "any", input: (event) => learning.setRate(Number(event.target.value)) });
    this.batch = html("input", { type: "number", id: "batch", min: 1, max: lesson.rows.length, step: 1, change: (event) => learning.setBatch(Number(event.target.value)) });
    this.pace = html("select", { "aria-label": "steps a second", change: () => learning.setPace(Number(this.pace.value)) },
      ...PACES.map(([pace, text]) => html("option", { value: pace, selected: pace === learning.pace }, text)));
    this.seed = html("input", { type: "number", id: "seed", step: 1, placeholder: "seed", change: () => this.draw() });
    this.other = button("new ones", () => learning.restart((descent.seed ?? 0) + 1), "other first weights: the next seed");
    this.own = button("as given", () => learning.restart(null), "the model's own first weights");
    const field = (id, text, ...rest) => [html("label", { for: id }, text), ...rest];
    const row = (...parts) => html("div.field", {}, ...parts);
    this.element = html("div.controls", { role: "group", "aria-label": "learning" },
      html("div.buttons", {}, this.play, button("one step", () => learning.step(1)), this.epoch, this.again),
      row(...field("rate", "learning rate", this.slider, this.rate)),
      row(...field("batch", "examples a step", this.batch), this.pace),
      lesson.draws === null ? null : row(...field("seed", "first weights", this.seed, this.other, this.own)));
  }

  draw() {
    const seed = this.seed.value === "" ? null : Number(this.seed.value);
    if (seed === null || Number.isSafeInteger(seed)) this.learning.restart(seed);
  }

  show() {
    const { descent, isPlaying, pace } = this.learning;
    say(this.play, isPlaying ? "‖ pause" : "▶ learn");
    this.epoch.hidden = descent.stepsPerEpoch === 1;
    if (document.activeElement !== this.rate) this.rate.value = descent.rate;
    if (document.activeElement !== this.slider) this.slider.value = Math.log10(descent.rate || 10 ** SLOWEST);
    this.slider.setAttribute("aria-valuetext", String(descent.rate));
    this.batch.value = descent.batch;
    this.pace.value = pace;
    if (document.activeElement !== this.seed) this.seed.value = descent.seed ?? "";
    this.own.disabled = descent.seed === null;
    this.again.disabled = descent.taken === 0 && descent.isPlain;
  }
}
