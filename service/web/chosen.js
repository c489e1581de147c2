// Cases chosen on the page to compare or export, and pictures for the Word file; remembered while the tab is open.
import { element } from "./dom.js";
import { told } from "./server.js";
import { wordsOf } from "./words.js";

const [CASES, PICTURES] = ["jianbao-chosen", "jianbao-pictures"];
export const MOST_COMPARED = 5;
const MOST = 50; // as many as one export takes
const MOST_PICTURES = 4; // of one Word file
const [LARGEST, ALL] = [180_000, 360_000]; // bytes of a picture, and of all together: a request has at most 512 KB
const FORMATS = { docx: "Word", markdown: "Markdown", csv: "CSV（Excel）", json: "JSON" };

/** Return {bar, has, set, keep}: the bar of actions on what is chosen, and ways to ask for and change it. */
export function chosenCases(server) {
  const { base } = server;
  const cases = new Map(read(CASES));
  const pictures = new Map(read(PICTURES)); // caption → PNG in base64
  const bar = element("div", { class: "chosen", role: "region", "aria-label": "已选案例", hidden: true });
  const changed = () => {
    write(CASES, [...cases]);
    write(PICTURES, [...pictures]);
    draw();
  };
  const draw = () => {
    bar.hidden = cases.size + pictures.size === 0;
    const ids = [...cases.keys()].join(",");
    const comparable = cases.size >= 2 && cases.size <= MOST_COMPARED;
    const hint = cases.size ? (cases.size < 2 ? "再选一个就可以对比" : `对比最多 ${MOST_COMPARED} 个`) : "再选入案例，图随案例导出";
    const [word, ...others] = cases.size ? exportLinks(ids, base) : [];
    bar.replaceChildren(...[
      element("span", { role: "status" }, `已选 ${cases.size} 个案例${pictures.size ? `、${pictures.size} 幅图` : ""}`),
      comparable ? element("a", { class: "button primary", href: new URL(`compare?items=${ids}`, base).href }, "对比") : element("span", { class: "hint" }, hint),
      word && (pictures.size ? withPictures(ids, pictures, server) : word), ...others, element("button", { type: "button", onclick: clear }, "清空"),
    ].filter(Boolean));
  };
  const clear = () => {
    cases.clear();
    pictures.clear();
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
    /** Take a drawing into the Word file; return whether there was room for it. */
    async keep(svg, caption) {
      const { png } = await import("./pictures/save.js");
      pictures.delete(caption);
      const room = ALL - [...pictures.values()].reduce((sum, encoded) => sum + encoded.length * 0.75, 0);
      const blob = pictures.size < MOST_PICTURES && (await png(svg, Math.min(LARGEST, room)));
      if (blob) pictures.set(caption, await encoded(blob));
      changed();
      return Boolean(blob);
    },
  };
}

/** A button that downloads the Word file of cases with pictures in it. */
function withPictures(ids, pictures, server) {
  const wrong = element("span", { class: "failed", role: "alert" });
  const press = async () => {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ items: ids, format: "docx", pictures: [...pictures].map(([caption, png]) => ({ caption, png })) });
    button.disabled = true;
    try {
      const { download } = await import("./pictures/save.js");
      download(await (await server.request("api/export", { method: "POST", headers, body })).blob(), "案例.docx");
      wrong.remove();
    } catch (error) {
      wrong.textContent = told(error, wordsOf("zh-CN"));
      button.after(wrong);
    }
    button.disabled = false;
  };
  const button = element("button", { type: "button", onclick: press }, "导出 Word（带图）");
  return button;
}

async function encoded(blob) {
  const reader = new FileReader();
  const read = new Promise((done) => (reader.onload = done));
  reader.readAsDataURL(blob);
  await read;
  return reader.result.split(",")[1];
}

/** Links that download cases. */
export function exportLinks(ids, base) {
  return Object.entries(FORMATS).map(([format, name]) =>
    element("a", { class: "button", href: new URL(`api/export?items=${ids}&format=${format}`, base).href, download: "" }, `导出 ${name}`));
}

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "[]");
  } catch {
    return [];
  }
}

function write(key, entries) {
  try {
    sessionStorage.setItem(key, JSON.stringify(entries));
  } catch {
    // without storage the choice lasts as long as the page
  }
}
