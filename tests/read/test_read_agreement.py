"""Agreement texts keep their numbering, whatever the file: numbers that a page or Word only draws are written out."""

import docx
import pytest

from kayfabe.errors import UnreadableText
from kayfabe.evidence.provisions import split
from kayfabe.read.agreement import agreement_text

POINTS = ("The parties cease fire at once.", "They exchange all prisoners.", "They open two crossings.")


def numbers(path):
    return [p.provision for p in split(agreement_text(path))]


def test_ordered_lists_of_a_page(tmp_path):
    path = tmp_path / "a.html"
    inner = '<ol type="a"><li>by day</li><li>by night</li></ol>'
    items = "".join(f"<li><p>{p}</p>{inner if k == 1 else ''}</li>" for k, p in enumerate(POINTS))
    path.write_text(
        f"<html><body><nav><ol><li>Home</li></ol></nav><h1>Accord</h1><ol>{items}</ol><ul><li>x</li></ul></body></html>"
    )
    assert numbers(path) == ["preamble", "1", "2", "2a", "2b", "3"]


def test_a_list_that_starts_later(tmp_path):
    path = tmp_path / "a.html"
    path.write_text(f"<p>1. {POINTS[0]}</p><p>2. {POINTS[1]}</p><ol start='3'><li>{POINTS[2]}</li></ol>")
    assert numbers(path) == ["1", "2", "3"]


def test_automatic_lists_of_word(tmp_path):
    document = docx.Document()
    document.add_paragraph("We agree:")
    for point in POINTS:
        document.add_paragraph(point, style="List Number")
    document.add_paragraph("a remark", style="List Bullet")
    document.save(str(tmp_path / "a.docx"))
    found = split(agreement_text(tmp_path / "a.docx"))
    assert [(p.provision, p.text) for p in found] == [
        ("preamble", "We agree:"), ("1", POINTS[0]), ("2", POINTS[1]), ("3", POINTS[2] + " a remark"),
    ]  # fmt: skip


def test_other_languages_are_read_too(tmp_path):
    (tmp_path / "a.txt").write_text(
        "1. Die Parteien stellen das Feuer ein.\n2. Sie tauschen Gefangene aus.", encoding="utf-8"
    )
    assert numbers(tmp_path / "a.txt") == ["1", "2"]


def test_what_cannot_be_read_is_one_line(tmp_path):
    (tmp_path / "a.txt").write_text(" \n")
    for path in (tmp_path / "a.txt", tmp_path / "none.txt"):
        with pytest.raises(UnreadableText) as seen:
            agreement_text(path)
        assert "\n" not in str(seen.value)


def test_endless_lists_do_no_harm(tmp_path):
    (tmp_path / "a.html").write_text("<p>1. One.</p><p>2. Two.</p>" + "<ol><li>" * 5000)
    assert numbers(tmp_path / "a.html")[:2] == ["1", "2"]
