"""Known formats and maps that an analyst writes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from evidence_samples import columns, vote, write_csv, write_parquet

from kayfabe.errors import BadRow, KayfabeError, WrongColumns
from kayfabe.evidence.mapping import read_map
from kayfabe.evidence.store import add


def _map(folder: Path, text: str) -> Path:
    path = folder / "map.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_united_nations_votes(tmp_path: Path) -> None:
    rows = [
        {"undl_id": "4041245", "date": "2024-03-27", "iso3": iso, "vote": vote, "country": "X"}
        for iso, vote in (("USA", "Y"), ("RUS", "N"), ("CHN", "A"), ("FJI", "X"))
    ]
    (added,) = add(tmp_path / "s", [write_csv(tmp_path / "x.csv", rows)], "votes")
    assert added.format == "UN Digital Library votes"
    got = columns(tmp_path / "s", "votes", ["row_id", "choice", "country"])
    want = {"CHN": "abstain", "FJI": "absent", "RUS": "no", "USA": "yes"}
    assert got == [(f"4041245:{iso}", choice, "X") for iso, choice in want.items()]


def test_gdelt_events(tmp_path: Path) -> None:
    names = "GLOBALEVENTID SQLDATE Actor1CountryCode Actor2CountryCode EventCode QuadClass GoldsteinScale SOURCEURL NumMentions"
    rows = [
        dict(zip(names.split(), f"1037 20220401 RUS UKR 190 {quad} {score} https://x.org/1 4".split(), strict=True))
        for quad, score in ((4, -10.0), (3, -2.0), (1, 3.4), (2, 7.0))
    ]
    rows = [{**r, "GLOBALEVENTID": str(i)} for i, r in enumerate(rows)]
    (added,) = add(tmp_path / "s", [write_parquet(tmp_path / "x.parquet", rows)], "events")
    assert added.format == "GDELT 2 events"
    got = columns(
        tmp_path / "s", "events", ["event", "at", "source", "target", "code", "channel", "score", "NumMentions"]
    )
    start = (dt.datetime(2022, 4, 1), "RUS", "UKR", "190")
    assert got == [
        ("0", *start, "deed", -10.0, "4"),
        ("1", *start, "word", -2.0, "4"),
        ("2", *start, "word", 3.4, "4"),
        ("3", *start, "deed", 7.0, "4"),
    ]


def test_coortweet_posts(tmp_path: Path) -> None:
    rows = [{"object_id": "o1", "account_id": "a1", "content_id": "c1", "timestamp_share": "1650000000"}]
    (added,) = add(tmp_path / "s", [write_csv(tmp_path / "x.csv", rows)], "posts")
    assert added.format == "CooRTweet posts"
    got = columns(tmp_path / "s", "posts", ["row_id", "at", "account"])
    assert got == [("c1:o1", dt.datetime(2022, 4, 15, 5, 20), "a1")]


def test_an_analysts_map(tmp_path: Path) -> None:
    path = _map(
        tmp_path,
        'table = "events"\n[columns]\nevent = "Nr"\nat = "Tag"\nsource = "von"\ntarget = "an"\nscore = "Wert"\n'
        'channel = "Art"\n[values.channel]\nrede = "word"\nTAT = "deed"\n[times]\nat = "%d.%m.%Y %H:%M"\n'
        '[constants]\ncode = "hand-coded"\n',
    )
    rows = [
        {"nr": "1", "tag": "27.03.2024 10:30", "von": "DEU", "an": "FRA", "wert": "3", "art": "Rede", "ort": "Köln"},
        {"nr": "2", "tag": "28.03.2024 00:00", "von": "DEU", "an": "FRA", "wert": "-1", "art": "tat", "ort": ""},
    ]
    add(tmp_path / "s", [write_csv(tmp_path / "x.csv", rows, ";")], "events", mapping=read_map(path))
    got = columns(tmp_path / "s", "events", ["event", "at", "channel", "score", "code", "ort"])
    assert got == [
        ("1", dt.datetime(2024, 3, 27, 10, 30), "word", 3.0, "hand-coded", "Köln"),
        ("2", dt.datetime(2024, 3, 28), "deed", -1.0, "hand-coded", None),
    ]
    rows[0]["tag"] = "2024-03-27"
    with pytest.raises(BadRow, match=r"row 1, column Tag: wants a time written as %d\.%m\.%Y %H:%M, not '2024-03-27'"):
        add(tmp_path / "t", [write_csv(tmp_path / "y.csv", rows)], "events", mapping=read_map(path))


@pytest.mark.parametrize(("form", "cell"), [("epoch", "1711533906.5"), ("epoch_ms", "1711533906500")])
def test_seconds_since_1970(tmp_path: Path, form: str, cell: str) -> None:
    mapping = read_map(_map(tmp_path, f'table = "votes"\ntimes.at = "{form}"\n'))
    add(tmp_path / "s", [write_csv(tmp_path / "x.csv", [vote(at=cell)])], "votes", mapping=mapping)
    assert columns(tmp_path / "s", "votes", ["at"]) == [(dt.datetime(2024, 3, 27, 10, 5, 6, 500000),)]
    for bad in ("1e300", "nan", "inf", "2024-03-27", "-99999999999999999"):
        with pytest.raises(BadRow, match="seconds since 1970, not"):
            add(tmp_path / "t", [write_csv(tmp_path / "y.csv", [vote(at=bad)])], "votes", mapping=mapping)


def test_a_mapped_column_that_is_not_there_is_an_error_even_if_optional(tmp_path: Path) -> None:
    mapping = read_map(_map(tmp_path, 'table = "votes"\ncolumns.issue = "topc"\n'))
    with pytest.raises(WrongColumns, match=r"missing column topc \(is it 'topic'\?\)"):
        add(tmp_path / "s", [write_csv(tmp_path / "x.csv", [vote(topic="arms")])], "votes", mapping=mapping)


def test_a_map_may_hold_any_characters(tmp_path: Path) -> None:
    mapping = read_map(
        _map(
            tmp_path, 'table = "votes"\ncolumns.issue = "a\'\\"b"\nconstants.body = "x\'); drop table votes_all; --"\n'
        )
    )
    add(tmp_path / "s", [write_csv(tmp_path / "x.csv", [vote(**{"a'\"b": "arms"})])], "votes", mapping=mapping)
    assert columns(tmp_path / "s", "votes", ["issue", "body"]) == [("arms", "x'); drop table votes_all; --")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it names no table"),
        ("table = 5", "it names no table"),
        ('table = ["votes"]', "it names no table"),
        ('table = "vote"', "Unknown table 'vote'. Did you mean 'votes'"),
        ('table = "votes"\n[column]\nactor = "x"', "Unknown entry 'column'. Did you mean 'columns'"),
        ('table = "votes"\ncolumns.acter = "x"', "Unknown column of votes 'acter'. Did you mean 'actor'"),
        ('table = "votes"\ncolumns = "x"', "columns is not a TOML table"),
        ('table = "votes"\ncolumns.actor = ["x"]', "columns.actor is not one value"),
        ('table = "votes"\nvalues.choice = "x"', "choice is not a TOML table"),
        ('table = "votes"\nvalues.choice.Y = ["yes"]', "choice.Y is not one value"),
        ('table = "votes"\ntimes.actor = "iso"', "[times] names actor, which is no time"),
        ('table = "votes"\ntimes.at = "%Q"', "'%Q' is no time format"),
        ('table = "votes"\ntimes.at = ""', "'' is no time format"),
        ('table = "votes', "cannot be read as a map"),
        ("table = 'v\0'", "cannot be read as a map"),
    ],
)
def test_a_bad_map_is_one_clear_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(KayfabeError) as caught:
        read_map(_map(tmp_path, text))
    assert says in str(caught.value)
    assert "map.toml" in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_map_that_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.toml"):
        with pytest.raises(KayfabeError, match="cannot be read as a map"):
            read_map(path)
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(KayfabeError, match="cannot be read as a map"):
        read_map(tmp_path / "x.toml")
