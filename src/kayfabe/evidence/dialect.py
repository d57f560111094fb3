"""The portable subset of SQL: every query an instrument runs must mean the same on DuckDB and on Spark.

The traps were measured on both engines: an approximate percentile, a different hash, a length that counts characters,
a join that does not exist. Here they are errors.
"""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp

from kayfabe.errors import PortabilityError

_TRAPS: dict[str, str] = {
    "percentile_cont": "is approximate on Spark: use median() or windowed ranks",
    "percentile_disc": "is approximate on Spark: use median() or windowed ranks",
    "quantile_cont": "is approximate on Spark: use median() or windowed ranks",
    "quantile": "is approximate on Spark: use median() or windowed ranks",
    "hash": "differs between engines: use md5(cast(x as varchar))",
    "len": "means the length of a string on Spark: use array_length or length",
    "match_bm25": "is full-text search, which cannot be installed offline: use a token table",
    "random": "cannot be repeated: sample by md5(cast(x as varchar))",
    "now": "puts a clock time into a result",
    "current_timestamp": "puts a clock time into a result",
}


@lru_cache(maxsize=512)
def check(sql: str) -> str:
    """`sql` itself when it parses, is one reading statement and keeps to the portable subset.

    Raises PortabilityError naming the first trap found.
    """
    try:
        trees = [t for t in sqlglot.parse(sql, read="duckdb") if t is not None]
    except sqlglot.errors.ParseError as error:
        raise PortabilityError(f"does not parse: {error}") from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise PortabilityError("a query is one select statement")
    tree = trees[0]
    for node in tree.walk():
        if isinstance(node, exp.WithinGroup):
            raise PortabilityError("within group " + _TRAPS["percentile_cont"])
        if isinstance(node, exp.Join) and str(node.args.get("method") or "").lower() == "asof":
            raise PortabilityError("asof join does not exist on Spark: use a window or max_by")
        if isinstance(node, exp.Func):
            names = {node.name.lower()} if isinstance(node, exp.Anonymous) else {n.lower() for n in node.sql_names()}
            for name in names & _TRAPS.keys():
                if name == "len" and "length" in sql.lower() and "len(" not in sql.lower():
                    continue
                raise PortabilityError(f"{name} {_TRAPS[name]}")
    return sql


def to_spark(sql: str) -> str:
    """`sql` as Spark SQL."""
    return sqlglot.transpile(check(sql), read="duckdb", write="spark")[0]
