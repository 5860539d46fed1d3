/** Random numbers as Python draws them from a seed: the Mersenne Twister (Matsumoto, Nishimura 1998). */

const SIZE = 624;
const SHIFT = 397;

export class PythonRandom {
  /** @param seed A whole number, as `random.Random(seed)` takes it. */
  constructor(seed) {
    const size = Math.abs(seed);
    const key = [size >>> 0];
    if (size > 0xffffffff) key.push(Math.floor(size / 0x100000000));
    this.state = seeded(19650218);
    const { state } = this;
    let [at, used] = [1, 0];
    const next = () => {
      if (++at >= SIZE) [state[0], at] = [state[SIZE - 1], 1];
    };
    for (let turn = SIZE; turn; turn--) {
      state[at] = (state[at] ^ Math.imul(mixed(state[at - 1]), 1664525)) + key[used] + used;
      next();
      used = (used + 1) % key.length;
    }
    for (let turn = SIZE - 1; turn; turn--) {
      state[at] = (state[at] ^ Math.imul(mixed(state[at - 1]), 1566083941)) - at;
      next();
    }
    state[0] = 0x80000000;
    this.at = SIZE;
  }

  /** A number from 0 up to but not 1, with 53 random bits. */
  random() {
    const high = this.word() >>> 5;
    return (high * 67108864 + (this.word() >>> 6)) / 9007199254740992;
  }

  uniform(low, high) {
    return low + (high - low) * this.random();
  }

  /** The rows of an epoch in the order in which `fit` takes them. */
  order(rows) {
    const keys = Float64Array.from({ length: rows }, () => this.random());
    return Array.from(keys.keys()).sort((one, other) => keys[one] - keys[other]);
  }

  word() {
    if (this.at === SIZE) this.twist();
    let word = this.state[this.at++];
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  twist() {
    const { state } = this;
    for (let place = 0; place < SIZE; place++) {
      const both = (state[place] & 0x80000000) | (state[(place + 1) % SIZE] & 0x7fffffff);
      state[place] = state[(place + SHIFT) % SIZE] ^ (both >>> 1) ^ (both & 1 ? 0x9908b0df : 0);
    }
    this.at = 0;
  }
}

function seeded(seed) {
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let place = 1; place < SIZE; place++) state[place] = Math.imul(1812433253, mixed(state[place - 1])) + place;
  return state;
}

function mixed(word) {
  return word ^ (word >>> 30);
}
