"""Measure the waiting time in a browser: largest contentful paint; from the last key, or from Enter, to the results; drawing.

    jianbao --data DATA sync FOLDER
    python benchmarks/page.py DATA QUESTION...

Starts a server over DATA, and Debian's Chromium (/usr/bin/chromium) on the same machine. Prints milliseconds: the median of 15
rounds and the second worst. "Cold" is a browser with an empty cache, "warm" one that has cached the modules.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

ROUNDS = 15
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
LARGEST_PAINT = """() => new Promise((tell) => new PerformanceObserver((seen) => tell(seen.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true }))"""
# Resolves to the milliseconds from `event` in the search field to the frame that first draws a new element matching `shown`.
UNTIL = """([event, shown]) => new Promise((tell) => {
    const root = document.querySelector("jianbao-search").shadowRoot;
    root.querySelector("[name=q]").addEventListener(event, () => {
        const began = performance.now();
        const before = root.querySelector(shown);
        const look = () => {
            const now = root.querySelector(shown);
            if (now && now !== before && now.checkVisibility()) requestAnimationFrame(() => tell(performance.now() - began));
            else requestAnimationFrame(look);
        };
        look();
    }, { once: true });
})"""


# Resolves to the milliseconds in which a map of 90 counties and a timeline of 2,000 cases are laid out and painted.
DRAWN = """async (rounds) => {
    const module = (name) => import(new URL(`pictures/${name}.js`, document.querySelector("link[rel=stylesheet]").href));
    const [{ mapPicture }, { timelinePicture }] = [await module("map"), await module("timeline")];
    const places = await (await fetch("api/places?region=浙江省")).json();
    const area = (place) => ({ ...place, count: 1 + place.name.length % 7, inside: place.inside.map(area) });
    const areas = [{ name: "浙江省", label: "浙江省", count: 500, inside: places.rows.flat().map(area) }];
    const date = (at) => `${2015 + Math.floor(at / 182)}-0${1 + Math.floor((at % 182) / 21)}-15`;
    const citation = (at) => ({ item: `案例${at}`, date: date(at), also: [], regions: [] });
    const hits = Array.from({ length: 2000 }, (_, at) => ({ item_id: String(at), citation: citation(at) }));
    const [link, server, pairs] = [(region) => ({ href: `?region=${region}` }), { reading: () => "#" }, [["0", "900"]]];
    const draw = {
        map: () => mapPicture({ areas, places, chosen: "", width: 830, link, whole: () => link("") }),
        timeline: () => timelinePicture({ hits, undated: 0, pairs, topic: "", width: 830, server }),
    };
    const times = { map: [], timeline: [] };
    for (let round = 0; round < rounds; round += 1) {
        for (const [name, make] of Object.entries(draw)) {
            const began = performance.now();
            document.querySelector("#numbers").replaceChildren(make());
            await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
            times[name].push(performance.now() - began);
        }
    }
    return times;
}"""


@contextmanager
def server(data: Path) -> Iterator[str]:
    """Run a server and give its address."""
    command = [str(Path(sys.executable).with_name("jianbao")), "--data", str(data), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield next(found[0] for line in process.stdout or () if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        process.terminate()


def paint(page: Page, address: str, shown: str) -> float:
    """Open an address and return its largest contentful paint once `shown` is there."""
    page.goto(address)
    page.locator(shown).first.wait_for()
    page.wait_for_timeout(300)
    return float(page.evaluate(LARGEST_PAINT))


def waited(page: Page, event: str, shown: str, act: Callable[[], None]) -> float:
    """Return the time from an event in the search field, which `act` causes, to what is then shown."""
    page.evaluate(f"() => {{ window.waited = ({UNTIL})({[event, shown]!r}); }}")
    act()
    return float(page.evaluate("window.waited"))


def rows(browser: Browser, site: str, questions: list[str]) -> Iterator[tuple[str, list[float]]]:
    """Yield what was measured, round by round."""
    found = f"{site}/?q={quote(questions[0])}"
    for name, address, shown in (("start", site, "#documents li"), ("a shared search", found, ".hit")):
        cold = []
        for _ in range(ROUNDS):
            with browser.new_context() as context:
                cold.append(paint(context.new_page(), address, shown))
        yield f"largest contentful paint, {name}, cold", cold
        with browser.new_context() as context:
            page = context.new_page()
            yield f"largest contentful paint, {name}, warm", [paint(page, address, shown) for _ in range(ROUNDS + 1)][1:]
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(site)
        field = page.get_by_role("combobox")
        asked = [questions[number % len(questions)] for number in range(ROUNDS)]
        typed = [f"{question}{number}" for number, question in enumerate(asked)]  # not in the server's cache
        yield (
            "last key → passages (200 of it the pause)",
            [
                waited(page, "input", ".hits", lambda text=text: field.fill(text))
                for text in typed  # type: ignore[misc]
            ],
        )
        for name, shown in (("passages", ".hits"), ("answer", ".answer h2")):
            times = []
            for number, question in enumerate(asked):
                page.goto(site)
                field.fill(f"{question}{name}{number}")
                times.append(waited(page, "keydown", shown, lambda: field.press("Enter")))
            yield f"Enter → {name}", times
        page.goto(f"{site}/status")
        page.locator(".picture").first.wait_for()
        drawn = page.evaluate(DRAWN, ROUNDS)
        yield "a map of 90 counties, drawn", drawn["map"]
        yield "a timeline of 2,000 cases, drawn", drawn["timeline"]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("questions", nargs="+")
    options = parser.parse_args()
    print("| | median ms | worst but one |\n|---|---|---|")
    with server(options.data) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for name, times in rows(browser, site, options.questions):
            print(f"| {name} | {median(times):.0f} | {sorted(times)[-2]:.0f} |", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
