// The list below the search field: arrow keys and pointers choose from it while the field keeps the focus.
import { element } from "./dom.js";

let lists = 0; // each needs an id of its own

/** Return the list of a field: ways to show, move in and close it; `choose(text)` is called when one is clicked. */
export function suggestionList(input, words, choose) {
  const id = `suggestions-${++lists}`;
  const list = element("ul", { id, role: "listbox", "aria-label": words.suggestions, class: "suggestions", hidden: true });
  let active = -1;
  input.setAttribute("aria-controls", id);
  const options = () => [...list.querySelectorAll("[role=option]")];

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  /** Replace the suggestions; none closes the list. `heading` stands above them, with a button that calls `forget`. */
  function show(suggestions, heading = "", forget = null) {
    close();
    if (!suggestions.length) return;
    const top = heading && element("li", { class: "heading", role: "presentation" }, heading, element("button", { type: "button", class: "quiet", onclick: forget }, words.forget));
    list.replaceChildren(...(top ? [top] : []), ...suggestions.map(({ text, kind }, at) =>
      element("li", { role: "option", id: `${id}-${at}`, "aria-selected": "false", "data-text": text, class: kind }, text)));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  function move(step) {
    const all = options();
    if (list.hidden || !all.length) return;
    active = active + step < -1 ? all.length - 1 : active + step >= all.length ? -1 : active + step; // -1: the field itself
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    if (active < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  }

  close();
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option.dataset.text);
  });
  return { list, show, move, close, get isOpen() { return !list.hidden; }, get chosen() { return list.hidden ? null : options()[active]?.dataset.text; } };
}
