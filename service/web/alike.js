// A list of similar cases, each with what makes it similar and its citation.
import { element } from "./dom.js";

export function alikeList(hits, server) {
  return element("ol", { class: "alike" }, hits.map(({ item_id: id, citation, why }) => element("li", {},
    element("a", { href: server.case(id) }, citation.item),
    why && element("p", { class: "quiet" }, why),
    element("p", { class: "citation" }, element("a", { href: server.reading(citation) }, citation.line)))));
}
