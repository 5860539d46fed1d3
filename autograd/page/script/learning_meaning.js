/** What answers mean: a class, how sure, and the colour of both. */

import { colour } from "./learning_canvas.js";
import { percent, shown } from "./numbers.js";

const HUES = ["path-2", "path-1", "path-3", "path-4", "path-5", "path-6"];
const FAINTEST = 0.08;
const STRONGEST = 0.62;

export class Meaning {
  /** @param lesson What the page carries of the training. */
  constructor(lesson) {
    this.lesson = lesson;
    this.classes = lesson.codes === null ? null : lesson.classes.map(String);
    const numbers = lesson.targets.flat();
    this.low = Math.min(...numbers);
    this.high = Math.max(...numbers);
    if (this.low === this.high) this.high = this.low + 1;
    this.isOne = lesson.answers === 1;
    this.level = { probability: 0.5, score: 0 }[lesson.kind] ?? (this.low + this.high) / 2;
    this.renew();
  }

  /** Read the colours of the style sheet: light or dark. */
  renew() {
    this.hues = HUES.map(colour);
    this.paper = colour("paper");
    this.ink = colour("ink");
  }

  /** The place of the class that answers are for; null where numbers are learned. */
  codeOf(answers) {
    if (this.classes === null) return null;
    if (this.isOne) return answers[0] > this.level ? 1 : 0;
    let best = 0;
    for (let place = 1; place < this.lesson.answers; place++) if (answers[place] > answers[best]) best = place;
    return best;
  }

  /** Whether the answers are those of an example; null where numbers are learned. */
  isRight(answers, example) {
    return this.classes === null ? null : this.codeOf(answers) === this.lesson.codes[example];
  }

  /** The colour of the plane at a point: [red, green, blue]. */
  ground(answers) {
    if (!Number.isFinite(answers[0])) return this.paper;
    const code = this.codeOf(answers);
    if (code !== null && !this.isOne) return this.mixed(this.hues[code % this.hues.length], this.sureness(answers[code]));
    const size = this.lesson.kind === "probability" ? 0.5 : this.lesson.kind === "score" ? 1 : (this.high - this.low) / 2;
    const aside = (answers[0] - this.level) / size;
    return this.mixed(this.hues[aside > 0 ? 1 : 0], Math.abs(aside));
  }

  sureness(probability) {
    const least = 1 / this.lesson.answers;
    return (probability - least) / (1 - least);
  }

  mixed(hue, share) {
    const part = FAINTEST + (STRONGEST - FAINTEST) * Math.min(Math.max(share, 0), 1);
    return hue.map((one, place) => Math.round(one * part + this.paper[place] * (1 - part)));
  }

  /** The colour of an example. */
  hue(example) {
    const { codes, targets } = this.lesson;
    if (codes !== null) return this.hues[codes[example] % this.hues.length];
    const target = [targets[example]].flat()[0];
    return this.hues[target > (this.low + this.high) / 2 ? 1 : 0];
  }

  /** The target of an example, in words. */
  target(example) {
    const { codes, targets } = this.lesson;
    if (codes !== null) return `class ${this.classes[codes[example]]}`;
    return `target ${[targets[example]].flat().map((number) => shown(number)).join(", ")}`;
  }

  /** What a model answers, in words. */
  answer(answers) {
    if (this.classes === null || this.lesson.kind === "score") {
      return `answer ${Array.from(answers.slice(0, this.lesson.answers), (number) => shown(number)).join(", ")}`;
    }
    const code = this.codeOf(answers);
    const sure = this.isOne ? (code === 1 ? answers[0] : 1 - answers[0]) : answers[code];
    return `answer class ${this.classes[code]}, ${percent(sure)} sure`;
  }
}
