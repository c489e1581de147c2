// The map: places as tiles, where they lie to each other, each in the shade of its number of cases; a tile filters by its place.
// Why tiles: service/actions/places.py.
import { drawn, element } from "../dom.js";
import { bounds, fitted, NARROW, shade } from "./measures.js";
import { part, picture } from "./picture.js";

const LARGEST = 0.5; // share of all cases; a province with more is shown with its counties
const MOST_COUNTIES = [100, 200]; // tiles on a phone, and where there is room; with more, cities are the tiles
const HEAD = 24; // pixels, of a city's name above its counties
const GAP = 0.25; // tiles between cities
const LEGEND = 34;
const MOST_ELSEWHERE = 6; // places named beside the map

/** Return the region whose parts a map of `areas` shows: "" for the whole country. */
export function shownRegion(areas, chosen, wholeCountry) {
  if (wholeCountry) return "";
  const all = areas.reduce((sum, area) => sum + area.count, 0);
  return areas.find((area) => (chosen ? chosen.startsWith(area.name) : area.count > LARGEST * all))?.name ?? "";
}

/**
 * Return the figure. `places` is what the server says of the shown region; `link(region)` gives {href, onclick} of a filter;
 * `whole(yes)` those that show the whole country, or a province again.
 */
export function mapPicture({ areas, places: { region, rows }, chosen, width, link, whole, keep }) {
  const counts = new Map(flat(areas).map(({ name, count }) => [name, count]));
  const count = ({ name }) => counts.get(name) ?? 0;
  const inside = rows.flat().filter(Boolean).flatMap((place) => place.inside);
  const byCounty = region && inside.length <= MOST_COUNTIES[width < NARROW ? 0 : 1];
  const tiles = byCounty ? inside : rows.flat().filter(Boolean).flatMap((place) => (place.name ? [place] : place.inside));
  const limits = bounds(Math.max(1, ...tiles.map(count)));
  const draw = (place, box) => tile(place, count(place), shade(count(place), limits), place.name === chosen, box, link);
  const { parts, height } = byCounty ? blocks(rows, width, draw, count, chosen, link) : grid(region ? cityRows(rows) : rows, width, draw);
  const some = tiles.filter(count);
  const here = region ? areas.filter((area) => area.name === region) : areas;
  const title = `${region || "全国"}：案例在哪里`;
  const about = `${tiles.length} 个${byCounty ? "市县区" : region ? "市" : "省份"}里 ${some.length} 个有案例，颜色越深越多；方块只表示大致方位`;
  return picture({
    title, about, press: "点一下只看那里的", size: [width, height + LEGEND], keep,
    parts: [...legend(limits, width), drawn("g", { transform: `translate(0 ${LEGEND})` }, ...parts)],
    table: { columns: ["地区", "案例"], rows: flat(here).map(({ name, count }) => [element("a", link(name), name), String(count)]) },
    more: elsewhere(areas, region, link, whole),
  });
}

function flat(areas) {
  return areas.flatMap((area) => [area, ...flat(area.inside)]);
}

/** Rows of cities without counties; what lies directly below the province makes rows of its own. */
function cityRows(rows) {
  return rows.map((row) => row.flatMap((place) => (place.name ? [place] : place.inside)));
}

/** Provinces or cities: one tile each, in rows; null is an empty place. */
function grid(rows, width, draw) {
  const most = Math.max(...rows.map((row) => row.length));
  const side = Math.min(width / most, 84);
  const high = Math.max(38, Math.min(side * 0.72, 60));
  const even = rows.every((row) => row.length === most); // a grid with empty places is not centred
  const parts = rows.flatMap((row, down) => row.map((place, across) => place &&
    draw(place, [(width - (even ? most : row.length) * side) / 2 + across * side, down * high, side - 2, high - 2])));
  return { parts: parts.filter(Boolean), height: rows.length * high };
}

/** Counties in blocks of their city; the blocks of a row are about as high as each other. */
function blocks(rows, width, draw, count, chosen, link) {
  const columns = Math.floor(width / (width < NARROW ? 40 : 60));
  const [wide, high] = [width / columns, width < NARROW ? 38 : 42];
  const parts = [];
  let top = 0;
  for (const row of rows.flatMap((cities) => folded(cities, columns))) {
    const lines = heightOf(row, columns);
    const across = row.map((city) => Math.max(1, Math.ceil(city.inside.length / lines)));
    let left = (columns - sum(across) - GAP * (row.length - 1)) / 2;
    row.forEach((city, at) => {
      parts.push(headOf(city, count(city), city.name === chosen, [left * wide, top, across[at] * wide], link));
      city.inside.forEach((place, number) => {
        const [column, line] = [number % across[at], Math.floor(number / across[at])];
        parts.push(draw(place, [(left + column) * wide, top + HEAD + line * high, wide - 2, high - 2]));
      });
      left += across[at] + GAP;
    });
    top += HEAD + Math.max(...row.map((city, at) => Math.ceil(city.inside.length / across[at]))) * high + 10;
  }
  return { parts, height: top };
}

/** Break a row that has more cities than fit beside each other. */
function folded(row, columns) {
  const most = Math.floor((columns + GAP) / (1 + GAP));
  const lines = Math.ceil(row.length / most);
  return Array.from({ length: lines }, (_, at) => row.slice(Math.ceil((at * row.length) / lines), Math.ceil(((at + 1) * row.length) / lines)));
}

/** The least number of lines with which a row of blocks is not too wide. */
function heightOf(row, columns) {
  let lines = 2;
  while (sum(row.map((city) => Math.max(1, Math.ceil(city.inside.length / lines)))) + GAP * (row.length - 1) > columns) lines += 1;
  return lines;
}

const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

function headOf(city, count, isChosen, [left, top, width], link) {
  const text = fitted(count && city.name ? `${city.label} ${count}` : city.label, width + 10, 13);
  const label = drawn("text", { x: left + 1, y: top + HEAD - 7, class: "city" }, text);
  if (!count || !city.name) return label;
  const { href, onclick } = link(city.name);
  return part(href, `${city.name}：${count} 个案例`, [left, top], { onclick, "aria-current": isChosen && "true" },
    drawn("rect", { x: left, y: top, width: width - 2, height: HEAD, class: "ground" }), label);
}

function tile(place, count, level, isChosen, [x, y, width, height], link) {
  const size = Math.min(13, (width - 4) / [...place.label].length);
  const middle = x + width / 2;
  const shapes = [
    drawn("rect", { x, y, width, height, rx: 2, class: `tile shade${level}` }),
    drawn("text", { x: middle, y: y + height / 2 + (count ? -2 : 4.5), "font-size": size, class: `on${level}` }, place.label),
  ];
  if (!count) return drawn("g", {}, ...shapes);
  shapes.push(drawn("text", { x: middle, y: y + height / 2 + 13, "font-size": 12, class: `on${level} number` }, count));
  const { href, onclick } = link(place.name);
  const looks = { onclick, class: isChosen && "chosen-place", "aria-current": isChosen && "true" };
  return part(href, `${place.name}：${count} 个案例`, [middle, y + height / 2], looks, ...shapes);
}

function legend(limits, width) {
  const step = Math.min(62, (width - 44) / limits.length);
  const first = (at) => (limits[at - 1] ?? 0) + 1;
  const label = (limit, at) => (first(at) === limit ? `${limit}` : `${first(at)}–${limit}`);
  const box = (at, level, text) => [
    drawn("rect", { x: 44 + at * step, y: 3, width: 16, height: 16, rx: 2, class: `tile shade${level}` }),
    drawn("text", { x: 64 + at * step, y: 16, class: "key" }, text),
  ];
  return [drawn("text", { x: 0, y: 16, class: "key" }, "案例数"), ...limits.flatMap((limit, at) => box(at, shade(limit, limits), label(limit, at)))];
}

/** What the map does not show: other provinces, with a way to the whole country; or the way back. */
function elsewhere(areas, region, link, whole) {
  const others = areas.filter((area) => area.name !== region);
  if (!region) return element("p", { class: "elsewhere" }, areas.length ? "点一个省份，看它的市县" : "");
  if (!others.length) return null;
  const links = others.slice(0, MOST_ELSEWHERE).map(({ name, label, count }) => element("a", { ...link(name), class: "button" }, `${label} ${count}`));
  const rest = others.length - MOST_ELSEWHERE;
  return element("p", { class: "elsewhere" }, "图外：", links, rest > 0 && ` 另 ${rest} 处 `, element("a", { ...whole(), class: "button" }, "看全国"));
}
