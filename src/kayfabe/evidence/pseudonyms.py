"""Posts without the names of accounts: what every export and dossier made with --pseudonymise sees in place of the table.

A name has the same pseudonym everywhere, so that rows still join. Ids of posts and addresses often hold names too: ids become
id-XXXXXXXXXXXXXXXX, of an address the host stays; hashtags and hashes stay. Texts and further columns are left out.
"""

from __future__ import annotations

from kayfabe.evidence.schema import TABLES, quoted, row_id_sql


def account_sql(name: str) -> str:
    """SQL for the pseudonym of an account."""
    return f"'account-' || substr(md5({name}), 1, 16)"


def id_sql(name: str) -> str:
    """SQL for the id of a post or object without names; the same id is the same everywhere."""
    return (
        f"case when {name} is null or {name} = '' or regexp_matches({name}, '^(#|text:|image:)') then {name} "
        f"when regexp_matches({name}, '^https?://') then {_host_sql(name)} || '/' || substr(md5({name}), 1, 16) "
        f"else 'id-' || substr(md5({name}), 1, 16) end"
    )


def _host_sql(address: str) -> str:
    return f"regexp_replace(regexp_extract({address}, '^https?://[^/?#]*'), '//.*@', '//')"


def posts_sql(source: str, *, struck: bool = False) -> str:
    """SQL for the rows of `source` (posts with row_id) without names; with `struck` also struck_id, the id they were struck by."""
    known = ", row_id as struck_id" if struck else ""
    table = TABLES["posts"]
    return (
        f"select *, {row_id_sql(table)} as row_id from (select {id_sql('post')} as post, {quoted('at')}, {account_sql('account')} as account, "
        f"{id_sql('object')} as object, object_type, cast(null as varchar) as text, "
        f"case when regexp_matches(url, '^https?://') then {_host_sql('url')} || '/' end as url{known} from {source}) as hidden"
    )
