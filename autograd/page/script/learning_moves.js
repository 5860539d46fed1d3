/** Why a weight moves: what the next step makes of it, and how hard every example pulls it. */

import { html, say } from "./dom.js";
import { factor, shown } from "./numbers.js";
import { css, label, line, sized } from "./learning_canvas.js";

export class Moves {
  /**
   * @param page The page.
   * @param descent The training.
   * @param meaning Of its answers.
   * @param choose Is called with the example that is pointed at.
   */
  constructor(page, descent, meaning, choose) {
    this.page = page;
    this.descent = descent;
    this.meaning = meaning;
    this.title = html("h2", { id: "moves-title" });
    this.next = html("p");
    this.sum = html("p.formula");
    this.canvas = html("canvas.pulls", { role: "img", click: (event) => this.press(event, choose) });
    this.pulled = html("p.quiet");
    this.so = html("p.quiet");
    this.strongest = html("button.link", { type: "button", click: () => choose(this.order[0]) }, "show the example that pulls hardest");
    this.element = html("section.moves", { "aria-labelledby": "moves-title", hidden: true },
      this.title, this.next, this.sum, this.canvas, this.pulled, html("p", {}, this.strongest), this.so);
  }

  /** @param node What is asked about; nothing is said unless it is learned. */
  show(node, example) {
    const { descent, page } = this;
    const parameter = node === null ? -1 : descent.lesson.parameters.indexOf(node);
    this.element.hidden = parameter < 0;
    if (parameter < 0) return;
    const name = page.words.name(node);
    const now = descent.numbers[parameter];
    const { number, gradient } = descent.lookAhead(parameter);
    say(this.title, `Why does ${name} move?`);
    const [from, to] = shownApart(now, number);
    const way = number > now ? "up" : number < now ? "down" : "nowhere";
    say(this.next, this.isPlainDescent
      ? `The next step takes it ${way}: weight − learning rate × gradient`
      : `The next step takes it ${way}: what ${descent.lesson.optimizer.name} makes of the gradient ${shown(gradient)}`);
    say(this.sum, this.isPlainDescent ? `${from} − ${shown(descent.rate)} × ${factor(gradient)} = ${to}` : `${from} → ${to}`);
    this.pulls = descent.pulls(parameter);
    this.order = Array.from(this.pulls.keys()).sort((one, other) => Math.abs(this.pulls[other]) - Math.abs(this.pulls[one]));
    this.draw(example);
    this.tell(name, gradient, example, parameter);
  }

  /** Whether a step is nothing but the learning rate times the gradient. */
  get isPlainDescent() {
    const { optimizer } = this.descent.lesson;
    return optimizer.name === "SGD" && this.descent.settings.slice(1).every((setting) => setting === 0);
  }

  tell(name, gradient, example, parameter) {
    const { descent, pulls } = this;
    const count = descent.rows.length;
    let [up, down] = [0, 0];
    for (const pull of pulls) {
      if (pull < 0) up++;
      if (pull > 0) down++;
    }
    const whose = descent.batch === count ? `all ${count} examples` : `the ${descent.nextBatch().length} examples of the next step`;
    say(this.pulled, `${shown(gradient)} is the mean of the gradients of ${whose}. A bar for each, coloured by class: against its gradient each pulls, ` +
      `${up} up, ${down} down` +
      (example === null ? "." : `; example ${example + 1}, shown in the figure, pulls it ${pulls[example] < 0 ? "up" : pulls[example] > 0 ? "down" : "nowhere"} with ${shown(pulls[example])}.`));
    const path = descent.taken
      ? `In ${descent.taken} step${descent.taken === 1 ? "" : "s"} it went from ${shown(descent.first[parameter])} to ${shown(descent.numbers[parameter])}.`
      : "It has not moved yet.";
    say(this.so, example === null ? path : `${path} Below: the gradient of example ${example + 1}, path by path.`);
    label(this.canvas, `how hard each example pulls ${name}: ${up} up, ${down} down`);
  }

  /** A bar for every example, the strongest pull upwards first. */
  draw(example) {
    const [context, wide, high] = sized(this.canvas);
    const { pulls, meaning } = this;
    this.bars = Array.from(pulls.keys()).sort((one, other) => pulls[one] - pulls[other]);
    let most = 0;
    for (const pull of pulls) most = Math.max(most, Math.abs(pull));
    const each = wide / pulls.length;
    const middle = high / 2;
    this.bars.forEach((place, turn) => {
      const tall = most ? (-pulls[place] / most) * (middle - 3) : 0;
      context.fillStyle = css(meaning.hue(place), example === null || place === example ? 1 : 0.75);
      context.fillRect(turn * each, middle, Math.max(each - (each > 3 ? 1 : 0), 0.7), -tall);
      if (place === example) {
        context.strokeStyle = css(meaning.ink);
        context.lineWidth = 2;
        context.strokeRect(turn * each - 1, Math.min(middle, middle - tall) - 1, Math.max(each, 3) + 1, Math.abs(tall) + 2);
      }
    });
    context.strokeStyle = css(meaning.ink, 0.5);
    context.lineWidth = 1;
    line(context, 0, middle, wide, middle);
  }

  press(event, choose) {
    const frame = this.canvas.getBoundingClientRect();
    const turn = Math.floor(((event.clientX - frame.left) / frame.width) * this.bars.length);
    if (this.bars[turn] !== undefined) choose(this.bars[turn]);
  }
}

/** Two numbers with as many digits as it takes to tell them apart. */
function shownApart(one, other) {
  for (const digits of [4, 6, 8, 12]) {
    if (shown(one, digits) !== shown(other, digits)) return [shown(one, digits), shown(other, digits)];
  }
  return [shown(one), shown(other)];
}
