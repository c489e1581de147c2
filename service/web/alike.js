// A list of similar cases, each with what both say, side by side, and its citation.
import { element } from "./dom.js";
import { toldMeasure } from "./lines.js";

const KINDS = { problem: "问题", measure: "做法", result: "成效" };

/** `own` is the document of the case that they are similar to; a draft has none. */
export function alikeList(hits, server, own = "") {
  return element("ol", { class: "alike" }, hits.map(({ item_id: id, citation, shared }) => element("li", {},
    element("a", { href: server.case(id) }, citation.item),
    shared.length > 0 && both(shared, own, citation.document_id, server),
    element("p", { class: "citation" }, element("a", { href: server.reading(citation) }, citation.line)))));
}

function both(shared, own, other, server) {
  const quote = ({ head, text, span }, document) => element("td", {}, document
    ? element("a", { href: server.reading({ document_id: document, span }) }, toldMeasure(head, text)) : toldMeasure(head, text));
  const head = ["", own ? "本案例" : "草稿", "这个案例"].map((name) => (name ? element("th", { scope: "col" }, name) : element("td", {})));
  return element("table", { class: "both" }, element("thead", {}, element("tr", {}, head)),
    element("tbody", {}, shared.map(({ kind, here, there }) => element("tr", {}, element("th", { scope: "row" }, KINDS[kind]), quote(here, own), quote(there, other)))));
}
