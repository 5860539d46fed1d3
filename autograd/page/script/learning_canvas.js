/** Canvases: their sizes and colours, asked for once, since a browser lays out a page to answer. */

const colours = new Map();
const sizes = new WeakMap();
let observer = null;

/** A colour of the style sheet, as [red, green, blue]. */
export function colour(name) {
  if (!colours.has(name)) {
    const text = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    colours.set(name, [1, 3, 5].map((place) => Number.parseInt(text.slice(place, place + 2), 16)));
  }
  return colours.get(name);
}

/** Ask for the colours again: the reader has turned from light to dark, or back. */
export function forgetColours() {
  colours.clear();
}

export function css([red, green, blue], opacity = 1) {
  return `rgb(${red} ${green} ${blue} / ${opacity})`;
}

/** The context of a canvas as large as it is shown, in sharp pixels: [context, width, height]. */
export function sized(canvas) {
  observer ??= new ResizeObserver((entries) => entries.forEach(({ target }) => sizes.delete(target)));
  if (!sizes.has(canvas)) {
    sizes.set(canvas, [canvas.clientWidth || 160, canvas.clientHeight || 160]);
    observer.observe(canvas);
  }
  const [wide, high] = sizes.get(canvas);
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(wide * scale), Math.round(high * scale)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, wide, high);
  return [context, wide, high];
}

export function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/** Say what a canvas shows. */
export function label(canvas, text) {
  if (canvas.getAttribute("aria-label") !== text) canvas.setAttribute("aria-label", text);
}
