// The answer panel: quotes with what answers marked, their citations, or that there is none; and a line to ask on.
import { element, marked, readingAddress, request } from "./page.js";

const BY = { extractive: "摘自原文", model: "由语言模型依据原文组织，逐句核对" };

/** Ask, and show the answer in `panel` as it comes; `askOn` is called with the next question. Return the answer. */
export async function showAnswer(panel, question, askOn, isCurrent) {
  const sentences = [];
  let answer = null;
  for await (const [name, data] of events(question)) {
    if (!isCurrent()) return null;
    if (name === "error") throw new Error(data.error.message);
    if (name === "answer") answer = data;
    if (name === "sentence") {
      sentences.push(data);
      show(panel, { sentences, citations: [], by: "model" }, "正在组织回答……");
    }
  }
  if (!answer) throw new Error("回答中途断开，请重试");
  if (!isCurrent()) return null;
  panel.hidden = !answer.found && !answer.asks;
  show(panel, answer);
  if (!panel.hidden) panel.append(askOnForm(askOn));
  return answer;
}

async function* events(question) {
  const response = await request("/api/ask", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ...question, stream: true }),
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const whole = (rest + part.value).split("\n\n");
      rest = whole.pop();
      for (const event of whole) {
        const [, name, data] = event.match(/^event: (.*)\ndata: (.*)$/s);
        yield [name, JSON.parse(data)];
      }
    }
  } finally {
    reader.cancel(); // nobody waits for the rest
  }
}

function show(panel, answer, state = "") {
  const source = answer.by.startsWith("extractive") ? BY.extractive : BY.model;
  const parts = [element("h2", {}, answer.found === false ? "未找到依据" : "回答", " ", element("small", {}, state || (answer.found === false ? "" : source)))];
  if (answer.understood && answer.understood !== answer.question) parts.push(element("p", { class: "quiet-line" }, `理解为：${answer.understood}`));
  parts.push(quotes(answer));
  if (answer.note) parts.push(element("p", { class: "note" }, answer.note));
  if (answer.missing_terms?.length) parts.push(element("p", {}, `收录的文件里没有这些词：${answer.missing_terms.join("、")}`));
  parts.push(...(answer.found === false ? nothing(answer) : []), citations(answer));
  panel.replaceChildren(...parts.filter(Boolean));
  if (state) panel.hidden = false;
}

function quotes({ sentences, form, citations: cited }) {
  if (!sentences.length) return null;
  const lines = sentences.map((sentence) => [
    ...(form === "cases" ? [element("strong", {}, cited[sentence.citations[0] - 1].item), " "] : []), // a quote says 该县
    ...marked(sentence.text, sentence.mark ? [sentence.mark] : []),
    ...sentence.citations.map((number) => element("sup", {}, link(cited[number - 1], `[${number}]`))),
    sentence.checked ? "" : element("span", { class: "unproven" }, "未经证实"),
  ]);
  if (form === "cases" || form === "measures") return element("ul", { class: "quotes" }, ...lines.map((line) => element("li", {}, ...line)));
  return element("blockquote", {}, ...paragraphs(lines, cited, sentences));
}

/** Sentences that stand next to each other in a document make one paragraph. */
function paragraphs(lines, cited, sentences) {
  const made = [];
  let before = null;
  lines.forEach((line, at) => {
    const citation = cited[sentences[at].citations[0] - 1];
    const follows = before && citation && before.document_id === citation.document_id && citation.span[0] - before.span[1] <= 2;
    if (follows) made.at(-1).append(...line);
    else made.push(element("p", {}, ...line));
    before = citation;
  });
  return made;
}

function link(citation, text) {
  return citation ? element("a", { href: readingAddress(citation) }, text) : text;
}

/** A line for each place cited; the numbers open the very words. */
function citations({ citations: cited }) {
  if (!cited.length) return null;
  const lines = new Map();
  cited.forEach((citation, at) => {
    if (!lines.has(citation.line)) lines.set(citation.line, []);
    lines.get(citation.line).push(link(citation, `[${at + 1}]`));
  });
  return element("ul", { class: "sources" }, ...[...lines].map(([line, links]) => element("li", { class: "citation" }, ...links, ` ${line}`)));
}

function nothing({ holdings, nearest }) {
  const parts = [];
  for (const { series, year, held, missing: gaps } of holdings) {
    parts.push(element("p", {}, `收录了《${series}》${year ? `${year}年` : ""}第${ranges(held)}期${gaps.length ? `（缺第${ranges(gaps)}期）` : ""}`));
  }
  if (nearest.length) parts.push(element("p", {}, "下面是最接近的段落，不一定能回答问题。"));
  return parts;
}

function ranges(numbers) {
  const runs = [];
  for (const number of numbers) {
    if (runs.length && number === runs.at(-1)[1] + 1) runs.at(-1)[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}至${last}`)).join("、");
}

function askOnForm(askOn) {
  const input = element("input", { type: "text", maxlength: "1000", autocomplete: "off", "aria-label": "接着问", placeholder: "接着问，例如：那临安区呢？" });
  const form = element("form", { class: "ask-on" }, input, element("button", { type: "submit" }, "接着问"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim()) askOn(input.value.trim());
  });
  return form;
}
