// The card that the number of a citation opens: the cited words, their citation line, and a link to them.
import { copyButton, element, marked } from "./dom.js";

let open = null; // one card at a time

/** Return the number of a citation as a link: a plain click opens its card, any other follows it. */
export function citationLink(citation, number, sentence, { words, server, target }) {
  const link = element("a", { href: server.reading(citation), target, class: "number", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-label": `${words.source(number)}：${citation.item}` }, `[${number}]`);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const again = open?.link === link;
    close();
    if (!again) show(link, citation, sentence, words);
  });
  return link;
}

function show(link, citation, sentence, words) {
  const [page] = citation.pages;
  const shut = element("button", { type: "button", class: "shut", "aria-label": words.close, onclick: () => close(true) }, "✕");
  const card = element("div", { class: "card", role: "dialog", "aria-label": citation.item, tabindex: "-1" },
    shut,
    element("p", { class: "of" }, citation.item),
    element("blockquote", {}, marked(sentence.text, sentence.mark ? [sentence.mark] : [])),
    element("p", { class: "citation" }, citation.line),
    element("p", { class: "actions" }, element("a", { href: link.href, target: link.target || null, class: "go" }, page ? words.openPage(page) : words.openText), copyButton(citation.line, words)));
  link.closest("p, li").after(card);
  link.setAttribute("aria-expanded", "true");
  card.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close(true);
  });
  open = { link, card };
  card.querySelector(".go").focus();
}

function close(goBack = false) {
  if (!open) return;
  open.card.remove();
  open.link.setAttribute("aria-expanded", "false");
  if (goBack) open.link.focus();
  open = null;
}
