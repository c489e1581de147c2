// The text of a document as it was read: sections, items, subheads, the cited words and the doubtful lines marked.
import { element, marked } from "../dom.js";

/** What is said of a doubtful line. */
export const saidOf = ({ begins, chance }) => `${begins ? "这里也许不是新的一条" : "这里可能是另一条的开头"}（${Math.round(chance * 100)}%）`;

/** Return the nodes of the text; `span` is cited; `tools`, if any, returns what stands above an item or a line to correct it. */
export function textOf({ document: about, items }, span, tools = null) {
  let section = "";
  return items.flatMap((item, number) => {
    const heading = item.section !== section && element("h2", {}, (section = item.section));
    return [heading, tools?.item(item, number), ...itemParts(item, span, about.doubts, tools)].filter(Boolean);
  });
}

function itemParts(item, span, doubts, tools) {
  const parts = [];
  const titled = !item.text.startsWith(item.title);
  const level = item.section ? 3 : 2;
  if (titled) parts.push(element(`h${level}`, {}, item.title));
  let at = item.span[0];
  for (const line of item.text.split("\n")) {
    const length = [...line].length;
    const from = span ? Math.max(0, span[0] - at) : 0;
    const to = span ? Math.min(length, span[1] - at) : 0;
    const doubt = doubts.find((one) => one.span[0] <= at && at < one.span[1]);
    const said = doubt && saidOf(doubt);
    if (tools) parts.push(tools.line(at, line, at > item.span[0], doubt));
    parts.push(element(item.subheads.includes(line) ? `h${level + Number(titled)}` : "p", {},
      doubt && element("span", { class: "doubt", role: "img", title: said, "aria-label": said, id: `doubt-${doubt.span[0]}`, tabindex: "-1" }, "？"),
      marked(line, from < to ? [[from, to]] : [])));
    at += length + 1;
  }
  if (item.contributors.length) parts.push(element("p", { class: "credit" }, `（${item.contributors.join("、")}供稿）`));
  return parts;
}

/** Say in a `details` how sure the borders of a document's items are, and list the doubtful lines with the way to each. */
export function showSure(into, { document: about }) {
  const goTo = ({ span: [start] }) => {
    const mark = document.getElementById(`doubt-${start}`);
    mark.scrollIntoView({ block: "center" });
    mark.focus({ preventScroll: true });
  };
  const listed = [...about.doubts].sort((one, other) => other.chance - one.chance);
  const pages = ({ pages: on }) => (on.length ? `第${on.join("至")}页` : "");
  into.hidden = !about.unsure;
  into.replaceChildren(
    element("summary", {}, `条目划分的把握 ${Math.round(about.certainty * 100)}%：请核对 ${listed.length} 处`),
    element("ul", {}, listed.map((doubt) => {
      const words = `${pages(doubt)}“${[...doubt.text].slice(0, 30).join("")}”`;
      const there = document.getElementById(`doubt-${doubt.span[0]}`);
      return element("li", {}, there ? element("button", { type: "button", class: "quiet", onclick: () => goTo(doubt) }, words) : `${words}（这一行不在条目里）`, ` ${saidOf(doubt)}`);
    })));
}
