"""Packs recorded UN votes into the two small Parquet files that kayfabe carries.

    python scripts/pack_un_votes.py FOLDER_WITH_UN_DATA

Reads un_votes_1946_2025.parquet and un_resolutions.parquet (UN Digital Library) and unvotes_roll_calls_cc0.parquet with
unvotes_issues_cc0.parquet (Voeten's labels). Corrections, all counted on screen: both Congos coded COG are told apart by
their names; rows without a code, motions without a symbol, and repeats with different votes are left out.
"""

import sys
from pathlib import Path

import duckdb

FACTS = Path(__file__).parents[1] / "src/kayfabe/evidence/facts"


def main(folder: Path) -> None:
    con = duckdb.connect()
    for name in ("un_votes_1946_2025", "un_resolutions", "unvotes_roll_calls_cc0", "unvotes_issues_cc0"):
        con.execute(f"create view {name} as select * from '{folder / name}.parquet'")
    con.execute(
        f"create table rules as select * from read_csv('{FACTS / 'issue_rules.csv'}', header = true, quote = '\"')"
    )
    numerals = {a: _roman(a) for a in range(1, 31)}
    con.execute("create table numerals (session integer, numeral varchar)")
    con.executemany("insert into numerals values (?, ?)", list(numerals.items()))
    con.execute("""
        create table motions as
        select row_number() over (order by date, symbol) as n, undl_id, symbol as motion, cast(date as date) as at, body, title, agenda,
               regexp_extract(symbol, '^A/RES/(\\d+)\\(([IVX]+)\\)', 1) as old_number,
               regexp_extract(symbol, '^A/RES/(\\d+)\\(([IVX]+)\\)', 2) as old_session
        from un_resolutions where symbol <> 'N/A' and date is not null""")
    con.execute("""
        create table plain as
        select m.*, case when old_session <> '' then 'A/RES/' || s.session || '/' || old_number else motion end as short_symbol
        from motions m left join numerals s on s.numeral = m.old_session""")
    con.execute("""
        create table labels as
        select distinct n, issue as label from plain p
        join unvotes_roll_calls_cc0 r on r.sym = p.motion
             or (p.old_session <> '' and regexp_replace(r.sym, '[A-Z]+$', '') = p.short_symbol)
        join unvotes_issues_cc0 i using (rcid)""")
    voeten = con.execute("select count(distinct n) from labels").fetchone()[0]
    con.execute("""
        insert into labels
        select distinct p.n, r.label from plain p
        join rules r on regexp_matches(lower(case r.field when 'title' then p.title else p.agenda end), r.pattern)
        where not exists (select 1 from labels l where l.n = p.n and l.label = r.label)""")
    con.execute(
        "create table issues as select n, string_agg(label, ';' order by label) as issue from labels group by n"
    )
    con.execute("""
        create table votes as
        with named as (
          select m.n, v.vote,
            case when iso3 = 'COG' and (country ilike '%leopoldville%' or country ilike '%democratic%') then 'COD' else iso3 end as actor
          from un_votes_1946_2025 v join motions m using (undl_id) where iso3 is not null)
        select n, actor, min(vote) as vote from named group by n, actor having count(distinct vote) = 1""")
    print(
        "raw rows, kept rows:",
        con.execute("select (select count(*) from un_votes_1946_2025), count(*) from votes").fetchone(),
    )
    print(
        "motions, with Voeten's label, with any label:",
        con.execute("select count(*) from motions").fetchone()[0],
        voeten,
        con.execute("select count(*) from issues").fetchone()[0],
    )
    con.execute(f"""
        copy (select m.n, motion, "at", body, title, issue from motions m left join issues i using (n) order by m.n)
        to '{FACTS / "un_motions.parquet"}' (format parquet, compression zstd, compression_level 19)""")
    con.execute(f"""
        copy (select cast(n as integer) as n, actor, case vote when 'Y' then 'yes' when 'N' then 'no' when 'A' then 'abstain' else 'absent' end as choice
        from votes order by actor, n) to '{FACTS / "un_votes.parquet"}'
        (format parquet, compression zstd, compression_level 19, row_group_size 1000000)""")
    for name in ("un_motions", "un_votes"):
        print(name, (FACTS / f"{name}.parquet").stat().st_size, "bytes")


def _roman(number: int) -> str:
    out = ""
    for value, numeral in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number >= value:
            out, number = out + numeral, number - value
    return out


if __name__ == "__main__":
    main(Path(sys.argv[1]))
