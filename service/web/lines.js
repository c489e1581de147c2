// What sums a case up: its own sentences, each with what it says of the case, and a link to where it stands.
import { element, marked } from "./dom.js";

/** A list of sentences; `there(line)` is the address at which one opens. */
export function toldLines(lines, there, { words, target }) {
  return element("ul", { class: "told" }, lines.map((line) => element("li", {},
    element("span", { class: "role" }, line.roles.map((role) => words.roles[role]).join(words.comma)), " ",
    element("a", { href: there(line), target }, marked(line.text, line.highlights ?? [])))));
}

/** A measure: its bare head, and the sentence that tells it unless this says it again. */
export function toldMeasure(head, sentence) {
  return sentence.includes(head) ? [sentence] : [sentence ? element("strong", {}, head) : head, sentence && ` ${sentence}`].filter(Boolean);
}
