// Uploads: progress of sending, then of indexing, then the outcome of each file.
import { element } from "../dom.js";
import { parsed } from "../server.js";

const MOST_FILES = 20; // in one request, as the server allows
const MOST_BYTES = 200 * 2 ** 20;

/** Return a form that uploads files, into one of these access groups if there are any; `done` is called when they are indexed. */
export function uploadForm(server, groups, done) {
  const group = element("select", { id: "group" }, ["公开", ...groups].map((name) => element("option", {}, name)));
  if (groups.length === 1) group.value = groups[0]; // as the server does for a key with one access group
  const input = element("input", { type: "file", multiple: true, required: true, id: "files" });
  const bar = element("progress", { max: "1", "aria-label": "上传进度", hidden: true });
  const told = element("div", { role: "status", class: "uploaded" });
  const button = element("button", { type: "submit", class: "primary" }, "上传并收录");
  const submit = async (event) => {
    event.preventDefault();
    const size = [...input.files].reduce((sum, file) => sum + file.size, 0);
    if (input.files.length > MOST_FILES || size > MOST_BYTES) {
      told.replaceChildren(element("p", { class: "failed" }, `一次最多 ${MOST_FILES} 个文件、共 200 MB，请分几次上传`));
      return;
    }
    const form = new FormData();
    if (groups.length) form.append("group", group.value);
    for (const file of input.files) form.append("file", file);
    button.disabled = true;
    bar.hidden = false;
    try {
      const report = await send(server, form, (share, text) => {
        if (share === null) bar.removeAttribute("value");
        else bar.value = share;
        told.textContent = text;
      });
      told.replaceChildren(element("p", {}, report.message || "已处理："), element("ul", {}, report.files.map((file) => outcome(file, server))), ...lookAt(report.unsure ?? [], server));
      input.value = "";
      await done();
    } catch (error) {
      told.replaceChildren(element("p", { class: "failed" }, error.message));
    } finally {
      button.disabled = false;
      bar.hidden = true;
    }
  };
  return element("form", { class: "upload", onsubmit: submit },
    element("label", { for: "files" }, "选择文件（PDF、Word、网页、文本、图片、邮件、表格、ZIP；一次最多 20 个，共 200 MB）"), input,
    ...(groups.length ? [element("label", { for: "group" }, "谁能看到"), group] : []), button, bar, told);
}

function outcome({ name, reason, documents }, server) {
  if (reason) return element("li", { class: "failed" }, `${name}：${reason}`);
  const [first] = documents;
  return element("li", {}, first ? element("a", { href: new URL(`documents/${first}`, server.base).href }, name) : name);
}

/** Ask to look at the documents of which it is least sure where their items begin. */
function lookAt(unsure, server) {
  if (!unsure.length) return [];
  const rows = unsure.map(({ id, title, certainty }) => element("li", {},
    element("a", { href: new URL(`documents/${id}`, server.base).href }, title), `（把握 ${Math.round(certainty * 100)}%）`));
  return [element("p", {}, "请先核对这几份的条目划分："), element("ul", {}, rows)];
}

/** Send a form (with XMLHttpRequest, since fetch cannot tell how much has been sent) and read the events of the response. */
function send(server, form, tell) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let read = 0;
    const hear = () => {
      const whole = request.responseText.slice(read).split("\n\n");
      whole.pop();
      for (const event of whole) {
        read += event.length + 2;
        const [name, data] = parsed(event);
        if (name === "progress") tell(null, progress(data));
        else if (name === "done") resolve(data);
        else reject(new Error(data.error.message));
      }
    };
    request.open("POST", new URL("api/documents", server.base));
    request.setRequestHeader("Accept", "text/event-stream");
    request.upload.onprogress = ({ loaded, total }) => tell(loaded / total, `已上传 ${Math.round((loaded / total) * 100)}%`);
    request.onprogress = () => request.status < 300 && hear();
    request.onload = () => {
      if (request.status < 300) hear();
      reject(new Error(refusal(request.responseText))); // no effect if it is resolved already
    };
    request.onerror = () => reject(new Error("上传中断，请检查网络后重试"));
    request.send(form);
  });
}

function progress({ pages, passages_encoded: passages }) {
  return `正在收录：${[pages && `已读 ${pages} 页`, passages && `已编码 ${passages} 段`].filter(Boolean).join("，") || "正在读文件"}……`;
}

function refusal(text) {
  try {
    return JSON.parse(text).error.message;
  } catch {
    return "服务出错了，请稍后重试";
  }
}
