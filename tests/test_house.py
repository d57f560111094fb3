"""The house: imports go one way, files stay short, names stay out of the way."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "kayfabe"
ORDER = ["models", "errors", "progress", "actors", "read", "evidence", "networks", "instruments", "questions", "casefile",
         "dossier", "pipeline", "terminal", "cli_evidence", "cli_network", "cli_instruments", "cli", "__main__"]  # fmt: skip
RANK = {room: n for n, room in enumerate(ORDER)} | {"models": 0, "errors": 0, "progress": 0, "stats": 0.5, "": -1}
FILES = sorted(SOURCE.rglob("*.py"))


def room(path):
    part = path.relative_to(SOURCE).parts[0]
    return "" if part == "__init__.py" else part.removesuffix(".py")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "kayfabe":
            names = [node.module.split(".")[1]] if "." in node.module else [a.name for a in node.names]
            yield from (n for n in names if n in RANK)
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("kayfabe."))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_go_one_way(path):
    here = room(path)
    for there in imports(path):
        if there == here:
            continue
        if here == "stats":
            assert there == "errors"
        assert {here, there} != {"read", "evidence"}
        assert RANK[there] <= RANK[here], f"{here} imports {there}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_files_stay_short_and_well_named(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    assert not any(word in path.stem for word in ("util", "helper", "misc", "common"))
