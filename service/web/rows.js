// A document in a list.
import { element } from "./dom.js";

export function documentRow({ id, title, source, kind, date, items }, server, words, ...more) {
  return element("li", {},
    element("a", { href: new URL(`documents/${id}`, server.base).href }, title),
    element("span", { class: "quiet" }, [source, words.kinds[kind], date, `${items} 个条目`].filter(Boolean).join(" · ")), more);
}
