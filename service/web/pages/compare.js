// Two to five cases side by side: what they have in common in rows, then what each has alone; each cell opens the original.
import { exportLinks, MOST_COMPARED } from "../chosen.js";
import { element } from "../dom.js";
import { toldLines, toldMeasure } from "../lines.js";
import { pageServer, told, words } from "../session.js";

const AT_ONCE = 5; // of what one case has alone
const status = document.getElementById("status");
const server = await pageServer();
const ids = [...new Set((new URLSearchParams(location.search).get("items") ?? "").split(",").filter(Boolean))];

try {
  if (ids.length < 2 || ids.length > MOST_COMPARED) throw new Error(`对比要选 2 到 ${MOST_COMPARED} 个案例：请回到检索页选择`);
  const found = await server.get("api/compare", { items: ids.join(",") });
  document.getElementById("tools").replaceChildren(...exportLinks(ids.join(","), server.base));
  document.getElementById("comparison").replaceChildren(comparison(found));
  status.textContent = `${found.cases.length} 个案例`;
} catch (error) {
  status.textContent = error.code ? told(error) : error.message;
}

function comparison({ cases, measures, figures }) {
  const there = ({ text, sentence = "", citation }) => element("a", { href: server.reading(citation) }, toldMeasure(text, sentence));
  const row = (name, cells) => element("tr", {}, element("th", { scope: "row" }, name), cells.map((cell) => element("td", {}, cell || "—")));
  const listed = (cells) => cells.length > 0 && inSteps(cells.map((cell) => element("li", {}, there(cell))));
  const summed = ({ lines, citation }) => lines.length > 0 && toldLines(lines, (line) => server.reading({ ...citation, span: line.span }), { words });
  const part = (name, { rows, alone }) => [
    ...rows.map((cells) => row(`${name}（相近）`, cells.map((cell) => cell && there(cell)))),
    row(rows.length ? `其他${name}` : name, alone.map(listed)),
  ];
  const head = cases.map((one) => element("th", { scope: "col" }, element("a", { href: server.case(one.item_id) }, one.title)));
  return element("table", { class: "compared" },
    element("thead", {}, element("tr", {}, element("td", {}), head)),
    element("tbody", {},
      row("地区", cases.map((one) => one.regions.slice(0, 6).join("、"))),
      row("供稿", cases.map((one) => one.contributors.join("、"))),
      row("日期", cases.map((one) => one.date)),
      row("概要", cases.map(summed)),
      part("举措", measures),
      part("数据", figures),
      row("出处", cases.map(({ citation }) => there({ text: citation.line, citation })))));
}

/** A list of which more is shown on request. */
function inSteps(entries) {
  const list = element("ul", {});
  const more = element("button", { type: "button", class: "quiet", onclick: show });
  show();
  return element("div", {}, list, more);

  function show(event) {
    const next = entries.splice(0, AT_ONCE);
    list.append(...next);
    more.textContent = `再看 ${Math.min(AT_ONCE, entries.length)} 项`;
    more.hidden = entries.length === 0;
    if (event) next[0].querySelector("a").focus();
  }
}
