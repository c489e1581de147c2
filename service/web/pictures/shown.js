// Which pictures stand above the cases of a search: bars in the order of a figure, a timeline by date, and the map if it is wanted.
import { sheetOf } from "../dom.js";
import { changed } from "../order.js";
import { levelOf } from "../results.js";
import { barsPicture } from "./bars.js";
import { mapPicture, shownRegion } from "./map.js";
import { widthOf } from "./measures.js";
import { timelinePicture } from "./timeline.js";

const WHOLE = "全国";
const sheet = await sheetOf("pictures.css");

/**
 * Return the pictures of what was found for a state (URLSearchParams), in `everywhere` the places whichever of them is chosen;
 * `go(state)` is called with the state that a part of a picture leads to.
 */
export async function picturesOf(state, found, { server, chosen, go, into }) {
  const root = into.getRootNode();
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  const width = widthOf(into);
  const keep = chosen?.keep;
  const pictures = [];
  if (state.get("map")) pictures.push(await mapOf(state, found.everywhere, { server, go, width, keep }));
  if (found.timeline?.hits.length) pictures.push(timelineOf(found.timeline, server, width, keep));
  if (found.sort === "figure" && found.cases.some((one) => one.outcome)) {
    const told = found.cases.filter((one) => one.outcome);
    const cases = told.filter((one) => levelOf(one) === levelOf(told[0])); // a province's figure beside counties' leaves them no length
    const total = cases.length < told.length ? cases.length : found.total;
    pictures.push(barsPicture({ cases, total, figure: found.figure, width, server, keep }));
  }
  return pictures.filter(Boolean);
}

async function mapOf(state, areas, { server, go, width, keep }) {
  const chosen = state.get("region") ?? "";
  if (!areas.length) return null;
  const shown = shownRegion(areas, chosen, state.get("map") === WHOLE);
  const places = await server.get("api/places", shown ? { region: shown } : {});
  const leading = (next) => ({
    href: `${location.pathname}?${next}`,
    onclick(event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      go(next);
    },
  });
  const link = (region) => leading(changed(state, { region: region === chosen ? "" : region, map: "1" }));
  return mapPicture({ areas, places, chosen, width, link, whole: () => leading(changed(state, { region: "", map: WHOLE })), keep });
}

/** The timeline at once; what tells one story is joined when it is known, which takes longer. */
function timelineOf({ query, hits, undated }, server, width, keep) {
  const draw = (pairs) => timelinePicture({ hits, undated: undated.length, pairs, topic: query, width, server, keep });
  const drawing = draw([]);
  if (hits.length < 2) return drawing;
  server.get("api/stories", { items: hits.map((hit) => hit.item_id).join(",") })
    .then(({ pairs }) => pairs.length && !drawing.matches(":focus-within") && drawing.replaceWith(draw(pairs)))
    .catch(() => null); // the timeline is right without it
  return drawing;
}
