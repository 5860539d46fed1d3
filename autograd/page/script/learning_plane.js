/** What a model answers: over the plane of two inputs, along one, or beside the targets. */

import { html } from "./dom.js";
import { css, label, line, sized } from "./learning_canvas.js";
import { levelLine } from "./learning_levels.js";
import { shown } from "./numbers.js";

export const GRID = 36; // answers along each side
const AROUND = 0.18; // of the examples' range, beyond it
const TOUCH = 14; // pixels

export class Plane {
  /**
   * @param descent The training.
   * @param meaning Of its answers.
   * @param choose Is called with the example that is pointed at.
   */
  constructor(descent, meaning, choose) {
    this.descent = descent;
    this.meaning = meaning;
    const { lesson } = descent;
    this.found = new Float64Array(lesson.answers + lesson.units.length);
    this.inputs = descent.rows[0].length;
    this.ranges = Array.from({ length: Math.min(this.inputs, 2) }, (_, place) => rangeOf(descent.rows.map((row) => row[place])));
    this.canvas = html("canvas.plane", { role: "img", click: (event) => this.press(event, choose) });
    this.caption = html("figcaption", {}, this.said());
    this.element = html("figure", {}, this.canvas, this.caption);
    if (this.inputs === 2) this.buffers();
  }

  /** Room for the answers of the whole plane, and of the units. */
  buffers() {
    const { lesson } = this.descent;
    const [across, up] = this.ranges;
    this.grid = Array.from({ length: GRID * GRID }, (_, at) => Float64Array.of(
      across[0] + ((across[1] - across[0]) * (at % GRID)) / (GRID - 1),
      up[1] - ((up[1] - up[0]) * Math.floor(at / GRID)) / (GRID - 1)));
    this.values = new Float64Array(GRID * GRID);
    this.codes = new Int8Array(GRID * GRID);
    this.units = lesson.units.map(() => new Float64Array(GRID * GRID));
    this.image = new ImageData(GRID, GRID);
    this.small = new OffscreenCanvas(GRID, GRID);
  }

  said() {
    const [across, up] = this.ranges;
    const range = ([low, high]) => `${shown(low, 2)} to ${shown(high, 2)}`;
    if (this.inputs === 2) return `ground: its answers, x₁ ${range(across)}, x₂ ${range(up)}; marks: examples, click one`;
    if (this.isLine) return `answers where x₁ is ${range(across)}; click an example`;
    return this.isScatter ? "answer beside target: right on the line" : "how sure of the right class, by class";
  }

  get isLine() {
    return this.inputs === 1 && this.meaning.isOne;
  }

  get isScatter() {
    return this.meaning.classes === null;
  }

  /** Ask the model for its answers everywhere. */
  compute() {
    this.right = 0;
    this.answers = this.descent.rows.map((row, example) => {
      const answers = this.descent.answer(row, this.found).slice(0, this.descent.lesson.answers);
      if (this.meaning.isRight(answers, example)) this.right++;
      return answers;
    });
    if (this.inputs === 2) this.computePlane();
  }

  computePlane() {
    const { grid, values, codes, units, image, found, meaning, descent } = this;
    const { answers } = descent.lesson;
    for (let at = 0; at < grid.length; at++) {
      descent.answer(grid[at], found);
      [values[at]] = found;
      codes[at] = meaning.isOne || meaning.classes === null ? 0 : meaning.codeOf(found);
      for (let unit = 0; unit < units.length; unit++) units[unit][at] = found[answers + unit];
      const [red, green, blue] = meaning.ground(found);
      image.data[4 * at] = red;
      image.data[4 * at + 1] = green;
      image.data[4 * at + 2] = blue;
      image.data[4 * at + 3] = 255;
    }
  }

  /** @param example The one that the figure shows, or null. */
  draw(example) {
    const [context, wide, high] = sized(this.canvas);
    if (this.inputs === 2) this.drawPlane(context, wide, high);
    else this.drawAxes(context, wide, high);
    this.places = this.descent.rows.map((_, place) => this.placeOf(place, wide, high));
    this.places.forEach((_, place) => this.point(context, place, place === example));
    if (example !== null) this.point(context, example, true);
    label(this.canvas, this.heard());
  }

  drawPlane(context, wide, high) {
    const { values, codes, meaning } = this;
    const each = [wide / (GRID - 1), high / (GRID - 1)];
    this.small.getContext("2d").putImageData(this.image, 0, 0);
    context.drawImage(this.small, 0.5, 0.5, GRID - 1, GRID - 1, 0, 0, wide, high);
    context.strokeStyle = css(meaning.ink, 0.8);
    context.lineWidth = 1.6;
    context.beginPath();
    const draw = (x1, y1, x2, y2) => {
      context.moveTo(x1 * each[0], y1 * each[1]);
      context.lineTo(x2 * each[0], y2 * each[1]);
    };
    if (meaning.isOne || meaning.classes === null) levelLine(values, GRID, meaning.level, draw);
    else meaning.classes.forEach((_, code) => levelLine(Float64Array.from(codes, (one) => Number(one === code)), GRID, 0.5, draw));
    context.stroke();
  }

  drawAxes(context, wide, high) {
    const { meaning, descent } = this;
    context.strokeStyle = css(meaning.ink, 0.35);
    if (this.isScatter && !this.isLine) {
      const [low, top] = this.span();
      const at = (number) => (number - low) / (top - low);
      line(context, at(low) * wide, high, wide, 0);
    } else {
      line(context, 0, this.down(meaning.level, high), wide, this.down(meaning.level, high));
    }
    if (!this.isLine) return;
    const [[low, top]] = this.ranges;
    context.strokeStyle = css(meaning.ink);
    context.lineWidth = 2;
    context.beginPath();
    for (let at = 0; at <= 3 * GRID; at++) {
      const [answer] = descent.answer(Float64Array.of(low + ((top - low) * at) / (3 * GRID)), this.found);
      context.lineTo((wide * at) / (3 * GRID), this.down(answer, high));
    }
    context.stroke();
  }

  /** The range of targets, or of probabilities, with room around. */
  span() {
    return this.meaning.classes === null || this.descent.lesson.kind === "score"
      ? rangeOf([this.meaning.low, this.meaning.high])
      : [-0.08, 1.08];
  }

  down(number, high) {
    const [low, top] = this.span();
    return high * (1 - (number - low) / (top - low));
  }

  placeOf(example, wide, high) {
    const row = this.descent.rows[example];
    const share = (number, [low, top]) => (number - low) / (top - low);
    if (this.inputs === 2) {
      return [share(row[0], this.ranges[0]) * wide, (1 - share(row[1], this.ranges[1])) * high];
    }
    const answers = this.answers[example];
    const { codes, targets } = this.descent.lesson;
    const target = this.meaning.classes !== null && this.meaning.isOne ? codes[example] : [targets[example]].flat()[0];
    if (this.isLine) return [share(row[0], this.ranges[0]) * wide, this.down(target, high)];
    if (this.isScatter) return [share(target, this.span()) * wide, this.down(answers[0], high)];
    const code = codes[example];
    const sure = this.meaning.isOne ? (code === 1 ? answers[0] : 1 - answers[0]) : answers[code];
    const within = 0.2 + (0.6 * (example % 17)) / 16;
    return [(wide * (code + within)) / this.meaning.classes.length, this.down(sure, high)];
  }

  /** An example: its class by colour and by shape, so that nobody needs the colour. */
  point(context, example, isShown) {
    const [x, y] = this.places[example];
    const size = isShown ? 6 : 3.6;
    const shape = this.descent.lesson.codes?.[example] ?? 0;
    context.beginPath();
    if (shape % 3 === 0) context.arc(x, y, size, 0, 7);
    else if (shape % 3 === 1) context.rect(x - 0.88 * size, y - 0.88 * size, 1.76 * size, 1.76 * size);
    else {
      context.moveTo(x, y - 1.2 * size);
      context.lineTo(x + 1.1 * size, y + 0.8 * size);
      context.lineTo(x - 1.1 * size, y + 0.8 * size);
      context.closePath();
    }
    context.fillStyle = css(this.meaning.hue(example));
    context.fill();
    context.strokeStyle = css(isShown ? this.meaning.ink : this.meaning.paper);
    context.lineWidth = isShown ? 2.5 : 1;
    context.stroke();
  }

  /** How many of the answers are right, in words; the mean distance of numbers. */
  verdict() {
    const { rows, targets } = this.descent.lesson;
    if (this.meaning.classes !== null) return `${this.right} of ${rows.length} right`;
    let sum = 0;
    this.answers.forEach((answers, example) => { sum += Math.abs(answers[0] - [targets[example]].flat()[0]); });
    return `off by ${shown(sum / rows.length, 3)} on average`;
  }

  heard() {
    const what = this.inputs === 2 ? "the answers over the plane of two inputs" : "the answers to the examples";
    return `${what}: ${this.verdict()}`;
  }

  press(event, choose) {
    const frame = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    let [best, shortest] = [null, Infinity];
    this.places.forEach(([left, top], example) => {
      const distance = Math.hypot(left - x, top - y);
      if (distance < shortest) [best, shortest] = [example, distance];
    });
    if (shortest <= Math.max(TOUCH, frame.width / 20)) choose(best);
  }
}

function rangeOf(numbers) {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const around = AROUND * (high - low) || 1;
  return [low - around, high + around];
}
