// Page images of an original, drawn by the server and fetched as they come into view, with boxes over the cited words.
import { element } from "../dom.js";

const STEPS = [800, 1200, 1600, 2400]; // widths of images that the server draws, in pixels

/** Put a frame for each page into `into`; `sizes` are in points; `turned` is called with the page in the middle of the window. */
export function drawPages(into, { pages, sizes }, server, id, turned) {
  const middle = new IntersectionObserver((seen) => seen.filter((one) => one.isIntersecting).forEach((one) => turned(Number(one.target.dataset.page))), { rootMargin: "-45% 0px" });
  const wanted = Math.min(into.clientWidth || 800, 1000) * (window.devicePixelRatio || 1);
  const width = STEPS.find((step) => step >= wanted) ?? STEPS.at(-1);
  into.hidden = false;
  into.replaceChildren(...Array.from({ length: pages }, (_, at) => {
    const [wide, high] = sizes[at] ?? sizes.at(-1);
    const address = new URL(`api/documents/${id}/pages/${at + 1}?width=${width}`, server.base).href;
    const image = element("img", { src: address, alt: `原件第${at + 1}页`, loading: "lazy", decoding: "async" });
    image.addEventListener("error", () => image.replaceWith(element("p", { class: "failed" }, `第${at + 1}页显示不了，请打开原件查看`)));
    const figure = element("figure", { class: "page", id: `page-${at + 1}`, "data-page": at + 1 }, image, element("figcaption", {}, `第${at + 1}页`));
    figure.style.setProperty("--shape", `${wide} / ${high}`);
    middle.observe(figure);
    return figure;
  }));
}

/** Draw boxes over the pages, in place of the earlier ones; boxes are in shares of the page's width and height. */
export function showBoxes(into, places) {
  for (const box of into.querySelectorAll(".box")) box.remove();
  for (const { page, boxes } of places) {
    const figure = into.querySelector(`#page-${page}`);
    figure?.append(...boxes.map(([left, top, width, height]) => {
      const box = element("span", { class: "box", "aria-hidden": "true" });
      Object.assign(box.style, { left: `${left * 100}%`, top: `${top * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` });
      return box;
    }));
  }
}

export function turnTo(page) {
  document.getElementById(`page-${page}`)?.scrollIntoView({ block: "start" });
}
