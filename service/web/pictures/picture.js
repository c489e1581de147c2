// The frame of every picture: a heading, the drawing, what the part under the pointer or the keyboard is, its table, ways to keep it.
import { drawn, element } from "../dom.js";
import { saveButtons } from "./save.js";

const KEEP = "放进 Word";
const HINT = "移到图上，或按方向键，逐个查看；";
let pictures = 0; // each needs ids of its own

/**
 * Return the figure of a picture. `about` says in a sentence what it shows, `press` what a press on a part does; `parts` are elements of SVG in a drawing of
 * `size` [width, height], of which those of class "part" are reached by arrow keys and say their data-told; `table` is
 * {columns, rows} with the same data; with `keep`, which takes the picture into the Word file, it has a button for that.
 */
export function picture({ title, about, press, size: [width, height], parts, table, keep, more }) {
  const id = `picture-${++pictures}`;
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-labelledby": `${id}-title ${id}-desc` },
    drawn("title", { id: `${id}-title` }, title), drawn("desc", { id: `${id}-desc` }, `${about}。同样的数据在图下的表格里。`), ...parts);
  const told = element("p", { class: "told" }, HINT + press);
  tell(svg, told);
  moveByKeys(svg);
  return element("figure", { class: "picture" },
    element("figcaption", {}, element("strong", {}, title), element("span", {}, about)),
    svg, svg.querySelector(".part") && told, more,
    element("div", { class: "keep" }, saveButtons(svg, title, about), keep && keepButton(svg, title, keep)),
    tableOf(title, table));
}

/** A part of a drawing that leads somewhere: a link, reached by keys, that says `told`. */
export function part(href, told, [x, y], attributes, ...shapes) {
  return drawn("a", { href, "aria-label": told, "data-told": told, "data-x": Math.round(x), "data-y": Math.round(y), tabindex: "-1", ...attributes, class: `part ${attributes.class ?? ""}`.trim() }, ...shapes);
}

function tell(svg, told) {
  const hint = told.textContent;
  const show = (event) => {
    const text = event.target.closest(".part")?.getAttribute("data-told");
    if (text) told.textContent = text;
  };
  const hide = (event) => {
    if (!svg.contains(event.relatedTarget)) told.textContent = hint;
  };
  for (const name of ["pointerover", "focusin"]) svg.addEventListener(name, show);
  for (const name of ["pointerout", "focusout"]) svg.addEventListener(name, hide);
}

/** One stop of the Tab key; arrow keys go to the nearest part on that side, Home and End to the first and the last. */
function moveByKeys(svg) {
  const all = [...svg.querySelectorAll(".part")];
  (all.find((one) => one.hasAttribute("aria-current")) ?? all[0])?.setAttribute("tabindex", "0");
  svg.addEventListener("keydown", (event) => {
    const from = event.target.closest(".part");
    const to = from && { Home: all[0], End: all.at(-1) }[event.key] || (from && beside(all, from, event.key));
    if (!to) return;
    event.preventDefault();
    for (const one of all) one.setAttribute("tabindex", one === to ? "0" : "-1");
    to.focus();
  });
}

function beside(all, from, key) {
  const [right, down] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key] ?? [];
  if (right === undefined) return null;
  const place = (one) => [Number(one.getAttribute("data-x")), Number(one.getAttribute("data-y"))];
  const [x, y] = place(from);
  const far = (one) => {
    const [across, along] = place(one).map((value, at) => value - [x, y][at]);
    const ahead = across * right + along * down;
    return ahead > 0 ? ahead + 3 * Math.abs(across * down + along * right) : Infinity;
  };
  const nearest = all.reduce((best, one) => (far(one) < far(best) ? one : best), from);
  return nearest === from ? null : nearest;
}

function keepButton(svg, title, keep) {
  const press = async () => {
    button.textContent = (await keep(svg, title)) ? "已放进，导出时带上" : "放不下了：最多 4 幅图";
    setTimeout(() => (button.textContent = KEEP), 3000);
  };
  const button = element("button", { type: "button", onclick: press }, KEEP);
  return button;
}

/** The data of a picture as a table that can be opened. */
function tableOf(title, { columns, rows }) {
  const head = element("tr", {}, columns.map((column) => element("th", { scope: "col" }, column)));
  const body = rows.map(([first, ...rest]) => element("tr", {}, element("th", { scope: "row" }, first), rest.map((cell) => element("td", {}, cell))));
  return element("details", { class: "data" }, element("summary", {}, "看表格"),
    element("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": `表格：${title}` },
      element("table", {}, element("caption", { class: "hidden" }, title), element("thead", {}, head), element("tbody", {}, body))));
}
