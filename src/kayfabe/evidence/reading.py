"""A file becomes the temporary table `raw`: every cell text, rows counted from 1 after the header."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import zlib
from collections import Counter
from contextlib import nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import duckdb

from kayfabe.errors import UnreadableFile
from kayfabe.evidence.encoding import as_utf8, opened
from kayfabe.evidence.schema import NOTE, RESERVED, literal, quoted

ROW = NOTE + "row"
_DELIMITERS = (",", ";", "\t", "|")
_KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}
_BEGINNING = 30
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CSV_TODO = "Save it as UTF-8 with one header row and as many cells in every row."
_FORMULA = "^'*[=+@\\t\\r-]"
_GUARDED = "^'" + _FORMULA[1:]


def guard_sql(cell: str) -> str:
    """A text cell with a quote mark before formula signs, so that a spreadsheet shows it and does not run it."""
    return f"regexp_replace({cell}, {literal(f'({_FORMULA})')}, '''\\1')"


def unguard_sql(cell: str) -> str:
    """A text cell as it was before `guard_sql`."""
    return f"case when regexp_matches({cell}, {literal(_GUARDED)}) then substr({cell}, 2) else {cell} end"


def guard(text: str) -> str:
    """`guard_sql` for one text."""
    return "'" + text if re.match(_FORMULA, text) else text


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file's bytes. Raises UnreadableFile."""
    if not os.path.isfile(path):
        seen = "it is not a file" if os.path.exists(path) else "there is no such file"
        raise UnreadableFile(path, seen, "Check the path.")
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFile(path, error.strerror or str(error), "Check the path.") from error


def read_file(con: duckdb.DuckDBPyConnection, path: Path, *, preface: bool = False) -> tuple[list[str], str]:
    """Read `path` into the temporary table `raw`; return its columns, kayfabe's own notes left out, and its encoding's name unless UTF-8.

    With `preface`, a CSV file may begin with lines that are no table, and rows may be shorter than the header.
    Raises UnreadableFile.
    """
    kind = _kind(path)
    try:
        with as_utf8(path) if kind == "csv" else nullcontext((path, "")) as (file, encoding):
            source = _csv(path, file, preface) if kind == "csv" else {"json": _json, "parquet": _parquet}[kind](path)
            names = [r[0] for r in con.execute(f"describe select * from {source}").fetchall()]
            shown = _checked_names(path, names)
            cells = ", ".join(f"{_text(n, kind)} as {quoted(n)}" for n in shown)
            con.execute(
                f"create or replace temp table raw as select {cells}, row_number() over () as {quoted(ROW)} from {source}"
            )
    except duckdb.Error as error:
        raise UnreadableFile(path, _plainly(error), _CSV_TODO if kind == "csv" else "Check the file.") from error
    return shown, encoding


def _kind(path: Path) -> str:
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise UnreadableFile(path, "its name is not UTF-8", "Rename it.") from error
    suffixes = [s.lower() for s in path.suffixes] or [""]
    zipped = suffixes[-1] == ".gz" and len(suffixes) > 1
    kind = _KINDS.get(suffixes[-2] if zipped else suffixes[-1])
    if kind is None or (zipped and kind == "parquet"):
        todo = "Give .csv, .tsv, .parquet, .json or .jsonl (CSV and JSON may be .gz)."
        raise UnreadableFile(path, f"unknown kind of file '{path.suffix}'", todo)
    return kind


def _text(name: str, kind: str) -> str:
    """A cell as text; in CSV without the quote mark that `export` sets before formula signs."""
    if kind == "csv":
        return unguard_sql(quoted(name))
    return f"{quoted(name)} ->> '$'" if kind == "json" else f"cast({quoted(name)} as varchar)"


def _checked_names(path: Path, names: list[str]) -> list[str]:
    """The columns that are data. Raises UnreadableFile for a header that cannot be loaded."""
    lower = [n.lower() for n in names]
    empty = next((i for i, n in enumerate(names, 1) if not n.strip()), None)
    broken = next((n for n in names if _CONTROL.search(n)), None)
    twice = next((n for n in names if lower.count(n.lower()) > 1), None)
    kept = next((n for n in names if n.lower() in RESERVED), None)
    if empty is not None:
        raise UnreadableFile(path, f"column {empty} has no name", "Correct the header.")
    if broken is not None:  # DuckDB would take a line break in the header for the end of every line
        raise UnreadableFile(path, f"the name of column '{broken}' holds a line break or tab", "Correct the header.")
    if twice is not None:
        raise UnreadableFile(path, f"the header names '{twice}' twice", "Correct the header.")
    if kept is not None:
        raise UnreadableFile(path, f"a column is named {kept}, which kayfabe keeps for itself", "Rename it.")
    data = [n for n in names if not n.lower().startswith(NOTE)]
    if not data:
        raise UnreadableFile(path, "it has no columns", "Give a file with one header row.")
    return data


def place(path: Path) -> str:
    """`path` for SQL: the very file, never a pattern, a home folder or an address."""
    return literal(re.sub(r"[*?[]", r"[\g<0>]", os.path.abspath(path)))


def _parquet(path: Path) -> str:
    return f"read_parquet({place(path)}, hive_partitioning = false)"


def _json(path: Path) -> str:
    """Every value as JSON: ids keep their zeros, times their offsets, nested values their text."""
    head = _head(path).removeprefix(b"\xef\xbb\xbf").lstrip()
    form = "array" if head.startswith(b"[") else "auto"
    return (
        f"read_json({place(path)}, format = '{form}', records = true, maximum_depth = 1, sample_size = -1, "
        "map_inference_threshold = -1, maximum_object_size = 50000000, hive_partitioning = false)"
    )


def _csv(path: Path, file: Path, preface: bool) -> str:
    names, delimiter, before = _csv_header(path, file, preface)
    _checked_names(path, names)
    columns = "{" + ", ".join(f"{literal(n)}: 'varchar'" for n in names) + "}"
    return (
        f"read_csv({place(file)}, auto_detect = false, header = true, delim = {literal(delimiter)}, quote = '\"', "
        f"escape = '\"', columns = {columns}, strict_mode = true, null_padding = {'true, parallel = false' if preface else 'false'}, "
        f"skip = {before}, max_line_size = 20000000, "
        "hive_partitioning = false)"
    )


def _head(path: Path) -> bytes:
    try:
        with opened(path) as stream:
            return stream.read(4096)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(path, str(error), "Check the file.") from error


def _csv_header(path: Path, file: Path, preface: bool) -> tuple[list[str], str, int]:
    """The header's cells, the delimiter, which is the one that the first line has most of outside quotes, and how many lines
    come before. With `preface` the header is the first of the widest rows, and cells without a name get a number."""
    try:
        with TextIOWrapper(opened(file), encoding="utf-8-sig", newline="") as text:
            begun = "".join(text.readline() for _ in range(_BEGINNING if preface else 1))
            lines = re.sub('"[^"]*"', "", begun).splitlines() or [""]
            delimiter = _delimiter(lines) if preface else max(_DELIMITERS, key=lines[0].count)
            text.seek(0)
            rows = csv.reader(text, delimiter=delimiter, strict=True)
            header, before = _widest(rows) if preface else (next(rows, []), 0)
    except csv.Error as error:
        raise UnreadableFile(path, f"its header is not CSV ({error})", "Correct the header.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(path, str(error), "Check the file.") from error
    names = [re.sub("^'(?='*[=+@-])", "", n.strip()) for n in header]
    if not any(names):
        raise UnreadableFile(path, "it is empty", "Give a file with one header row.")
    if preface:
        names = [n or f"column {k}" for k, n in enumerate(names, 1)]
    return names, delimiter, before


def _delimiter(lines: list[str]) -> str:
    """The delimiter that a quarter of the lines have least of, at its most; else the one of which most lines have equally many. The comma
    comes last, since it is a decimal mark too."""
    counts = {d: sorted(line.count(d) for line in lines if line.strip()) or [0] for d in (";", "\t", "|", ",")}
    alike = {d: max(Counter(c for c in found if c).values(), default=0) for d, found in counts.items()}
    return max(counts, key=lambda d: (counts[d][len(counts[d]) // 4], alike[d]))


def _widest(rows: Any) -> tuple[list[str], int]:
    """The first of the widest of the first rows, and how many lines stand before it."""
    seen: list[tuple[list[str], int]] = []
    end = 0
    for row in rows:
        seen.append((row, end))
        end = rows.line_num
        if len(seen) == _BEGINNING:
            break
    return max(seen, key=lambda r: len(r[0]), default=([], 0))


def _plainly(error: duckdb.Error) -> str:
    """What DuckDB found, in one sentence, with the line of a CSV file."""
    text = str(error)
    line = re.search(r"^Invalid Input Error: CSV Error on Line: (\d+)\nOriginal Line: ?(.*)", text)
    cells = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    if line and cells:
        return f"line {line[1]} has {cells[2]} cells where the header has {cells[1]} ('{line[2][:60]}')"
    if line and "unterminated quote" in text:
        return f"line {line[1]}: a quote mark is not closed ('{line[2][:60]}')"
    if "state machine reached an invalid state" in text:
        return "it is not well-formed CSV; its line endings may be mixed"
    return re.sub(r"^[A-Za-z ]+ Error: ", "", text.partition("\n")[0]) or type(error).__name__
