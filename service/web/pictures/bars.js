// Bars: the cases of a list ordered by a figure; each bar says its clause and opens the original there.
import { drawn, element } from "../dom.js";
import { shortPlace } from "../results.js";
import { amount, fitted, NARROW } from "./measures.js";
import { part, picture } from "./picture.js";

const VALUE = 96; // pixels for a value behind its bar
const LONGEST = 40; // characters of a clause in the table

/** Return the figure of cases in their order, each with its outcome. */
export function barsPicture({ cases, total, figure, width, server, keep }) {
  const narrow = width < NARROW;
  const size = narrow ? 14 : 15;
  const [row, left] = narrow ? [50, 0] : [34, Math.round(width * 0.36)];
  const most = Math.max(...cases.map(sizeOf), Number.MIN_VALUE);
  const bar = ({ hits: [{ citation }], outcome }, at) => {
    const y = at * row + (narrow ? 22 : 5);
    const long = Math.max(2, ((width - left - VALUE) * sizeOf({ outcome })) / most);
    const subject = shortPlace(outcome.subject) || citation.item;
    const label = narrow ? { x: 0, y: y - 6 } : { x: left - 10, y: y + 17, "text-anchor": "end" };
    return part(server.reading(outcome.citation), `${subject}：${outcome.text}`, [left, y], {},
      drawn("rect", { x: 0, y: at * row, width, height: row - 2, class: "ground" }),
      drawn("text", { ...label, "font-size": size, class: "label" }, fitted(subject, narrow ? width : left - 14, size)),
      drawn("rect", { x: left, y, width: long, height: 22, class: at ? "bar" : "bar first-bar" }),
      drawn("text", { x: left + long + 7, y: y + 17, "font-size": size, class: "value" }, valueOf(outcome)));
  };
  const axis = narrow ? [] : [drawn("path", { d: `M${left} 0V${cases.length * row}`, class: "axis" })];
  return picture({
    title: `${figure}：从大到小`, about: `${cases.length < total ? `前 ${cases.length} 个，共` : "共"} ${total} 个案例写到`, press: "点一下看原文",
    size: [width, cases.length * row + 4], parts: [...cases.map(bar), ...axis], keep,
    table: { columns: ["案例", "数值", "原文", "出处"], rows: cases.map((one) => tableRow(one, server)) },
  });
}

/** The value in the unit in which cases are compared: 亩 and 公顷 are drawn alike. */
const sizeOf = ({ outcome }) => outcome.amount;

const valueOf = ({ value, unit }) => `${amount(value)}${unit}`;

function tableRow({ hits: [{ citation }], outcome }, server) {
  const clause = [...outcome.text].slice(0, LONGEST).join("") + (outcome.text.length > LONGEST ? "…" : "");
  return [shortPlace(outcome.subject) || citation.item, valueOf(outcome), element("a", { href: server.reading(outcome.citation) }, clause), outcome.citation.line];
}
