"""Five million posts: how long, how much memory. Run by hand with -m slow -s."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from kayfabe.evidence import Evidence

ADD = "import sys; from kayfabe import cli; sys.exit(cli.run(['evidence', 'add', *sys.argv[1:], '--as', 'posts']))"


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_five_million_posts(tmp_path: Path, form: str) -> None:
    path, store = tmp_path / f"posts.{form}", tmp_path / "s.duckdb"
    duckdb.execute(
        "copy (select 'p' || i as post, strftime(timestamp '2024-01-01' + to_seconds(i), '%Y-%m-%dT%H:%M:%SZ') as at, "
        "'account' || (i * 7919) % 100003 as account, 'https://example.org/' || (i * 31) % 50021 as object, "
        f"'url' as object_type, 'some words of post ' || i as text from range(5000000) t(i)) to '{path}' (format {form})"
    )
    begun = time.monotonic()
    done = subprocess.run([sys.executable, "-c", ADD, str(store), str(path)], capture_output=True, text=True)
    seconds = time.monotonic() - begun
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    assert done.returncode == 0, done.stderr
    assert "5000000 rows into posts." in done.stdout
    evidence = Evidence.open(store)
    assert evidence.count("posts") == 5_000_000
    evidence.close()
    print(
        f"\n{form}: {path.stat().st_size / 1e6:.0f} MB in {seconds:.0f} s, {peak:.1f} GB at most, store {store.stat().st_size / 1e6:.0f} MB"
    )
    assert seconds < 300
