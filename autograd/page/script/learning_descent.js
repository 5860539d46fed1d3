/** Gradient descent: steps of an optimizer on batches of examples, by generated functions. */

import { fromJson } from "./numbers.js";
import { PythonRandom } from "./learning_random.js";

const HOPELESS = 1e6; // times the first loss: as `fit` has it

export class Descent {
  /**
   * @param lesson What the page carries of the training.
   * @param code The generated functions: losses, answers, update.
   */
  constructor(lesson, code) {
    this.lesson = lesson;
    this.code = code;
    this.rows = lesson.rows.map((row) => Float64Array.from(row));
    this.targets = lesson.targets.map((target) => (Array.isArray(target) ? Float64Array.from(target) : target));
    this.settings = [...lesson.optimizer.numbers];
    this.batch = lesson.batch;
    const count = lesson.parameters.length;
    this.numbers = new Float64Array(count);
    this.sums = new Float64Array(count);
    this.kept = new Float64Array(count);
    this.memories = lesson.optimizer.begin.map(() => new Float64Array(count));
    this.keptMemories = this.memories.map(() => new Float64Array(count));
    this.losses = new Float64Array(this.rows.length);
    this.start(null);
  }

  /**
   * Begin again.
   * @param seed Of the first weights; null for those of the model.
   */
  start(seed) {
    const { lesson } = this;
    const { optimizer } = lesson;
    this.seed = seed;
    this.numbers.set(seed === null ? lesson.numbers.map(fromJson) : drawn(lesson.draws, seed));
    this.first = Float64Array.from(this.numbers);
    const goesOn = seed === null && optimizer.memory.every((memory) => memory.length);
    this.memories.forEach((memory, which) => {
      if (goesOn) memory.set(optimizer.memory[which]);
      else memory.fill(optimizer.begin[which]);
    });
    this.steps = seed === null ? optimizer.steps : 0; // of the optimizer
    this.taken = 0; // here
    this.history = [];
    this.isPlain = true; // nothing has been changed since the start
    this.shuffle();
  }

  /** Begin with the first order of the examples. */
  shuffle() {
    this.random = new PythonRandom(this.lesson.seed);
    this.order = null;
    this.passed = 0; // examples of this epoch
  }

  set rate(rate) {
    this.isPlain &&= this.taken === 0 || rate === this.settings[0];
    [this.settings[0]] = [rate];
  }

  get rate() {
    return this.settings[0];
  }

  setBatch(size) {
    this.isPlain &&= this.taken === 0 || size === this.batch;
    this.batch = size;
    this.shuffle();
  }

  get stepsPerEpoch() {
    return Math.ceil(this.rows.length / this.batch);
  }

  /** The examples that the next step takes. */
  nextBatch() {
    const count = this.rows.length;
    if (this.order === null) {
      this.order = this.batch < count ? this.random.order(count) : Array.from(this.rows.keys());
    }
    return this.order.slice(this.passed, this.passed + this.batch);
  }

  /**
   * The mean loss of examples; its gradient is in `sums`.
   *
   * The order of all additions is eager code's for `mean([...]).backward()`: losses from the first
   * to the last, derivatives from the last to the first.
   */
  gradient(batch) {
    const weight = 1 / batch.length;
    this.sums.fill(0);
    for (let turn = batch.length - 1; turn >= 0; turn--) this.losses[turn] = this.lossOf(batch[turn], weight, this.sums);
    let total = 0;
    for (let turn = 0; turn < batch.length; turn++) total += this.losses[turn];
    return batch.length === 1 ? total : total / batch.length;
  }

  /** The loss of an example; its derivatives, times a weight, are added to sums. */
  lossOf(example, weight, sums) {
    for (const one of this.code.losses) {
      const loss = one(this.rows[example], this.targets[example], weight, this.numbers, sums);
      if (loss !== undefined) return loss;
    }
    return NaN; // a way through the loss that no example took in Python
  }

  /** What a model answers to a row: the answers, and then the net inputs of its units. */
  answer(row, found) {
    for (const one of this.code.answers) if (one(row, this.numbers, found)) return found;
    return found.fill(NaN);
  }

  /**
   * Take a step.
   * @returns Nothing, or why it was not taken: {loss, kind: "loss" | "numbers" | "hopeless"}.
   */
  step() {
    const batch = this.nextBatch();
    const loss = this.gradient(batch);
    if (!Number.isFinite(loss)) return { loss, kind: "loss" };
    this.kept.set(this.numbers);
    this.memories.forEach((memory, which) => this.keptMemories[which].set(memory));
    this.code.update(this.numbers, this.sums, this.memories, this.settings, this.steps + 1);
    if (![this.numbers, ...this.memories].every(areFinite)) {
      this.numbers.set(this.kept);
      this.memories.forEach((memory, which) => memory.set(this.keptMemories[which]));
      return { loss, kind: "numbers" };
    }
    this.steps++;
    this.taken++;
    this.history.push(loss);
    this.passed += batch.length;
    if (this.passed >= this.rows.length) [this.passed, this.order] = [0, null];
    const bound = HOPELESS * Math.max(Math.abs(this.history[0]), 1);
    return Math.abs(loss) > bound ? { loss, kind: "hopeless" } : undefined;
  }

  /** What the next step would make of a parameter: {number, gradient}, and nothing is changed. */
  lookAhead(parameter) {
    this.gradient(this.nextBatch());
    const numbers = Float64Array.of(this.numbers[parameter]);
    const gradient = this.sums[parameter];
    const memories = this.memories.map((memory) => Float64Array.of(memory[parameter]));
    this.code.update(numbers, Float64Array.of(gradient), memories, this.settings, this.steps + 1);
    return { number: numbers[0], gradient };
  }

  /** For every example its derivative by a parameter. */
  pulls(parameter) {
    const found = new Float64Array(this.rows.length);
    for (let example = 0; example < found.length; example++) {
      this.sums[parameter] = 0;
      this.lossOf(example, 1, this.sums);
      found[example] = this.sums[parameter];
    }
    return found;
  }

  /** The mean loss of all examples. */
  loss() {
    return this.gradient(Array.from(this.rows.keys()));
  }

  /** Put a number in a parameter. */
  edit(parameter, number) {
    this.numbers[parameter] = number;
    this.isPlain = false;
  }
}

function drawn(draws, seed) {
  const random = new PythonRandom(seed);
  return draws.flatMap(([count, low, high]) =>
    Array.from({ length: count }, () => (low === high ? low : random.uniform(low, high))));
}

function areFinite(numbers) {
  let sum = 0;
  for (const number of numbers) sum += number;
  return Number.isFinite(sum) || numbers.every(Number.isFinite);
}
