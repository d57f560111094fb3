"""The portable subset of SQL: every query an instrument runs must mean the same on DuckDB and on Spark.

The traps were measured on both engines: an approximate percentile, a different hash, a length that counts characters,
a join that does not exist. Here they are errors.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import zip_longest

import sqlglot
from sqlglot import TokenType, exp

from kayfabe.errors import PortabilityError

_APPROXIMATE = "is approximate on Spark: use median() or windowed ranks"
_CLOCK = "puts a clock time into a result"
_TRAPS: dict[str, str] = {
    "percentile_cont": _APPROXIMATE,
    "percentile_disc": _APPROXIMATE,
    "quantile_cont": _APPROXIMATE,
    "quantile_disc": _APPROXIMATE,
    "quantile": _APPROXIMATE,
    "approx_quantile": _APPROXIMATE,
    "hash": "differs between engines: use md5(cast(x as varchar))",
    "len": "means the length of a string on Spark: use array_length or length",
    "match_bm25": "is full-text search, which cannot be installed offline: use a token table",
    "random": "cannot be repeated: sample by md5(cast(x as varchar))",
    "uuid": "cannot be repeated: use md5(cast(x as varchar))",
    "tablesample": "cannot be repeated: sample by md5(cast(x as varchar))",
    "now": _CLOCK,
    "today": _CLOCK,
    "current_date": _CLOCK,
    "current_timestamp": _CLOCK,
    "localtimestamp": _CLOCK,
}
_BARE = frozenset({"tablesample", "current_date", "current_timestamp", "localtimestamp"})
"""Traps that need no parenthesis."""


@lru_cache(maxsize=512)
def check(sql: str) -> str:
    """`sql` itself when it parses, is one reading statement and keeps to the portable subset.

    Raises PortabilityError naming the first trap found.
    """
    try:
        tokens = sqlglot.tokenize(sql, read="duckdb")
        trees = [t for t in sqlglot.parse(sql, read="duckdb") if t is not None]
    except sqlglot.errors.SqlglotError as error:
        raise PortabilityError(f"does not parse: {error}") from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise PortabilityError("a query is one select statement")
    # Names are taken as written: the tree gives len, length and char_length one name.
    for token, after in zip_longest(tokens, tokens[1:]):
        name = token.text.lower()
        word = token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER)
        called = after is not None and after.token_type == TokenType.L_PAREN
        if word and name in _TRAPS and (called or name in _BARE):
            raise PortabilityError(f"{name} {_TRAPS[name]}")
    for node in trees[0].walk():
        if isinstance(node, exp.WithinGroup):
            raise PortabilityError("within group " + _APPROXIMATE)
        if isinstance(node, exp.TableSample):
            raise PortabilityError("using sample " + _TRAPS["tablesample"])
        if isinstance(node, exp.Join) and str(node.args.get("method") or "").lower() == "asof":
            raise PortabilityError("asof join does not exist on Spark: use a window or max_by")
    return sql


def to_spark(sql: str) -> str:
    """`sql` as Spark SQL."""
    return str(sqlglot.transpile(check(sql), read="duckdb", write="spark")[0])
