// The viewer: pages of the original with the cited words boxed; beside them, the text as it was read with these words marked.
import { element, marked } from "../dom.js";
import { drawPages, showBoxes, turnTo } from "./pages.js";
import { pageServer, told } from "../session.js";

const here = (name) => document.getElementById(name);
const id = location.pathname.split("/").pop();
const server = await pageServer();
let whole = null;

window.addEventListener("hashchange", showCited);
for (const button of document.querySelectorAll("#views button")) button.addEventListener("click", () => shows(button.dataset.view));
here("page").addEventListener("change", () => turnTo(Math.max(1, Math.min(Number(here("page").value) || 1, Number(here("page").max)))));
here("back").addEventListener("click", toCited);

try {
  whole = await server.get(`api/documents/${id}`);
  const { document: about } = whole;
  document.title = `${about.title} · 简报检索`;
  here("title").textContent = about.title;
  here("about").textContent = [about.issuer || about.source, about.reporter && `记者${about.reporter}`, about.date].filter(Boolean).join(" · ");
  here("tools").hidden = false;
  here("original").href = new URL(`api/documents/${id}/original`, server.base).href;
  showText(cited());
  draw(await server.get(`api/documents/${id}/places`));
  await showPlaces();
} catch (error) {
  here("status").textContent = told(error);
}

function cited() {
  const [, start, end] = location.hash.match(/^#(\d+)-(\d+)/) ?? [];
  return Number(end) > Number(start) ? [Number(start), Number(end)] : null;
}

/** Show the words that the address cites: marked in the text, boxed on the pages. */
async function showCited() {
  if (!whole) return;
  showText(cited());
  await showPlaces();
}

async function showPlaces() {
  const span = cited();
  const at = span && whole.items.findIndex((item) => item.span[0] <= span[0] && span[0] < item.span[1]);
  here("case").hidden = !(span && at >= 0);
  here("case").href = new URL(`items/${id}-${at + 1}`, server.base).href;
  here("back").hidden = !span;
  here("status").textContent = "";
  const none = { pages: 0, places: [] };
  const places = span ? await server.get(`api/documents/${id}/places`, { start: span[0], end: span[1] }).catch(notPlaced) : none;
  const page = places.places[0]?.page;
  here("original").href = new URL(`api/documents/${id}/original${page ? `#page=${page}` : ""}`, server.base).href;
  here("original").textContent = page ? `打开原件第${page}页` : "打开原件";
  if (places.pages && span) here("status").textContent = toldOf(places);
  showBoxes(here("pages"), places.places);
  toCited();

  function notPlaced(error) {
    here("status").textContent = error.code === "bad_span" ? "链接所引的位置已不在文件里，文件可能更新过" : told(error);
    return none;
  }
}

/** Draw the pages, if the original has any; on a phone the text is shown first, since print is too small there. */
function draw(places) {
  if (!places.pages) return;
  drawPages(here("pages"), places, server, id, (number) => (here("page").value = number));
  here("views").hidden = here("turn").hidden = here("pages").hidden = false;
  here("total").textContent = here("page").max = places.pages;
  shows(matchMedia("(max-width: 40rem)").matches ? "text" : "pages");
}

function toldOf({ places, recognised }) {
  const pages = places.map(({ page }) => page).join("、");
  if (!places.some(({ boxes }) => boxes.length)) return `引用的内容在第${pages}页；在页面上没能标出位置，请对照阅读文本`;
  const unsure = Math.min(...Object.values(recognised));
  return `引用的内容在第${pages}页，已标出${Number.isFinite(unsure) ? `；这一页是扫描件，文字由识别得到（可信度 ${Math.round(unsure * 100)}%）` : ""}`;
}

function toCited() {
  const box = document.querySelector("#pages .box");
  const mark = document.querySelector("#text mark");
  if (here("viewer").dataset.shows === "pages" && box) box.scrollIntoView({ block: "center" });
  else mark?.scrollIntoView({ block: "center" });
  if (box && mark && here("text").scrollHeight > here("text").clientHeight) here("text").scrollTop = mark.offsetTop - here("text").clientHeight / 3; // side by side, the text scrolls on its own
}

function shows(view) {
  here("viewer").dataset.shows = view;
  for (const button of document.querySelectorAll("#views button")) button.setAttribute("aria-pressed", String(button.dataset.view === view));
  toCited();
}

function showText(span = null) {
  let section = "";
  const parts = [];
  for (const item of whole.items) {
    if (item.section !== section) parts.push(element("h2", {}, (section = item.section)));
    parts.push(...itemParts(item, span));
  }
  here("text").replaceChildren(...parts);
}

function itemParts(item, span) {
  const parts = [];
  const titled = !item.text.startsWith(item.title);
  const level = item.section ? 3 : 2;
  if (titled) parts.push(element(`h${level}`, {}, item.title));
  let at = item.span[0];
  for (const line of item.text.split("\n")) {
    const length = [...line].length;
    const from = span ? Math.max(0, span[0] - at) : 0;
    const to = span ? Math.min(length, span[1] - at) : 0;
    parts.push(element(item.subheads.includes(line) ? `h${level + Number(titled)}` : "p", {}, marked(line, from < to ? [[from, to]] : [])));
    at += length + 1;
  }
  if (item.contributors.length) parts.push(element("p", { class: "credit" }, `（${item.contributors.join("、")}供稿）`));
  return parts;
}
