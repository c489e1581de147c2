// Corrections: what can be corrected at an item, a line and the document, the list of those made, and their undoing.
import { element } from "../dom.js";
import { told } from "../session.js";

const KINDS = {
  merge: ({ where }) => `“${where}”与上一条合并`,
  split: ({ where }) => `从“${where}”分开`,
  title: ({ where, value }) => `“${where}”的标题改为“${value}”`,
  regions: ({ where, value }) => `“${where}”的地区改为${value || "空"}`,
  document_title: ({ value }) => `文件标题改为“${value}”`,
  date: ({ value }) => `日期改为 ${value}`,
};

const described = (one) => KINDS[one.kind]({ ...one, where: one.where.length > 20 ? `${one.where.slice(0, 20)}…` : one.where });

/** Return what corrects a document; `changed` is called with its new form, what was said of it, and where it was corrected. */
export function corrections(server, id, changed) {
  const headers = { "Content-Type": "application/json" };
  const path = `api/documents/${id}/corrections`;

  async function add(body, said = "") {
    const whole = await (await server.request(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
    const made = whole.corrections.at(-1);
    changed(whole, said || `已更正：${described(made)}`, body.at ?? 0, () => undo(made));
  }

  async function undo(one) {
    const whole = await (await server.request(`${path}/${one.number}`, { method: "DELETE" })).json();
    changed(whole, `已撤销：${described(one)}`, one.at ?? 0, null);
  }

  /** A button that corrects at once; what goes wrong stands beside it. */
  function button(label, act, attributes = {}) {
    const wrong = element("span", { class: "failed", role: "alert" });
    const made = element("button", { type: "button", class: "quiet", ...attributes, onclick: press }, label);
    return made;

    async function press() {
      made.disabled = true;
      try {
        await act();
      } catch (error) {
        made.disabled = false;
        made.after(wrong);
        wrong.textContent = told(error);
      }
    }
  }

  /** A button that asks for a value first. */
  function asking(label, field, body, attributes = {}) {
    const open = () => ask(label, field, (value) => add({ ...body, value }));
    return element("button", { type: "button", class: "quiet", ...attributes, onclick: open }, label);
  }

  return {
    item(item, number) {
      const at = item.span[0];
      const line = item.text.split("\n")[0];
      const named = (label) => ({ "aria-label": `${label}：${item.title}`, "data-at": at });
      return element("div", { class: "correct" },
        element("span", { class: "quiet" }, `第 ${number + 1} 条 · 地区：${item.regions.join("、") || "无"}`),
        asking("改标题", { value: item.title }, { kind: "title", at, line }, named("改标题")),
        asking("改地区", { value: item.regions.join("、"), hint: "写全名，如 浙江省杭州市临安区；几个用“、”分开" }, { kind: "regions", at, line }, named("改地区")),
        number > 0 && button("与上一条合并", () => add({ kind: "merge", at, line }), named("与上一条合并")));
    },
    line(at, line, inside, doubt) {
      const begun = { "data-at": at, "aria-label": `从这里分开：${line.slice(0, 20)}` };
      return element("div", { class: "correct line" },
        inside && button("从这里分开", () => add({ kind: "split", at, line }), begun),
        doubt && button("这里没有读错", () => add({ kind: doubt.begins ? "split" : "merge", at, line }, "已记下：这里没有读错"), { "data-at": at }));
    },
    document: ({ document: about }) => [
      asking("改文件标题", { value: about.title }, { kind: "document_title" }),
      asking("改日期", { value: about.date, type: "date" }, { kind: "date" }),
    ],
    /** List the corrections of a document in a `details`, with a way to undo each for those who may. */
    list(into, { corrections: all }, may) {
      const by = (who, when) => `${who || "本机"}，${when}`;
      into.hidden = !all.length;
      into.replaceChildren(element("summary", {}, `更正记录（${all.length}）`), element("ul", { class: "rows" }, [...all].reverse().map((one) => element("li", {},
        element("span", {}, described(one), !one.undone_when && one.at === null && element("span", { class: "failed" }, "（找不到原来的位置，没有起作用）")),
        element("span", { class: "quiet" }, by(one.who, one.when), one.undone_when && `；已撤销（${by(one.undone_by, one.undone_when)}）`),
        may && !one.undone_when && button("撤销", () => undo(one), { "aria-label": `撤销：${described(one)}` })))));
    },
    /** Say what was done, with the way back. */
    say(into, text, back) {
      into.hidden = false;
      into.replaceChildren(element("span", {}, text), back ? button("撤销", back) : "");
    },
  };
}

/** Ask for a value in a dialog; it stays open, with the reason, until `save` succeeds or nobody wants it any more. */
function ask(label, { value, hint = "", type = "text" }, save) {
  const input = element("input", { type, value, "aria-label": label, autocomplete: "off" });
  const wrong = element("p", { class: "failed", role: "alert" });
  const submit = async (event) => {
    event.preventDefault();
    try {
      await save(input.value);
      dialog.remove();
    } catch (error) {
      wrong.textContent = told(error);
      input.focus();
    }
  };
  const dialog = element("dialog", { class: "ask", "aria-label": label }, element("form", { onsubmit: submit },
    element("p", {}, label), input, hint && element("p", { class: "quiet" }, hint), wrong,
    element("button", { type: "submit", class: "primary" }, "保存"), element("button", { type: "button", onclick: () => dialog.close() }, "取消")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  input.select();
}
