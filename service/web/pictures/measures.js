// Measures of pictures: how wide they are drawn, numbers as people write them, classes of a shade, round steps of an axis.

export const NARROW = 600; // pixels; below it a picture is drawn for a phone
const SHADES = 5;

/** The width in pixels to draw a picture in, which has a frame of its own within `into`. */
export function widthOf(into) {
  const frame = into.clientWidth < NARROW ? 32 : 42;
  return Math.max(280, Math.min((into.clientWidth || 720) - frame, 1000));
}

/** Write a number in 万 and 亿: 49.8万. */
export function amount(value) {
  const [unit, times] = value >= 1e8 ? ["亿", 1e8] : value >= 1e4 ? ["万", 1e4] : ["", 1];
  return `${(value / times).toLocaleString("zh-CN", { maximumFractionDigits: value >= 1e4 ? 2 : 3 })}${unit}`;
}

/** Return the upper bounds of at most SHADES classes of counts from 1 to `most`, each about as many times the one before. */
export function bounds(most) {
  if (most <= SHADES) return Array.from({ length: most }, (_, at) => at + 1);
  return [...new Set(Array.from({ length: SHADES }, (_, at) => Math.max(at + 1, Math.floor(most ** ((at + 1) / SHADES) + 1e-9))))];
}

/** Return the class of a count, from 1 to SHADES, 0 for none; the largest class is always the darkest. */
export function shade(count, limits) {
  return count ? SHADES - limits.length + 1 + limits.findIndex((limit) => count <= limit) : 0;
}

/** Return round values from 0 to at least `most`, at most `parts` steps. */
export function ticks(most, parts = 4) {
  const rough = Math.max(1, most) / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].find((times) => times * power >= rough) * power);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => at * step);
}

let measuring = null;

/** Shorten a text to a width in pixels, in the font of the page. */
export function fitted(text, width, size) {
  measuring ??= document.createElement("canvas").getContext("2d");
  measuring.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  const points = [...text];
  if (measuring.measureText(text).width <= width) return text;
  let most = points.length;
  while (most > 1 && measuring.measureText(`${points.slice(0, most).join("")}…`).width > width) most -= 1;
  return `${points.slice(0, most).join("")}…`;
}
