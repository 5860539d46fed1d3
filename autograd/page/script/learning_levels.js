/** Level lines of a function on a grid: where it is a number, and where it is above. */

/**
 * The line where a function has a level, in pieces (marching squares).
 * @param values On a grid, row after row, each of `size`.
 * @param draw Is called with the ends of each piece, in units of the grid.
 */
export function levelLine(values, size, level, draw) {
  let isOpen = false;
  let [startX, startY] = [0, 0];
  const end = (x, y) => {
    if (isOpen) draw(startX, startY, x, y);
    else [startX, startY] = [x, y];
    isOpen = !isOpen;
  };
  for (let y = 0; y + 1 < size; y++) {
    for (let x = 0, at = y * size; x + 1 < size; x++, at++) {
      const a = values[at] - level;
      const b = values[at + 1] - level;
      const c = values[at + size + 1] - level;
      const d = values[at + size] - level;
      const sides = Number(a > 0) + Number(b > 0) + Number(c > 0) + Number(d > 0);
      if (sides === 0 || sides === 4 || !Number.isFinite(a + b + c + d)) continue;
      if (a > 0 !== b > 0) end(x + a / (a - b), y);
      if (b > 0 !== c > 0) end(x + 1, y + b / (b - c));
      if (c > 0 !== d > 0) end(x + 1 - c / (c - d), y + 1);
      if (d > 0 !== a > 0) end(x, y + 1 - d / (d - a));
    }
  }
}

/** Where a function is above a level: a strip for each row of the grid and each run in it. */
export function above(values, size, level, draw) {
  for (let y = 0; y < size; y++) {
    const at = y * size;
    let start = null;
    for (let x = 0; x < size; x++) {
      const one = x === 0 ? level : values[at + x - 1];
      const other = values[at + x];
      const isAbove = other > level;
      const edge = x === 0 ? 0 : x - 1 + (level - one) / (other - one);
      if (isAbove && start === null) start = edge;
      if (!isAbove && start !== null) {
        draw(start, y, edge - start);
        start = null;
      }
    }
    if (start !== null) draw(start, y, size - 1 - start);
  }
}
