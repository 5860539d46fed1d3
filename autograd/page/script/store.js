/** The one state of the page, and who wants to hear of a change. */

export class Store {
  /** @param state The first state; its keys are all there are. */
  constructor(state) {
    this.state = { ...state };
    this.listeners = [];
  }

  /** Call a function of the state and the set of keys that changed, now and after each change. */
  hear(listener) {
    this.listeners.push(listener);
    listener(this.state, new Set(Object.keys(this.state)));
  }

  /** Change some of the state; who listens hears of it once. */
  set(changes) {
    const changed = new Set();
    for (const [key, thing] of Object.entries(changes)) {
      if (!Object.is(this.state[key], thing)) {
        this.state[key] = thing;
        changed.add(key);
      }
    }
    if (changed.size) for (const listener of this.listeners) listener(this.state, changed);
  }
}
