// The reading page: a document as it was read, with the cited span (#start-end) marked and in view.
import { element, fetchJson, marked } from "./page.js";

const status = document.getElementById("status");
const id = location.pathname.split("/").pop();
let whole = null;

window.addEventListener("hashchange", show);
try {
  whole = await fetchJson(`/api/documents/${id}`);
  const { document: about } = whole;
  document.title = `${about.title} · 简报检索`;
  document.getElementById("about").textContent =
    [about.title, about.issuer || about.source, about.reporter && `记者${about.reporter}`, about.date].filter(Boolean).join(" · ");
  status.textContent = "";
  show();
} catch (error) {
  status.textContent = error.message;
}

function show() {
  if (!whole) return;
  const [start, end] = location.hash.slice(1).split("-").map(Number);
  const cited = end > start ? [start, end] : null;
  let section = "";
  const parts = [];
  for (const item of whole.items) {
    if (item.section !== section) parts.push(element("h2", {}, (section = item.section)));
    parts.push(...itemParts(item, cited));
  }
  document.getElementById("text").replaceChildren(...parts);
  const original = document.getElementById("original");
  const page = whole.passages.find((passage) => cited && passage.span[0] <= cited[0] && cited[0] < passage.span[1])?.pages[0];
  original.href = `/api/documents/${id}/original${page ? `#page=${page}` : ""}`;
  original.textContent = page ? `打开原件第${page}页` : "打开原件";
  original.hidden = false;
  document.querySelector("mark")?.scrollIntoView({ block: "center" });
}

function itemParts(item, cited) {
  const parts = [];
  if (!item.text.startsWith(item.title)) parts.push(element("h3", {}, item.title));
  let at = item.span[0];
  for (const line of item.text.split("\n")) {
    const length = [...line].length;
    const spans = cited ? clipped(cited[0] - at, cited[1] - at, length) : [];
    const name = item.subheads.includes(line) ? "h3" : "p";
    parts.push(element(name, {}, ...marked(line, spans)));
    at += length + 1;
  }
  if (item.contributors.length) parts.push(element("p", { class: "credit" }, `（${item.contributors.join("、")}供稿）`));
  return parts;
}

function clipped(start, end, length) {
  const from = Math.max(0, start);
  const to = Math.min(length, end);
  return from < to ? [[from, to]] : [];
}
