// The state of the index: sizes, indexed and missing issues, skipped files and why, all files; and uploads for those who may.
import { element, ranges } from "../dom.js";
import { documentRow } from "../rows.js";
import { issuesPicture, monthsPicture } from "../pictures/numbers.js";
import { widthOf } from "../pictures/measures.js";
import { pageServer, told, words } from "../session.js";
import { uploadForm } from "./upload.js";

const TRENDS = { growing: "渐多", fading: "渐少", steady: "平稳" };
const BARS = "▁▂▃▄▅▆▇█";

const here = (name) => document.getElementById(name);
const server = await pageServer();
let documents = [];
let total = 0;
let mayChange = false;

here("named").addEventListener("input", list);
await show();

async function show() {
  try {
    const state = await server.get("api/status"); // a key is asked for here, if one is needed
    const [held, session, numbers] = await Promise.all([server.get("api/documents"), server.get("api/session"), server.get("api/numbers")]);
    mayChange = ["ingest", "admin"].includes(session.scope);
    showWho(session);
    ({ documents, total } = held);
    here("state").replaceChildren(...[counts(state), series(state.series), unsure(state.unsure), skipped(state), warnings(state.warnings)].filter(Boolean));
    here("numbers").replaceChildren(...pictures(numbers, state.series));
    here("held").hidden = !documents.length;
    here("status").textContent = state.writing ? "正在收录文件……" : state.synced ? `上次收录：${state.synced}` : "";
    list();
    here("themes").replaceChildren(...[themes(await server.get("api/themes"))].filter(Boolean)); // the slowest of all, after a change
  } catch (error) {
    here("status").textContent = told(error);
  }
}

/** What the collection is about: each theme with its numbers over time and its newest cases. */
function themes({ periods, themes: all }) {
  if (!all.length) return null;
  const link = (path, text) => element("a", { href: new URL(path, server.base).href }, text);
  const most = Math.max(...all.flatMap(({ counts }) => counts));
  const rows = all.map(({ names, total: items, counts, trend, cases }) => element("li", {},
    link(`?q=${encodeURIComponent(names.join(" "))}`, names.join("、")), ` ${items.toLocaleString()} 个条目 `,
    periods.length > 1 && [element("span", { class: "there", "aria-hidden": "true" }, counts.map((one) => BARS[Math.ceil((one / most) * 7)]).join("")), ` ${TRENDS[trend]}`],
    element("p", {}, cases.slice(0, 3).flatMap(({ item_id: id, title }, at) => [at > 0 && "；", link(`items/${id}`, title)].filter(Boolean)))));
  const name = periods.length > 1 ? `讲些什么（${periods[0]} 至 ${periods.at(-1)}）` : "讲些什么";
  return element("section", {}, element("h2", {}, name), element("ul", { class: "alike" }, rows));
}

/** Numbers by month and by issue, drawn. */
function pictures({ months, issues }, series) {
  const drawing = { base: server.base, width: widthOf(here("numbers")), words };
  return [months.some(({ month }) => month) && monthsPicture({ months, ...drawing }), issuesPicture({ issues, series, ...drawing })].filter(Boolean);
}

/** Show the name of the key, with a way to change it; and uploads, for those who may. */
function showWho({ name, scope, groups }) {
  const other = async () => {
    await server.request("api/session", { method: "DELETE" });
    location.reload();
  };
  const scopes = { search: "检索", ingest: "收录", admin: "管理" };
  here("who").hidden = !name;
  here("who").replaceChildren(`密钥：${name}（${scopes[scope]}） `, element("button", { type: "button", class: "quiet", onclick: other }, "换一个密钥"));
  if (mayChange && here("upload").hidden) here("upload").replaceChildren(element("h2", { id: "upload-heading" }, "上传文件"), uploadForm(server, groups, show));
  here("upload").hidden = !mayChange;
}

function counts({ documents: files, items, passages }) {
  const numbers = [[files, "份文件"], [items, "个条目"], [passages, "个段落"]];
  return element("ul", { class: "counts" }, numbers.map(([number, name]) => element("li", {}, element("strong", {}, number.toLocaleString()), ` ${name}`)));
}

function series(all) {
  if (!all.length) return null;
  const rows = all.map(({ series: name, year, held, missing }) => element("tr", {},
    element("td", {}, `《${name}》`), element("td", {}, year ? `${year}年` : "—"), element("td", {}, `第${ranges(held, words)}期`),
    element("td", { class: missing.length ? "failed" : "" }, missing.length ? `第${ranges(missing, words)}期` : "—")));
  return table("刊期", ["刊名", "年份", "已收录", "缺"], rows);
}

function skipped({ skipped: files, skipped_total: total }) {
  if (!files.length) return null;
  const rows = files.map(({ file, reason }) => element("tr", {}, element("td", {}, file), element("td", {}, reason)));
  return table(`没能收录的文件（${total}${total > files.length ? `，列出前 ${files.length} 个` : ""}）`, ["文件", "原因"], rows);
}

/** The documents whose items people should look at first. */
function unsure(all) {
  if (!all.length) return null;
  const rows = all.map(({ id, title, certainty, doubts }) => element("tr", {},
    element("td", {}, element("a", { href: new URL(`documents/${id}`, server.base).href }, title)), element("td", {}, `${Math.round(certainty * 100)}%`), element("td", {}, doubts ? `${doubts} 处` : "—")));
  return table("请先核对这几份的条目划分", ["文件", "把握", "可疑的行"], rows);
}

function warnings(all) {
  if (!all.length) return null;
  return table(`请留意（${all.length}）`, ["文件", "提醒"], all.map(({ file, message }) => element("tr", {}, element("td", {}, file), element("td", {}, message))));
}

function table(name, columns, rows) {
  const head = element("tr", {}, columns.map((column) => element("th", { scope: "col" }, column)));
  return element("section", { class: "facts" }, element("h2", {}, name),
    element("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": name }, element("table", {}, element("thead", {}, head), element("tbody", {}, rows))));
}

function list() {
  const named = here("named").value.trim();
  const shown = documents.filter(({ title, file }) => title.includes(named) || file.includes(named));
  here("held-heading").textContent = total > documents.length ? `文件（共 ${total} 份，列出最近的 ${documents.length} 份）` : "全部文件";
  here("documents").replaceChildren(...shown.map((one) => documentRow(one, server, words, mayChange && removal(one))));
}

function removal({ id, title }) {
  const remove = async () => {
    if (!confirm(`把“${title}”移出收录的文件夹？原件会移到数据文件夹的 removed 里，不会删除。`)) return;
    try {
      await server.request(`api/documents/${id}`, { method: "DELETE" });
      await show();
      here("status").textContent = `已移出“${title}”`;
      here("status").focus(); // the button that had it is gone
    } catch (error) {
      here("status").textContent = told(error);
    }
  };
  return element("button", { type: "button", class: "quiet", onclick: remove, "aria-label": `移出 ${title}` }, "移出");
}
