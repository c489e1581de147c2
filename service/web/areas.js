// The region filter, a tree of provinces, cities and counties, each with the number of cases that name it.
import { element } from "./dom.js";

const MOST = 40; // regions of one level
const LARGEST = 0.5; // share of all cases; a region with more is open from the start

/** Return the tree of `areas`; `choose(name)` is called with the region that is chosen, "" for none. */
export function areaTree(areas, chosen, words, choose) {
  const all = areas.reduce((sum, area) => sum + area.count, 0);
  const unknown = chosen && !find(areas, chosen); // a name written by hand, not one of the tree: 余姚
  return element("div", { class: "areas" },
    unknown && element("ul", {}, element("li", {}, chip({ name: chosen, label: chosen }, true, choose))),
    level(areas, (area) => area.count > LARGEST * all || Boolean(chosen && find([area], chosen)), chosen, words, choose));
}

function level(areas, opens, chosen, words, choose) {
  return element("ul", {}, areas.slice(0, MOST).map((area) => {
    const within = (one) => Boolean(chosen && find([one], chosen));
    const inside = area.inside.length && element("details", { open: opens(area) }, element("summary", { "aria-label": words.partsOf(area.label, area.inside.length) }, words.parts(area.inside.length)),
      level(area.inside, within, chosen, words, choose));
    return element("li", {}, chip(area, area.name === chosen, choose), inside || null);
  }));
}

function chip({ name, label, count }, pressed, choose) {
  return element("button", { type: "button", class: "chip", "data-filter": "region", "aria-pressed": String(pressed), title: name, onclick: () => choose(pressed ? "" : name) },
    pressed ? `${label} ✕` : `${label} ${count}`);
}

function find(areas, name) {
  return areas.some((area) => area.name === name || find(area.inside, name));
}
