// Search results as a list of cases: each with its passages, their citations, and actions.
import { copyButton, element, marked } from "./dom.js";
import { feedback } from "./feedback.js";
import { toldLines } from "./lines.js";

/** A list of cases in the given order, by a figure with a heading for each level; with `chosen`, each can be chosen for comparison. */
export function caseList(cases, context) {
  const levels = new Set(cases.map(levelOf));
  let before = null;
  return element("ol", { class: "hits" }, cases.map((one) => {
    const level = levelOf(one);
    const heading = levels.size > 1 && level !== before && element("h2", { class: "level" }, context.words.levels[(before = level)]);
    return element("li", { class: "hit", part: "hit" }, heading, one.outcome && figure(one.outcome, context), card(one.hits, context, heading ? "h3" : "h2", one.lines));
  }));
}

/** Of the figure that a case is ordered by: 0 of the country, 1 of a province, 2 of a city, 3 of a county or what is smaller. */
export const levelOf = ({ outcome }) => (outcome ? Math.min(outcome.level, 3) : null);

/** A place without what it is part of: 浙江省嘉兴市平湖市 is 平湖市. */
export const shortPlace = (name) => name.match(/^(?:.*?(?:省|自治区))?(?:.+?(?:市|盟|自治州|地区))?(.{2,})$/)?.[1] ?? name;

/** The clause with the figure that a case is ordered by, and whose it is; it opens the original at that clause. */
function figure({ text, subject, citation }, { server, target }) {
  const whose = subject && !text.includes(shortPlace(subject)) && element("span", { class: "whose" }, shortPlace(subject));
  return element("p", { class: "outcome" }, whose, element("a", { href: server.reading(citation), target }, text));
}

/** Cases by date, undated ones last; the earliest is marked. */
export function timeline(cases, context) {
  let before = null;
  return element("ol", { class: "hits timeline" }, cases.map(({ hits }, at) => {
    const date = hits[0].citation.date;
    const heading = date.slice(0, 4) || context.words.undated;
    const year = heading !== before && element("h2", { class: "year" }, (before = heading));
    const first = at === 0 && date && element("strong", { class: "first" }, context.words.first);
    const when = date && element("p", { class: "when" }, element("time", { datetime: date }, date), first);
    return element("li", { class: "hit", part: "hit" }, year, when, card(hits, context, "h3"));
  }));
}

/** The sentences that sum a case up stand first; the passages found are behind a line, open where only they have the words looked for. */
function card(hits, context, heading, lines = []) {
  const { words, server, chosen, target, query } = context;
  const [{ citation, item_id: id }] = hits;
  const passages = hits.map((hit) => element("p", { class: "passage", part: "passage" }, marked(hit.text, hit.highlights), " ",
    element("a", { class: "there", href: server.reading(hit.citation), target }, words.read)));
  const matched = lines.length > 0 && element("details", { class: "matched", open: hits.some((hit) => hit.highlights.length) && !lines.some((line) => line.highlights.length) }, element("summary", {}, words.matched(hits.length)), passages);
  return [
    element(heading, { part: "title", class: "title" }, element("a", { href: server.reading(citation), target }, citation.item)),
    lines.length > 0 && toldLines(lines, (line) => server.reading({ ...citation, span: line.span }), context),
    ...(matched ? [matched] : passages),
    element("p", { class: "citation", part: "citation" }, citation.line),
    ...citation.also.map((place) => element("p", { class: "citation" }, `${words.also}${place}`)),
    element("p", { class: "actions" },
      element("a", { href: server.case(id), target }, words.case), copyButton(citation.line, words),
      chosen && choice(id, citation.item, chosen, words), query && feedback(query, id, context)),
  ];
}

function choice(id, title, chosen, words) {
  const box = element("input", { type: "checkbox", onchange: () => (box.checked = chosen.set(id, title, box.checked)) });
  box.checked = chosen.has(id);
  return element("label", { class: "choose" }, box, words.choose, element("span", { class: "hidden" }, `：${title}`));
}
