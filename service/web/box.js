// The search field: a combobox that leaves composition to the input method.
import { element } from "./dom.js";
import { forget, recent, remember } from "./recent.js";
import { suggestionList } from "./suggestions.js";

const PAUSE = 200; // milliseconds without a keystroke after which typed text is looked up

/**
 * Return the form, and ways to set its text and to focus it. `on.typed(text)` is called after a PAUSE in typing,
 * `on.submitted(text)` with a search; `suggest(text)` resolves to suggestions. `remembers` keeps recent searches.
 */
export function searchBox(words, { on, suggest, remembers, placeholder }) {
  const input = element("input", {
    type: "search", name: "q", maxlength: 1000, autocomplete: "off", enterkeyhint: "search", part: "input", role: "combobox",
    "aria-label": words.label, "aria-autocomplete": "list", placeholder: placeholder || words.placeholder,
  });
  let composing = false;
  let timer = 0;
  let latest = 0;

  const list = suggestionList(input, words, (text) => submit(text));
  const form = element("form", { role: "search", part: "box" },
    element("div", { class: "field" }, input, list.list), element("button", { type: "submit", part: "button" }, words.search));

  function close() {
    latest += 1;
    clearTimeout(timer);
    list.close();
  }

  function submit(text) {
    close();
    input.value = text;
    if (text && remembers) remember(text);
    on.submitted(text);
  }

  function typed() {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const text = input.value.trim();
      const turn = ++latest;
      on.typed(text);
      if (!text) return offerRecent();
      const found = await suggest(text).catch(() => []); // suggestions are optional
      if (turn === latest) list.show(found);
    }, PAUSE);
  }

  function offerRecent() {
    if (remembers) list.show(recent().map((text) => ({ text, kind: "recent" })), words.recent, forgotten);
    else list.close();
  }

  function forgotten() {
    forget();
    close();
    input.focus();
  }

  /** Handle the keys that move in the list, choose from it, or close it or the dialog around it. */
  function pressed(event) {
    if (composing || event.isComposing || event.keyCode === 229) return; // these keys belong to the input method
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const dialog = form.closest("dialog");
    if (step) {
      if (!list.isOpen && !input.value) offerRecent();
      if (list.isOpen) event.preventDefault();
      list.move(step);
    } else if (event.key === "Escape" && (list.isOpen || dialog)) {
      event.preventDefault(); // Escape would clear the field
      if (list.isOpen) close();
      else dialog.close();
    } else if (event.key === "Enter" && list.chosen) {
      event.preventDefault();
      submit(list.chosen);
    }
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
  input.addEventListener("keydown", pressed);
  input.addEventListener("click", () => {
    if (!input.value && !list.isOpen) offerRecent();
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!composing) submit(input.value.trim());
  });
  return { form, focus: () => input.focus(), set text(text) { if (input.value.trim() !== text) input.value = text; } };
}
