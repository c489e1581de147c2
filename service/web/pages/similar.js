// Cases similar to a pasted draft, or to a file, which is read but not stored.
import { alikeList } from "../alike.js";
import { element } from "../dom.js";
import { pageServer, told } from "../session.js";

const MOST = 10; // cases
const form = document.getElementById("draft");
const status = document.getElementById("status");
const list = document.getElementById("alike");
const server = await pageServer();

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [file] = form.elements.file.files;
  const text = form.elements.text.value.trim();
  if (!file && !text) return void (status.textContent = "请粘贴草稿，或选一个文件");
  status.textContent = file ? `正在读“${file.name}”……` : "正在查找……";
  list.replaceChildren();
  form.querySelector("button").disabled = true;
  try {
    const { hits, title } = await (file ? ofFile(file) : ofText(text));
    const read = file && title ? `读到“${title}”。` : "";
    status.textContent = hits.length ? `${read}最相似的 ${hits.length} 个案例` : `${read}没有相似的案例`;
    list.replaceChildren(alikeList(hits, server));
  } catch (error) {
    status.replaceChildren(element("span", { class: "failed" }, told(error)));
  } finally {
    form.querySelector("button").disabled = false;
  }
});
form.elements.file.addEventListener("change", () => (form.elements.text.disabled = Boolean(form.elements.file.files.length)));

async function ofText(text) {
  const body = JSON.stringify({ text, k: MOST, elsewhere: form.elements.elsewhere.checked });
  return (await server.request("api/similar", { method: "POST", headers: { "Content-Type": "application/json" }, body })).json();
}

async function ofFile(file) {
  const body = new FormData();
  body.append("file", file);
  return (await server.request(`api/similar/file?k=${MOST}&elsewhere=${form.elements.elsewhere.checked}`, { method: "POST", body })).json();
}
