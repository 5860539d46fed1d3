/** Time: play, pause, step forwards and backwards, and what happens now, written out. */

import { choice, html, say } from "./dom.js";
import { MANNERS } from "./events.js";

const PACE = 900; // milliseconds for an event

export class Timeline {
  /** @param page {events, words, store}. */
  constructor(page) {
    this.page = page;
    const { store } = page;
    const button = (label, sign, click) => html("button", { type: "button", click, "aria-label": label, title: label }, sign);
    this.play = button("play", "▶ play", () => store.set({ playing: !store.state.playing }));
    this.slider = html("input", {
      type: "range", min: 0, step: 1, "aria-label": "time, in events",
      input: (event) => store.set({ time: this.timeOf(Number(event.target.value)), playing: false }),
    });
    this.where = html("span.quiet.where");
    this.bar = html("div.timeline", { role: "group", "aria-label": "time" },
      button("to the beginning", "|◀", () => store.set({ time: 0, playing: false })),
      button("one event back", "◁", () => this.step(-1)),
      this.play,
      button("one event on", "▷", () => this.step(1)),
      button("to the end", "▶|", () => store.set({ time: null, playing: false })),
      html("span.track", {}, this.slider), this.where);
    this.phase = html("b.phase");
    this.left = html("span.left");
    this.middle = html("span.middle");
    this.result = html("b.result");
    this.note = html("span.note");
    this.line = html("p.event", { role: "status" }, this.phase, " ", this.left, " ", this.middle, " ", this.result, " ", this.note);
    this.element = html("div.time", {}, this.line, this.bar);
    this.timer = null;
  }

  /** The switch between the right sweep and wrong ones. */
  manners() {
    const { events, store } = this.page;
    const names = events.manners.map((name) => [name, MANNERS[name]]);
    const made = choice("how the backward pass is run", names, store.state.manner, (manner) => store.set({ manner }));
    store.hear((state, changed) => changed.has("manner") && made.choose(state.manner));
    return made.element;
  }

  timeOf(number) {
    return number >= this.page.events.count ? null : number;
  }

  step(by) {
    const { store, events } = this.page;
    const now = store.state.time ?? (by > 0 ? 0 : events.count);
    const next = store.state.time === null && by > 0 ? 1 : Math.min(Math.max(now + by, 0), events.count);
    store.set({ time: this.timeOf(next), playing: false });
  }

  show(state) {
    const { events, words } = this.page;
    const time = state.time ?? events.count;
    this.slider.max = events.count;
    this.slider.value = time;
    const backwards = events.count - events.forwardCount;
    this.slider.parentElement.style.setProperty("--forward", `${(100 * events.forwardCount) / events.count}%`);
    say(this.where, `forward ${events.forwardCount} · backward ${backwards}`);
    say(this.play, state.playing ? "‖ pause" : "▶ play");
    this.play.setAttribute("aria-label", state.playing ? "pause" : "play");
    this.run(state);
    const event = events.at(time);
    if (state.time === null || event === null) {
      say(this.phase, state.time === null ? "one pass, done:" : "before the first event:");
      say(this.left, state.time === null
        ? "every value and every gradient is known; ▶ play shows how they came about, one by one"
        : "only the leaves are known");
      for (const part of [this.middle, this.result, this.note]) say(part, "");
      this.line.classList.remove("flawed");
      this.line.classList.add("resting");
      return;
    }
    const said = words.event(event, events.manner);
    say(this.phase, `event ${time} of ${events.count}, ${said.phase}:`);
    say(this.left, said.left);
    say(this.middle, said.middle ? `= ${said.middle}` : "");
    say(this.result, `= ${said.result}`);
    say(this.note, said.note);
    this.line.classList.remove("resting");
    this.line.classList.toggle("flawed", Boolean(event.flaw));
  }

  run(state) {
    if (state.playing && this.timer === null) {
      this.timer = setInterval(() => this.tick(), PACE);
      if (state.time === null) queueMicrotask(() => this.page.store.set({ time: 0 }));
    }
    if (!state.playing && this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    }
  }

  tick() {
    const { store, events } = this.page;
    const next = (store.state.time ?? 0) + 1;
    if (next >= events.count) store.set({ time: null, playing: false });
    else store.set({ time: next });
  }
}
