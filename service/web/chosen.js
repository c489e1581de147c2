// Cases chosen on the page to compare or export, remembered while the tab is open.
import { element } from "./dom.js";

const KEY = "jianbao-chosen";
export const MOST_COMPARED = 5;
const MOST = 50; // as many as one export takes
const FORMATS = { docx: "Word", markdown: "Markdown", csv: "CSV（Excel）", json: "JSON" };

/** Return {bar, has, set}: the bar of actions on the chosen cases, and ways to ask for and change one of them. */
export function chosenCases(base) {
  const cases = new Map(read());
  const bar = element("div", { class: "chosen", role: "region", "aria-label": "已选案例", hidden: true });
  const changed = () => {
    write([...cases]);
    draw();
  };
  const draw = () => {
    bar.hidden = cases.size === 0;
    const ids = [...cases.keys()].join(",");
    const comparable = cases.size >= 2 && cases.size <= MOST_COMPARED;
    bar.replaceChildren(
      element("span", { role: "status" }, `已选 ${cases.size} 个案例`),
      comparable ? element("a", { class: "button primary", href: new URL(`compare?items=${ids}`, base).href }, "对比")
        : element("span", { class: "hint" }, cases.size < 2 ? "再选一个就可以对比" : `对比最多 ${MOST_COMPARED} 个`),
      ...exportLinks(ids, base), element("button", { type: "button", onclick: clear }, "清空"));
  };
  const clear = () => {
    cases.clear();
    for (const box of bar.getRootNode().querySelectorAll(".choose input")) box.checked = false;
    changed();
  };
  draw();
  return {
    bar,
    has: (id) => cases.has(id),
    /** Choose or unchoose a case; return whether it is chosen now. */
    set(id, title, chosen) {
      if (chosen && cases.size < MOST) cases.set(id, title);
      else if (!chosen) cases.delete(id);
      changed();
      return cases.has(id);
    },
  };
}

/** Links that download cases. */
export function exportLinks(ids, base) {
  return Object.entries(FORMATS).map(([format, name]) =>
    element("a", { class: "button", href: new URL(`api/export?items=${ids}&format=${format}`, base).href, download: "" }, `导出 ${name}`));
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}

function write(cases) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(cases));
  } catch {
    // without storage the choice lasts as long as the page
  }
}
