"""Statistics offices' files as indicators: the forms they come in, dates and numbers as they write them, what is refused."""

import datetime as dt

import duckdb
import pytest

from kayfabe.errors import BadRow, UnreadableFile
from kayfabe.evidence import store
from kayfabe.evidence.engine import open_store
from kayfabe.evidence.mapping import read_map
from kayfabe.evidence.periods import is_period, missing_sql, number_sql, period_sql

EUROSTAT_TSV = "freq,unit,geo\\TIME_PERIOD\t2024-Q1 \t2024-Q2 \nQ,PC,DE\t1.5 p\t: \nQ,PC,FR\t-0.2 \t3 b\n"
EUROSTAT_CSV = (
    "DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG\n"
    "ESTAT:X(1.0),01/01/25,M,PC,DE,2024-01,1.5,\nESTAT:X(1.0),01/01/25,M,PC,DE,2024-02,1.6,p\nESTAT:X(1.0),01/01/25,M,PC,FR,2024-01,:,c\n"
)
WORLD_BANK = (
    '"Data Source","World Development Indicators",\n\n"Last Updated Date","2025-01-28",\n\n'
    '"Country Name","Country Code","Indicator Name","Indicator Code","2021","2022",\n'
    '"Aruba","ABW","Exports","NE.EXP","10.5","11.25",\n"Chad","TCD","Exports","NE.EXP","","4",\n'
)
FRED = "observation_date,UNRATE,CPI\n2024-01-01,3.7,308.417\n2024-02-01,3.9,.\n"
GERMAN = 'Monat;Gebiet;Wert\n2024-M01;Bayern;"1.234,5"\n2024-M02;Bayern;"1.240,0"\n2024-M01;Hessen;"12,5"\n'
OWN = "series,at,value,unit\nships,2024Q1,\"1,234.5\",t\nships,2024Q2,\"2,000\",t\n"


def loaded(tmp_path, text, name="x.csv", **more):
    path, target = tmp_path / name, tmp_path / "s.duckdb"
    path.write_text(text, encoding="utf-8")
    (added,) = store.add(target, [path], "indicators", **more)
    con = open_store(target)
    rows = con.execute('select series, cast("at" as date), value from indicators order by 1, 2').fetchall()
    con.close()
    return added, [(s, d.isoformat(), v) for s, d, v in rows]


def test_eurostat_with_times_across(tmp_path):
    added, rows = loaded(tmp_path, EUROSTAT_TSV, "x.tsv")
    assert rows == [("Q,PC,DE", "2024-01-01", 1.5), ("Q,PC,FR", "2024-01-01", -0.2), ("Q,PC,FR", "2024-04-01", 3.0)]
    assert added.missing == 1
    assert added.series == (2, ("Q,PC,DE", "Q,PC,FR"))


def test_sdmx_csv(tmp_path):
    added, rows = loaded(tmp_path, EUROSTAT_CSV)
    assert rows == [("M.PC.DE", "2024-01-01", 1.5), ("M.PC.DE", "2024-02-01", 1.6)]
    assert (added.format, added.missing) == ("SDMX-CSV", 1)


def test_world_bank_with_its_preface(tmp_path):
    _, rows = loaded(tmp_path, WORLD_BANK)
    assert rows == [
        ("Aruba, Exports", "2021-01-01", 10.5), ("Aruba, Exports", "2022-01-01", 11.25), ("Chad, Exports", "2022-01-01", 4.0),
    ]  # fmt: skip


def test_one_column_per_series(tmp_path):
    added, rows = loaded(tmp_path, FRED)
    assert rows == [("CPI", "2024-01-01", 308.417), ("UNRATE", "2024-01-01", 3.7), ("UNRATE", "2024-02-01", 3.9)]
    assert added.missing == 1


def test_words_name_the_series_and_commas_are_decimal(tmp_path):
    _, rows = loaded(tmp_path, GERMAN)
    assert rows == [("Bayern", "2024-01-01", 1234.5), ("Bayern", "2024-02-01", 1240.0), ("Hessen", "2024-01-01", 12.5)]


def test_the_tables_own_form_takes_quarters_and_thousands(tmp_path):
    _, rows = loaded(tmp_path, OWN)
    assert rows == [("ships", "2024-01-01", 1234.5), ("ships", "2024-04-01", 2000.0)]


def test_wide_and_long_give_the_same(tmp_path):
    long = "series,at,value\n" + "".join(f"{s},{y},{v}\n" for s, y, v in (("A", 2020, 1), ("A", 2021, 2.5), ("B", 2020, 3), ("B", 2021, 4)))
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    _, wide = loaded(tmp_path / "one", "name,2020,2021\nA,1,2.5\nB,3,4\n")
    assert wide == loaded(tmp_path / "two", long)[1]


def test_a_wide_table_with_footnotes_status_letters_and_a_byte_order_mark(tmp_path):
    wide = "\ufeffLand;2019;2020¹;2021 p;2022\nÖsterreich;1.234,5;1\u00a0300,2;1.400,1 (e);..\nDeutschland;12,5;13,0 b;…;14,25*\n"
    added, rows = loaded(tmp_path, wide)
    assert rows == [
        ("Deutschland", "2019-01-01", 12.5), ("Deutschland", "2020-01-01", 13.0), ("Deutschland", "2022-01-01", 14.25),
        ("Österreich", "2019-01-01", 1234.5), ("Österreich", "2020-01-01", 1300.2), ("Österreich", "2021-01-01", 1400.1),
    ]  # fmt: skip
    assert added.missing == 2


def test_a_title_above_and_notes_below_are_no_data(tmp_path):
    _, rows = loaded(tmp_path, "Table 1: Exports\n\nCountry,2019,2020\nFrance,10.5,11.2 (1)\nSpain,9.1,10.2\n\n(1) provisional\nSource: Office\n")
    assert rows == [("France", "2019-01-01", 10.5), ("France", "2020-01-01", 11.2), ("Spain", "2019-01-01", 9.1), ("Spain", "2020-01-01", 10.2)]


def test_a_footnote_does_not_turn_numbers_into_names(tmp_path):
    _, rows = loaded(tmp_path, "Месяц;Экспорт;Импорт\n2024-01;1 234,5;987,1\n2024-02;1 300,0;1 001,5¹\n")
    assert rows == [("Импорт", "2024-01-01", 987.1), ("Импорт", "2024-02-01", 1001.5), ("Экспорт", "2024-01-01", 1234.5), ("Экспорт", "2024-02-01", 1300.0)]


def test_a_unit_behind_a_number_is_no_footnote(tmp_path):
    with pytest.raises(BadRow, match="wants a number, not '3 bn'"):
        loaded(tmp_path, "Country;2020;2021\nA;3 bn;4 bn\n")


def test_numbers_that_can_be_read_in_two_ways_are_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="two ways"):
        loaded(tmp_path, 'date,x\n2024-01,"1,234"\n2024-02,"1,235"\n')
    with pytest.raises(UnreadableFile, match="both stand as decimal marks"):
        loaded(tmp_path, 'date;x\n2024-01;1,5\n2024-02;1.25\n')


def test_dates_that_can_be_read_in_two_ways_are_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="two ways"):
        loaded(tmp_path, "date,x\n3/4/2024,1\n4/4/2024,2\n")
    _, rows = loaded(tmp_path, "date,x\n3/4/2024,1\n13/4/2024,2\n")
    assert [d for _, d, _ in rows] == ["2024-04-03", "2024-04-13"]


def test_a_map_says_which_way(tmp_path):
    form = tmp_path / "m.toml"
    form.write_text('table = "indicators"\n[columns]\nat = "when"\nvalue = "x"\n[constants]\nseries = "s"\n[times]\nat = "period"\n[numbers]\nvalue = "comma"\n', encoding="utf-8")
    _, rows = loaded(tmp_path, 'when;x\n2024Q2;"1,234"\n', mapping=read_map(form))
    assert rows == [("s", "2024-04-01", 1.234)]


def test_a_bad_cell_is_named_by_its_own_row_and_column(tmp_path):
    with pytest.raises(BadRow, match=r"row 2, column 2021: wants a number, not 'much'"):
        loaded(tmp_path, "name,2020,2021\nA,1,2\nB,3,much\n")
    with pytest.raises(BadRow, match="row 2"):
        loaded(tmp_path, "date,x\n2024-01,1\nlater,2\n")


def test_rejected_rows_come_out_as_the_file_has_them(tmp_path):
    reject = tmp_path / "bad.csv"
    added, rows = loaded(tmp_path, "name,2020,2021\nA,1,2\nB,3,much\n", reject=reject)
    assert [r[0] for r in rows] == ["A", "A", "B"]
    assert added.rejected == 1
    assert reject.read_text(encoding="utf-8").splitlines()[1].endswith("B,3,much")


def test_a_value_given_twice_is_a_conflict(tmp_path):
    with pytest.raises(BadRow, match="as another cell has it"):
        loaded(tmp_path, "name,2020,2021\nA,1,2\nA,3,4\n")


@pytest.mark.parametrize(
    ("text", "day"),
    [("2024", "2024-01-01"), ("2024Q1", "2024-01-01"), ("2024-Q3", "2024-07-01"), ("Q2 2024", "2024-04-01"), ("2024-M03", "2024-03-01"),
     ("2024M12", "2024-12-01"), ("03/2024", "2024-03-01"), ("Mar 2024", "2024-03-01"), ("2024 September", "2024-09-01"), ("2024-S2", "2024-07-01"),
     ("2024-W05", "2024-01-29"), ("20240327", "2024-03-27"), ("27.03.2024", "2024-03-27"), ("1 Mar 2024", "2024-03-01"),
     ("March 5, 2024", "2024-03-05"), ("2024-M13", "2024-M13"), ("2024-02-30", "2024-02-30"), ("soon", "soon")],
)  # fmt: skip
def test_periods(text, day):
    assert duckdb.execute("select " + period_sql("$1"), [text]).fetchone() == (day,)


def test_every_week_of_a_century_is_its_monday():
    for year, week in ((2020, 53), (2021, 1), (1999, 52), (2026, 48)):
        day = dt.date.fromisocalendar(year, week, 1)
        assert duckdb.execute("select " + period_sql("$1"), [f"{year}-W{week:02}"]).fetchone() == (day.isoformat(),)


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [("1,234.5", "point", "1234.5"), ("1 234,5", "comma", "1234.5"), ("1.234,5", "comma", "1234.5"), ("1\u202f234\u00a0567.8", "point", "1234567.8"),
     ("−3.2", "point", "-3.2"), ("12.3 p", "point", "12.3"), ("1e5", "point", "1e5"), ("1'234.50", "point", "1234.50"), ("12 34", "point", "12 34")],
)  # fmt: skip
def test_numbers(text, decimal, number):
    assert duckdb.execute("select " + number_sql("$1", decimal, True), [text]).fetchone() == (number,)


def test_missing_and_headers():
    assert all(duckdb.execute("select " + missing_sql("$1"), [t]).fetchone() == (True,) for t in (":", ": c", "..", "n/a", "", None))
    assert duckdb.execute("select " + missing_sql("$1"), ["0"]).fetchone() == (False,)
    assert is_period("2010")
    assert is_period("2024-M01")
    assert not is_period("0410")
    assert not is_period("code")


def test_a_second_column_of_times_names_no_series(tmp_path):
    _, rows = loaded(tmp_path, '"DATE","TIME PERIOD","Rate (FM.M)"\n"2024-01-31","2024Jan","3.93"\n"2024-02-29","2024Feb","3.92"\n')
    assert rows == [("Rate (FM.M)", "2024-01-31", 3.93), ("Rate (FM.M)", "2024-02-29", 3.92)]


@pytest.mark.parametrize(("header", "days"), [
    ("январь 2024;Май 2024;дек. 2024", ["2024-01-01", "2024-05-01", "2024-12-01"]),
    ("Januar 2024;März 2024;Dezember 2024", ["2024-01-01", "2024-03-01", "2024-12-01"]),
])  # fmt: skip
def test_months_in_german_and_russian(tmp_path, header, days):
    _, rows = loaded(tmp_path, f"Titel oben\n;{header}\nReihe;104,6;108,5;104,0\nQuelle: Amt\n")
    assert [d for _, d, _ in rows] == days


CPI = {"2023-01-01": 114.3, "2023-02-01": 115.2, "2023-03-01": 116.1, "2024-01-01": 117.6, "2024-02-01": 118.1}


@pytest.mark.parametrize("text", [
    "Verbraucherpreisindex: Deutschland, Monate\n;;Index\n;;2020=100\n2023;Januar;114,3\n;Februar;115,2\n;März;116,1\n2024;Januar;117,6\n;Februar;118,1\n;März;...\n__________\n(C)opyright Statistisches Bundesamt (Destatis), 2024\n",
    "Jahr;Monat;Index\n2023;Januar;114,3\n2023;Februar;115,2\n2023;März;116,1\n2024;Januar;117,6\n2024;Februar;118,1\n",
    "Year,Month,Index\n2023,1,114.3\n,2,115.2\n,3,116.1\n2024,01,117.6\n,02,118.1\n",
    "Год;Месяц;Index\n2023 г.;январь;114,3\n;февраль;115,2\n;март;116,1\n2024 г.;январь;117,6\n;февраль;118,1\n",
    "Month,Year,Index\nJan,2023,114.3\nFeb,,115.2\nMar.,,116.1\nJanuary,2024,117.6\nFebruary,,118.1\n",
    "Jahr;Monat;Index\n2023;;\n;Januar;114,3\n;Februar;115,2\n;März;116,1\n2024;;\n;Januar;117,6\n;Februar;118,1\n",
])  # fmt: skip
def test_year_and_month_in_two_columns(tmp_path, text):
    assert loaded(tmp_path, text)[1] == [("Index", day, value) for day, value in CPI.items()]


@pytest.mark.parametrize("parts", ["I II III IV", "Q1 Q2 Q3 Q4", "1 2 3 4", "1. Quartal,2. Quartal,3. Quartal,4. Quartal", "I квартал,II квартал,III квартал,IV квартал", "1. Vj,2. Vj,3. Vj,4. Vj"])
@pytest.mark.parametrize("heads", ["Year;Quarter", "Jahr;Quartal", "Год;Квартал"])
def test_year_and_quarter_in_two_columns(tmp_path, heads, parts):
    quarters = parts.split("," if "," in parts else " ")
    body = "".join(f"{'2023' * (k == 0)};{q};{k},5\n" for k, q in enumerate(quarters))
    assert loaded(tmp_path, f"{heads};x\n{body}")[1] == [("x", f"2023-{m}-01", k + 0.5) for k, m in enumerate(("01", "04", "07", "10"))]


def test_year_and_month_beside_names(tmp_path):
    _, rows = loaded(tmp_path, "Land;Jahr;Monat;Wert\nBayern;2023;Mai;1,5\nBayern;;Juni;2,5\nHessen;2023;Mai;3,5\n")
    assert rows == [("Bayern", "2023-05-01", 1.5), ("Bayern", "2023-06-01", 2.5), ("Hessen", "2023-05-01", 3.5)]


@pytest.mark.parametrize(("body", "says"), [
    (",March,1\n2023,April,2\n", r"row 1, column at: .*not '\(no year\)-M03'"),
    ("2023,,1\n2023,April,2\n", r"row 1, column at: .*not '2023 \(no month\)'"),
    ("2023,1,1\n2023,13,2\n", "row 2, column at: .*not '2023 13'"),
    ("2023,1,1\nlater,2,2\n", "row 2, column at: .*not 'later-M02'"),
    ("2023,Dec,1\n,Jan,2\n,Dec,3\n", "as another cell has it"),
])  # fmt: skip
def test_a_year_or_month_that_is_none_is_refused(tmp_path, body, says):
    with pytest.raises(BadRow, match=says):
        loaded(tmp_path, "Year,Month,x\n" + body)


def test_rejected_rows_of_two_columns_come_out_as_the_file_has_them(tmp_path):
    reject = tmp_path / "bad.csv"
    _, rows = loaded(tmp_path, "Year,Month,x\n2023,Jan,1\n,Smarch,2\n", reject=reject)
    assert rows == [("x", "2023-01-01", 1.0)]
    assert reject.read_text(encoding="utf-8").splitlines()[1].endswith(",,Smarch,2")
