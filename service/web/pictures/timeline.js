// The timeline: the cases of a topic along an axis, piled up by month, quarter or year; the first one marked, one story joined.
import { drawn, element } from "../dom.js";
import { fitted, NARROW } from "./measures.js";
import { part, picture } from "./picture.js";

const HIGHEST = 240; // pixels of the highest pile
const STEPS = [1, 3, 12]; // months of one pile
const ROOM = 40; // above the piles, for what is said of the first
const ARCS = 46; // below the axis, for what joins reports of one story
const MOST_ROWS = 200; // of the table

/** Return the figure. `hits` are dated, the earliest first; `pairs` are ids of items that tell the same story. */
export function timelinePicture({ hits, undated, pairs, topic, width, server, keep }) {
  const months = hits.map(({ citation: { date } }) => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1);
  const { start, step, piles } = pilesOf(months, Math.floor(width / 14));
  const wide = width / piles;
  const at = months.map((month) => Math.floor((month - start) / step));
  const pitch = pitchOf(at, wide);
  const across = Math.max(1, Math.floor((wide - 2) / pitch));
  const filled = new Array(piles).fill(0);
  const spots = at.map((pile) => {
    const number = filled[pile]++;
    return [pile * wide + wide / 2 + ((number % across) - (across - 1) / 2) * pitch, -pitch * (Math.floor(number / across) + 0.5) - 3];
  });
  const high = Math.max(60, ...spots.map(([, y]) => pitch - y)) + ROOM;
  const spotOf = new Map(hits.map((hit, number) => [hit.item_id, spots[number]]));
  const joined = pairs.filter((pair) => pair.every((id) => spotOf.has(id)));
  const twice = new Set(joined.flat());
  const dots = hits.map((hit, number) => dot(hit, spots[number], pitch, number === 0, twice.has(hit.item_id), server));
  const low = joined.length ? ARCS : 0;
  const arcs = joined.map(([one, other]) => arc(spotOf.get(one), spotOf.get(other), pitch));
  const drawing = [...axis(start, step, piles, wide, high, low), ...arcs, ...dots, ...first(hits[0], spots[0], high, pitch, width)];
  return picture({
    title: `${topic}：先后`, press: "点一下看原文", keep, size: [width, high + 26 + low], parts: [drawn("g", { transform: `translate(0 ${high})` }, ...drawing)],
    about: `${hits.length} 个案例，一点一个${joined.length ? "；弧线连着同一件事的几次报道" : ""}${undated ? `；另有 ${undated} 个未注明日期` : ""}`,
    table: { columns: ["日期", "案例", "说明"], rows: hits.slice(0, MOST_ROWS).map((hit, number) => tableRow(hit, number, joined, hits, server)) },
  });
}

/** The first month, the months of a pile and the number of piles; as fine as `most` piles allow. */
function pilesOf(months, most) {
  const [first, last] = [Math.min(...months), Math.max(...months)];
  const step = STEPS.find((months) => Math.ceil((last + 1 - first) / months) + 1 <= most) ?? 12 * Math.ceil((last - first) / 12 / most);
  const start = Math.floor(first / step) * step;
  return { start, step, piles: Math.max(6, Math.floor((last - start) / step) + 1) };
}

/** How far dots are apart, so that the highest pile is not too high. */
function pitchOf(at, wide) {
  const counts = new Map();
  for (const pile of at) counts.set(pile, (counts.get(pile) ?? 0) + 1);
  const most = Math.max(...counts.values());
  let pitch = 16;
  while (pitch > 3 && Math.ceil(most / Math.max(1, Math.floor((wide - 2) / pitch))) * pitch > HIGHEST) pitch -= 0.5;
  return Math.min(pitch, Math.max(3, wide - 1));
}

function dot({ citation }, [x, y], pitch, isFirst, isTwice, server) {
  const notes = [isFirst && "收录中最早", isTwice && "同一件事报道过几次", citation.also.length && `另见 ${citation.also.length} 处`].filter(Boolean);
  const said = `${citation.date}　${citation.item}${notes.length ? `（${notes.join("，")}）` : ""}`;
  const radius = pitch * 0.42;
  return part(server.reading(citation), said, [x, y], {},
    drawn("circle", { cx: x, cy: y, r: radius, class: isFirst ? "dot earliest" : "dot" }));
}

/** What joins two reports of one story: an arc below the axis, and lines down to it. */
function arc([x1, y1], [x2, y2], pitch) {
  const deep = Math.min(ARCS - 6, 14 + Math.abs(x2 - x1) / 8);
  const half = pitch * 0.42;
  return drawn("path", { d: `M${x1} ${y1 + half}V0C${x1} ${deep * 1.33} ${x2} ${deep * 1.33} ${x2} 0V${y2 + half}`, class: "arc" });
}

function first({ citation }, [x, y], high, pitch, width) {
  const narrow = width < NARROW;
  const said = fitted(`收录中最早　${citation.date}${narrow ? "" : `　${citation.item}`}`, Math.max(x, width - x) - 14, 14);
  const right = x < width / 2;
  return [
    drawn("path", { d: `M${x} ${y - pitch / 2}V${16 - high}`, class: "lead" }),
    drawn("text", { x: x + (right ? 7 : -7), y: 20 - high, "text-anchor": right ? "start" : "end", class: "said" }, said),
  ];
}

/** The axis: a line, years with their border, and months where there is room. */
function axis(start, step, piles, wide, high, low) {
  const parts = [drawn("path", { d: `M0 0H${piles * wide}`, class: "axis" })];
  let free = -1; // pixels; no name of a year begins before
  for (let pile = 0; pile < piles; pile += 1) {
    const month = start + pile * step;
    const x = pile * wide;
    if (pile && Math.floor(month / 12) === Math.floor((month - step) / 12)) {
      if (step === 1 && wide > 34) parts.push(drawn("text", { x: x + wide / 2, y: 18 + low, "text-anchor": "middle", class: "key" }, `${(month % 12) + 1}月`));
      continue;
    }
    parts.push(drawn("path", { d: `M${x} ${ROOM - high}V${low + 6}`, class: "grid" }));
    if (x < free) continue;
    const name = step === 1 && wide > 60 ? `${Math.floor(month / 12)}年${(month % 12) + 1}月` : `${Math.floor(month / 12)}`;
    parts.push(drawn("text", { x: x + 3, y: 18 + low, class: "key year-name" }, name));
    free = x + 44;
  }
  return parts;
}

function tableRow(hit, number, joined, hits, server) {
  const others = joined.filter((pair) => pair.includes(hit.item_id)).map((pair) => hits.find(({ item_id: id }) => id !== hit.item_id && pair.includes(id)));
  const notes = [number === 0 && "收录中最早", ...others.map(({ citation }) => `与“${citation.item}”是同一件事`)].filter(Boolean);
  return [hit.citation.date, element("a", { href: server.reading(hit.citation) }, hit.citation.item), notes.join("；") || "—"];
}
