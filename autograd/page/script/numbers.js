/** Numbers as readers see them, and exact sums. */

const MINUS = "\u2212";
const WIDTHS = {".": 0.35, "e": 0.65, [MINUS]: 0.85, "+": 0.85};

/** A number with so many significant digits, as `%.4g` writes it, with a typographer's minus. */
export function shown(number, digits = 4) {
  if (Number.isNaN(number)) return "nan";
  if (!Number.isFinite(number)) return number > 0 ? "inf" : `${MINUS}inf`;
  if (number === 0) return "0";
  const [mantissa, power] = number.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < digits) {
    return trimmed(number.toFixed(Math.max(digits - 1 - exponent, 0))).replace("-", MINUS);
  }
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${trimmed(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`.replaceAll("-", MINUS);
}

function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A number with as many digits as there is room for, in letters of a size. */
export function fitted(number, room, size) {
  for (const digits of [4, 3, 2, 1]) {
    const text = shown(number, digits);
    if (widthOf(text) * size <= room) return text;
  }
  return shown(number, 1).replace("e+", "e").replace("0.", ".");
}

function widthOf(text) {
  let width = 0;
  for (const sign of text) width += WIDTHS[sign] ?? 0.6;
  return width;
}

/** A number as a factor: in parentheses if it is negative. */
export function factor(number) {
  const text = shown(number);
  return text.startsWith(MINUS) ? `(${text})` : text;
}

/** A part of a whole in per cent. */
export function percent(part) {
  const per = 100 * part;
  return `${per > 0 && per < 1 ? "<1" : Math.round(per)} %`;
}

/** A number of paths: exact while it is short, then its order of magnitude. */
export function counted(count, noun) {
  const digits = String(count);
  const text = digits.length <= 6 ? digits : `${digits[0]}.${digits.slice(1, 3)}e${digits.length - 1}`;
  return `${text} ${noun}${count === 1n || count === 1 ? "" : "s"}`;
}

/** The sum of numbers, rounded once (Shewchuk 1997). */
export function exactSum(numbers) {
  const partials = [];
  for (let number of numbers) {
    let kept = 0;
    for (let other of partials) {
      if (Math.abs(number) < Math.abs(other)) [number, other] = [other, number];
      const high = number + other;
      const low = other - (high - number);
      if (low !== 0) partials[kept++] = low;
      number = high;
    }
    partials.length = kept;
    partials.push(number);
  }
  let total = 0;
  for (let place = partials.length - 1; place >= 0; place--) total += partials[place];
  return total;
}

/** What JSON could not hold as a number. */
export function fromJson(number) {
  return typeof number === "string" ? Number(number) : number;
}

/** A number as Python reads it. */
export function inPython(number) {
  if (Number.isNaN(number)) return 'float("nan")';
  if (!Number.isFinite(number)) return number > 0 ? 'float("inf")' : '-float("inf")';
  const text = Object.is(number, -0) ? "-0" : String(number);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
