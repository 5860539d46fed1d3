/**
 * Of a very large drawing only what is in view is drawn, and from far away without texts.
 *
 * What is drawn is what the browser paints again with every change, and looks through for whatever
 * lies under the pointer.
 */

import { svg } from "./dom.js";

const MOST_DRAWN = 1500; // boxes and lines
const MARGIN = 0.5; // of the window, around it
const FAR = 0.35; // scale at which texts are no longer read
const BUNDLE = 64; // lines that cannot be asked about, drawn as one until paths are lit on them

export class Culling {
  /** @param figure The figure, whose elements have been made. */
  constructor(figure) {
    const { level } = figure;
    this.figure = figure;
    this.hidden = new Set();
    this.isNeeded = level.boxes.length + level.lines.length > MOST_DRAWN;
    if (!this.isNeeded) return;
    figure.element.classList.add("vast");
    this.parts = [];
    for (const { element, box } of figure.boxes) {
      if (box.disc || box.card) this.parts.push({ element, frame: boxFrame(box) });
    }
    const ways = [];
    for (const { element, line, texts, pick } of figure.lines) {
      const frame = wayFrame(line.d);
      if (pick === null) ways.push({ d: line.d, frame });
      else this.parts.push({ element, frame });
      for (const text of texts) {
        const [x, y] = [Number(text.getAttribute("x")), Number(text.getAttribute("y"))];
        this.parts.push({ element: text, frame: [x, y, x, y] });
      }
    }
    const together = bundles(ways);
    this.parts.push(...together);
    figure.element.prepend(svg("g.bundles", { "aria-hidden": "true" }, ...together.map((one) => one.element)));
    this.last = null;
  }

  /**
   * Draw what is in view.
   * @param view The window: {x, y, scale, wide, high}.
   * @param kept An element that stays, wherever it is: the one that Tab leads to.
   */
  look({ x, y, scale, wide, high }, kept) {
    if (!this.isNeeded || !wide) return;
    const isFar = scale < FAR;
    this.figure.element.classList.toggle("far", isFar);
    const [left, top] = [-x / scale, -y / scale];
    const [right, bottom] = [left + wide / scale, top + high / scale];
    const within = this.last;
    if (within && kept === this.kept && scale === this.scale &&
      left >= within[0] && top >= within[1] && right <= within[2] && bottom <= within[3]) return;
    const [dx, dy] = [MARGIN * (right - left), MARGIN * (bottom - top)];
    this.last = [left - dx, top - dy, right + dx, bottom + dy];
    [this.kept, this.scale] = [kept, scale];
    const come = new Set();
    for (const { element, frame } of this.parts) {
      const isSeen = (frame[0] <= this.last[2] && frame[2] >= this.last[0] &&
        frame[1] <= this.last[3] && frame[3] >= this.last[1]) || element === kept;
      if (isSeen !== this.hidden.has(element)) continue;
      if (isSeen) {
        element.removeAttribute("display");
        this.hidden.delete(element);
        come.add(element);
      } else {
        element.setAttribute("display", "none");
        this.hidden.add(element);
      }
    }
    if (come.size) this.figure.comeIntoView(come);
  }

  /** Whether an element is drawn, not out of view. */
  draws(element) {
    return !this.hidden.has(element);
  }
}

/** Ways that begin near each other, as one element each. */
function bundles(ways) {
  const sorted = [...ways].sort((one, other) => one.frame[0] - other.frame[0] || one.frame[1] - other.frame[1]);
  const found = [];
  for (let start = 0; start < sorted.length; start += BUNDLE) {
    const some = sorted.slice(start, start + BUNDLE);
    const least = (corner) => Math.min(...some.map(({ frame }) => frame[corner]));
    const most = (corner) => Math.max(...some.map(({ frame }) => frame[corner]));
    const element = svg("path.way", { d: some.map(({ d }) => d).join("") });
    found.push({ element, frame: [least(0), least(1), most(2), most(3)] });
  }
  return found;
}

function boxFrame({ disc, card }) {
  if (disc) return [disc[0] - disc[2], disc[1] - disc[2], disc[0] + disc[2], disc[1] + disc[2]];
  return [card[0], card[1], card[0] + card[2], card[1] + card[3]];
}

/** Around the points that a way names: no curve leaves those of its controls. */
function wayFrame(d) {
  const numbers = d.match(/-?[\d.]+/g).map(Number);
  const [xs, ys] = [0, 1].map((odd) => numbers.filter((_, place) => place % 2 === odd));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
