"""Tables that are no UTF-8: the same rows as from UTF-8, or one line. Offices' own words are the oracle."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kayfabe.cli import app, run
from kayfabe.errors import UnreadableFile
from kayfabe.evidence import store
from kayfabe.evidence.encoding import as_utf8
from kayfabe.evidence.engine import open_store

ROSSTAT = "Индексы потребительских цен, в % к предыдущему месяцу\n;январь 2023;май 2023;дек. 2023\nВсе товары и услуги;100,8;100,3;100,7\nПродовольственные товары;101,3;99,7;101,5\n"
UKRAINE = "год;Експорт послуг;Її частка, млрд євро\n2023;1,5;0,5\n2024;2,5;0,7\n"
DESTATIS = "Jahr;Ausfuhren in Mio. €;Fläche in km²;Änderung für Öl und Käse in %\n2023;1.590,1;357,6;–1,4\n2024;1.549,0;357,6;–2,6\n"
INSEE = "year;Dépenses à l'étranger;Côte d'Ivoire;Île-de-France\n2023;1\u00a0590,1;7,6;1,4\n2024;1\u00a0549,0;7,6;2,6\n"
CAPITALS = "ГОД;ВСЕГО;В ТОМ ЧИСЛЕ ЭКСПОРТ\n2023;1,5;2,5\n2024;2,5;3,5\n"
RUSSIAN = ["Все товары и услуги", "Москва", "РФ", "ёлки", "её", "объём", "Пётр", "№ 5", "«Россия»", "США", "млн.", "1\u00a0234,5"]
WESTERN = ["Änderung", "für", "Straße", "Österreich", "à", "Île", "été", "Übergrößen", "España", "Ålesund", "km²", "€", "–", "10 °C", "São Paulo"]


def rows(folder, raw, name="x.csv"):
    (folder / name).write_bytes(raw)
    (folder / "s").unlink(missing_ok=True)
    (added,) = store.add(folder / "s", [folder / name], "indicators")
    con = open_store(folder / "s")
    found = con.execute('select series, "at", value from indicators order by 1, 2').fetchall()
    con.close()
    return found, added.encoding


@pytest.mark.parametrize(("text", "codec", "name"), [
    (ROSSTAT, "cp1251", "windows-1251"), (CAPITALS, "cp1251", "windows-1251"), (UKRAINE, "cp1251", "windows-1251"),
    (DESTATIS, "cp1252", "windows-1252"), (INSEE, "latin-1", "windows-1252"), (DESTATIS.replace("€", "EUR").replace("–", "-"), "latin-1", "windows-1252"),
    (ROSSTAT, "utf-16", "UTF-16"), (DESTATIS, "utf-16", "UTF-16"), (DESTATIS, "utf-8-sig", ""),
    ("Year,GDP in €\n2023,1.5\n2024,2.5\n", "cp1252", "windows-1252"), ("Year;x\n2023;1\u00a0590,1\n", "cp1251", "windows-1252"),
])  # fmt: skip
def test_the_same_rows_as_from_utf8(tmp_path, text, codec, name):
    want, _ = rows(tmp_path, text.encode(), "utf8.csv")
    assert want
    assert rows(tmp_path, text.encode(codec)) == (want, name)
    assert rows(tmp_path, gzip.compress(text.encode(codec)), "x.csv.gz") == (want, name)


def test_utf16_big_endian(tmp_path):
    want, _ = rows(tmp_path, CAPITALS.encode(), "utf8.csv")
    assert rows(tmp_path, b"\xfe\xff" + CAPITALS.encode("utf-16-be")) == (want, "UTF-16")


def test_the_summary_names_the_encoding_and_a_bad_file_is_one_line_and_2(tmp_path, capsys):
    (tmp_path / "a.csv").write_bytes(CAPITALS.encode("cp1251"))
    (tmp_path / "b.csv").write_bytes(CAPITALS.encode("cp1251") + "2025;für;Käse;Öl\n".encode("cp1252") * 3)
    add = ["evidence", "add", str(tmp_path / "s"), "--as", "indicators"]
    good = CliRunner().invoke(app, [*add, str(tmp_path / "a.csv")])
    assert "decoded from windows-1251" in " ".join(good.output.split())
    assert "ВСЕГО" in good.output
    assert run([*add, str(tmp_path / "b.csv")]) == 2
    assert "b.csv" in capsys.readouterr().err


@pytest.mark.parametrize("codec", ["utf-8", "cp1251"])
def test_a_line_of_50_megabytes_is_refused(tmp_path, codec):
    word = {"utf-8": "x", "cp1251": "рубль "}[codec].encode(codec)
    (tmp_path / "x.csv").write_bytes(b"series;at;value\na;2024;" + word * (50_000_000 // len(word)) + b"\n")
    with pytest.raises(UnreadableFile) as caught:
        store.add(tmp_path / "s", [tmp_path / "x.csv"], "indicators")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(RUSSIAN), min_size=1, max_size=8))
def test_russian_words_are_never_read_as_western(tmp_path_factory, words):
    path = tmp_path_factory.mktemp("e") / "x.csv"
    path.write_bytes(";".join(words).encode("cp1251"))
    try:
        with as_utf8(path) as (file, name):
            assert file.read_text("utf-8") == ";".join(words) or not name
    except UnreadableFile:
        assert not any(len(w) > 3 and w.isalpha() for w in words)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WESTERN), min_size=1, max_size=8))
def test_western_words_are_never_read_as_russian(tmp_path_factory, words):
    path = tmp_path_factory.mktemp("e") / "x.csv"
    path.write_bytes(";".join(words).encode("cp1252"))
    try:
        with as_utf8(path) as (file, _):
            assert file.read_text("utf-8") == ";".join(words)
    except UnreadableFile:
        assert set(words) <= {"à", "€", "–", "10 °C"}
