// <jianbao-search>: the search box with its answer and cases. Attributes: key, lang, mode="inline|modal", theme="light|dark",
// placeholder; `page` makes it the search page, whose address holds the whole state.
import { showAnswer } from "./answer.js";
import { searchBox } from "./box.js";
import { chosenCases } from "./chosen.js";
import { element } from "./dom.js";
import { CONDITIONS, filterBox } from "./facets.js";
import { caseList, casesOf, nearCases, timeline } from "./results.js";
import { Server } from "./server.js";
import { wordsOf } from "./words.js";

const FIRST = 10; // hits
const MORE = 20;
const MOST = 100;
const LATE = 3000; // milliseconds after which people are told that it takes longer
const WIDE = matchMedia("(min-width: 64rem)");
const TURNS = 10; // questions before this one that are remembered

const sheets = await Promise.all(["tokens.css", "search.css"].map(async (name) => {
  const sheet = new CSSStyleSheet();
  await fetch(new URL(name, import.meta.url)).then((response) => response.text()).then((text) => sheet.replace(text)).catch(() => null); // plain, but it works
  return sheet;
}));

class JianbaoSearch extends HTMLElement {
  static observedAttributes = ["key", "lang", "mode", "placeholder"];
  #state = new URLSearchParams();
  #running = new AbortController();
  #drawn = false;
  #typing = false; // the address is that of text not yet submitted
  #parts = {};
  #back = () => this.#restore();

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = sheets;
  }

  connectedCallback() {
    if (!this.#drawn) this.#draw();
    if (this.#isPage) window.addEventListener("popstate", this.#back);
  }

  disconnectedCallback() {
    window.removeEventListener("popstate", this.#back);
    this.#running.abort();
  }

  attributeChangedCallback() {
    if (this.#drawn) this.#draw();
  }

  /** Waited for when the server wants a key; the page sets it, and elsewhere the attribute is the only way. */
  askKey = null;

  get #isPage() {
    return this.hasAttribute("page");
  }

  #draw() {
    this.#drawn = true;
    const words = wordsOf(this.lang || this.closest("[lang]")?.lang);
    const server = new Server(this.getAttribute("key") ?? "", this.#isPage ? () => this.askKey?.() : null);
    const chosen = this.#isPage ? chosenCases(server.base) : null;
    const box = searchBox(words, {
      on: { typed: (text) => this.#typed(text), submitted: (text) => this.#go(new URLSearchParams({ q: text })) },
      suggest: async (text) => (await server.get("api/suggest", { q: text })).suggestions,
      remembers: this.#isPage, placeholder: this.getAttribute("placeholder"),
    });
    const status = element("div", { class: "status", part: "status", role: "status" });
    const panel = element("section", { class: "answer", part: "answer", "aria-label": words.answer, "aria-live": "polite", hidden: true });
    const found = element("div", { class: "found" });
    const order = element("div", { class: "order", role: "group", "aria-label": words.order });
    const side = element("details", { class: "side", hidden: true });
    this.#parts = { words, server, box, status, panel, found, order, side, context: { words, server, chosen } };
    const body = element("div", { class: this.#isPage ? "body sided" : "body" }, panel, side, found);
    const all = [box.form, element("div", { class: "bar" }, status, order), body, chosen?.bar].filter(Boolean);
    this.shadowRoot.replaceChildren(...(this.getAttribute("mode") === "modal" ? this.#modal(all) : all));
    this.#restore();
    if (this.#isPage && !this.#state.get("q")) box.focus();
  }

  #modal(all) {
    const { words, box } = this.#parts;
    const close = element("button", { type: "button", class: "shut", "aria-label": words.close, onclick: () => dialog.close() }, "✕");
    const dialog = element("dialog", { "aria-label": words.open, part: "dialog", onclick: (event) => event.target === dialog && dialog.close() },
      element("div", { class: "inside" }, close, all));
    const show = () => {
      dialog.showModal();
      box.focus();
    };
    return [element("button", { type: "button", part: "open", onclick: show }, words.open), dialog];
  }

  #restore() {
    this.#typing = false;
    if (this.#isPage) this.#state = new URLSearchParams(location.search);
    this.#parts.box.text = this.#state.get("q") ?? "";
    this.#show();
  }

  #go(state) {
    this.#state = state;
    this.#address(this.#typing);
    this.#typing = false;
    this.#parts.box.text = state.get("q") ?? "";
    this.#show();
  }

  /** Show what is found for text that is being typed: no answer yet, and one step in the history for all of it. */
  #typed(text) {
    if (text === this.#state.get("q")) return; // a key that changed nothing
    this.#state = new URLSearchParams({ q: text });
    this.#address(this.#typing);
    this.#typing = true;
    this.#show({ asks: false });
  }

  #address(instead) {
    if (!this.#isPage || `?${this.#state}` === location.search) return;
    if (instead) history.replaceState(null, "", `?${this.#state}`);
    else history.pushState(null, "", `?${this.#state}`);
  }

  async #show({ asks = true } = {}) {
    this.#running.abort();
    const running = (this.#running = new AbortController());
    const { words, status, panel, found, order, side } = this.#parts;
    const query = this.#state.get("q")?.trim() ?? "";
    if (this.#isPage) document.title = query ? `${query} · 简报检索` : "简报检索";
    this.dispatchEvent(new CustomEvent("jianbao-search", { detail: { query }, bubbles: true }));
    panel.hidden = true;
    panel.replaceChildren();
    status.replaceChildren(query ? words.searching : "");
    found.setAttribute("aria-busy", String(Boolean(query)));
    if (!query) {
      side.hidden = true;
      for (const part of [found, order]) part.replaceChildren();
      return;
    }
    const late = setTimeout(() => status.replaceChildren(words.stillSearching), LATE);
    try {
      const understood = asks ? this.#ask(query, running.signal) : query; // of the questions before it, too
      this.#showFound(await this.#search(this.#state.has("after") ? await understood : query, running.signal));
    } catch (error) {
      if (!running.signal.aborted) this.#fail(error);
    } finally {
      clearTimeout(late);
      if (!running.signal.aborted) found.setAttribute("aria-busy", "false");
    }
  }

  #search(query, signal) {
    const dated = this.#state.get("view") === "time";
    const k = dated ? MOST : Math.min(Number(this.#state.get("k")) || FIRST, MOST);
    return this.#parts.server.get("api/search", [["q", query], ["k", k], ...this.#conditions()], signal);
  }

  #conditions() {
    return CONDITIONS.filter((name) => this.#state.get(name)).map((name) => [name, this.#state.get(name)]);
  }

  /** Show the answer, and resolve to the question as it is understood, long before; what goes wrong stands in its panel. */
  #ask(question, signal) {
    const { panel, context } = this.#parts;
    const previous = this.#state.getAll("after");
    const conditions = Object.fromEntries(this.#conditions());
    const askOn = (next) => this.#go(new URLSearchParams([["q", next], ...[...previous, question].slice(-TURNS).map((one) => ["after", one]), ...this.#conditions()]));
    return new Promise((understood) => {
      showAnswer(panel, { question, previous, ...conditions }, { askOn, understood }, context, signal).catch((error) => {
        understood(question);
        if (signal.aborted) return;
        panel.replaceChildren(element("p", { class: "note" }, this.#told(error)));
        panel.hidden = false;
      });
    });
  }

  #showFound({ hits, facets, took_ms: took }) {
    const { words, status, found, context } = this.#parts;
    const dated = this.#state.get("view") === "time";
    const cases = dated ? nearCases(hits) : casesOf(hits);
    if (!hits.length) status.replaceChildren(words.none);
    else status.replaceChildren(dated ? words.foundByDate(cases.length) : words.found(hits.length, cases.length, Math.round(took)));
    const list = dated ? timeline(cases, context) : caseList(cases, context);
    const more = !dated && this.#isPage && hits.length < MOST && hits.length === (Number(this.#state.get("k")) || FIRST);
    found.replaceChildren(...[list, more && this.#more(hits.length)].filter(Boolean));
    if (this.#isPage) this.#showChoices(facets, dated, hits.length > 0);
  }

  /** Filters beside the cases, where there is room; else behind a line that opens them. */
  #showChoices(facets, dated, some) {
    const { words, order, side } = this.#parts;
    const set = this.#conditions().length;
    const open = side.hidden ? set > 0 || WIDE.matches : side.open;
    side.replaceChildren(element("summary", {}, `${words.filter}${set ? `（${set}）` : ""}`), filterBox(this.#state, facets, words, (state) => this.#go(state)));
    side.hidden = false;
    side.open = open;
    const button = (label, isDated) => element("button", {
      type: "button", class: "chip", "aria-pressed": String(dated === isDated), onclick: () => this.#with("view", isDated ? "time" : ""),
    }, label);
    order.replaceChildren(...(some ? [button(words.byRelevance, false), button(words.byDate, true)] : []));
  }

  #more(shown) {
    return element("button", { type: "button", class: "more", onclick: () => this.#with("k", String(Math.min(shown + MORE, MOST))) }, this.#parts.words.more);
  }

  #with(name, value) {
    const next = new URLSearchParams(this.#state);
    next.delete(name);
    if (value) next.set(name, value);
    this.#go(next);
  }

  #fail(error) {
    const { words, status, found, order } = this.#parts;
    for (const part of [found, order]) part.replaceChildren();
    status.replaceChildren(element("p", { class: "failed" }, this.#told(error)), element("button", { type: "button", class: "chip", onclick: () => this.#show() }, words.retry));
  }

  #told(error) {
    const { words } = this.#parts;
    if (!error.code) console.error(error); // a mistake of ours
    return words.errors[error.code] ?? (error.code ? error.message : words.errors.internal);
  }
}

if (!customElements.get("jianbao-search")) customElements.define("jianbao-search", JianbaoSearch);
