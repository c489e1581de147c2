// A question as it is asked: its answer in the panel, once for the same question and filters, and what it is understood as.
import { showAnswer } from "./answer.js";
import { element } from "./dom.js";
import { told } from "./server.js";

const TURNS = 10; // questions before this one that are remembered

export class Asking {
  #answered = { key: "", understood: "" }; // what the panel answers: another order of the cases does not ask again

  /** `go(state)` is called with a question that is asked on. */
  constructor(context, go) {
    this.context = context;
    this.go = go;
    this.panel = element("section", { class: "answer", part: "answer", "aria-label": context.words.answer, "aria-live": "polite", tabindex: "-1", hidden: true });
  }

  clear() {
    this.#answered = { key: "", understood: "" };
    this.panel.hidden = true;
    this.panel.replaceChildren();
  }

  /** Return the question of a state as it is understood, or a promise of it; it is answered unless it is still being typed. */
  understood(state, asks, conditions, signal, status) {
    const question = state.get("q")?.trim() ?? "";
    const previous = state.getAll("after");
    const key = JSON.stringify([question, conditions, previous]);
    this.panel.classList.toggle("aside", Boolean(state.get("view"))); // there a list in order is wanted
    if (asks && question && key === this.#answered.key) return this.#answered.understood;
    this.clear();
    return asks && question ? this.#ask({ question, previous }, conditions, key, signal, status) : question;
  }

  /** Show the answer, and resolve to the question as it is understood, long before; what goes wrong stands in the panel. */
  #ask({ question, previous }, conditions, key, signal, status) {
    const askOn = (next) => this.go(new URLSearchParams([["q", next], ...[...previous, question].slice(-TURNS).map((one) => ["after", one]), ...conditions]));
    return new Promise((resolve) => {
      let understood = question;
      const hear = (whole) => resolve((understood = whole));
      const asked = { question, previous, ...Object.fromEntries(conditions) };
      showAnswer(this.panel, asked, { askOn, understood: hear }, this.context, signal).then(() => {
        if (!signal.aborted) this.#answered = { key, understood };
      }).catch((error) => {
        resolve(question);
        if (signal.aborted || status.querySelector(".failed")) return; // it is said already
        this.panel.replaceChildren(element("p", { class: "note" }, told(error, this.context.words)));
        this.panel.hidden = false;
      });
    });
  }
}
