// Filters: the facets of the cases found, to choose from, and a range of dates.
import { areaTree } from "./areas.js";
import { element } from "./dom.js";
import { changed } from "./order.js";

export const CONDITIONS = ["kind", "region", "section", "contributor", "series", "year", "document", "folder", "since", "until"];
const MOST_CHOICES = 8; // of one filter; a narrower question brings up the rest

/** Return the filters for a state (URLSearchParams) and its results; `go(state, name)` gets the state changed by a filter. */
export function filterBox(state, { facets, areas }, words, go) {
  const rows = Object.keys(words.filters).map((name) => (name === "region" ? regionRow(state, areas, words, go) : filterRow(state, name, facets[name] ?? {}, words, go)));
  const some = CONDITIONS.some((name) => state.has(name));
  const clear = element("button", { type: "button", class: "quiet", onclick: () => go(changed(state, Object.fromEntries(CONDITIONS.map((name) => [name, ""]))), "") }, words.clearFilters);
  return element("div", { class: "filters", role: "group", "aria-label": words.filter }, rows, dates(state, words, go), some && clear);
}

function filterRow(state, name, counts, words, go) {
  const chosen = state.get(name);
  const listed = name === "contributor" || name === "document" || name === "folder" ? [] : Object.keys(counts).slice(0, MOST_CHOICES); // most of their values occur only once
  const choices = chosen ? [chosen] : listed;
  if (!chosen && choices.length < 2) return null;
  const chips = choices.map((value) => {
    const label = name === "kind" ? (words.kinds[value] ?? value) : value;
    const pressed = Boolean(chosen);
    const change = () => go(changed(state, { [name]: chosen ? "" : value }), name);
    return element("button", { type: "button", class: "chip", "data-filter": name, "aria-pressed": String(pressed), title: value, onclick: change }, pressed ? `${label} ✕` : `${label} ${counts[value]}`);
  });
  return element("div", { class: "filter" }, element("span", {}, words.filters[name]), chips);
}

function regionRow(state, areas, words, go) {
  const chosen = state.get("region") ?? "";
  if (!areas.length && !chosen) return null;
  const choose = (region) => go(changed(state, { region }), "region");
  return element("div", { class: "filter" }, element("span", {}, words.filters.region), areaTree(areas, chosen, words, choose));
}

function dates(state, words, go) {
  const field = (name) => {
    const input = element("input", { type: "date", "data-filter": name, "aria-label": `${words.dates} ${words[name]}`, value: state.get(name) ?? "", min: "1949-10-01", max: "2099-12-31" });
    input.addEventListener("change", () => go(changed(state, { [name]: input.value }), name));
    return element("label", {}, input, element("span", { "aria-hidden": "true" }, words[name]));
  };
  return element("div", { class: "filter dates" }, element("span", {}, words.dates), field("since"), field("until"));
}
