// The server for our own pages: a key is asked for when needed, and stored in a cookie that scripts cannot read.
import { element } from "./dom.js";
import { Server, told as toldIn } from "./server.js";
import { wordsOf } from "./words.js";

export const words = wordsOf(document.documentElement.lang);
let asking = null;

/** Return the server; a key behind "#" is removed from the address and used. */
export async function pageServer() {
  const behind = new URLSearchParams(location.hash.slice(1));
  const key = behind.get("key");
  if (key) {
    history.replaceState(null, "", location.pathname + location.search + location.hash.replace(/&?key=[^&]*/, "").replace(/^#$/, ""));
    const { required, scope } = await new Server().get("api/session");
    if (required && !scope) await signIn(key).catch(() => null); // if it is not valid, the page asks for one
  }
  return new Server("", askKey);
}

/** Show a dialog until a valid key is entered. */
export function askKey() {
  asking ??= new Promise((resolve) => {
    const input = element("input", { type: "password", autocomplete: "current-password", required: true, "aria-label": "访问密钥" });
    const wrong = element("p", { class: "failed", role: "alert" });
    const submit = async (event) => {
      event.preventDefault();
      try {
        await signIn(input.value.trim());
      } catch (error) {
        wrong.textContent = told(error);
        input.select();
        return;
      }
      dialog.remove();
      asking = null;
      resolve();
    };
    const dialog = element("dialog", { class: "ask", "aria-label": "访问密钥" }, element("form", { onsubmit: submit },
      element("p", {}, "检索需要访问密钥，请向管理员索取。"),
      element("input", { type: "text", autocomplete: "username", value: "简报", hidden: true }), // the user name under which a browser saves the key
      input, wrong, element("button", { type: "submit", class: "primary" }, "进入")));
    dialog.addEventListener("cancel", (event) => event.preventDefault()); // without a key there is nothing to show
    document.body.append(dialog);
    dialog.showModal();
  });
  return asking;
}

async function signIn(key) {
  const headers = { "Content-Type": "application/json" };
  return new Server().request("api/session", { method: "POST", headers, body: JSON.stringify({ key }) });
}

/** The message for an error. */
export const told = (error) => toldIn(error, words);
