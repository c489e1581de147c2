// The search field with its suggestions: a combobox that leaves composition to the input method.
import { element } from "./dom.js";

const PAUSE = 200; // milliseconds without a key after which typed text is looked up
const MOST_RECENT = 8;
const RECENT = "jianbao-recent";

let boxes = 0; // each list needs an id of its own

/**
 * Return the form, and functions to set and read its text. `on.typed(text)` hears of text that has stood for a moment,
 * `on.submitted(text)` of a search; `suggest(text)` resolves to suggestions. `remembers` keeps recent searches.
 */
export function searchBox(words, { on, suggest, remembers, placeholder }) {
  const id = `suggestions-${++boxes}`;
  const input = element("input", {
    type: "search", name: "q", maxlength: 1000, autocomplete: "off", enterkeyhint: "search", part: "input", role: "combobox",
    "aria-label": words.label, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, placeholder: placeholder || words.placeholder,
  });
  const list = element("ul", { id, role: "listbox", "aria-label": words.suggestions, class: "suggestions", hidden: true });
  const form = element("form", { role: "search", part: "box" },
    element("div", { class: "field" }, input, list), element("button", { type: "submit", part: "button" }, words.search));
  let composing = false;
  let timer = 0;
  let latest = 0;
  let active = -1;

  const options = () => [...list.querySelectorAll("[role=option]")];

  function close() {
    latest += 1;
    clearTimeout(timer);
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function show(suggestions, heading = "") {
    close();
    if (!suggestions.length) return;
    list.replaceChildren(
      ...(heading ? [element("li", { class: "heading", role: "presentation" }, heading, element("button", { type: "button", class: "quiet", onclick: forget }, words.forget))] : []),
      ...suggestions.map(({ text, kind }, at) => element("li", { role: "option", id: `${id}-${at}`, "aria-selected": "false", "data-text": text, class: kind }, text)));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  function move(step) {
    const all = options();
    if (list.hidden || !all.length) return;
    active = (active + step + all.length + 1) % (all.length + 1); // one more place: the field itself
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    if (all[active]) {
      input.setAttribute("aria-activedescendant", all[active].id);
      all[active].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function submit(text) {
    close();
    if (!text) return;
    input.value = text;
    if (remembers) write([text, ...recent().filter((one) => one !== text)].slice(0, MOST_RECENT));
    on.submitted(text);
  }

  function typed() {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const text = input.value.trim();
      const turn = ++latest;
      if (!text) return offerRecent();
      on.typed(text);
      const found = await suggest(text).catch(() => []); // a search without suggestions is a search
      if (turn === latest) show(found);
    }, PAUSE);
  }

  function offerRecent() {
    if (remembers) show(recent().map((text) => ({ text, kind: "recent" })), words.recent);
    else close();
  }

  function forget() {
    write([]);
    close();
    input.focus();
  }

  input.addEventListener("compositionstart", () => {
    composing = true;
    close();
  });
  input.addEventListener("compositionend", () => {
    composing = false;
    typed();
  });
  input.addEventListener("input", (event) => {
    if (!composing && !event.isComposing) typed();
  });
  input.addEventListener("keydown", (event) => {
    if (composing || event.isComposing || event.keyCode === 229) return; // these keys belong to the input method
    const chosen = options()[active];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden && !input.value) offerRecent();
      if (list.hidden) return;
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape" && (!list.hidden || form.closest("dialog"))) {
      event.preventDefault(); // it would clear the field
      if (list.hidden) form.closest("dialog").close();
      else close();
    } else if (event.key === "Enter" && chosen && !list.hidden) {
      event.preventDefault();
      submit(chosen.dataset.text);
    }
  });
  input.addEventListener("click", () => {
    if (!input.value && list.hidden) offerRecent();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) submit(option.dataset.text);
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!composing) submit(input.value.trim());
  });
  return { form, close, focus: () => input.focus(), get text() { return input.value.trim(); }, set text(text) { if (input.value.trim() !== text) input.value = text; } };
}

function recent() {
  try {
    return JSON.parse(localStorage.getItem(RECENT) ?? "[]");
  } catch {
    return []; // storage that is shut or holds something else
  }
}

function write(texts) {
  try {
    localStorage.setItem(RECENT, JSON.stringify(texts));
  } catch {
    // private windows may have no storage
  }
}
