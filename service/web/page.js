// Shared by the pages: elements built from text (never from markup), marked text, requests.

/** Make an element with attributes and children; strings become text nodes. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Return text as nodes in which the spans [start, end) are marked; spans count code points, as the server does. */
export function marked(text, spans) {
  const points = [...text];
  const nodes = [];
  let at = 0;
  for (const [start, end] of spans) {
    nodes.push(points.slice(at, start).join(""), element("mark", {}, points.slice(start, end).join("")));
    at = end;
  }
  nodes.push(points.slice(at).join(""));
  return nodes;
}

/** Fetch; throw an Error whose message can be shown, also for what the server refuses. */
export async function request(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch {
    throw new Error("连不上服务，请确认它在运行，然后重试");
  }
  if (!response.ok) throw new Error((await response.json().catch(() => null))?.error?.message ?? "服务出错了，请稍后重试");
  return response;
}

/** Fetch JSON; throw an Error whose message can be shown. */
export async function fetchJson(address) {
  return (await request(address)).json().catch(() => null);
}

/** The reading page with the cited words marked. */
export function readingAddress(citation) {
  return `/documents/${citation.document_id}#${citation.span.join("-")}`;
}

export const KINDS = { bulletin: "简报", news: "新闻", other: "其他" };
