// The region filter, a tree of provinces, cities and counties, each with the number of cases that name it; the home province's cities come first.
import { element } from "./dom.js";

const MOST = 40; // regions of one level
const HOME = 2 / 3; // share of all mentions from which a province is the home of the cases: its cities and counties stand at the first level
const FEW = 3; // other provinces that need no line to be opened

/** Return the tree of `areas`; `choose(name)` is called with the region that is chosen, "" for none. */
export function areaTree(areas, chosen, words, choose) {
  const unknown = chosen && !find(areas, chosen); // a name written by hand, not one of the tree: 余姚
  const holds = (area) => Boolean(chosen && find([area], chosen));
  const draw = (some) => some.slice(0, MOST).map((area) => branch(area, holds, chosen, words, choose));
  const all = areas.reduce((sum, area) => sum + area.count, 0);
  const home = areas.find((area) => area.count > HOME * all && area.inside.length);
  const others = areas.filter((area) => area !== home);
  const far = home && others.length > FEW;
  return element("div", { class: "areas" },
    unknown && element("ul", {}, element("li", {}, chip({ name: chosen, label: chosen }, true, choose))),
    element("ul", {}, home && [...draw(home.inside), element("li", {}, chip(home, home.name === chosen, choose))],
      far ? element("li", {}, opened(others.some(holds), words.otherProvinces(others.length), draw(others))) : draw(others)));
}

function branch(area, holds, chosen, words, choose) {
  const { label, inside } = area;
  const parts = inside.length > 0 && opened(holds(area), words.parts(inside.length), inside.slice(0, MOST).map((part) => branch(part, holds, chosen, words, choose)), words.partsOf(label, inside.length));
  return element("li", {}, chip(area, area.name === chosen, choose), parts);
}

function opened(open, line, parts, label = line) {
  return element("details", { open }, element("summary", { "aria-label": label }, line), element("ul", {}, parts));
}

function chip({ name, label, count }, pressed, choose) {
  return element("button", { type: "button", class: "chip", "data-filter": "region", "aria-pressed": String(pressed), title: name, onclick: () => choose(pressed ? "" : name) },
    pressed ? `${label} ✕` : `${label} ${count}`);
}

function find(areas, name) {
  return areas.some((area) => area.name === name || find(area.inside, name));
}
