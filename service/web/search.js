// A search as it is shown: what the server finds for a state (URLSearchParams), with its answer, filters and order.
import { showAnswer } from "./answer.js";
import { element } from "./dom.js";
import { CONDITIONS, filterBox } from "./facets.js";
import { caseList, casesOf, timeline } from "./results.js";
import { told } from "./server.js";

const FIRST = 10; // hits
const MORE = 20;
const MOST = 100;
const LATE = 3000; // milliseconds after which people are told that it takes longer
const TURNS = 10; // questions before this one that are remembered
const WIDE = matchMedia("(min-width: 64rem)");

/** What of a state goes along with another question. */
export const KEPT = [...CONDITIONS, "view"];

export class Search {
  #running = new AbortController();
  #focus = null; // finds what has the focus once the next results are shown

  /** `context` has words, server, and on the page chosen; `go(state)` is called with what people choose. */
  constructor(context, go) {
    const { words } = context;
    this.context = context;
    this.go = go;
    this.status = element("div", { class: "status", part: "status", role: "status" });
    this.panel = element("section", { class: "answer", part: "answer", "aria-label": words.answer, "aria-live": "polite", tabindex: "-1", hidden: true });
    this.side = element("details", { class: "side", hidden: true });
    this.found = element("div", { class: "found" });
    this.order = element("div", { class: "order", role: "group", "aria-label": words.order });
  }

  stop() {
    this.#running.abort();
  }

  /** Show what is found; without `asks` no answer. Resolves when the passages are there. */
  async show(state, asks) {
    this.stop();
    const { signal } = (this.#running = new AbortController());
    const { words } = this.context;
    const query = state.get("q")?.trim() ?? "";
    this.state = state;
    this.panel.hidden = true;
    this.panel.replaceChildren();
    this.status.replaceChildren(query ? words.searching : "");
    this.found.setAttribute("aria-busy", String(Boolean(query)));
    if (!query) return this.#clear();
    const late = setTimeout(() => this.status.replaceChildren(words.stillSearching), LATE);
    try {
      const understood = asks ? this.#ask(query, signal) : query; // of the questions before it, too
      this.#showFound(await this.#search(state.has("after") ? await understood : query, signal));
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      clearTimeout(late);
      if (!signal.aborted) this.found.setAttribute("aria-busy", "false");
    }
  }

  #clear() {
    this.side.hidden = true;
    for (const part of [this.found, this.order]) part.replaceChildren();
  }

  /** Return what is found; by date the cases come from the timeline, and the search tells what to choose from. */
  async #search(query, signal) {
    const asked = [["q", query], ...this.#conditions()];
    const { server } = this.context;
    const [found, dated] = await Promise.all([
      server.get("api/search", [...asked, ["k", this.#k]], signal),
      this.#isDated ? server.get("api/timeline", asked, signal) : null,
    ]);
    return { ...found, cases: dated ? [...dated.hits, ...dated.undated].map((hit) => [hit]) : casesOf(found.hits) };
  }

  get #k() {
    return Math.max(1, Math.min(Number(this.state.get("k")) || FIRST, MOST));
  }

  get #isDated() {
    return this.state.get("view") === "time";
  }

  #conditions() {
    return CONDITIONS.filter((name) => this.state.get(name)).map((name) => [name, this.state.get(name)]);
  }

  /** Show the answer, and resolve to the question as it is understood, long before; what goes wrong stands in its panel. */
  #ask(question, signal) {
    const previous = this.state.getAll("after");
    const conditions = this.#conditions();
    const askOn = (next) => {
      this.#focus = () => this.panel;
      this.go(new URLSearchParams([["q", next], ...[...previous, question].slice(-TURNS).map((one) => ["after", one]), ...conditions]));
    };
    return new Promise((understood) => {
      const asked = { question, previous, ...Object.fromEntries(conditions) };
      showAnswer(this.panel, asked, { askOn, understood }, this.context, signal).catch((error) => {
        understood(question);
        if (signal.aborted || this.status.querySelector(".failed")) return; // it is said already
        this.panel.replaceChildren(element("p", { class: "note" }, told(error, this.context.words)));
        this.panel.hidden = false;
      });
    });
  }

  #showFound({ hits, facets, took_ms: took, cases }) {
    const { words, chosen } = this.context;
    const some = this.#isDated ? words.foundByDate(cases.length) : words.found(hits.length, cases.length, Math.round(took));
    this.status.replaceChildren(hits.length ? some : this.#conditions().length ? words.none : words.empty);
    const more = chosen && !this.#isDated && hits.length < MOST && hits.length === this.#k && this.#more(hits.length, cases.length);
    const list = this.#isDated ? timeline(cases, this.context) : caseList(cases, this.context);
    this.found.replaceChildren(...[list, more].filter(Boolean));
    if (chosen) this.#showChoices(facets, hits.length > 0);
    this.#focus?.()?.focus();
    this.#focus = null;
  }

  /** Filters beside the cases, where there is room; else behind a line that opens them. */
  #showChoices(facets, some) {
    const { words } = this.context;
    const set = this.#conditions().length;
    const open = this.side.hidden ? set > 0 || WIDE.matches : this.side.open;
    const choose = (state, name) => {
      this.#focus = () => this.side.querySelector(`[data-filter="${name}"]`) ?? this.side.querySelector("button, input");
      this.go(state);
    };
    this.side.replaceChildren(element("summary", {}, `${words.filter}${set ? `（${set}）` : ""}`), filterBox(this.state, facets, words, choose));
    this.side.hidden = !some && !set;
    this.side.open = open;
    const button = (label, isDated) => element("button", {
      type: "button", class: "chip", "aria-pressed": String(this.#isDated === isDated), onclick: () => this.#with("view", isDated ? "time" : "", () => this.order.querySelector("[aria-pressed=true]")),
    }, label);
    this.order.replaceChildren(...(some ? [button(words.byRelevance, false), button(words.byDate, true)] : []));
  }

  #more(shown, cases) {
    const next = () => this.found.querySelectorAll(".title a")[cases] ?? this.found.querySelector(".more");
    return element("button", { type: "button", class: "more", onclick: () => this.#with("k", String(Math.min(shown + MORE, MOST)), next) }, this.context.words.more);
  }

  #with(name, value, focus) {
    const next = new URLSearchParams(this.state);
    next.delete(name);
    if (value) next.set(name, value);
    this.#focus = focus;
    this.go(next);
  }

  #fail(error) {
    const { words } = this.context;
    this.#clear();
    this.panel.hidden = true;
    const again = element("button", { type: "button", class: "chip", onclick: () => this.go(this.state) }, words.retry);
    const plain = element("button", { type: "button", class: "chip", onclick: () => this.go(new URLSearchParams({ q: this.state.get("q") })) }, words.clearFilters);
    const limits = this.#conditions().length || this.state.has("k");
    this.status.replaceChildren(element("p", { class: "failed" }, told(error, words)), again, limits ? plain : "");
  }
}
