// A picture as a file: SVG that stands alone, or PNG; in the colours of paper, whatever the page has.
import { drawn, element } from "../dom.js";

const LOOK = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size", "font-weight", "text-anchor", "opacity"];
const HEAD = 58; // pixels above the drawing, for its title
const MARGIN = 16;
const SCALES = [2.4, 2, 1.5, 1, 0.7]; // pixels of the file to one of the page, the sharpest first
const [LONGEST, LARGEST] = [5000, 12e6]; // pixels of a side, and of all, as service/export/pictures.py takes them

/** Buttons that save a picture. */
export function saveButtons(svg, title, about) {
  const name = title.replace(/[\\/:*?"<>|]/g, " ").slice(0, 60);
  const asSvg = () => download(new Blob([standing(svg, title, about).text], { type: "image/svg+xml" }), `${name}.svg`);
  const asPng = async () => download(await png(svg, Infinity, title, about), `${name}.png`);
  return [["存为 PNG", asPng], ["存为 SVG", asSvg]].map(([label, save]) => element("button", { type: "button", onclick: save }, label));
}

/** Return the picture as a PNG of at most `most` bytes, a Blob; null if it is larger at any scale. */
export async function png(svg, most, title = "", about = "") {
  const { text, width, height } = standing(svg, title, about);
  const image = new Image();
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  image.src = address;
  await image.decode();
  URL.revokeObjectURL(address);
  for (const scale of SCALES) {
    const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
    if (Math.max(across, down) > LONGEST || across * down > LARGEST) continue;
    const canvas = element("canvas", { width: across, height: down });
    canvas.getContext("2d").drawImage(image, 0, 0, across, down);
    const blob = await new Promise((made) => canvas.toBlob(made, "image/png"));
    if (blob.size <= most) return blob;
  }
  return null;
}

/** Return the drawing as a file of its own: looks written out, links left out, its title above it if there is one. */
function standing(svg, title, about) {
  const copy = svg.cloneNode(true);
  const figure = svg.closest(".picture");
  const head = title ? HEAD : 0;
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  figure.classList.add("paper");
  const paper = getComputedStyle(svg);
  const [ground, ink, quiet, font] = ["--card", "--ink", "--quiet", "--font"].map((name) => paper.getPropertyValue(name).trim());
  const copied = [...copy.querySelectorAll("*")];
  [...svg.querySelectorAll("*")].forEach((one, at) => dress(one, copied[at]));
  figure.classList.remove("paper");
  for (const link of copy.querySelectorAll("a")) link.replaceWith(drawn("g", {}, ...link.childNodes));
  const size = { width: width + 2 * MARGIN, height: height + head + 2 * MARGIN };
  for (const [name, value] of Object.entries({ xmlns: "http://www.w3.org/2000/svg", ...size, viewBox: `${-MARGIN} ${-head - MARGIN} ${size.width} ${size.height}` })) copy.setAttribute(name, value);
  const titled = (text, y, look) => drawn("text", { x: 0, y: y - head, "font-family": font, ...look }, text);
  const lines = title ? [titled(title, 20, { "font-size": 20, "font-weight": "bold", fill: ink }), titled(about, 42, { "font-size": 13, fill: quiet })] : [];
  copy.querySelector("desc").after(drawn("rect", { x: -MARGIN, y: -head - MARGIN, ...size, fill: ground }), ...lines);
  return { text: new XMLSerializer().serializeToString(copy), ...size };
}

function dress(one, copy) {
  for (const { name } of [...copy.attributes]) if (/^(class|data-.*|aria-.*|tabindex)$/.test(name)) copy.removeAttribute(name);
  if (!/^(rect|circle|path|line|text|tspan)$/.test(one.localName)) return;
  const style = getComputedStyle(one);
  for (const name of LOOK) copy.setAttribute(name, style.getPropertyValue(name));
}

/** Let the browser save a Blob. */
export function download(blob, name) {
  const address = URL.createObjectURL(blob);
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
