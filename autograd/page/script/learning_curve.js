/** The loss, step by step. */

import { html } from "./dom.js";
import { shown } from "./numbers.js";
import { colour, css, label, line, sized } from "./learning_canvas.js";

export class Curve {
  /** @param count Over how many examples the loss is the mean. */
  constructor(count) {
    this.canvas = html("canvas.curve", { role: "img" });
    this.element = html("figure", {}, this.canvas, html("figcaption", {}, `loss, the mean of ${count} examples, step by step`));
  }

  /**
   * @param history The loss before each step.
   * @param now The loss now.
   */
  draw(history, now) {
    const [context, wide, high] = sized(this.canvas);
    const ink = colour("quiet-ink");
    const points = [...history, now];
    let most = 0;
    for (const point of points) if (Number.isFinite(point)) most = Math.max(most, point);
    const top = niceAbove(most || 1);
    const [left, bottom, head] = [36, high - 16, 8];
    const x = (step) => left + ((wide - left - 8) * step) / Math.max(points.length - 1, 10);
    const y = (loss) => bottom - ((bottom - head) * loss) / top;
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = css(ink);
    context.strokeStyle = css(colour("dim-line"));
    context.textAlign = "right";
    for (const mark of [0, top / 2, top]) {
      line(context, left, y(mark), wide - 6, y(mark));
      context.fillText(shown(mark, 3), left - 4, y(mark) + 4);
    }
    context.textAlign = "left";
    context.fillText("0", left, high - 3);
    context.textAlign = "right";
    context.fillText(`step ${points.length - 1}`, wide - 6, high - 3);
    context.strokeStyle = css(colour("path-1"));
    context.lineWidth = 2;
    context.beginPath();
    const stride = Math.max(1, Math.floor(points.length / (2 * wide)));
    for (let step = 0; step < points.length; step += stride) context.lineTo(x(step), y(points[step]));
    context.lineTo(x(points.length - 1), y(now));
    context.stroke();
    context.fillStyle = css(colour("path-1"));
    context.beginPath();
    context.arc(x(points.length - 1), y(now), 3, 0, 7);
    context.fill();
    const from = points.length > 1 ? `from ${shown(points[0])} to ` : "";
    label(this.canvas, `the loss after ${points.length - 1} steps: ${from}${shown(now)}`);
  }
}

function niceAbove(number) {
  const size = 10 ** Math.floor(Math.log10(number));
  return [1, 1.5, 2, 3, 4, 6, 8, 10].map((times) => times * size).find((one) => one >= number) ?? number;
}
