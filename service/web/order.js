// The order of cases: by relevance, by date (the earliest first) or by a figure (the largest first); and whether there is a map; the feed of a search.
import { element } from "./dom.js";

export const VIEWS = ["", "time", "figure"];

/** Show the orders in `into`; `go(state, selector)` is called with the new state and the element of `into` to focus then. */
export function showOrder(into, state, { words, server, none }, conditions, go) {
  const view = state.get("view") ?? "";
  const query = state.get("q")?.trim();
  const views = query ? VIEWS : ["", "figure"];
  const names = { "": query ? words.byRelevance : words.newest, time: words.byDate, figure: words.byFigure };
  const chips = views.map((name) => element("button", {
    type: "button", class: "chip", "data-view": name, "aria-pressed": String((VIEWS.includes(view) ? view : "") === name),
    onclick: () => go(changed(state, { view: name || (query ? "" : "all"), figure: "" }), name === "figure" ? "input" : `[data-view="${name}"]`),
  }, names[name]));
  const map = element("button", {
    type: "button", class: "chip", "data-view": "map", "aria-pressed": String(state.has("map")),
    onclick: () => go(changed(state, { view: view || (query ? "" : "all"), map: state.has("map") ? "" : "1" }), '[data-view="map"]'),
  }, words.map);
  into.replaceChildren(...chips, view === "figure" ? figureForm(state, words, go) : "", map, query ? feedLink(query, conditions, words, server) : "");
  if (view === "figure" && (none || !state.get("figure"))) into.append(measures(state, words, server, conditions, go));
}

/** What the cases tell figures of, to pick from, or what is nearest to a figure that none tells; the field takes any other. */
function measures(state, words, server, conditions, go) {
  const list = element("p", { class: "measures" });
  const query = state.get("q")?.trim();
  const like = state.get("figure");
  server.get("api/figures", [...(query ? [["q", query]] : []), ...(like ? [["like", like]] : []), ...conditions]).then(({ figures }) => {
    const chip = ({ figure, cases }) => element("button", { type: "button", class: "chip", onclick: () => go(changed(state, { figure }), "input") }, `${figure} ${cases}`);
    list.replaceChildren(...(figures.length ? [element("span", {}, like ? words.measuresLike : words.measures), ...figures.map(chip)] : []));
  }).catch(() => null); // the field serves without it
  return list;
}

/** The field for the figure to order by: 带动就业. */
function figureForm(state, words, go) {
  const input = element("input", { type: "text", maxlength: 100, autocomplete: "off", "aria-label": words.figure, placeholder: words.figureExample, value: state.get("figure") ?? "" });
  const submit = (event) => {
    event.preventDefault();
    go(changed(state, { figure: input.value.trim() }), "input");
  };
  return element("form", { class: "by-figure", onsubmit: submit }, input, element("button", { type: "submit" }, words.sort));
}

/** A link to the feed, for portals and feed readers to poll; where a key is needed, it is appended to the address. */
function feedLink(query, conditions, words, server) {
  const address = new URL(`feed.atom?${new URLSearchParams([["q", query], ...conditions])}`, server.base);
  return element("a", { class: "button follow", href: address.href, title: words.followHint }, words.follow);
}

/** Return the state with changed values and without `k`; empty values are left out. */
export function changed(state, values) {
  const next = new URLSearchParams(state);
  for (const [name, value] of Object.entries({ ...values, k: "" })) {
    next.delete(name);
    if (value) next.set(name, value);
  }
  return next;
}
