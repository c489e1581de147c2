// Feedback on a case or an answer: two quiet buttons, and a field for why it did not help.
import { element } from "./dom.js";
import { told } from "./server.js";

/** Return the feedback line; `item` is the id of the case, "" for the whole answer to a query. */
export function feedback(query, item, { server, words }) {
  const line = element("span", { class: "feedback", role: "group", "aria-label": words.helpful });
  const send = async (helpful, reason = "") => {
    try {
      const body = JSON.stringify({ query, item, helpful, reason });
      await server.request("api/feedback", { method: "POST", headers: { "Content-Type": "application/json" }, body });
      say(words.thanks);
    } catch (error) {
      say(told(error, words));
    }
  };
  const say = (text) => {
    const said = element("span", { role: "status", tabindex: "-1" }, text);
    line.replaceChildren(said);
    said.focus(); // the element that had the focus is gone
  };
  const askWhy = () => {
    const reason = element("input", { type: "text", maxlength: 500, autocomplete: "off", "aria-label": words.why, placeholder: words.why });
    const submit = (event) => {
      event.preventDefault();
      send(false, reason.value.trim());
    };
    line.replaceChildren(element("form", { class: "why", onsubmit: submit }, reason, element("button", { type: "submit" }, words.send)));
    reason.focus();
  };
  line.append(
    element("button", { type: "button", class: "quiet", onclick: () => send(true) }, words.yes),
    element("button", { type: "button", class: "quiet", onclick: askWhy }, words.no),
  );
  return line;
}
