"""SQL that means the same on DuckDB and Spark."""

from __future__ import annotations

import pytest
import sqlglot
from evidence_samples import ROWS

from kayfabe.errors import PortabilityError
from kayfabe.evidence import Evidence, open_bundled
from kayfabe.evidence.dialect import check, to_spark
from kayfabe.instruments import instruments, run

TRAPS = {
    "percentile_cont": "select percentile_cont(0.5) within group (order by score) from events",
    "percentile_disc": "select percentile_disc(0.5) within group (order by score) from events",
    "within group": "select mode() within group (order by score) from events",
    "quantile_cont": "select quantile_cont(score, 0.5) from events",
    "quantile": "select Quantile (score, 0.5) from events",
    "approx_quantile": "select approx_quantile(score, 0.5) from events",
    "hash": "select * from events where hash(event) % 7 = 0",
    "len": "select len(list(event)), length(source) from events group by source",
    "asof join": 'select * from events a asof join votes b on a.source = b.actor and a."at" >= b."at"',
    "match_bm25": "select fts_main_documents.match_bm25(document, 'war') from documents",
    "random": "select * from events order by random()",
    "uuid": "select uuid() from events",
    "tablesample": "select * from events tablesample 10 percent",
    "using sample": "select * from events using sample 10 rows",
    "now": 'select * from events where "at" > now()',
    "today": 'select today() - cast("at" as date) from events',
    "current_timestamp": "select current_timestamp from events",
    "current_date": "select current_date from events",
    "one select": "select 1; select 2",
    "one select statement": "drop table votes_all",
    "a query is": "insert into votes_all select * from votes_all",
    "query": "copy votes to 'x.csv'",
    "select": "",
    "does not parse": "select from where (",
    "does not": "select 'open",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_every_trap_is_refused_by_name(trap: str) -> None:
    says = {"one select": "a query is one select"}.get(trap, trap)
    with pytest.raises(PortabilityError, match=says):
        check(TRAPS[trap])


@pytest.mark.parametrize(
    "sql",
    [
        "select length(text), char_length(text), array_length(list(text)) from documents group by text",
        "select median(score) from events",
        "select md5(cast(event as varchar)) from events",
        "select 'len(x) now() random()' as hash from documents -- hash(x)",
        'select "len", "now" from documents',
        "select len, hash from (select text as len, url as hash from documents) t where len in ('a')",
        "with a as (select 1 as x) select * from a union all select 2",
        'select row_number() over (partition by actor order by "at") from votes',
        "select a.actor from votes a join votes b on a.motion = b.motion",
    ],
)
def test_what_is_portable_passes_unchanged(sql: str) -> None:
    assert check(sql) == sql
    assert sqlglot.parse_one(to_spark(sql), read="spark") is not None


SMALL = {
    "accord": {"actors": ["USA", "RUS"], "since": "2022-01-01"},
    "universal": {"actor": "USA", "toward": "RUS", "in": "votes", "sign": "+", "since": "2022-01-01"},
}


@pytest.mark.parametrize("name", sorted(instruments()))
def test_every_query_of_every_instrument_is_portable(name: str) -> None:
    """The queries seen in the log, on real votes and on small tables of all kinds."""
    seen = []
    for evidence in (open_bundled(), _small()):
        if name in SMALL:
            seen += run(instruments()[name], SMALL[name], evidence).sql
        evidence.close()
    if name not in SMALL:
        pytest.skip("its queries are checked by its contract tests")
    assert seen
    for sql in seen:
        assert check(sql) == sql
        spark = to_spark(sql)
        assert sqlglot.parse_one(spark, read="spark") is not None


def _small() -> Evidence:
    rows = {t: {c: [r[c] for r in rs] for c in rs[0]} for t, rs in ROWS.items() if t in ("votes", "events")}
    rows["votes"]["at"] = ["2024-03-27T00:00"] * 3
    rows["events"]["score"] = [-1.0, 1.0, 2.0]  # type: ignore[list-item]
    return Evidence.from_tables(rows)


def test_evidence_runs_only_portable_queries() -> None:
    evidence = _small()
    with pytest.raises(PortabilityError):
        evidence.query("select hash(event) from events")
    assert evidence.query("select count(*) from events where source = $who", who="RUS") == [(2,)]
    assert evidence.log[-1] == "select count(*) from events where source = $who -- who = RUS"
