"""Splitting an agreement: what opens a provision, what continues it."""

import docx
import pytest
from typer.testing import CliRunner

from kayfabe.cli import app
from kayfabe.evidence.engine import open_store
from kayfabe.evidence.provisions import Provision, is_text, preview, split


def numbers(text):
    return [p.provision for p in split(text)]


def test_numbered_points_with_preamble():
    found = split("We agree:\n\n1. Stop firing.\n2. Go home,\nall of you.\n3) Talk.")
    assert found == [
        Provision("preamble", "", "We agree:"),
        Provision("1", "", "Stop firing."),
        Provision("2", "", "Go home, all of you."),
        Provision("3", "", "Talk."),
    ]


def test_a_number_out_of_sequence_is_text():
    assert numbers("1. The rate is\n15. percent is the rest.\n2. Done.") == ["1", "2"]


def test_a_zero_width_space_after_the_number_does_not_hide_it():
    assert numbers("1.\u200b The first.\n2.\u200b The second.\n3.\u200bThe third.") == ["1", "2", "3"]


def test_articles_prefix_their_points_and_give_the_heading():
    found = split("Article I: Aims\n1. One.\n2. Two.\nArticle II\nMeans\n1. Three.\na) First way.\nb) Second way.")
    assert [(p.provision, p.heading) for p in found] == [
        ("I.1", "Aims"), ("I.2", "Aims"), ("II.1", "Means"), ("II.1a", "Means"), ("II.1b", "Means"),
    ]  # fmt: skip


def test_russian_articles():
    assert numbers("Статья 1. Цели\n1. Первое.\n2. Второе.\nСтатья 2. Средства\n1. Третье.") == ["1.1", "1.2", "2.1"]


def test_lists_that_start_over_stay_apart():
    assert numbers("1. A.\n2. B.\n\n1. C.\n2. D.") == ["1", "2", "1-2", "2-2"]


def test_text_without_numbers_gives_paragraphs():
    assert [p.text for p in split("First\nline.\n\nSecond.")] == ["First line.", "Second."]


def test_nothing_is_lost():
    text = "Preamble here.\n1. Alpha beta.\n- a bullet\n2. Gamma.\n\nClosing words."
    assert " ".join(p.text for p in split(text)) == "Preamble here. Alpha beta. a bullet Gamma. Closing words."


def test_empty_text():
    assert split(" \n ") == []
    assert preview([]) == "0 provisions"


def test_preview_shows_number_heading_and_beginning():
    shown = preview([Provision("9", "", "x" * 50), Provision("10", "Trade", "free")], width=20)
    assert shown.splitlines() == ["2 provisions", " 9  " + "x" * 19 + "…", "10  Trade: free"]



def test_items_that_a_converter_all_numbered_one_are_counted_on():
    assert numbers("We agree:\n\n1. Alpha.\n\n1. Beta.\n\n1. Gamma.") == ["preamble", "1", "2", "3"]


def test_nineteen_points_in_mixed_forms():
    """Numbers with a zero-width space, glued to the text, or on a line of their own, as pages and PDFs give them."""
    forms = ("{n}.\u200b {t}", "{n}.{t}", "{n}. {t}", "{n}.\n{t}", "{n})\u00a0{t}")
    text = "The parties announce:\n\n" + "\n".join(
        forms[n % 5].format(n=n, t=f"Point {n} sets a rate of\n{n + 30}. percent of all goods, from 15 to 20.") for n in range(1, 20)
    )
    assert numbers(text) == ["preamble", *map(str, range(1, 20))]


def test_a_table_is_not_an_agreement_text(tmp_path):
    (tmp_path / "t.txt").write_text("agreement,provision,text\nx,1,y\n")
    (tmp_path / "a.txt").write_text("An agreement.\n1. A provision.\n")
    assert not is_text(tmp_path / "t.txt")
    assert is_text(tmp_path / "a.txt")
    assert not is_text(tmp_path / "x.csv")


TRUCE = ["We agree:", "1. Cease fire.", "2. Go home.", "3. Talk about the status", "of the coast."]
SPLIT = [("preamble", "We agree:"), ("1", "Cease fire."), ("2", "Go home."), ("3", "Talk about the status of the coast.")]


def pdf(lines):
    """A PDF of one page with these lines, written by hand."""
    stream = f"BT /F1 12 Tf 72 720 Td {''.join(f'({line}) Tj 0 -14 Td ' for line in lines)} ET"
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [4 0 R] /Count 1 >>", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
    ]  # fmt: skip
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode() + b"".join(f"{o:010d} 00000 n \n".encode() for o in offsets)
    return out + f"trailer << /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()


def word(path, numbered):
    paper = docx.Document()
    paper.add_paragraph("We agree:")
    for line in ("Cease fire.", "Go home.", "Talk about the status of the coast."):
        paper.add_paragraph(line, style="List Number" if numbered else None)
    paper.save(path)


@pytest.mark.parametrize("kind", ["txt", "md", "html", "html list", "pdf", "docx"])
def test_an_agreement_in_every_form_is_previewed_and_loaded_by_command(tmp_path, kind):
    path = tmp_path / f"truce.{kind.split()[0]}"
    if kind == "pdf":
        path.write_bytes(pdf(TRUCE))
    elif kind == "docx":
        word(path, numbered=True)
    elif kind == "html":
        path.write_text("<html><body>" + "".join(f"<p>{x}</p>" for x in ["We agree:", *(f"{n}. {t}" for n, t in SPLIT[1:])]) + "</body></html>", encoding="utf-8")
    elif kind == "html list":
        path.write_text("<html><body><p>We agree:</p><ol>" + "".join(f"<li>{t}</li>" for _, t in SPLIT[1:]) + "</ol></body></html>", encoding="utf-8")
    else:
        path.write_text("\n".join(TRUCE), encoding="utf-8")
    target = tmp_path / "s.duckdb"
    shown = CliRunner().invoke(app, ["evidence", "add", str(target), str(path), "--as", "provisions", "--preview"])
    assert shown.exit_code == 0, shown.output
    assert "2 Go home." in shown.output
    assert not target.exists()
    done = CliRunner().invoke(app, ["evidence", "add", str(target), str(path), "--as", "provisions", "--agreement", "The truce"])
    assert done.exit_code == 0, done.output
    con = open_store(target)
    rows = con.execute("select agreement, provision, text from provisions order by provision <> 'preamble', provision").fetchall()
    con.close()
    assert rows == [("The truce", n, t) for n, t in SPLIT]
