"""Posts without the names of accounts: what every export and dossier made with --pseudonymise sees in place of the table.

A pseudonym is a keyed hash (HMAC-SHA256, cut to 16 hexadecimal digits): the same name has the same one everywhere, so that rows still
join, and only who holds the key can tell which name it is. The key is drawn once and kept in a file beside the store (STORE.key), which
nothing else holds. Ids of posts and addresses often hold names too: ids become id-XXXXXXXXXXXXXXXX, of an address the last parts of the
host stay; hashtags and hashes stay. Texts and further columns are left out.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kayfabe.errors import BadStore
from kayfabe.evidence.schema import TABLES, quoted, row_id_sql

_BYTES, _BLOCK = 32, 64
_LEAST_NAME = 6
_WORD = re.compile(r"(?P<sign>@|(?<=/))?(?P<word>\w[\w.-]*)")
_HANDLE = re.compile(r"\d|_|[a-zà-я][A-ZА-Я]")


@dataclass(frozen=True)
class Pseudonyms:
    """Pseudonyms under one secret `key`, in SQL and in Python alike."""

    key: bytes

    @classmethod
    def of_store(cls, store: Path | None) -> Pseudonyms:
        """Those of the key beside `store`, drawn where there is none yet; without a store, of a key that is never kept.

        Raises BadStore where the key can be neither read nor written.
        """
        if store is None:
            return cls(secrets.token_bytes(_BYTES))
        path = store.with_name(store.name + ".key")
        try:
            return cls(_drawn(path))
        except OSError as error:
            raise BadStore(path, f"the key of the pseudonyms cannot be kept there ({error.strerror})", "Copy the store to a folder of your own.") from error  # fmt: skip

    def account(self, name: str) -> str:
        """The pseudonym of an account."""
        return f"account-{self._hash(name)}"

    def row(self, row_id: str) -> str:
        """The pseudonym of a row id."""
        return f"id-{self._hash(row_id)}"

    def text(self, row_id: str) -> str:
        """The pseudonym of an object that is a text, named by the row where it first stood."""
        return f"text:{self._hash(row_id)}"

    def in_text(self, text: str, accounts: Iterable[str]) -> str:
        """`text` with pseudonyms for the accounts it names: as @handle or in an address, as a word that only a handle would be (with a digit,
        an underscore or a capital inside), or as a name of several words. A plain word that is also an account's name stays a word."""
        known = {name.removeprefix("@").casefold(): name for name in accounts}

        def hidden(found: re.Match[str]) -> str:
            word = found["word"].rstrip(".-")
            name = known.get(word.casefold())
            if name is None or (found["sign"] is None and not _HANDLE.search(word)):
                return found[0]
            return self.account(name) + found["word"][len(word) :]

        for name in sorted((n for n in known.values() if " " in n and len(n) >= _LEAST_NAME), key=len, reverse=True):
            text = text.replace(name, self.account(name))
        return _WORD.sub(hidden, text)

    def account_sql(self, name: str) -> str:
        """SQL for the pseudonym of an account."""
        return f"'account-' || {self._hash_sql(name)}"

    def id_sql(self, name: str) -> str:
        """SQL for the id of a post or object without names; the same id is the same everywhere."""
        return (
            f"case when {name} is null or {name} = '' or regexp_matches({name}, '^(#|text:|image:)') then {name} "
            f"when regexp_matches({name}, '^https?://') then {_host_sql(name)} || '/' || {self._hash_sql(name)} "
            f"else 'id-' || {self._hash_sql(name)} end"
        )

    def posts_sql(self, source: str, *, struck: bool = False) -> str:
        """SQL for the rows of `source` (posts with row_id) without names; with `struck` also struck_id, the id they were struck by."""
        known = ", row_id as struck_id" if struck else ""
        table = TABLES["posts"]
        return (
            f"select *, {row_id_sql(table)} as row_id from (select {self.id_sql('post')} as post, {quoted('at')}, "
            f"{self.account_sql('account')} as account, {self.id_sql('object')} as object, object_type, cast(null as varchar) as text, "
            f"case when regexp_matches(url, '^https?://') then {_host_sql('url')} || '/' end as url{known} from {source}) as hidden"
        )

    def _hash(self, text: str) -> str:
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()[:16]

    def _hash_sql(self, name: str) -> str:
        padded = self.key.ljust(_BLOCK, b"\0")
        inner, outer = (f"unhex('{bytes(b ^ pad for b in padded).hex()}')" for pad in (0x36, 0x5C))
        return f"substr(sha256({outer} || unhex(sha256({inner} || encode({name})))), 1, 16)"


def _drawn(path: Path) -> bytes:
    """The key in the file `path`, written first where there is none. Raises OSError."""
    if not path.exists():
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            part.touch(mode=0o600, exist_ok=False)
            part.write_text(secrets.token_hex(_BYTES) + "\n", encoding="ascii")
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if not re.fullmatch(f"[0-9a-f]{{{2 * _BYTES}}}", text):
        raise OSError(0, "it holds no key")
    return bytes.fromhex(text)


def _host_sql(address: str) -> str:
    """SQL for the scheme and the last two parts of an address's host, three where the second last is short (co.uk)."""
    host = f"regexp_replace(regexp_extract({address}, '^https?://[^/?#]*'), '//.*@', '//')"
    return f"regexp_replace({host}, '//.*[.]([^.]+[.][^.]{{1,3}}[.][^.]+|[^.]{{4,}}[.][^.]+)$', '//\\1')"
