"""Loading: what is readable gives the text that was written; what is not gives one clear line."""

import contextlib
import datetime as dt
import hashlib
import io
import time
import unicodedata
import zipfile

import docx
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kayfabe.errors import KayfabeError, UnreadableText
from kayfabe.models import Text
from kayfabe.read import load_text

EN = "The ferry operators obey the harbour board. The board has not said why it does so, and nobody has asked it."
RU = "Паромщики подчиняются портовому совету. Совет не объяснил, почему он так решил, и никто его об этом не спросил."


def pdf(*pages: str) -> bytes:
    """A minimal PDF with one text line per element of each page, written by hand."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for page in pages:
        shown = "".join(f"({line}) Tj 0 -14 Td " for line in page.split("\n"))
        stream = f"BT /F1 12 Tf 72 720 Td {shown} ET" if page else ""
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(objects)} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{o:010d} 00000 n \n".encode() for o in offsets)
    return out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()


def docx_bytes(build=lambda d: d.add_paragraph(EN)) -> bytes:
    document = docx.Document()
    build(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def write(folder, name, raw):
    path = folder / name
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode("utf-8"))
    return str(path)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (EN, "utf-8"), (EN, "utf-8-sig"), (EN, "utf-16"), (EN, "utf-16-le"), (EN, "utf-16-be"), (EN, "utf-32"),
        (RU, "utf-8"), (RU, "utf-8-sig"), (RU, "utf-16"), (RU, "utf-16-le"), (RU, "utf-16-be"),
        (RU, "cp1251"), (RU, "koi8-r"), (RU, "cp866"), ("The café’s owner says “no” to the board and its ally.", "cp1252"),
    ],
)  # fmt: skip
def test_encodings(tmp_path, text, encoding):
    read = load_text(write(tmp_path, "a.txt", text.encode(encoding)))
    assert read.text == text
    assert read.language == ("ru" if text == RU else "en")
    assert read.sha256 == hashlib.sha256(text.encode("utf-8")).hexdigest()


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_and_composition_do_not_change_the_text(tmp_path, ending):
    written = unicodedata.normalize("NFD", f"The café is shut.{ending}{ending}It is said that the board shut it.")
    read = load_text(write(tmp_path, "a.txt", written))
    assert read.text == "The café is shut.\n\nIt is said that the board shut it."


def test_markdown_keeps_words_and_loses_marks(tmp_path):
    marked = (
        "---\ntitle: 'The harbour'\ndate: 2024-03-12\n---\n\n## A *strange* board\n\n- The **ferry operators** obey "
        "[the board](https://example.org/x).\n- They `never` vote.\n\n> It is said.\n\n```\ncode\n```\n![x](y.png)\n"
    )
    read = load_text(write(tmp_path, "a.md", marked))
    assert read.title == "The harbour"
    assert read.published == dt.date(2024, 3, 12)
    assert "The ferry operators obey the board." in read.text
    assert "A strange board" in read.text
    for mark in ("**", "](", "```", "code", "> ", "##", "y.png"):
        assert mark not in read.text


HTML = f"""<!doctype html><html><head><title>Site | Harbour</title><meta property="og:title" content="The harbour &amp; the board">
<meta property="article:published_time" content="2023-11-05T10:00:00Z"><style>p{{}}</style><script>var x = "The script speaks.";</script></head>
<body><nav>Home News Sport</nav><article><h1>The harbour</h1><p>{EN}</p><p>{EN.replace("ferry", "tug")}</p></article><footer>All rights</footer></body></html>"""


def test_html_main_text_title_and_date(tmp_path):
    read = load_text(write(tmp_path, "a.html", HTML))
    assert read.title == "The harbour & the board"
    assert read.published == dt.date(2023, 11, 5)
    assert "The tug operators obey the harbour board." in read.text
    assert "script" not in read.text
    assert "Home News" not in read.text


def test_html_without_trafilatura_still_gives_the_words(tmp_path, monkeypatch):
    monkeypatch.setattr("kayfabe.read.html._main_text", lambda markup: "")
    read = load_text(write(tmp_path, "a.htm", HTML))
    assert "The tug operators obey the harbour board." in read.text
    assert "script" not in read.text


def test_html_declared_charset(tmp_path):
    page = f'<html><head><meta charset="koi8-r"><title>Порт</title></head><body><p>{RU}</p></body></html>'
    assert RU in load_text(write(tmp_path, "a.html", page.encode("koi8-r"))).text


def test_docx_paragraphs_tables_and_title(tmp_path):
    def build(document):
        document.add_heading("The harbour", level=0)
        document.add_paragraph(EN)
        document.add_table(1, 1).cell(0, 0).text = "The board denies it."
        document.add_paragraph("They say so.")

    read = load_text(write(tmp_path, "a.docx", docx_bytes(build)))
    assert read.title == "The harbour"
    assert read.text.split("\n\n") == ["The harbour", EN, "The board denies it.", "They say so."]


def test_pdf_lines_become_paragraphs(tmp_path):
    page = "The ferry operators obey the harbour board, and the whole\ntown knows it. The board is not an elected body but an ap-\npointed one."
    read = load_text(write(tmp_path, "a.pdf", pdf(page)))
    assert read.text == (
        "The ferry operators obey the harbour board, and the whole town knows it. "
        "The board is not an elected body but an appointed one."
    )


@pytest.mark.parametrize(
    ("head", "date"),
    [
        ("12 March 2024", dt.date(2024, 3, 12)),
        ("Published on March 3rd, 2024", dt.date(2024, 3, 3)),
        ("2024-03-12", dt.date(2024, 3, 12)),
        ("By A. Writer, 25/12/2023", dt.date(2023, 12, 25)),
        ("By A. Writer, 03/04/2023", None),
        ("12 марта 2024 г.", dt.date(2024, 3, 12)),
        ("Опубликовано 12.03.2024", dt.date(2024, 3, 12)),
        ("31 February 2024", None),
        ("The treaty was signed by all of the parties on 12 March 2004 in the old town hall.", None),
    ],
)
def test_publication_date_only_where_stated(tmp_path, head, date):
    assert load_text(write(tmp_path, "a.txt", f"{head}\n\n{EN}\n\n{EN}")).published == date


def test_dateline_before_a_dash(tmp_path):
    assert load_text(write(tmp_path, "a.txt", f"OSLO, March 12, 2024 — {EN}")).published == dt.date(2024, 3, 12)


def test_given_title_and_date_win(tmp_path):
    read = load_text(write(tmp_path, "a.html", HTML), title="Mine", published=dt.date(2020, 1, 1))
    assert (read.title, read.published) == ("Mine", dt.date(2020, 1, 1))


def test_title_is_a_heading_not_a_sentence(tmp_path):
    assert (
        load_text(write(tmp_path, "a.txt", f"The harbour and the board\n\n{EN}")).title == "The harbour and the board"
    )
    assert load_text(write(tmp_path, "a.txt", f"{EN}\n\n{EN}")).title is None


def test_standard_input_is_recognised_by_its_beginning():
    assert load_text("-", stdin=EN.encode()).text == EN
    assert load_text("-", stdin=docx_bytes()).text == EN
    assert EN in load_text("-", stdin=HTML.encode()).text
    assert "harbour board" in load_text("-", stdin=pdf("The ferry operators obey the harbour board.")).text


@pytest.fixture
def downloads():
    return pytest.importorskip(
        "trafilatura.downloads", reason="trafilatura lacks lxml_html_clean", exc_type=ImportError
    )


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/plain"])
def test_url(monkeypatch, downloads, kind):
    def answer(url, *, decode, with_headers):
        response = downloads.Response((HTML if "html" in kind else EN).encode(), 200, url)
        response.store_headers({"Content-Type": kind})
        return response

    monkeypatch.setattr(downloads, "fetch_response", answer)
    read = load_text("https://example.org/a")
    assert EN in read.text
    assert read.source == "https://example.org/a"


def test_url_without_a_page_says_so(monkeypatch, downloads):
    monkeypatch.setattr(downloads, "fetch_response", lambda url, **_: downloads.Response(b"no", 404, url))
    with pytest.raises(UnreadableText, match="404"):
        load_text("https://example.org/b")
    monkeypatch.setattr(downloads, "fetch_response", lambda url, **_: None)
    with pytest.raises(UnreadableText, match="no answer"):
        load_text("https://example.org/c")


def test_url_inside_the_own_network_is_refused(downloads):
    with pytest.raises(UnreadableText, match="no answer"):
        load_text("http://127.0.0.1:9/")


def locked_pdf() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(EN)))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", b" " * 200_000_000)
    return out.getvalue()


def torn_docx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx_bytes())) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            new.writestr(part, b"<w:document" if part.filename == "word/document.xml" else old.read(part))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "raw", "seen"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t\n", "empty"),
        ("a.txt", b"\xef\xbb\xbf", "empty"),
        ("a.txt", b"... --- ...", "no words"),
        ("a.txt", bytes(range(256)) * 20, "not text|control"),
        ("a.txt", b"\xff\xfeabc", "utf-16"),
        ("a.txt", "The board. " * 20_000, "200,000"),
        ("a.txt", "Der Rat hat nicht gesagt, warum er das tut, und die Fischer sind mit dem Hafen nicht einverstanden.", "German"),
        ("a.txt", "Рада не пояснила, чому вона так вирішила, і ніхто її про це не спитав, хоча її рішення є дивним.", "Ukrainian"),
        ("a.txt", "港务局没有说明原因。", "Han"),
        ("a.txt", "لم يقل المجلس لماذا", "Arabic"),
        ("a.exe", EN, "'.exe'"),
        ("a", EN, "no suffix"),
        ("a.pdf", b"not a pdf", "not a PDF"),
        ("a.pdf", b"%PDF-1.4\ngarbage", "PDF"),
        ("a.pdf", locked_pdf(), "password"),
        ("a.pdf", pdf(""), "only images"),
        ("a.docx", b"PK\x03\x04garbage", "damaged"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + b"0" * 100, "password-protected"),
        ("a.docx", torn_docx(), "damaged"),
        ("a.docx", bomb(), "unpack"),
        ("a.html", "<html><script>x</script></html>", "no text"),
    ],
)  # fmt: skip
def test_unreadable_is_one_clear_line(tmp_path, name, raw, seen):
    started = time.monotonic()
    with pytest.raises(UnreadableText, match=seen) as caught:
        load_text(write(tmp_path, name, raw))
    assert "\n" not in str(caught.value)
    assert time.monotonic() - started < 10


def test_missing_file_folder_and_no_input(tmp_path):
    for source, seen in ((str(tmp_path / "no.txt"), "no such file"), (str(tmp_path), "folder"), ("a\0b.txt", ".")):
        with pytest.raises(UnreadableText, match=seen):
            load_text(source)
    with pytest.raises(UnreadableText, match="nothing was given"):
        load_text("-")


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + EN,
        "<p title='" + "x" * 2_000_000 + "'>" + EN + "</p>",
        "<script>" * 50_000 + EN,
        "<!--" * 100_000 + EN,
        "<" * 300_000 + EN,
        "<p " + "a=b " * 300_000 + ">" + EN,
        "<table>" * 20_000 + "<tr><td>" * 20_000 + EN,
        "<b>" + "&amp;" * 30_000 + EN,
        "<a href='x'>" * 40_000 + EN,
    ],
)
def test_hostile_pages_end_soon(tmp_path, page):
    path = write(tmp_path, "a.html", page)
    started = time.monotonic()
    with contextlib.suppress(UnreadableText):
        assert load_text(path).language == "en"
    assert time.monotonic() - started < 20


RANDOM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def outcome(path: str) -> Text | str:
    """The text, or the message of the error that a user would see; any other exception fails the test."""
    try:
        return load_text(path)
    except KayfabeError as known:
        return str(known)


@RANDOM
@given(raw=st.binary(max_size=3000), suffix=st.sampled_from([".txt", ".md", ".html", ".pdf", ".docx"]))
def test_random_bytes_give_a_text_or_a_clear_error(tmp_path, raw, suffix):
    found = outcome(write(tmp_path, "r" + suffix, raw))
    assert isinstance(found, Text) or "\n" not in found


@RANDOM
@given(
    at=st.integers(0, 20_000), junk=st.binary(min_size=1, max_size=40), data=st.sampled_from(["pdf", "docx", "html"])
)
def test_broken_documents_give_a_text_or_a_clear_error(tmp_path, at, junk, data):
    whole = {"pdf": pdf(EN, EN), "docx": docx_bytes(), "html": HTML.encode()}[data]
    at %= len(whole)
    found = outcome(write(tmp_path, f"b.{data}", whole[:at] + junk + whole[at + len(junk) :]))
    assert isinstance(found, Text) or "\n" not in found


@RANDOM
@given(text=st.text(max_size=500))
def test_any_unicode_as_text_markdown_or_page(tmp_path, text):
    for suffix in (".txt", ".md", ".html"):
        try:
            read = load_text(write(tmp_path, "u" + suffix, (EN + "\n\n" + text).encode("utf-8", "surrogatepass")))
        except KayfabeError:
            continue
        assert unicodedata.is_normalized("NFC", read.text)
        assert "\r" not in read.text
        assert read.text == read.text.strip("\n\t ")


def test_a_last_line_of_blanks_is_no_line(tmp_path):
    assert load_text(write(tmp_path, "b.txt", (EN + "\n\n\u00a0").encode())).text == EN
