/** The state in the fragment of the address: a link shows what its sender saw. */

import { inPython } from "./numbers.js";

const SOON = 300; // milliseconds until a change is written

/** What the fragment says: {level, picked, time, manner, numbers}; only what is there and legal. */
export function readAddress(page) {
  const { model, tape, events } = page;
  const said = new URLSearchParams(location.hash.slice(1));
  const found = { numbers: new Map() };
  const level = said.get("level");
  if (model.levels.some((each) => each.name === level)) found.level = level;
  const picked = whole(said.get("at"), tape.count);
  if (picked !== null) found.picked = picked;
  const manner = said.get("sweep");
  if (events.manners.includes(manner)) found.manner = manner;
  const time = whole(said.get("time"), events.count);
  if (time !== null) found.time = time;
  for (const pair of (said.get("set") ?? "").split(",")) {
    const [leaf, number] = pair.split(":");
    const place = whole(leaf, tape.count);
    if (place !== null && tape.recorded.has(place) && number && !Number.isNaN(Number(number))) {
      found.numbers.set(place, Number(number));
    }
  }
  return found;
}

/** Keep the fragment as the state is. */
export function keepAddress(page) {
  if (location.protocol === "about:") return; // a frame in a notebook has no address of its own
  let timer = null;
  page.store.hear(() => {
    clearTimeout(timer);
    timer = setTimeout(() => history.replaceState(null, "", `#${fragment(page)}`), SOON);
  });
}

function fragment(page) {
  const { store, tape } = page;
  const { level, picked, time, manner } = store.state;
  const said = new URLSearchParams({ level });
  if (picked !== null) said.set("at", picked);
  if (manner !== "right") said.set("sweep", manner);
  if (time !== null) said.set("time", time);
  const numbers = [...tape.recorded].filter(([leaf, number]) => !Object.is(tape.values[leaf], number));
  if (numbers.length) said.set("set", numbers.map(([leaf]) => `${leaf}:${inPython(tape.values[leaf])}`).join(","));
  for (const [name, text] of page.alsoKept?.() ?? []) said.set(name, text);
  return said.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
}

function whole(text, end) {
  const number = Number(text);
  return text !== null && text !== "" && Number.isInteger(number) && number >= 0 && number < end ? number : null;
}
