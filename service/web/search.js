// The search page: the address holds the whole state (?q=…&section=…&after=…, the questions before), so every result can be
// shared and gone back to.
import { showAnswer } from "./answer.js";
import { element, fetchJson, KINDS, marked, readingAddress } from "./page.js";

const FILTERS = { kind: "类型", region: "地区", section: "栏目", contributor: "供稿" };
const MOST_CHOICES = 8; // of one filter; the rest is found by a narrower question

const form = document.getElementById("search");
const question = document.getElementById("question");
const status = document.getElementById("status");
const panel = document.getElementById("answer");
const filters = document.getElementById("filters");
const hits = document.getElementById("hits");
const held = document.getElementById("held");
let latest = 0; // answers that a newer request has overtaken are dropped

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (question.value.trim()) go(new URLSearchParams({ q: question.value.trim() }));
});
window.addEventListener("popstate", show);
show();

function go(state) {
  history.pushState(null, "", `?${state}`);
  show();
}

async function show() {
  const turn = ++latest;
  const state = new URLSearchParams(location.search);
  const query = state.get("q") ?? "";
  question.value = query;
  document.title = query ? `${query} · 简报检索` : "简报检索";
  hits.replaceChildren();
  filters.hidden = panel.hidden = true;
  held.hidden = Boolean(query);
  status.textContent = query ? "正在检索……" : "";
  try {
    if (query) {
      const before = state.getAll("after");
      const answer = before.length ? await ask(state, query, before, turn) : ask(state, query, before, turn);
      const asked = new URLSearchParams(state);
      asked.delete("after");
      if (before.length && answer) asked.set("q", answer.understood);
      const found = await fetchJson(`/api/search?${asked}`);
      if (turn === latest) showResults(state, found);
    } else {
      const all = await fetchJson("/api/documents");
      if (turn === latest) showHeld(all);
    }
  } catch (error) {
    if (turn === latest) status.textContent = error.message;
  }
}

/** Show the answer; what goes wrong with it stands in its panel, and the passages are shown all the same. */
async function ask(state, query, before, turn) {
  const conditions = Object.fromEntries([...state].filter(([name]) => name !== "q" && name !== "after"));
  const askOn = (next) => go(new URLSearchParams([["q", next], ...[...before, query].slice(-10).map((one) => ["after", one]), ...Object.entries(conditions)]));
  try {
    return await showAnswer(panel, { question: query, previous: before, ...conditions }, askOn, () => turn === latest);
  } catch (error) {
    if (turn === latest) {
      panel.replaceChildren(element("p", {}, error.message));
      panel.hidden = false;
    }
    return null;
  }
}

function showResults(state, found) {
  status.textContent = found.hits.length
    ? `最相关的 ${found.hits.length} 个段落（${Math.round(found.took_ms)} 毫秒）`
    : "没有找到。换个说法，或去掉筛选条件再试";
  hits.replaceChildren(...found.hits.map(hitCard));
  const names = Object.keys(FILTERS).filter((name) => name !== "contributor" || state.get(name)); // most stand there once
  const rows = names.map((name) => filterRow(state, name, found.facets[name] ?? {})).filter(Boolean);
  filters.replaceChildren(...rows);
  filters.hidden = rows.length === 0;
}

function hitCard(hit) {
  const { citation } = hit;
  const reading = readingAddress(citation);
  const copy = element("button", { type: "button", class: "quiet" }, "复制出处");
  copy.addEventListener("click", async () => {
    const copied = await copyText(citation.line);
    copy.textContent = copied ? "已复制" : "复制不了，请手动选中";
    setTimeout(() => (copy.textContent = "复制出处"), 2000);
  });
  const pages = citation.pages.length ? `打开原件第${citation.pages[0]}页` : "打开原件";
  const original = citation.pages.length ? citation.url : `/api/documents/${citation.document_id}/original`;
  return element("li", { class: "hit" },
    element("h2", {}, element("a", { href: reading }, citation.item)),
    element("p", { class: "passage" }, ...marked(hit.text, hit.highlights)),
    element("p", { class: "citation" }, citation.line),
    ...citation.also.map((place) => element("p", { class: "citation" }, `另见：${place}`)),
    element("p", { class: "actions" },
      element("a", { href: reading }, "看原文此处"), element("a", { href: original, target: "_blank", rel: "noopener" }, pages), copy));
}

/** Copy by the clipboard where the address allows it (https or this machine), else through a selection. */
async function copyText(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // not allowed here: the older way may be
    }
  }
  const area = element("textarea", { class: "hidden" });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

function filterRow(state, name, counts) {
  const chosen = state.get(name);
  const choices = chosen ? [chosen] : Object.keys(counts).slice(0, MOST_CHOICES);
  if (!chosen && choices.length < 2) return null;
  const chips = choices.map((value) => {
    const label = name === "kind" ? (KINDS[value] ?? value) : value;
    const chip = element("button", { type: "button", class: "chip", "aria-pressed": String(Boolean(chosen)) },
      chosen ? `${label} ✕` : `${label} ${counts[value]}`);
    chip.addEventListener("click", () => {
      const next = new URLSearchParams(state);
      if (chosen) next.delete(name);
      else next.set(name, value);
      go(next);
    });
    return chip;
  });
  return element("div", { class: "filter" }, element("span", {}, FILTERS[name]), ...chips);
}

function showHeld({ documents, total, items }) {
  const shown = total > documents.length ? `（列出最近的 ${documents.length} 份）` : "";
  status.textContent = total
    ? `已收录 ${total} 份文件、${items} 个条目${shown}`
    : "还没有收录文件：请运行 jianbao sync 文件夹";
  document.getElementById("documents").replaceChildren(...documents.map((one) =>
    element("li", {}, element("a", { href: `/documents/${one.id}` }, one.title),
      element("span", {}, [one.source, KINDS[one.kind], one.date, `${one.items} 个条目`].filter(Boolean).join(" · ")))));
  held.hidden = documents.length === 0;
}
