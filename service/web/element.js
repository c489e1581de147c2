// <jianbao-search>: the search box with its answer and cases. Attributes: key, lang, mode="inline|modal", theme="light|dark|auto",
// placeholder; `page` makes it the search page, whose address holds the whole state.
import { searchBox } from "./box.js";
import { chosenCases } from "./chosen.js";
import { element, sheetOf } from "./dom.js";
import { kept, Search, shows } from "./search.js";
import { Server } from "./server.js";
import { wordsOf } from "./words.js";

const INITIALS = /^[a-z']{1,8}$/i; // pinyin initials: they bring suggestions, but no search, since no document contains them

const sheets = await Promise.all(["tokens.css", "search.css"].map(sheetOf));

class JianbaoSearch extends HTMLElement {
  static observedAttributes = ["key", "lang", "mode", "placeholder"];
  #state = new URLSearchParams();
  #typing = false; // whether the address is that of text not yet submitted
  #search = null;
  #box = null;
  #restored = () => this.#restore();
  #leaving = () => history.replaceState({ foundAt: this.#foundAt }, "");

  /** Called and awaited when the server wants a key; only the page sets it, elsewhere a key comes from the attribute alone. */
  askKey = null;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = sheets;
  }

  connectedCallback() {
    if (!this.#search) this.#draw();
    if (!this.#isPage) return;
    history.scrollRestoration = "manual"; // the results are not there yet when a browser would scroll
    window.addEventListener("popstate", this.#restored);
    window.addEventListener("pagehide", this.#leaving);
  }

  disconnectedCallback() {
    window.removeEventListener("popstate", this.#restored);
    window.removeEventListener("pagehide", this.#leaving);
    this.#search?.stop();
  }

  attributeChangedCallback() {
    if (this.#search) this.#draw();
  }

  get #isPage() {
    return this.hasAttribute("page");
  }

  #draw() {
    const words = wordsOf(this.lang || this.closest("[lang]")?.lang);
    const server = new Server(this.getAttribute("key") ?? "", this.#isPage ? () => this.askKey?.() : null);
    const chosen = this.#isPage ? chosenCases(server) : null;
    this.#search?.stop();
    this.#search = new Search({ words, server, chosen, target: this.#isPage ? null : "_blank" }, (state) => this.#go(state));
    this.#box = searchBox(words, {
      on: { typed: (text) => this.#typed(text), submitted: (text) => this.#go(this.#asking(text)) },
      suggest: async (text) => (await server.get("api/suggest", { q: text })).suggestions,
      remembers: this.#isPage, placeholder: this.getAttribute("placeholder"),
    });
    const { status, order, panel, side, found } = this.#search;
    const body = element("div", { class: this.#isPage ? "body sided" : "body" }, panel, side, found);
    const all = [this.#box.form, element("div", { class: "bar" }, status, order), body, chosen?.bar].filter(Boolean);
    this.shadowRoot.replaceChildren(...(this.getAttribute("mode") === "modal" ? this.#modal(all, words) : all));
    this.#restore();
    if (this.#isPage && !this.#state.get("q")) this.#box.focus();
  }

  #modal(all, words) {
    const close = element("button", { type: "button", class: "shut", "aria-label": words.close, onclick: () => dialog.close() }, "✕");
    const dialog = element("dialog", { "aria-label": words.open, part: "dialog", onclick: (event) => event.target === dialog && dialog.close() },
      element("div", { class: "inside" }, close, all));
    const show = () => {
      dialog.showModal();
      this.#box.focus();
    };
    return [element("button", { type: "button", part: "open", onclick: show }, words.open), dialog];
  }

  /** The state for another question: filters and order stay. */
  #asking(text) {
    return new URLSearchParams([...(text ? [["q", text]] : []), ...[...this.#state].filter((entry) => text && kept(entry))]);
  }

  async #restore() {
    this.#typing = false;
    if (this.#isPage) this.#state = new URLSearchParams(location.search);
    this.#box.text = this.#state.get("q") ?? "";
    await this.#show();
    if (this.#isPage && history.state?.foundAt !== undefined) window.scrollBy(0, this.#foundAt - history.state.foundAt);
  }

  /** The top of the cases in the window: an answer above them may come later and move them. */
  get #foundAt() {
    return this.#search.found.getBoundingClientRect().top;
  }

  #go(state) {
    this.#state = state;
    this.#address(this.#typing);
    this.#typing = false;
    this.#box.text = state.get("q") ?? "";
    this.#show();
  }

  /** Show the results for text that is being typed: no answer yet, and a single history entry for all of it. */
  #typed(text) {
    if (text === (this.#state.get("q") ?? "") || INITIALS.test(text)) return;
    this.#state = this.#asking(text);
    this.#address(this.#typing);
    this.#typing = true;
    this.#show(false);
  }

  #address(instead) {
    const address = location.pathname + (this.#state.size ? `?${this.#state}` : "");
    if (!this.#isPage || address === location.pathname + location.search) return;
    if (!instead) this.#leaving();
    if (instead) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
  }

  #show(asks = true) {
    const query = this.#state.get("q")?.trim() ?? "";
    if (this.#isPage) document.title = query ? `${query} · 简报检索` : "简报检索";
    this.dispatchEvent(new CustomEvent("jianbao-search", { detail: { query, shows: shows(this.#state) }, bubbles: true }));
    return this.#search.show(this.#state, asks);
  }
}

if (!customElements.get("jianbao-search")) customElements.define("jianbao-search", JianbaoSearch);
