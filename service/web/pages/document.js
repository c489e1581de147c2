// The viewer: pages of the original with the cited words boxed; beside them, the text as it was read with these words marked.
import { element } from "../dom.js";
import { corrections } from "./corrections.js";
import { drawPages, showBoxes, turnTo } from "./pages.js";
import { pageServer, told } from "../session.js";
import { showSure, textOf } from "./text.js";

const here = (name) => document.getElementById(name);
const id = location.pathname.split("/").pop();
const server = await pageServer();
const correct = corrections(server, id, changed);
let whole = null;
let mayCorrect = false;

window.addEventListener("hashchange", showCited);
for (const button of document.querySelectorAll("#views button")) button.addEventListener("click", () => shows(button.dataset.view));
here("page").addEventListener("change", () => turnTo(Math.max(1, Math.min(Number(here("page").value) || 1, Number(here("page").max)))));
here("back").addEventListener("click", toCited);
here("correct").addEventListener("click", () => {
  here("correct").setAttribute("aria-pressed", String(!isCorrecting()));
  if (isCorrecting() && matchMedia("(max-width: 70rem)").matches) shows("text"); // else it stands beside the pages
  showText();
});

try {
  whole = await server.get(`api/documents/${id}`);
  here("tools").hidden = false;
  here("original").href = new URL(`api/documents/${id}/original`, server.base).href;
  showText();
  mayCorrect = ["ingest", "admin"].includes((await server.get("api/session")).scope);
  here("correct").hidden = !mayCorrect;
  correct.list(here("corrections"), whole, mayCorrect);
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
  showText();
  await showPlaces();
}

function isCorrecting() {
  return here("correct").getAttribute("aria-pressed") === "true";
}

/** Show a document that has just been corrected: what was done, with the way back; the focus goes on from where it was. */
function changed(now, said, at, back) {
  whole = now;
  showText();
  showCase();
  correct.list(here("corrections"), whole, mayCorrect);
  correct.say(here("done"), said, back);
  const next = [...document.querySelectorAll("#text button[data-at]")].find((button) => Number(button.dataset.at) >= at);
  (next ?? here("correct")).focus();
}

async function showPlaces() {
  const span = cited();
  showCase();
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

function showCase() {
  const [start] = cited() ?? [-1];
  const at = whole.items.findIndex((item) => item.span[0] <= start && start < item.span[1]);
  here("case").hidden = at < 0;
  here("case").href = new URL(`items/${id}-${at + 1}`, server.base).href;
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

function showText() {
  const { document: about } = whole;
  const tools = isCorrecting() ? correct : null;
  document.title = `${about.title} · 简报检索`;
  here("title").textContent = about.title;
  here("about").textContent = [about.issuer || about.source, about.reporter && `记者${about.reporter}`, about.date].filter(Boolean).join(" · ");
  const ofDocument = tools && element("div", { class: "correct" }, tools.document(whole));
  here("text").replaceChildren(...[ofDocument, ...textOf(whole, cited(), tools)].filter(Boolean));
  showSure(here("sure"), whole);
}
