// The view of a search: the results for a state (URLSearchParams), with its answer, filters and order.
import { Asking } from "./asking.js";
import { element } from "./dom.js";
import { CONDITIONS, filterBox } from "./facets.js";
import { changed, showOrder } from "./order.js";
import { caseList, timeline } from "./results.js";
import { told } from "./server.js";

const FIRST = 10; // cases
const MORE = 20;
const MOST = 100;
const LATE = 3000; // milliseconds after which the status says that it takes longer
const WIDE = matchMedia("(min-width: 64rem)");

/** Tell whether an entry of a state stays for another question; the figure that cases were ordered by does not. */
export function kept([name, value]) {
  return CONDITIONS.includes(name) || name === "map" || (name === "view" && value === "time");
}

/** Tell whether a state shows cases: those of a question, or all of them. */
export function shows(state) {
  return Boolean(state.get("q")?.trim()) || ["all", "figure"].includes(state.get("view"));
}

export class Search {
  #running = new AbortController();
  #focus = null; // returns the element to focus once the next results are shown
  #typed = ""; // the typed state whose cases are shown already: once submitted, it lacks only its answer

  /** `context` has words, server, and on the page chosen; `go(state)` is called with the state that a user chooses. */
  constructor(context, go) {
    const { words } = context;
    this.context = context;
    this.go = go;
    this.status = element("div", { class: "status", part: "status", role: "status" });
    this.asking = new Asking(context, (state) => {
      this.#focus = () => this.panel;
      this.go(state);
    });
    this.panel = this.asking.panel;
    this.side = element("details", { class: "side", hidden: true });
    this.found = element("div", { class: "found" });
    this.order = element("div", { class: "order", role: "group", "aria-label": words.order });
  }

  stop() {
    this.#running.abort();
  }

  /** Show the results; without `asks`, no answer. Resolves when the passages are there. */
  async show(state, asks) {
    this.stop();
    const { signal } = (this.#running = new AbortController());
    const { words } = this.context;
    const query = state.get("q")?.trim() ?? "";
    const stands = asks && shows(state) && this.#typed === String(state);
    this.state = state;
    this.#typed = "";
    if (stands) return void this.asking.understood(state, asks, this.#conditions(), signal, this.status);
    this.status.replaceChildren(shows(state) ? words.searching : "");
    this.found.setAttribute("aria-busy", String(shows(state)));
    if (!shows(state)) return this.#clear();
    const late = setTimeout(() => this.status.replaceChildren(words.stillSearching), LATE);
    try {
      const understood = this.asking.understood(state, asks, this.#conditions(), signal, this.status); // completed from the earlier questions, too
      const found = await this.#search(state.has("after") ? await understood : query, this.#conditions(), signal);
      clearTimeout(late);
      await this.#showFound(found, signal);
      if (!asks) this.#typed = String(state);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      clearTimeout(late);
      if (!signal.aborted) this.found.setAttribute("aria-busy", "false");
    }
  }

  #clear() {
    this.asking.clear();
    this.side.hidden = true;
    for (const part of [this.found, this.order]) part.replaceChildren();
  }

  /** Return the results; in order of date the cases come from the timeline, and for a map the places of all, whichever is chosen. */
  async #search(query, conditions, signal) {
    const { server } = this.context;
    const form = this.context.chosen ? this.state.get("form") : "all"; // elsewhere than on the page all of it is listed
    const asked = [...(query ? [["q", query]] : []), ...conditions, ...(form ? [["form", form]] : [])];
    const figure = this.#view === "figure" && this.state.get("figure");
    const order = [...(figure ? [["figure", figure]] : []), ...(this.#view === "time" ? [["sort", "date"]] : [])];
    const elsewhere = this.state.has("map") && this.state.get("region") && asked.filter(([name]) => name !== "region");
    const [found, dated, everywhere] = await Promise.all([
      server.get("api/cases", [...asked, ...order, ["k", this.#k]], signal),
      this.#view === "time" ? server.get("api/timeline", asked, signal) : null,
      elsewhere ? server.get("api/cases", [...elsewhere, ...order, ["k", 1]], signal) : null,
    ]);
    const shown = { ...found, everywhere: (everywhere ?? found).areas };
    return dated ? { ...shown, timeline: dated, cases: [...dated.hits, ...dated.undated].map((hit) => ({ hits: [hit] })) } : shown;
  }

  get #view() {
    return this.state.get("view") === "time" && !this.state.get("q")?.trim() ? "all" : this.state.get("view");
  }

  get #k() {
    return Math.max(1, Math.min(Number(this.state.get("k")) || FIRST, MOST));
  }

  #conditions() {
    return CONDITIONS.filter((name) => this.state.get(name)).map((name) => [name, this.state.get(name)]);
  }

  async #showFound(found, signal) {
    const { words, chosen } = this.context;
    const { cases, total } = found;
    const dated = this.#view === "time";
    this.status.replaceChildren(cases.length ? this.#told(found, dated) : this.#none(), chosen ? this.#apart(found) : "");
    const more = chosen && !dated && cases.length < Math.min(MOST, total) && this.#more(cases.length);
    const end = chosen && found.query && found.complete && cases.length > 0 && cases.length === total && element("p", { class: "end" }, words.noMore);
    const context = { ...this.context, query: this.state.get("q") };
    const list = dated ? timeline(cases, context) : caseList(cases, context);
    const pictures = chosen ? await this.#pictures(found, signal) : [];
    if (signal.aborted) return;
    this.found.replaceChildren(...[...pictures, list, more, end].filter(Boolean));
    if (chosen) this.#showChoices(found);
    this.#focus?.()?.focus();
    this.#focus = null;
  }

  /** Draw what was found; the modules for it are loaded when there is something to draw. */
  async #pictures(found, signal) {
    if (!this.state.has("map") && this.#view !== "time" && found.sort !== "figure") return [];
    const { picturesOf } = await import("./pictures/shown.js");
    const go = (state) => {
      this.#focus = () => this.found.querySelector('.part[aria-current="true"], .part[tabindex="0"]');
      this.go(state);
    };
    return picturesOf(this.state, found, { ...this.context, go, into: this.found }).catch((error) => {
      if (signal.aborted) return [];
      return [element("p", { class: "note" }, told(error, this.context.words))]; // the cases are there all the same
    });
  }

  #told({ cases, total, sort, form, otherwise, took_ms: took }, dated) {
    const { words, chosen } = this.context;
    if (form === "file") return words.foundFiles(cases.length, total, Math.round(took));
    if (dated) return words.foundByDate(cases.length);
    if (sort === "relevance") return words.found(cases.length, chosen ? total : cases.length, Math.round(took));
    return words.foundOf(cases.length, total, Math.round(took)) + (otherwise ? words.otherwise(otherwise) : "");
  }

  /** What leads to the files that fit, or from them back to the cases. */
  #apart({ form, files }) {
    const { words } = this.context;
    const apart = form === "file";
    if (!apart && !files) return "";
    const go = () => {
      this.#focus = () => this.status.querySelector("button");
      this.go(changed(this.state, { form: apart ? "" : "file", ...(apart && this.state.get("kind") === "other" && { kind: "" }) }));
    };
    return element("button", { type: "button", class: "chip", onclick: go }, apart ? words.toCases : words.files(files));
  }

  #none() {
    const { words } = this.context;
    const figure = this.#view === "figure" && this.state.get("figure");
    if (figure) return words.noFigure(figure);
    return this.#conditions().length ? words.none : this.state.get("q")?.trim() ? words.nothing : words.empty;
  }

  /** Show the filters beside the cases where there is room, else collapsed behind a line. */
  #showChoices(found) {
    const { words } = this.context;
    const some = found.cases.length > 0;
    const set = this.#conditions().length;
    const open = this.side.hidden ? set > 0 || WIDE.matches : this.side.open;
    const choose = (state, name) => {
      this.#focus = () => this.side.querySelector(`[data-filter="${name}"][aria-pressed="true"]`) ?? this.side.querySelector(`[data-filter="${name}"]`) ?? this.side.querySelector("button, input");
      this.go(state);
    };
    this.side.replaceChildren(element("summary", {}, `${words.filter}${set ? `（${set}）` : ""}`), filterBox(this.state, found, words, choose));
    this.side.hidden = !some && !set;
    this.side.open = open;
    if (!some && !this.state.get("figure")) return this.order.replaceChildren();
    showOrder(this.order, this.state, { ...this.context, none: !some }, this.#conditions(), (state, focus) => {
      this.#focus = () => this.order.querySelector(focus);
      this.go(state);
    });
  }

  #more(shown) {
    const more = () => {
      this.#focus = () => this.found.querySelectorAll(".title a")[shown] ?? this.found.querySelector(".more");
      const next = changed(this.state, {});
      next.set("k", String(Math.min(shown + MORE, MOST)));
      this.go(next);
    };
    return element("button", { type: "button", class: "more", onclick: more }, this.context.words.more);
  }

  #fail(error) {
    const { words } = this.context;
    this.#clear();
    const again = element("button", { type: "button", class: "chip", onclick: () => this.go(this.state) }, words.retry);
    const plain = element("button", { type: "button", class: "chip", onclick: () => this.go(new URLSearchParams({ q: this.state.get("q") })) }, words.clearFilters);
    const limits = this.#conditions().length || this.state.has("k");
    this.status.replaceChildren(element("p", { class: "failed" }, told(error, words)), again, limits ? plain : "");
  }
}
