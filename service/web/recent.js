// The recent searches in this browser.

const KEY = "jianbao-recent";
const MOST = 8;

export function recent() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]");
  } catch {
    return []; // storage is blocked or contains something else
  }
}

export function remember(text) {
  write([text, ...recent().filter((one) => one !== text)].slice(0, MOST));
}

export function forget() {
  write([]);
}

function write(texts) {
  try {
    localStorage.setItem(KEY, JSON.stringify(texts));
  } catch {
    // private windows may have no storage
  }
}
