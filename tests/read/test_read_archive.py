"""Folders, feeds and exports into documents: what is found, where from, and what is refused."""

import json
from pathlib import Path

import docx
import pytest

from kayfabe.errors import UnreadableText
from kayfabe.evidence import Evidence, store
from kayfabe.evidence.documents import Archives, fingerprint, preview, repeated
from kayfabe.read.archive import documents, is_archive

STORY = "The council met for the third time this week. It talked about the bridge and about the road to the harbour for five hours."
PAGE = """<html><head><title>Bridge talks</title><meta property="og:site_name" content="The Herald">
<meta property="article:published_time" content="2024-03-05T10:30:00+02:00"><link rel="canonical" href="https://herald.example/a"></head>
<body><nav>Home News Sport</nav><article><h1>Bridge talks</h1><p>{text}</p><p>{text}</p></article><footer>Subscribe now</footer></body></html>"""
RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>City Wire</title>
<item><title>One &amp; two</title><link>https://wire.example/1</link><guid>w1</guid><pubDate>Tue, 05 Mar 2024 08:00:00 +0300</pubDate>
<description>short</description><content:encoded><![CDATA[<p>A longer <b>body</b> of the story.</p>]]></content:encoded></item>
<item><title>No date</title><link>https://wire.example/2</link><description>text</description></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Ministry</title><entry><id>tag:1</id><title>Statement</title>
<link href="https://ministry.example/1"/><updated>2024-03-06T12:00:00Z</updated><content type="html">&lt;p&gt;We say so.&lt;/p&gt;</content></entry></feed>"""
TELEGRAM = {
    "name": "Канал",
    "messages": [
        {"id": 1, "type": "service", "date": "2024-03-05T10:00:00"},
        {
            "id": 2,
            "type": "message",
            "date": "2024-03-05T10:00:00",
            "date_unixtime": "1709625600",
            "text": ["Привет ", {"type": "bold", "text": "всем"}],
        },
        {"id": 3, "type": "message", "date": "2024-03-05T11:00:00", "text": ""},
    ],
}


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "press"
    (root / "Courier").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".git" / "x.txt").write_text("not read")
    (root / "a.html").write_text(PAGE.format(text=STORY))
    (root / "Courier" / "2024-03-07 bridge.txt").write_text(STORY)
    (root / "Courier" / "2024-03-08 again.txt").write_bytes(("Мост закрыт. " * 9).encode("cp1251"))
    (root / "Courier" / "undated.txt").write_text(STORY)
    (root / "wire.rss").write_text(RSS)
    (root / "ministry.atom").write_text(ATOM)
    (root / "result.json").write_text(json.dumps(TELEGRAM))
    paper = docx.Document()
    paper.add_paragraph("KYIV, 9 March 2024 — " + STORY)
    paper.save(root / "d.docx")
    return root


def by_id(found):
    return {f.document: f for f in found}


def test_a_folder_gives_every_document_with_date_and_outlet_and_where_from(folder):
    found = by_id(documents(folder))
    page = found["a"]
    assert (page.at, page.at_from, page.outlet, page.outlet_from) == (
        "2024-03-05T08:30:00Z",
        "page",
        "The Herald",
        "page",
    )
    assert page.url == "https://herald.example/a"
    assert "Subscribe" not in page.text
    assert "Home News" not in page.text
    named = found["Courier/2024-03-07 bridge"]
    assert (named.at, named.at_from, named.outlet, named.outlet_from) == (
        "2024-03-07",
        "file name",
        "Courier",
        "folder",
    )
    assert "Мост закрыт" in found["Courier/2024-03-08 again"].text
    assert found["Courier/2024-03-08 again"].language == "ru"
    assert found["Courier/undated"].at is None
    assert (found["d"].at, found["d"].at_from) == ("2024-03-09", "dateline")
    assert not any(f.document.rpartition("/")[2] == "x" for f in found.values())


def test_feeds_and_exports(folder):
    found = by_id(documents(folder))
    item = found["w1"]
    assert (item.at, item.outlet, item.title, item.text) == (
        "2024-03-05T05:00:00Z",
        "City Wire",
        "One & two",
        "A longer body of the story.",
    )
    assert found["https://wire.example/2"].at is None
    entry = found["tag:1"]
    assert (entry.at, entry.outlet, entry.text, entry.url) == (
        "2024-03-06T12:00:00Z",
        "Ministry",
        "We say so.",
        "https://ministry.example/1",
    )
    message = found["Канал/2"]
    assert (message.at, message.outlet, message.text) == ("2024-03-05T08:00:00Z", "Канал", "Привет всем")


def test_a_given_outlet_is_taken(folder):
    assert {f.outlet for f in documents(folder, "Mine")} == {"Mine"}


def test_the_preview_shows_what_is_missing_and_what_is_there_twice(folder):
    found = documents(folder)
    lines = "\n".join(preview(found))
    assert "outlet Courier (from the folder): 3" in lines
    assert "no date: 2 (Courier/undated, https://wire.example/2)" in lines
    assert "date from the file name: 2" in lines
    assert repeated(found) == [
        "same text more than once (kept): 1 documents, such as Courier/2024-03-07 bridge = Courier/undated"
    ]


def test_a_folder_is_loaded_once_and_undated_documents_are_refused_or_written_out(folder, tmp_path):
    archives = Archives(is_archive, documents)
    target, bad = tmp_path / "s.duckdb", tmp_path / "bad.csv"
    from kayfabe.errors import BadRow

    with pytest.raises(BadRow, match="column at"):
        store.add(target, [folder], "documents", archives=archives)
    added = store.add(target, [folder], "documents", archives=archives, reject=bad)[0]
    assert (added.rows, added.rejected) == (7, 2)
    assert "undated" in bad.read_text()
    assert store.add(target, [folder], "documents", archives=archives)[0].already
    evidence = Evidence.open(target)
    assert evidence.count("documents") == 7
    evidence.close()
    before = fingerprint(folder)
    (folder / "new.txt").write_text(STORY)
    assert fingerprint(folder) != before


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bomb.xml", '<!DOCTYPE x [<!ENTITY a "b">]><rss>&a;</rss>', "entities"),
        ("broken.rss", "<rss><channel>", "well-formed"),
        ("page.xml", "<html></html>", "neither RSS nor Atom"),
        ("chat.json", '{"messages": 3}', "Telegram"),
        ("empty.txt", "", "empty"),
        ("not.pdf", "plain", "PDF"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, name, content, said):
    (tmp_path / name).write_text(content)
    with pytest.raises(UnreadableText, match=said):
        documents(tmp_path)


def test_tables_are_no_archives(tmp_path):
    (tmp_path / "t.json").write_text('[{"document": "a"}]')
    assert not is_archive(tmp_path / "t.json")
    assert not is_archive(Path("t.csv"))
    assert is_archive(tmp_path)


def test_a_folder_is_looked_at_even_where_some_files_cannot_be_read(folder, tmp_path):
    (folder / "Courier" / "empty.txt").write_text("")
    with pytest.raises(UnreadableText, match="empty"):
        documents(folder)
    found = documents(folder, strict=False)
    assert "cannot be read: 1 (Courier/empty.txt: it is empty)" in preview(found)
    archives, bad = Archives(is_archive, lambda p: documents(p, strict=False)), tmp_path / "bad.csv"
    assert store.add(tmp_path / "s.duckdb", [folder], "documents", archives=archives, reject=bad)[0].rejected == 3
    assert "(cannot be read: it is empty)" in bad.read_text()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Москва, 6 марта 2024 года. Министр заявил", "2024-03-06"),
        ("7 March 2024. A text about the talks", "2024-03-07"),
        ("МОСКВА, 3 мая 2024. /ТАСС/. Министр", "2024-05-03"),
        ("He left on 8 March 2024. Then nothing was heard of him for years, it was said.", None),
    ],
)
def test_opening_words_that_are_a_dateline(tmp_path, text, day):
    (tmp_path / "a.txt").write_text(text + " и больше ничего не добавил, пока не кончился день.")
    assert documents(tmp_path)[0].at == day


def test_scripts_do_not_date_a_page_that_dates_itself(tmp_path):
    decoy = '<script>var x = "datePublished 1999-01-01T00:00:00Z";</script>'
    (tmp_path / "a.html").write_text(PAGE.format(text=STORY).replace("<head>", "<head>" + decoy))
    assert documents(tmp_path)[0].at == "2024-03-05T08:30:00Z"
