// Elements built from text, never from markup; style sheets; text with marked spans; the clipboard; ranges of numbers.

/** Make an element. Strings become text nodes; `on…` attributes are listeners; false, null and undefined are left out. */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Make an element of SVG in the same way. */
export function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Load a style sheet for shadow roots from beside these modules; without it a page is unstyled, but works. */
export async function sheetOf(name) {
  const sheet = new CSSStyleSheet();
  await fetch(new URL(name, import.meta.url)).then((response) => response.text()).then((text) => sheet.replace(text)).catch(() => null);
  return sheet;
}

/** Return text as nodes in which the spans [start, end) are marked; spans count code points, as the server does. */
export function marked(text, spans) {
  const points = [...text];
  const nodes = [];
  let at = 0;
  for (const [start, end] of spans) {
    nodes.push(points.slice(at, start).join(""), element("mark", {}, points.slice(start, end).join("")));
    at = end;
  }
  nodes.push(points.slice(at).join(""));
  return nodes;
}

/** A button that copies a text and says so for two seconds. */
export function copyButton(text, words, attributes = {}) {
  const button = element("button", { type: "button", class: "quiet", ...attributes }, words.copy);
  button.addEventListener("click", async () => {
    button.textContent = (await copied(text, button)) ? words.copied : words.notCopied;
    setTimeout(() => (button.textContent = words.copy), 2000);
  });
  return button;
}

/** Copy with the clipboard API where the address allows it (https or this machine), else through a selection. */
async function copied(text, beside) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // not allowed here; the older way below may be
    }
  }
  const area = element("textarea", { class: "hidden" });
  area.value = text;
  beside.after(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  beside.focus();
  return done;
}

/** Write numbers as 1至3、5. */
export function ranges(numbers, words) {
  const runs = [];
  for (const number of numbers) {
    if (runs.length && number === runs.at(-1)[1] + 1) runs.at(-1)[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}${words.to}${last}`)).join(words.comma);
}
