"""The page as a whole: structure, links, counts, bytes."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

from dossier_sample import case, instruments, label
from dossier_text import ARTICLE, RUSSIAN
from page_reader import Page

import kayfabe
from kayfabe.dossier import build
from kayfabe.evidence import Evidence
from kayfabe.models import Case, Text

HERE = Path(__file__).parent


def test_ids_are_unique_and_every_inner_link_leads_somewhere(page: Page) -> None:
    ids = [e.attrs["id"] for e in page.elements if "id" in e.attrs]
    assert len(ids) == len(set(ids))
    for link in page.elements:
        for name in ("href", "aria-labelledby", "aria-describedby"):
            value = link.attrs.get(name, "")
            if value.startswith("#") or (value and name != "href"):
                assert value.removeprefix("#") in ids, (link.tag, value)


def test_every_claim_has_a_place_and_a_link_to_it(page: Page) -> None:
    targets = {e.attrs.get("href") for e in page.all("a")}
    count = sum(map(len, ARTICLE))
    for n in range(1, count + 1):
        assert page.all(id=f"claim-{n}"), n
        assert {f"#claim-{n}", f"#text-{n}"} & targets, n


def test_headings_go_down_one_step_at_a_time(page: Page) -> None:
    levels = [int(e.tag[1]) for e in page.elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_landmarks(page: Page) -> None:
    for tag in ("header", "nav", "main", "footer"):
        page.one(tag)
    assert page.one("a", class_="skip").attrs["href"] == "#claims"
    for section in page.all("section"):
        assert section.attrs["aria-labelledby"]


def test_tiles_count_what_a_hand_counts(page: Page) -> None:
    # 48 sentences, 4 of no claim; 22 of the five kinds that nothing decides; 3 + 1 + 1 findings that speak.
    kinds = [kind for paragraph in ARTICLE for kind, _ in paragraph]
    untestable = sum(kinds.count(k) for k in ("fact", "motive", "prescription", "prediction", "value"))
    tiles = {t.attrs["class"].split()[-1]: t.text for t in page.all("li", class_="tile")}
    counts = {verdict: int(re.search(r"\d+", text)[0]) for verdict, text in tiles.items()}  # type: ignore[index]
    assert counts == {
        "v-supported": 3,
        "v-contradicted": 1,
        "v-inconclusive": 1,
        "v-untested": len(kinds) - kinds.count("none") - untestable - 5,
        "v-untestable": untestable,
    }


def test_every_mark_and_card_shows_its_verdict_by_shape(page: Page) -> None:
    shapes = {e.attrs["id"] for e in page.all("symbol")}
    assert shapes == {f"shape-{v}" for v in ("supported", "contradicted", "inconclusive", "untested", "untestable")}
    for part in [*page.all("a", class_="mark"), *page.all("article", class_="card")]:
        verdict = next(c for c in part.attrs["class"].split() if c.startswith("v-")).removeprefix("v-")
        used = [e.attrs["href"] for e in page.all("use") if part in e.parents]
        assert used == [f"#shape-{verdict}"]


def test_a_repeated_finding_is_shown_once(page: Page) -> None:
    assert "for claim 5" in page.one("article", id="claim-9").text
    assert not [e for e in page.all("figure") if e.inside(id="claim-9")]
    assert [e for e in page.all("figure") if e.inside(id="claim-5")]


def test_abstentions_say_what_would_decide_them(page: Page) -> None:
    posts = page.one("article", id="claim-10").text
    assert "What would decide it" in posts
    assert "kayfabe evidence add STORE FILE --as posts" in posts
    assert "when the pauses were (dates)" in page.one("article", id="claim-24").text
    assert "About 31 observations (now 14)" in page.one("article", id="claim-26").text
    assert "Nothing could decide this, because" in page.one("article", id="claim-4").text
    assert "fact-checker" in page.one("article", id="claim-3").text


def test_rows_are_shown_counted_and_linked(page: Page) -> None:
    links = [e for e in page.all("a") if e.inside(id="claim-5") and e.attrs["href"].startswith("https://docs.un.org")]
    assert links[0].attrs["href"] == "https://docs.un.org/en/A/RES/67/10"
    assert len(links) == 25
    assert "25 of 2,310 rows shown" in page.one("article", id="claim-5").text
    never = [e.attrs["href"] for e in page.all("a") if e.inside(id="claim-34")]
    assert "https://gazette.example.org/straits/0/a-long-path-that-names-the-article-and-its-day" in never
    assert "1 row of this list is no longer in the evidence" in page.one("article", id="claim-14").text


def test_every_chart_has_a_table_and_words(page: Page) -> None:
    charts = page.all("figure", class_="chart")
    assert len(charts) == 3
    for chart in charts:
        own = [e for e in page.elements if chart in e.parents]
        assert any(e.tag == "table" and e.inside_tag("details") for e in own)
        image = next(e for e in own if e.attrs.get("role") == "img")
        assert image.attrs["aria-label"]
        assert any(e.tag == "svg" and image in e.parents for e in own)


def test_nothing_is_loaded_from_anywhere(html: str, page: Page) -> None:
    for e in page.elements:
        for name, value in e.attrs.items():
            if re.search(r"https?:|//", value):
                assert (e.tag, name) == ("a", "href"), (e.tag, name, value)
        assert e.tag not in {"img", "link", "iframe", "object", "embed", "base", "image", "form", "video", "audio"}
        assert not {"src", "srcset", "style", "action", "data"} & set(e.attrs)
        assert not [a for a in e.attrs if a.startswith("on")]
    style = page.one("style").text
    assert "url(" not in style
    assert "@import" not in style


def test_policy_names_exactly_this_style_and_script(page: Page) -> None:
    policy = next(e for e in page.all("meta") if "http-equiv" in e.attrs).attrs["content"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    runs = [e for e in page.all("script") if "type" not in e.attrs]
    for text in (page.one("style").text, runs[0].text):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert len(runs) == 1


def test_same_bytes_again_and_in_another_process(html: str, store: Evidence) -> None:
    assert build(case(store), instruments(), store, label) == html
    script = (
        "import hashlib, dossier_sample as s; from kayfabe.dossier import build; e = s.evidence(); "
        "print(hashlib.sha256(build(s.case(e), s.instruments(), e, s.label).encode()).hexdigest())"
    )
    paths = os.pathsep.join([str(HERE), str(Path(kayfabe.__file__).parents[1])])
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "5"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == hashlib.sha256(html.encode()).hexdigest()


def test_an_empty_case_is_a_page() -> None:
    empty = Case(text=Text(text="", language="en", source="-", sha256=""), claims=[])
    found = Page(build(empty, {}, None, str))
    assert "No claim was found" in found.one("header").text
    assert found.all("section", id="limits")


def test_russian_text_has_its_language_and_the_interface_its_own(store: Evidence) -> None:
    found = Page(build(case(store, (RUSSIAN,), "ru"), instruments(), store, label))
    assert found.one("html").attrs["lang"] == "ru"
    assert found.one("div", id="the-text").attrs["lang"] == "ru"
    assert found.one("section", id="claims").attrs["lang"] == "en"
    assert {e.attrs["lang"] for e in found.all("blockquote")} == {"ru"}


def test_fifteen_hundred_claims_in_ten_seconds(store: Evidence) -> None:
    many = case(store, ARTICLE * 32)
    assert len(many.claims) >= 1500
    findings = {
        c.id: f.model_copy(update={"seed": i})
        for i, c in enumerate(many.claims)
        for f in [next(iter(many.findings.values()))]
        if i % 5 == 0
    }
    started = time.perf_counter()
    found = build(many.model_copy(update={"findings": findings}), instruments(), store, label)
    assert time.perf_counter() - started < 10
    assert found.count('<article class="card') + found.count('<li id="claim-') == len(many.claims)


def test_without_evidence_rows_are_counted(store: Evidence) -> None:
    found = Page(build(case(store), instruments(), None, label))
    text = found.one("article", id="claim-5").text
    assert "2,310 rows behind it" in text
    assert "no longer in the evidence" not in text
