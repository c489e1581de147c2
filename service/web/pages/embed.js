// The page for an iframe: the key, language and theme of its address go to the element.
import "../element.js";

const box = document.querySelector("jianbao-search");
for (const [name, value] of new URLSearchParams(location.search)) {
  if (["key", "lang", "theme", "placeholder"].includes(name)) box.setAttribute(name, value);
}
