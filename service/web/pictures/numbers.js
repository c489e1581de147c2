// Numbers of items: columns by month, stacked by kind, and by issue of a series, with the gaps of what is missing.
import { drawn, element } from "../dom.js";
import { NARROW, ticks } from "./measures.js";
import { part, picture } from "./picture.js";

const KINDS = ["bulletin", "news", "other"];
const STEPS = { 1: "每月", 3: "每季度", 12: "每年" }; // months of one column
const [LEFT, HIGH, FOOT] = [36, 200, 26]; // pixels
const TOP = 34; // for the legend
const MOST_ROWS = 4; // years of series that are drawn; all of them stand in the table
const ROW = 104; // pixels of one of them

/** Return the figure of items by month, quarter or year; undated ones are told. */
export function monthsPicture({ months, words, base, width }) {
  const dated = months.filter(({ month }) => month);
  const without = months.filter(({ month }) => !month).reduce((sum, { items }) => sum + items, 0);
  const { step, columns } = columnsOf(dated, Math.floor((width - LEFT) / 16));
  const limits = ticks(Math.max(...columns.map(({ items }) => items)));
  const wide = Math.min((width - LEFT) / columns.length, 80);
  const scale = HIGH / limits.at(-1);
  const named = KINDS.filter((kind) => columns.some((column) => column[kind]));
  const drawing = columns.flatMap((column, at) => stack(column, LEFT + at * wide, wide, scale, words, base));
  const labels = columns.flatMap(({ name, year }, at) => {
    const x = LEFT + at * wide;
    const opens = year !== columns[at - 1]?.year && (step < 12 || (wide <= 22 && year % 5 === 0));
    return [
      wide > 22 && drawn("text", { x: x + wide / 2, y: 17, "text-anchor": "middle", class: "key" }, wide > 28 ? name : name.replace("月", "")),
      opens && drawn("text", { x: x + 2, y: wide > 22 ? 34 : 17, class: "key year-name" }, wide > 22 ? `${year}年` : year),
    ].filter(Boolean);
  });
  return picture({
    title: `${STEPS[step]}收录的条目`, size: [width, TOP + HIGH + FOOT + 14],
    about: `${monthName(dated[0])}至${monthName(dated.at(-1))}${without ? `；另有 ${without} 条未注明日期` : ""}`, press: "点一下看那时的案例",
    parts: [...legend(named, words), drawn("g", { transform: `translate(0 ${TOP + HIGH})` }, ...rules(limits, scale, LEFT + columns.length * wide), ...drawing, ...labels)],
    table: {
      columns: ["时间", ...named.map((kind) => words.kinds[kind]), "合计"],
      rows: columns.filter(({ items }) => items).map((column) => [column.said, ...named.map((kind) => String(column[kind])), String(column.items)]),
    },
  });
}

const monthName = ({ month }) => `${month.slice(0, 4)}年${Number(month.slice(5))}月`;

/** Return the columns: months without a gap, or quarters or years if there are more than `most` of them. */
function columnsOf(months, most) {
  const numbered = months.map(({ month, ...more }) => ({ ...more, number: Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 }));
  const [first, last] = [numbered[0].number, numbered.at(-1).number];
  const step = [1, 3].find((months) => (last - first) / months + 1 <= most) ?? 12;
  const start = Math.floor(first / step) * step;
  const columns = [];
  for (let from = start; from <= last; from += step) {
    const year = Math.floor(from / 12);
    const name = { 1: `${(from % 12) + 1}月`, 3: `${Math.floor((from % 12) / 3) + 1}季`, 12: `${year}年` }[step];
    const column = { from, step, year, name, said: step === 12 ? name : `${year}年${name}${step === 3 ? "度" : ""}`, items: 0 };
    const within = numbered.filter(({ number }) => number >= from && number < from + step);
    for (const kind of KINDS) column[kind] = within.filter((one) => one.kind === kind).reduce((sum, { items }) => sum + items, 0);
    column.items = KINDS.reduce((sum, kind) => sum + column[kind], 0);
    columns.push(column);
  }
  return { step, columns };
}

function stack(column, x, wide, scale, words, base) {
  if (!column.items) return [];
  const day = (month, day) => `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-${day}`;
  const last = new Date(Date.UTC(Math.floor((column.from + column.step) / 12), (column.from + column.step) % 12, 0)).getUTCDate();
  const href = new URL(`?${new URLSearchParams({ view: "all", since: day(column.from, "01"), until: day(column.from + column.step - 1, last) })}`, base).href;
  const said = `${column.said}：${column.items} 条（${KINDS.filter((kind) => column[kind]).map((kind) => `${words.kinds[kind]} ${column[kind]}`).join("，")}）`;
  let top = 0;
  const bars = KINDS.filter((kind) => column[kind]).map((kind) => {
    top -= column[kind] * scale;
    return drawn("rect", { x: x + wide * 0.14, y: top, width: wide * 0.72, height: Math.max(1, column[kind] * scale - 1), class: `column ${kind}` });
  });
  const number = wide > 22 && drawn("text", { x: x + wide / 2, y: top - 5, "text-anchor": "middle", class: "value" }, column.items);
  return [part(href, said, [x, 0], {}, drawn("rect", { x, y: -HIGH, width: wide, height: HIGH, class: "ground" }), ...bars, ...(number ? [number] : []))];
}

function rules(limits, scale, right) {
  return limits.flatMap((limit) => [
    drawn("path", { d: `M${LEFT} ${-limit * scale}H${right}`, class: limit ? "grid" : "axis" }),
    drawn("text", { x: LEFT - 6, y: 4 - limit * scale, "text-anchor": "end", class: "key" }, limit),
  ]);
}

function legend(kinds, words) {
  return kinds.flatMap((kind, at) => [
    drawn("rect", { x: LEFT + at * 72, y: 2, width: 14, height: 14, class: `column ${kind}` }),
    drawn("text", { x: LEFT + 20 + at * 72, y: 14, class: "key" }, words.kinds[kind]),
  ]);
}

/** Return the figure of items by issue, a row for each year of a series; null if no bulletin has numbers. */
export function issuesPicture({ issues, series, base, width }) {
  const rows = series.map(({ series: name, year, held, missing }) => {
    const own = issues.filter((one) => one.series === name && one.year === year).sort((one, other) => one.issue - other.issue);
    return { name: `《${name}》${year ? `${year}年` : ""}`, own, missing, first: held[0], last: held.at(-1) };
  }).filter(({ own }) => own.length);
  if (!rows.length) return null;
  const shown = rows.slice(0, MOST_ROWS);
  const most = Math.max(...shown.flatMap(({ own }) => own.map(({ items }) => items)));
  const wide = Math.min(width / Math.max(...shown.map(({ first, last }) => last - first + 1)), width < NARROW ? 42 : 56);
  return picture({
    title: "每期的条目", size: [width, shown.length * ROW + 8],
    about: `${rows.length > MOST_ROWS ? `最近的 ${MOST_ROWS} 行，共 ${rows.length} 行；` : ""}一柱一期，虚线是缺的`, press: "点一下打开那一期",
    parts: shown.map((row, at) => drawn("g", { transform: `translate(0 ${at * ROW})` }, ...issueRow(row, at, wide, most, base, width))),
    table: {
      columns: ["刊期", "日期", "条目"],
      rows: rows.flatMap(({ name, own, missing }) => [
        ...own.map(({ document_id: id, issue, date, items }) => [element("a", { href: new URL(`documents/${id}`, base).href }, `${name}第${issue}期`), date || "—", String(items)]),
        ...missing.map((issue) => [`${name}第${issue}期`, "—", "缺"]),
      ]),
    },
  });
}

function issueRow({ name, own, missing, first, last }, row, wide, most, base, width) {
  const foot = 84;
  const scale = 42 / most;
  const every = Math.ceil(20 / wide); // issues from one number to the next
  const place = (issue) => (issue - first) * wide;
  const bars = own.map(({ document_id: id, issue, date, items }) => {
    const [x, y] = [place(issue), foot - items * scale];
    return part(new URL(`documents/${id}`, base).href, `${name}第${issue}期${date ? `（${date}）` : ""}：${items} 条`, [x, row * ROW + foot], {},
      drawn("rect", { x, y: foot - 56, width: wide, height: 56, class: "ground" }),
      drawn("rect", { x: x + wide * 0.14, y, width: Math.max(1, wide * 0.72), height: items * scale, class: "column bulletin" }),
      wide > 18 && drawn("text", { x: x + wide / 2, y: y - 4, "text-anchor": "middle", class: "value" }, items));
  });
  const gaps = missing.flatMap((issue) => [
    drawn("rect", { x: place(issue) + wide * 0.14, y: foot - 20, width: Math.max(1, wide * 0.72), height: 20, class: "gap" }),
    ...(wide > 18 ? [drawn("text", { x: place(issue) + wide / 2, y: foot - 5, "text-anchor": "middle", class: "key" }, "缺")] : []),
  ]);
  const numbers = Array.from({ length: last - first + 1 }, (_, at) => first + at).filter((issue) => issue === first || issue % every === 0)
    .map((issue) => drawn("text", { x: place(issue) + wide / 2, y: foot + 15, "text-anchor": "middle", class: "key" }, issue));
  return [drawn("text", { x: 0, y: 16, class: "city" }, name), ...gaps, ...bars, drawn("path", { d: `M0 ${foot}H${Math.min(width, place(last + 1))}`, class: "axis" }), ...numbers];
}
