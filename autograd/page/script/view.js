/** Pan, zoom and fit: one transform of one group. */

import { svg } from "./dom.js";

const MOST = 8;
const LEAST = 0.05;
const READABLE = 0.8; // of the size at which text was set: smaller is for an overview only
const SMALL = 0.4; // on a narrow screen a drawing is seen whole down to this size, and zoomed into
const STACKED = matchMedia("(max-width: 900px)"); // as in the style sheet
const TALLEST = 0.62; // of a narrow screen, for the drawing
const FLATTEST = 0.8; // or so tall for its width: a low window is scrolled
const BELOW = 56; // pixels for the buttons below it
const SLACK = 4; // pixels before a press becomes a drag

export class View {
  /** @param label What the drawing is, for those who do not see it. */
  constructor(label) {
    this.layer = svg("g");
    this.element = svg("svg.figure", { role: "group", "aria-label": label }, this.layer);
    this.x = 0;
    this.y = 0;
    this.scale = 1;
    this.width = 1;
    this.height = 1;
    this.isFitted = true;
    this.wide = 0; // of the window, as last seen: to ask for it would lay everything out
    this.high = 0;
    this.onMove = () => {};
    this.element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.element.addEventListener("pointerdown", (event) => this.press(event));
    new ResizeObserver(([{ contentRect }]) => this.resized(contentRect)).observe(this.element);
  }

  /** Look how large the window is, as soon as it is in the page. */
  measure() {
    this.resized({ width: this.element.clientWidth, height: this.element.clientHeight });
  }

  resized({ width, height }) {
    if (this.wide === width && this.high === height) return;
    [this.wide, this.high] = [width, height];
    if (this.isFitted) this.fit();
  }

  /** Show a drawing of this size. */
  show(group, width, height) {
    this.layer.replaceChildren(group);
    this.width = width;
    this.height = height;
    this.fit();
  }

  /** The whole drawing, as large as there is room; where text would be too small, its beginning. */
  fit(whole = false) {
    const { wide, high } = this;
    if (!wide || !high) return;
    const tallest = Math.max(TALLEST * window.innerHeight, FLATTEST * wide);
    const room = STACKED.matches ? tallest - BELOW : high;
    const fitting = Math.min(wide / this.width, room / this.height, 1.6);
    const least = STACKED.matches && fitting >= SMALL ? SMALL : READABLE;
    this.scale = whole ? fitting : Math.max(fitting, least);
    const drawn = Math.min(this.height * this.scale, room);
    if (STACKED.matches) this.element.parentElement.style.setProperty("--drawn", `${drawn + BELOW}px`);
    this.x = Math.max((wide - this.width * this.scale) / 2, 0);
    this.y = STACKED.matches ? 0 : Math.max((high - this.height * this.scale) / 2, 0);
    this.isFitted = true;
    this.apply();
  }

  /** Zoom by a factor around a point of the window, or the middle. */
  zoom(factor, point = null) {
    const frame = point && this.element.getBoundingClientRect();
    const x = point ? point.x - frame.left : this.wide / 2;
    const y = point ? point.y - frame.top : this.high / 2;
    const scale = Math.min(Math.max(this.scale * factor, LEAST), MOST);
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.isFitted = false;
    this.apply();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.isFitted = false;
    this.apply();
  }

  /** Pan so far that a point of the drawing is seen. */
  reveal(x, y) {
    const [left, top] = [this.x + x * this.scale, this.y + y * this.scale];
    const { wide, high } = this;
    const dx = Math.max(40 - left, 0) || Math.min(wide - 40 - left, 0);
    const dy = Math.max(40 - top, 0) || Math.min(high - 40 - top, 0);
    if (dx || dy) this.pan(dx, dy);
  }

  /** Show a part of the drawing, as large as is comfortable. */
  frame(left, top, right, bottom) {
    const { wide, high } = this;
    this.scale = Math.min(wide / (right - left + 80), high / (bottom - top + 80), 1.4);
    this.x = wide / 2 - ((left + right) / 2) * this.scale;
    this.y = high / 2 - ((top + bottom) / 2) * this.scale;
    this.isFitted = false;
    this.apply();
  }

  apply() {
    this.layer.setAttribute("transform", `translate(${this.x} ${this.y}) scale(${this.scale})`);
    const overflows = this.width * this.scale > this.wide + 1;
    this.element.classList.toggle("pans", overflows);
    this.onMove();
  }

  wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * 0.01), { x: event.clientX, y: event.clientY });
    } else if (!this.isFitted) {
      event.preventDefault();
      this.pan(-event.deltaX, -event.deltaY);
    }
  }

  press(event) {
    if (event.button !== 0) return;
    let [x, y] = [event.clientX, event.clientY];
    const [startX, startY] = [x, y];
    let drags = false;
    const move = (moved) => {
      drags ||= Math.hypot(moved.clientX - startX, moved.clientY - startY) > SLACK;
      if (drags) {
        this.element.classList.add("drags");
        this.pan(moved.clientX - x, moved.clientY - y);
      }
      [x, y] = [moved.clientX, moved.clientY];
    };
    const end = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      // The click that follows a drag asks about nothing.
      setTimeout(() => this.element.classList.remove("drags"));
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  }
}
