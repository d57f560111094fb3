"""trend, precedent and deal on real data: China's hostile events by target, and votes on Ukraine in the United Nations.

    python benchmarks/terms/real.py DATA

DATA holds events/gdelt_china_negative_monthly_2003_2023.parquet (MonthYear, Actor2CountryCode, QuadClass, RecordCount) and
un/un_votes_ukraine_2014_2025.parquet (date, symbol, title, iso3, vote). Nothing of them is in the package. The slice holds events of negative score
only, so the series is the share of them that go to one target, never a share of cooperation.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.instruments import instruments, judge, run
from kayfabe.models import Finding

TARGETS = ("JPN", "KOR", "USA", "IND", "PHL")
MEETINGS = "2013-06-07,2014-11-12,2015-09-25,2016-09-03,2017-04-06,2017-11-08,2018-12-01,2019-06-29,2022-11-14"
"""Days on which the presidents of China and the United States met (first days)."""
POINTS = (("1", "Territorial integrity and withdrawal"), ("2", "Human rights in the occupied territories"), ("3", "Demilitarisation of Crimea"),
          ("4", "Safety of nuclear plants"), ("5", "Reparation"))  # fmt: skip
TOPICS = (("nuclear", "4"), ("reparation", "5"), ("militari", "3"), ("human rights", "2"), ("territorial integrity", "1"), ("aggression against ukraine", "1"),
          ("comprehensive, just and lasting peace", "1"))  # fmt: skip


def shares(con: Any, path: Path) -> dict[str, list[Any]]:
    """Per month and target the share of China's hostile events, in percent."""
    names = ", ".join(f"'{t}'" for t in TARGETS)
    rows = con.execute(
        f"with months as (select MonthYear as m, sum(RecordCount) as total from '{path}' group by 1) "
        f"select 'CHN on ' || Actor2CountryCode, m, 100.0 * sum(RecordCount) / min(total) from '{path}' join months on m = MonthYear "
        f"where Actor2CountryCode in ({names}) group by 1, 2 order by 1, 2"
    ).fetchall()
    at = [np.datetime64(f"{m // 100}-{m % 100:02}-01", "us") for _, m, _ in rows]
    return {"series": [s for s, _, _ in rows], "at": at, "value": [float(v) for _, _, v in rows], "unit": ["percent"] * len(rows)}


def votes(con: Any, path: Path) -> dict[str, dict[str, list[Any]]]:
    """Votes on Ukraine, labelled by hand rules on their titles as points of an agreement that such texts would make."""
    rows = con.execute(f"select symbol, date, iso3, vote, lower(title) from '{path}' where body = 'GA' or body ilike '%general%' order by 1, 3").fetchall()
    table: dict[str, list[Any]] = {"motion": [], "at": [], "actor": [], "issue": [], "choice": []}
    for symbol, date, actor, vote, title in rows:
        point = next((p for word, p in TOPICS if word in title), None)
        choice = {"Y": "yes", "N": "no", "A": "abstain"}.get(vote)
        if point and choice:
            for column, value in zip(table, (symbol, np.datetime64(date, "us"), actor, f"points:{point}", choice), strict=True):
                table[column].append(value)
    given = {"agreement": ["points"] * len(POINTS), "provision": [p for p, _ in POINTS], "heading": [h for _, h in POINTS], "text": [h for _, h in POINTS]}
    return {"votes": table, "provisions": given}


def asked(tables: dict[str, Any], name: str, **options: Any) -> Finding:
    evidence = Evidence.from_tables(tables)
    try:
        return judge([run(instruments()[name], options, evidence)])[0]
    finally:
        evidence.close()


def told(label: str, found: Finding) -> None:
    ends = found.interval or (None, None)
    numbers = "" if found.estimate is None else f" {found.estimate:.2f} [{ends[0]:.2f}, {ends[1]:.2f}], q {found.q_value:.3f}" if None not in ends else f" {found.estimate:.2f}"
    print(f"- **{label}**: {found.verdict},{numbers} n {found.n}. {found.reason}")


def main() -> None:
    """Print the findings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    given = parser.parse_args()
    con = duckdb.connect()
    series = {"indicators": shares(con, given.data / "events" / "gdelt_china_negative_monthly_2003_2023.parquet")}
    told("trend, on Japan near September 2012 (the islands bought)", asked(series, "trend", series="CHN on JPN", around="2012-09-11"))
    told("trend, on Korea near July 2016 (missile defence)", asked(series, "trend", series="CHN on KOR", around="2016-07-08"))
    told("trend, on the Philippines near July 2016 (arbitration)", asked(series, "trend", series="CHN on PHL", around="2016-07-12"))
    told("trend, on the USA near March 2018 (tariffs)", asked(series, "trend", series="CHN on USA", around="2018-03-22"))
    told("trend, five targets, no date", asked(series, "trend", series=";".join(f"CHN on {t}" for t in TARGETS)))
    told("precedent, fall after nine meetings of the presidents", asked(series, "precedent", series="CHN on USA", pauses=MEETINGS, expect="fall"))
    told("precedent, the same against four other targets", asked(
        series, "precedent", series="CHN on USA", pauses=MEETINGS, expect="fall", compare=";".join(f"CHN on {t}" for t in TARGETS if t != "USA")))  # fmt: skip
    table = votes(con, given.data / "un" / "un_votes_ukraine_2014_2025.parquet")
    for claim, actors in (("acceptable", ["RUS", "UKR"]), ("acceptable", ["USA", "UKR"]), ("unacceptable", ["RUS"]), ("unacceptable", ["CHN"])):
        for life in (365.0, 3650.0):
            found = asked(table, "deal", agreement="points", actors=actors, claim=claim, halflife=life)
            told(f"deal, {claim}, {' and '.join(actors)}, half-life {life:.0f} days", found)
    for cell in found.details["cells"]:
        print(f"  - {cell['actor']} on {cell['provision']} ({cell['heading']}): {cell['verdict']}, {cell['occasions']} occasions")


if __name__ == "__main__":
    main()
