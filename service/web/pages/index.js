// The search page: the same element that others embed and, until something is asked, the newest documents below it.
import { element } from "../dom.js";
import "../element.js";
import { askKey, pageServer, told, words } from "../session.js";
import { documentRow } from "../rows.js";
import { shows } from "../search.js";

const MOST = 12; // documents
const held = document.getElementById("held");
const box = document.querySelector("jianbao-search");
let filled = false;

box.askKey = askKey;
box.addEventListener("jianbao-search", (event) => show(event.detail.shows));
show(shows(new URLSearchParams(location.search)));

/** Show the indexed documents, unless cases are shown. */
async function show(cases) {
  held.hidden = cases;
  if (cases || filled) return;
  filled = true;
  const counts = document.getElementById("counts");
  try {
    const server = await pageServer();
    const { documents, total, items } = await server.get("api/documents", { k: MOST });
    const all = () => element("a", { href: new URL("?view=all", server.base).href }, "浏览全部条目");
    counts.replaceChildren(...(total ? [`已收录 ${total} 份文件、${items} 个条目 `, all()] : ["还没有收录文件：请管理员运行 jianbao sync 文件夹"]));
    document.getElementById("documents").replaceChildren(...documents.map((one) => documentRow(one, server, words)));
    document.getElementById("held-heading").hidden = !documents.length;
    if (total > documents.length) document.getElementById("documents").after(element("p", {}, element("a", { href: new URL("status", server.base).href }, "全部文件和收录情况")));
  } catch (error) {
    filled = false;
    counts.textContent = told(error);
  }
}
