/** What learning shows in the figure: weights as lines, and in each circle where its unit is above 0. */

import { svg } from "./dom.js";
import { above, levelLine } from "./learning_levels.js";
import { GRID } from "./learning_plane.js";

const COARSE = 2; // every other answer of the plane is enough in a circle
const SIDE = GRID / COARSE;
const FINEST = 0.6;
const BROADEST = 6;

export class Network {
  /**
   * @param page The page.
   * @param descent The training.
   * @param plane Whose answers tell of the units, too; null where there are not two inputs.
   */
  constructor(page, descent, plane) {
    this.page = page;
    this.descent = descent;
    this.plane = plane;
    this.figure = null;
    this.maps = [];
    this.turn = 0;
    this.coarse = new Float64Array(SIDE * SIDE);
  }

  /** Draw the weights, and the units where there is a plane. */
  draw() {
    if (!this.isShown()) return;
    this.drawWeights();
    for (const map of this.maps) this.drawUnit(map);
  }

  /** Draw the next units, as many as there is time for: a frame may be too short for all. */
  drawSome(milliseconds) {
    if (!this.isShown()) return;
    const end = performance.now() + milliseconds;
    for (let turn = 0; turn < this.maps.length && performance.now() < end; turn++) {
      this.drawUnit(this.maps[this.turn++ % this.maps.length]);
    }
  }

  isShown() {
    const { figures, store } = this.page;
    if (store.state.level !== "neuron") return false;
    const figure = figures.get("neuron");
    if (figure !== this.figure) this.prepare(figure);
    return true;
  }

  prepare(figure) {
    this.figure = figure;
    figure.element.classList.add("learns");
    const clips = svg("defs");
    figure.element.prepend(clips);
    this.weighted = figure.lines.filter(({ pick }) => pick !== null);
    if (this.plane === null || this.plane.inputs !== 2) return;
    this.descent.lesson.units.forEach((place, unit) => {
      if (place < 0 || !figure.boxes[place].box.disc) return;
      const { element, box } = figure.boxes[place];
      const [cx, cy, r] = box.disc;
      clips.append(svg("clipPath", { id: `unit-${unit}` }, svg("circle", { cx, cy, r: r - 1 })));
      const zone = svg("path.zone");
      const faint = svg("path.contour");
      const zero = svg("path.zero");
      const each = (2 * r) / (SIDE - 1);
      const drawn = svg("g", { transform: `translate(${cx - r} ${cy - r}) scale(${each})` }, zone, faint, zero);
      const clip = `url(#unit-${unit})`;
      element.firstChild.after(svg("g.map", { "clip-path": clip, "aria-hidden": "true" }, drawn));
      this.maps.push({ unit, zone, faint, zero });
    });
  }

  drawWeights() {
    const { values } = this.page.tape;
    let most = 0;
    for (const { pick } of this.weighted) most = Math.max(most, Math.abs(values[pick]));
    for (const { pick, element } of this.weighted) {
      const weight = values[pick];
      const width = FINEST + (BROADEST - FINEST) * (most ? Math.abs(weight) / most : 0);
      element.firstChild.style.strokeWidth = String(tenth(width));
      element.classList.toggle("below", weight < 0);
      element.classList.toggle("over", weight > 0);
    }
  }

  drawUnit({ unit, zone, faint, zero }) {
    const { coarse } = this;
    const fine = this.plane.units[unit];
    let most = 0;
    for (let y = 0, at = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++, at++) {
        coarse[at] = fine[COARSE * (y * GRID + x)];
        most = Math.max(most, Math.abs(coarse[at]));
      }
    }
    let strips = "";
    above(coarse, SIDE, 0, (x, y, wide) => { strips += `M${tenth(x)} ${y - 0.5}h${tenth(wide)}v1h${-tenth(wide)}z`; });
    zone.setAttribute("d", strips);
    zero.setAttribute("d", this.way(0));
    faint.setAttribute("d", this.way(most / 2) + this.way(-most / 2));
  }

  way(level) {
    let pieces = "";
    levelLine(this.coarse, SIDE, level, (x1, y1, x2, y2) => {
      pieces += `M${tenth(x1)} ${tenth(y1)}L${tenth(x2)} ${tenth(y2)}`;
    });
    return pieces;
  }
}

function tenth(number) {
  return Math.round(10 * number) / 10;
}
