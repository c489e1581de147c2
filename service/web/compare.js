// Two to five cases side by side, row by row; each cell opens the original at its words.
import { exportLinks, MOST_COMPARED } from "./chosen.js";
import { element } from "./dom.js";
import { pageServer, told } from "./session.js";

const status = document.getElementById("status");
const server = await pageServer();
const ids = [...new Set((new URLSearchParams(location.search).get("items") ?? "").split(",").filter(Boolean))];

try {
  if (ids.length < 2 || ids.length > MOST_COMPARED) throw new Error(`对比要选 2 到 ${MOST_COMPARED} 个案例：请回到检索页选择`);
  const items = await Promise.all(ids.map((id) => server.get(`api/items/${id}`)));
  document.getElementById("tools").replaceChildren(...exportLinks(ids.join(","), server.base));
  document.getElementById("comparison").replaceChildren(comparison(items));
  status.textContent = `${items.length} 个案例`;
} catch (error) {
  status.textContent = error.code ? told(error) : error.message;
}

function comparison(items) {
  const there = (item, span) => server.reading({ document_id: item.document.id, span });
  const row = (name, cell) => element("tr", {}, element("th", { scope: "row" }, name), items.map((item) => element("td", {}, cell(item))));
  const listed = (parts) => (parts.length ? element("ul", {}, parts.map((part) => element("li", {}, part))) : "—");
  const measures = (item) => listed(item.measures.map((measure) => element("a", { href: there(item, measure.span) }, measure.head)));
  const figures = (item) => listed(item.clauses.map((clause) => element("a", { href: there(item, clause.span) }, clause.text)));
  const head = items.map((item) => element("th", { scope: "col" }, element("a", { href: server.case(item.id) }, item.title)));
  return element("table", { class: "compared" },
    element("thead", {}, element("tr", {}, element("td", {}), head)),
    element("tbody", {},
      row("地区", (item) => [...new Set(item.regions)].slice(0, 6).join("、") || "—"),
      row("供稿", (item) => item.contributors.join("、") || "—"),
      row("日期", (item) => item.document.date || "—"),
      row("举措", measures),
      row("数据", figures),
      row("出处", (item) => element("a", { href: there(item, item.span) }, item.citation.line))));
}
