// A question: its answer in the panel, asked for once per question and filters, and the question as the server understands it.
import { showAnswer } from "./answer.js";
import { element } from "./dom.js";
import { told } from "./server.js";

const TURNS = 10; // earlier questions that are remembered

export class Asking {
  #answered = { key: "", understood: "" }; // the question that the panel answers: another order of the cases does not ask again

  /** `go(state)` is called with the state of a follow-up question. */
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

  /** Return the question of a state as understood, or a promise of it; `asks` is false while it is still being typed: no answer. */
  understood(state, asks, conditions, signal, status) {
    const question = state.get("q")?.trim() ?? "";
    const previous = state.getAll("after");
    const key = JSON.stringify([question, conditions, previous]);
    this.panel.classList.toggle("aside", Boolean(state.get("view"))); // in another view the ordered list matters more
    if (asks && question && key === this.#answered.key) return this.#answered.understood;
    this.clear();
    return asks && question ? this.#ask({ question, previous }, conditions, key, signal, status) : question;
  }

  /** Show the answer; resolve, long before it is complete, to the question as understood; errors are shown in the panel. */
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
        if (signal.aborted || status.querySelector(".failed")) return; // an error is shown already
        this.panel.replaceChildren(element("p", { class: "note" }, told(error, this.context.words)));
        this.panel.hidden = false;
      });
    });
  }
}
