// A case: its measures, results and citations; each fact opens the original at its words.
import { chosenCases, exportLinks } from "../chosen.js";
import { alikeList } from "../alike.js";
import { copyButton, element } from "../dom.js";
import { toldLines, toldMeasure } from "../lines.js";
import { pageServer, told, words } from "../session.js";

const id = location.pathname.split("/").pop();
const status = document.getElementById("status");
const server = await pageServer();

try {
  show(await server.get(`api/items/${id}`));
  status.textContent = "";
} catch (error) {
  status.textContent = told(error);
}

function show(item) {
  document.title = `${item.title} · 简报检索`;
  document.getElementById("title").textContent = item.title;
  const there = (fact) => server.reading({ document_id: item.document.id, span: fact.span });
  const chosen = chosenCases(server);
  const choose = element("input", { type: "checkbox" });
  choose.checked = chosen.has(id);
  choose.addEventListener("change", () => (choose.checked = chosen.set(id, item.title, choose.checked)));
  document.getElementById("case").replaceChildren(...[
    about(item),
    element("p", { class: "citation" }, item.citation.line),
    ...item.citation.also.map((place) => element("p", { class: "citation" }, `${words.also}${place}`)),
    element("div", { class: "tools" }, element("a", { class: "button primary", href: there(item) }, item.pages.length ? words.openPage(item.pages[0]) : words.openText),
      copyButton(item.citation.line, words, { class: "button" }), element("label", { class: "choose button" }, choose, words.choose), exportLinks(id, server.base)),
    item.quotes.length && facts("概要", toldLines(item.quotes, there, { words })),
    item.measures.length && facts("举措", element("ol", {}, item.measures.map((measure) => element("li", {}, element("a", { href: there(measure) }, toldMeasure(measure.head, measure.sentence)))))),
    ...[[true, "成效"], [false, item.clauses.some(({ result }) => result) ? "其他数据" : "数据"]].map(([result, name]) => figures(name, item.clauses.filter((clause) => clause.result === result), there)),
    item.retold.length && facts("同一件事的其他报道", retold(item)),
    facts("全文", text(item, there)),
    facts("相似案例", similar(item.document.id)),
    chosen.bar,
  ].filter(Boolean));
}

/** Similar cases, each with what makes it similar; those of the same regions can be left out. */
function similar(own) {
  const list = element("div", { "aria-live": "polite" }, "正在查找……");
  const elsewhere = element("input", { type: "checkbox", onchange: find });
  find();
  return element("div", {}, element("label", { class: "choose" }, elsewhere, "不看同一地区的"), list);

  async function find() {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ item: id, k: 5, elsewhere: elsewhere.checked });
    try {
      const { hits } = await (await server.request("api/similar", { method: "POST", headers, body })).json();
      list.replaceChildren(hits.length ? alikeList(hits, server, own) : "没有别的案例");
    } catch (error) {
      list.replaceChildren(told(error));
    }
  }
}

/** Other reports of the same story, and the figures that differ there: later or earlier values. */
function retold(item) {
  const dated = (date) => date || "未注明日期";
  return item.retold.map(({ hit, changes }) => element("div", {},
    element("p", {}, element("a", { href: server.case(hit.item_id) }, hit.citation.item), element("span", { class: "quiet" }, ` ${hit.citation.line}`)),
    changes.length && element("table", { class: "changes" },
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, `本条（${dated(item.document.date)}）`), element("th", { scope: "col" }, `那里（${dated(hit.citation.date)}）`))),
      element("tbody", {}, changes.map(({ here, there, citation }) => element("tr", {}, element("td", {}, here), element("td", {}, element("a", { href: server.reading(citation) }, there))))))));
}

/** The fields of a case, in a list. */
function about(item) {
  const fields = [["地区", places(item)], ["供稿", item.contributors.join("、")], ["栏目", item.section], ["日期", item.document.date], ["来源", item.document.source]];
  return element("dl", { class: "about-case" }, fields.filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

function places(item) {
  return [...new Set(item.regions)].slice(0, 6).join("、");
}

function facts(name, content) {
  return element("section", { class: "facts" }, element("h2", {}, name), content);
}

/** The whole clauses that contain a figure: 从46%提高到81% is not 提高81%. */
function figures(name, clauses, there) {
  return clauses.length && facts(name, element("ul", { class: "clauses" }, clauses.map((clause) => element("li", {}, element("a", { href: there(clause) }, clause.text)))));
}

function text(item, there) {
  return item.passages.map((passage) => element("p", { class: "passage" }, passage.text, " ",
    element("a", { class: "there", href: there(passage) }, words.read)));
}
