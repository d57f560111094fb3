"""trend, precedent and deal on real data: China's hostile events by target, and votes on Ukraine in the United Nations.

    python benchmarks/terms/real.py DATA [--charts FOLDER]

DATA holds events/gdelt_china_negative_monthly_2003_2023.parquet (MonthYear, Actor2CountryCode, QuadClass, RecordCount) and
un/un_votes_ukraine_2014_2025.parquet (date, symbol, title, iso3, vote). Nothing of them is in the package. The slice holds events of negative score
only, so the series is the share of them that go to one target, never a share of cooperation.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from kayfabe.dossier.charts import chart_view
from kayfabe.evidence import Evidence, store
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


AGENDA = ("Palestinian conflict", "Nuclear weapons and nuclear material", "Cuba embargo", "Unilateral coercive measures", "Law of the sea", "Outer space")


def agenda(folder: Path | None) -> None:
    """Six items on which the General Assembly votes every year, from the facts that come with the package, as provisions."""
    with tempfile.TemporaryDirectory() as place:
        target, table = Path(place) / "un.duckdb", Path(place) / "agenda.csv"
        rows = [f"agenda,{k},{name},{name}" for k, name in enumerate(AGENDA, 1)]
        table.write_text("\n".join(["agreement,provision,heading,text", *rows]) + "\n", encoding="utf-8")
        store.add(target, [table], "provisions", with_bundled=True)
        evidence = Evidence.open(target)
        for claim, actors in (("acceptable", ["CHN", "FRA"]), ("acceptable", ["CHN", "FRA", "USA"]), ("unacceptable", ["USA"])):
            options = {"agreement": "agenda", "actors": actors, "claim": claim, "since": "2015-01-01", "halflife": 3650.0}
            found = judge([run(instruments()["deal"], options, evidence)])[0]
            told(f"deal, {claim}, the yearly agenda, {' and '.join(actors)}", found)
            for package in found.details["packages"][:1]:
                print(f"  - largest package: {', '.join(package['provisions'])} ({package['probability']:.2f})")
            for c in found.details["concessions"][:2]:
                print(f"  - if {c['actor']} came to accept {c['provision']}: {c['before']:.3f} to {c['after']:.3f}, package of {c['package_before']} to {c['package_after']}")
            if len(actors) == 3:
                drawn(found, "deal", folder)
        evidence.close()


def asked(tables: dict[str, Any], name: str, **options: Any) -> Finding:
    evidence = Evidence.from_tables(tables)
    try:
        return judge([run(instruments()[name], options, evidence)])[0]
    finally:
        evidence.close()


def drawn(found: Finding, name: str, folder: Path | None) -> None:
    """The first chart of the finding as FOLDER/NAME.svg."""
    if folder is not None:
        chart = instruments()[found.instrument].charts(found)[0]
        svg = str(chart_view(chart, name).svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" ', 1)
        (folder / f"{name}.svg").write_text(svg + "\n", encoding="utf-8")


def told(label: str, found: Finding) -> None:
    ends = found.interval or (None, None)
    numbers = "" if found.estimate is None else f" {found.estimate:.2f} [{ends[0]:.2f}, {ends[1]:.2f}], q {found.q_value:.3f}" if None not in ends else f" {found.estimate:.2f}"
    print(f"- **{label}**: {found.verdict},{numbers} n {found.n}. {found.reason}")


def main() -> None:
    """Print the findings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--charts", type=Path, help="folder for the charts of docs/terms.md")
    given = parser.parse_args()
    con = duckdb.connect()
    series = {"indicators": shares(con, given.data / "events" / "gdelt_china_negative_monthly_2003_2023.parquet")}
    told("trend, on Japan near September 2012 (the islands bought)", asked(series, "trend", series="CHN on JPN", around="2012-09-11"))
    told("trend, on Korea near July 2016 (missile defence)", asked(series, "trend", series="CHN on KOR", around="2016-07-08"))
    arbitration = asked(series, "trend", series="CHN on PHL", around="2016-07-12")
    told("trend, on the Philippines near July 2016 (arbitration)", arbitration)
    drawn(arbitration, "trend", given.charts)
    told("trend, on the USA near March 2018 (tariffs)", asked(series, "trend", series="CHN on USA", around="2018-03-22"))
    told("trend, five targets, no date", asked(series, "trend", series=";".join(f"CHN on {t}" for t in TARGETS)))
    told("precedent, fall after nine meetings of the presidents", asked(series, "precedent", series="CHN on USA", pauses=MEETINGS, expect="fall"))
    meetings = asked(series, "precedent", series="CHN on USA", pauses=MEETINGS, expect="fall", compare=";".join(f"CHN on {t}" for t in TARGETS if t != "USA"))
    told("precedent, the same against four other targets", meetings)
    drawn(meetings, "precedent", given.charts)
    alike = meetings.details["analogies"]
    if alike:
        print(f"  - windows alike: {alike['followed']['rose']} of {alike['followed']['n']} were followed by a fall; of all {alike['all_windows']['n']}: {alike['all_windows']['rose']}")
    table = votes(con, given.data / "un" / "un_votes_ukraine_2014_2025.parquet")
    for claim, actors in (("acceptable", ["RUS", "UKR"]), ("acceptable", ["USA", "UKR"]), ("unacceptable", ["RUS"]), ("unacceptable", ["CHN"])):
        for life in (365.0, 3650.0):
            found = asked(table, "deal", agreement="points", actors=actors, claim=claim, halflife=life)
            told(f"deal, {claim}, {' and '.join(actors)}, half-life {life:.0f} days", found)
    for cell in found.details["cells"]:
        print(f"  - {cell['actor']} on {cell['provision']} ({cell['heading']}): {cell['verdict']}, {cell['occasions']} occasions")
    agenda(given.charts)


if __name__ == "__main__":
    main()
