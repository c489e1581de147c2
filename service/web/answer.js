// The answer panel: quotes with the answering words marked and their citations, or "not found"; and a field to ask on.
import { element, marked, ranges } from "./dom.js";
import { feedback } from "./feedback.js";
import { citationLink } from "./preview.js";
import { Failure } from "./server.js";

/** Ask, and stream the answer into `panel`; `on.understood` gets the completed question, `on.askOn` the next question. */
export async function showAnswer(panel, question, on, context, signal) {
  const sentences = [];
  let answer = null;
  for await (const [name, data] of context.server.events("api/ask", { ...question, stream: true }, signal)) {
    if (name === "error") throw new Failure(data.error.code, data.error.message);
    if (name === "understood") on.understood(data.question);
    if (name === "answer") answer = data;
    if (name === "sentence") {
      sentences.push(data);
      panel.hidden = false;
      show(panel, { sentences, citations: [], by: "model" }, context, context.words.writing);
    }
  }
  if (!answer) throw new Failure("broken");
  panel.hidden = !answer.found && !answer.asks;
  show(panel, answer, context);
  if (!panel.hidden) panel.append(element("p", { class: "actions" }, feedback(answer.understood, "", context)), askOnForm(on.askOn, context.words));
}

function show(panel, answer, context, state = "") {
  const { words } = context;
  const none = answer.found === false;
  const source = answer.by.startsWith("extractive") ? words.quoted : words.written;
  panel.replaceChildren(...[
    element("h2", {}, none ? words.notFound : words.answer, " ", element("small", {}, state || (none ? "" : source))),
    answer.understood && answer.understood !== answer.question && element("p", { class: "quiet-line" }, `${words.understood}${answer.understood}`),
    !none && answer.short && element("p", { class: "short", part: "short" }, answer.short),
    quotes(answer, context),
    answer.note && element("p", { class: "note" }, answer.note),
    answer.missing_terms?.length && element("p", {}, `${words.missing}${answer.missing_terms.join(words.comma)}`),
    ...(none ? nothing(answer, words) : []),
    sources(answer, context),
  ].filter(Boolean));
}

function quotes({ sentences, form, citations: cited }, context) {
  if (!sentences.length) return null;
  const item = (sentence) => cited[sentence.citations[0] - 1]?.item;
  const lines = sentences.map((sentence) => [
    ...marked(sentence.text, sentence.mark ? [sentence.mark] : []),
    ...sentence.citations.map((number) => element("sup", {}, cited[number - 1] ? citationLink(cited[number - 1], number, sentence, context) : `[${number}]`)),
    sentence.checked ? "" : element("span", { class: "unproven" }, context.words.unproven),
  ]);
  if (form === "cases") { // a quote may say only 该县 (this county)
    const titles = [...new Set(sentences.map(item))];
    return element("ul", { class: "quotes" }, titles.map((title) => element("li", {}, element("strong", {}, title), " ", lines.filter((_, at) => item(sentences[at]) === title).flat())));
  }
  if (["measures", "contents"].includes(form)) return element("ul", { class: "quotes" }, lines.map((line) => element("li", {}, line)));
  return element("blockquote", { part: "quote" }, paragraphs(lines, cited, sentences));
}

/** Sentences that stand next to each other in a document make one paragraph. */
function paragraphs(lines, cited, sentences) {
  const made = [];
  let before = null;
  lines.forEach((line, at) => {
    const citation = cited[sentences[at].citations[0] - 1];
    const follows = before && citation && before.document_id === citation.document_id && citation.span[0] - before.span[1] <= 2;
    if (follows) made.at(-1).append(...line);
    else made.push(element("p", {}, line));
    before = citation;
  });
  return made;
}

/** A line for each cited place; its numbers open the cited words. */
function sources({ citations: cited }, { words, server, target }) {
  if (!cited.length) return null;
  const lines = new Map();
  cited.forEach((citation, at) => {
    if (!lines.has(citation.line)) lines.set(citation.line, []);
    lines.get(citation.line).push(element("a", { href: server.reading(citation), target }, `[${at + 1}]`));
  });
  return element("ul", { class: "sources", "aria-label": words.sources }, [...lines].map(([line, links]) => element("li", { class: "citation" }, links, ` ${line}`)));
}

function nothing({ holdings, nearest }, words) {
  const held = holdings.map(({ series, year, held: issues, missing }) => element("p", {}, words.held(series, year, ranges(issues, words), missing.length ? ranges(missing, words) : "")));
  return [...held, nearest.length && element("p", { class: "nearest" }, words.nearest)];
}

function askOnForm(askOn, words) {
  const input = element("input", { type: "text", maxlength: 1000, autocomplete: "off", "aria-label": words.askOn, placeholder: words.askOnExample });
  const submit = (event) => {
    event.preventDefault();
    if (input.value.trim()) askOn(input.value.trim());
  };
  return element("form", { class: "ask-on", onsubmit: submit }, input, element("button", { type: "submit" }, words.askOn));
}
