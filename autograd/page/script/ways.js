/** Points on the way of a line, found without asking the browser, which would lay everything out. */

const PIECES = 12; // straight pieces for a curve

/**
 * @param d The data of a path: M, L and C with absolute coordinates.
 * @param share How much of the length lies before the point.
 * @returns {x, y}
 */
export function pointAlong(d, share) {
  const points = polyline(d);
  const lengths = [0];
  for (let place = 1; place < points.length; place++) {
    const [one, other] = [points[place - 1], points[place]];
    lengths.push(lengths[place - 1] + Math.hypot(other[0] - one[0], other[1] - one[1]));
  }
  const wanted = share * lengths[lengths.length - 1];
  let last = 1;
  while (last < points.length - 1 && lengths[last] < wanted) last++;
  const [[x, y], [endX, endY]] = [points[last - 1], points[last]];
  const part = (wanted - lengths[last - 1]) / (lengths[last] - lengths[last - 1] || 1);
  return { x: x + part * (endX - x), y: y + part * (endY - y) };
}

function polyline(d) {
  const points = [];
  for (const [, letter, text] of d.matchAll(/([MLC])([^MLC]*)/g)) {
    const numbers = text.trim().split(/[\s,]+/).map(Number);
    const size = letter === "C" ? 6 : 2;
    for (let place = 0; place + size <= numbers.length; place += size) {
      if (size === 2) points.push(numbers.slice(place, place + 2));
      else points.push(...curve(points[points.length - 1], numbers.slice(place, place + 6)));
    }
  }
  return points;
}

/** Points on a Bézier curve, without its beginning. */
function curve([x, y], [x1, y1, x2, y2, x3, y3]) {
  const found = [];
  for (let piece = 1; piece <= PIECES; piece++) {
    const t = piece / PIECES;
    const s = 1 - t;
    const [a, b, c, e] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
    found.push([a * x + b * x1 + c * x2 + e * x3, a * y + b * y1 + c * y2 + e * y3]);
  }
  return found;
}
