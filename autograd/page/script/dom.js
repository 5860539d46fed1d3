/** Elements of HTML and SVG. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element of HTML.
 * @param tag Its name, with classes behind dots: "p.quiet".
 * @param properties Attributes; functions are listeners, `on` by name.
 * @param children Elements and texts.
 */
export function html(tag, properties = {}, ...children) {
  return filled(document.createElement(tag.split(".")[0]), tag, properties, children);
}

/** Make an element of SVG. */
export function svg(tag, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, tag.split(".")[0]), tag, properties, children);
}

function filled(element, tag, properties, children) {
  const [, ...classes] = tag.split(".");
  if (classes.length) element.setAttribute("class", classes.join(" "));
  for (const [name, thing] of Object.entries(properties)) {
    if (typeof thing === "function") element.addEventListener(name, thing);
    else if (thing === true) element.setAttribute(name, "");
    else if (thing !== false && thing !== null && thing !== undefined) element.setAttribute(name, thing);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set a text only where it changes. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Buttons of which one is pressed: {element, choose(name)}. */
export function choice(label, names, chosen, onChoose) {
  const buttons = new Map();
  for (const [name, text] of names) {
    const press = () => onChoose(name);
    buttons.set(name, html("button", { type: "button", click: press }, text));
  }
  const element = html("div.choice", { role: "group", "aria-label": label, title: label }, ...buttons.values());
  const choose = (name) => {
    for (const [each, button] of buttons) button.setAttribute("aria-pressed", String(each === name));
  };
  choose(chosen);
  return { element, choose };
}
